"""Scans in a script that the recogniser was not taught: what it made of them is no text.

Letters of a script that it knows in part come out among Latin ones that look alike, within one word. Of others nothing
is left but the numbers.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from docpipe.records import Page, Violation

UNREAD_SCRIPT = "unread_script"
MIXED = frozenset(("LATIN", "GREEK", "CYRILLIC"))  # alphabets that share the shapes of letters, by Unicode's names
LETTERS = 3  # of a word at least
MOST_MIXED, LEAST_MIXED = 0.1, 3  # share of the words, and how many: a formula has some
LEAST_NUMBERS = 4  # without a single word beside them


def unread_scripts(pages: Sequence[Page]) -> Iterator[Violation]:
    """An error for each page whose words OCR cannot have read."""
    for page in pages:
        reason = _reason(page) if page.text_source == "ocr" else ""
        if reason:
            message = (
                f"page {page.number} seems to be in a script that OCR does not read (see `docpipe doctor`): {reason}"
            )
            yield Violation(UNREAD_SCRIPT, "error", message)


def _reason(page: Page) -> str:
    words = [word.text for word in page.words if sum(map(str.isalpha, word.text)) >= LETTERS]
    mixed = sum(len(_alphabets(word)) > 1 for word in words)
    if mixed >= max(LEAST_MIXED, MOST_MIXED * len(words)):
        return f"{mixed} of {len(words)} words mix letters of two alphabets"
    numbers = sum(any(map(str.isdigit, word.text)) for word in page.words)
    if not any(char.isalpha() for word in page.words for char in word.text) and numbers >= LEAST_NUMBERS:
        return f"{numbers} numbers, and not a letter"
    return ""


@lru_cache(maxsize=4_096)
def _alphabets(word: str) -> frozenset[str]:
    names = (unicodedata.name(char, "").partition(" ")[0] for char in word if char.isalpha() and ord(char) > ord("z"))
    latin = {"LATIN"} if any(char.isascii() and char.isalpha() for char in word) else set()
    return MIXED.intersection(names) | latin
