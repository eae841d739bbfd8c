"""One chart, from its seed to its sheet and its truth: a picture of its own, or a figure on a page of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from docpipe.synth import fonts
from docpipe.synth.chart import pie, plot
from docpipe.synth.chart.frame import Frame, legend, title
from docpipe.synth.chart.series import TYPES, Data, draw_data
from docpipe.synth.chart.style import Style, draw_style
from docpipe.synth.document import Document
from docpipe.synth.formats import draw_numbers
from docpipe.synth.pen import Pen
from docpipe.synth.places import PLACES_OF, data
from docpipe.synth.sheet import Sheet


def _draw(frame: Frame) -> None:
    title(frame)
    legend(frame)
    match frame.data.kind:
        case "line":
            plot.lines(frame)
        case "area":
            plot.areas(frame)
        case "scatter":
            plot.scatter(frame)
        case "pie" | "donut":
            pie.pie(frame, ring=frame.data.kind == "donut")
        case _:
            plot.bars(frame)


def _label(content: Data, style: Style) -> dict[str, Any]:
    """The truth. A slice without a printed value is its share in percent."""
    across, up = (content.value, content.category) if style.lying else (content.category, content.value)
    round_one = content.kind in ("pie", "donut")
    series = []
    for line in content.series:
        ys = pie.shares(line.ys) if round_one and (style.percent_labels or not style.labels) else list(line.ys)
        points = [{"x": x, "y": float(y)} for x, y in zip(line.xs, ys, strict=True)]
        shown = content.named and style.legend != "none" and not round_one
        series.append({"name": line.name if shown else None, "points": points})
    return {
        "title": content.title or None,
        "chart_type": content.kind,
        "x_axis": across or None,
        "y_axis": up or None,
        "series": series,
    }


def _page(pen: Pen, language: str, rng: Random) -> tuple[float, float, float, float]:
    """Text around a figure on a page. Returns the box that is left for the figure."""
    wide, high = pen.sheet.width, pen.sheet.height
    margin, phrases = rng.uniform(50, 70), data("phrases.json")[language]
    text = " ".join([*phrases["lump"], *phrases["notes"]])
    y = pen.paragraph(margin, margin + pen.size, text, wide - 2 * margin) + rng.uniform(5, 25)
    bottom = y + rng.uniform(230, 330)
    pen.paragraph(margin, bottom + 30, " ".join(phrases["fine"] + phrases["closing"]), wide - 2 * margin)
    inset = rng.uniform(0, 60)
    return margin + inset, y, wide - margin - inset, min(bottom, high - 80)


def compose(index: int, seed: int, languages: Sequence[str]) -> Document:
    """Chart `index` of `seed`, in one of `languages`; the eight types take turns."""
    rng = Random(f"chart {seed} {index}")
    language = languages[(index // len(TYPES) + index + seed) % len(languages)]
    numbers = draw_numbers(language, rng.choice(PLACES_OF[language]), rng)
    content = draw_data(TYPES[(index + seed) % len(TYPES)], language, rng)
    style = draw_style(content.kind, len(content.series), content.named, numbers, rng)
    paged = rng.random() < 0.2
    sides = (595.28, 841.89) if paged else (rng.uniform(340, 620), rng.uniform(240, 420))
    family = fonts.draw_family(rng, False, language)
    pen = Pen(
        Sheet(*sides),
        family,
        rng.choice((7.5, 8.5, 9.0, 10.0)) * family.scale,
        style.ink if not paged else (0.0, 0.0, 0.0),
    )
    if paged:
        style = _plain(style)
        box = _page(pen, language, rng)
    else:
        if style.paper:
            pen.sheet.area(0, 0, *sides, fill=style.paper)
        box = (12.0, 10.0, sides[0] - 14, sides[1] - 10)
    frame = Frame(pen, content, style, *box)
    _draw(frame)
    dpi = 0 if paged or rng.random() < 0.35 else rng.choice((72, 96, 110, 144, 200))
    story = {
        "legend": style.legend,
        "lying": style.lying,
        "labels": style.labels,
        "log": style.log,
        "slanted": frame.slanted,
        "paged": paged,
    }
    return Document(language, "chart", pen.sheet, _label(content, style), story, title=content.title, dpi=dpi)


def _plain(style: Style) -> Style:
    """The style as it is on white paper."""
    return replace(style, paper=None, ink=(0.0, 0.0, 0.0)) if style.paper else style
