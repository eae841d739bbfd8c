"""Small squares in the pixels of a page, whatever stands in them or runs through them."""

from __future__ import annotations

import math
import re
import unicodedata

import numpy as np
import numpy.typing as npt

from docpipe.engine.layout.forms.ink import faint_ink
from docpipe.engine.layout.forms.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Segment
from docpipe.records import Page

Ink = npt.NDArray[np.bool_]

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
# What a recogniser reads where a box stands: alone, or glued to the text at the box
LIKE_BOXES = frozenset("OoDQCUL0口日回囗也")
GLUED = re.compile(r"[口日回囗也]|[OoDQCUL0](?=[A-Z][a-z])")


def is_sign(text: str) -> bool:
    """Whether a word is a sign that may be a box: no letter, or one that the file's type has no letter for."""
    return all(char == UNKNOWN or unicodedata.category(char) in ("Co", "So", "Sk") for char in text)


def begins_with_box(text: str, *, read: bool) -> bool:
    """Whether the first letter of a word may be a box: a sign, or what the recogniser `read` one as."""
    return is_sign(text[0]) or (read and (text in LIKE_BOXES or bool(GLUED.match(text))))


def squares(page: Page, page_text: PageText) -> list[Box]:
    """Squares of four drawn sides with paper around them, in points.

    A mark may leave a square and a word of the recogniser may cover it; letters that are round or have no fourth side
    are none.
    """
    if page.pixels is None or not page_text.pitch:
        return []
    ink = faint_ink(page.pixels)
    across, down = ink.shape[1] / page_text.width, ink.shape[0] / page_text.height
    least, most = (side * page_text.pitch * across for side in PARAMS.squares.side_pitches)
    found: list[Box] = []
    lettered = _lettered(page_text, ink.shape, read=page.text_source == "ocr")
    for x0, y0, x1, y1 in _framed(ink, lettered, max(least, PARAMS.squares.least_px), most):
        box = Box(x0 / across, y0 / down, x1 / across, y1 / down)
        if not any(box.holds(other.mid_x, other.mid_y) or other.holds(box.mid_x, box.mid_y) for other in found[-40:]):
            found.append(box)
    return [box for box in found if len(found) < PARAMS.squares.few or any(_alike(box, other) for other in found)]


def _alike(box: Box, other: Box) -> bool:
    """True for two squares of one size: the boxes of a form are, letters and marks are not."""
    return box is not other and max(box.width, other.width) <= PARAMS.squares.alike_ratio * min(box.width, other.width)


def _lettered(page_text: PageText, shape: tuple[int, int], *, read: bool) -> Ink:
    """Where words stand, and narrow gaps between them, but for first letters that may be boxes."""
    lettered, params = np.zeros(shape, np.bool_), PARAMS.squares
    across, down = shape[1] / page_text.width, shape[0] / page_text.height
    for segment in (segment for line in page_text.lines for segment in line.segments):
        tall = _tall(segment, page_text.pitch) if read else frozenset[int]()
        end = -math.inf
        for token in segment.tokens:
            if token.index in tall or (read and token.text in LIKE_BOXES):
                continue
            glued, near = begins_with_box(token.text, read=read), token.box.left - end < params.word_gap_em * token.size
            first = token.box.left + token.box.width / len(token.text) if glued else token.box.left
            box = token.box._replace(left=end if near and not glued else first).scaled(across, down)
            rows = slice(max(0, round(box.top)), max(0, round(box.bottom)))
            lettered[rows, max(0, round(box.left)) : max(0, round(box.right))] = True
            end = token.box.right
    return lettered


def _tall(segment: Segment, pitch: float) -> frozenset[int]:
    """A few letters higher than the type of the page: the recogniser may have read a box with the text above it."""
    params = PARAMS.squares
    tall = [token for token in segment.tokens if token.size > params.tall_pitches * pitch]
    short = all(len(token.text) <= params.tall_chars for token in tall)
    return frozenset(token.index for token in tall) if short else frozenset()


def _framed(ink: Ink, lettered: Ink, least: float, most: float) -> list[tuple[int, int, int, int]]:
    """(x0, y0, x1, y1) of squares, from the top down; one may be found more than once.

    Each begins with its lower or its upper side: a mark leaves a box through one of them at most.
    """
    found = []
    for row, left, right in _runs(ink, lettered, least, most):
        wide = right - left
        for up in (True, False):
            high = _height(ink, row, left, wide, up=up)
            y0, y1 = (row + 1 - high, row + 1) if up else (row, row + high)
            box = left, y0, right, y1
            if y0 >= 0 and y1 <= ink.shape[0] and _has_sides(ink, box) and _is_hollow(ink, box) and _is_apart(ink, box):
                found.append(box)
    return sorted(found, key=lambda box: box[1])


def _height(ink: Ink, row: int, left: int, wide: int, *, up: bool) -> int:
    """How high the left side of a square stands on its lower side, or hangs from its upper one."""
    ratio = PARAMS.squares.side_ratio
    far = round(wide * ratio) + 2
    column = ink[max(0, row + 1 - far) : row + 1][::-1] if up else ink[row : row + far]
    side = np.atleast_1d(column[:, left : left + PARAMS.squares.slack_px + 1].any(axis=1))
    ends = np.flatnonzero(~side)
    high = int(ends[0]) if len(ends) else len(side)
    return high if wide / ratio <= high <= wide * ratio else wide


def _runs(ink: Ink, lettered: Ink, least: float, most: float) -> list[tuple[int, int, int]]:
    """(row, from, to) of ink along the rows that may be the upper or lower side of a square."""
    padded = np.zeros((ink.shape[0], ink.shape[1] + 2), np.int8)
    padded[:, 1:-1] = ink
    step = np.diff(padded, axis=1)
    rows, starts = np.nonzero(step == 1)
    _, ends = np.nonzero(step == -1)
    free = ~lettered[rows, (starts + ends) // 2]
    fit = np.flatnonzero(free & (ends - starts >= least) & (ends - starts <= most))[: PARAMS.squares.most_runs]
    return list(zip(rows[fit].tolist(), starts[fit].tolist(), ends[fit].tolist(), strict=True))


def _has_sides(ink: Ink, box: tuple[int, int, int, int]) -> bool:
    """Whether ink stands along all four sides, but for a corner that a mark may hide."""
    x0, y0, x1, y1 = box
    thick = PARAMS.squares.slack_px
    sides = (
        ink[y0:y1, x0 : x0 + thick].any(axis=1),
        ink[y0:y1, x1 - thick : x1].any(axis=1),
        ink[y0 : y0 + thick, x0:x1].any(axis=0),
        ink[y1 - thick : y1, x0:x1].any(axis=0),
    )
    return all(bool(side.mean() >= PARAMS.squares.side_share) for side in sides)


def _is_hollow(ink: Ink, box: tuple[int, int, int, int]) -> bool:
    """Whether there is paper inside along most sides; what is filled from side to side is a bullet."""
    x0, y0, x1, y1 = box
    params = PARAMS.squares
    inside = ink[y0 + 1 : y1 - 1, x0 + 1 : x1 - 1]
    near = range(min(params.hollow_px, *inside.shape))
    across = inside.mean(axis=1), inside.mean(axis=0)
    lines = [min(mean[at] if first else mean[-1 - at] for at in near) for mean in across for first in (True, False)]
    return sum(bool(share <= params.hollow_share) for share in lines) >= params.clear_sides


def _is_apart(ink: Ink, box: tuple[int, int, int, int]) -> bool:
    """Whether there is paper around it, but for a word that touches one side: no cell of a table."""
    x0, y0, x1, y1 = box
    far = PARAMS.squares.apart_px
    sides = (
        ink[y0:y1, max(0, x0 - far) : max(0, x0 - far + 1)],
        ink[y0:y1, x1 + far - 1 : x1 + far],
        ink[max(0, y0 - far) : max(0, y0 - far + 1), x0:x1],
        ink[y1 + far - 1 : y1 + far, x0:x1],
    )
    free = sum(not side.size or bool(side.mean() <= PARAMS.squares.touched_share) for side in sides)
    return free >= PARAMS.squares.clear_sides
