"""What a chart does not tell: series without values, and points whose value could not be read off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docpipe.records import Violation
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import value_at

EMPTY_SERIES = "empty_series"
UNREAD_POINT = "unread_point"


def unplotted(schema: Schema, value: Mapping[str, Any]) -> Iterator[Violation]:
    """An error for a chart without series and for a series without values; a warning for the points of a series that
    have no value.
    """
    for path, array in schema.root.arrays():
        if array.role != "chart_series" or array.item is None:
            continue
        series = value_at(value, path) or []
        if not series:
            yield Violation(EMPTY_SERIES, "error", f"{path} is empty: no marks of a chart were read", (path,))
        for name, number in _values(array.item):
            for at, line in enumerate(series):
                yield from _of_series(f"{path}[{at}]", (line or {}).get(name) or [], name, number)


def _values(item: Node) -> list[tuple[str, str]]:
    """(name of an array of points, name of a point's value: its last number)."""
    found = []
    for name, points in item.arrays():
        numbers = (
            [node.name for node in points.item.children if node.kind in ("number", "integer")] if points.item else []
        )
        if numbers and "." not in name:
            found.append((name, numbers[-1]))
    return found


def _of_series(path: str, points: Sequence[Any], name: str, number: str) -> Iterator[Violation]:
    if all(point is None or point.get(number) is None for point in points):
        yield Violation(EMPTY_SERIES, "error", f"{path} has no value that was read off the chart", (path,))
        return
    where = tuple(
        f"{path}.{name}[{at}].{key}"
        for at, point in enumerate(points)
        for key, held in (point or {}).items()
        if held is None
    )
    if where:
        message = f"{len(where)} values or labels of {path} are null: none was found at its mark, or the mark is hidden"
        yield Violation(UNREAD_POINT, "warning", message, where)
