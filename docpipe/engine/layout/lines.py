"""Words of a page -> lines -> segments: the pieces of text that a wide gap or a drawn line parts.

Boxes in this room are in points (1/72 inch), so that a distance means the same across and down.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from docpipe.engine.layout.sidebars import gutter
from docpipe.literals.text import KEY_GLUED_TO_VALUE
from docpipe.page.box import Box
from docpipe.records import Page, Word

GAP = 0.75  # of the type's height: wider than any space between words, narrower than between columns
GAP_CHARS = 1.6  # letters of the page's usual width: the same for typewriter faces, whose spaces are wide
SAME_LINE = 0.5  # of the smaller height: centres nearer than this stand on one line
PARTS = 2  # a word becomes so many pieces at most
RULE_SLACK_PT = 1.0  # a rule may touch the words beside it


@dataclass(frozen=True, slots=True)
class Piece:
    """One word, or a part of one, with its box in points.

    `index` is its own in the whole request: whoever asks whether two are the same word compares it.
    """

    index: int
    text: str
    box: Box
    bold: bool
    size: float
    sure: float = 1.0  # of its text: 1.0 in a text layer, the recogniser's own confidence on a scan


@dataclass(frozen=True, slots=True)
class Segment:
    """Neighbouring words of one line of one page. `page` counts from 0 within the request."""

    pieces: tuple[Piece, ...]
    text: str
    box: Box
    page: int
    line: int

    @property
    def height(self) -> float:
        return self.box.height

    @property
    def bold(self) -> bool:
        return self.pieces[0].bold

    def part(self, start: int, stop: int | None = None) -> Segment | None:
        """The segment of words start..stop, or None if there are none."""
        pieces = self.pieces[start:stop]
        return segment(pieces, self.page, self.line) if pieces else None


@dataclass(frozen=True, slots=True)
class Line:
    """Segments whose centres stand on one line, from left to right. `number` counts the lines of a page from 0."""

    segments: tuple[Segment, ...]
    box: Box
    page: int
    number: int

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as lines from top to bottom; `rules` and `fills` in points. `first`: the index of its first word."""

    lines: tuple[Line, ...]
    width: float
    height: float
    number: int
    first: int
    rules: tuple[Box, ...]
    fills: tuple[Box, ...]
    pitch: float  # the usual height of a line of type
    letter: float  # the usual width of a letter


def segment(pieces: Sequence[Piece], page: int, line: int) -> Segment:
    """Pieces of one line as one segment."""
    return Segment(tuple(pieces), " ".join(piece.text for piece in pieces), around(pieces), page, line)


def around(things: Iterable[Piece | Segment | Line]) -> Box:
    """The smallest box around all of them."""
    return Box.around(thing.box for thing in things)


def read_sheets(pages: Iterable[Page]) -> list[Sheet]:
    """The pages of one request."""
    sheets, first = [], 0
    for number, page in enumerate(pages):
        sheets.append(read_sheet(page, number, first))
        first += PARTS * len(page.words)
    return sheets


def read_sheet(page: Page, number: int, first: int = 0) -> Sheet:
    """The page's visible words as lines of segments; a sidebar's lines come before the letter's.

    `number` counts the pages of the request from 0; the indices of its words begin at `first`.
    Time grows as n log n with the number of words.
    """
    across, down = page.width_pt, page.height_pt
    pieces = [
        piece
        for index, word in enumerate(page.words)
        if word.visible and word.text.strip()
        for piece in _pieces(word, first + PARTS * index, across, down)
    ]
    rules = tuple(box.scaled(across, down) for box in page.geometry.rules)
    fills = tuple(box.scaled(across, down) for box in page.geometry.fills)
    walls = _Walls(rules)
    letter = _letter(pieces)
    least = GAP_CHARS * letter
    lines = []
    edge = gutter([(piece.box, piece.text) for piece in pieces], across) or 0.0
    sides = (
        [piece for piece in pieces if piece.box.right <= edge],
        [piece for piece in pieces if piece.box.right > edge],
    )
    for at, row in enumerate(row for side in sides for row in _rows(side)):
        segments = tuple(segment(run, number, at) for run in _runs(row, walls, least))
        lines.append(Line(segments, around(segments), number, at))
    pitch = median(piece.size for piece in pieces) if pieces else 0.0
    return Sheet(tuple(lines), across, down, page.number, first, rules, fills, pitch, letter)


def _letter(pieces: Iterable[Piece]) -> float:
    """The usual width of a letter; 0.0 on a page without words of three letters."""
    widths = [piece.box.width / len(piece.text) for piece in pieces if len(piece.text) > 2]
    return median(widths) if widths else 0.0


def _pieces(word: Word, index: int, across: float, down: float) -> list[Piece]:
    """The word in points; a caption glued to its value by a colon becomes two."""
    box = word.box.scaled(across, down)
    glued = KEY_GLUED_TO_VALUE.fullmatch(word.text)
    if glued is None:
        return [Piece(index, word.text, box, word.bold, box.height, word.confidence)]
    middle = box.left + box.width * len(glued[1]) / len(word.text)
    return [
        Piece(index, glued[1], box._replace(right=middle), word.bold, box.height, word.confidence),
        Piece(index + 1, glued[2], box._replace(left=middle), word.bold, box.height, word.confidence),
    ]


def _rows(pieces: list[Piece]) -> list[list[Piece]]:
    """Pieces grouped by the height of their centre, each group from left to right."""
    rows: list[list[Piece]] = []
    centre = 0.0
    for piece in sorted(pieces, key=lambda one: one.box.top + one.box.bottom):
        here = piece.box.mid_y
        if rows and abs(here - centre) < SAME_LINE * min(piece.size, rows[-1][0].size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
            centre = here
    for row in rows:
        row.sort(key=lambda one: one.box.left)
    return rows


def _merged(upright: Iterable[Box]) -> list[Box]:
    """Upright rules, those that continue each other as one: tables are often drawn cell by cell."""
    merged: list[Box] = []
    for rule in sorted(upright, key=lambda rule: (round(rule.left), rule.top)):
        last = merged[-1] if merged else None
        if (
            last is not None
            and abs(last.left - rule.left) <= RULE_SLACK_PT
            and rule.top <= last.bottom + 2 * RULE_SLACK_PT
        ):
            merged[-1] = last._replace(right=max(last.right, rule.right), bottom=max(last.bottom, rule.bottom))
        else:
            merged.append(rule)
    return sorted(merged)


class _Walls:
    """The upright rules of a page, to ask whether one stands between two words."""

    def __init__(self, rules: Iterable[Box]) -> None:
        self.upright = _merged(rule for rule in rules if rule.height > rule.width)
        self.starts = [rule.left for rule in self.upright]

    def between(self, left: Box, right: Box) -> bool:
        first = bisect_left(self.starts, left.right - RULE_SLACK_PT)
        last = bisect_right(self.starts, right.left + RULE_SLACK_PT)
        return any(rule.top <= left.mid_y <= rule.bottom for rule in self.upright[first:last])


def _runs(row: list[Piece], walls: _Walls, least: float) -> list[list[Piece]]:
    """A row cut where a gap is wide (wider than `least` in any case) or a rule stands."""
    runs = [[row[0]]]
    for before, piece in pairwise(row):
        gap = piece.box.left - before.box.right
        # a colon that stands apart belongs to the words before it
        wide = gap > max(least, GAP * min(before.size, piece.size)) and not piece.text.startswith(":")
        if wide or walls.between(before.box, piece.box):
            runs.append([piece])
        else:
            runs[-1].append(piece)
    return runs
