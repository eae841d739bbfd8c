"""Where the body of a table ends: totals, a wide gap, the next header; and where totals stand beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.scoring.weights import weight
from docpipe.engine.layout.tables.headers import Header
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.literals.numbers import parse_number
from docpipe.literals.phrases import is_carried_forward
from docpipe.literals.sides import is_number
from docpipe.page.lines import Line, PageText, Segment, around

SURE = weight("threshold.total_key")  # quality of a key that ends a table by being a total's
ZERO = Decimal(0)

_AMOUNT_FOLLOWS = re.compile(r"\s[-(]?[$€£]?\d")


def table_body(page_text: PageText, start: int, stop: int, right: float, index: LabelIndex) -> tuple[list[Line], bool]:
    """Lines start..stop up to totals or a wide gap, without what begins right of the table; True if something other
    than the page's end ended them. The sum of a group ends nothing: more rows follow it.
    """
    gap = PARAMS.rows.end_gap_pitches * page_text.pitch
    lines = [inside for line in page_text.lines[start:stop] if (inside := _left_of(line, right)) is not None]
    body: list[Line] = []
    grouped = False
    above = page_text.lines[start - 1].box.bottom if start else None
    for at, line in enumerate(lines):
        if above is not None and line.box.top - above > gap:
            return body, True
        if is_total(line, index):
            grouped = _is_sum_of_a_group(body, _up_to(lines[at:], gap), index, last=grouped)
            if not grouped:
                return body, True
        body.append(line)
        above = line.box.bottom
    return body, stop < len(page_text.lines)


def without_totals_beside(page_text: PageText, header: Header, stop: int, index: LabelIndex) -> Header:
    """The header, its table ending where keys of totals with their amounts stand right of its last column."""
    last = header.columns[-1].x1
    beside = [
        key.box.left
        for line in page_text.lines[header.last + 1 : stop]
        for key, amount in pairwise(line.segments)
        if key.box.left > last and is_number(amount.text) and _names_total(key.text.rstrip(": "), index)
    ]
    return replace(header, right=min(beside)) if len(beside) > 1 else header


def _left_of(line: Line, right: float) -> Line | None:
    """The line without the segments that begin at `right` or beyond; None if nothing is left."""
    if line.segments[-1].box.left < right:
        return line
    segments = tuple(segment for segment in line.segments if segment.box.left < right)
    return replace(line, segments=segments, box=around(segments)) if segments else None


def _up_to(lines: Sequence[Line], gap: float) -> Sequence[Line]:
    """The lines down to the first wide gap."""
    ends = (at for at, (above, line) in enumerate(pairwise(lines), 1) if line.box.top - above.box.bottom > gap)
    return lines[: next(ends, len(lines))]


def _is_sum_of_a_group(body: Sequence[Line], rest: Sequence[Line], index: LabelIndex, *, last: bool) -> bool:
    """Whether the first line of `rest` sums rows above it, and rows like them follow before the next total.

    Of rows with one number those that follow must have a sum as well: below the last total stand taxes, too. `last`:
    it may be the last of several sums, and then nothing need follow.
    """
    rows = [_numbers(line) for line in body]
    usual = max(map(len, rows), default=0)
    sums = _numbers(rest[0])[-1:]
    if not sums or not _sums(sums[0], rows):
        return False
    if last:
        return True
    following: list[list[Segment]] = []
    for line in rest[1:]:
        numbers = _numbers(line)
        if is_total(line, index):
            return usual == 1 and bool(numbers) and _sums(numbers[-1], following)
        if usual > 1 and len(numbers) >= usual and any(_same_columns(numbers, row) for row in rows):
            return True
        following.append(numbers)
    return False


def _sums(amount: Segment, rows: Sequence[Sequence[Segment]]) -> bool:
    """Whether an amount is the sum of those above it: of all rows, or of the last of them."""
    wanted, total = parse_number(amount.text), ZERO
    for row in reversed(rows):
        above = [number for number in row if number.box.overlap_x(amount.box) > 0]
        total += (parse_number(above[-1].text) if above else None) or ZERO
        if above and total == wanted:
            return True
    return False


def _same_columns(numbers: Sequence[Segment], row: Sequence[Segment]) -> bool:
    """Whether the numbers of two lines stand under each other, one by one."""
    return len(numbers) == len(row) and all(a.box.overlap_x(b.box) > 0 for a, b in zip(numbers, row, strict=True))


def _numbers(line: Line) -> list[Segment]:
    return [segment for segment in line.segments if is_number(segment.text)]


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
