"""The part of a page that a heading rules: a party's block, and the keys that mean its fields."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.keys.owners import owner
from docpipe.engine.layout.keys.printed_keys import Key
from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.parties.addresses import Address, address_of, is_contact, is_postal
from docpipe.engine.layout.parties.blocks import Block
from docpipe.engine.layout.scalars.candidates import Candidate, with_feature
from docpipe.engine.layout.scoring.weights import weight
from docpipe.page.lines import Line, Segment, around
from docpipe.schema.nodes import Role

UNDER_HEADING = weight("party_under_heading")  # score of a party that stands under a heading of its own
NO_POSTAL = weight("party_under_heading.no_postal")  # of the score remains for a party without a postal code
MAX_HEADINGS = 60  # of one page; more are no headings
MAX_LINES = 16  # lines under a heading that can be its party's
END_GAP = 2.4  # of the type's height: white space that ends a party's block
ZONE_GAP = 3.2  # of the heading's height: white space that ends its zone
FIRST_GAP = 4.0  # of the type's height: white space allowed between a heading and its block
BESIDE = 0.4  # of the page's width: a block further right of its heading belongs to something else
ALIGNED = 0.8  # of the type's height: lines of one block begin within this
NAME_CHARS = 80
WRAP_GAP = 0.6  # of the type's height: white space between the lines of one wrapped text
LONG_LINE = 0.6  # of the page's width: a line that ends before this was not broken, it ended

ELSEWHERE = "zone.of_another"  # of a candidate in the zone of another party
OUTSIDE = "outside"  # of a candidate that counts under its section's heading only
# Of a candidate outside every zone: who prints a number is usually the issuer.
NOWHERE = {"issuer": "zone.none_issuer", "recipient": "zone.none_recipient"}
BARE = "zone.bare"  # of a bare "Name" or "Address" outside every zone


@dataclass(frozen=True, slots=True)
class Zone:
    """Where keys mean the section at `path`; "" for a heading that is no section of the schema."""

    path: str
    heading: Key
    page: int
    x0: float
    y0: float
    x1: float
    y1: float
    last: int  # of its lines: a sidebar beside the letter has lines of its own, before or behind

    def holds(self, segment: Segment) -> bool:
        """True if the segment begins inside the zone."""
        x, y = segment.box.left, segment.box.mid_y
        return self.x0 <= x < self.x1 and self.y0 <= y < self.y1


@dataclass(frozen=True, slots=True)
class Party:
    """A party's block as read, where, and how sure its role is."""

    address: Address
    block: Block
    score: float


def find_zones(keys: Sequence[Key], context: PageContext) -> list[Zone]:
    """The zone of every heading on a page: down to the next heading, right to the next key on its line."""
    headings = [key for key in keys if _is_heading(key)][:MAX_HEADINGS]
    zones = []
    for key in headings:
        box = key.segment.box
        beside = (one for one in keys if _level(one, key) and one.segment.box.left > key.segment.box.right)
        right = min((one.segment.box.left for one in beside), default=context.page_text.width) - 1.0
        under = [
            one.segment.box.top
            for one in headings
            if one.segment.box.top > box.bottom and box.left - 20.0 <= one.segment.box.left < right
        ]
        path = key.sections[0].path if key.sections else ""
        bottom, last = _end(key.segment, right, context)
        zones.append(Zone(path, key, context.page_index, box.left - 2.0, box.top, right, min([*under, bottom]), last))
    return zones


def _end(heading: Segment, right: float, context: PageContext) -> tuple[float, int]:
    """(height, line) at which white space, or a table, ends what stands under a heading."""
    bottom, last = heading.box.bottom, heading.line
    for line in context.page_text.lines[heading.line : heading.line + 2 * MAX_LINES]:
        if line.box.bottom < heading.box.top:
            break  # the sidebar begins
        for one in _between(line, heading.box.left - 2.0, right):
            if one.box.top - bottom > ZONE_GAP * heading.height or context.in_table(one):
                return bottom + 1.0, last
            bottom, last = max(bottom, one.box.bottom), one.line
    return bottom + 1.0, last


def _is_heading(key: Key) -> bool:
    return bool(key.sections) or any(one.type == "address" and not one.section for one in key.fields())


def _level(one: Key, other: Key) -> bool:
    return abs(one.segment.box.top - other.segment.box.top) < other.segment.height


def under_heading(zone: Zone, context: PageContext) -> Party | None:
    """The party under, behind or beside a heading: its name, and its address if it has one."""
    lines = list(_block(zone, context, aligned=True)) or list(_block(zone, context, aligned=False))
    if not lines:
        return None
    block = Block(tuple(lines), around(lines), lines[0].page)
    address = address_of(lines)
    if address is not None and address.name:
        return Party(address, block, UNDER_HEADING)
    if address is not None:
        return Party(address, block, UNDER_HEADING * NO_POSTAL)
    name = lines[0]
    if len(name.text) > NAME_CHARS or 2 * sum(char.isalpha() for char in name.text) < len(name.text):
        return None
    rest = tuple(lines[1:5])
    return Party(Address((name,), rest, False), block, UNDER_HEADING * NO_POSTAL)


def _block(zone: Zone, context: PageContext, aligned: bool) -> Iterable[Segment]:
    """The lines under a heading that are no keys or contacts, up to a gap or past the postal code.

    `aligned`: only those that begin where the heading does, or behind it; else wherever the first does.
    """
    first: Segment | None = None
    postal = False
    last = zone.heading.segment
    for one in _inside(zone, context):
        gap = one.box.top - last.box.bottom
        if gap > (END_GAP if first is not None else FIRST_GAP) * one.height:
            return
        beginning = (
            first
            or (zone.heading.rest if aligned and zone.heading.rest else None)
            or (zone.heading.segment if aligned else None)
        )
        if beginning is not None and abs(one.box.left - beginning.box.left) > ALIGNED * beginning.height:
            continue
        if first is not None and postal and not is_postal(one.text):
            return
        last = one
        if not _is_line(one, context):
            continue
        first = first or one
        postal = is_postal(one.text)
        yield one


def _inside(zone: Zone, context: PageContext) -> Iterable[Segment]:
    """The zone's segments from top to bottom: what follows the heading on its line comes first."""
    if zone.heading.rest is not None:
        yield zone.heading.rest
    start = zone.heading.segment.line
    for line in context.page_text.lines[start : start + MAX_LINES]:
        for one in _between(line, zone.x0, zone.x1):
            mine = one.tokens[0].index == zone.heading.segment.tokens[0].index
            beside = (
                one.line == start and one.box.left - zone.heading.segment.box.right > BESIDE * context.page_text.width
            )
            if zone.holds(one) and not mine and not beside:
                yield one


def _between(line: Line, x0: float, x1: float) -> Sequence[Segment]:
    """The line's segments that begin in x0..x1."""
    start = bisect_left(line.segments, x0, key=lambda one: one.box.left)
    stop = bisect_left(line.segments, x1, key=lambda one: one.box.left)
    return line.segments[start:stop]


def _is_line(one: Segment, context: PageContext) -> bool:
    """No key, no value of a key, no telephone or mail."""
    left = context.left_of(one)
    key = context.key_of(left) if left is not None else None
    valued = key is not None and key.colon
    return context.free(one) and not valued and not is_contact(one.text)


def weighed(candidate: Candidate, zones: Sequence[Zone], context: PageContext, index: LabelIndex) -> Candidate:
    """A candidate of a party's field, less sure where it stands in another party's zone or in none."""
    feature = _feature(candidate, zones, _owner(candidate, context, index))
    if feature == OUTSIDE:
        return replace(candidate, score=0.0)
    return with_feature(candidate, feature) if feature else candidate


def _owner(one: Candidate, context: PageContext, index: LabelIndex) -> Role:
    """Whose number it is by the words before it."""
    if not (one.field.role and one.field.node.format):
        return ""
    line = context.page_text.lines[one.segment.line].segments
    tokens = next((each.tokens for each in line if one.tokens[0] in each.tokens), ())
    before = takewhile(lambda token: not any(char.isdigit() for char in token.text), tokens)
    return owner(" ".join(token.text for token in before), index.section_keys)


def _feature(one: Candidate, zones: Sequence[Zone], said: Role) -> str:
    """What the zones around a candidate say against it: OUTSIDE, a feature's name, or nothing."""
    if said:
        return "" if said == one.field.role else ELSEWHERE
    x, y = one.tokens[0].box.left, one.tokens[0].box.mid_y
    line = one.segment.line
    around_it = [
        zone
        for zone in zones
        if zone.page == one.page and zone.x0 <= x < zone.x1 and zone.y0 <= y < zone.y1
        if zone.heading.segment.line <= line <= zone.last
    ]
    if any(zone.path == one.field.section for zone in around_it):
        return ""
    if one.inner:
        return OUTSIDE
    if one.field.type in ("name", "address"):
        return BARE
    if around_it:
        return ELSEWHERE
    return NOWHERE.get(one.field.role, "")


def widened(one: Candidate, context: PageContext) -> Candidate:
    """An address or a text behind a key, with the lines that follow its first; others as they are."""
    if one.field.type not in ("address", "text") or one.field.node.kind != "string":
        return one
    gap = END_GAP if one.field.type == "address" else WRAP_GAP
    lines = [one.segment]
    for line in context.page_text.lines[one.segment.line + 1 : one.segment.line + MAX_LINES]:
        last = lines[-1]
        if line.box.top - last.box.bottom > gap * last.height or (gap == END_GAP and is_postal(last.text)):
            break
        slack = ALIGNED * one.segment.height
        under = _between(line, one.segment.box.left - slack, one.segment.box.left + slack)
        broken = last.box.right > LONG_LINE * context.page_text.width
        if under and (not context.free(under[0]) or (gap == WRAP_GAP and not broken)):
            break
        lines += [seg for seg in under if _is_line(seg, context)][:1]
    tokens = tuple(token for line in lines for token in line.tokens)
    if one.field.type == "address":
        address = Address((), tuple(lines), is_postal(lines[-1].text))
        value, tokens = address.text(), address.tokens()
    else:
        value = " ".join([str(one.reading.value), *(line.text for line in lines[1:])])
    fits = len(value) <= (one.field.node.max_length or len(value))
    return replace(one, reading=replace(one.reading, value=value, tokens=tokens)) if fits else one
