"""Tables of one array that are other lists: what came back, where what was sold went. They say nothing of the sums."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.rows import Rows

T = TypeVar("T", bound=Rows)


def without_other_lists(lists: Sequence[Sequence[T]], summed: Field) -> list[T]:
    """The tables of the lists without those that print no amount where another does, or that come to the same sum as
    one before them. A list is a table and its continuations; `summed`: the field of the amounts.
    """
    sums = [_sum(tables, summed) for tables in lists]
    kept: list[T] = []
    seen: set[Decimal] = set()
    for tables, total in zip(lists, sums, strict=True):
        another = total is None or total in seen
        if not (another and any(other is not None for other in sums)):
            kept += tables
        seen |= {total} if total else set()
    return kept


def _sum(tables: Sequence[Rows], summed: Field) -> Decimal | None:
    """What the amounts of a list come to; None without any."""
    leaves = [row[summed.path].value for table in tables for row in table.rows if summed.path in row]
    amounts = [value for value in leaves if isinstance(value, Decimal)]
    return sum(amounts, Decimal(0)) if amounts else None
