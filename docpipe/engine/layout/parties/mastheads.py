"""A sender who is told by a name alone: at the head of the page, large, with a legal form, printed again elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.parties.addresses import Address, has_legal_form, loose_address
from docpipe.engine.layout.parties.blocks import Block
from docpipe.engine.layout.parties.names import could_be_name
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.engine.layout.parties.zones import Party, Zone
from docpipe.engine.layout.scoring.weights import weights
from docpipe.literals.text import folded
from docpipe.page.lines import Segment, around

PARAMS = PARTIES.mastheads
FOR = weights("masthead")  # what speaks for a name at the head of a page
_HOST = re.compile(r"(?:@|www\.|https?://(?:www\.)?)([^\W_][\w-]*)\.")


def masthead(context: PageContext, zones: Sequence[Zone], besides: Sequence[Segment]) -> Party | None:
    """The likeliest name of a sender at the head of a page, with the lines under it if they are an address.

    `besides`: lines that are another party's.
    """
    others = {segment.tokens[0].index for segment in besides}
    names = [
        segment
        for segment in _head(context)
        if segment.tokens[0].index not in others
        and could_be_name(segment.text)
        and not any(zone.holds(segment) for zone in zones)
    ]
    largest = max((name.height for name in names), default=0.0)
    parties = [_party(name, name.height == largest, context, zones) for name in names[: PARAMS.most_names]]
    told = [party for party in parties if party.score > FOR["base"]]
    return max(told, key=lambda party: party.score, default=None)


def _head(context: PageContext) -> Iterator[Segment]:
    """The segments at the head of a page that nothing else claims."""
    limit = PARAMS.head_share * context.page_text.height
    for line in context.page_text.lines[: PARAMS.head_lines]:
        if line.box.top <= limit:
            yield from filter(context.unnamed, line.segments)


def _party(name: Segment, largest: bool, context: PageContext, zones: Sequence[Zone]) -> Party:
    lines = [line for line in _below(name, context) if not any(zone.holds(line) for zone in zones)]
    names = (name, *lines[: _goes_on(name, lines, context)])
    address = loose_address(lines[len(names) - 1 :])
    large = name.height >= PARAMS.large_ratio * context.page_text.pitch
    score = FOR["base"] + FOR["large"] * large + FOR["largest"] * (large and largest)
    score += FOR["legal_form"] * any(has_legal_form(line.text) for line in names) + FOR["address"] * bool(address)
    score += FOR["echoed"] * is_echoed(name, context)
    whole = (*names, *address)
    return Party(Address(names, address, False), Block(whole, around(whole), name.page), score)


def _goes_on(name: Segment, lines: Sequence[Segment], context: PageContext) -> bool:
    """True for a name set large that fills two lines: the second is set as large and as close."""
    if not lines or not could_be_name(lines[0].text):
        return False
    small, large = sorted((name.height, lines[0].height))
    close = lines[0].box.top - name.box.bottom <= PARAMS.same_name_em * small
    return close and small >= PARAMS.large_ratio * context.page_text.pitch and large <= PARAMS.same_type_ratio * small


def _below(name: Segment, context: PageContext) -> Iterable[Segment]:
    """The lines right under a name that begin or end where it does, or share its middle."""
    last = name
    for line in context.page_text.lines[name.line + 1 : name.line + 1 + PARAMS.head_lines]:
        under = next((segment for segment in line.segments if _is_under(last, segment)), None)
        if under is None:
            continue
        if under.box.top - last.box.bottom > PARAMS.gap_em * under.height or not context.unnamed(under):
            return
        last = under
        yield under


def _is_under(above: Segment, below: Segment) -> bool:
    sides = ("left", "mid_x", "right")
    near = min(abs(getattr(above.box, side) - getattr(below.box, side)) for side in sides)
    return below.box.mid_y > above.box.bottom and near <= PARAMS.aligned_em * below.height


def is_echoed(name: Segment, context: PageContext) -> bool:
    """True if the page prints the name once more within a longer line, or in an address of mail or web."""
    mine = letters(name.text)
    if len(mine) < PARAMS.echo_letters:
        return False
    others = (line.text for line in context.page_text.lines if line.number != name.line)
    return any(mine in letters(text) or _is_host_of(mine, text) for text in others)


def _is_host_of(name: str, text: str) -> bool:
    """True if a mail or web address in `text` is called as the name: "info@larkhill.com" for "Larkhill Ltd"."""
    hosts = (letters(match[1]) for match in _HOST.finditer(text)) if "@" in text or "." in text else ()
    return any(len(host) >= PARAMS.echo_letters and (host in name or name in host) for host in hosts)


@lru_cache(maxsize=4_096)
def letters(text: str) -> str:
    """A text's letters and digits, without accents and case."""
    return "".join(char for char in folded(text) if char.isalnum())
