"""How much ink a part of a page holds, from its pixels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from docpipe.engine.layout.forms.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Token
from docpipe.records import Page


def share_of_ink(page: Page, box: Box) -> float | None:
    """Share of the pixels inside a box (points) that are ink, its own lines left out.

    None without pixels or where there are too few.
    """
    if page.pixels is None or not page.width_pt or not page.height_pt:
        return None
    params, margin = PARAMS.ink, PARAMS.ink.paper_margin_px
    height, width = page.pixels.shape[:2]
    x0, x1 = (round(x / page.width_pt * width) for x in (box.left, box.right))
    y0, y1 = (round(y / page.height_pt * height) for y in (box.top, box.bottom))
    part = page.pixels[max(0, y0) : y1, max(0, x0) : x1]
    if min(part.shape[:2]) < params.least_box_px:
        return None
    grey = part.astype(np.uint16).sum(axis=2) // 3
    around = page.pixels[max(0, y0 - margin) : y1 + margin, max(0, x0 - margin) : x1 + margin]
    paper = _paper(around.astype(np.uint16).sum(axis=2) // 3)
    faint = grey < params.faint_share * paper
    top, bottom = _inside(faint.mean(axis=1))
    if top >= bottom:
        return None
    left, right = _inside(faint[top:bottom].mean(axis=0))
    core = grey[top:bottom, left:right]
    return float((core < params.dark_share * paper).mean()) if core.size else None


def _inside(ink: npt.NDArray[np.floating[Any]]) -> tuple[int, int]:
    """(from, to) of the rows of a box between its own two lines, by the share of ink in each row."""
    params = PARAMS.ink
    most = max(params.line_px, round(params.inset_share * len(ink)))
    skipped = []
    for rows in (ink[:most], ink[::-1][:most]):
        lines = np.flatnonzero(rows >= params.line_share)
        skipped.append(min(most, int(lines[-1]) + params.line_px - 1) if len(lines) else most)
    return skipped[0], len(ink) - skipped[1]


def _paper(grey: npt.NDArray[np.integer[Any]]) -> int:
    """How light the paper is that most of a part shows."""
    return min(PARAMS.ink.paper_grey, int(np.percentile(grey, PARAMS.ink.paper_percentile)))


def faint_ink(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Where a page has thin ink, pale outlines included: darker than the paper around it, white or in shadow."""
    params = PARAMS.ink
    grey = (pixels.astype(np.uint16).sum(axis=2) // 3).astype(np.uint8)
    paper = np.maximum(_opened(_opened(grey, np.maximum, params.thin_px), np.minimum, params.thin_px), 1)
    step = params.paper_step_px
    noise = 1.0 - float(np.median(grey[::step, ::step] / paper[::step, ::step]))
    share = max(params.faint_least_share, params.faint_share - params.noise_ratio * noise)
    ink: npt.NDArray[np.bool_] = grey < share * np.minimum(paper, params.paper_grey)
    return ink


def _opened(grey: npt.NDArray[np.uint8], most: np.ufunc, wide: int) -> npt.NDArray[np.uint8]:
    """The highest (lowest) grey within a square around each pixel."""
    for axis in (0, 1):
        have, pad = 1, [(wide // 2, wide // 2) if at == axis else (0, 0) for at in (0, 1)]
        line = np.pad(grey, pad, mode="edge")
        while have < wide:
            step = min(have, wide - have)
            line = most(line[step:], line[:-step]) if axis == 0 else most(line[:, step:], line[:, :-step])
            have += step
        grey = line
    return grey


def outlines(page: Page, page_text: PageText) -> list[Box]:
    """Small closed outlines (squares, circles) in the white space beside words, in points."""
    if page.pixels is None or not page_text.pitch:
        return []
    params, ink = PARAMS.ink, faint_ink(page.pixels)
    least, most = (side * page_text.pitch for side in params.outline_side_pitches)
    across, down = ink.shape[1] / page_text.width, ink.shape[0] / page_text.height
    boxes: list[Box] = []
    for x0, y0, x1, y1 in islice(_gaps(page_text), params.most_gaps):
        left, top = max(0, round(x0 * across)), max(0, round(y0 * down))
        part = ink[top : round(y1 * down), left : round(x1 * across)]
        for a, b, c, d in _blobs(part):
            wide, high = (c - a) / across, (d - b) / down
            small = all(least <= side <= most for side in (wide, high))
            square = max(wide, high) <= params.outline_ratio * min(wide, high)
            whole = a > 0 and b > 0 and c < part.shape[1] and d < part.shape[0]  # no part of a letter at the edge
            if small and square and whole and _is_closed(part[b:d, a:c]):
                box = Box((left + a) / across, (top + b) / down, (left + c) / across, (top + d) / down)
                if not any(_is_same(box, other) for other in boxes):
                    boxes.append(box)
    return boxes


def _is_same(box: Box, other: Box) -> bool:
    return max(abs(box.left - other.left), abs(box.top - other.top)) < PARAMS.ink.same_outline_pt


def _gaps(page_text: PageText) -> Iterator[Box]:
    """The white space before, between and behind the words of each line, as far as a box may stand."""
    reach, least = (x * page_text.pitch for x in (PARAMS.ink.reach_pitches, PARAMS.ink.least_gap_pitches))
    above, beside = PARAMS.ink.line_margin_pitches * page_text.pitch, PARAMS.ink.word_margin_pt
    for line in page_text.lines:
        tokens: list[Token] = [token for segment in line.segments for token in segment.tokens]
        y0, y1 = line.box.top - above, line.box.bottom + above
        yield Box(max(0.0, tokens[0].box.left - reach), y0, tokens[0].box.left - beside, y1)
        for a, b in pairwise(tokens):
            gap = b.box.left - a.box.right
            if gap > least:
                yield Box(a.box.right + beside, y0, min(a.box.right + reach, b.box.left - beside), y1)
            if gap > reach:
                yield Box(b.box.left - reach, y0, b.box.left - beside, y1)
        yield Box(tokens[-1].box.right + beside, y0, min(page_text.width, tokens[-1].box.right + reach), y1)


def _blobs(ink: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int, int, int]]:
    """Boxes (x0, y0, x1, y1) of ink that white columns and, within them, white rows part."""
    for a, b in _runs(ink, 0):
        for c, d in _runs(ink[:, a:b], 1):
            inner = _runs(ink[c:d, a:b], 0)
            yield (a + inner[0][0], c, a + inner[-1][1], d)


def _runs(ink: npt.NDArray[np.bool_], axis: int) -> list[tuple[int, int]]:
    """The stretches along the other axis that have ink."""
    line = np.atleast_1d(ink.any(axis=axis))
    edges = np.flatnonzero(np.diff(np.concatenate(([0], line.astype(np.int8), [0]))))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _is_closed(part: npt.NDArray[np.bool_]) -> bool:
    """True if rays from the centre meet ink in the outer half, whatever the direction."""
    high, wide = part.shape
    params = PARAMS.ink
    angles = np.linspace(0, 2 * np.pi, params.rays, endpoint=False)
    steps = np.linspace(params.ray_start_share, 1.0, params.ray_steps)
    stretch = np.minimum(1 / np.maximum(np.abs(np.cos(angles)), 1e-6), 1 / np.maximum(np.abs(np.sin(angles)), 1e-6))
    out = stretch[:, None] * steps[None, :]
    xs = np.clip(((1 + out * np.cos(angles)[:, None]) * wide / 2).astype(int), 0, wide - 1)
    ys = np.clip(((1 + out * np.sin(angles)[:, None]) * high / 2).astype(int), 0, high - 1)
    met = part[ys, xs].any(axis=1).mean()
    return bool(met >= params.closed_share)
