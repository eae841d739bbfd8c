"""Typed values from printed text: the one door to numbers, dates, currencies, account and tax numbers.

Every function behind it is pure and total: it never raises, reads at most MAX_CHARS characters, and
returns None (or False) for what it cannot read.
"""

from __future__ import annotations

from docpipe.schema.currencies import CURRENCY_HINT, currencies_of, currency_symbols, parse_currency
from docpipe.schema.dates import PrintedDate, infer_day_first, month_names, parse_date, swapped
from docpipe.schema.identifiers import compact, iban_registered, iban_valid, vat_id_shaped, vat_id_valid
from docpipe.schema.numbers import DecimalMark, decimal_mark, parse_number
from docpipe.schema.printed import LANGUAGES, MAX_CHARS, folded

__all__ = [
    "CURRENCY_HINT",
    "LANGUAGES",
    "MAX_CHARS",
    "DecimalMark",
    "PrintedDate",
    "compact",
    "currencies_of",
    "currency_symbols",
    "decimal_mark",
    "folded",
    "iban_registered",
    "iban_valid",
    "infer_day_first",
    "month_names",
    "parse_currency",
    "parse_date",
    "parse_number",
    "swapped",
    "vat_id_shaped",
    "vat_id_valid",
]
