"""An original and its copy in one file: the rows of the copy are the same rows, and count once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from docpipe.resolve.heads import Head, Told, amount_text
from docpipe.resolve.merge import Part
from docpipe.resolve.rows import pages_of_rows, without_rows
from docpipe.schema import exact
from docpipe.schema.nodes import Node
from docpipe.schema.paths import value_at


def without_copies(root: Node, part: Part) -> Part:
    """`part` without the rows of pages that repeat its sums, an Edit `merge:copy` for each.

    The rows up to a page with sums, and those up to the next page that prints the same sums and the same number (a date
    where there is no number), are one document and its copy if their numbers are the same, row by row, and those of the
    first come to its sums.
    """
    ends = _ends(part.heads)
    if len(ends) < 2:
        return part
    for path, array in root.arrays():
        rows = value_at(part.value, path)
        if array.item is None or not array.item.children or not rows:
            continue
        pages = pages_of_rows(part, path)
        if len(pages) < len(rows):
            continue
        numeric = [child.name for child in array.item.children if child.kind in ("number", "integer")]
        doomed = dict.fromkeys(_copied([pages[at] for at in range(len(rows))], rows, numeric, ends), "merge:copy")
        part = without_rows(part, path, rows, doomed) if doomed else part
    return part


def _ends(heads: Sequence[Head]) -> list[Head]:
    """The pages that print the same sums under the same number, in their order; those of the first such sums."""
    for at, first in enumerate(heads):
        ends = [first, *(head for head in heads[at + 1 :] if _same(first, head))]
        if len(ends) > 1:
            return ends
    return []


def _same(first: Head, head: Head) -> bool:
    known_by = first.numbers, head.numbers
    if not first.numbers and not head.numbers:
        known_by = first.dates, head.dates
    return _all_same(*known_by) and _all_same(first.amounts, head.amounts)


def _all_same(first: Told, second: Told) -> bool:
    """Whether both tell something, and the same wherever both do."""
    both = [values & second[path] for path, values in first.items() if path in second]
    return bool(both) and all(both)


def _copied(
    pages: Sequence[int], rows: Sequence[Mapping[str, Any]], numeric: Sequence[str], ends: Sequence[Head]
) -> Iterator[int]:
    """The indices of the rows that stand on a copy. `pages`: of each row its page."""
    first = [at for at, page in enumerate(pages) if page <= ends[0].page]
    wanted = [_numbers(rows[at], numeric) for at in first]
    if not first or not _comes_to(ends[0], [rows[at] for at in first], numeric):
        return
    for before, end in pairwise(ends):
        copied = [at for at, page in enumerate(pages) if before.page < page <= end.page]
        if [_numbers(rows[at], numeric) for at in copied] == wanted:
            yield from copied


def _numbers(row: Mapping[str, Any], numeric: Sequence[str]) -> list[Any]:
    return [row.get(name) for name in numeric]


def _comes_to(head: Head, rows: Sequence[Mapping[str, Any]], numeric: Sequence[str]) -> bool:
    """Whether a column of the rows adds up to an amount that the page prints for a field of the record."""
    printed = {amount for values in head.amounts.values() for amount in values}
    columns = ([row[name] for row in rows if isinstance(row.get(name), Decimal)] for name in numeric)
    return any(amount_text(exact.total(column)) in printed for column in columns if column)
