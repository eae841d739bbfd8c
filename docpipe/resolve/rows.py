"""Rows that are none: a header printed again on the next page, a subtotal carried forward to it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache, partial
from typing import Any

from docpipe.literals.phrases import may_be_running_sum
from docpipe.literals.text import alphanumeric
from docpipe.records import Edit, Violation
from docpipe.resolve.merge import Part
from docpipe.schema.nodes import Node
from docpipe.schema.paths import value_at

MIN_SUMMED = 2  # rows before a subtotal that is known by its sum alone


def without_repeats(root: Node, part: Part) -> Part:
    """`part` without the rows that repeat a header or carry a sum forward, an Edit for each.

    A header: a row without numbers whose every text is a label of its field. A sum: a row whose
    only number is the sum of that field over the rows before it, on the edge of a page, and which says
    so or sums two rows at least. Equal rows are kept: documents do print them.
    """
    for path, array in root.arrays():
        rows = value_at(part.value, path)
        if array.item is not None and array.item.children and rows:
            doomed = dict(_none(array.item, rows, cache(partial(pages_of_rows, part, path))))
            part = without_rows(part, path, rows, doomed) if doomed else part
    return part


def _none(item: Node, rows: Sequence[Any], pages_of_rows: Callable[[], Mapping[int, int]]) -> Iterator[tuple[int, str]]:
    numeric = [child for child in item.children if child.kind == "number"]
    summed: list[Mapping[str, Any]] = []
    for index, row in enumerate(rows):
        said = [value for value in row.values() if value not in (None, [])]
        if len(said) > 1 and _are_labels(item, said):
            yield index, "merge:header"
            continue
        amounts = [child.name for child in numeric if row.get(child.name) is not None]
        if len(amounts) != 1 or not summed:
            summed.append(row)
            continue
        pages = pages_of_rows()
        edge = pages.get(index) != pages.get(index + 1) or pages.get(index) != pages.get(index - 1)
        if edge or _says_so(said):
            before = sum((summand.get(amounts[0]) or Decimal(0) for summand in summed), Decimal(0))
            known = _says_so(said) or (len(summed) >= MIN_SUMMED and bool(pages) and 0 < index < len(rows) - 1)
            if row[amounts[0]] == before and known:
                yield index, "merge:carried_forward"
                continue
        summed.append(row)


def _are_labels(item: Node, said: Collection[Any]) -> bool:
    if not all(isinstance(value, str) for value in said):
        return False
    labels = {alphanumeric(text) for child in item.children for text in (child.name, *child.all_labels())}
    return all(alphanumeric(value) in labels for value in said)


def _says_so(said: Collection[Any]) -> bool:
    return any(isinstance(value, str) and may_be_running_sum(value) for value in said)


def pages_of_rows(part: Part, path: str) -> dict[int, int]:
    """Index of a row -> the page that it stands on, where that is known."""
    pages: dict[int, int] = {}
    for leaf in part.fields:
        if leaf.page is not None and leaf.path.startswith(f"{path}["):
            pages.setdefault(int(leaf.path[len(path) + 1 :].partition("]")[0]), leaf.page)
    return pages


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
