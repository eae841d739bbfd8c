"""A box, and how boxes lie to each other. This module knows nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Box(NamedTuple):
    """A rectangle with its sides parallel to the page's; the origin is the page's top left corner.

    The unit is its owner's: fractions of the page's sides on a `Word`, points in the layout engine. It is a tuple, and
    stays one wherever it is written: (left, top, right, bottom).
    """

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def mid_x(self) -> float:
        return (self.left + self.right) / 2

    @property
    def mid_y(self) -> float:
        return (self.top + self.bottom) / 2

    @classmethod
    def around(cls, boxes: Iterable[Box]) -> Box:
        """The smallest box around all. Raises ValueError if there is none."""
        left, top, right, bottom = zip(*boxes, strict=True)
        return cls(min(left), min(top), max(right), max(bottom))

    def overlap_x(self, other: Box) -> float:
        """The length that both share across the page; negative is the white space between them."""
        return min(self.right, other.right) - max(self.left, other.left)

    def overlap_y(self, other: Box) -> float:
        """The length that both share down the page; negative is the white space between them."""
        return min(self.bottom, other.bottom) - max(self.top, other.top)

    def touches(self, other: Box) -> bool:
        """Whether one reaches into the other; a box without width or height may, too."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, x: float, y: float, slack: float = 0.0) -> bool:
        """Whether a point lies in the box, or no further than `slack` outside it."""
        return self.left - slack <= x <= self.right + slack and self.top - slack <= y <= self.bottom + slack

    def encloses(self, other: Box, slack: float = 0.0) -> bool:
        """Whether all of the other lies in this box, or no further than `slack` outside it."""
        return (
            other.left >= self.left - slack
            and other.top >= self.top - slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )

    def within(self, outer: Box) -> Box:
        """The box as fractions of the sides of `outer`."""
        return Box(
            (self.left - outer.left) / outer.width,
            (self.top - outer.top) / outer.height,
            (self.right - outer.left) / outer.width,
            (self.bottom - outer.top) / outer.height,
        )

    def turned(self, degrees: int) -> Box:
        """A box in fractions of a page after that page was turned clockwise by 0, 90, 180 or 270 degrees."""
        left, top, right, bottom = self
        match degrees:
            case 90:
                return Box(1 - bottom, left, 1 - top, right)
            case 180:
                return Box(1 - right, 1 - bottom, 1 - left, 1 - top)
            case 270:
                return Box(top, 1 - right, bottom, 1 - left)
        return self

    def scaled(self, across: float, down: float) -> Box:
        """The box with its lengths times `across` and `down`: of fractions and a page's size it makes points."""
        return Box(self.left * across, self.top * down, self.right * across, self.bottom * down)
