"""Columns over which no key stands: the cells under the next key hold a second number, or words, beside its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from docpipe.engine.layout.tables.columns import Grid, is_tabular
from docpipe.engine.layout.tables.headers import Column, Header
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.literals.numbers import parse_number
from docpipe.page.lines import Line, Segment, around

NUMBERS = ("number", "integer")


def with_bare_columns(header: Header, grid: Grid, body: Sequence[Line]) -> Header:
    """The header, with a column without a key wherever most rows have a number that stands apart from its cell's key.

    Left of the first key these may be words: the names of what is sold.
    """
    rows = [grid.segments(line) for line in body[: PARAMS.columns.sample_lines] if is_tabular(line)]
    found = [
        bare
        for at, column in enumerate(grid.columns)
        if (cells := [row[at] for row in rows if row[at]])
        for bare in (_bare(column, cells, left=True, words=at == 0), _bare(column, cells, left=False))
        if bare is not None
    ]
    columns = sorted([*header.columns, *found], key=lambda column: column.x0)
    return replace(header, columns=tuple(columns)) if found else header


def _bare(column: Column, cells: Sequence[Sequence[Segment]], *, left: bool, words: bool = False) -> Column | None:
    """What stands on one side of a key, if most cells have it there beside what stands under the key.

    Left of a text's key stand the numbers of the rows, or of articles: they name no amounts.
    """
    if left and not any(match.field.node.kind in NUMBERS for match in column.matches):
        return None
    found = (_apart(column, cell, left=left, words=words) for cell in cells if len(cell) > 1)
    apart = [segment for segment in found if segment is not None]
    if len(apart) < PARAMS.columns.bare_least_rows or len(apart) < PARAMS.columns.typed_share * len(cells):
        return None
    widest = max(apart, key=lambda segment: segment.box.width)
    if not all(segment.box.overlap_x(widest.box) > 0 for segment in apart):
        return None
    box = around(apart)
    return Column("", (), box.left, box.right)


def _apart(column: Column, cell: Iterable[Segment], *, left: bool, words: bool) -> Segment | None:
    """The number of a cell, or its words, that end before its key begins, or begin after its key ends."""
    beyond = (each for each in cell if (each.box.right < column.x0 if left else each.box.left > column.x1))
    return next((each for each in beyond if (parse_number(each.text) is None) is words), None)
