"""What a line of a postal address says by itself: a street, a post-office box, a country."""

from __future__ import annotations

import re
from functools import lru_cache

from docpipe.literals.conventions import country_names
from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.text import folded

_WORDS = all_languages()
_STREET = re.compile(
    f"{any_of((*_WORDS.street_after_number, *_WORDS.street))}|{any_of(_WORDS.street_endings, inside=True)}"
)
_POST_BOX = re.compile(rf"\W*{any_of(_WORDS.post_boxes)}\W*(?:{any_of(_WORDS.number)}\W*)?\d")
_MARKS = " ,.;:()·•|-–"


def names_street(text: str) -> bool:
    """True for a line with a word for a street or a building."""
    return bool(_STREET.search(folded(text)))


def begins_with_post_box(text: str) -> bool:
    """True for a line that begins with a post-office box and its number: "PO Box 4411", "Postfach 10 12 34"."""
    return _POST_BOX.match(folded(text)) is not None


@lru_cache(maxsize=4_096)
def is_country(text: str) -> bool:
    """True for a line that is nothing but the name of a country."""
    return len(text) > 1 and folded(text).strip(_MARKS) in country_names().codes


def is_street_date(before: str, date: str) -> bool:
    """Whether a day that follows the words `before` is a street's name: "rue du | 8 mai 1945".

    Streets are called after days with the name of a month; digits alone are a date.
    """
    return any(map(str.isalpha, date)) and names_street(before)
