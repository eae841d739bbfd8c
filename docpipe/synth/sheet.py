"""The sheets a document is printed on: text, rules and areas in points from the top left, remembered with what they
mean.

Everything is kept as a list and written at the end, because "page 1 of 3" is known last and because the truth
(which value stands where,
under which caption) is read from the same list the page is drawn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import cos, radians, sin

from docpipe.synth import fonts

Box = tuple[float, float, float, float]

Colour = tuple[float, float, float]
BLACK: Colour = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Text:
    """One piece of text on its baseline (x, y). `paths` are the label paths it prints, `caption_of` the field it is
    the caption of. `angle` turns it counter-clockwise about its start, in degrees. `hand` is the seed of an unsteady
    hand (0 for print), `alpha` 1
    for opaque. A `picture` is printed as an image of the text.
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
    angle: float = 0.0
    hand: int = 0
    alpha: float = 1.0
    picture: bool = False

    def box(self) -> Box:
        """x0, y0, x1, y1 in points from the top left."""
        up, down = fonts.ascent_descent(self.size)
        if not self.angle:
            return self.x, self.y - up, self.x + self.width, self.y + down
        turn = radians(self.angle)
        corners = [(0.0, -up), (self.width, -up), (self.width, down), (0.0, down)]
        xs = [self.x + x * cos(turn) + y * sin(turn) for x, y in corners]
        ys = [self.y - x * sin(turn) + y * cos(turn) for x, y in corners]
        return min(xs), min(ys), max(xs), max(ys)


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
    paths: tuple[str, ...] = ()

    def box(self) -> Box:
        """x0, y0, x1, y1 in points from the top left."""
        return self.x0, self.y0, self.x1, self.y1


@dataclass(frozen=True)
class Outline:
    """A path: each step is (x, y) for a line to there, or (x1, y1, x2, y2, x, y) for a Bézier curve; the first is
    where it begins. `dash` holds lengths of strokes and gaps, `alpha` is 1 for opaque.
    """

    steps: tuple[tuple[float, ...], ...]
    fill: Colour | None
    stroke: Colour | None
    weight: float
    dash: tuple[float, ...]
    closed: bool
    alpha: float
    paths: tuple[str, ...]

    def box(self) -> Box:
        """The rectangle around the ends of all steps, in points from the top left."""
        xs, ys = [step[-2] for step in self.steps], [step[-1] for step in self.steps]
        return min(xs), min(ys), max(xs), max(ys)


Mark = Text | Rule | Area | Outline


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
        angle: float = 0.0,
        hand: int = 0,
        alpha: float = 1.0,
    ) -> float:
        """Print `text` with its baseline at y, and x its left edge, right edge or centre by `align`; turned about
        that point by `angle`. Returns its width in points.
        """
        if not text:
            return 0.0
        wide = fonts.width(text, font, size)
        back = {"left": 0.0, "right": wide, "centre": wide / 2}[align]
        left, base = x - back * cos(radians(angle)), y + back * sin(radians(angle))
        mark = Text(left, base, text, font, size, colour, wide, tuple(paths), caption_of, angle, hand, alpha)
        self.pages[self.page].append(mark)
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
        paths: Sequence[str] = (),
    ) -> None:
        """Draw a rectangle over what the page holds so far, or `behind` all of it."""
        place = 0 if behind else len(self.pages[self.page])
        self.pages[self.page].insert(place, Area(x0, y0, x1, y1, fill, stroke, weight, radius, tuple(paths)))

    def outline(
        self,
        steps: Sequence[tuple[float, ...]],
        fill: Colour | None = None,
        stroke: Colour | None = None,
        weight: float = 1.0,
        *,
        dash: Sequence[float] = (),
        closed: bool = False,
        alpha: float = 1.0,
        paths: Sequence[str] = (),
    ) -> None:
        """Draw a path of lines and curves, as `Outline` describes it."""
        mark = Outline(tuple(steps), fill, stroke, weight, tuple(dash), closed, alpha, tuple(paths))
        self.pages[self.page].append(mark)

    def add(self, other: Sheet, prefix: str) -> None:
        """Put the pages of `other`, of the same size, behind these; `prefix` goes before its paths and captions."""
        for page in other.pages:
            self.pages.append([_renamed(mark, prefix) for mark in page])

    def rename(self, old: str, new: str) -> None:
        """Let what prints or captions the field `old` print or caption `new`."""
        for page in self.pages:
            page[:] = [
                replace(
                    mark,
                    paths=tuple(new if path == old else path for path in mark.paths),
                    caption_of=new if mark.caption_of == old else mark.caption_of,
                )
                if isinstance(mark, Text)
                else mark
                for mark in page
            ]

    def picture(self, path: str) -> None:
        """Let what prints `path` in the largest type be a picture, and print `path` nowhere else."""
        marks = [mark for page in range(len(self.pages)) for mark in self.texts(page) if path in mark.paths]
        largest = max(mark.size for mark in marks)
        for page in self.pages:
            page[:] = [
                replace(mark, picture=True) if isinstance(mark, Text) and path in mark.paths else mark
                for mark in page
                if not isinstance(mark, Text) or path not in mark.paths or mark.size == largest
            ]

    def texts(self, page: int) -> list[Text]:
        """The pieces of text on `page` (0-based), in printing order."""
        return [mark for mark in self.pages[page] if isinstance(mark, Text)]


def _renamed(mark: Mark, prefix: str) -> Mark:
    if isinstance(mark, Rule):
        return mark
    paths = tuple(prefix + path for path in mark.paths)
    if isinstance(mark, Text):
        return replace(mark, paths=paths, caption_of=prefix + mark.caption_of if mark.caption_of else "")
    return replace(mark, paths=paths)
