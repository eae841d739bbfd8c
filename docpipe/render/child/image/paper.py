"""What can be told of a scanned page without reading it: whether there is anything, how faint it is.

Pixels are the green channel, (height, width): what colour scanners resolve best, and ink absorbs.
"""

from __future__ import annotations

import math
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Gray = npt.NDArray[np.uint8]
    Pixels = npt.NDArray[np.uint8]
    Mask = npt.NDArray[np.bool_]

SAMPLES, LEVEL_SAMPLES = 500_000, 120_000  # pixels of a page that are looked at
SHARP_LEVELS, MANY_SHARP = 64, 500  # steps between neighbours in every eighth row, that only print has
CELL_PT = 6.0  # the page is looked at in squares of this size: half a line of text
INK_LEVELS = 12  # of 255, off the lightest of its square: less is grain, or what shines through
MIN_MARK_PT = 6.0  # from end to end: a figure in 10 pt type is as high, a grain of dust is not
MIN_INK_PT2 = 5.0  # and it has so much ink; grain that happens to lie close has not
MANY_CELLS = 400  # inked ones: nobody needs to look at how they are connected
EDGE = 0.08  # of a side: dark areas that reach the page's edge within it are the scanner's
SOLID = 0.5  # share of a square that is ink, or dark all over
DARK_LEVELS = 96  # of 255, off the page's paper: a square that is no paper at all

FAINT_LEVELS = 96  # of 255 between ink and paper: less is worth stretching
GRAIN_LEVELS = 14  # of 255, off the paper, that are no ink
MIN_PAPER = 0.6  # share of pixels that are paper: else it is a picture
MAX_CHROMA = 16  # of 255, mean difference between channels: else it is coloured
MIN_INK = 50  # pixels, that say how dark ink is


def is_blank(gray: Gray, width_pt: float) -> bool:
    """Whether there is no mark on a page that somebody could have meant.

    Dust, hairs' ends, a dark edge that the scanner left and faint ink of the other side are none; a
    short line of type or a signature is. Squares are compared with themselves, so that shadows and
    coloured paper are no ink.
    """
    steps = np.diff(gray[::8].astype(np.int16), axis=1)
    if np.count_nonzero(np.abs(steps) > SHARP_LEVELS) > MANY_SHARP:
        return False
    gray = _reduced(gray)
    if int(gray.max()) - int(gray.min()) < INK_LEVELS:
        return True
    pixel_pt = width_pt / gray.shape[1]
    cell = max(2, round(CELL_PT / pixel_pt))
    rows, columns = gray.shape[0] // cell, gray.shape[1] // cell
    if min(rows, columns) == 0:
        return False
    cells = gray[: rows * cell, : columns * cell].reshape(rows, cell, columns, cell)
    lightest = cells.max(axis=(1, 3))
    inked = cells < (np.maximum(lightest, INK_LEVELS) - INK_LEVELS)[:, None, :, None]
    ink = inked.sum(axis=(1, 3))
    dark = lightest < np.median(lightest) - DARK_LEVELS
    edge = _scanners_edge(dark | (ink > SOLID * cell**2))
    marked = (ink > 0) & ~edge
    if marked.sum() > MANY_CELLS:
        return False
    inked &= (marked & (ink > 1))[:, None, :, None]  # a lone pixel may join others; itself it is grain
    strong = cells < (np.maximum(lightest, 2 * INK_LEVELS) - 2 * INK_LEVELS)[:, None, :, None]
    page = (rows * cell, columns * cell)
    inked = _in_company(inked.reshape(page), strong.reshape(page))
    return not any(
        sum(int(ink[at]) for at in mark) * pixel_pt**2 > MIN_INK_PT2
        and _extent(inked, mark, cell) * pixel_pt > MIN_MARK_PT
        for mark in _marks(marked)
    )


def _in_company(inked: Mask, strong: Mask) -> Mask:
    """The inked pixels that touch another, by a side or a corner; faint ones touch two.

    A grain that lies near a speck, or at its edge, does not make it a mark.
    """
    framed = np.pad(inked, 1).astype(np.uint8)
    height, width = inked.shape
    touching = np.zeros(inked.shape, np.uint8)
    for down, across in product(range(3), repeat=2):
        if (down, across) != (1, 1):
            touching += framed[down : down + height, across : across + width]
    return inked & (touching > np.where(strong, 0, 1))


def _reduced(gray: Gray) -> Gray:
    """The means of squares of pixels, at most `SAMPLES` of them: grain levels out, marks do not."""
    step = max(2, math.ceil(math.sqrt(gray.size / SAMPLES)))
    height, width = (side // step * step for side in gray.shape)
    if not height or not width:
        return gray
    total = np.zeros((height // step, width // step), np.uint16)
    for down in range(step):
        for across in range(step):
            total += gray[down:height:step, across:width:step]
    means: Gray = (total // step**2).astype(np.uint8)
    return means


def _extent(inked: Mask, mark: list[tuple[int, int]], cell: int) -> int:
    """From the middle of the first to that of the last inked pixel in the squares of `mark`, the longer way."""
    rows, columns = ([at[axis] for at in mark] for axis in (0, 1))
    part = inked[min(rows) * cell : (max(rows) + 1) * cell, min(columns) * cell : (max(columns) + 1) * cell]
    sides = (np.flatnonzero(part.any(axis=axis)) for axis in (0, 1))
    return max(int(side[-1] - side[0]) if side.size else 0 for side in sides)


def _scanners_edge(solid: Mask) -> Mask:
    """The squares in the margins that are connected to the page's edge by solid ones, and next to them."""
    rows, columns = solid.shape
    margin = np.ones_like(solid)
    down, across = math.ceil(rows * EDGE), math.ceil(columns * EDGE)
    margin[down : rows - down, across : columns - across] = False
    solid = solid & margin
    reached = np.zeros_like(solid)
    reached[0], reached[-1], reached[:, 0], reached[:, -1] = solid[0], solid[-1], solid[:, 0], solid[:, -1]
    while (grown := _grown(reached) & solid).sum() > reached.sum():
        reached = grown
    return _grown(_grown(reached)) & margin


def _grown(mask: Mask) -> Mask:
    """With the eight neighbours of every square."""
    padded = np.pad(mask, 1)
    tall = padded[:-2] | padded[1:-1] | padded[2:]
    grown: Mask = tall[:, :-2] | tall[:, 1:-1] | tall[:, 2:]
    return grown


def _marks(inked: Mask) -> list[list[tuple[int, int]]]:
    """The inked squares, those that touch together."""
    left = {(int(row), int(column)) for row, column in zip(*np.nonzero(inked), strict=True)}
    marks = []
    while left:
        mark = [left.pop()]
        for row, column in mark:
            near = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} & left
            left -= near
            mark.extend(near)
        marks.append(mark)
    return marks


def levels(rgb: Pixels) -> tuple[int, int]:
    """(black, white): the levels of ink and paper of a faint page, to be spread to 0 and 255.

    (0, 255) for whatever is not faint, and for pictures and coloured pages, whatever they are. Of
    RGB (height, width, 3).
    """
    step = max(1, math.ceil(math.sqrt(rgb.shape[0] * rgb.shape[1] / LEVEL_SAMPLES)))
    height, width = rgb.shape[:2]
    down, across = int(height * EDGE / 2), int(width * EDGE / 2)
    inner = rgb[down : height - down : step, across : width - across : step]
    gray = inner[:, :, 1]
    counts = np.bincount(gray.ravel(), minlength=256)
    white = int(counts.argmax())
    paper = counts[max(0, white - GRAIN_LEVELS) :].sum() / gray.size
    ink = counts[: max(0, white - GRAIN_LEVELS)]
    if ink.sum() < MIN_INK or paper < MIN_PAPER:
        return 0, 255
    black = int(np.searchsorted(np.cumsum(ink), 0.1 * ink.sum()))
    if white - black >= FAINT_LEVELS or _chroma(inner) > MAX_CHROMA:
        return 0, 255
    return black, white


def _chroma(rgb: Pixels) -> float:
    thinned = rgb[::4, ::4].astype(np.int16)
    return float((thinned.max(axis=2) - thinned.min(axis=2)).mean())


def stretched(rgb: Pixels, black: int, white: int) -> bytes:
    """The pixels' bytes with `black` and all below it at 0, `white` and all above it at 255."""
    ramp = (np.arange(256) - black) * (255.0 / (white - black))
    return ramp.clip(0, 255).astype(np.uint8)[rgb].tobytes()
