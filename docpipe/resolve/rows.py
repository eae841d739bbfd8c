"""Rows that are none: empty ones, a header printed again on the next page, a sum of the rows above."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache, partial
from typing import Any

from docpipe.literals.phrases import names_a_sum
from docpipe.literals.text import alphanumeric
from docpipe.records import Edit, Violation
from docpipe.resolve.merge import Part
from docpipe.schema.nodes import Node
from docpipe.schema.paths import value_at

MIN_SUMMED = 2  # rows before a subtotal that is known by its sum alone


def without_repeats(root: Node, part: Part) -> Part:
    """`part` without the rows that are empty, repeat a header or carry a sum forward, an Edit for each.

    A header: a row without numbers whose every text is a label of its field. A sum: a row whose only number is the
    sum of that field over the rows before it, or since the last sum, and which says so; or one without any words that
    sums two rows at least, on the edge of a page. Equal rows are kept: documents do print them.
    """
    for path, array in root.arrays():
        rows = value_at(part.value, path)
        if array.item is not None and array.item.children and rows:
            doomed = dict(_none(array.item, rows, _refused(part, path), cache(partial(pages_of_rows, part, path))))
            part = without_rows(part, path, rows, doomed) if doomed else part
    return part


def _none(
    item: Node, rows: Sequence[Any], refused: Collection[int], pages_of_rows: Callable[[], Mapping[int, int]]
) -> Iterator[tuple[int, str]]:
    """(index, rule) of each row that is none. `refused`: rows that said something, of which nothing may be left."""
    numeric = [child for child in item.children if child.kind == "number"]
    summed: list[Mapping[str, Any]] = []
    group = 0  # how many of them stand before the last sum
    for index, row in enumerate(rows):
        said = list(_said(row))
        if not said:
            if index not in refused:
                yield index, "merge:empty"
            continue
        if len(said) > 1 and _are_labels(item, said):
            yield index, "merge:header"
            continue
        amounts = [child.name for child in numeric if row.get(child.name) is not None]
        if len(amounts) != 1 or not summed or not _is_sum(index, row, amounts[0], (rows, summed, group), pages_of_rows):
            summed.append(row)
            continue
        group = len(summed)
        yield index, "merge:carried_forward"


def _is_sum(
    index: int,
    row: Mapping[str, Any],
    amount: str,
    among: tuple[Sequence[Any], Sequence[Mapping[str, Any]], int],
    pages_of_rows: Callable[[], Mapping[int, int]],
) -> bool:
    """Whether the row is the sum of those before it. `among`: all rows, those before that are summed, and how many of
    these the last sum sums.
    """
    rows, summed, group = among
    if row[amount] not in (_total(summed, amount), _total(summed[group:], amount) if summed[group:] else None):
        return False
    words = [value for value in _said(row) if isinstance(value, str)]
    if words:
        return any(map(names_a_sum, words))
    pages = pages_of_rows()
    edge = pages.get(index) != pages.get(index + 1) or pages.get(index) != pages.get(index - 1)
    return edge and len(summed) >= MIN_SUMMED and bool(pages) and 0 < index < len(rows) - 1


def _total(rows: Sequence[Mapping[str, Any]], amount: str) -> Decimal:
    return sum((row.get(amount) or Decimal(0) for row in rows), Decimal(0))


def _said(value: Any) -> Iterator[Any]:
    """All that a row says: its scalars, at any depth."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for below in value:
            yield from _said(below)
    elif value is not None:
        yield value


def _are_labels(item: Node, said: Collection[Any]) -> bool:
    if not all(isinstance(value, str) for value in said):
        return False
    labels = {alphanumeric(text) for child in item.children for text in (child.name, *child.all_labels())}
    return all(alphanumeric(value) in labels for value in said)


def pages_of_rows(part: Part, path: str) -> dict[int, int]:
    """Index of a row -> the page that it stands on, where that is known."""
    pages: dict[int, int] = {}
    for leaf in part.fields:
        if leaf.page is not None and leaf.path.startswith(f"{path}["):
            pages.setdefault(_index(leaf.path, path), leaf.page)
    return pages


def _refused(part: Part, path: str) -> set[int]:
    """The rows that violations name."""
    named = (leaf for violation in part.violations for leaf in violation.paths)
    return {_index(leaf, path) for leaf in named if leaf.startswith(f"{path}[")}


def _index(leaf: str, path: str) -> int:
    return int(leaf[len(path) + 1 :].partition("]")[0])


def without_rows(part: Part, path: str, rows: Sequence[Any], doomed: Mapping[int, str]) -> Part:
    """`part` without those of the `rows` at `path` whose index is in `doomed`, an Edit with its rule for each."""
    kept = [index for index in range(len(rows)) if index not in doomed]
    moved = {before: after for after, before in enumerate(kept)}
    value = _replaced(part.value, path.split("."), [rows[index] for index in kept])
    edits = [
        Edit(f"{path}[{index}]", "; ".join(str(cell) for cell in rows[index].values() if cell is not None), None, rule)
        for index, rule in doomed.items()
    ]
    return replace(
        part,
        value=value,
        fields=tuple(replace(leaf, path=new) for leaf in part.fields if (new := _path(leaf.path, path, moved))),
        edits=(*(replace(edit, path=_path(edit.path, path, moved) or edit.path) for edit in part.edits), *edits),
        violations=tuple(
            left for violation in part.violations if (left := _violation(violation, path, moved)) is not None
        ),
    )


def _violation(violation: Violation, path: str, moved: Mapping[int, int]) -> Violation | None:
    """`violation` with its paths moved; None if all it names is gone."""
    paths = tuple(new for leaf in violation.paths if (new := _path(leaf, path, moved)))
    return None if violation.paths and not paths else replace(violation, paths=paths)


def _path(leaf: str, path: str, moved: Mapping[int, int]) -> str:
    """The path of a leaf after rows of the list at `path` were dropped; "" for a leaf of such a row."""
    if not leaf.startswith(f"{path}["):
        return leaf
    index, _, rest = leaf[len(path) + 1 :].partition("]")
    return f"{path}[{moved[int(index)]}]{rest}" if int(index) in moved else ""


def _replaced(value: Mapping[str, Any], names: Sequence[str], rows: list[Any]) -> dict[str, Any]:
    name, *below = names
    return {**value, name: _replaced(value[name], below, rows) if below else rows}
