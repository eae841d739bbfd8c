"""The reliability diagram of a calibration as inline SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SIDE = 240
MARGIN = 36


def diagram(bins: Sequence[Mapping[str, Any]]) -> str:
    """Accuracy over confidence, a point a bin ({confidence, accuracy, values}); the diagonal is perfect."""
    most = max((interval["values"] for interval in bins), default=1)
    points = [(_across(interval["confidence"]), _up(interval["accuracy"]), interval) for interval in bins]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in points)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{2 + 7 * (interval["values"] / most) ** 0.5:.1f}" fill="#4a7ab5"'
        f' fill-opacity="0.7"><title>{interval["values"]} values, {interval["accuracy"]:.1%} right</title></circle>'
        for x, y, interval in points
    )
    ticks = "".join(
        f'<text x="{_across(tick):.0f}" y="{_up(0) + 14}" text-anchor="middle">{tick:g}</text>'
        f'<text x="{MARGIN - 6}" y="{_up(tick) + 3:.0f}" text-anchor="end">{tick:g}</text>'
        for tick in (0.0, 0.5, 1.0)
    )
    whole = SIDE + 2 * MARGIN
    return (
        f'<svg width="{whole}" height="{whole}" role="img" aria-label="reliability diagram">'
        f'<rect x="{MARGIN}" y="{MARGIN}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#999"/>'
        f'<line x1="{_across(0)}" y1="{_up(0)}" x2="{_across(1)}" y2="{_up(1)}" stroke="#999" stroke-dasharray="4"/>'
        f'<polyline points="{line}" fill="none" stroke="#4a7ab5"/>{dots}{ticks}'
        f'<text x="{_across(0.5)}" y="{whole - 4}" text-anchor="middle">confidence</text></svg>'
    )


def _across(share: float) -> float:
    return MARGIN + SIDE * share


def _up(share: float) -> float:
    return MARGIN + SIDE * (1 - share)
