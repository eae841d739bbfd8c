"""Texts by their letters and digits alone, as they are compared."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_NO_LETTER = re.compile(r"[\W_]+")
_ASCII_NO_LETTER = {code: None for code in range(128) if not chr(code).isalnum()}  # the same, much faster
_ACCOUNT = re.compile(r"[a-z]{2}\d{2}[a-z\d]{11,30}\Z", re.ASCII)  # an IBAN, which pages print in groups of four


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """Letters and digits only, compatibility-normalised and case-folded (NFKC)."""
    if text.isascii():
        return text.lower().translate(_ASCII_NO_LETTER)
    plain = unicodedata.normalize("NFKC", text).casefold()
    return plain if plain.isalnum() else _NO_LETTER.sub("", plain)


@lru_cache(maxsize=16_384)
def spelled(text: str) -> tuple[str, str]:
    """The letters and digits of `text`, and of the first word that it begins with: of an account its first four."""
    wanted = folded(text)
    first = next(filter(None, map(folded, text.split())), wanted)
    return wanted, first[:4] if first == wanted and _ACCOUNT.match(wanted) else first


@lru_cache(maxsize=4_096)  # the captions of a schema's fields
def all_spelled(texts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """`spelled` of each of `texts` that has a letter or a digit."""
    return tuple(filter(lambda one: one[0], map(spelled, texts)))
