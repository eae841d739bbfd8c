"""Currencies by code or symbol: ISO 4217. Every function is total."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from docpipe.literals.text import MAX_CHARS

_COMMON_SYMBOLS = {"\u20ac": "EUR", "\u00a3": "GBP", "$": "USD", "\u00a5": "JPY", "fr": "CHF", "sfr": "CHF",
                   "z\u0142": "PLN", "k\u010d": "CZK", "ft": "HUF", "euro": "EUR", "euros": "EUR", "lei": "RON",
                   "c$": "CAD", "s$": "SGD", "us$": "USD", "dollars": "USD", "rm": "MYR"}  # fmt: skip
_SHARED = {  # what several currencies print, by turnover (BIS, Triennial Central Bank Survey 2022)
    "$": ("USD", "AUD", "CAD", "SGD", "HKD", "NZD", "MXN"),
    "\u00a5": ("JPY", "CNY"),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
}
_CURRENCY_TOKEN = re.compile(r"[^\W\d_]*\$|[^\w\s]|[^\W\d_]+")

CODES_THAT_ARE_WORDS = frozenset(
    {"ALL", "TOP", "CUP", "GEL", "MAD", "PEN", "SOS", "TRY", "MOP", "RON", "BAM", "CHE", "CHW", "COU", "BHD"}
)
CURRENCY_HINT = re.compile(r"[$€£¥₹₽₺₩₪]|(?<![^\W\d_])(?:[A-Z]{3}|(?i:euros?|zł|kč|kr|ft|fr)|RM)(?![^\W\d_])")


@lru_cache(maxsize=4_096)  # a page prints the same symbol at every amount
def currencies_of(text: str) -> tuple[str, ...]:
    """Every currency that the symbol in `text` may stand for, the most used first; one if it is clear.

    () if `text` names none.
    """
    marks = _CURRENCY_TOKEN.findall(text[:MAX_CHARS])
    shared = [_SHARED[mark.lower()] for mark in marks if mark.lower() in _SHARED]
    if len(shared) == 1 and len(marks) == 1:
        return shared[0]
    code = parse_currency(text)
    return () if code is None else (code,)


def parse_currency(text: str, dollar: str = "USD") -> str | None:
    """The ISO 4217 code that `text` names by code or symbol; None if it names none or several.

    `dollar` is the currency of a bare "$", where the document gives reason to think of another.
    """
    known = currency_symbols()
    marks = _CURRENCY_TOKEN.findall(text[:MAX_CHARS])
    found = {code for mark in marks if (code := dollar if mark == "$" else known.get(mark) or known.get(mark.lower()))}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=1)
def currency_symbols() -> dict[str, str]:
    """Codes, symbols and short names -> ISO 4217; symbols that several currencies share are left out."""
    from babel import Locale
    from babel.numbers import list_currencies

    found = {code: code for code in list_currencies("en")}
    symbols = Locale("en").currency_symbols
    shared = Counter(symbols.values())
    found.update({mark: code for code, mark in symbols.items() if shared[mark] == 1})
    return found | _COMMON_SYMBOLS
