"""What tells a count or a remark in a sentence from the number of something: "12 months", "24/7 by phone"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from docpipe.literals.currencies import currencies_of
from docpipe.literals.dates import parse_date
from docpipe.literals.lexicon import all_languages
from docpipe.literals.text import folded

FEW = 3  # digits: a count has no more, the number of an order mostly has
DATE_WORDS = 6  # "vom 3. März 2024"

_DURATIONS = frozenset(map(folded, all_languages().durations))
_ROUND_THE_CLOCK = re.compile(r"24\s?h?\s?/\s?(?:7|24)\s?[hdj]?|7\s?[djtg]?\s?/\s?7\s?[djtg]?", re.IGNORECASE)
_FEW_DIGITS = re.compile(r"\D?\d{1,3}|\d{1,2}\D\d{1,2}")
_MARKS = " ,.;:()"


def is_duration(number: str, behind: Sequence[str]) -> bool:
    """Whether a number before the words `behind` is how long something takes: "14 | days", "14-30 | Tage"."""
    words = [folded(word).strip(_MARKS) for word in behind[:2]]
    units = (*words[:1], " ".join(words))
    return _FEW_DIGITS.fullmatch(number.strip(_MARKS)) is not None and not _DURATIONS.isdisjoint(units)


def is_round_the_clock(text: str) -> bool:
    """True for "24/7" and its like: the hours in which somebody may be called."""
    return _ROUND_THE_CLOCK.fullmatch(text.strip(_MARKS)) is not None


def is_count(text: str) -> bool:
    """True for digits so few that they may count something."""
    return 0 < sum(map(str.isdigit, text)) <= FEW and not any(map(str.isalpha, text))


def goes_on(behind: Sequence[str]) -> bool:
    """Whether a sentence goes on in the words behind a number: with a word, and no date, currency or other key."""
    if not behind or not behind[0][:1].isalpha() or currencies_of(behind[0]):
        return False
    dated = (
        parse_date(" ".join(behind[start:stop]).strip(_MARKS))
        for start in (0, 1)
        for stop in range(start + 1, DATE_WORDS)
    )
    return not any(word.endswith(":") for word in behind[:FEW]) and not any(dated)
