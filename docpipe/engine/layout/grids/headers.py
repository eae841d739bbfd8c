"""Which rows of a table name its columns."""

from __future__ import annotations

from dataclasses import replace

from docpipe.engine.layout.grids.cells import Cell, Grid

MOST = 4  # header rows


def header_rows(grid: Grid) -> Grid:
    """The grid with its header rows counted: the rows over the first that has numbers where most rows below have some.

    A table without numbers has its first row for a header where it fills every column.
    """
    lines = grid.lines()
    numeric = _numeric_columns(lines)
    if not numeric:
        return replace(grid, header_rows=int(len(lines) > 2 and all(lines[0])))
    for count, line in enumerate(lines[: MOST + 1]):
        if any(is_numeric(line[column]) for column in numeric):
            return replace(grid, header_rows=count)
    return replace(grid, header_rows=1)


def _numeric_columns(lines: list[list[Cell | None]]) -> list[int]:
    """The columns most of whose cells, but for the first rows, are numbers."""
    found = []
    for column in range(len(lines[0]) if lines else 0):
        body = [cell for line in lines[1:] if (cell := line[column]) is not None]
        if body and 2 * sum(map(is_numeric, body)) > len(body):
            found.append(column)
    return found


def is_numeric(cell: Cell | None) -> bool:
    """Whether a cell says a number: more digits than letters. A year names a column as often as it fills one."""
    if cell is None:
        return False
    text = cell.text
    digits = sum(map(str.isdecimal, text))
    return digits > sum(map(str.isalpha, text)) and not _is_year(text)


def _is_year(text: str) -> bool:
    return len(text) == len("2024") and text.isdecimal() and text[:2] in ("19", "20")
