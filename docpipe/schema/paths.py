"""Paths of leaf values inside a record: `seller.name`, `line_items[2].amount`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

_INDEX = re.compile(r"\[\d+\]")
_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(path, scalar) of every non-null leaf of a nested record, in its own order, as it is now."""
    found: list[tuple[str, Any]] = []
    _collect(value, prefix, found)
    return iter(found)


def _collect(value: Any, prefix: str, found: list[tuple[str, Any]]) -> None:
    if isinstance(value, dict):
        start = f"{prefix}." if prefix else ""
        for name, below in value.items():
            if isinstance(below, dict | list):
                _collect(below, f"{start}{name}", found)
            elif below is not None:
                found.append((f"{start}{name}", below))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            _collect(below, f"{prefix}[{index}]", found)
    elif value is not None:
        found.append((prefix, value))


def parts(path: str) -> list[str | int]:
    """`a.b[2].c` -> ["a", "b", 2, "c"]."""
    return [int(index) if index else name for name, index in _PART.findall(path)]


def written(steps: Sequence[str | int]) -> str:
    """["a", "b", 2, "c"] -> `a.b[2].c`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)
    return text.removeprefix(".")


@lru_cache(maxsize=65_536)  # the same for every document of a schema
def generic(path: str) -> str:
    """The path with its indices left out: `line_items[2].amount` -> `line_items.amount`."""
    return _INDEX.sub("", path) if "[" in path else path


def value_at(record: Any, path: str) -> Any:
    """What stands at `path` of a nested record; None where nothing does."""
    value = record
    for part in parts(path):
        if isinstance(value, Mapping) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def put(record: dict[str, Any], path: str, value: Any) -> None:
    """Set the leaf at `path`, which must exist as far as its last part."""
    *way, last = parts(path)
    at: Any = record
    for part in way:
        at = at[part]
    at[last] = value
