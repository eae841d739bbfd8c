"""Who prints a document that is addressed to nobody: the name and the address at its head."""

from __future__ import annotations

from collections.abc import Sequence

from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.parties.addresses import (
    Address,
    address_of,
    goes_on,
    has_legal_form,
    is_contact,
    is_legal_form,
    is_postal,
    without_registration,
)
from docpipe.engine.layout.parties.blocks import Block
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.engine.layout.parties.zones import Party
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.postal import is_country, names_street
from docpipe.page.lines import Segment, around

PARAMS = PARTIES.places
HEAD_POSTAL = weight("letterhead.postal")  # score of a sender whose address follows the name
HEAD_NAME = weight("letterhead.name")  # and of one without an address


def letterhead(context: PageContext) -> Party | None:
    """Who prints a document that is addressed to nobody: its first words are the name, an address may follow."""
    lines: list[Segment] = []
    for line in context.page_text.lines[: PARAMS.head_lines]:
        segment = line.segments[0]
        key = context.key_of(segment)
        ended = context.in_table(segment) or (len(line.segments) > 1 and not is_postal(line.text))
        rest = key.rest.text if key is not None and key.rest is not None else ""
        valued = key is not None and (key.colon or (any(char.isdigit() for char in rest) and not names_street(rest)))
        if lines and (ended or not any(char.isalnum() for char in line.text)):
            break
        if not (valued or ended or is_contact(segment.text)) and sum(char.isalpha() for char in segment.text) > 2:
            lines.append(segment)
    name = next((line for line in lines if not is_postal(line.text)), None)
    if name is None or len(name.text) > PARTIES.zones.name_chars:
        return None
    below = lines[lines.index(name) + 1 :]
    names = (name, below[0]) if below and is_legal_form(below[0].text) and not has_legal_form(name.text) else (name,)
    block = Block(tuple(lines), around(lines), name.page)
    where = tuple(line for line in _head_address(lines) if line not in names)
    names = (without_registration(names[0]), *names[1:])
    return Party(Address(names, where, bool(where)), block, HEAD_POSTAL if where else HEAD_NAME)


def _head_address(lines: Sequence[Segment]) -> Sequence[Segment]:
    """The printed lines of the address in a head, with what follows its postal code."""
    address = address_of(lines)
    if address is None:
        return ()
    first, last = (
        next(at for at, line in enumerate(lines) if line.line == part.line)
        for part in (address.lines[0], address.lines[-1])
    )
    while last + 1 < len(lines) and goes_on(lines[last].text, lines[last + 1].text):
        last += 1
    last += last + 1 < len(lines) and is_country(lines[last + 1].text)
    whole = lines[first] if address.lines[0].tokens[0].index == lines[first].tokens[0].index else address.lines[0]
    return (whole, *lines[first + 1 : last + 1])
