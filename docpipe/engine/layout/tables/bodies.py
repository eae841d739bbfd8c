"""Where the body of a table ends: totals, a wide gap, the next header."""

from __future__ import annotations

import re

from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.scoring.weights import weight
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.literals.phrases import is_carried_forward
from docpipe.literals.sides import is_number
from docpipe.page.lines import Line, PageText, Segment

SURE = weight("threshold.total_key")  # quality of a key that ends a table by being a total's

_AMOUNT_FOLLOWS = re.compile(r"\s[-(]?[$€£]?\d")


def table_body(page_text: PageText, start: int, stop: int, index: LabelIndex) -> tuple[list[Line], bool]:
    """Lines start..stop up to totals or a wide gap; True if something other than the page's end ended them."""
    gap = PARAMS.rows.end_gap_pitches * page_text.pitch
    body: list[Line] = []
    for line in page_text.lines[start:stop]:
        above = body[-1].box.bottom if body else page_text.lines[start - 1].box.bottom if start else line.box.top
        if line.box.top - above > gap or is_total(line, index):
            return body, True
        body.append(line)
    return body, stop < len(page_text.lines)


def is_total(line: Line, index: LabelIndex) -> bool:
    """A total's key with its amount right behind it, or several such keys in a row."""
    if is_carried_forward(line.text):
        return False
    words = [at for at, segment in enumerate(line.segments) if not is_number(segment.text)]
    if not words:
        return False
    numbers = len(line.segments) - words[-1] - 1
    if not numbers and sum(_names_total(line.segments[at].text, index) for at in words) >= PARAMS.rows.strip_keys:
        return True
    key = line.segments[words[-1]]
    only_words_before = len(words) == words[-1] + 1
    return only_words_before and numbers <= PARAMS.rows.total_amounts and _keys_amount(key, numbers, index)


def _keys_amount(segment: Segment, numbers: int, index: LabelIndex) -> bool:
    text = segment.text.rstrip(": ")
    key = _AMOUNT_FOLLOWS.split(text)[0]
    return (numbers > 0 or key != text) and _names_total(key, index)


def _names_total(text: str, index: LabelIndex) -> bool:
    """A key of a number that stands outside every table."""
    return any(
        match.quality >= SURE and not match.field.array and match.field.node.kind == "number"
        for match in index.matches(text)
    )
