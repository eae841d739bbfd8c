"""What of a page no value explains, by lines, and the columns that the rows of a table stand in."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from docpipe.page.box import Box
from docpipe.records import Word
from docpipe.resolve.ground import Evidence
from docpipe.resolve.page_index import PageIndex, touching
from docpipe.schema.nodes import Node

USUAL = 0.5  # a column that this share of the rows fills is one that a row has
SLACK = 0.01  # of the page's width, around a column
NARROWEST = 0.06  # of the page's width: a centred digit or two show less of their column than this


class Line(NamedTuple):
    """Words of one printed line that no value explains, each with whether it is a number.

    `number`: of the line on its page; `y`: the middle of these words, in heights of the page.
    """

    number: int
    y: float
    words: tuple[tuple[Word, bool], ...]

    @property
    def text(self) -> str:
        """As printed, from left to right."""
        return " ".join(word.text for word, _ in self.words)


@dataclass(frozen=True, slots=True)
class Column:
    """Where a field of the rows stands across the page, and whether it holds numbers or whatever is written."""

    x0: float
    x1: float
    numeric: bool

    @property
    def slack(self) -> float:
        """How far from this column a word may stand and be in it."""
        return max(SLACK, (NARROWEST - (self.x1 - self.x0)) / 2)

    def overlap(self, box: Box) -> float:
        """How far `box` reaches into this column, across the page; negative if it stands apart."""
        return min(box.right, self.x1) - max(box.left, self.x0)


def filled(line: Line, columns: Sequence[Column]) -> set[Column]:
    """The columns in which `line` has a word of their kind; a word stands in one column."""
    full: set[Column] = set()
    for word, is_number in line.words:
        best, most = None, (-math.inf, False)
        for column in columns:
            if is_number or not column.numeric:
                rank = round(column.overlap(word.box), 3), column.numeric
                if rank > most:
                    best, most = column, rank
        if best is not None and best.overlap(word.box) >= -best.slack:
            full.add(best)
    return full


Rows = Mapping[int, Mapping[str, Evidence]]  # index of a row -> its column -> where it stands


def unexplained(page: PageIndex, evidence: Mapping[str, Evidence], texts: Collection[str] = ()) -> list[Line]:
    """The lines of `page`, in their order, without the words that values stand on, and without those of `texts`: other
    prints of values.
    """
    explained = {at for at, word in enumerate(page.words) if word.text in texts} if texts else set[int]()
    quoted: list[Box] = []
    for value in evidence.values():
        if value.page == page.number and value.place is not None:
            explained.update(range(value.place.start, value.place.end))
        elif value.page == page.number:
            quoted += value.boxes
    if quoted:
        explained.update(touching(page.words, quoted))
    numbers, levels = page.numbers, page.levels
    left_over = []
    for number, line in enumerate(page.lines):
        rest = [at for at in line if at not in explained]
        if rest:
            y = math.fsum([levels[at][0] for at in rest]) / len(rest)
            left_over.append(Line(number, y, tuple((page.words[at], at in numbers) for at in rest)))
    return left_over


def columns_of(item: Node, rows: Rows, pages: Sequence[PageIndex]) -> list[Column]:
    """The columns that most rows fill.

    A text right behind a number, in its cell ("21 hours"), has no column of its own; theirs is as wide as both, and
    holds numbers.
    """
    numeric = {f".{path}" for path, node in item.leaves() if node.kind in ("number", "integer")}
    boxes: dict[str, list[Box]] = defaultdict(list)
    for row in rows.values():
        for name, evidence in row.items():
            boxes[name] += evidence.boxes[:1]
    for text, numbers in _in_cells_of_numbers(rows, numeric, pages).items():
        boxes[numbers] = [
            Box.around(row[name].boxes[0] for name in (text, numbers) if name in row and row[name].boxes)
            for row in rows.values()
            if numbers in row and row[numbers].boxes
        ]
        del boxes[text]
    return [_column(cells, name in numeric) for name, cells in boxes.items() if len(cells) >= USUAL * len(rows)]


def _in_cells_of_numbers(rows: Rows, numeric: Collection[str], pages: Sequence[PageIndex]) -> dict[str, str]:
    """Column of a text -> the column of numbers in whose cell it stands, in most rows that have the text.

    Behind its number, as units do: a text right before one is as often the end of a long name.
    """
    by_number = {page.number: page for page in pages}
    count: Counter[str] = Counter()
    shared: Counter[tuple[str, str]] = Counter()
    for row in rows.values():
        placed = [(name, value.page, value.place) for name, value in row.items() if value.place is not None]
        ends = {(page, place.end): (name, place) for name, page, place in placed if name in numeric}
        for name, page, place in placed:
            if name in numeric:
                continue
            count[name] += 1
            number = ends.get((page, place.start))
            if number is not None and page in by_number and by_number[page].in_one_cell(number[1], place):
                shared[name, number[0]] += 1
    return {text: number for (text, number), cells in shared.items() if cells > USUAL * count[text]}


def _column(boxes: list[Box], numeric: bool) -> Column:
    """Of those boxes that overlap the middle one: a value found in a wrong place widens no column."""
    boxes.sort(key=lambda box: box.left + box.right)
    usual = boxes[len(boxes) // 2]
    beside = [box for box in boxes if box.left <= usual.right and box.right >= usual.left]
    return Column(min(box.left for box in beside), max(box.right for box in beside), numeric)


def columns_between(keys: Sequence[tuple[Node, Box]]) -> list[Column]:
    """Columns that meet half way between their keys."""
    ordered = sorted(keys, key=lambda key: key[1].left)
    edges = [0.0, *((a.right + b.left) / 2 for (_, a), (_, b) in itertools.pairwise(ordered)), 1.0]
    return [
        Column(left + SLACK, right - SLACK, child.kind in ("number", "integer"))
        for (child, _), left, right in zip(ordered, edges, edges[1:], strict=False)
    ]
