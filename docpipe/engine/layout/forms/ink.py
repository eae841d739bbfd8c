"""How much ink a part of a page holds, from its pixels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from docpipe.page.box import Box
from docpipe.page.lines import PageText, Token
from docpipe.records import Page

PAPER = 235  # a grey above this is paper whatever surrounds it
DARKER = 0.72  # of the paper's grey: what is darker is ink
FAINT = 0.9  # of the paper's grey: outlines are often thin and pale
LEAST_PX = 3  # a part smaller than this tells nothing
SIDE = (0.5, 1.9)  # of the pitch: sides of an outline that is a checkbox
SQUARE = 1.4  # its sides differ less than this
REACH = 2.3  # of the pitch: how far from a text its box may begin
RAYS = 24  # directions from the centre of an outline, nearly all of which must meet it
CLOSED = 0.8  # share of the rays that meet an outline
LEVEL, UPRIGHT = 3.0, 1.5  # of the pitch: shorter strokes are letters
BENT_PX = 3  # a line may leave its row by so much from one run to the next
THICK_PX = 7  # what is thicker is a bar or a picture
MOST_RUNS = 20_000  # runs of ink of a page that are looked at
MOST_GAPS = 3_000  # places of a page that are searched


def share_of_ink(page: Page, box: Box) -> float | None:
    """Share of the pixels in `box` (points) that are ink; None without pixels or where there are too few."""
    if page.pixels is None or not page.width_pt or not page.height_pt:
        return None
    height, width = page.pixels.shape[:2]
    x0, x1 = (round(x / page.width_pt * width) for x in (box.left, box.right))
    y0, y1 = (round(y / page.height_pt * height) for y in (box.top, box.bottom))
    part = page.pixels[max(0, y0) : y1, max(0, x0) : x1]
    if min(part.shape[:2]) < LEAST_PX:
        return None
    grey = part.astype(np.uint16).sum(axis=2) // 3
    around = page.pixels[max(0, y0 - 20) : y1 + 20, max(0, x0 - 20) : x1 + 20].astype(np.uint16).sum(axis=2) // 3
    paper = min(PAPER, int(np.percentile(around, 80)))
    return float((grey < DARKER * paper).mean())


def outlines(page: Page, page_text: PageText) -> list[Box]:
    """Small closed outlines (squares, circles) in the white space beside words, in points."""
    if page.pixels is None or not page_text.pitch:
        return []
    grey = page.pixels.astype(np.uint16).sum(axis=2) // 3
    ink = grey < FAINT * min(PAPER, int(np.percentile(grey[::4, ::4], 80)))
    across, down = grey.shape[1] / page_text.width, grey.shape[0] / page_text.height
    found: list[Box] = []
    for number, (x0, y0, x1, y1) in enumerate(_gaps(page_text)):
        if number == MOST_GAPS:
            break
        left, top = max(0, round(x0 * across)), max(0, round(y0 * down))
        part = ink[top : round(y1 * down), left : round(x1 * across)]
        for a, b, c, d in _blobs(part):
            wide, high = (c - a) / across, (d - b) / down
            small = all(SIDE[0] * page_text.pitch <= side <= SIDE[1] * page_text.pitch for side in (wide, high))
            if small and max(wide, high) <= SQUARE * min(wide, high) and _is_closed(part[b:d, a:c]):
                box = Box((left + a) / across, (top + b) / down, (left + c) / across, (top + d) / down)
                if not any(abs(box.left - other.left) < 2 and abs(box.top - other.top) < 2 for other in found):
                    found.append(box)
    return found


def _gaps(page_text: PageText) -> Iterator[Box]:
    """The white space before, between and behind the words of each line, as far as a box may stand."""
    reach = REACH * page_text.pitch
    for line in page_text.lines:
        tokens: list[Token] = [token for one in line.segments for token in one.tokens]
        y0, y1 = line.box.top - 0.5 * page_text.pitch, line.box.bottom + 0.5 * page_text.pitch
        yield Box(max(0.0, tokens[0].box.left - reach), y0, tokens[0].box.left - 0.3, y1)
        for a, b in pairwise(tokens):
            gap = b.box.left - a.box.right
            if gap > 0.7 * page_text.pitch:
                yield Box(a.box.right + 0.3, y0, min(a.box.right + reach, b.box.left - 0.3), y1)
            if gap > reach:
                yield Box(b.box.left - reach, y0, b.box.left - 0.3, y1)
        yield Box(tokens[-1].box.right + 0.3, y0, min(page_text.width, tokens[-1].box.right + reach), y1)


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
    angles = np.linspace(0, 2 * np.pi, RAYS, endpoint=False)
    steps = np.linspace(0.5, 1.0, 12)
    stretch = np.minimum(1 / np.maximum(np.abs(np.cos(angles)), 1e-6), 1 / np.maximum(np.abs(np.sin(angles)), 1e-6))
    out = stretch[:, None] * steps[None, :]
    xs = np.clip(((1 + out * np.cos(angles)[:, None]) * wide / 2).astype(int), 0, wide - 1)
    ys = np.clip(((1 + out * np.sin(angles)[:, None]) * high / 2).astype(int), 0, high - 1)
    met = part[ys, xs].any(axis=1).mean()
    return bool(met >= CLOSED)


def with_drawn_rules(page: Page, page_text: PageText) -> Page:
    """The page with the level and upright lines that only its pixels show; a scan has no others."""
    if page.pixels is None or not page_text.pitch:
        return page
    grey = page.pixels.astype(np.uint16).sum(axis=2) // 3
    ink = grey < FAINT * min(PAPER, int(np.percentile(grey[::4, ::4], 80)))
    high, wide = grey.shape
    level = _strokes(ink, LEVEL * page_text.pitch / page_text.width * wide)
    upright = [
        (y0, x0, y1, x1) for x0, y0, x1, y1 in _strokes(ink.T, UPRIGHT * page_text.pitch / page_text.height * high)
    ]
    rules = tuple(Box(x0 / wide, y0 / high, x1 / wide, y1 / high) for x0, y0, x1, y1 in (*level, *upright))
    return replace(page, geometry=replace(page.geometry, rules=rules))


def _strokes(ink: npt.NDArray[np.bool_], least: float) -> list[tuple[int, int, int, int]]:
    """(from, row, to, row) of runs of ink along the rows, longer than `least`; a thick or bent line is one."""
    padded = np.zeros((ink.shape[0], ink.shape[1] + 2), np.int8)
    padded[:, 1:-1] = ink
    step = np.diff(padded, axis=1)
    rows, starts = np.nonzero(step == 1)
    _, ends = np.nonzero(step == -1)
    long = np.flatnonzero(ends - starts >= least)[:MOST_RUNS]
    found: list[tuple[int, int, int, int]] = []
    for row, start, end in zip(rows[long].tolist(), starts[long].tolist(), ends[long].tolist(), strict=True):
        for at in range(len(found) - 1, max(-1, len(found) - 40), -1):
            x0, first, x1, last = found[at]
            if row - last <= BENT_PX and start <= x1 + BENT_PX and end >= x0 - BENT_PX:
                found[at] = (min(x0, start), first, max(x1, end), row)
                break
        else:
            found.append((start, row, end, row))
    middles = [(x0, (a + b) // 2, x1, b - a) for x0, a, x1, b in found if b - a <= THICK_PX]
    return [(x0, y, x1, y) for x0, y, x1, _ in middles]
