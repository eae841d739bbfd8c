"""Paths of leaf values inside a record: `seller.name`, `line_items[2].amount`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

_INDEX = re.compile(r"\[\d+\]")
_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(path, scalar) of every non-null leaf of a nested record, in its own order."""
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from leaves(below, f"{prefix}.{name}" if prefix else name)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from leaves(below, f"{prefix}[{index}]")
    elif value is not None:
        yield prefix, value


def parts(path: str) -> list[str | int]:
    """`a.b[2].c` -> ["a", "b", 2, "c"]."""
    return [int(index) if index else name for name, index in _PART.findall(path)]


def generic(path: str) -> str:
    """The path with its indices left out: `line_items[2].amount` -> `line_items.amount`."""
    return _INDEX.sub("", path) if "[" in path else path


def put(record: dict[str, Any], path: str, value: Any) -> None:
    """Set the leaf at `path`, which must exist as far as its last part."""
    *way, last = parts(path)
    at: Any = record
    for part in way:
        at = at[part]
    at[last] = value
