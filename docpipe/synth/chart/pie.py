"""Pies and rings."""

from __future__ import annotations

from decimal import Decimal
from math import cos, pi, sin

from docpipe.synth.chart.frame import Frame
from docpipe.synth.chart.series import rounded


def _arc(x: float, y: float, radius: float, start: float, end: float) -> list[tuple[float, float]]:
    """Points of an arc, clockwise from twelve o'clock, angles in parts of a turn."""
    count = max(2, int((end - start) * 90))
    turns = [(start + (end - start) * step / count) * 2 * pi for step in range(count + 1)]
    return [(x + radius * sin(turn), y - radius * cos(turn)) for turn in turns]


def shares(values: tuple[Decimal, ...]) -> list[Decimal]:
    """Each value in percent of all, to one decimal."""
    total = sum(values, Decimal(0))
    return [rounded(float(value / total * 100), 1) for value in values]


def texts(frame: Frame) -> list[str]:
    """What is printed at each slice: its percent or its value; empty where labels are off."""
    style, values = frame.style, frame.data.series[0].ys
    if not style.labels:
        return [""] * len(values)
    if style.percent_labels:
        return [f"{style.numbers.text(share, 1)}%" for share in shares(values)]
    return [style.numbers.text(value, frame.data.places) for value in values]


def pie(frame: Frame, *, ring: bool) -> None:
    """Slices clockwise; names beside them unless the legend has them, numbers at the slices."""
    pen, style = frame.pen, frame.style
    names, values = frame.data.series[0].xs, frame.data.series[0].ys
    beside = style.legend == "none"
    room = max(pen.width(name) for name in names) + 14 if beside else 10.0
    radius = max(
        30.0, min((frame.x1 - frame.x0) / 2 - room, (frame.y1 - frame.y0) / 2 - pen.size * (3 if beside else 0.8))
    )
    x, y = (frame.x0 + frame.x1) / 2, (frame.y0 + frame.y1) / 2
    start, total = 0.0, float(sum(values))
    inner = radius * 0.55 if ring else 0.0
    for place, (name, value, text) in enumerate(zip(names, values, texts(frame), strict=True)):
        end = start + float(value) / total
        outer = _arc(x, y, radius, start, end)
        steps = [*outer, *reversed(_arc(x, y, inner, start, end))] if ring else [(x, y), *outer]
        path = f"series[0].points[{place}]"
        stroke = style.paper or (1.0, 1.0, 1.0)
        pen.sheet.outline(
            steps,
            frame.colour(place),
            stroke,
            1.0 if style.outlined else 0.3,
            closed=True,
            paths=() if text else (f"{path}.y",),
        )
        turn, size = (start + end) * pi, pen.size * 0.9
        start = end
        if beside:
            side = "left" if sin(turn) >= 0 else "right"
            edge = (x + (radius + 8) * sin(turn), y - (radius + 8) * cos(turn) + size * (0.35 - 0.6 * cos(turn)))
            pen.put(*edge, name, align=side, paths=(f"{path}.x",))
        if text:
            _number(frame, text, f"{path}.y", (x, y), (radius, inner), turn, place)


def _number(
    frame: Frame, text: str, path: str, middle: tuple[float, float], radii: tuple[float, float], turn: float, place: int
) -> None:
    pen, size = frame.pen, frame.pen.size * 0.85
    away = (radii[0] + radii[1]) / 2 if radii[1] else radii[0] * 0.68
    ink = (1.0, 1.0, 1.0) if sum(frame.colour(place)) < 1.7 else (0.0, 0.0, 0.0)
    pen.put(
        middle[0] + away * sin(turn),
        middle[1] - away * cos(turn) + size * 0.35,
        text,
        size=size,
        align="centre",
        colour=ink,
        paths=(path,),
    )
