"""Words of a page -> lines -> segments: the pieces of text that a wide gap or a drawn line parts.

`word_lines` is the one answer to which words stand on one printed line; the engine, the checks and the layout of a
page all ask it (docs/decisions/0015-one-clustering-of-lines.md). Of the records here, boxes are in points (1/72 inch),
so that a distance means the same across and down.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from docpipe.literals.text import KEY_GLUED_TO_VALUE
from docpipe.page.box import Box
from docpipe.page.sidebars import gutter
from docpipe.records import Page, Word

GAP = 0.75  # of the type's height: wider than any space between words, narrower than between columns
GAP_CHARS = 1.6  # letters of the page's usual width: the same for typewriter faces, whose spaces are wide
SAME_LINE = 0.5  # of the smaller height: centres no farther apart stand on one line
PARTS = 2  # a word becomes so many tokens at most
RULE_SLACK_PT = 1.0  # a rule may touch the words beside it


@dataclass(frozen=True, slots=True)
class Token:
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

    tokens: tuple[Token, ...]
    text: str
    box: Box
    page: int
    line: int

    @property
    def height(self) -> float:
        return self.box.height

    @property
    def bold(self) -> bool:
        return self.tokens[0].bold

    def part(self, start: int, stop: int | None = None) -> Segment | None:
        """The segment of words start..stop, or None if there are none."""
        tokens = self.tokens[start:stop]
        return segment(tokens, self.page, self.line) if tokens else None


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
class PageText:
    """One page as lines from top to bottom; `rules` and `fills` in points. `first`: the index of its first word."""

    lines: tuple[Line, ...]
    width: float
    height: float
    number: int
    first: int
    rules: tuple[Box, ...]
    fills: tuple[Box, ...]
    pitch: float  # see `line_pitch`
    letter: float  # the usual width of a letter

    def line_of(self, token: Token) -> Line:
        """The line that holds one of its words."""
        return next(line for line in self.lines if any(token in each.tokens for each in line.segments))


def segment(tokens: Sequence[Token], page: int, line: int) -> Segment:
    """Words of one line as one segment."""
    if len(tokens) == 1:
        return Segment(tuple(tokens), tokens[0].text, tokens[0].box, page, line)
    return Segment(tuple(tokens), " ".join(token.text for token in tokens), around(tokens), page, line)


def around(things: Iterable[Token | Segment | Line]) -> Box:
    """The smallest box around all of them."""
    return Box.around(thing.box for thing in things)


def read_pages(pages: Iterable[Page]) -> list[PageText]:
    """The pages of one request."""
    page_texts, first = [], 0
    for number, page in enumerate(pages):
        page_texts.append(read_page(page, number, first))
        first += PARTS * len(page.words)
    return page_texts


def read_page(page: Page, number: int, first: int = 0) -> PageText:
    """The page's visible words as lines of segments, in the order of `word_lines`.

    `number` counts the pages of the request from 0; the indices of its words begin at `first`.
    Time grows as n log n with the number of words.
    """
    across, down = page.width_pt, page.height_pt
    seen = [(at, word) for at, word in enumerate(page.words) if word.visible and word.text.strip()]
    words = [word for _, word in seen]
    rows = [
        [token for at in row for token in _tokens(words[at], first + PARTS * seen[at][0], across, down)]
        for row in word_lines(words, across, down)
    ]
    rules = tuple(box.scaled(across, down) for box in page.geometry.rules)
    fills = tuple(box.scaled(across, down) for box in page.geometry.fills)
    walls = _Walls(rules)
    letter = _letter(token for row in rows for token in row)
    lines = []
    for at, row in enumerate(rows):
        segments = tuple(segment(run, number, at) for run in _runs(row, walls, GAP_CHARS * letter))
        lines.append(Line(segments, around(segments), number, at))
    pitch = line_pitch(words) * down
    return PageText(tuple(lines), across, down, page.number, first, rules, fills, pitch, letter)


def word_lines(words: Sequence[Word], across: float, down: float) -> list[list[int]]:
    """Indices of `words` by the printed line that they stand on: lines from the top, words from the left.

    A sidebar's lines come before the letter's. `across` and `down`: the sides of the page in points. Two words share a
    line if their centres differ by no more than `SAME_LINE` of the smaller height, taken of the line's highest word.
    """
    boxes = [word.box for word in words]
    edge = gutter(words, boxes, across, down)
    if edge is None:
        return _rows(boxes, range(len(boxes)))
    left = [at for at, box in enumerate(boxes) if box.right <= edge]
    right = [at for at, box in enumerate(boxes) if box.right > edge]
    return [*_rows(boxes, left), *_rows(boxes, right)]


def token_lines(tokens: Sequence[Token]) -> list[tuple[Token, ...]]:
    """Words of one place, such as a cell, by the printed line that they stand on, as `word_lines` has it.

    Asked of the place alone, words elsewhere on the page have no say in what its lines are.
    """
    rows = _rows([token.box for token in tokens], range(len(tokens)))
    return [tuple(tokens[at] for at in row) for row in rows]


def line_pitch(words: Sequence[Word]) -> float:
    """The usual height of a line of type, in heights of the page; 0.0 without words."""
    return median([word.box.height for word in words]) if words else 0.0


def _letter(tokens: Iterable[Token]) -> float:
    """The usual width of a letter; 0.0 on a page without words of three letters."""
    widths = [token.box.width / len(token.text) for token in tokens if len(token.text) > 2]
    return median(widths) if widths else 0.0


def _tokens(word: Word, index: int, across: float, down: float) -> list[Token]:
    """The word in points; a key glued to its value by a colon becomes two."""
    box = word.box.scaled(across, down)
    glued = KEY_GLUED_TO_VALUE.fullmatch(word.text) if ":" in word.text else None
    if glued is None:
        return [Token(index, word.text, box, word.bold, box.height, word.confidence)]
    middle = box.left + box.width * len(glued[1]) / len(word.text)
    return [
        Token(index, glued[1], box._replace(right=middle), word.bold, box.height, word.confidence),
        Token(index + 1, glued[2], box._replace(left=middle), word.bold, box.height, word.confidence),
    ]


def _rows(boxes: Sequence[Box], chosen: Sequence[int]) -> list[list[int]]:
    """The chosen ones of `boxes` by their indices, grouped by the height of their centre, each group from the left."""
    lefts = [left for left, _, _, _ in boxes]
    centres = [(top + bottom) / 2 for _, top, _, bottom in boxes]
    heights = [bottom - top for _, top, _, bottom in boxes]
    from_top = sorted(chosen, key=centres.__getitem__)
    row_of = [-1] * len(boxes)
    row, centre, height = -1, -math.inf, 0.0
    for at in from_top:
        own = heights[at]
        if centres[at] - centre > SAME_LINE * (own if own < height else height):
            row, centre, height = row + 1, centres[at], own
        row_of[at] = row
    rows: list[list[int]] = [[] for _ in range(row + 1)]
    for at in sorted(from_top, key=lefts.__getitem__):
        rows[row_of[at]].append(at)
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


def _runs(row: list[Token], walls: _Walls, least: float) -> list[list[Token]]:
    """A row cut where a gap is wide (wider than `least` in any case) or a rule stands."""
    runs = [[row[0]]]
    for before, token in pairwise(row):
        gap = token.box.left - before.box.right
        # a colon that stands apart belongs to the words before it
        wide = gap > max(least, GAP * min(before.size, token.size)) and not token.text.startswith(":")
        if wide or walls.between(before.box, token.box):
            runs.append([token])
        else:
            runs[-1].append(token)
    return runs
