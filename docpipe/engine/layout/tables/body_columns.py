"""Columns as the body of a table has them: the strips of white that run down through its rows part them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from docpipe.engine.layout.tables.params import PARAMS
from docpipe.literals.numbers import parse_number
from docpipe.literals.sides import is_number
from docpipe.page.lines import Line, Segment

Span = tuple[float, float]  # from left to right, in points


def body_columns(rows: Sequence[Line], right: float) -> list[Span]:
    """What the rows fill between white strips, left of `right`.

    A few rows may cross a strip: a long text reaches into the next column.
    """
    cells = [cell.box for row in rows for cell in cells_of(row) if cell.box.left < right]
    crossing = int(PARAMS.columns.crossing_share * len(rows))
    events = sorted([(box.left, 1) for box in cells] + [(box.right, -1) for box in cells])
    columns: list[Span] = []
    depth, start = 0, 0.0
    for x, change in events:
        before, depth = depth, depth + change
        if before <= crossing < depth:
            start = x
        elif depth <= crossing < before:
            columns.append((start, x))
    return columns


def cells_of(row: Line) -> Iterator[Segment]:
    """The pieces of a row: its segments, the numbers that a segment begins or ends with apart from its words."""
    return (piece for segment in row.segments for piece in _pieces(segment))


def _pieces(segment: Segment) -> Iterator[Segment]:
    if is_number(segment.text):
        yield segment
        return
    numbers = [parse_number(token.text) is not None for token in segment.tokens]
    words = [at for at, number in enumerate(numbers) if not number] or [len(numbers)]
    bounds = [*range(words[0] + 1), *range(words[-1] + 1, len(numbers) + 1)]
    yield from (piece for start, stop in pairwise(bounds) if (piece := segment.part(start, stop)) is not None)


def distance(column: Span, other: Span) -> float:
    """How far apart two columns stand across the page; nearly 0 where they share some of it."""
    gap = max(0.0, column[0] - other[1], other[0] - column[1])
    return gap + PARAMS.columns.middle_share * abs(sum(column) - sum(other)) / 2


def nearest(columns: Sequence[Span], to: Iterable[Span]) -> list[int]:
    """Of each of `to` the index of the column next to it."""
    return [min(range(len(columns)), key=lambda at: distance(columns[at], other)) for other in to]
