"""Bars: rectangles that stand on one line or on each other, upright or lying.

Everything is computed for upright bars; lying ones are turned first, so that `left` to `right` is always along the
axis of categories and `top` to `bottom` along that of values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import cv2
import numpy as np

from docpipe.engine.layout.charts.params import PARAMS
from docpipe.engine.layout.charts.picture import Mask
from docpipe.engine.layout.charts.plot import Plot
from docpipe.page.box import Box

LONE_EM = 4.0  # a single rectangle wider than this is an area
LESS = 0.6  # of the area: bars of the other way that cover less are stray rectangles


@dataclass(frozen=True, slots=True)
class Bar:
    """One rectangle as if bars stood upright. `paint` counts the paints of the plot; `on_base`: it is on the base."""

    paint: int
    box: Box
    on_base: bool = True


@dataclass(frozen=True, slots=True)
class Bars:
    """All bars of a plot. `base`: the line that they stand on; `pitch`, `first`: the places of the categories."""

    bars: tuple[Bar, ...]
    upright: bool
    base: float
    pitch: float
    first: float

    def slot(self, at: float) -> int:
        """The number of the category at a place."""
        return round((at - self.first) / self.pitch)

    @property
    def slots(self) -> range:
        numbers = [self.slot(bar.box.mid_x) for bar in self.bars]
        return range(min(numbers), max(numbers) + 1)

    @property
    def stacked(self) -> bool:
        """Whether bars stand on one another."""
        return sum(not bar.on_base for bar in self.bars) * 4 > len({self.slot(bar.box.mid_x) for bar in self.bars})

    @property
    def area(self) -> float:
        return sum(bar.box.width * bar.box.height for bar in self.bars)


def transposed(box: Box) -> Box:
    """The box with its axes exchanged."""
    return Box(box.top, box.left, box.bottom, box.right)


def bars_of(plot: Plot) -> Bars | None:
    """The bars of a plot; None where its marks are no bars."""
    found = [
        (at, box)
        for at, paint in enumerate(plot.paints)
        for box in _rectangles(paint.mask)
        if not _is_ground(box, plot) and not _is_letter(box, plot)
    ]
    ways = []
    for upright in (True, False):
        boxes = [(at, box if upright else transposed(box)) for at, box in found]
        bars = _standing(boxes, plot, upright)
        if bars is not None:
            ways.append(bars)
    most = max((bars.area for bars in ways), default=0.0)
    return max((bars for bars in ways if bars.area > LESS * most), key=lambda bars: _likely(bars, plot), default=None)


def _likely(bars: Bars, plot: Plot) -> float:
    """How well rectangles do as bars of that way."""
    scale = plot.y if bars.upright else plot.x
    other = plot.x if bars.upright else plot.y
    widths = [bar.box.width for bar in bars.bars]
    usual = median(widths)
    alike = sum(abs(width - usual) <= max(1.5, PARAMS.bars.alike_share * usual) for width in widths) / len(widths)
    on_base = sum(bar.on_base for bar in bars.bars) / len(bars.bars)
    told = 0.3 * (scale is not None) - 0.3 * (other is not None and scale is None)
    return alike + on_base * 0.5 + told + 0.1 * bars.upright


def _is_ground(box: Box, plot: Plot) -> bool:
    """Whether a rectangle is the plot's own background, or its frame."""
    return box.width > 0.9 * plot.box.width and box.height > 0.7 * plot.box.height


def _is_letter(box: Box, plot: Plot) -> bool:
    """Whether a rectangle is a stroke of a letter."""
    return any(
        word.box.holds(box.mid_x, box.mid_y) and box.height <= word.box.height and box.width <= word.box.width
        for word in plot.picture.words
        if box.width * box.height < 0.5 * word.box.width * word.box.height
    )


def _rectangles(mask: Mask) -> list[Box]:
    """The filled rectangles of a mask, those that touch parted where their outline steps."""
    params = PARAMS.bars
    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((params.least_side_px, params.least_side_px), np.uint8))
    found: list[Box] = []
    outlines, _ = cv2.findContours(opened, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    for outline in outlines:
        x, y, wide, high = cv2.boundingRect(outline)
        filled = np.zeros((high, wide), np.uint8)
        cv2.drawContours(filled, [outline - (x, y)], -1, 1, -1)
        if min(wide, high) < params.least_side_px:
            continue
        if filled.sum() >= params.filled_share * wide * high and _is_level(filled):
            found.append(Box(x, y, x + wide, y + high))
            continue
        steps = max(list(_steps(filled)), [transposed(box) for box in _steps(filled.T)], key=_covered)
        if _covered(steps) >= params.steps_share * filled.sum():
            found += [Box(x + box.left, y + box.top, x + box.right, y + box.bottom) for box in steps]
    return found


def _covered(boxes: Sequence[Box]) -> float:
    return sum(box.width * box.height for box in boxes)


def _is_level(filled: Mask) -> bool:
    """Whether the top of a nearly full box is level and not the slope of an area."""
    tops = filled.argmax(axis=0)
    lefts = filled.argmax(axis=1)
    return (
        bool(np.ptp(tops) <= max(3, 0.1 * filled.shape[0]) or np.ptp(lefts) <= max(3, 0.1 * filled.shape[1]))
        and (np.abs(tops - np.median(tops)) <= PARAMS.bars.step_px).mean() > 0.8
    )


def _steps(filled: Mask) -> Iterator[Box]:
    """Rectangles side by side, parted where the outline above or below makes a step."""
    params = PARAMS.bars
    high = filled.shape[0]
    tops, bottoms = filled.argmax(axis=0), high - filled[::-1].argmax(axis=0)
    moved = (np.abs(np.diff(tops)) > params.step_px) | (np.abs(np.diff(bottoms)) > params.step_px)
    edges = [0, *(np.flatnonzero(moved) + 1).tolist(), filled.shape[1]]
    for left, right in pairwise(edges):
        if right - left >= params.least_side_px:
            part_tops, part_bottoms = tops[left:right], bottoms[left:right]
            if np.ptp(part_tops) <= 2 * params.step_px and np.ptp(part_bottoms) <= 2 * params.step_px:
                yield Box(left, float(np.median(part_tops)), right, float(np.median(part_bottoms)))


def _joined(boxes: Sequence[tuple[int, Box]]) -> list[tuple[int, Box]]:
    """Rectangles of one paint that a thin line parts, as one."""
    params = PARAMS.bars
    joined: list[tuple[int, Box]] = []
    for paint, box in sorted(boxes, key=lambda each: (each[0], round(each[1].mid_x / 3), each[1].top)):
        last = joined[-1] if joined else None
        if (
            last is not None
            and last[0] == paint
            and abs(last[1].left - box.left) <= params.edge_px
            and abs(last[1].right - box.right) <= params.edge_px
            and -1 <= box.top - last[1].bottom <= params.seam_px
        ):
            joined[-1] = (paint, Box.around((last[1], box)))
        else:
            joined.append((paint, box))
    return joined


def _standing(boxes: Sequence[tuple[int, Box]], plot: Plot, upright: bool) -> Bars | None:
    """The rectangles that stand on one line, or on such; paints of which most do not are no bars."""
    params = PARAMS.bars
    boxes = _joined(boxes)
    scale = plot.y if upright else plot.x
    if not boxes:
        return None
    base = _base([box for _, box in boxes], scale.at(0.0) if scale is not None and not scale.log else None)
    bars = [Bar(paint, box) for paint, box in boxes if _touches(box, base)]
    rest = [(paint, box) for paint, box in boxes if not _touches(box, base)]
    grown = True
    while grown and rest:
        grown = False
        for paint, box in list(rest):
            if any(_is_on(box, bar.box) for bar in bars):
                bars.append(Bar(paint, box, on_base=False))
                rest.remove((paint, box))
                grown = True
    all_of, mine = Counter(paint for paint, _ in boxes), Counter(bar.paint for bar in bars)
    kept = {paint for paint in mine if mine[paint] >= params.attached_share * all_of[paint]}
    bars = [bar for bar in bars if bar.paint in kept]
    usual = median(bar.box.width for bar in bars) if bars else 0.0
    bars = [bar for bar in bars if abs(bar.box.width - usual) <= max(2.5, params.alike_share * usual)]
    if not bars or (len(bars) < 2 and usual > LONE_EM * plot.em):
        return None
    pitch, first = _places(bars)
    return Bars(tuple(bars), upright, base, pitch, first)


def _base(boxes: Sequence[Box], nought: float | None) -> float:
    """The line that most rectangles touch; the scale's nought if some do."""
    edges = [edge for box in boxes for edge in (box.top, box.bottom)]
    slack = PARAMS.bars.edge_px
    if nought is not None and sum(abs(edge - nought) <= 2 * slack for edge in edges) * 4 >= len(boxes):
        near = [edge for edge in edges if abs(edge - nought) <= 2 * slack]
        return median(near)
    best = max(edges, key=lambda edge: sum(abs(other - edge) <= slack for other in edges))
    return median(edge for edge in edges if abs(edge - best) <= slack)


def _touches(box: Box, base: float) -> bool:
    return min(abs(box.top - base), abs(box.bottom - base)) <= PARAMS.bars.edge_px


def _is_on(box: Box, other: Box) -> bool:
    """Whether a rectangle stands on another, or hangs from it."""
    slack = PARAMS.bars.edge_px
    level = abs(box.left - other.left) <= slack and abs(box.right - other.right) <= slack
    return level and min(abs(box.bottom - other.top), abs(box.top - other.bottom)) <= slack + 1


def _places(bars: Sequence[Bar]) -> tuple[float, float]:
    """(distance of categories, place of the first): bars of one paint stand in different categories."""
    steps: list[float] = []
    for paint in {bar.paint for bar in bars}:
        places = sorted({round(bar.box.mid_x, 1) for bar in bars if bar.paint == paint})
        places = [place for at, place in enumerate(places) if not at or place - places[at - 1] > 2]
        steps += [after - before for before, after in pairwise(places)]
    width = median(bar.box.width for bar in bars)
    middles = sorted(bar.box.mid_x for bar in bars)
    if not steps:  # a bar a paint
        gaps = [after - before for before, after in pairwise(middles) if after - before > width / 2]
        pitch = median(gaps) if gaps else width * 1.5
        return pitch, middles[0]
    least = min(step for step in steps if step >= 0.8 * width) if any(s >= 0.8 * width for s in steps) else width
    pitch = median([step for step in steps if step < 1.4 * least] or [least])
    counts = [round(step / pitch) for step in steps]
    pitch = sum(steps) / sum(counts) if sum(counts) else pitch
    offsets = sorted((middle - middles[0]) % pitch for middle in middles)
    gaps = [after - before for before, after in pairwise([*offsets, offsets[0] + pitch])]
    widest = max(range(len(gaps)), key=lambda at: gaps[at])
    start = offsets[(widest + 1) % len(offsets)]
    end = offsets[widest] if offsets[widest] >= start else offsets[widest] + pitch
    return pitch, middles[0] + (start + end) / 2 - (pitch if (start + end) / 2 > pitch / 2 else 0.0)
