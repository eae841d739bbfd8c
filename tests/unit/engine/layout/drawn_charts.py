"""Pages with charts, drawn in pixels: words where they are given, and coloured shapes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from docpipe.records import Page
from tests.unit.engine.layout.conftest import Print, page_of

Colour = tuple[int, int, int]
Area = tuple[float, float, float, float, Colour]
"""Left, top, right, bottom in points, and the colour."""

BLUE, ORANGE, GREEN, GREY = (31, 119, 180), (255, 127, 14), (44, 160, 44), (234, 234, 239)
FINE = 2  # pixels a point
PLOT = (60.0, 40.0, 260.0, 240.0)  # 200 points a side: where the values of 0 to 100 are drawn


def drawn(
    prints: Sequence[Print],
    areas: Sequence[Area] = (),
    lines: Sequence[tuple[Sequence[tuple[float, float]], Colour]] = (),
) -> Page:
    """A page with filled rectangles and lines through points."""
    page = page_of(prints)
    wide, high = round(page.width_pt * FINE), round(page.height_pt * FINE)
    pixels = np.full((high, wide, 3), 255, np.uint8)
    for left, top, right, bottom, colour in areas:
        pixels[round(top * FINE) : round(bottom * FINE), round(left * FINE) : round(right * FINE)] = colour
    for points, colour in lines:
        path = np.round(np.array(points) * FINE).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(pixels, [path], isClosed=False, color=colour, thickness=3, lineType=cv2.LINE_AA)
    return replace(page, pixels=pixels, width_px=wide, height_px=high)


def pie(page: Page, parts: Sequence[tuple[float, Colour]], *, hole: float = 0.0) -> Page:
    """The page with a pie whose slices are `parts` of a turn, clockwise from twelve o'clock."""
    assert page.pixels is not None
    pixels, centre, start = page.pixels.copy(), (160 * FINE, 140 * FINE), -90.0
    for share, colour in parts:
        cv2.ellipse(pixels, centre, (80 * FINE, 80 * FINE), 0, start, start + 360 * share, colour, -1)
        start += 360 * share
    if hole:
        cv2.circle(pixels, centre, round(80 * FINE * hole), (255, 255, 255), -1)
    return replace(page, pixels=pixels)


def ticks(*values: str) -> list[Print]:
    """The labels of an upright axis, the last one at its foot."""
    step = 200.0 / (len(values) - 1)
    return [(55.0 - 5.5 * len(text), 35.0 + step * at, text) for at, text in enumerate(values)]


def foot(*names: str) -> list[Print]:
    """The labels of categories under the plot, each under the middle of its part."""
    step = 200.0 / len(names)
    return [(60.0 + step * (at + 0.5) - 2.75 * len(name), 254.0, name) for at, name in enumerate(names)]


def height(value: float) -> float:
    """Where a value of an axis from 0 to 100 stands."""
    return 240.0 - 2.0 * value


def bars(
    values: Sequence[float], colour: Colour, *, place: int = 0, of: int = 1, base: Sequence[float] = ()
) -> list[Area]:
    """Upright bars in the middle of equal parts of the plot; the one at `place` of several side by side."""
    step = 200.0 / len(values)
    wide = 0.7 * step / of
    low = base or [0.0] * len(values)
    lefts = [60.0 + step * (at + 0.15) + place * wide for at in range(len(values))]
    return [
        (left, height(under + value), left + wide, height(under), colour)
        for left, value, under in zip(lefts, values, low, strict=True)
    ]
