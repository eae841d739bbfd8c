"""Columns that a schema declares: which column of a table each is, and what its cells say as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import fuzz

from docpipe.engine.layout.answer import Leaf
from docpipe.engine.layout.grids.cells import Grid
from docpipe.engine.layout.grids.headers import is_numeric
from docpipe.engine.layout.grids.params import PARAMS
from docpipe.engine.layout.keys.field_names import spoken
from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.readings import read
from docpipe.engine.layout.scoring.weights import weights
from docpipe.literals.conventions import Conventions

SCORES = weights("grid")


def column_of_fields(grid: Grid, fields: Sequence[Field]) -> dict[int, tuple[Field, float]]:
    """Column -> the field that its header names, and how sure that is; what is left over by its type, where one is."""
    headers = {column: _header(grid, column) for column in range(grid.columns)}
    pairs = sorted(
        ((_alike(text, field), column, at) for column, text in headers.items() for at, field in enumerate(fields)),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    found: dict[int, tuple[Field, float]] = {}
    for alike, column, at in pairs:
        if (
            alike >= PARAMS.fuzzy_share
            and column not in found
            and fields[at] not in [field for field, _ in found.values()]
        ):
            found[column] = fields[at], SCORES["named"] * alike
    for numeric in (True, False):
        columns = [column for column in headers if column not in found and _is_numeric(grid, column) == numeric]
        left = [field for field in fields if field not in [known for known, _ in found.values()]]
        left = [field for field in left if (field.node.kind in ("number", "integer")) == numeric]
        if len(columns) == 1 and len(left) == 1:
            found[columns[0]] = left[0], SCORES["typed"]
    return found


def _header(grid: Grid, column: int) -> str:
    cells = [cell for cell in grid.cells if cell.row < grid.header_rows]
    over = [cell for cell in cells if cell.column <= column < cell.column + cell.column_span]
    return " ".join(cell.text for cell in sorted(over, key=lambda cell: cell.row))


def _alike(text: str, field: Field) -> float:
    key = key_of(text)
    names = (*field.node.all_labels(), spoken(field.node.name))
    return max((fuzz.ratio(key, key_of(name)) / 100 for name in names if key and key_of(name)), default=0.0)


def _is_numeric(grid: Grid, column: int) -> bool:
    body = [cell for cell in grid.cells if cell.column == column and cell.row >= grid.header_rows]
    return bool(body) and 2 * sum(map(is_numeric, body)) > len(body)


def typed_cells(
    grid: Grid, columns: Mapping[int, tuple[Field, float]], style: Conventions, method: str
) -> Iterator[tuple[int, Field, Leaf]]:
    """(row below the header, field, its value) of every cell that can be read as its field's type."""
    for cell in grid.cells:
        if cell.row < grid.header_rows or cell.column not in columns:
            continue
        field, score = columns[cell.column]
        reading = read(field, cell.tokens, style)
        if reading is not None and len(reading.tokens) == len(cell.tokens):
            yield (
                cell.row - grid.header_rows,
                field,
                Leaf(reading.value, reading.tokens, cell.page, score * reading.fit, method),
            )
