"""Lines, areas and points: marks whose places, and not whose sizes, are values."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from docpipe.engine.layout.charts.paints import Paint, Piece, pieces_of
from docpipe.engine.layout.charts.params import PARAMS
from docpipe.engine.layout.charts.picture import Mask
from docpipe.engine.layout.charts.plot import Plot
from docpipe.page.box import Box

Track = npt.NDArray[np.float64]  # of each column of the picture a height in pixels; NaN where there is none


@dataclass(frozen=True, eq=False)
class Curve:
    """A line of one paint: its middle in each column. `box`: as far as it reaches."""

    paint: int
    middle: Track
    box: Box

    def at(self, x: float) -> tuple[float, bool] | None:
        """(height, whether it shows there rather than between places where it does); None beyond its ends."""
        return _at(self.middle, x)


@dataclass(frozen=True, eq=False)
class Area:
    """An area of one paint: its upper and lower edge in each column."""

    paint: int
    top: Track
    bottom: Track
    box: Box

    def at(self, x: float) -> tuple[float, float, bool] | None:
        above, beneath = _at(self.top, x), _at(self.bottom, x)
        if above is None or beneath is None:
            return None
        return above[0], beneath[0], above[1] and beneath[1]


@dataclass(frozen=True, eq=False)
class Cloud:
    """The points of one paint."""

    paint: int
    points: tuple[Piece, ...]


def _at(track: Track, x: float) -> tuple[float, bool] | None:
    here = np.flatnonzero(~np.isnan(track))
    if not len(here) or not here[0] - 4 <= x <= here[-1] + 4:
        return None
    nearest = float(np.abs(here - x).min())
    return float(np.interp(x, here, track[here])), nearest <= 3


def curves_of(plot: Plot, taken: Collection[int]) -> list[Curve]:
    """The lines of all paints but those `taken`."""
    found = []
    for at, paint in enumerate(plot.paints):
        if at not in taken:
            curve = _curve(at, _cleared(paint, plot), plot)
            if curve is not None:
                found.append(curve)
    return found


def _cleared(paint: Paint, plot: Plot) -> Mask:
    """The mask without words, and without the straight lines of axes and grids."""
    words = (word for word in plot.picture.words if paint.grey or sum(map(str.isalpha, word.text)) > 1)
    bare = paint.without([word.box for word in words])
    mask = bare.soft.copy()
    if paint.grey or _is_grid(mask, plot):
        shown = np.flatnonzero(mask.any(axis=0))
        wide = min(plot.box.width, float(np.ptp(shown)) if len(shown) else 0.0)
        high = plot.box.height if plot.y is None else abs(plot.y.ticks[-1].at - plot.y.ticks[0].at)
        rows = mask.sum(axis=1) >= 0.6 * max(wide, 1.0)
        columns = mask.sum(axis=0) >= 0.6 * high
        mask[rows] = 0
        mask[:, columns] = 0
    return mask


def _is_grid(mask: Mask, plot: Plot) -> bool:
    """Whether a coloured mask is of straight lines across the plot."""
    rows = mask.sum(axis=1) >= 0.8 * plot.box.width
    return bool(rows.sum() > 1 and mask[rows].sum() > 0.5 * mask.sum())


def _curve(at: int, mask: Mask, plot: Plot) -> Curve | None:
    params, across = PARAMS.curves, _across(plot)
    counts = mask.sum(axis=0).astype(np.int32)
    shown = np.flatnonzero(counts)
    if len(shown) < params.across_share * params.covered_share * across:
        return None
    left, right = int(shown[0]), int(shown[-1])
    if right - left < params.across_share * across or len(shown) < params.covered_share * (right - left):
        return None
    if np.median(counts[shown]) > params.thick_em * plot.em:
        return None
    starts = (np.diff(mask.astype(np.int8), axis=0, prepend=0) == 1).sum(axis=0)
    if np.mean(starts[shown]) > 2.2:
        return None
    middle = _tracked(mask, shown, starts)
    if plot.paints[at].grey and np.nanstd(middle) < params.straight_px:
        return None
    rows = np.flatnonzero(mask.any(axis=1))
    return Curve(at, middle, Box(left, float(rows[0]), right + 1, float(rows[-1] + 1)))


def _across(plot: Plot) -> float:
    """How wide the coloured marks of a plot are together; a page goes on beyond its plot."""
    columns = np.zeros(plot.picture.pixels.shape[1], bool)
    for paint in plot.paints:
        columns |= (not paint.grey) & paint.mask.any(axis=0)
    shown = np.flatnonzero(columns)
    wide = float(np.ptp(shown)) if len(shown) else plot.box.width
    return max(min(wide, plot.box.width), PARAMS.curves.least_em * plot.em)


def _tracked(mask: Mask, shown: npt.NDArray[np.intp], starts: npt.NDArray[np.intp]) -> Track:
    """The middle of a line in each column; where a column has several stretches, the one next to where it was."""
    height = mask.shape[0]
    heights = np.arange(height)
    track = np.full(mask.shape[1], np.nan)
    sums = mask.sum(axis=0)
    means = (heights @ mask.astype(np.float64)) / np.maximum(sums, 1)
    single = starts == 1
    sure = shown[single[shown]]
    track[sure] = means[sure] + 0.5
    if not len(sure):
        track[shown] = means[shown] + 0.5
        return track
    for column in shown[~single[shown]].tolist():
        near = np.interp(column, sure, track[sure])
        edges = np.flatnonzero(np.diff(mask[:, column], prepend=0, append=0))
        runs = edges.reshape(-1, 2)
        middles = runs.mean(axis=1)
        track[column] = middles[np.abs(middles - near).argmin()]
    return track


def lies_along(plot: Plot, curve: Curve, taken: Collection[int]) -> bool:
    """Whether a line is but the edge of the marks of other paints, or has no hue: an outline, an axis, a grid."""
    paint = plot.paints[curve.paint]
    if paint.grey:
        return True
    marks = np.zeros_like(paint.mask)
    for at in taken:
        marks |= plot.paints[at].mask
    near = cv2.dilate(marks, np.ones((5, 5), np.uint8))
    return int((paint.mask & near).sum()) > PARAMS.curves.along_share * int(paint.mask.sum())


def areas_of(plot: Plot, taken: Collection[int]) -> list[Area]:
    """Paints that fill a band from side to side, from the top one down."""
    params, found = PARAMS.curves, []
    for at, paint in enumerate(plot.paints):
        if at in taken:
            continue
        mask = cv2.morphologyEx(paint.mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
        mask = _largest(mask)
        shown = np.flatnonzero(mask.any(axis=0))
        if len(shown) < params.across_share * _across(plot) or mask.sum() < 0.01 * plot.box.width * plot.box.height:
            continue
        tops = mask.argmax(axis=0).astype(float)
        bottoms = (mask.shape[0] - mask[::-1].argmax(axis=0)).astype(float)
        depth = (bottoms - tops)[shown]
        filled = mask.sum(axis=0)[shown] / np.maximum(depth, 1)
        if len(shown) < 0.9 * (shown[-1] - shown[0]):
            continue
        whole = depth.max() > 0.93 * plot.box.height and np.ptp(tops[shown]) < 3
        if np.median(filled) < 0.8 or whole or depth.max() < params.tall_share * plot.box.height / 2:
            continue
        hidden = np.ones(mask.shape[1], bool)
        hidden[shown] = False
        tops[hidden] = bottoms[hidden] = np.nan
        box = Box(int(shown[0]), float(np.nanmin(tops)), int(shown[-1]) + 1, float(np.nanmax(bottoms)))
        found.append(Area(at, tops, bottoms, box))
    return sorted(found, key=lambda area: float(np.nanmean(area.top)))


def _largest(mask: Mask) -> Mask:
    """The stretches of a mask that are no crumbs."""
    count, numbers, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    if count < 2:
        return mask
    least = 0.05 * stats[1:, 4].max()
    kept = np.flatnonzero(stats[:, 4] >= least)
    whole: Mask = np.isin(numbers, kept[kept > 0]).astype(np.uint8)
    return whole


def clouds_of(plot: Plot, taken: Collection[int]) -> list[Cloud]:
    """Paints whose pixels are mostly small marks of one size."""
    params, em, found = PARAMS.curves, plot.em, []
    low, high = (side * em for side in params.point_em)
    for at, paint in enumerate(plot.paints):
        if at in taken:
            continue
        words = [word.box for word in plot.picture.words]
        mask = paint.without(words).mask if paint.grey else paint.mask
        pieces = [piece for piece in pieces_of(mask) if piece.pixels >= 4]
        small = [
            piece
            for piece in pieces
            if low <= min(piece.box.width, piece.box.height) and max(piece.box.width, piece.box.height) <= high
        ]
        if len(small) < 3:
            continue
        usual = float(np.median([piece.pixels for piece in small]))
        alike = [
            piece for piece in small if usual / params.alike_ratio <= piece.pixels <= usual * 3 * params.alike_ratio
        ]
        if len(alike) >= 3 and sum(piece.pixels for piece in alike) > 0.55 * sum(piece.pixels for piece in pieces):
            found.append(Cloud(at, tuple(alike)))
    return found
