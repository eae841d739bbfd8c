"""Where a value was found against where it is printed: page, intersection over union, centre hit.

Intersection over union as in the PASCAL VOC challenge (Everingham et al., 2010), of the areas that all
boxes of a value cover together. A value that is printed at several places may be found at any of them,
so the best of all places together and each alone counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Box = tuple[float, float, float, float]  # left, top, right, bottom, as fractions of the page


@dataclass(frozen=True, slots=True)
class Placed:
    """How one value was placed: `page` right, `centre` of what was found inside a true box, `iou` in [0, 1]."""

    page: bool
    centre: bool
    iou: float


LOST = Placed(page=False, centre=False, iou=0.0)


def placed(truth: Sequence[tuple[int, Box]], page: int | None, boxes: Sequence[Box]) -> Placed:
    """`truth`: (page, box) of every place; `page` and `boxes` as found, None and () if it was not."""
    if page is None or not boxes:
        return LOST
    here = [box for number, box in truth if number == page]
    if not here:
        return LOST
    middle = centre(boxes)
    if len(here) == 1:
        return Placed(True, _holds(here[0], middle), iou(here, boxes))
    inside = any(_holds(box, middle) for box in (*here, enclosing(here)))
    return Placed(True, inside, max(iou(some, boxes) for some in (here, *([box] for box in here))))


def _holds(box: Box, point: tuple[float, float]) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def iou(some: Sequence[Box], other: Sequence[Box]) -> float:
    """Area that both sets of boxes cover over the area that either covers; 0.0 if that is none."""
    if len(some) == len(other) == 1:
        return _iou_of_two(some[0], other[0])
    union = area([*some, *other])
    return (area(some) + area(other) - union) / union if union else 0.0


def _iou_of_two(box: Box, other: Box) -> float:
    """The same for single boxes, as nearly all values have."""
    wide = max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
    high = max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
    areas = (box[2] - box[0]) * (box[3] - box[1]) + (other[2] - other[0]) * (other[3] - other[1])
    union = areas - wide * high
    return wide * high / union if union else 0.0


def area(boxes: Sequence[Box]) -> float:
    """The area that boxes cover together, overlaps once: strip by strip between their vertical sides."""
    sides = sorted({side for box in boxes for side in box[0::2]})
    covered = 0.0
    for left, right in pairwise(sides):
        reached = 0.0
        for y0, y1 in sorted((box[1], box[3]) for box in boxes if box[0] <= left and right <= box[2]):
            covered += (right - left) * max(0.0, y1 - max(y0, reached))
            reached = max(reached, y1)
    return covered


def enclosing(boxes: Sequence[Box]) -> Box:
    """The smallest box around all of them."""
    if len(boxes) == 1:
        return boxes[0]
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def centre(boxes: Sequence[Box]) -> tuple[float, float]:
    """The middle of the box around all of them."""
    x0, y0, x1, y1 = enclosing(boxes)
    return (x0 + x1) / 2, (y0 + y1) / 2
