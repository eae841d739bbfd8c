"""What a chart shows: series of points over categories or numbers, shaped like real data rather than noise."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import log10, sin
from random import Random
from typing import Final

from docpipe.synth.topics import Measure, dimension, measures, words

TYPES: Final = ("bar", "grouped_bar", "stacked_bar", "line", "area", "scatter", "pie", "donut")


@dataclass(frozen=True)
class Series:
    """Points by name: `xs` are the categories, or numbers as text for a scatter; `ys` the values."""

    name: str
    xs: tuple[str, ...]
    ys: tuple[Decimal, ...]


@dataclass(frozen=True)
class Data:
    """A chart's content. `category` and `value` are the titles of the axes, empty for none; `places` the decimals of
    values; `named` says whether series have names at all.
    """

    kind: str
    title: str
    category: str
    value: str
    unit: str
    series: tuple[Series, ...]
    places: int
    named: bool
    note: str


def rounded(value: float, places: int) -> Decimal:
    """`value` with `places` decimals."""
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _values(measure: Measure, count: int, ordered: bool, rng: Random) -> list[float]:
    """Values between the measure's bounds: a trend with swings where the categories have an order."""
    low, high = measure.low, measure.high
    if high / low > 50:  # drawn over a part of the range, so that small ones can be seen
        low = high * rng.uniform(0.02, 0.3)
    if not ordered:
        values = [rng.uniform(low, high) for _ in range(count)]
        return sorted(values, reverse=True) if rng.random() < 0.4 else values
    start, end, swing = rng.uniform(low, high), rng.uniform(low, high), rng.uniform(0.02, 0.15) * (high - low)
    phase, speed = rng.uniform(0, 6), rng.uniform(0.3, 1.6)
    trend = [start + (end - start) * place / max(1, count - 1) for place in range(count)]
    drawn = [value + swing * sin(phase + place * speed) + rng.gauss(0, swing / 2) for place, value in enumerate(trend)]
    return [min(max(value, low * 0.6), high * 1.1) for value in drawn]


def _places(measure: Measure, rng: Random) -> int:
    return max(0, min(measure.places, 2 - int(log10(measure.high)))) if rng.random() < 0.7 else measure.places


def _names(language: str, dim: str, count: int, rng: Random) -> list[str]:
    other = rng.choice([key for key in ("country", "city", "sector", "age", "year") if key != dim])
    return dimension(language, other, count, rng)


def draw_data(kind: str, language: str, rng: Random) -> Data:
    """Data for a chart of `kind`, one of TYPES."""
    vocabulary = words(language)
    if kind == "scatter":
        return _scatter(language, rng)
    dim = rng.choice(
        {"line": ("month", "year", "quarter"), "area": ("month", "year", "quarter")}.get(
            kind, ("country", "city", "sector", "age", "year", "month", "quarter")
        )
    )
    most = {"pie": 7, "donut": 7, "line": 14, "area": 12, "bar": 12}.get(kind, 7)
    categories = dimension(language, dim, rng.randint(3, most), rng)
    count = (
        rng.randint(2, 4)
        if kind in ("grouped_bar", "stacked_bar")
        else rng.choice((1, 1, 2, 3, 4))
        if kind in ("line", "area")
        else 1
    )
    names = _names(language, dim, count, rng)
    measure = measures(language, 1, rng)[0]
    places = _places(measure, rng)
    ordered = dim in ("month", "year", "quarter")
    series = []
    for name in names[:count]:
        ys = [rounded(value, places) for value in _values(measure, len(categories), ordered, rng)]
        if kind == "bar" and measure.unit == "%" and rng.random() < 0.3:
            ys = [-y if rng.random() < 0.3 else y for y in ys]
        series.append(Series(name, tuple(categories), tuple(ys)))
    round_one = kind in ("pie", "donut")
    unit = rng.choice((" ({})", ", {}", " [{}]", " in {}"))
    return Data(
        kind=kind,
        title=rng.choice(vocabulary["titles"]).format(measure=measure.name, dim=vocabulary["dims"][dim])
        if rng.random() < 0.9
        else "",
        category=vocabulary["dims"][dim] if not round_one and rng.random() < 0.5 else "",
        value=measure.captioned(unit) if not round_one and rng.random() < 0.75 else "",
        unit=measure.unit,
        series=tuple(series),
        places=places,
        named=count > 1 or (not round_one and rng.random() < 0.2),
        note=f"{vocabulary['words']['source']}: {rng.randint(1999, 2025)}" if rng.random() < 0.25 else "",
    )


def _scatter(language: str, rng: Random) -> Data:
    across, up = measures(language, 2, rng)
    unit = rng.choice((" ({})", ", {}", " [{}]"))
    series = []
    for name in dimension(language, rng.choice(("sector", "city")), rng.choice((1, 1, 2, 3)), rng):
        slope, count = rng.uniform(-1, 1), rng.randint(5, 18)
        points = []
        for _ in range(count):
            share = rng.random()
            height = min(max(0.5 + slope * (share - 0.5) + rng.gauss(0, 0.15), 0.02), 0.98)
            x = rounded(across.low + share * (across.high - across.low), across.places)
            points.append((x, rounded(up.low + height * (up.high - up.low), up.places)))
        points.sort()
        series.append(Series(name, tuple(f"{x:f}" for x, _ in points), tuple(y for _, y in points)))
    return Data(
        kind="scatter",
        title=f"{up.name} / {across.name}" if rng.random() < 0.85 else "",
        category=across.captioned(unit),
        value=up.captioned(unit),
        unit=up.unit,
        series=tuple(series),
        places=up.places,
        named=len(series) > 1,
        note="",
    )
