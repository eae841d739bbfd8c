"""Values that are none: a short key in a sentence, with a number behind it that counts something or that a street has.

"Order 24/7 by phone" names no order, "Contract: 12 months" no contract, "due in 14 days" no amount, and the "du" of
"12 rue du 8 mai 1945" dates nothing.
"""

from __future__ import annotations

from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.keys.printed_keys import Key
from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.parties.addresses import is_postal
from docpipe.engine.layout.readings import Reading
from docpipe.engine.layout.scalars.params import PARAMS
from docpipe.engine.layout.scoring.weights import Features
from docpipe.literals.postal import is_street_date
from docpipe.literals.sentences import goes_on, is_count, is_duration, is_round_the_clock
from docpipe.page.lines import Segment

COUNTS: Features = (("prose.counts", 1.0),)
GOES_ON: Features = (("prose.goes_on", 1.0),)
STREET: Features = (("prose.street", 1.0),)


def against(field: Field, reading: Reading, place: Segment, key: Key, context: PageContext) -> Features:
    """What the words around a value at a key say against it."""
    if field.node.kind == "date":
        return STREET if names_street(reading, place, context) else ()
    if field.type != "identifier" and field.node.kind not in ("number", "integer"):
        return ()
    behind = _behind(reading, place) if key.tail is None else _behind(reading, key.tail) or _behind(reading, place)
    number = " ".join(token.text for token in reading.tokens if not token.text.islower() or not token.text.isalpha())
    if is_duration(number, behind):
        return COUNTS
    if not key.colon and key.rest is not None and is_round_the_clock(number):
        return COUNTS
    if not behind or not goes_on(behind):
        return ()
    plain = behind[0].islower()
    if field.type != "identifier":
        return GOES_ON if plain and not key.colon and is_count(number) else ()
    if is_count(number):
        return GOES_ON if plain or not key.colon else ()
    short = len(key_of(key.segment.text)) <= PARAMS.short_letters
    return GOES_ON if short and plain and not key.colon else ()


def names_street(reading: Reading, segment: Segment, context: PageContext) -> bool:
    """Whether a date is part of an address: a word for a street stands before it, or a postal code under it."""
    if not any(map(str.isalpha, reading.text)):
        return False
    line = context.page_text.lines[segment.line].segments
    whole = next((each for each in line if reading.tokens[0] in each.tokens), segment)
    before = whole.part(0, whole.tokens.index(reading.tokens[0])) if reading.tokens[0] in whole.tokens else None
    if before is not None and is_street_date(before.text, reading.text):
        return True
    under = next(iter(context.below(whole)), None)
    return under is not None and under.line == whole.line + 1 and is_postal(under.text)


def _behind(reading: Reading, place: Segment) -> list[str]:
    """The words of a place behind what was read there."""
    last = reading.tokens[-1]
    return [token.text for token in place.tokens[place.tokens.index(last) + 1 :]] if last in place.tokens else []
