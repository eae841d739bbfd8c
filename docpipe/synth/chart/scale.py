"""From values to places on paper: round steps, linear or logarithmic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil, floor, log10


@dataclass(frozen=True)
class Scale:
    """An axis from `low` to `high`, printed from `start` to `end` (points); `ticks` are the marked values."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]
    log: bool

    def at(self, value: float) -> float:
        """Where `value` stands."""
        if self.log:
            share = (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    @property
    def places(self) -> int:
        """Decimals the ticks need."""
        return max((_places(tick) for tick in self.ticks), default=0)


def _places(value: float) -> int:
    text = f"{value:.6f}".rstrip("0")
    return len(text.partition(".")[2])


def _step(span: float, count: int) -> float:
    """The round step (1, 2, 2.5 or 5 times a power of ten) that cuts `span` into about `count`."""
    raw = span / count
    power = 10.0 ** floor(log10(raw))
    return float(next(factor for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999) * power)


def fitted(values: Sequence[Decimal], start: float, end: float, *, from_zero: bool, log: bool, count: int) -> Scale:
    """A scale that holds `values`, with round ends and about `count` steps."""
    low, high = float(min(values)), float(max(values))
    if log and low > 0 and high / low > 8:
        bottom, top = floor(log10(low)), ceil(log10(high * 1.001))
        return Scale(10.0**bottom, 10.0**top, start, end, tuple(10.0**power for power in range(bottom, top + 1)), True)
    if from_zero or low < 0:
        low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        high = low + 1
    step = _step((high - low) * 1.04, count)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    if (last * step - high) < step * 0.08:
        last += 1
    ticks = tuple(round(place * step, 6) for place in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], start, end, ticks, False)
