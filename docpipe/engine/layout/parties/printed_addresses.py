"""Every address on a sheet, with the name above it where it has none of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.parties.addresses import address_of, inline_parts, is_postal
from docpipe.engine.layout.parties.blocks import Block, find_blocks
from docpipe.engine.layout.parties.names import could_be_name, from_name
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.engine.layout.parties.zones import Party
from docpipe.page.lines import Segment, around

PARAMS = PARTIES.places


def addresses_of(context: PageContext) -> Iterable[Party]:
    """Every address on a sheet, those without a name given the line above."""
    blocks = [
        Block(tuple(lines), around(lines), block.page)
        for block in find_blocks(context.page_text, context.unnamed)
        for lines in map(from_name, _one_each(block.lines))
        if lines
    ]
    for own in blocks:
        address = address_of([part for line in own.lines for part in (line, *_postal_beside(line, context))])
        if address is None:
            continue
        if address.name and not could_be_name(address.name[0].text):
            address = replace(address, name=())
        name = _name_above(own, blocks) if not address.name else None
        yield Party(replace(address, name=(name,)) if name is not None else address, own, 0.0)


def _one_each(lines: Sequence[Segment]) -> Iterable[Sequence[Segment]]:
    """A block cut behind a sender's line: an address printed whole on one line."""
    start = 0
    for at, line in enumerate(lines):
        if len(inline_parts(line)) > 1:
            if at > start:
                yield lines[start:at]
            yield lines[at : at + 1]
            start = at + 1
    if start < len(lines):
        yield lines[start:]


def _postal_beside(line: Segment, context: PageContext) -> list[Segment]:
    """A postal code and place right of a street, on its line."""
    beside = next(iter(context.right_of(line)), None)
    near = beside is not None and beside.box.left - line.box.right < PARAMS.postal_em * line.height
    return [beside] if beside is not None and near and is_postal(beside.text) and not is_postal(line.text) else []


def _name_above(block: Block, blocks: Sequence[Block]) -> Segment | None:
    """The nearest line above a nameless address that could be its name; the one above that in far larger type is."""
    nearest = min(_above(block.lines[0], blocks), key=lambda line: block.box.top - line.box.bottom, default=None)
    larger = [
        line
        for line in (_above(nearest, blocks) if nearest is not None else ())
        if nearest is not None and line.height >= PARAMS.larger_ratio * nearest.height
    ]
    return max(larger, key=lambda line: line.height, default=nearest)


def _above(line: Segment, blocks: Sequence[Block]) -> Iterator[Segment]:
    """The last lines of the blocks close above a line, in its columns, that could be names."""
    for other in (block.lines[-1] for block in blocks):
        gap = line.box.top - other.box.bottom
        beside = max(other.box.left - line.box.right, line.box.left - other.box.right)
        if -PARAMS.overlap_pt <= gap <= PARAMS.name_gap_em * line.height and beside <= 0 and could_be_name(other.text):
            yield other
