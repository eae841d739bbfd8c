"""What a number among the settings may be, said beside its default. NaN is within no bounds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, fields, is_dataclass
from typing import Any, TypeVar

T = TypeVar("T")
Bounds = tuple[float, float]

MB = 1024**2
TB = 1024**4
COUNT: Bounds = (1, 1_000_000_000)
SECONDS: Bounds = (0.001, 31_536_000)  # a year: beyond it a clock says nothing
PROCESSES: Bounds = (1, 10_000)
SHARE: Bounds = (0, 1)

MAX_PAGES = 8_388_607  # the highest object number of a PDF (1.7, annex C); a TIFF has no more either

_KEY = "bounds"


def bounded(default: T, low: float, high: float) -> T:
    """A field of a dataclass of settings: its default, and the bounds of what it may be given, both included."""
    return field(default=default, metadata={_KEY: (low, high)})


def bounds_of(kind: Any, prefix: str = "") -> Iterator[tuple[str, Bounds]]:
    """(dotted name, bounds) of every field that has bounds, in a dataclass and in the dataclasses that it holds."""
    for setting in fields(kind):
        if is_dataclass(setting.default):
            yield from bounds_of(setting.default, f"{prefix}{setting.name}.")
        elif _KEY in setting.metadata:
            yield f"{prefix}{setting.name}", setting.metadata[_KEY]


def out_of_bounds(settings: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(dotted name, a sentence: its value and what is allowed) of each number of a tree of settings out of bounds."""
    for setting in fields(settings):
        name, value = f"{prefix}{setting.name}", getattr(settings, setting.name)
        if is_dataclass(value):
            yield from out_of_bounds(value, f"{name}.")
        elif _KEY in setting.metadata and value is not None:
            low, high = setting.metadata[_KEY]
            if not low <= value <= high:
                yield name, f"{name} is {value:,}; it may be from {low:,} to {high:,}"
