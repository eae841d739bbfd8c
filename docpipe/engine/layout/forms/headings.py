"""Headings of a form's blocks, and keys that stand in several blocks told apart by them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.forms.input_fields import InputField, inside
from docpipe.engine.layout.scoring.weights import weight
from docpipe.page.lines import PageText, Segment

HEAD_TOP = 0.06  # of the page's height: the form's own title stands above
UNHEADED = weight("key_values.unheaded")  # of the score remains of a key that stands for several things
LARGE = 1.15  # of the pitch: type this high is a heading's


def headings(page_text: PageText, input_fields: Sequence[InputField]) -> list[Segment]:
    """Lines of one segment that stand out by weight, size or a bar, from the top down; what is entered is none."""
    alone = [line.segments[0] for line in page_text.lines if len(line.segments) == 1]
    tokens = [token for one in alone for token in one.tokens]
    entered = {token.index for input_field in input_fields for token in inside(tokens, input_field.box)}
    return [
        one
        for one in alone
        if one.box.top > HEAD_TOP * page_text.height
        and one.tokens[0].index not in entered
        and _stands_out(one, page_text)
    ]


def told_apart(path: str, rows: Sequence[Row], heads: Sequence[Sequence[Segment]]) -> list[Row]:
    """Rows whose text at `path` is printed in several of them, with the heading of their block: "Applicant / Name".

    `heads` are those of each page. A key without a heading before it is less sure: its words alone
    mean several things.
    """
    often = Counter(row[path].value for row in rows if path in row)
    keys = {token.index for row in rows for leaf in row.values() for token in leaf.tokens}
    free = [[head for head in page if head.tokens[0].index not in keys] for page in heads]
    return [
        {**row, path: _headed(row[path], free)} if path in row and often[row[path].value] > 1 else row for row in rows
    ]


def _headed(key: Leaf, heads: Sequence[Sequence[Segment]]) -> Leaf:
    """A key with the last heading before it, of this page or of one before."""
    top = min(token.box.top for token in key.tokens)
    above = [head for head in heads[key.page] if head.box.bottom <= top + 1.0]
    before = [head for page in heads[: key.page] for head in page]
    head = max(above, key=lambda one: one.box.top) if above else before[-1] if before else None
    if head is None:
        return replace(key, score=key.score * UNHEADED)
    return replace(key, value=f"{head.text.rstrip(': ')} / {key.value}", tokens=(*head.tokens, *key.tokens))


def _stands_out(one: Segment, page_text: PageText) -> bool:
    """Bold, larger than most type, or on a bar."""
    middle = one.box.mid_y
    bar = any(fill.top <= middle <= fill.bottom and fill.left <= one.box.left <= fill.right for fill in page_text.fills)
    return one.bold or bar or one.height > LARGE * page_text.pitch
