"""Whose number a key says it is: "Your VAT no", "Nr VAT nabywcy"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz.distance import Prefix

from docpipe.engine.layout.keys.fields import Section, words_of
from docpipe.literals.lexicon import all_languages
from docpipe.literals.text import folded
from docpipe.schema.nodes import Role

MIN_STEM = 4  # letters that two forms of a word share
MAX_ENDING = 3  # letters that an inflected word adds to its stem

_YOURS, _OURS = frozenset(map(folded, all_languages().your)), frozenset(map(folded, all_languages().our))


def side(words: Sequence[str]) -> Role:
    """The role of whoever the first word means: "Your", "V/"; "" where it is no such word.

    The letters of an abbreviation ("N.I.F.") are none.
    """
    if not words or (len(words) > 1 and len(words[0]) == len(words[1]) == 1):
        return ""
    return "recipient" if words[0] in _YOURS else "issuer" if words[0] in _OURS else ""


def owner(text: str, headings: Mapping[str, Iterable[Section]]) -> Role:
    """The role that a key names by `side`, or by a word that is a form of a section's heading; "" for none."""
    words = words_of(text)
    found = (
        section for word in words for key, sections in headings.items() if _is_form(word, key) for section in sections
    )
    return side(words) or next((section.role for section in found if section.role), "")


def _is_form(word: str, key: str) -> bool:
    """True if a word is another's form with another ending: "kundens" for "kund"."""
    stem = Prefix.similarity(word, key)
    return stem >= MIN_STEM and len(key) - stem <= 1 and len(word) - stem <= MAX_ENDING
