"""How a chart looks: the habits of spreadsheets, statistics packages and newspapers, drawn part by part."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from docpipe.synth.formats import Numbers
from docpipe.synth.sheet import Colour


def _palette(text: str) -> tuple[Colour, ...]:
    return tuple((int(code[:2], 16) / 255, int(code[2:4], 16) / 255, int(code[4:], 16) / 255) for code in text.split())


PALETTES: Final = (
    _palette("4472c4 ed7d31 a5a5a5 ffc000 5b9bd5 70ad47 264478"),
    _palette("1f77b4 ff7f0e 2ca02c d62728 9467bd 8c564b e377c2"),
    _palette("003f5c 7a5195 ef5675 ffa600 2f4b7c bc5090 ff764a"),
    _palette("222222 777777 b5b5b5 4d4d4d 999999 d0d0d0 333333"),
    _palette("66c2a5 fc8d62 8da0cb e78ac3 a6d854 ffd92f e5c494"),
    _palette("08306b 2171b5 6baed6 c6dbef 4292c6 9ecae1 08519c"),
    _palette("b2182b 2166ac f4a582 92c5de 762a83 1b7837 dfc27d"),
    _palette("0b6e4f 08a045 6bbf59 fa9f42 721817 2b4162 d7c0d0"),
)


@dataclass(frozen=True)
class Style:
    """A chart's style. `legend` is right, top, bottom, inside or none; `spines` box, corner or none; `grid` none,
    value, both or dashed.
    """

    palette: tuple[Colour, ...]
    paper: Colour | None
    plot: Colour | None
    ink: Colour
    lying: bool
    spines: str
    grid: str
    legend: str
    title_left: bool
    title_bold: bool
    labels: bool
    log: bool
    from_zero: bool
    markers: str
    smooth: bool
    weight: float
    bar_share: float
    outlined: bool
    percent_labels: bool
    numbers: Numbers


def draw_style(kind: str, count: int, named: bool, numbers: Numbers, rng: Random) -> Style:
    """A style for a chart of `kind` with `count` series."""
    palette = list(rng.choice(PALETTES))
    if rng.random() < 0.3:
        rng.shuffle(palette)
    dark = rng.random() < 0.05
    round_one = kind in ("pie", "donut")
    legend = rng.choice(("right", "right", "top", "bottom", "inside")) if named else "none"
    if round_one:
        legend = rng.choice(("none", "none", "right", "bottom"))
    if kind == "line" and count > 1 and rng.random() < 0.2:
        legend = "direct"
    return Style(
        palette=tuple(palette),
        paper=(0.13, 0.14, 0.17) if dark else rng.choice((None, None, None, (0.97, 0.97, 0.95))),
        plot=None if dark or rng.random() < 0.8 else (0.92, 0.92, 0.94),
        ink=(0.92, 0.92, 0.92) if dark else rng.choice(((0.0, 0.0, 0.0), (0.25, 0.25, 0.28), (0.35, 0.35, 0.38))),
        lying=kind in ("bar", "grouped_bar", "stacked_bar") and rng.random() < 0.35,
        spines=rng.choice(("box", "corner", "corner", "none")),
        grid=rng.choice(("none", "value", "value", "both", "dashed")),
        legend=legend,
        title_left=rng.random() < 0.35,
        title_bold=rng.random() < 0.55,
        labels=rng.random() < (0.75 if round_one else 0.35) and kind != "scatter",
        log=kind in ("line", "bar", "scatter") and rng.random() < 0.05,
        from_zero=kind != "line" or rng.random() < 0.5,
        markers=rng.choice(("none", "circle", "square", "triangle", "hollow")) if kind == "line" else "circle",
        smooth=kind == "line" and rng.random() < 0.1,
        weight=rng.choice((1.0, 1.5, 2.2)),
        bar_share=rng.choice((0.5, 0.65, 0.8, 0.92)),
        outlined=rng.random() < 0.25,
        percent_labels=rng.random() < 0.6,
        numbers=numbers,
    )
