"""Charts with axes: bars, grouped and stacked bars, lines, areas, points."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from docpipe.synth.chart.frame import Frame, axis_titles, category_axis, spines, tick_texts, value_axis
from docpipe.synth.chart.scale import Scale, fitted


def _printed(frame: Frame, value: Decimal) -> str:
    text = frame.style.numbers.text(value, frame.data.places)
    return f"{text}%" if frame.data.unit == "%" and not frame.data.value else text


def _extent(frame: Frame) -> list[Decimal]:
    """The values an axis must hold: the sums, where series stand on one another."""
    series = frame.data.series
    if frame.data.kind in ("stacked_bar", "area") and len(series) > 1:
        sums = [sum((line.ys[place] for line in series), Decimal(0)) for place in range(len(series[0].ys))]
        return [Decimal(0), *sums]
    return [y for line in series for y in line.ys]


def _scale(frame: Frame, upright: bool) -> Scale:
    start, end = (frame.y1, frame.y0) if upright else (frame.x0, frame.x1)
    count = max(3, min(8, int(abs(end - start) / (45 if upright else 70))))
    log = frame.style.log and frame.data.kind != "area"
    return fitted(_extent(frame), start, end, from_zero=frame.style.from_zero, log=log, count=count)


def _make_room(frame: Frame, upright: bool) -> Scale:
    """Take the room of the captions off the plot. Returns the scale of values on what is left."""
    pen, names = frame.pen, frame.data.series[0].xs
    scale = _scale(frame, upright)
    values = max(pen.width(text) for text in tick_texts(frame, scale)) + 8
    widest = max(pen.width(name) for name in names)
    if upright:
        frame.x0 += values
        slot = (frame.x1 - frame.x0) / len(names)
        frame.slanted = frame.data.kind != "scatter" and widest > slot - 3
        frame.y1 -= (widest * 0.72 + pen.size * 1.4) if frame.slanted else pen.size * 1.7
        if frame.slanted:
            frame.x0 = max(frame.x0, frame.x0 + widest * 0.72 - slot / 2 - values)
    else:
        frame.x0 += widest + 8
        frame.x1 -= values / 2
        frame.y1 -= pen.size * 1.7
    if frame.data.kind == "scatter":
        frame.x1 -= widest * 0.8  # half of the last mark's text
    frame.y0 += pen.size * (1.2 if frame.style.labels else 0.4)
    if frame.style.legend == "direct":
        frame.x1 -= max(pen.width(name) for name, _ in frame.entries) + 8
    elif frame.style.labels:
        frame.x1 -= pen.size
    return _scale(frame, upright)


def _slots(frame: Frame, count: int, upright: bool) -> list[float]:
    """Middles of `count` equal parts of the category axis."""
    start, end = (frame.x0, frame.x1) if upright else (frame.y0, frame.y1)
    return [start + (end - start) * (place + 0.5) / count for place in range(count)]


def _bar(
    frame: Frame,
    path: str,
    value: Decimal,
    low: float,
    high: float,
    middle: float,
    wide: float,
    place: int,
    upright: bool,
    inside: bool,
) -> None:
    """One bar from `low` to `high` along the value axis; its value beside or inside it, where labels are on and fit."""
    pen, style = frame.pen, frame.style
    text = _printed(frame, value)
    fits = style.labels and (not inside or abs(high - low) > pen.size * 1.4)
    fits = fits and (pen.width(text, pen.size * 0.85) < (wide if upright else abs(high - low)) * 1.6 or not inside)
    fits = fits and (not upright or pen.width(text, pen.size * 0.85) < wide * 1.25)
    sides = (middle - wide / 2, min(low, high), middle + wide / 2, max(low, high))
    box = sides if upright else (sides[1], sides[0], sides[3], sides[2])
    stroke = style.ink if style.outlined else None
    pen.sheet.area(*box, fill=frame.colour(place), stroke=stroke, weight=0.5, paths=() if fits else (path,))
    if not fits:
        return
    ink = style.ink
    if inside:
        ink = (1.0, 1.0, 1.0) if sum(frame.colour(place)) < 1.6 else (0.0, 0.0, 0.0)
    along = (low + high) / 2 if inside else high
    size = pen.size * 0.85
    if upright:
        y = along + size * 0.35 if inside else along + (-3 if high <= low else size)
        pen.put(middle, y, text, size=size, align="centre", paths=(path,), colour=ink)
    else:
        align = "centre" if inside else "left" if high >= low else "right"
        pen.put(
            along + (0 if inside else 3 if high >= low else -3),
            middle + size * 0.35,
            text,
            size=size,
            align=align,
            paths=(path,),
            colour=ink,
        )


def bars(frame: Frame) -> None:
    """Bars, upright or lying: alone, side by side, or on one another."""
    upright, data = not frame.style.lying, frame.data
    scale = _open(frame, upright)
    names = data.series[0].xs
    slots = _slots(frame, len(names), upright)
    category_axis(frame, names, slots, not upright)
    slot = abs((frame.x1 - frame.x0 if upright else frame.y1 - frame.y0) / len(names)) * frame.style.bar_share
    nought = scale.low if scale.log else 0.0
    for index, middle in enumerate(slots):
        below = Decimal(0)
        for place, line in enumerate(data.series):
            path, value = f"series[{place}].points[{index}].y", line.ys[index]
            tint = index if data.kind == "bar" and frame.style.outlined and not data.named else place
            if data.kind == "stacked_bar":
                low, high = scale.at(float(below)), scale.at(float(below + value))
                _bar(frame, path, value, low, high, middle, slot, tint, upright, inside=True)
                below += value
                continue
            wide = slot / len(data.series)
            shifted = middle + (place - (len(data.series) - 1) / 2) * wide
            _bar(
                frame,
                path,
                value,
                scale.at(nought),
                scale.at(float(value)),
                shifted,
                wide * 0.97,
                tint,
                upright,
                inside=False,
            )
    spines(frame, scale.at(0.0) if not scale.log and scale.low <= 0 else None, upright)


def _open(frame: Frame, upright: bool) -> Scale:
    axis_titles(frame)
    scale = _make_room(frame, upright)
    if frame.style.plot:
        frame.pen.sheet.area(frame.x0, frame.y0, frame.x1, frame.y1, fill=frame.style.plot)
    value_axis(frame, scale, upright)
    return scale


def _marker(frame: Frame, x: float, y: float, place: int, size: float, paths: Sequence[str], shape: str) -> None:
    sheet, colour = frame.pen.sheet, frame.colour(place)
    if shape == "square":
        sheet.area(x - size, y - size, x + size, y + size, fill=colour, paths=paths)
    elif shape == "triangle":
        sheet.outline(
            [(x, y - size), (x + size, y + size), (x - size, y + size)], fill=colour, closed=True, paths=paths
        )
    else:
        hollow = shape == "hollow"
        sheet.area(
            x - size,
            y - size,
            x + size,
            y + size,
            fill=(1.0, 1.0, 1.0) if hollow else colour,
            stroke=colour,
            radius=size,
            paths=paths,
        )


def lines(frame: Frame) -> None:
    """Lines over categories in order, with or without markers."""
    scale, style = _open(frame, True), frame.style
    names = frame.data.series[0].xs
    slots = _slots(frame, len(names), True)
    category_axis(frame, names, slots, False)
    spines(frame, None, True)
    for place, line in enumerate(frame.data.series):
        points = [(x, scale.at(float(y))) for x, y in zip(slots, line.ys, strict=True)]
        steps: list[tuple[float, ...]] = [points[0]]
        for before, after in pairwise(points):
            middle = (before[0] + after[0]) / 2
            steps.append((middle, before[1], middle, after[1], *after) if style.smooth else after)
        frame.pen.sheet.outline(steps, stroke=frame.colour(place), weight=style.weight)
        labelled = style.labels and len(frame.data.series) == 1
        for index, (x, y) in enumerate(points):
            path = (f"series[{place}].points[{index}].y",)
            size = 0.4 if style.markers == "none" else 1.4 + style.weight
            _marker(frame, x, y, place, size, () if labelled else path, style.markers)
            if labelled:
                frame.pen.put(
                    x,
                    y - 4 - style.weight,
                    _printed(frame, line.ys[index]),
                    size=frame.pen.size * 0.8,
                    align="centre",
                    paths=path,
                )
        if style.legend == "direct":
            x, y = points[-1]
            frame.pen.put(
                x + 6,
                y + frame.pen.size * 0.35,
                line.name,
                colour=frame.colour(place),
                paths=(f"series[{place}].name",),
            )


def areas(frame: Frame) -> None:
    """Areas on one another from nought."""
    scale = _open(frame, True)
    names = frame.data.series[0].xs
    slots = _slots(frame, len(names), True)
    category_axis(frame, names, slots, False)
    below = [Decimal(0)] * len(names)
    for place, line in enumerate(frame.data.series):
        above = [low + y for low, y in zip(below, line.ys, strict=True)]
        top = [(x, scale.at(float(y))) for x, y in zip(slots, above, strict=True)]
        foot = [(x, scale.at(float(y))) for x, y in zip(slots, below, strict=True)]
        stroke = frame.style.ink if frame.style.outlined else None
        frame.pen.sheet.outline(
            [*top, *reversed(foot)], fill=frame.colour(place), stroke=stroke, weight=0.6, closed=True
        )
        for index, (x, y) in enumerate(top):
            bottom = max(foot[index][1], y + 0.5)
            path = (f"series[{place}].points[{index}].y",)
            frame.pen.sheet.area(x - 0.3, y, x + 0.3, bottom, paths=path)
        below = above
    spines(frame, None, True)


def scatter(frame: Frame) -> None:
    """Points on two axes of values."""
    scale = _open(frame, True)
    xs = [Decimal(x) for line in frame.data.series for x in line.xs]
    count = max(3, min(8, int((frame.x1 - frame.x0) / 70)))
    across = fitted(xs, frame.x0, frame.x1, from_zero=min(xs) < max(xs) / 3, log=False, count=count)
    value_axis(frame, across, False)
    spines(frame, None, True)
    shapes = ("circle", "square", "triangle")
    for place, line in enumerate(frame.data.series):
        for index, (x, y) in enumerate(zip(line.xs, line.ys, strict=True)):
            paths = [f"series[{place}].points[{index}].{key}" for key in ("x", "y")]
            shape = shapes[place % 3] if frame.style.outlined else frame.style.markers
            _marker(frame, across.at(float(x)), scale.at(float(y)), place, 1.5 + frame.style.weight, paths, shape)
