"""Text as it is compared: spaces and signs of many forms as one, and the foldings of words, each by its name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

MAX_CHARS = 64  # no printed amount, date or account number is longer
# whose names of months, days and countries are known
LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da")

_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u2002\u2003\u2005\u2006\u200a\t"), " ")
_DASHES = "\u2212\u2010\u2011\u2012\u2013\u2014\u2015\u00ad\u02d7\u2043\u207b\ufe63\u00f7"
_SIGNS = {**dict.fromkeys(map(ord, _DASHES), "-"), ord("\u2019"): "'"}
_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # full-width letters, digits and marks
EASTERN = {  # digits of Arabic and Persian print, and the marks among them; what stretches a word and means nothing
    **{first + digit: str(digit) for first in (0x660, 0x6F0) for digit in range(10)},
    **{0x66A: "%", 0x66B: ".", 0x66C: ",", 0x640: None},
}  # fmt: skip
TABLE = _WIDE | _SPACES | _SIGNS | EASTERN | {ord("`"): "'", ord("\u00b4"): "'"}
KEY_GLUED_TO_VALUE = re.compile(r"([^\W\d][^:/@]*:)([^\s/:].*)")  # "Date:12.03.2024", but no "http://"
_NO_LETTER = re.compile(r"[\W_]+")
_ASCII_NO_LETTER = {code: None for code in range(128) if not chr(code).isalnum()}  # the same, much faster
_ACCOUNT = re.compile(r"[a-z]{2}\d{2}[a-z\d]{11,30}\Z", re.ASCII)  # an IBAN, which pages print in groups of four


@lru_cache(maxsize=65_536)  # a page's words are folded by every room
def folded(text: str) -> str:
    """`text` in lower case without accents: what two spellings of one word have in common."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold()).translate(EASTERN)
    return "".join(char for char in parts if not unicodedata.combining(char))


@lru_cache(maxsize=65_536)
def alphanumeric(text: str) -> str:
    """Letters and digits only, compatibility-normalised and case-folded (NFKC)."""
    if text.isascii():
        return text.lower().translate(_ASCII_NO_LETTER)
    plain = unicodedata.normalize("NFKC", text).casefold().translate(EASTERN)
    return plain if plain.isalnum() else _NO_LETTER.sub("", plain)


@lru_cache(maxsize=16_384)
def spelled(text: str) -> tuple[str, str]:
    """The letters and digits of `text`, and of the first word that it begins with: of an account its first four."""
    wanted = alphanumeric(text)
    first = next(filter(None, map(alphanumeric, text.split())), wanted)
    return wanted, first[:4] if first == wanted and _ACCOUNT.match(wanted) else first


@lru_cache(maxsize=4_096)  # the labels of a schema's fields
def all_spelled(texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """`spelled` of each of `texts` that has a letter or a digit."""
    return tuple(filter(lambda pair: pair[0], map(spelled, texts)))
