"""Words of a page -> lines -> segments: the pieces of text that a wide gap or a drawn line parts.

Boxes in this room are in points (1/72 inch), so that a distance means the same across and down.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from docpipe.engine.layout.sidebars import gutter
from docpipe.records import Box, Page, Word

GAP = 0.75  # of the type's height: wider than any space between words, narrower than between columns
GAP_CHARS = 1.6  # letters of the page's usual width: the same for typewriter faces, whose spaces are wide
SAME_LINE = 0.5  # of the smaller height: centres nearer than this stand on one line
RULE_SLACK_PT = 1.0  # a rule may touch the words beside it

_GLUED = re.compile(r"([^\W\d][^:/@]*:)([^\s/:].*)")  # "Date:12.03.2024", but no "http://"


@dataclass(frozen=True, slots=True)
class Piece:
    """One word with its box in points. `word` is what was printed (a part of it after a split)."""

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
        return self.box[3] - self.box[1]

    @property
    def bold(self) -> bool:
        return self.pieces[0].bold

    def part(self, start: int, stop: int | None = None) -> Segment | None:
        """The segment of words start..stop, or None if there are none."""
        pieces = self.pieces[start:stop]
        return segment(pieces, self.page, self.line) if pieces else None


@dataclass(frozen=True, slots=True)
class Line:
    """Segments whose centres stand on one line, from left to right."""

    segments: tuple[Segment, ...]
    box: Box
    page: int

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One page as lines from top to bottom; `rules` and `fills` in points."""

    lines: tuple[Line, ...]
    width: float
    height: float
    number: int
    rules: tuple[Box, ...]
    fills: tuple[Box, ...]
    pitch: float  # the usual height of a line of type
    letter: float  # the usual width of a letter


def segment(pieces: Sequence[Piece], page: int, line: int) -> Segment:
    """Pieces of one line as one segment."""
    return Segment(tuple(pieces), " ".join(piece.text for piece in pieces), around(pieces), page, line)


def around(things: Iterable[Piece | Segment | Line]) -> Box:
    """The smallest box around all of them."""
    boxes = [thing.box for thing in things]
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def overlap(a0: float, a1: float, b0: float, b1: float) -> float:
    """Length that two intervals share; negative is the distance between them."""
    return min(a1, b1) - max(a0, b0)


def read_sheet(page: Page, index: int) -> Sheet:
    """The page's visible words as lines of segments; a sidebar's lines come before the letter's.

    Time grows as n log n with the number of words.
    """
    across, down = page.width_pt, page.height_pt
    pieces = [
        piece for word in page.words if word.visible and word.text.strip() for piece in _pieces(word, across, down)
    ]
    rules = tuple(_scaled(box, across, down) for box in page.geometry.rules)
    fills = tuple(_scaled(box, across, down) for box in page.geometry.fills)
    walls = _Walls(rules)
    letter = _letter(pieces)
    least = GAP_CHARS * letter
    lines = []
    at = gutter([(piece.box, piece.text) for piece in pieces], across) or 0.0
    sides = ([piece for piece in pieces if piece.box[2] <= at], [piece for piece in pieces if piece.box[2] > at])
    for number, row in enumerate(row for side in sides for row in _rows(side)):
        segments = tuple(segment(run, index, number) for run in _runs(row, walls, least))
        lines.append(Line(segments, around(segments), index))
    pitch = median(piece.size for piece in pieces) if pieces else 0.0
    return Sheet(tuple(lines), across, down, page.number, rules, fills, pitch, letter)


def _letter(pieces: Iterable[Piece]) -> float:
    """The usual width of a letter; 0.0 on a page without words of three letters."""
    widths = [(piece.box[2] - piece.box[0]) / len(piece.text) for piece in pieces if len(piece.text) > 2]
    return median(widths) if widths else 0.0


def _scaled(box: Box, across: float, down: float) -> Box:
    return (box[0] * across, box[1] * down, box[2] * across, box[3] * down)


def _pieces(word: Word, across: float, down: float) -> list[Piece]:
    """The word in points; a caption glued to its value by a colon becomes two."""
    x0, y0, x1, y1 = _scaled(word.box, across, down)
    glued = _GLUED.fullmatch(word.text)
    if glued is None:
        return [Piece(word.text, (x0, y0, x1, y1), word.bold, y1 - y0, word.confidence)]
    middle = x0 + (x1 - x0) * len(glued[1]) / len(word.text)
    return [
        Piece(glued[1], (x0, y0, middle, y1), word.bold, y1 - y0, word.confidence),
        Piece(glued[2], (middle, y0, x1, y1), word.bold, y1 - y0, word.confidence),
    ]


def _rows(pieces: list[Piece]) -> list[list[Piece]]:
    """Pieces grouped by the height of their centre, each group from left to right."""
    rows: list[list[Piece]] = []
    centre = 0.0
    for piece in sorted(pieces, key=lambda one: one.box[1] + one.box[3]):
        here = (piece.box[1] + piece.box[3]) / 2
        if rows and abs(here - centre) < SAME_LINE * min(piece.size, rows[-1][0].size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
            centre = here
    for row in rows:
        row.sort(key=lambda one: one.box[0])
    return rows


def _merged(upright: Iterable[Box]) -> list[Box]:
    """Upright rules, those that continue each other as one: tables are often drawn cell by cell."""
    merged: list[Box] = []
    for x0, y0, x1, y1 in sorted(upright, key=lambda rule: (round(rule[0]), rule[1])):
        last = merged[-1] if merged else None
        if last is not None and abs(last[0] - x0) <= RULE_SLACK_PT and y0 <= last[3] + 2 * RULE_SLACK_PT:
            merged[-1] = (last[0], last[1], max(last[2], x1), max(last[3], y1))
        else:
            merged.append((x0, y0, x1, y1))
    return sorted(merged)


class _Walls:
    """The upright rules of a page, to ask whether one stands between two words."""

    def __init__(self, rules: Iterable[Box]) -> None:
        self.upright = _merged(rule for rule in rules if rule[3] - rule[1] > rule[2] - rule[0])
        self.starts = [rule[0] for rule in self.upright]

    def between(self, left: Box, right: Box) -> bool:
        first = bisect_left(self.starts, left[2] - RULE_SLACK_PT)
        last = bisect_right(self.starts, right[0] + RULE_SLACK_PT)
        middle = (left[1] + left[3]) / 2
        return any(rule[1] <= middle <= rule[3] for rule in self.upright[first:last])


def _runs(row: list[Piece], walls: _Walls, least: float) -> list[list[Piece]]:
    """A row cut where a gap is wide (wider than `least` in any case) or a rule stands."""
    runs = [[row[0]]]
    for before, piece in pairwise(row):
        gap = piece.box[0] - before.box[2]
        # a colon that stands apart belongs to the words before it
        wide = gap > max(least, GAP * min(before.size, piece.size)) and not piece.text.startswith(":")
        if wide or walls.between(before.box, piece.box):
            runs.append([piece])
        else:
            runs[-1].append(piece)
    return runs
