"""Columns that no key named, for the fields of a product that have no column yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.readings import read
from docpipe.engine.layout.tables.columns import Cells, Grid, is_open
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.literals.conventions import Conventions
from docpipe.page.lines import Token
from docpipe.schema.equations import Equation


def fill_leftovers(
    grid: Grid,
    fields: Sequence[Field | None],
    rows: Sequence[Cells],
    fields_of: Mapping[str, Field],
    equations: Sequence[Equation],
    conventions: Conventions,
) -> list[Field | None]:
    """Counts for columns of bare numbers or numbers with a unit, other factors for columns of money.

    Only where the count of columns leaves no choice, and never a column that numbers the rows.
    """
    filled = list(fields)
    missing = [
        fields_of[name]
        for equation in equations
        for name in sorted(equation.names)
        if equation.equality and name in fields_of and fields_of[name] not in fields
    ]
    counts = [field for field in missing if field.type == "quantity"]
    others = [field for field in missing if field.type in ("", "money")]
    money: list[int] = []
    bare: list[int] = []
    for at, column in enumerate(grid.columns):
        if filled[at] is None and is_open(column) and missing:
            kind = _kind([row[at] for row in rows if row[at]], missing[0], conventions)
            (money if kind == "money" else bare if kind == "bare" else []).append(at)
    if len(bare) == 1 and len(counts) == 1:
        filled[bare[0]] = counts[0]
    elif not bare and len(money) == 1 and counts and not others:
        filled[money[0]] = counts[0]
    if len(money) == 1 and len(others) == 1 and filled[money[0]] is None:
        filled[money[0]] = others[0]
    return filled


def _kind(cells: Sequence[Sequence[Token]], like: Field, conventions: Conventions) -> str:
    """What a column holds: "money", "bare" for counts, "" for neither."""
    numbers: list[Decimal] = []
    whole = True
    for cell in cells:
        reading = read(like, cell, conventions)
        if reading is not None and isinstance(reading.value, Decimal):
            numbers.append(reading.value)
            whole = whole and len(reading.tokens) == len(cell)
    if not numbers or len(numbers) < PARAMS.columns.typed_share * len(cells):
        return ""
    if len(numbers) > 1 and all(number == numbers[0] + at for at, number in enumerate(numbers)):
        return ""  # 1, 2, 3: the rows' own numbers
    return "money" if whole and all(number.as_tuple().exponent == -2 for number in numbers) else "bare"
