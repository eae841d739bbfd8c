"""What is printed becomes what is meant: numbers, dates, currencies, account and tax numbers.

Every function here is pure and total: it never raises, reads at most MAX_CHARS characters, and returns
None (or False) for what it cannot read.
"""
