"""What a few printed words say by themselves: yes or no, nothing, a sum carried from page to page."""

from __future__ import annotations

import re

from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.text import MAX_CHARS, folded

MAX_SAID = 80  # characters of a line that says it carries a sum
MIN_ENDING = 6  # letters of a word that may end a longer one: "porto" does not end "importo"

_WORDS = all_languages()
_BOXES = {  # a lone cross "✗" means yes in a box and no in a list: it stays unread
    **dict.fromkeys(("x", "☑", "☒", "✓", "✔", "🗹", "🗸"), True),
    **dict.fromkeys(("[]", "[ ]", "()", "( )", "☐", "□"), False),
}
_SAID = _BOXES | {folded(word): True for word in _WORDS.yes} | {folded(word): False for word in _WORDS.no}
_FLAGS = {"y": True, "on": True, "n": False, "off": False}  # of data and of forms; in a sentence they are other words
_BRACKETS = "[]()., "

_STROKES = ("", "-", "--", "---", "—", "–", "/", "./.", "null")
_NOTHING = frozenset((*_STROKES, *map(folded, _WORDS.nothing)))

# A single word must begin the text, or end the word that begins it: "Seitenübertrag", but no "Inspection report".
_SINGLE = [word for word in _WORDS.carried_forward if " " not in word]
_PHRASES = [word for word in _WORDS.carried_forward if " " in word]
_CARRIED = re.compile(rf"^[\W\d]*[^\W\d_]*{any_of(_SINGLE, inside=True)}|{any_of(_PHRASES)}")
_RUNNING = re.compile(any_of(_WORDS.running_sum))
_LONG = [word for word in _WORDS.other_sums if len(word) >= MIN_ENDING]  # "Personalrabatt"
_OTHER_SUM = re.compile(rf"{any_of(_WORDS.other_sums)}|{any_of(_LONG, inside=True)}")
_PAID = frozenset(map(folded, _WORDS.paid))
_SUGGESTED = re.compile(any_of(_WORDS.suggested))
_SUM = re.compile(rf"{any_of(_WORDS.running_sum)}|\b\w*{any_of(_WORDS.total_labels, inside=True)}\b")


def parse_boolean(text: str, *, alone: bool = True) -> bool | None:
    """Whether `text` says yes or no; None if it says neither. `alone`: nothing else stands beside it."""
    if len(text) > MAX_CHARS:
        return None
    word = folded(text.strip())
    for spelling in (word, word.strip(_BRACKETS)):
        said = _SAID.get(spelling)
        if said is None and alone:
            said = _FLAGS.get(spelling)
        if said is not None:
            return said
    return None


def is_nothing(text: str) -> bool:
    """True for a text that says there is no value: "", "-", "n/a", "entfällt"."""
    return len(text) <= MAX_CHARS and folded(text.strip()) in _NOTHING


def is_carried_forward(text: str) -> bool:
    """True for a line that carries a sum from page to page."""
    return _CARRIED.search(folded(text[:MAX_SAID])) is not None


def names_other_sum(text: str) -> bool:
    """True for a line that names an amount which is no price, tax or total: "Late fee 5 %", "Personalrabatt"."""
    return _OTHER_SUM.search(folded(text[:MAX_SAID])) is not None


def is_suggestion(text: str) -> bool:
    """True for words that say that amounts are proposed, and paid by nobody: "Suggested tips"."""
    return _SUGGESTED.search(folded(text)) is not None


def says_paid(word: str) -> bool:
    """True for a word that says that something was paid, and not how: "Amount", "paid", "Geg."."""
    return folded(word).strip(".:, ") in _PAID


def may_be_running_sum(text: str) -> bool:
    """True for a line that carries a sum, or is called as such sums are among other things: "Subtotal", "Transport"."""
    return is_carried_forward(text) or _RUNNING.search(folded(text[:MAX_SAID])) is not None


def names_a_sum(text: str) -> bool:
    """True for a line with a word for a sum in it, "Summe Titel 1"; it may name an article all the same."""
    return is_carried_forward(text) or _SUM.search(folded(text[:MAX_SAID])) is not None
