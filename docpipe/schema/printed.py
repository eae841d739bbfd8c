"""What printed values have in common: spaces and signs in many forms, letters with and without accents."""

from __future__ import annotations

import unicodedata

MAX_CHARS = 64  # no printed amount, date or account number is longer
# whose names of months, days and countries are known
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da")

_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u2002\u2003\u2005\u2006\u200a\t"), " ")
_SIGNS = {**dict.fromkeys(map(ord, "\u2212\u2010\u2011\u2012\u2013\u2014"), "-"), ord("\u2019"): "'"}
TABLE = _SPACES | _SIGNS | {ord("`"): "'", ord("\u00b4"): "'"}


def folded(text: str) -> str:
    """`text` in lower case without accents: what two spellings of one word have in common."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in parts if not unicodedata.combining(char))
