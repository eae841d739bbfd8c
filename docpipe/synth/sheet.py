"""The sheets a document is printed on: text, rules and areas in points from the top left, remembered with what they
mean.

Everything is kept as a list and written at the end, because "page 1 of 3" is known last and because the truth
(which value stands where,
under which caption) is read from the same list the page is drawn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docpipe.synth import fonts

Colour = tuple[float, float, float]
BLACK: Colour = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Text:
    """One piece of text on its baseline (x, y). `paths` are the label paths it prints, `caption_of` the field it is
    the caption of.
    """

    x: float
    y: float
    text: str
    font: str
    size: float
    colour: Colour
    width: float
    paths: tuple[str, ...]
    caption_of: str

    def box(self) -> tuple[float, float, float, float]:
        """x0, y0, x1, y1 in points from the top left."""
        up, down = fonts.ascent_descent(self.size)
        return self.x, self.y - up, self.x + self.width, self.y + down


@dataclass(frozen=True)
class Rule:
    """A line from (x0, y0) to (x1, y1), `weight` points thick."""

    x0: float
    y0: float
    x1: float
    y1: float
    weight: float
    colour: Colour
    dashed: bool


@dataclass(frozen=True)
class Area:
    """A rectangle, filled or outlined or both."""

    x0: float
    y0: float
    x1: float
    y1: float
    fill: Colour | None
    stroke: Colour | None
    weight: float
    radius: float


Mark = Text | Rule | Area


class Sheet:
    """The pages of one document, all of one size in points. Drawing goes to the current page, the last one begun
    unless `turn` chose another.
    """

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self.pages: list[list[Mark]] = [[]]
        self.page = 0

    def new_page(self) -> None:
        """Begin another page and make it current."""
        self.pages.append([])
        self.page = len(self.pages) - 1

    def turn(self, page: int) -> None:
        """Make `page` (0-based) current. IndexError if there is none."""
        self.page = range(len(self.pages))[page]

    def text(
        self,
        x: float,
        y: float,
        text: str,
        font: str,
        size: float,
        *,
        colour: Colour = BLACK,
        align: str = "left",
        paths: Sequence[str] = (),
        caption_of: str = "",
    ) -> float:
        """Print `text` with its baseline at y, and x its left edge, right edge or centre by `align`. Returns its
        width in points.
        """
        if not text:
            return 0.0
        wide = fonts.width(text, font, size)
        left = x - {"left": 0.0, "right": wide, "centre": wide / 2}[align]
        self.pages[self.page].append(Text(left, y, text, font, size, colour, wide, tuple(paths), caption_of))
        return wide

    def rule(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        weight: float = 0.5,
        colour: Colour = BLACK,
        dashed: bool = False,
    ) -> None:
        """Draw a line."""
        self.pages[self.page].append(Rule(x0, y0, x1, y1, weight, colour, dashed))

    def area(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        fill: Colour | None = None,
        stroke: Colour | None = None,
        weight: float = 0.5,
        radius: float = 0.0,
        behind: bool = False,
    ) -> None:
        """Draw a rectangle over what the page holds so far, or `behind` all of it."""
        place = 0 if behind else len(self.pages[self.page])
        self.pages[self.page].insert(place, Area(x0, y0, x1, y1, fill, stroke, weight, radius))

    def texts(self, page: int) -> list[Text]:
        """The pieces of text on `page` (0-based), in printing order."""
        return [mark for mark in self.pages[page] if isinstance(mark, Text)]
