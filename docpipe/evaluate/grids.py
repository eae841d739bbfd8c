"""Tables as grids of cells with spans: what the table metrics compare.

A grid is read from a label with `cells` (row, col, rowspan, colspan, text), from HTML, or from
`header` and `rows` as in the shipped table schema, which cannot say that a cell spans.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any


@dataclass(frozen=True, slots=True)
class Cell:
    """`row` and `column` from 0, of its upper left place; both spans at least 1."""

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells by row and column, every place covered once; the first `header_rows` rows are the header."""

    cells: tuple[Cell, ...]
    header_rows: int = 0

    @property
    def rows(self) -> int:
        return max((cell.row + cell.row_span for cell in self.cells), default=0)

    @property
    def columns(self) -> int:
        return max((cell.column + cell.column_span for cell in self.cells), default=0)


def holds_grids(value: Any) -> bool:
    """Whether a label's value is a list of tables rather than of rows."""
    return (
        isinstance(value, list) and bool(value) and all(isinstance(part, Mapping) and _is_grid(part) for part in value)
    )


def _is_grid(table: Mapping[str, Any]) -> bool:
    return "html" in table or "cells" in table or ("rows" in table and "header" in table)


def grid(table: Mapping[str, Any]) -> Grid:
    """The grid of one table of a label or a record; HTML wins over cells, cells over rows."""
    if table.get("html"):
        return from_html(table["html"])
    header = table.get("header") or []
    if table.get("cells"):
        return from_cells(table["cells"], 1 if header else 0)
    rows = [row.get("cells") or [] if isinstance(row, Mapping) else row for row in table.get("rows") or []]
    lines = [header, *rows] if header else rows
    return _covered(
        [Cell(i, j, _text(text)) for i, line in enumerate(lines) for j, text in enumerate(line)], 1 if header else 0
    )


def from_cells(cells: Sequence[Mapping[str, Any]], header_rows: int) -> Grid:
    """Cells with `row`, `col`, `text` and perhaps `rowspan` and `colspan`; blank ones may be left out."""
    found = [
        Cell(cell["row"], cell["col"], _text(cell.get("text")), cell.get("rowspan") or 1, cell.get("colspan") or 1)
        for cell in cells
    ]
    return _covered(found, header_rows)


def _text(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


def _covered(cells: Sequence[Cell], header_rows: int) -> Grid:
    """The grid with a blank cell wherever none is; of two that overlap, the later one goes."""
    taken: set[tuple[int, int]] = set()
    kept: list[Cell] = []
    for cell in sorted(cells, key=lambda cell: (cell.row, cell.column)):
        if (cell.row, cell.column) not in taken:
            kept.append(cell)
            taken |= places(cell)
    whole = Grid(tuple(kept))
    blank = [Cell(i, j, "") for i in range(whole.rows) for j in range(whole.columns) if (i, j) not in taken]
    return Grid(tuple(sorted((*kept, *blank), key=lambda cell: (cell.row, cell.column))), header_rows)


def places(cell: Cell) -> set[tuple[int, int]]:
    """Every (row, column) that the cell covers."""
    return {
        (i, j)
        for i in range(cell.row, cell.row + cell.row_span)
        for j in range(cell.column, cell.column + cell.column_span)
    }


def from_html(text: str) -> Grid:
    """The first table of an HTML text; markup inside cells is dropped, `th` is read as `td`."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return _covered(reader.cells, reader.header_rows)


class _Reader(HTMLParser):
    """Places cells as HTML's table model does: in the first free column, below spans from above."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.cells: list[Cell] = []
        self.header_rows = 0
        self._row = -1
        self._taken: set[tuple[int, int]] = set()
        self._open: tuple[int, int, list[str]] | None = None
        self._in_head = False
        self._done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._done:
            return
        if tag in ("td", "th", "tr"):
            self._close_cell()
        if tag == "thead":
            self._in_head = True
        elif tag == "tr":
            self._row += 1
            self.header_rows += self._in_head
        elif tag in ("td", "th"):
            spans = dict(attrs)
            self._open = _span(spans.get("rowspan")), _span(spans.get("colspan")), []
            self._row = max(self._row, 0)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table", "thead", "tbody"):
            self._close_cell()
        if tag == "thead":
            self._in_head = False
        self._done |= tag == "table"

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open[2].append(data)

    def _close_cell(self) -> None:
        if self._open is None:
            return
        row_span, column_span, texts = self._open
        self._open = None
        column = 0
        while (self._row, column) in self._taken:
            column += 1
        cell = Cell(self._row, column, _text("".join(texts)), row_span, column_span)
        self.cells.append(cell)
        self._taken |= places(cell)


def _span(text: str | None) -> int:
    try:
        return min(max(int(text or 1), 1), 1_000)  # HTML's own limit of a colspan
    except ValueError:
        return 1
