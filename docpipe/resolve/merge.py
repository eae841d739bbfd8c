"""Windows of pages -> one record: scalars by evidence, arrays in page order, conflicts kept in sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from docpipe.records import Edit, Field, Violation
from docpipe.schema.nodes import Node


@dataclass(frozen=True, slots=True)
class Part:
    """What one window of pages says: values as `coerce` leaves them, one Field a non-null leaf."""

    value: dict[str, Any]
    pages: tuple[int, ...]
    fields: tuple[Field, ...] = ()
    edits: tuple[Edit, ...] = ()
    violations: tuple[Violation, ...] = ()


@dataclass(slots=True)
class _Merge:
    """Where each part's array items land: (part, array path) -> offset of its first item."""

    offsets: dict[tuple[int, str], int] = field(default_factory=dict)
    winners: dict[str, int] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)


def merge(root: Node, parts: Sequence[Part]) -> Part:
    """One Part of all `parts` (in page order); merging one part gives it back.

    A scalar takes the value of the part whose field is the most confident, the earlier page first;
    a different value elsewhere is a violation that quotes both. Arrays are joined in page order.
    """
    if len(parts) == 1:
        return parts[0]
    merged = _Merge()
    confidence = [{one.path: one.confidence for one in part.fields} for part in parts]
    value = _object(root, [part.value for part in parts], confidence, merged, "")
    return Part(
        value=value,
        pages=tuple(page for part in parts for page in part.pages),
        fields=tuple(
            replace(one, path=path)
            for index, part in enumerate(parts)
            for one in part.fields
            if (path := _moved(one.path, index, merged)) is not None
        ),
        edits=tuple(
            replace(one, path=_moved(one.path, index, merged) or one.path)
            for index, part in enumerate(parts)
            for one in part.edits
        ),
        violations=(
            *(
                replace(one, paths=tuple(_moved(path, index, merged) or path for path in one.paths))
                for index, part in enumerate(parts)
                for one in part.violations
            ),
            *merged.violations,
        ),
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
            record[child.name] = _object(child, [one or {} for one in below], confidence, merged, where)
        elif child.kind == "array":
            record[child.name] = _array(below, merged, where)
        else:
            record[child.name] = _scalar(below, confidence, merged, where)
    return record


def _array(values: Sequence[Any], merged: _Merge, path: str) -> list[Any]:
    joined: list[Any] = []
    for index, items in enumerate(values):
        merged.offsets[(index, path)] = len(joined)
        joined.extend(items or [])
    return joined


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
    """The path of a part's leaf in the merged record; None if another part's value won."""
    head, bracket, tail = path.partition("[")
    if not bracket:
        return path if merged.winners.get(path, part) == part else None
    index, _, rest = tail.partition("]")
    return f"{head}[{int(index) + merged.offsets.get((part, head), 0)}]{rest}"
