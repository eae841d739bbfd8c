"""Keys that no schema knows and no colon tells: the left cells of rows whose right cells are filled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise

from docpipe.page.lines import PageText, Segment

ROWS = 3  # so many rows with the same two edges are a grid
EDGE_PT = 3.0  # cells of one column begin within this
STEP_EM = 3.0  # rows of one grid follow each other within this

Row = tuple[Segment, Segment]


def grid_cells(
    page_text: PageText,
    free: Callable[[Segment], bool],
    named: Callable[[Segment], bool],
    is_address: Callable[[str], bool],
) -> frozenset[int]:
    """The first words of the cells of all grids whose keys are `free`; keys that are `named` show that it is one.

    Two columns one of which holds lines of an address are two parties beside each other, unless a key is named.
    """
    columns: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for line in page_text.lines:
        for left, right in pairwise(line.segments):
            if free(right) and (free(left) or named(left)):
                columns[round(left.box.left / EDGE_PT), round(right.box.left / EDGE_PT)].append((left, right))
    return frozenset(
        cell.tokens[0].index
        for rows in columns.values()
        for grid in _runs(rows)
        if len(grid) >= ROWS and not any(is_address(cell.text) for cell in _deciding(grid, named))
        for row in grid
        if free(row[0])
        for cell in row
    )


def _deciding(grid: list[Row], named: Callable[[Segment], bool]) -> Iterable[Segment]:
    """The cells that may hold no address: all of them, beside named keys those on the left."""
    if any(named(left) for left, _ in grid):
        return [left for left, _ in grid]
    return [cell for row in grid for cell in row]


def _runs(rows: list[Row]) -> list[list[Row]]:
    """The rows of one pair of columns, cut where white space parts them."""
    runs = [[rows[0]]]
    for above, below in pairwise(rows):
        if below[0].box.top - above[0].box.bottom > STEP_EM * below[0].height:
            runs.append([])
        runs[-1].append(below)
    return runs
