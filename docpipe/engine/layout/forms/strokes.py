"""The level and upright lines of a page that only its pixels show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from docpipe.engine.layout.forms.ink import faint_ink
from docpipe.engine.layout.forms.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import PageText
from docpipe.records import Page

Ink = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Layers:
    """The ink outside texts, all of it, and where texts stand."""

    free: Ink
    ink: Ink
    lettered: Ink

    def turned(self) -> _Layers:
        """Columns for rows."""
        return _Layers(*(np.ascontiguousarray(layer.T) for layer in (self.free, self.ink, self.lettered)))


@dataclass(slots=True)
class _Stroke:
    """Runs of ink that touch, row after row; `ink` is how many pixels they have, `row` has the longest of them."""

    start: int
    first: int
    end: int
    last: int
    ink: int
    row: int
    longest: int


def with_drawn_rules(page: Page, page_text: PageText) -> Page:
    """The page with the lines that its pixels show; a scan has no others.

    Letters make no lines: within a word only what goes on outside it counts.
    """
    if page.pixels is None or not page_text.pitch:
        return page
    ink = faint_ink(page.pixels)
    high, wide = ink.shape
    across, down = wide / page_text.width, high / page_text.height
    params, pitch = PARAMS.strokes, page_text.pitch
    texts = [box.scaled(across, down) for box in _texts(page_text)]
    free = _without(texts, ink, params.side_share)
    lettered = _lettered(texts, ink.shape)
    gap = params.gap_pitches * pitch * across
    level, bars = _strokes(_Layers(free, ink, lettered), params.level_pitches * pitch * across, gap)
    free = _without(texts, ink, params.wall_side_share)
    upright, _ = _strokes(_Layers(free, ink, lettered).turned(), params.upright_pitches * pitch * down, 1.0)
    rules = [Box(x0 / wide, y / high, x1 / wide, y / high) for x0, y, x1 in level]
    rules += [Box(x / wide, y0 / high, x / wide, y1 / high) for y0, x, y1 in upright]
    fills = tuple(Box(x0 / wide, y0 / high, x1 / wide, y1 / high) for x0, y0, x1, y1 in bars)
    return replace(page, geometry=replace(page.geometry, rules=tuple(rules), fills=(*page.geometry.fills, *fills)))


def _texts(page_text: PageText) -> Iterator[Box]:
    """Words with the narrow gaps between them, where the recogniser does not place letters to the pixel."""
    for line in page_text.lines:
        for segment in line.segments:
            last = segment.tokens[0].box
            for token in segment.tokens[1:]:
                if token.box.left - last.right > PARAMS.strokes.word_gap_em * token.size:
                    yield last
                    last = token.box
                else:
                    last = Box.around((last, token.box))
            yield last


def _without(texts: Sequence[Box], ink: Ink, side_share: float) -> Ink:
    """The ink without the middle of each text: its edges may lie on a line."""
    free = ink.copy()
    for text in texts:
        edge, side = PARAMS.strokes.edge_share * text.height, side_share * text.height
        free[_pixels(text.left + side, text.top + edge, text.right - side, text.bottom - edge)] = False
    return free


def _lettered(texts: Sequence[Box], shape: tuple[int, ...]) -> Ink:
    """Where texts stand."""
    lettered = np.zeros(shape, np.bool_)
    for text in texts:
        lettered[_pixels(*text)] = True
    return lettered


def _pixels(left: float, top: float, right: float, bottom: float) -> tuple[slice, slice]:
    """The part of an array that a box covers."""
    x0, y0, x1, y1 = (max(0, round(side)) for side in (left, top, right, bottom))
    return slice(y0, y1), slice(x0, x1)


def _strokes(
    layers: _Layers, least: float, gap: float
) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int, int]]]:
    """((from, row, to) of the lines along the rows, (from, row, to, row) of the bars, which have two lines each)."""
    found: list[tuple[int, int, int]] = []
    bars: list[tuple[int, int, int, int]] = []
    for stroke in _merged(_runs(layers.free, least / PARAMS.strokes.parts, round(gap))):
        thick = stroke.ink / (stroke.end - stroke.start) > PARAMS.strokes.thick_px
        if thick:
            bars.append((stroke.start, stroke.first, stroke.end, stroke.last))
        rows = (stroke.first, stroke.last) if thick else (stroke.row,)
        found += [(*_lengthened(layers.ink, row, stroke.start, stroke.end), row) for row in rows]
    joined = _joined(found, least)
    return [
        (start, row, end) for start, end, row in joined if end - start >= least and _is_line(layers, row, start, end)
    ], bars


def _runs(free: Ink, least: float, gap: int) -> list[tuple[int, int, int]]:
    """(row, from, to) of ink along the rows, longer than `least`, small gaps closed."""
    padded = np.zeros((free.shape[0], free.shape[1] + 2), np.int8)
    padded[:, 1:-1] = free
    step = np.diff(padded, axis=1)
    rows, starts = np.nonzero(step == 1)
    _, ends = np.nonzero(step == -1)
    if not len(rows):
        return []
    apart = (rows[1:] != rows[:-1]) | (starts[1:] - ends[:-1] > gap)
    firsts, lasts = np.concatenate(([True], apart)), np.concatenate((apart, [True]))
    rows, starts, ends = rows[firsts], starts[firsts], ends[lasts]
    long = np.flatnonzero(ends - starts >= least)[: PARAMS.strokes.most_runs]
    return list(zip(rows[long].tolist(), starts[long].tolist(), ends[long].tolist(), strict=True))


def _merged(runs: Sequence[tuple[int, int, int]]) -> list[_Stroke]:
    """Runs of neighbouring rows as one stroke: a thick or bent line is one."""
    params, bent = PARAMS.strokes, PARAMS.strokes.bent_px
    strokes: list[_Stroke] = []
    for row, start, end in runs:
        for stroke in reversed(strokes[-params.most_strokes :]):
            if row - stroke.last <= bent and start <= stroke.end + bent and end >= stroke.start - bent:
                stroke.start, stroke.end = min(stroke.start, start), max(stroke.end, end)
                stroke.last, stroke.ink = row, stroke.ink + end - start
                if end - start > stroke.longest:
                    stroke.row, stroke.longest = row, end - start
                break
        else:
            strokes.append(_Stroke(start, row, end, row, end - start, row, end - start))
    return strokes


def _lengthened(ink: Ink, row: int, start: int, end: int) -> tuple[int, int]:
    """A stretch of a row as far as the ink around it goes on, through words too."""
    band = _band(ink, row)
    before, behind = np.flatnonzero(~band[:start]), np.flatnonzero(~band[end:])
    return int(before[-1]) + 1 if len(before) else 0, end + (int(behind[0]) if len(behind) else len(band) - end)


def _is_line(layers: _Layers, row: int, start: int, end: int) -> bool:
    """Whether a line is more than letters that happen to touch; where texts stand it has no gaps."""
    params = PARAMS.strokes
    free, whole = (_band(layer, row)[start:end].mean() for layer in (layers.free, layers.ink))
    in_text = layers.lettered[row, start:end].mean() > params.text_share
    apart = free >= max(params.dotted_share, params.free_share * whole)
    return bool(apart and (not in_text or whole >= params.whole_share))


def _band(ink: Ink, row: int) -> npt.NDArray[np.bool_]:
    """Where a row has ink, or one right above or below it."""
    return np.atleast_1d(ink[max(0, row - 1) : row + 2].any(axis=0))


def _joined(strokes: Sequence[tuple[int, int, int]], least: float) -> list[tuple[int, int, int]]:
    """(from, to, row) of strokes on one row as one where little is missing between them: a broken line."""
    params = PARAMS.strokes
    joined: list[tuple[int, int, int]] = []
    for start, end, row in sorted(strokes, key=lambda each: (each[2], each[0])):
        for at in range(len(joined) - 1, max(-1, len(joined) - params.most_strokes - 1), -1):
            left, right, level = joined[at]
            if row - level <= params.bent_px and max(start, left) - min(end, right) <= params.broken_share * least:
                joined[at] = (min(start, left), max(end, right), level)
                break
        else:
            joined.append((start, end, row))
    return joined
