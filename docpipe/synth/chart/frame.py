"""Everything around the marks of a chart: title, legend, axes, grid lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from docpipe.synth.chart.scale import Scale
from docpipe.synth.chart.series import Data
from docpipe.synth.chart.style import Style
from docpipe.synth.pen import Pen
from docpipe.synth.sheet import Colour

Box = tuple[float, float, float, float]


@dataclass
class Frame:
    """A chart being drawn in `box`; `x0` to `y1` is the plot left by what is around it. `slanted` tells whether
    captions of categories lean.
    """

    pen: Pen
    data: Data
    style: Style
    x0: float
    y0: float
    x1: float
    y1: float
    slanted: bool = False

    @property
    def entries(self) -> list[tuple[str, str]]:
        """(text, path) of the legend."""
        if self.data.kind in ("pie", "donut"):
            return [(x, f"series[0].points[{place}].x") for place, x in enumerate(self.data.series[0].xs)]
        return [(line.name, f"series[{place}].name") for place, line in enumerate(self.data.series)]

    def colour(self, place: int) -> Colour:
        """The colour of a series or slice."""
        return self.style.palette[place % len(self.style.palette)]


def title(frame: Frame) -> None:
    """The title above the plot, and the note below it."""
    pen, style = frame.pen, frame.style
    size = pen.size * 1.35
    if frame.data.title:
        x = frame.x0 if style.title_left else (frame.x0 + frame.x1) / 2
        align = "left" if style.title_left else "centre"
        y = frame.y0 + size
        frame.y0 = (
            pen.paragraph(
                x,
                y,
                frame.data.title,
                frame.x1 - frame.x0,
                size=size,
                bold=style.title_bold,
                align=align,
                paths=("title",),
            )
            - size * 0.5
        )
    if frame.data.note:
        pen.put(frame.x0, frame.y1 - 2, frame.data.note, size=pen.size * 0.8, italic=True)
        frame.y1 -= pen.size * 1.5


def _key(frame: Frame, place: int, x: float, y: float) -> float:
    """The sample of colour before a legend's text, as the marks look. Returns its width."""
    pen, size = frame.pen, frame.pen.size
    if frame.data.kind == "line":
        pen.sheet.outline(
            [(x, y - size * 0.32), (x + size * 1.8, y - size * 0.32)],
            stroke=frame.colour(place),
            weight=frame.style.weight,
        )
        return size * 2.2
    pen.sheet.area(x, y - size * 0.7, x + size * 0.8, y + size * 0.1, fill=frame.colour(place))
    return size * 1.2


def legend(frame: Frame) -> None:
    """The legend at its place, and the plot made smaller by it."""
    pen, place = frame.pen, frame.style.legend
    if place in ("none", "direct"):
        return
    wide = max(pen.width(text) for text, _ in frame.entries) + pen.size * 2.6
    if place == "right":
        x, y = frame.x1 - wide, frame.y0 + (frame.y1 - frame.y0) * 0.15
        frame.x1 = x - pen.size
        for index, (text, path) in enumerate(frame.entries):
            left = x + _key(frame, index, x, y)
            pen.put(left, y, text, paths=(path,))
            y += pen.lead * 1.15
        return
    if place == "inside":
        x, y = frame.x0 + pen.size * 6, frame.y0 + pen.size
    else:
        x, y = frame.x0, frame.y0 + pen.size if place == "top" else frame.y1 - 2
    start, rows = x, 1
    for text, _ in frame.entries:
        step = pen.width(text) + pen.size * 3.6
        if x + step > frame.x1 and x > start:
            x, rows = start, rows + 1
        x += step
    if place == "bottom":
        y -= (rows - 1) * pen.lead
    x = start
    for index, (text, path) in enumerate(frame.entries):
        step = pen.width(text) + pen.size * 3.6
        if x + step > frame.x1 and x > start:
            x, y = start, y + pen.lead
        pen.put(x + _key(frame, index, x, y), y, text, paths=(path,))
        x += step
    if place == "bottom":
        frame.y1 -= (rows + 0.6) * pen.lead
    else:
        frame.y0 += (rows + 0.3) * pen.lead


def axis_titles(frame: Frame) -> None:
    """The titles of both axes: the horizontal below the plot, the vertical turned at its left."""
    across, up = (
        (frame.data.value, frame.data.category) if frame.style.lying else (frame.data.category, frame.data.value)
    )
    pen = frame.pen
    if across:
        pen.put(
            (frame.x0 + frame.x1) / 2,
            frame.y1 - 3,
            across,
            align="centre",
            paths=("x_axis",),
            limit=frame.x1 - frame.x0,
        )
        frame.y1 -= pen.lead * 1.3
    if up:
        pen.put(
            frame.x0 + pen.size,
            (frame.y0 + frame.y1) / 2,
            up,
            align="centre",
            angle=90,
            paths=("y_axis",),
            limit=frame.y1 - frame.y0,
        )
        frame.x0 += pen.lead * 1.3


def tick_texts(frame: Frame, scale: Scale) -> list[str]:
    """The ticks' texts, in the style's numbers."""
    suffix = "%" if frame.data.unit == "%" and not frame.data.value else ""
    return [frame.style.numbers.text(Decimal(repr(tick)), scale.places) + suffix for tick in scale.ticks]


def value_axis(frame: Frame, scale: Scale, upright: bool) -> None:
    """Ticks, grid lines and the line of an axis of values."""
    pen, style, sheet = frame.pen, frame.style, frame.pen.sheet
    pale: Colour = (0.82, 0.82, 0.84) if style.plot is None else (1.0, 1.0, 1.0)
    for text, tick in zip(tick_texts(frame, scale), scale.ticks, strict=True):
        place = scale.at(tick)
        ends = (frame.x0, place, frame.x1, place) if upright else (place, frame.y0, place, frame.y1)
        if style.grid != "none":
            sheet.rule(*ends, 0.5, pale, dashed=style.grid == "dashed")
        if upright:
            pen.put(frame.x0 - 5, place + pen.size * 0.35, text, align="right")
            sheet.rule(frame.x0 - 3, place, frame.x0, place, 0.5, style.ink)
        else:
            pen.put(place, frame.y1 + pen.size * 1.3, text, align="centre")
            sheet.rule(place, frame.y1, place, frame.y1 + 3, 0.5, style.ink)


def category_axis(frame: Frame, names: Sequence[str], places: Sequence[float], upright: bool) -> None:
    """The captions of categories at the given places: along the bottom, or `upright` at the left."""
    pen, style = frame.pen, frame.style
    for index, (name, place) in enumerate(zip(names, places, strict=True)):
        paths = [f"series[{place}].points[{index}].x" for place in range(len(frame.data.series))]
        if upright:
            pen.put(frame.x0 - 5, place + pen.size * 0.35, name, align="right", paths=paths)
        elif frame.slanted:
            pen.put(place + 2, frame.y1 + pen.size * 0.9, name, align="right", angle=45, paths=paths)
        else:
            pen.put(place, frame.y1 + pen.size * 1.3, name, align="centre", paths=paths)
        if style.grid == "both" and not upright:
            pen.sheet.rule(place, frame.y0, place, frame.y1, 0.4, (0.85, 0.85, 0.87))


def spines(frame: Frame, zero: float | None, upright: bool) -> None:
    """The lines of the axes; `zero` is where the line of nought runs, if it is drawn."""
    sheet, style = frame.pen.sheet, frame.style
    if style.spines == "box":
        sheet.area(frame.x0, frame.y0, frame.x1, frame.y1, stroke=style.ink, weight=0.7)
    elif style.spines == "corner":
        sheet.rule(frame.x0, frame.y0, frame.x0, frame.y1, 0.7, style.ink)
        sheet.rule(frame.x0, frame.y1, frame.x1, frame.y1, 0.7, style.ink)
    if zero is not None:
        ends = (frame.x0, zero, frame.x1, zero) if upright else (zero, frame.y0, zero, frame.y1)
        sheet.rule(*ends, 0.8, style.ink)
