"""A table as cells that hold words: every word in the cell that its middle lies in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from docpipe.engine.layout.grids.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import PARTS, Token, token_lines
from docpipe.records import Page, Table

Place = tuple[int, int]  # row, column


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with its words in reading order. `row` and `column` are its upper left place."""

    row: int
    column: int
    row_span: int
    column_span: int
    page: int
    tokens: tuple[Token, ...]

    @property
    def text(self) -> str:
        return " ".join(token.text for token in self.tokens)

    def places(self) -> Iterator[Place]:
        for row in range(self.row, self.row + self.row_span):
            for column in range(self.column, self.column + self.column_span):
                yield row, column


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of one page or several. `boxes`: page -> where it lies there, in points.

    `method` is how its cells were found, "model", "ruled" or "aligned"; `edges` are its columns' left ends.
    """

    cells: tuple[Cell, ...]
    header_rows: int
    boxes: tuple[tuple[int, Box], ...]
    edges: tuple[float, ...]
    method: str
    title: tuple[Token, ...] = ()

    @property
    def rows(self) -> int:
        return max((cell.row + cell.row_span for cell in self.cells), default=0)

    @property
    def columns(self) -> int:
        return max((cell.column + cell.column_span for cell in self.cells), default=0)

    def lines(self) -> list[list[Cell | None]]:
        """Its cells by row and column; None where there is none, and in all places of a cell but its first."""
        lines: list[list[Cell | None]] = [[None] * self.columns for _ in range(self.rows)]
        for cell in self.cells:
            lines[cell.row][cell.column] = cell
        return lines


def words_of(page: Page, first: int) -> list[Token]:
    """The visible words of a page in points, as printed, a word a token; `first` as of its PageText."""
    seen = [(at, word) for at, word in enumerate(page.words) if word.visible and word.text.strip()]
    boxes = [word.box.scaled(page.width_pt, page.height_pt) for _, word in seen]
    return [
        Token(first + PARTS * at, word.text, box, word.bold, box.height, word.confidence)
        for (at, word), box in zip(seen, boxes, strict=True)
    ]


def filled(table: Table, page: Page, page_index: int, words: Sequence[Token]) -> Grid | None:
    """The table with its words, rows and columns without any left out; None if it holds no words at all."""
    across, down = page.width_pt, page.height_pt
    whole = table.box.scaled(across, down)
    boxes = [cell.box.scaled(across, down) for cell in table.cells]
    held: list[list[Token]] = [[] for _ in boxes]
    for word in words:
        if whole.holds(word.box.mid_x, word.box.mid_y) and (at := _cell_at(word.box, boxes)) is not None:
            held[at].append(word)
    cells = [
        Cell(cell.row, cell.column, cell.row_span, cell.column_span, page_index, ordered(tokens))
        for cell, tokens in zip(table.cells, held, strict=True)
    ]
    edges = [whole.right] * max(cell.column + 1 for cell in table.cells)
    for cell, box in zip(table.cells, boxes, strict=True):
        edges[cell.column] = min(edges[cell.column], box.left)
    return compact(Grid(tuple(cells), table.header_rows, ((page_index, whole),), tuple(edges), "model"))


def _cell_at(word: Box, boxes: Sequence[Box]) -> int | None:
    """The cell that holds the middle of a word, else the one that it reaches into farthest."""
    best, most = None, 0.0
    for at, box in enumerate(boxes):
        if box.holds(word.mid_x, word.mid_y):
            return at
        shared = max(0.0, box.overlap_x(word)) * max(0.0, box.overlap_y(word))
        if shared > most:
            best, most = at, shared
    return best


def ordered(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The words of a cell line by line; those that are turned by 90 degrees from the foot up."""
    turned = [
        token for token in tokens if len(token.text) > 2 and token.box.height > PARAMS.turned_ratio * token.box.width
    ]
    if turned and 2 * len(turned) >= sum(len(token.text) > 2 for token in tokens):
        return tuple(sorted(tokens, key=lambda token: (round(token.box.mid_x / token.box.width), -token.box.mid_y)))
    return tuple(token for line in token_lines(tokens) for token in line)


def compact(grid: Grid) -> Grid | None:
    """Without the rows and columns in which no cell with words begins or ends; None if nothing is left."""
    worded = [cell for cell in grid.cells if cell.tokens]
    rows = _kept(grid.rows, ((cell.row, cell.row_span) for cell in worded))
    columns = _kept(grid.columns, ((cell.column, cell.column_span) for cell in worded))
    if not rows or not columns:
        return None
    cells = [
        replace(cell, row=rows[cell.row], row_span=_span(rows, cell.row, cell.row_span),
                column=columns[cell.column], column_span=_span(columns, cell.column, cell.column_span))
        for cell in worded
    ]  # fmt: skip
    header = sum(row < grid.header_rows for row in rows)
    edges = tuple(edge for column, edge in enumerate(grid.edges) if column in columns)
    return replace(grid, cells=tuple(cells), header_rows=header, edges=edges)


def _kept(count: int, starts: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Old number -> new one, of the rows or columns that a cell begins in."""
    begun = {start for start, _ in starts}
    return {old: new for new, old in enumerate(number for number in range(count) if number in begun)}


def _span(kept: dict[int, int], start: int, span: int) -> int:
    return max(1, sum(number in kept for number in range(start, start + span)))
