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

    A header: a row without numbers whose every text is a caption of its field. A sum: a row whose
    only number is the sum of that field over the rows before it, on the edge of a page, and which says
    so or sums two rows at least. Equal rows are kept: documents do print them.
    """
    for path, array in root.arrays():
        rows = value_at(part.value, path)
        if array.item is not None and array.item.children and rows:
            doomed = dict(_none(array.item, rows, cache(partial(_pages, part, path))))
            part = _drop(part, path, rows, doomed) if doomed else part
    return part


def _none(item: Node, rows: Sequence[Any], pages_of_rows: Callable[[], Mapping[int, int]]) -> Iterator[tuple[int, str]]:
    numeric = [child for child in item.children if child.kind == "number"]
    summed: list[Mapping[str, Any]] = []
    for index, row in enumerate(rows):
        said = [value for value in row.values() if value not in (None, [])]
        if len(said) > 1 and _are_captions(item, said):
            yield index, "merge:header"
            continue
        told = [child.name for child in numeric if row.get(child.name) is not None]
        if len(told) != 1 or not summed:
            summed.append(row)
            continue
        pages = pages_of_rows()
        edge = pages.get(index) != pages.get(index + 1) or pages.get(index) != pages.get(index - 1)
        if edge or _says_so(said):
            before = sum((one.get(told[0]) or Decimal(0) for one in summed), Decimal(0))
            known = _says_so(said) or (len(summed) >= MIN_SUMMED and bool(pages) and 0 < index < len(rows) - 1)
            if row[told[0]] == before and known:
                yield index, "merge:carried_forward"
                continue
        summed.append(row)


def _are_captions(item: Node, said: Collection[Any]) -> bool:
    if not all(isinstance(value, str) for value in said):
        return False
    captions = {alphanumeric(text) for child in item.children for text in (child.name, *child.all_labels())}
    return all(alphanumeric(value) in captions for value in said)


def _says_so(said: Collection[Any]) -> bool:
    return any(isinstance(value, str) and may_be_running_sum(value) for value in said)


def _pages(part: Part, path: str) -> dict[int, int]:
    """Index of a row -> the page that it stands on, where that is known."""
    found: dict[int, int] = {}
    for one in part.fields:
        if one.page is not None and one.path.startswith(f"{path}["):
            found.setdefault(int(one.path[len(path) + 1 :].partition("]")[0]), one.page)
    return found


def _drop(part: Part, path: str, rows: Sequence[Any], doomed: Mapping[int, str]) -> Part:
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
        fields=tuple(replace(one, path=new) for one in part.fields if (new := _path(one.path, path, moved))),
        edits=(*(replace(one, path=_path(one.path, path, moved) or one.path) for one in part.edits), *edits),
        violations=tuple(left for one in part.violations if (left := _violation(one, path, moved)) is not None),
    )


def _violation(violation: Violation, path: str, moved: Mapping[int, int]) -> Violation | None:
    """`violation` with its paths moved; None if all it names is gone."""
    paths = tuple(new for one in violation.paths if (new := _path(one, path, moved)))
    return None if violation.paths and not paths else replace(violation, paths=paths)


def _path(one: str, path: str, moved: Mapping[int, int]) -> str:
    """The path of a leaf after rows of the list at `path` were dropped; "" for a leaf of such a row."""
    if not one.startswith(f"{path}["):
        return one
    index, _, rest = one[len(path) + 1 :].partition("]")
    return f"{path}[{moved[int(index)]}]{rest}" if int(index) in moved else ""


def _replaced(value: Mapping[str, Any], names: Sequence[str], rows: list[Any]) -> dict[str, Any]:
    name, *below = names
    return {**value, name: _replaced(value[name], below, rows) if below else rows}
