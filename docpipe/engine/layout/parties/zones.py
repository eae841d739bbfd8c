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
from docpipe.engine.layout.parties.addresses import (
    Address,
    address_of,
    is_contact,
    is_postal,
    is_town,
    loose_address,
)
from docpipe.engine.layout.parties.blocks import Block
from docpipe.engine.layout.parties.names import could_be_name, from_name
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.engine.layout.scalars.candidates import Candidate, with_feature
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.postal import is_country
from docpipe.page.lines import Line, Segment, around
from docpipe.schema.nodes import Role

PARAMS = PARTIES.zones
UNDER_HEADING = weight("party_under_heading")  # score of a party that stands under a heading of its own
NO_POSTAL = weight("party_under_heading.no_postal")  # of the score remains for a party without a postal code

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
    headings = [key for key in keys if _is_heading(key)][: PARAMS.most_headings]
    zones = []
    for key in headings:
        box = key.segment.box
        beside = (other for other in keys if _parts(other, key))
        right = min((other.segment.box.left for other in beside), default=context.page_text.width) - PARAMS.edge_pt
        under = [
            heading.segment.box.top
            for heading in headings
            if heading.segment.box.top > box.bottom
            and box.left - PARAMS.heading_slack_pt <= heading.segment.box.left < right
        ]
        path = key.sections[0].path if key.sections else ""
        bottom, last = _end(key.segment, right, context)
        zones.append(
            Zone(
                path,
                key,
                context.page_index,
                box.left - PARAMS.left_slack_em * box.height,
                box.top,
                right,
                min([*under, bottom]),
                last,
            )
        )
    return zones


def _end(heading: Segment, right: float, context: PageContext) -> tuple[float, int]:
    """(height, line) at which white space, or a table, ends what stands under a heading."""
    bottom, last = heading.box.bottom, heading.line
    for line in context.page_text.lines[heading.line : heading.line + PARAMS.zone_lines]:
        if line.box.bottom < heading.box.top:
            break  # the sidebar begins
        for token in between(line, heading.box.left - PARAMS.left_slack_em * heading.height, right):
            if token.box.top - bottom > PARAMS.zone_gap_em * heading.height or context.in_table(token):
                return bottom + PARAMS.edge_pt, last
            bottom, last = max(bottom, token.box.bottom), token.line
    return bottom + PARAMS.edge_pt, last


def _is_heading(key: Key) -> bool:
    return bool(key.sections) or any(field.type == "address" and not field.section for field in key.fields())


def _parts(other: Key, heading: Key) -> bool:
    """True for a key right of a heading that ends what it rules; a bare "Address:" goes on with it."""
    return _level(other, heading) and other.segment.box.left > heading.segment.box.right and not _is_bare(other)


def _is_bare(key: Key) -> bool:
    """True for a key that means the address of any party."""
    fields = list(key.fields())
    parties = {field.section for field in fields}
    return len(parties) > 1 and not key.sections and all(field.type == "address" for field in fields)


def _level(key: Key, other: Key) -> bool:
    return abs(key.segment.box.top - other.segment.box.top) < other.segment.height


def under_heading(zone: Zone, context: PageContext) -> Party | None:
    """The party under, behind or beside a heading: its name, and its address if it has one."""
    lines = from_name(list(_block(zone, context, aligned=True)) or list(_block(zone, context, aligned=False)))
    if not lines:
        return None
    block = Block(tuple(lines), around(lines), lines[0].page)
    address = address_of(lines)
    if address is not None:
        named = address.name and could_be_name(address.name[0].text)
        return Party(
            address if named else replace(address, name=()), block, UNDER_HEADING * (1.0 if named else NO_POSTAL)
        )
    first = next((at for at, line in enumerate(lines) if could_be_name(line.text)), None)
    if first is None:
        return None
    return Party(Address((lines[first],), loose_address(lines[first + 1 :]), False), block, UNDER_HEADING * NO_POSTAL)


def _block(zone: Zone, context: PageContext, aligned: bool) -> Iterable[Segment]:
    """The lines under a heading that are no keys or contacts, up to a gap or past the postal code and the country.

    `aligned`: only those that begin where the heading does, or behind it; else wherever the nearest column does.
    """
    first: Segment | None = None
    postal = False
    last = zone.heading.segment
    beginning = (zone.heading.rest or zone.heading.segment) if aligned else _nearest(zone, context)
    if beginning is None:
        return
    lefts = {beginning.box.left, zone.heading.segment.box.left} if aligned else {beginning.box.left}
    for token in _inside(zone, context):
        gap = token.box.top - last.box.bottom
        if gap > (PARAMS.end_gap_em if first is not None else PARAMS.first_gap_em) * token.height:
            return
        if not any(abs(token.box.left - left) <= PARAMS.aligned_em * beginning.height for left in lefts):
            continue
        if first is not None and postal and not (is_postal(token.text) or is_town(token, last)):
            if is_country(token.text) and context.free(token):
                yield token
            return
        last = token
        if not is_line(token, context, zone):
            continue
        first = first or token
        postal = is_postal(token.text)
        yield token


def _nearest(zone: Zone, context: PageContext) -> Segment | None:
    """Of the lines close under or beside a heading the one that begins nearest to it: the party's first."""
    heading = zone.heading.segment
    lines = (line for line in _inside(zone, context) if is_line(line, context, zone))
    close = [line for line in lines if line.box.top - heading.box.bottom <= PARAMS.first_gap_em * line.height]
    return min(close, key=lambda line: abs(line.box.left - heading.box.left), default=None)


def _inside(zone: Zone, context: PageContext) -> Iterable[Segment]:
    """The zone's segments from top to bottom: what follows the heading on its line comes first."""
    if zone.heading.rest is not None:
        yield zone.heading.rest
    start = zone.heading.segment.line
    for line in context.page_text.lines[start : start + PARAMS.party_lines]:
        for segment in between(line, zone.x0, zone.x1):
            mine = segment.tokens[0].index == zone.heading.segment.tokens[0].index
            beside = (
                segment.line == start
                and segment.box.left - zone.heading.segment.box.right > PARAMS.beside_share * context.page_text.width
            )
            if zone.holds(segment) and not mine and not beside:
                yield segment


def between(line: Line, x0: float, x1: float) -> Sequence[Segment]:
    """The line's segments that begin in x0..x1."""
    start = bisect_left(line.segments, x0, key=lambda segment: segment.box.left)
    stop = bisect_left(line.segments, x1, key=lambda segment: segment.box.left)
    return line.segments[start:stop]


def is_line(segment: Segment, context: PageContext, zone: Zone | None = None) -> bool:
    """No key, no value of another key than the zone's, no telephone or mail."""
    left = context.left_of(segment)
    heads = zone is not None and left is not None and left.tokens[0].index == zone.heading.segment.tokens[0].index
    return (context.free(segment) if heads else context.unnamed(segment)) and not is_contact(segment.text)


def weighed(candidate: Candidate, zones: Sequence[Zone], context: PageContext, index: LabelIndex) -> Candidate:
    """A candidate of a party's field, less sure where it stands in another party's zone or in none."""
    feature = _feature(candidate, zones, _owner(candidate, context, index))
    if feature == OUTSIDE:
        return replace(candidate, score=0.0)
    return with_feature(candidate, feature) if feature else candidate


def _owner(candidate: Candidate, context: PageContext, index: LabelIndex) -> Role:
    """Whose number it is by the words before it."""
    if not (candidate.field.role and candidate.field.node.format):
        return ""
    line = context.page_text.lines[candidate.segment.line].segments
    tokens = next((each.tokens for each in line if candidate.tokens[0] in each.tokens), ())
    before = takewhile(lambda token: not any(char.isdigit() for char in token.text), tokens)
    return owner(" ".join(token.text for token in before), index.section_keys)


def _feature(candidate: Candidate, zones: Sequence[Zone], said: Role) -> str:
    """What the zones around a candidate say against it: OUTSIDE, a feature's name, or nothing."""
    if said:
        return "" if said == candidate.field.role else ELSEWHERE
    x, y = candidate.tokens[0].box.left, candidate.tokens[0].box.mid_y
    line = candidate.segment.line
    around_it = [
        zone
        for zone in zones
        if zone.page == candidate.page and zone.x0 <= x < zone.x1 and zone.y0 <= y < zone.y1
        if zone.heading.segment.line <= line <= zone.last
    ]
    if any(zone.path == candidate.field.section for zone in around_it):
        return ""
    if candidate.inner:
        return OUTSIDE
    if candidate.field.type in ("name", "address"):
        return BARE
    if around_it:
        return ELSEWHERE
    return NOWHERE.get(candidate.field.role, "")
