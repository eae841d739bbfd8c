"""An account at a bank under a key that is a customer's account elsewhere: "Account no" beside a sort code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.keys.params import PARAMS
from docpipe.engine.layout.keys.printed_keys import Key
from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.text import folded
from docpipe.page.lines import Line, PageText, Segment

_WORDS = all_languages()
_ACCOUNT = re.compile(any_of(_WORDS.accounts))
_DETAILS = re.compile(rf"{any_of(_WORDS.bank_details)}|\b(?:iban|bic|swift)\b")
_BANK = re.compile(any_of(_WORDS.banks, inside=True))


def without_bank_accounts(keys: Sequence[Key], page_text: PageText) -> list[Key]:
    """`keys`, those that stand among bank details naming no customer's account: they keep their numbers for nobody."""
    known = {key.segment.tokens[0].index for key in keys if key.matches}
    return [
        replace(key, matches=tuple(match for match in key.matches if not _is_customers(match.field)))
        if _may_be_account(key) and _among_bank_details(key, known, page_text.lines)
        else key
        for key in keys
    ]


def _may_be_account(key: Key) -> bool:
    return _ACCOUNT.search(folded(key.segment.text)) is not None and any(map(_is_customers, key.fields()))


def _is_customers(field: Field) -> bool:
    """True for a number with labels that are no account's, and none that is a bank's."""
    labels = [folded(label) for label in field.node.all_labels()]
    if field.node.kind != "string" or field.node.format:
        return False
    return not all(map(_ACCOUNT.search, labels)) and not any(map(_DETAILS.search, labels))


def _among_bank_details(key: Key, known: Iterable[int], lines: Sequence[Line]) -> bool:
    """Whether the lines of the key's block, or its own line, name a bank or what only a bank's account has."""
    own = lines[key.segment.line].segments
    if any(_DETAILS.search(folded(segment.text)) for segment in own):
        return True
    at = key.segment.line
    above = reversed(lines[max(0, at - PARAMS.bank_lines) : at])
    below = lines[at + 1 : at + 1 + PARAMS.bank_lines]
    column = [*_column(key.segment, above), *_column(key.segment, below)]
    return any(_names_bank(segment, known) for segment in column)


def _names_bank(segment: Segment, known: Iterable[int]) -> bool:
    """The word of a bank in a line whose key the schema knows tells how to pay: "Payment: bank transfer"."""
    text = folded(segment.text)
    return bool(_DETAILS.search(text) or (segment.tokens[0].index not in known and _BANK.search(text)))


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
