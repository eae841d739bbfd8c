"""The colours that a chart is painted in, each with the pixels that show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from docpipe.engine.layout.charts.params import PARAMS
from docpipe.engine.layout.charts.picture import Colour, Mask, Picture
from docpipe.page.box import Box

_SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, eq=False)
class Paint:
    """One colour; `mask` has the size of the picture. `soft`: the mask with the paint's soft edges, whole thin lines
    that fell between two pixels among them.
    """

    colour: Colour
    mask: Mask
    soft: Mask

    @property
    def grey(self) -> bool:
        """Whether it has no hue: text, axes and grids are painted so, and seldom a series."""
        return max(self.colour) - min(self.colour) <= PARAMS.colours.same

    def without(self, boxes: Sequence[Box]) -> Paint:
        """The paint outside the boxes."""
        mask, soft = self.mask.copy(), self.soft.copy()
        for box in boxes:
            part = np.s_[max(0, int(box.top)) : int(box.bottom) + 1, max(0, int(box.left)) : int(box.right) + 1]
            mask[part] = soft[part] = 0
        return Paint(self.colour, mask, soft)

    def inside(self, box: Box) -> Paint:
        """The paint inside a box."""
        window = np.zeros_like(self.mask)
        window[max(0, int(box.top)) : int(box.bottom) + 1, max(0, int(box.left)) : int(box.right) + 1] = 1
        return Paint(self.colour, self.mask & window, self.soft & window)


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
    paints = [Paint(colour, mask, mask) for colour, mask in zip(colours, _masks(picture, colours), strict=True)]
    return _plain(paints, picture)


def _plain(paints: Sequence[Paint], picture: Picture) -> list[Paint]:
    """Those that are no background, no blend along the edge of others, and no ink of words alone."""
    grounds = [paint for paint in paints if _is_ground(paint, paints, picture.paper, picture.panel)]
    papers = [picture.paper, *(paint.colour for paint in grounds)]
    words = np.zeros(picture.pixels.shape[:2], np.uint8)
    for word in picture.words:
        left, top, right, bottom = (int(side) for side in word.box)
        words[max(0, top) : bottom + 1, max(0, left) : right + 1] = 1
    marks = [paint for paint in paints if paint not in grounds and not _is_lettering(paint, words)]
    blends = [paint for paint in marks if _is_blend(paint, marks, papers, words)]
    return _softened([paint for paint in marks if paint not in blends], blends, papers)


def _softened(marks: Sequence[Paint], blends: Sequence[Paint], papers: Sequence[Colour]) -> list[Paint]:
    """The marks, each with the blends of it with the paper."""
    soft = [paint.mask.copy() for paint in marks]
    for blend in blends:
        off = [
            256.0
            if paint.grey
            else min(_off(blend.colour, paint.colour, paper, PARAMS.colours.soft_share) for paper in papers)
            for paint in marks
        ]
        if off and min(off) <= PARAMS.colours.same:
            soft[off.index(min(off))] |= blend.mask
    return [Paint(paint.colour, paint.mask, edges) for paint, edges in zip(marks, soft, strict=True)]


def _is_lettering(paint: Paint, words: Mask) -> bool:
    """Whether a paint without a hue shows in words only."""
    if not paint.grey:
        return False
    pixels = int(paint.mask.sum())
    share = PARAMS.colours.ink_share if _thick(paint) else PARAMS.colours.outside_share
    return pixels - int((paint.mask & words).sum()) < share * pixels


def _thick(paint: Paint) -> bool:
    opened = cv2.morphologyEx(paint.mask, cv2.MORPH_OPEN, _SQUARE)
    return bool(opened.sum() >= PARAMS.colours.thick_share * paint.mask.sum())


def _is_blend(paint: Paint, marks: Sequence[Paint], papers: Sequence[Colour], words: Mask) -> bool:
    """Whether a paint is but the soft edge of others: a thin mixture of two colours, right beside them."""
    if _thick(paint):
        return False
    outside = paint.mask & (1 - words)
    beside = np.zeros_like(words)
    depth = _contrast(paint.colour, papers)
    grown = {other.colour: cv2.dilate(other.mask, _SQUARE) for other in marks if other is not paint}
    for other in marks:
        if other is paint:
            continue
        if _contrast(other.colour, papers) > depth and any(
            _is_between(paint.colour, other.colour, end) for end in papers
        ):
            beside |= grown[other.colour]
        for third in marks:
            if (
                third.colour > other.colour
                and third is not paint
                and _is_between(paint.colour, other.colour, third.colour)
            ):
                beside |= grown[other.colour] & grown[third.colour]
    return int((outside & beside).sum()) > PARAMS.colours.beside_share * int(outside.sum())


def _contrast(colour: Colour, papers: Sequence[Colour]) -> int:
    """How much a colour differs from the nearest paper."""
    return min(max(abs(one - other) for one, other in zip(colour, paper, strict=True)) for paper in papers)


def _is_between(colour: Colour, one: Colour, other: Colour) -> bool:
    """Whether a colour is a mixture of two."""
    return _off(colour, one, other) <= PARAMS.colours.same


def _off(colour: Colour, one: Colour, other: Colour, most: float = 0.95) -> float:
    """How far a colour is from the mixtures of two, in its worst channel; more than any if it lies beyond them."""
    start, end, here = (np.array(each, float) for each in (one, other, colour))
    way = end - start
    length = float(way @ way)
    share = float((here - start) @ way) / length if length else 0.0
    return float(np.abs(start + share * way - here).max()) if 0.08 < share < most else 256.0


def _is_ground(paint: Paint, paints: Sequence[Paint], paper: Colour, panel: Box) -> bool:
    """Whether a paint is the background of the plot: a large rectangle, nearly as light as the paper, around others."""
    params = PARAMS.colours
    if max(abs(one - other) for one, other in zip(paint.colour, paper, strict=True)) > params.ground:
        return False
    opened = cv2.morphologyEx(paint.mask, cv2.MORPH_OPEN, _SQUARE)
    large = [piece.box for piece in pieces_of(opened) if piece.pixels > params.crumb_share * opened.sum()]
    if not large:
        return False
    box = Box.around(large)
    if box.width * box.height < params.ground_share * panel.width * panel.height:
        return False
    x, y, right, bottom = (int(side) for side in box)
    part = paint.mask[y:bottom, x:right] > 0
    rims = (part[:6].any(axis=0), part[-6:].any(axis=0), part[:, :6].any(axis=1), part[:, -6:].any(axis=1))
    inside = sum(int(other.mask[y:bottom, x:right].sum()) for other in paints if other is not paint)
    return (
        bool(part.mean() >= params.ground_share)
        and sum(float(rim.mean()) for rim in rims) >= params.rim_share * len(rims)
        and min(float(rim.mean()) for rim in rims) > 0.1
        and inside > 0.005 * part.size
    )


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
