"""The tables of a document: as the table model sees their cells, else by drawn lines and by columns of words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from docpipe.engine.layout.answer import Leaf
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.grids.aligned import aligned
from docpipe.engine.layout.grids.arrays import GridArray, RowsPart
from docpipe.engine.layout.grids.captions import caption
from docpipe.engine.layout.grids.cells import Cell, Grid, filled, words_of
from docpipe.engine.layout.grids.joined import joined
from docpipe.engine.layout.grids.refined import refined
from docpipe.engine.layout.grids.ruled import ruled
from docpipe.engine.layout.grids.typed import column_of_fields, typed_cells
from docpipe.engine.layout.rows import Rows
from docpipe.engine.layout.scoring.weights import weights
from docpipe.literals.conventions import Conventions
from docpipe.page.lines import PageText, Token
from docpipe.records import Page

GRIDS = "cells"
SCORES = weights("grid")


def read_grids(document: Document) -> list[Rows]:
    """One row a table, its parts under paths with indices; the tables of all pages in order."""
    arrays = document.schema.grids
    if not arrays:
        return []
    grids: list[Grid] = []
    for page_index, (page, text) in enumerate(zip(document.pages, document.page_texts, strict=True)):
        grids += _titled(_of_page(page, text, page_index), text)
    tables = joined(grids, document.page_texts)
    return [
        Rows(array.path, 0, tuple(_row(array, table, document.conventions) for table in tables), ()) for array in arrays
    ]


def _of_page(page: Page, text: PageText, page_index: int) -> list[Grid]:
    """The tables of one page. A scan on which the model sees none is looked at as if it had not been asked."""
    words = words_of(page, text.first)
    tables = page.geometry.tables
    if tables or (tables is not None and page.text_source != "ocr"):
        found = (filled(table, page, page_index, words) for table in tables)
        return [refined(grid, text.letter) for grid in found if grid is not None and min(grid.rows, grid.columns) > 1]
    drawn = list(ruled(page, page_index, words))
    taken = {token.index for grid in drawn for cell in grid.cells for token in cell.tokens}
    free = frozenset(word.index for word in words) - taken
    grids = [*drawn, *aligned(text, page_index, free)]
    return sorted(grids, key=lambda grid: grid.boxes[0][1].top)


def _titled(grids: Sequence[Grid], text: PageText) -> list[Grid]:
    taken = frozenset(token.index for grid in grids for cell in grid.cells for token in cell.tokens)
    return [replace(grid, title=caption(grid.boxes[0][1], text, taken)) for grid in grids]


def _row(array: GridArray, grid: Grid, style: Conventions) -> dict[str, Leaf]:
    leaves: dict[str, Leaf] = {}
    page = grid.boxes[0][0]
    score = SCORES[grid.method]
    if array.title and grid.title:
        leaves[array.title] = _leaf(grid.title, page, SCORES["title"])
    lines = grid.lines()
    for at, index in enumerate(dict(grid.boxes) if array.pages else ()):  # counted as the request shows them
        first = next(cell for cell in grid.cells if cell.page == index and cell.tokens)
        leaves[f"{array.pages}[{at}]"] = Leaf(index + 1, first.tokens, index, score, GRIDS)
    headed = 1 if grid.header_rows and array.header else 0
    if headed:
        leaves |= _texts(array.header, lines[0], page, score)
    for part in array.rows:
        leaves |= dict(_rows(part, lines[headed:], page, score))
        if part.columns:
            leaves |= _typed(part, grid, style, score)
    return leaves


def _rows(
    part: RowsPart, lines: Sequence[Sequence[Cell | None]], page: int, score: float
) -> Iterator[tuple[str, Leaf]]:
    if part.cells:
        inner = part.cells.removeprefix(part.path)
        for at, line in enumerate(lines):
            yield from _texts(f"{part.path}[{at}]{inner}", line, page, score).items()


def _typed(part: RowsPart, grid: Grid, style: Conventions, score: float) -> dict[str, Leaf]:
    """The cells of the columns that the schema names. Rows without any value are counted all the same."""
    columns = column_of_fields(grid, part.columns)
    cells = typed_cells(grid, columns, style, GRIDS)
    shift = 0 if part.cells == "" else grid.header_rows - 1 if grid.header_rows else 0
    return {
        f"{part.path}[{row + shift}]{field.path.removeprefix(part.path)}": replace(leaf, score=leaf.score * score)
        for row, field, leaf in cells
    }


def _texts(path: str, cells: Sequence[Cell | None], page: int, score: float) -> dict[str, Leaf]:
    """A list of texts; null in the place of a cell that is empty or belongs to another."""
    return {
        f"{path}[{at}]": Leaf("", (), page, 1.0, GRIDS) if cell is None else _leaf(cell.tokens, cell.page, score)
        for at, cell in enumerate(cells)
    }


def _leaf(tokens: tuple[Token, ...], page: int, score: float) -> Leaf:
    return Leaf(" ".join(token.text for token in tokens), tokens, page, score, GRIDS)
