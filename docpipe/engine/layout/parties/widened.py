"""An address or a text behind a key, with the lines that follow its first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from docpipe.engine.layout.keys.fields import words_of
from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.parties.addresses import Address, is_postal
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.engine.layout.parties.zones import between, is_line
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.literals.lexicon import all_languages
from docpipe.literals.postal import is_country
from docpipe.page.lines import Segment

PARAMS = PARTIES.zones
ADDRESS_PARTS = frozenset(word for phrase in all_languages().address_parts for word in words_of(phrase))


def widened(candidate: Candidate, context: PageContext) -> Candidate:
    """An address or a text behind a key, with the lines that follow its first; others as they are."""
    if candidate.field.type not in ("address", "text") or candidate.field.node.kind != "string":
        return candidate
    gap = PARAMS.end_gap_em if candidate.field.type == "address" else PARAMS.wrap_gap_em
    lines = [candidate.segment, *(_further_parts(candidate, context) if candidate.field.type == "address" else ())]
    below = context.page_text.lines[candidate.segment.line + 1 : candidate.segment.line + PARAMS.party_lines]
    for line in below if len(lines) == 1 else ():
        last = lines[-1]
        if line.box.top - last.box.bottom > gap * last.height:
            break
        slack = PARAMS.aligned_em * candidate.segment.height
        under = between(line, candidate.segment.box.left - slack, candidate.segment.box.left + slack)
        if gap == PARAMS.end_gap_em and _ends_address(lines, under[0] if under else None):
            break
        broken = last.box.right > PARAMS.long_line_share * context.page_text.width
        if under and (
            not context.free(under[0])
            or _answers_another(under[0], candidate.segment, context)
            or (gap == PARAMS.wrap_gap_em and not broken)
        ):
            break
        lines += [seg for seg in under if is_line(seg, context)][:1]
    tokens = tuple(token for line in lines for token in line.tokens)
    if candidate.field.type == "address":
        address = Address((), tuple(lines), any(is_postal(line.text) for line in lines[-2:]))
        value, tokens = address.text(), address.tokens()
    else:
        value = " ".join([str(candidate.reading.value), *(line.text for line in lines[1:])])
    fits = len(value) <= (candidate.field.node.max_length or len(value))
    return replace(candidate, reading=replace(candidate.reading, value=value, tokens=tokens)) if fits else candidate


def _further_parts(candidate: Candidate, context: PageContext) -> Iterator[Segment]:
    """What stands at the keys of an address's further lines, under its own: "City: Leeds", "ZIP code | 98052"."""
    key = context.keys.get(candidate.key) if candidate.key is not None else None
    if key is None:
        return
    last, slack = key.segment, PARAMS.aligned_em * key.segment.height
    for line in context.page_text.lines[last.line + 1 : last.line + PARAMS.party_lines]:
        for under in between(line, key.segment.box.left - slack, key.segment.box.left + slack)[:1]:
            part = context.key_of(under)
            words = words_of(part.segment.text) if part is not None else []
            entry = (part.rest or next(iter(context.right_of(under)), None)) if part is not None else None
            near = under.box.top - last.box.bottom <= PARAMS.end_gap_em * last.height
            if entry is None or not words or not near or not ADDRESS_PARTS.issuperset(words):
                return
            last = under
            yield entry


def _answers_another(below: Segment, first: Segment, context: PageContext) -> bool:
    """True for the value of a key of its own in the column of the first value's key."""
    mine, theirs = context.left_of(first), context.left_of(below)
    if mine is None or theirs is None or not context.is_key(theirs):
        return False
    return abs(mine.box.left - theirs.box.left) <= PARAMS.aligned_em * first.height


def _ends_address(lines: Sequence[Segment], under: Segment | None) -> bool:
    """Whether an address ends with its last line: at its country, or at its postal code if no country follows."""
    if len(lines) > 1 and is_country(lines[-1].text):
        return True
    return is_postal(lines[-1].text) and (under is None or not is_country(under.text))
