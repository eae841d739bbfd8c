"""The layout and table models that come with PyMuPDF 2: where tables are on a page, and their cells with spans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import onnxruntime

from docpipe.render.child.pdf.mupdf import pymupdf, with_layout

MAX_TABLES = 50
MAX_CELLS = 20_000  # of a page

CellRow = list[object]  # row, column, row_span, column_span, box in points
TableRow = tuple[list[float], int, list[CellRow]]  # box in points, header rows, cells


class TableModel:
    """The models, loaded. `threads` is what one call may use. Raises ImportError where the library has none."""

    def __init__(self, threads: int) -> None:
        _limit_threads(threads)
        with_layout()

    def tables(self, page: pymupdf.Page) -> list[TableRow]:
        """The tables of a page that is not rotated, in reading order, in its points."""
        found = page.find_tables(use_layout=True, union=True, refine=True)
        if found is None:  # the library has met an error, which it prints and keeps
            raise RuntimeError("the tables cannot be read")
        tables: list[TableRow] = []
        room = MAX_CELLS
        for table in found.tables[:MAX_TABLES]:
            cells = list(_cells(table.placements or []))[:room]
            room -= len(cells)
            if cells:
                tables.append((list(table.bbox), int(table.header_rows), cells))
        return tables


def _cells(placements: list[list[Any]]) -> Iterator[CellRow]:
    """The cells of a grid of rows, placed as HTML places them: in the first column that no cell above reaches into."""
    taken: set[tuple[int, int]] = set()
    for row, placed in enumerate(placements):
        column = 0
        for cell in placed:
            while (row, column) in taken:
                column += 1
            taken.update(
                (row + down, column + across) for down in range(cell.rowspan) for across in range(cell.colspan)
            )
            if cell.bbox is not None:
                yield [row, column, cell.rowspan, cell.colspan, list(cell.bbox)]
            column += cell.colspan


def _limit_threads(threads: int) -> None:
    """Every session made from now on works on so many: the library makes them its own way, one thread a core."""
    made = onnxruntime.InferenceSession

    def session(path: str, sess_options: onnxruntime.SessionOptions | None = None, **more: Any) -> Any:
        options = sess_options or onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return made(path, options, **more)

    onnxruntime.InferenceSession = session
