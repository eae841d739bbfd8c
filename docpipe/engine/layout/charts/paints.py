"""The colours that a chart is painted in, each with the pixels that show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from docpipe.engine.layout.charts.params import PARAMS
from docpipe.engine.layout.charts.picture import Colour, Mask, Picture
from docpipe.page.box import Box


@dataclass(frozen=True, eq=False)
class Paint:
    """One colour; `mask` has the size of the picture."""

    colour: Colour
    mask: Mask

    @property
    def grey(self) -> bool:
        """Whether it has no hue: text, axes and grids are painted so, and seldom a series."""
        return max(self.colour) - min(self.colour) <= PARAMS.colours.same

    def without(self, boxes: Sequence[Box]) -> Paint:
        """The paint outside the boxes."""
        mask = self.mask.copy()
        for box in boxes:
            mask[max(0, int(box.top)) : int(box.bottom) + 1, max(0, int(box.left)) : int(box.right) + 1] = 0
        return Paint(self.colour, mask)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one paint: its box, and how many pixels it has."""

    box: Box
    pixels: int
    x: float
    y: float


def paints_of(picture: Picture) -> list[Paint]:
    """The paints inside the panel, commonest first; paper is none, and neither is what only blends two of them."""
    params, pixels = PARAMS.colours, picture.pixels
    left, top, right, bottom = (int(side) for side in picture.panel)
    inside = pixels[top:bottom, left:right]
    inked = np.abs(inside - np.array(picture.paper, np.int16)).max(axis=2) > params.paper
    beside = np.abs(np.diff(inside, axis=1, append=inside[:, -1:])).max(axis=2) <= params.flat
    below = np.abs(np.diff(inside, axis=0, append=inside[-1:])).max(axis=2) <= params.flat
    beside[:, -1] = below[-1] = False
    flat = inked & (beside | below)
    least = max(params.least_pixels, params.least_share * inked.size)
    left_over = inside[flat]
    colours: list[Colour] = []
    while len(colours) < params.most and len(left_over) >= least:
        codes = (left_over >> 3).astype(np.int64) @ np.array([1024, 32, 1])
        counts = np.bincount(codes)
        top_code = int(counts.argmax())
        centre = np.median(left_over[codes == top_code], axis=0)
        near = np.abs(left_over - centre).max(axis=1) <= params.same
        if near.sum() >= least:
            colours.append((int(centre[0]), int(centre[1]), int(centre[2])))
        elif counts[top_code] < params.least_pixels:
            break
        left_over = left_over[~near]
    paints = [Paint(colour, mask) for colour, mask in zip(colours, _masks(picture, colours), strict=True)]
    return _plain(paints, picture)


def _plain(paints: Sequence[Paint], picture: Picture) -> list[Paint]:
    """Those that are no blend along the edge of others, and no ink of words alone."""
    words = np.zeros(picture.pixels.shape[:2], np.uint8)
    for word in picture.words:
        left, top, right, bottom = (int(side) for side in word.box)
        words[max(0, top) : bottom + 1, max(0, left) : right + 1] = 1
    paints = _without_ground(paints, picture)
    kept: list[Paint] = []
    others = np.zeros_like(words)
    square = np.ones((3, 3), np.uint8)
    for paint in paints:
        pixels = int(paint.mask.sum())
        thick = int(cv2.morphologyEx(paint.mask, cv2.MORPH_OPEN, square).sum())
        outside = pixels - int((paint.mask & words).sum())
        if outside < PARAMS.colours.ink_share * pixels:
            continue
        if thick < PARAMS.colours.thick_share * pixels:
            beside = int((paint.mask & (cv2.dilate(others, square) | words)).sum())
            if beside > PARAMS.colours.beside_share * pixels or outside < PARAMS.colours.outside_share * pixels:
                continue
        kept.append(paint)
        others |= paint.mask
    return kept


def _without_ground(paints: Sequence[Paint], picture: Picture) -> list[Paint]:
    """The paints without the background of the plot: a large rectangle that surrounds others."""
    return [
        paint
        for paint in paints
        if not _is_ground(paint, [other for other in paints if other is not paint], picture.panel)
    ]


def _is_ground(paint: Paint, others: Sequence[Paint], panel: Box) -> bool:
    params = PARAMS.colours
    opened = cv2.morphologyEx(paint.mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if opened.sum() < params.ground_share / 2 * panel.width * panel.height:
        return False
    x, y, wide, high = cv2.boundingRect(opened)
    if wide * high < params.ground_share * panel.width * panel.height:
        return False
    part = opened[y : y + high, x : x + wide] > 0
    rims = (part[:4].any(axis=0), part[-4:].any(axis=0), part[:, :4].any(axis=1), part[:, -4:].any(axis=1))
    inside = sum(int(other.mask[y : y + high, x : x + wide].sum()) for other in others)
    return all(rim.mean() >= params.rim_share for rim in rims) and inside > 0.005 * wide * high


def _masks(picture: Picture, colours: Sequence[Colour]) -> list[Mask]:
    """Of each colour the pixels of the panel that are nearest to it, and near."""
    left, top, right, bottom = (int(side) for side in picture.panel)
    inside = picture.pixels[top:bottom, left:right]
    best = np.abs(inside - np.array(picture.paper, np.int16)).max(axis=2)
    nearest = np.zeros(best.shape, np.int8)
    for at, colour in enumerate(colours, 1):
        distance = np.abs(inside - np.array(colour, np.int16)).max(axis=2)
        closer = (distance < best) & (distance <= PARAMS.colours.same)
        nearest[closer] = at
        best = np.where(closer, distance, best)
    masks = []
    for at in range(1, len(colours) + 1):
        mask = np.zeros(picture.pixels.shape[:2], np.uint8)
        mask[top:bottom, left:right] = nearest == at
        masks.append(mask)
    return masks


def pieces_of(mask: Mask) -> list[Piece]:
    """The connected stretches of a mask."""
    _, _, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return [
        Piece(Box(x, y, x + wide, y + high), pixels, middle[0], middle[1])
        for (x, y, wide, high, pixels), middle in zip(stats[1:].tolist(), centres[1:].tolist(), strict=True)
    ]
