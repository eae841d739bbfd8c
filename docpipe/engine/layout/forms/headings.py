"""Headings of a form's blocks, and keys that stand in several blocks told apart by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.forms.input_fields import InputField, inside
from docpipe.engine.layout.forms.params import PARAMS
from docpipe.engine.layout.scoring.weights import weight
from docpipe.page.lines import PageText, Segment

UNHEADED = weight("key_values.unheaded")  # of the score remains of a key that stands for several things


def headings(page_text: PageText, input_fields: Sequence[InputField]) -> list[Segment]:
    """Lines of one segment that stand out by weight, size or a bar, from the top down; what is entered is none."""
    alone = [line.segments[0] for line in page_text.lines if len(line.segments) == 1]
    tokens = [token for segment in alone for token in segment.tokens]
    entered = {token.index for input_field in input_fields for token in inside(tokens, input_field.box)}
    return [
        segment
        for segment in alone
        if segment.box.top > PARAMS.headings.page_title_share * page_text.height
        and segment.tokens[0].index not in entered
        and _stands_out(segment, page_text)
    ]


def told_apart(path: str, rows: Sequence[Row], heads: Sequence[Sequence[Segment]]) -> list[Row]:
    """Rows whose text at `path` is printed in several of them, with the heading of their block: "Applicant / Name".

    `heads` are those of each page. Where all of them stand under one heading it tells nothing; a key without a heading
    is less sure: its words alone mean several things.
    """
    often = Counter(row[path].value for row in rows if path in row)
    keys = {token.index for row in rows for leaf in row.values() for token in leaf.tokens}
    free = [[head for head in page if head.tokens[0].index not in keys] for page in heads]
    blocks: dict[object, set[str]] = {}
    for row in rows:
        if path in row:
            head = _heading(row[path], free)
            blocks.setdefault(row[path].value, set()).add(head.text if head is not None else "")
    return [
        {**row, path: _headed(row[path], free, told=len(blocks[row[path].value]) > 1)}
        if path in row and often[row[path].value] > 1
        else row
        for row in rows
    ]


def _heading(key: Leaf, heads: Sequence[Sequence[Segment]]) -> Segment | None:
    """The last heading before a key, of this page or of one before."""
    top = min(token.box.top for token in key.tokens)
    above = [head for head in heads[key.page] if head.box.bottom <= top + PARAMS.headings.above_slack_pt]
    before = [head for page in heads[: key.page] for head in page]
    return max(above, key=lambda each: each.box.top) if above else before[-1] if before else None


def _headed(key: Leaf, heads: Sequence[Sequence[Segment]], *, told: bool) -> Leaf:
    """A key with its heading, if headings tell it from others of its words; else it is less sure."""
    head = _heading(key, heads) if told else None
    if head is None:
        return replace(key, score=key.score * UNHEADED)
    return replace(key, value=f"{head.text.rstrip(': ')} / {key.value}", tokens=(*head.tokens, *key.tokens))


def _stands_out(segment: Segment, page_text: PageText) -> bool:
    """Bold, larger than most type, or on a bar."""
    bar = any(fill.holds(segment.box.left, segment.box.mid_y) for fill in page_text.fills)
    return segment.bold or bar or segment.height > PARAMS.headings.large_pitches * page_text.pitch
