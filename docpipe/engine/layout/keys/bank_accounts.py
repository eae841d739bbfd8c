"""An account at a bank under a key that is a customer's account elsewhere: "Account no" beside a sort code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.keys.params import PARAMS
from docpipe.engine.layout.keys.printed_keys import Key
from docpipe.literals.banks import is_customers, names_account, names_bank, names_bank_details
from docpipe.page.lines import Line, PageText, Segment


def without_bank_accounts(keys: Sequence[Key], page_text: PageText) -> list[Key]:
    """`keys`; those that stand among bank details name no customer's account any more, and keep their numbers."""
    known = {key.segment.tokens[0].index for key in keys if key.matches}
    return [
        replace(key, matches=tuple(match for match in key.matches if not _is_customers(match.field)))
        if _may_be_account(key) and _among_bank_details(key, known, page_text.lines)
        else key
        for key in keys
    ]


def _may_be_account(key: Key) -> bool:
    return names_account(key.segment.text) and any(map(_is_customers, key.fields()))


def _is_customers(field: Field) -> bool:
    return field.node.kind == "string" and not field.node.format and is_customers(field.node.all_labels())


def _among_bank_details(key: Key, known: Iterable[int], lines: Sequence[Line]) -> bool:
    """Whether the lines of the key's block, or its own line, name a bank or what only a bank's account has."""
    own = lines[key.segment.line].segments
    if any(names_bank_details(segment.text) for segment in own):
        return True
    at = key.segment.line
    above = reversed(lines[max(0, at - PARAMS.bank_lines) : at])
    below = lines[at + 1 : at + 1 + PARAMS.bank_lines]
    column = [*_column(key.segment, above), *_column(key.segment, below)]
    return any(_names_bank(segment, known) for segment in column)


def _names_bank(segment: Segment, known: Iterable[int]) -> bool:
    """The word of a bank in a line whose key the schema knows tells how to pay: "Payment: bank transfer"."""
    unknown = segment.tokens[0].index not in known
    return names_bank_details(segment.text) or (unknown and names_bank(segment.text))


def _column(first: Segment, lines: Iterable[Line]) -> Iterator[Segment]:
    """The segments that follow `first` in its column, line by line, up to a gap."""
    last = first
    for line in lines:
        under = [each for each in line.segments if each.box.overlap_x(last.box) > 0 or _flush(each, last)]
        if not under:
            continue
        if -under[0].box.overlap_y(last.box) > PARAMS.bank_gap_em * first.height:
            return
        last = under[0]
        yield last


def _flush(segment: Segment, other: Segment) -> bool:
    return abs(segment.box.left - other.box.left) <= PARAMS.aligned_pt
