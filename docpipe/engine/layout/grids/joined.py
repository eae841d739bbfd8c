"""A table that goes on over the page: its parts become one, a header that is printed again is dropped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from docpipe.engine.layout.grids.cells import Cell, Grid
from docpipe.engine.layout.grids.params import PARAMS
from docpipe.literals.text import alphanumeric
from docpipe.page.lines import PageText


def joined(grids: Iterable[Grid], page_texts: Sequence[PageText]) -> list[Grid]:
    """The tables of a document, in the order of its pages, those that go on from the page before joined to it."""
    tables: list[Grid] = []
    for grid in grids:
        if tables and _goes_on(tables[-1], grid, page_texts):
            tables[-1] = _one(tables[-1], grid)
        else:
            tables.append(grid)
    return tables


def _goes_on(upper: Grid, lower: Grid, page_texts: Sequence[PageText]) -> bool:
    """Whether the lower begins where the upper had to end, with the same columns: the same header, or none."""
    (above, upper_box), (below, lower_box) = upper.boxes[-1], lower.boxes[0]
    params = PARAMS.join
    if below != above + 1 or upper.columns != lower.columns:
        return False
    if upper_box.bottom < params.foot_share * page_texts[above].height:
        return False
    if lower_box.top > params.head_share * page_texts[below].height:
        return False
    if _repeated(upper, lower):
        return True
    reach = params.edge_share * page_texts[below].width
    aligned = all(abs(one - other) <= reach for one, other in zip(upper.edges, lower.edges, strict=True))
    return aligned and not lower.title and not _has_own_header(lower)


def _has_own_header(grid: Grid) -> bool:
    """Whether its first row is a header in bold type: one that another table begins with."""
    first = [cell for cell in grid.cells if cell.row == 0]
    return grid.header_rows > 0 and all(token.bold for cell in first for token in cell.tokens)


def _repeated(upper: Grid, lower: Grid) -> int:
    """How many of the first rows of both say the same: at least one if the header is printed again, else 0."""
    rows = max(upper.header_rows, 1)
    return rows if _texts(upper, rows) == _texts(lower, rows) else 0


def _texts(grid: Grid, rows: int) -> list[tuple[int, int, str]]:
    return sorted((cell.row, cell.column, alphanumeric(cell.text)) for cell in grid.cells if cell.row < rows)


def _one(upper: Grid, lower: Grid) -> Grid:
    again = _repeated(upper, lower)
    offset = upper.rows - again
    below = [_moved(cell, offset) for cell in lower.cells if cell.row >= again]
    return replace(upper, cells=(*upper.cells, *below), boxes=(*upper.boxes, *lower.boxes))


def _moved(cell: Cell, rows: int) -> Cell:
    return replace(cell, row=cell.row + rows)
