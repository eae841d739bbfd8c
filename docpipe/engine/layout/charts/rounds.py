"""Pies and rings: slices by their angles, their names by the legend or beside them, printed values first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import atan2, hypot, pi

import cv2
import numpy as np
import numpy.typing as npt

from docpipe.engine.layout.charts.axes import tick_value
from docpipe.engine.layout.charts.chart import Chart, Point, Series, Value
from docpipe.engine.layout.charts.params import PARAMS
from docpipe.engine.layout.charts.picture import Phrase, phrase
from docpipe.engine.layout.charts.plot import Plot
from docpipe.engine.layout.charts.texts import title_of, used_by
from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box
from docpipe.page.lines import Token

RADII = (0.62, 0.68, 0.74, 0.8, 0.86, 0.92)  # of the radius, at which a slice is looked at
HOLE = 0.25  # of the radius: a ring is empty here
AGREES = 0.03  # of all: a printed value is its slice's if its share differs less


@dataclass(frozen=True, slots=True)
class Circle:
    """In pixels; `ring`: it has a hole."""

    x: float
    y: float
    radius: float
    ring: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """Parts of a turn, clockwise from twelve o'clock."""

    paint: int
    start: float
    end: float

    @property
    def share(self) -> float:
        return self.end - self.start

    def holds(self, turn: float) -> bool:
        return self.start <= turn < self.end or self.start <= turn + 1 < self.end


def pie_of(plot: Plot, conventions: Conventions) -> Chart | None:
    """The pie or ring that is most of the plot; None where there is none."""
    circle = _circle(plot)
    if circle is None:
        return None
    slices = _slices(plot, circle)
    if not 1 <= len(slices) <= 40 or (len(slices) == 1 and not plot.legend):
        return None
    above = Box(circle.x - circle.radius, circle.y - circle.radius, circle.x + circle.radius, circle.y)
    named = used_by([entry.name for entry in plot.legend] if plot.legend else [])
    title = title_of(plot.picture, above, named, PARAMS.round.title_ratio)
    prints = _prints(plot, circle, slices, used_by([title]))
    values = _values(slices, prints, conventions, circle)
    names = [
        entry.name if (entry := plot.name_of(each.paint)) is not None else _name(words, conventions)
        for each, words in zip(slices, prints, strict=True)
    ]
    points = tuple(Point(name, value) for name, value in zip(names, values, strict=True))
    return Chart("donut" if circle.ring else "pie", (Series(None, points),), title)


def _circle(plot: Plot) -> Circle | None:
    params, em = PARAMS.round, plot.em
    painted = np.zeros(plot.picture.pixels.shape[:2], np.uint8)
    for paint in plot.paints:
        painted |= paint.mask
    painted = cv2.morphologyEx(painted, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    size = max(5, int(0.5 * em))
    painted = cv2.morphologyEx(painted, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)))
    outlines, _ = cv2.findContours(painted, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = max(outlines, key=cv2.contourArea, default=None)
    if largest is None:
        return None
    area = float(cv2.contourArea(largest))
    hull = cv2.convexHull(largest)
    (x, y), _ = cv2.minEnclosingCircle(hull)
    # an inner circle that words at the rim do not widen
    points = largest.reshape(-1, 2).astype(float)
    for _ in range(3):
        away = np.hypot(points[:, 0] - x, points[:, 1] - y)
        radius = float(np.median(away))
        near = points[np.abs(away - radius) < 0.08 * radius + 2]
        if len(near) < 0.5 * len(points):
            return None
        solved, *_ = np.linalg.lstsq(np.column_stack((2 * near, np.ones(len(near)))), (near**2).sum(axis=1), rcond=None)
        x, y = float(solved[0]), float(solved[1])
    away = np.hypot(points[:, 0] - x, points[:, 1] - y)
    radius = float(np.median(away))
    on_rim = float((np.abs(away - radius) < 0.06 * radius + 1.5).mean())
    if radius * 2 < params.least_em * em or on_rim < 0.75 or area < 0.8 * pi * radius**2:
        return None
    centre = Box(x, y, x, y)
    hole = [
        _paint_at(plot, centre.left + dx * radius * HOLE, centre.top + dy * radius * HOLE)
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
    ]
    ring = sum(paint is None for paint in hole) >= 7 and not _is_sliced(plot, x, y, radius)
    return Circle(x, y, radius, ring)


def _is_sliced(plot: Plot, x: float, y: float, radius: float) -> bool:
    """Whether colours reach the centre, words there left out."""
    inner = [
        _paint_at(plot, x + radius * 0.4 * np.cos(turn), y + radius * 0.4 * np.sin(turn))
        for turn in np.linspace(0, 2 * pi, 48)
    ]
    return sum(paint is not None for paint in inner) > 0.6 * len(inner)


def _paint_at(plot: Plot, x: float, y: float) -> int | None:
    return next((at for at, paint in enumerate(plot.paints) if paint.mask[int(y), int(x)]), None)


def _slices(plot: Plot, circle: Circle) -> list[Slice]:
    """The runs of one paint around the circle, clockwise from twelve o'clock."""
    rays = PARAMS.round.rays
    turns = (np.arange(rays) + 0.5) / rays * 2 * pi
    height, width = plot.picture.pixels.shape[:2]
    numbers = np.zeros((height, width), np.int16)
    for at, paint in enumerate(plot.paints):
        numbers[paint.mask > 0] = at + 1
    seen = np.zeros((len(RADII), rays), np.int64)
    for row, share in enumerate(RADII):
        xs = np.clip(circle.x + share * circle.radius * np.sin(turns), 0, width - 1).astype(int)
        ys = np.clip(circle.y - share * circle.radius * np.cos(turns), 0, height - 1).astype(int)
        seen[row] = numbers[ys, xs]
    votes = np.stack([(seen == at).sum(axis=0) for at in range(len(plot.paints) + 1)])
    votes[0] = 0
    paints = np.where(votes.max(axis=0) >= 2, votes.argmax(axis=0), 0)
    known = np.flatnonzero(paints)
    if len(known) < 0.6 * rays:
        return []
    # a separator belongs half to either side
    nearest = known[np.abs(_circular(np.arange(rays)[:, None] - known[None, :], rays)).argmin(axis=1)]
    paints = paints[nearest]
    return _merged(paints, rays)


def _circular(distance: npt.NDArray[np.int64], whole: int) -> npt.NDArray[np.int64]:
    away = np.abs(distance) % whole
    shorter: npt.NDArray[np.int64] = np.minimum(away, whole - away)
    return shorter


def _merged(paints: npt.NDArray[np.int64], rays: int) -> list[Slice]:
    edges = np.flatnonzero(paints != np.roll(paints, 1))
    if not len(edges):
        return [Slice(int(paints[0]) - 1, 0.0, 1.0)]
    runs = [
        (int(paints[start]) - 1, start / rays, (end if end > start else end + rays) / rays)
        for start, end in zip(edges.tolist(), [*edges[1:].tolist(), int(edges[0])], strict=True)
    ]
    wide = [run for run in runs if run[2] - run[1] >= PARAMS.round.slice_share]
    joined: list[tuple[int, float, float]] = []
    for run in wide:  # a thin edge between two of one paint parts nothing
        if joined and joined[-1][0] == run[0]:
            joined[-1] = (run[0], joined[-1][1], run[2])
        else:
            joined.append(run)
    if len(joined) > 1 and joined[0][0] == joined[-1][0]:
        last = joined.pop()
        joined[0] = (last[0], last[1] - 1.0, joined[0][2])
    total = sum(end - start for _, start, end in joined)
    slices = [Slice(paint, start, start + (end - start) / total) for paint, start, end in joined]
    return sorted(slices, key=lambda each: each.start % 1.0 if each.start >= -0.01 else each.start + 1.0)


def _prints(plot: Plot, circle: Circle, slices: Sequence[Slice], used: Collection[int]) -> list[list[Token]]:
    """Of each slice the words on it and beside it."""
    prints: list[list[Token]] = [[] for _ in slices]
    reach = PARAMS.round.reach_ratio * circle.radius + 3 * plot.em
    for each in plot.picture.phrases:
        tokens = [token for token in each.tokens if token.index not in plot.used and token.index not in used]
        if not tokens:
            continue
        box = phrase(tokens).box
        x = min(max(circle.x, box.left), box.right)
        y = min(max(circle.y, box.top), box.bottom)
        inside = hypot(box.mid_x - circle.x, box.mid_y - circle.y) < circle.radius
        if inside:
            x, y = box.mid_x, box.mid_y
        else:
            x, y = (x + min(max(box.mid_x, circle.x - circle.radius), circle.x + circle.radius)) / 2, box.mid_y
        if hypot(x - circle.x, y - circle.y) > reach:
            continue
        turn = (atan2(x - circle.x, circle.y - y) / (2 * pi)) % 1.0
        for at, one in enumerate(slices):
            if one.holds(turn):
                prints[at] += tokens
                break
    return prints


def _name(words: Sequence[Token], conventions: Conventions) -> Phrase | None:
    """The words of a slice that are no value."""
    texts = [word for word in words if tick_value(word.text.strip("(),;"), conventions) is None or _is_year(word.text)]
    texts = [word for word in texts if any(map(str.isalnum, word.text))]
    return phrase(texts) if texts else None


def _is_year(text: str) -> bool:
    return text.isdigit() and len(text) == 4 and text[:2] in ("19", "20")


def _values(
    slices: Sequence[Slice], prints: Sequence[Sequence[Token]], conventions: Conventions, circle: Circle
) -> list[Value]:
    """What each slice prints, where the prints agree with the slices; else its share in percent."""
    box = Box(circle.x - circle.radius, circle.y - circle.radius, circle.x + circle.radius, circle.y + circle.radius)
    shares = [Value(100 * each.share, 1, box, "measured") for each in slices]
    printed: list[list[tuple[float, Token]]] = []
    for words in prints:
        found = [(tick_value(word.text.strip("(),;"), conventions), word) for word in words]
        printed.append([(number, word) for number, word in found if number is not None])
    percents = [[(number, word) for number, word in each if "%" in word.text] for each in printed]
    plain = [[(number, word) for number, word in each if "%" not in word.text] for each in printed]
    for kind in (plain, percents):
        chosen = _agreeing(slices, kind, is_percent=kind is percents)
        if chosen is not None:
            return [
                share
                if pair is None
                else Value(pair[0], _decimals(pair[1].text), pair[1].box, "printed", phrase((pair[1],)))
                for share, pair in zip(shares, chosen, strict=True)
            ]
    return shares


def _agreeing(
    slices: Sequence[Slice], printed: Sequence[Sequence[tuple[float, Token]]], *, is_percent: bool
) -> list[tuple[float, Token] | None] | None:
    """Of each slice the print that its share agrees with; None unless nearly all slices have one."""
    pairs = [
        (each.share, number) for each, some in zip(slices, printed, strict=True) for number, _ in some if each.share > 0
    ]
    if not pairs:
        return None
    whole = 100.0 if is_percent else float(np.median([number / share for share, number in pairs]))
    chosen: list[tuple[float, Token] | None] = []
    for each, some in zip(slices, printed, strict=True):
        near = [pair for pair in some if abs(pair[0] / whole - each.share) <= AGREES] if whole > 0 else []
        chosen.append(min(near, key=lambda pair: abs(pair[0] / whole - each.share), default=None))
    given = sum(pair is not None for pair in chosen)
    small = sum(each.share < 0.04 for each in slices)
    if given < max(1, 0.6 * (len(slices) - small)) or (not is_percent and given < len(slices)):
        return None
    return chosen


def _decimals(text: str) -> int:
    tail = text.rstrip("%) ").replace(",", ".").rpartition(".")
    return len(tail[2]) if tail[1] and len(tail[2]) < 3 else 0
