"""Windows of pages -> one record: scalars by evidence, arrays in page order, conflicts kept in sight.

A record of a list that holds records itself (a table with its rows) may go on in the next window: it
is joined where the second says nothing else than the first, or nothing at all. A header that it prints
again as its first row is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from docpipe.literals.text import alphanumeric
from docpipe.records import Edit, Field, Violation
from docpipe.resolve.heads import Head
from docpipe.schema.nodes import Node

_INDEXED = re.compile(r"([^\[]*)\[(\d+)\](.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Part:
    """What one window of pages says: values as `coerce` leaves them, one Field a non-null leaf.

    `heads`: what its pages print at the record's own keys; () for a document of one page. `cut` is the list that was
    being written when the answer broke off; None if the answer is whole.
    """

    value: dict[str, Any]
    pages: tuple[int, ...]
    fields: tuple[Field, ...] = ()
    edits: tuple[Edit, ...] = ()
    violations: tuple[Violation, ...] = ()
    cut: str | None = None
    heads: tuple[Head, ...] = ()


@dataclass(frozen=True, slots=True)
class _Join:
    """A part's first record of a list went into the last one before: its index, and where its own lists go on.

    `headers`: those of its lists whose first row is the header again.
    """

    into: int
    offsets: Mapping[str, int]
    headers: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Merge:
    """Where each part's array items land: (part, array path) -> offset of its first item, or what it joined."""

    offsets: dict[tuple[int, str], int] = field(default_factory=dict)
    joins: dict[tuple[int, str], _Join] = field(default_factory=dict)
    winners: dict[str, int] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)


def merge(root: Node, parts: Sequence[Part]) -> Part:
    """One Part of all `parts` (in page order); merging one part gives it back.

    A scalar takes the value of the part whose field is the most confident, the earlier page first;
    a different value elsewhere is a violation that quotes both. Arrays are joined in page order, equal
    rows kept. Raises nothing.
    """
    if len(parts) == 1:
        return parts[0]
    merged = _Merge()
    confidence = [{leaf.path: leaf.confidence for leaf in part.fields} for part in parts]
    value = _object(root, [part.value for part in parts], confidence, merged, "")
    return Part(
        value=value,
        pages=tuple(page for part in parts for page in part.pages),
        fields=tuple(
            replace(leaf, path=path)
            for index, part in enumerate(parts)
            for leaf in part.fields
            if (path := _moved(leaf.path, index, merged)) is not None
        ),
        edits=(
            *(
                replace(edit, path=_moved(edit.path, index, merged) or edit.path)
                for index, part in enumerate(parts)
                for edit in part.edits
            ),
            *merged.edits,
        ),
        violations=(
            *(
                replace(violation, paths=tuple(_moved(path, index, merged) or path for path in violation.paths))
                for index, part in enumerate(parts)
                for violation in part.violations
            ),
            *merged.violations,
        ),
        cut=next((part.cut for part in parts if part.cut is not None), None),
        heads=tuple(head for part in parts for head in part.heads),
    )


def _object(
    node: Node,
    values: Sequence[dict[str, Any]],
    confidence: Sequence[dict[str, float]],
    merged: _Merge,
    path: str,
) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for child in node.children:
        where = f"{path}.{child.name}" if path else child.name
        below = [value.get(child.name) for value in values]
        if child.kind == "object":
            record[child.name] = _object(child, [window or {} for window in below], confidence, merged, where)
        elif child.item is not None:
            record[child.name] = _array(child.item, below, merged, where)
        else:
            record[child.name] = _scalar(below, confidence, merged, where)
    return record


def _array(item: Node, values: Sequence[Any], merged: _Merge, path: str) -> list[Any]:
    joined: list[Any] = []
    for index, items in enumerate(values):
        rest = list(items or [])
        if joined and rest and _goes_on(item, joined[-1], rest[0]):
            join, second = _join(item, joined, rest.pop(0), merged, path)
            merged.joins[(index, path)] = join
            joined[-1] = _joined(item, joined[-1], second)
            merged.offsets[(index, path)] = len(joined) - 1
        else:
            merged.offsets[(index, path)] = len(joined)
        joined.extend(rest)
    return joined


def _join(
    item: Node, joined: Sequence[Any], second: Mapping[str, Any], merged: _Merge, path: str
) -> tuple[_Join, Mapping[str, Any]]:
    """How `second` goes on the last of `joined`, and what of it does: all but a header in a row's place."""
    last, into = joined[-1], len(joined) - 1
    offsets = {child.name: len(last.get(child.name) or []) for child in _lists(item)}
    titles = [child.name for child in item.children if child.item is not None and child not in _lists(item)]
    printed = [texts for record in (last, second) for name in titles if (texts := _texts(record.get(name)))]
    headers = frozenset(
        child.name
        for child in _lists(item)
        if child.item is not None and child.item.children and _repeats(second.get(child.name), printed)
    )
    for name in sorted(headers):
        cells = "; ".join(str(cell) for cells in second[name][0].values() for cell in cells or () if cell is not None)
        merged.edits.append(Edit(f"{path}[{into}].{name}[{offsets[name]}]", cells, None, "merge:header"))
    return _Join(into, offsets, headers), {
        name: value[1:] if name in headers else value for name, value in second.items()
    }


def _repeats(rows: Any, printed: Sequence[list[str]]) -> bool:
    """Whether the first row is one list of cells, and these are a header's: two names of columns at least."""
    values = list((rows or [{}])[0].values())
    cells = _texts(values[0]) if len(values) == 1 else []
    return sum(map(bool, cells)) > 1 and cells in printed


def _texts(value: Any) -> list[str]:
    """The cells of a row of texts, by letters and digits; [] for what is no such row."""
    row = isinstance(value, list) and all(isinstance(cell, str | None) for cell in value)
    return [alphanumeric(cell or "") for cell in value] if row else []


def _lists(item: Node) -> list[Node]:
    """The lists of an item that grow when it goes on: of records, and of the pages it stands on."""
    return [
        child
        for child in item.children
        if child.item is not None and (child.item.children or child.item.format == "page")
    ]


def _goes_on(item: Node, first: Any, second: Any) -> bool:
    """Whether `second` is the rest of `first`: both hold records, and the second names nothing new."""
    lists = [child.name for child in _lists(item)]
    records = [child for child in item.children if child.item is not None and child.item.children]
    if not records or not all((record or {}).get(child.name) for record in (first, second) for child in records[:1]):
        return False
    own = [child.name for child in item.children if child.name not in lists]
    says = [name for name in own if second.get(name) not in (None, [])]
    if any(second[name] != first.get(name) for name in says):
        return False
    wide = [(record.get(records[0].name) or [{}])[0] for record in (first, second)]
    return any(isinstance(second[name], list) for name in says) or _width(wide[0]) == _width(wide[1])


def _width(record: Mapping[str, Any]) -> list[int]:
    """How many entries each list of a record has: the cells of a row."""
    return [len(value) for value in record.values() if isinstance(value, list)]


def _joined(item: Node, first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    lists = {child.name for child in _lists(item)}
    return {
        name: [*(value or []), *(second.get(name) or [])] if name in lists else value for name, value in first.items()
    }


def _scalar(values: Sequence[Any], confidence: Sequence[dict[str, float]], merged: _Merge, path: str) -> Any:
    present = [index for index, value in enumerate(values) if value is not None]
    if not present:
        return None
    best = max(present, key=lambda index: (confidence[index].get(path, 0.0), -index))
    merged.winners[path] = best
    for index in present:
        if values[index] != values[best]:
            message = f"{path} is {values[best]} on one page and {values[index]} on another"
            merged.violations.append(
                Violation("conflict", "warning", message, (path,), str(values[best]), str(values[index]))
            )
    return values[best]


def _moved(path: str, part: int, merged: _Merge) -> str | None:
    """The path of a part's leaf in the merged record; None if what another part says stands there."""
    match = _INDEXED.match(path)
    if match is None:
        return path if merged.winners.get(path, part) == part else None
    head, index, rest = match[1], int(match[2]), match[3]
    join = merged.joins.get((part, head))
    if join is None or index > 0:
        return f"{head}[{index + merged.offsets.get((part, head), 0)}]{rest}"
    inner = _INDEXED.match(rest[1:])
    if inner is None or inner[1] not in join.offsets:
        return None
    at = int(inner[2]) - (inner[1] in join.headers)
    return f"{head}[{join.into}].{inner[1]}[{at + join.offsets[inner[1]]}]{inner[3]}" if at >= 0 else None
