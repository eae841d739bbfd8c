"""Rows under a header, and tax breakdowns."""
