"""Boxes around and over each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docpipe.records import Box


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def touch(left: Sequence[Box], right: Sequence[Box]) -> bool:
    """Whether any box of one overlaps any of the other."""
    return any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a in left for b in right)
