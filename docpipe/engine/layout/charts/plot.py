"""The plot: the part of the panel where marks stand, between the labels of its axes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from docpipe.engine.layout.charts.axes import Scale, label_boxes
from docpipe.engine.layout.charts.legend import Entry
from docpipe.engine.layout.charts.paints import Paint
from docpipe.engine.layout.charts.picture import Picture
from docpipe.page.box import Box
from docpipe.page.lines import Token

BEYOND = 3.0  # distances of ticks: marks reach so far beyond the last label that was read


@dataclass(frozen=True, eq=False)
class Plot:
    """`box` in pixels; `x` and `y`: the axes of values, if there are any; `right`: a second one along y.

    `paints` show what lies in the box, samples of the legend left out; their numbers are those of the legend.
    """

    picture: Picture
    box: Box
    x: Scale | None
    y: Scale | None
    right: Scale | None
    paints: Sequence[Paint]
    legend: Sequence[Entry]
    ticks: Collection[int]  # the words that label axes
    used: Collection[int]  # those and the words of the legend

    @property
    def em(self) -> float:
        return self.picture.em

    def name_of(self, paint: int) -> Entry | None:
        """The entry of the legend with that paint."""
        return next((entry for entry in self.legend if entry.paint == paint), None)

    def words_in(self, box: Box) -> list[Token]:
        """Words whose middle lies in the box, those of axes and legend left out."""
        return [
            word
            for word in self.picture.words
            if word.index not in self.used and box.holds(word.box.mid_x, word.box.mid_y)
        ]


def plot_of(
    picture: Picture,
    paints: Sequence[Paint],
    legend: Sequence[Entry],
    axes: tuple[Sequence[Scale], Sequence[Scale]],
) -> Plot:
    """The plot between the labels of its axes, or all of the panel where there are none."""
    along_x, along_y = axes
    panel, em = picture.panel, picture.em
    left, top, right, bottom = panel
    y = along_y[0] if along_y else None
    second = None
    for other in along_y[1:2]:
        assert y is not None
        pair = sorted((y, other), key=lambda scale: scale.ticks[0].label.box.mid_x)
        if _edge(pair[1], "left") - _edge(pair[0], "right") > 6 * em:
            y, second = pair
    x = next((scale for scale in along_x if _is_below(scale, y)), None)
    if y is not None:
        middle = (panel.left + panel.right) / 2
        if second is None and _edge(y, "left") > middle:
            right = _edge(y, "left") - 1
        else:
            left = _edge(y, "right") + 1
        if second is not None:
            right = _edge(second, "left") - 1
        places = [tick.at for tick in y.ticks]
        bottom = min(bottom, max(places) + BEYOND * y.step_px)
        top = max(top, min(places) - BEYOND * y.step_px)
    if x is not None:
        places = [tick.at for tick in x.ticks]
        tick_top = min(tick.label.box.top for tick in x.ticks)
        if tick_top > (panel.top + panel.bottom) / 2:
            bottom = min(bottom, tick_top - 1) if y is None else bottom
        if y is None:
            left, right = max(left, min(places) - 0.6 * em), min(right, max(places) + 1.2 * x.step_px)
        else:
            right = min(right, max(places) + 1.2 * x.step_px)
    box = Box(left, top, right, bottom)
    ticks = label_boxes(scale for scale in (x, y, second) if scale is not None)
    named = {token.index for entry in legend for token in entry.name.tokens}
    return Plot(
        picture,
        box,
        x,
        y,
        second,
        _inside(paints, legend, box),
        legend,
        ticks,
        ticks | named,
    )


def _is_below(scale: Scale, y: Scale | None) -> bool:
    """Whether an axis of values lies at the foot of the other one, and is no row of a legend above it."""
    height = scale.ticks[0].label.box.mid_y
    return y is None or height > y.ticks[-1].label.box.top


def _edge(scale: Scale, side: str) -> float:
    edges = sorted(getattr(tick.label.box, side) for tick in scale.ticks)
    return float(edges[-1] if side == "right" else edges[0])


def _inside(paints: Sequence[Paint], legend: Sequence[Entry], box: Box) -> list[Paint]:
    samples = [entry.sample for entry in legend]
    return [paint.inside(box).without(samples) for paint in paints]
