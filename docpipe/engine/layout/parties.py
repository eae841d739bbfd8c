"""Who made the document and whom it is addressed to: blocks under headings, letterhead, window, footer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from docpipe.engine.layout.addresses import Address, address_of, has_legal_form, is_contact, is_postal
from docpipe.engine.layout.answer import Leaf
from docpipe.engine.layout.blocks import Block, find_blocks
from docpipe.engine.layout.candidates import Surroundings
from docpipe.engine.layout.labels import Field, LabelIndex, Section
from docpipe.engine.layout.lines import Segment
from docpipe.engine.layout.zones import NOBODY, Found, Zone, under_heading

TOP = 0.16  # of the page's height: a letterhead begins above this
WINDOW = (0.08, 0.42)  # of the page's height: where an address stands that a reader is meant to see
FOOT = 0.84  # of the page's height: a footer begins below this
BY_PLACE = 0.62  # for a party that no heading names
TWICE = 0.16  # added where the same address is printed twice: senders do that


def find_parties(
    index: LabelIndex, places: Sequence[Surroundings], zones: Sequence[Zone]
) -> dict[str, Found]:
    """section path -> the party, for the sections of the schema that have a role."""
    roles = [section for section in index.sections if section.role]
    found: dict[str, Found] = {}
    for zone in zones:
        party = under_heading(zone, places[zone.page]) if zone.path in {role.path for role in roles} else None
        if party is not None and party.score > found.get(zone.path, NOBODY).score:
            found[zone.path] = party
    if places and roles:
        _by_place(roles, places, zones, found)
    return found


def party_leaves(index: LabelIndex, parties: dict[str, Found]) -> dict[str, Leaf]:
    """Name and address of each party, for the fields of its section that have that shape."""
    leaves: dict[str, Leaf] = {}
    for path, party in parties.items():
        for one in index.fields:
            if one.section == path and one.shape in ("name", "address"):
                leaf = _leaf(one, party)
                if leaf is not None:
                    leaves[one.path] = leaf
    return leaves


def _leaf(field: Field, party: Found) -> Leaf | None:
    lines = party.address.name if field.shape == "name" else party.address.lines
    text = party.address.name_text() if field.shape == "name" else party.address.text()
    if not text or len(text) > (field.node.max_length or len(text)):
        return None
    return Leaf(text, tuple(piece for line in lines for piece in line.pieces), party.block.page, party.score)


def _by_place(
    roles: Sequence[Section], places: Sequence[Surroundings], zones: Sequence[Zone], found: dict[str, Found]
) -> None:
    """Parties without a heading, from every address on the page: the issuer first, then the recipient."""
    headed = [party for zone in zones if (party := under_heading(zone, places[zone.page])) is not None]
    taken = {party.address.key() for party in headed if party.address.postal}
    others = [one for place in places[:2] for one in _addresses(place) if one.address.key() not in taken]
    prints = Counter(one.address.key() for one in others)
    for role, judge in (("issuer", _issuer_score), ("recipient", _recipient_score)):
        section = next((section for section in roles if section.role == role and section.path not in found), None)
        scored = [(judge(one, places[one.block.page], prints), at) for at, one in enumerate(others)]
        best = max(scored, default=(0.0, 0))
        if section is None or best[0] <= 0.0:
            continue
        party = others[best[1]]
        same = [one for one in others if one.address.key() == party.address.key()]
        named = next((one for one in same if one.address.name), party)
        found[section.path] = Found(named.address, named.block, min(0.9, best[0]))
        others = [one for one in others if one.address.key() != party.address.key()]


def _addresses(place: Surroundings) -> Iterable[Found]:
    """Every address on a sheet, those without a name given the line above or the letterhead's name."""
    blocks = find_blocks(place.sheet, place.free)
    for block in blocks:
        address = address_of(block.lines)
        if address is None:
            continue
        if not address.name:
            name = _name_above(block, blocks)
            address = Address((name,) if name else (), address.lines, True)
        yield Found(address, block, 0.0)


def _name_above(block: Block, blocks: Sequence[Block]) -> Segment | None:
    """The nearest line above a nameless address that could be its name."""
    best: tuple[float, Segment] | None = None
    for other in blocks:
        line = other.lines[-1]
        gap = block.box[1] - line.box[3]
        beside = max(other.box[0] - block.box[2], block.box[0] - other.box[2])
        if other is block or not -2.0 <= gap <= 4 * block.height or beside > 0 or is_contact(line.text) or is_postal(line.text):
            continue
        if best is None or gap < best[0]:
            best = (gap, line)
    return best[1] if best else None


def _issuer_score(one: Found, place: Surroundings, prints: Counter[str]) -> float:
    """Letterhead, sender's line or footer; an address printed twice; a legal form in its name."""
    top, down = one.block.box[1] / place.sheet.height, place.sheet.height
    score = 0.0
    if top < TOP or one.block.box[3] / down > FOOT:
        score = BY_PLACE
    elif one.block.height < 0.85 * place.sheet.pitch or len(one.block.lines) == 1:
        score = BY_PLACE - 0.06  # a sender's line in small type, or an address on one line
    elif any(is_contact(line.text) for line in one.block.lines):
        score = BY_PLACE - 0.1
    if prints[one.address.key()] > 1:
        score += TWICE
    return score + (0.06 if score and has_legal_form(one.address.name_text()) else 0.0) if one.address.name else score / 2


def _recipient_score(one: Found, place: Surroundings, prints: Counter[str]) -> float:
    """An address of several lines where a reader looks for one, without telephone or tax number."""
    top = one.block.box[1] / place.sheet.height
    if not WINDOW[0] <= top <= WINDOW[1] or not one.address.name:
        return 0.0
    score = BY_PLACE + (0.12 if len(one.block.lines) >= 3 else 0.0)
    contact = sum(is_contact(line.text) for line in one.block.lines)
    return max(0.1, score - 0.15 * contact - 0.1 * (prints[one.address.key()] > 1) - (0.2 if one.block.page else 0.0))
