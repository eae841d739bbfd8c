"""Marks behind an amount that say on which side of an account it stands: "108.43 CR", "170,00 S".

A word or an abbreviation ("CR", "Guthaben") says so wherever it stands. A single letter may be a class of tax as well:
only the document can tell (literals/conventions.py). Every function is total.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from docpipe.literals.lexicon import all_languages, any_of, lexicon
from docpipe.literals.numbers import parse_number
from docpipe.literals.text import LANGUAGES, MAX_CHARS, folded

_WORDS = all_languages()
_CREDIT = {folded(mark): True for mark in _WORDS.credit_marks if len(mark) > 1}
_SIDES: Mapping[str, bool] = _CREDIT | {folded(mark): False for mark in _WORDS.debit_marks if len(mark) > 1}
_STATEMENT = re.compile(any_of(_WORDS.account_statement))
_ENDS = "|".join(sorted(map(re.escape, _SIDES), key=len, reverse=True))
_BEHIND = re.compile(rf"(.*\d.*?)[ ]*(?<![^\W\d_])\(?({_ENDS})\.?\)?\Z")
_BEFORE = re.compile(r"(CR|DR)\.? ?([^\d\s]*[ ]?\d.*)\Z")
_LETTER = re.compile(r"(.*\d[.,]\d{2,3}) ?([A-Z])\Z")


class Sided(NamedTuple):
    """An amount without its mark, and whether the mark says that it is a credit."""

    text: str
    credit: bool


@lru_cache(maxsize=16_384)  # a page prints the same amounts again and again
def sided(text: str) -> Sided | None:
    """The amount of a text with a mark of more than one letter; None where there is no such mark."""
    if len(text) > MAX_CHARS or not any(map(str.isalpha, text)):
        return None
    if (before := _BEFORE.match(text)) is not None:
        return Sided(before[2], before[1] == "CR")
    plain = folded(text)
    behind = _BEHIND.match(plain) if len(plain) == len(text) else None
    return None if behind is None else Sided(text[: behind.end(1)], _SIDES[behind[2]])


def lettered(text: str) -> tuple[str, str] | None:
    """The amount and the capital of "170,00 S"; None for any other text."""
    match = _LETTER.match(text)
    return None if match is None else (match[1], match[2])


def is_number(text: str) -> bool:
    """Whether `text` is one number, a mark or a letter for its side included: "500,00 Haben"."""
    if parse_number(text) is not None:
        return True
    side, letter = sided(text), lettered(text)
    bare = side.text if side is not None else letter[0] if letter is not None else None
    return bare is not None and parse_number(bare) is not None


def names_statement(text: str) -> bool:
    """Whether a line calls the document a statement of a bank account."""
    return _STATEMENT.search(folded(text)) is not None


def letters_of(printed: Collection[str], lines: Iterable[str]) -> Mapping[str, bool]:
    """Letter -> whether it means a credit, of the one pair of `printed` letters that a language has for the two sides.

    A bank's statement may print one of them alone. {} where other letters stand behind amounts too.
    """
    if not printed or not any(map(names_statement, lines)):
        return {}
    pairs = [pair for pair in letter_pairs() if pair.keys() >= set(printed)]
    return pairs[0] if all(pair[letter] == pairs[0][letter] for pair in pairs for letter in printed) and pairs else {}


@lru_cache(maxsize=1)
def letter_pairs() -> list[dict[str, bool]]:
    """Of each language the letters for the two sides."""
    found = []
    for words in map(lexicon, LANGUAGES):
        credit = {mark: True for mark in words.credit_marks if len(mark) == 1}
        debit = {mark: False for mark in words.debit_marks if len(mark) == 1}
        if credit and debit:
            found.append(credit | debit)
    return found
