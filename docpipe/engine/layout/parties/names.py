"""What a party's name never is: a street, a title of the document, a salutation, a date, a country, a number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from docpipe.engine.layout.keys.concepts import captioned
from docpipe.engine.layout.parties.addresses import has_legal_form, is_contact, is_postal
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.literals.dates import parse_date
from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.postal import begins_with_post_box, is_country, names_street
from docpipe.literals.text import folded
from docpipe.page.lines import Segment

_WORDS = all_languages()
_PAPER = re.compile(
    rf"\W*(?:{any_of(_WORDS.papers)}\W*)+(?:{any_of(_WORDS.number)}\W*)?(?:\W|\d)*(?:[^\W\d_]{{1,3}} \d+)?"
)
_FIRST_PAPER = re.compile(any_of(_WORDS.papers))
_SALUTATION = re.compile(rf"\W*{any_of(_WORDS.salutations)}")
_COURTESY = re.compile(rf"\W*(?:{any_of(_WORDS.courtesies)}\W*)+")
_BAR = re.compile(r"\S\||\|\S")  # of a sender's line whose parts a scan runs together: "Blauwerk GmbH| Seestr. 4|88045"
_LETTERS = 2  # of a name at least


@lru_cache(maxsize=4_096)
def could_be_name(text: str) -> bool:
    """False for a line that is something else than the name of a company or a person, whatever stands around it."""
    plain = folded(text).strip()
    letters = sum(char.isalpha() for char in plain)
    if letters < _LETTERS or 2 * letters < len(plain.replace(" ", "")) or len(text) > PARTIES.zones.name_chars:
        return False
    if text.rstrip().endswith(":") or stands_above(text):
        return False
    if is_contact(text) or is_country(text) or begins_with_post_box(text):
        return False
    if has_legal_form(text):
        return True
    if captioned(text):
        return False  # what documents print beside values: "Contact person"
    numbered = any(char.isdigit() for char in plain)
    return not (is_postal(text) or (numbered and (names_street(text) or " " not in plain)))


@lru_cache(maxsize=4_096)
def stands_above(text: str) -> bool:
    """True for what may stand above a party and is none of its lines: a title, a page's number, a date, "Mr", a line
    of its sender.
    """
    plain = folded(text).strip()
    if (
        _BAR.search(text)
        or _PAPER.fullmatch(plain)
        or _is_title(text)
        or _COURTESY.fullmatch(plain)
        or _SALUTATION.match(plain)
    ):
        return True
    return parse_date(text) is not None


@lru_cache(maxsize=4_096)
def names_paper(text: str) -> bool:
    """True for a line that is nothing but what a document is called: "Nota de crédito"."""
    return _PAPER.fullmatch(folded(text).strip()) is not None


def _is_title(text: str) -> bool:
    """True for a document's title that goes on in small letters: "Statement of charges"; a name goes on in capitals."""
    first = _FIRST_PAPER.match(folded(text))
    rest = text[first.end() :].split() if first is not None else []
    return bool(rest) and all(word.islower() for word in rest) and not has_legal_form(text)


def from_name(lines: Sequence[Segment]) -> Sequence[Segment]:
    """The lines from the first that may be a party's."""
    start = next((at for at, line in enumerate(lines) if not stands_above(line.text)), len(lines))
    return lines[start:]
