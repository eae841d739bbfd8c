"""What a chart says, before it is put under a schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from docpipe.engine.layout.charts.picture import Phrase
from docpipe.page.box import Box

Kind = Literal[
    "bar",
    "grouped_bar",
    "stacked_bar",
    "percent_stacked_bar",
    "line",
    "area",
    "scatter",
    "pie",
    "donut",
    "histogram",
    "combined",
    "radar",
    "heat_map",
]
Evidence = Literal["printed", "measured", "estimated"]
"""printed at the mark; measured against the ticks of an axis or the whole of a pie; estimated: hidden in part."""


@dataclass(frozen=True, slots=True)
class Value:
    """A number, or a text that is one; where its mark lies, and how it was read. `label`: its print, if it has one."""

    number: float
    decimals: int
    box: Box
    evidence: Evidence
    label: Phrase | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A category by its print, or a place on an axis of values; None for what could not be read."""

    x: Phrase | Value | None
    y: Value | None


@dataclass(frozen=True, slots=True)
class Series:
    """`name` is None where the chart prints none."""

    name: Phrase | None
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart. `sure` in (0, 1]: how clearly its marks are of this kind."""

    kind: Kind
    series: tuple[Series, ...]
    title: Phrase | None = None
    x_axis: Phrase | None = None
    y_axis: Phrase | None = None
    sure: float = 1.0

    @property
    def points(self) -> int:
        return sum(point.y is not None for line in self.series for point in line.points)
