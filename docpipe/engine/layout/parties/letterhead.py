"""Who prints a document that is addressed to nobody: the name at its head, and the address under it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.parties.addresses import (
    Address,
    goes_on,
    has_legal_form,
    without_registration,
)
from docpipe.engine.layout.parties.blocks import Block
from docpipe.engine.layout.parties.head_lines import HeadLine, Kind, head_of, holds_remark, is_house
from docpipe.engine.layout.parties.head_names import name_in
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.engine.layout.parties.zones import Party
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.postal import names_street
from docpipe.page.lines import Segment, around

PARAMS = PARTIES.heads
CODED = weight("head_address.coded")  # score of an address with the code of its town
STREET = weight("head_address.street")  # of one that names a street, or has a town under its house number
HOUSE = weight("head_address.house")  # of one that has nothing but the number of a house


def letterhead(context: PageContext) -> Iterator[Party]:
    """The name at the head of a page, and the address under it: each as a party, for each is as sure as it is."""
    head = head_of(context)
    lines, name = head.lines, name_in(head)
    if name is None:
        return
    block = Block(tuple(line.segment for line in lines), around(line.segment for line in lines), context.page_index)
    printed = [_bare(line.segment) for line in lines[name.start : name.stop]]
    yield Party(Address(tuple(map(without_registration, printed)), (), False), block, name.score)
    found = _address(lines[name.stop :])
    if found:
        yield Party(Address((), tuple(line.segment for line in found), found[-1].coded), block, _sureness(found))


def _bare(segment: Segment) -> Segment:
    """A name without the marks that stand around it as words."""
    worded = [at for at, token in enumerate(segment.tokens) if any(map(str.isalnum, token.text))]
    if not worded or len(worded) == len(segment.tokens):
        return segment
    return segment.part(worded[0], worded[-1] + 1) or segment


def _address(lines: Sequence[HeadLine]) -> Sequence[HeadLine]:
    """The lines of the address under a name: from the first that is a place to the last before another kind."""
    first = next((at for at, line in enumerate(lines) if _begins(line)), None)
    if first is None:
        return ()
    last = first
    for at in range(first + 1, min(first + PARTIES.addresses.lines, len(lines))):
        if lines[at].kind in (Kind.PLACE, Kind.COUNTRY):
            last = at
        elif lines[last].coded or not _is_text(lines[at]):
            break
    coded = any(line.coded for line in lines[first : last + 1])
    while last + 1 < len(lines) and _is_region(lines[last], lines[last + 1], coded):
        last, coded = last + 1, True
    return lines[first : last + 1]


def _begins(line: HeadLine) -> bool:
    """Whether an address begins on this line: at a place, or at the number of a house behind or before a comma."""
    return line.kind is Kind.PLACE or (_is_text(line) and is_house(line.text) and "," in line.text)


def _is_region(above: HeadLine, below: HeadLine, coded: bool) -> bool:
    """Whether an address goes on with a line of words: its town, where no code has been seen, or its region."""
    if not _is_text(below):
        return False
    near = below.segment.box.top - above.segment.box.bottom < PARAMS.wrap_em * above.segment.height
    few = len(below.text.split()) <= PARTIES.addresses.region_words and not any(map(str.isdigit, below.text))
    return near and (goes_on(above.text, below.text) or (few and not coded))


def _is_text(line: HeadLine) -> bool:
    """Whether a line may be a town, a region, a building: words that are no company and no remark."""
    return line.kind is Kind.TEXT and not has_legal_form(line.text) and not holds_remark(line.text)


def _sureness(lines: Sequence[HeadLine]) -> float:
    """How sure an address is, by the best that it has."""
    if any(line.coded for line in lines):
        return CODED
    return STREET if len(lines) > 1 or any(names_street(line.text) for line in lines) else HOUSE
