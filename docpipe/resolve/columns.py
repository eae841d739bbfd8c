"""What of a page no value explains, by lines, and the columns that the rows of a table stand in."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from docpipe.page.box import Box
from docpipe.records import Word
from docpipe.resolve.ground import Evidence
from docpipe.resolve.page_index import PageIndex
from docpipe.schema.nodes import Node

USUAL = 0.5  # a column that this share of the rows fills is one that a row has
SLACK = 0.01  # of the page's width, around a column
NARROWEST = 0.06  # of the page's width: a centred digit or two show less of their column than this


@dataclass(frozen=True, slots=True)
class Line:
    """Words of one height that no value explains, each with whether it is a number."""

    y: float
    words: tuple[tuple[Word, bool], ...]

    @property
    def text(self) -> str:
        """As printed, from left to right."""
        return " ".join(word.text for word, _ in sorted(self.words, key=lambda one: one[0].box.left))


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
    found: set[Column] = set()
    for word, number in line.words:
        best, most = None, (-math.inf, False)
        for column in columns:
            if number or not column.numeric:
                rank = round(column.overlap(word.box), 3), column.numeric
                if rank > most:
                    best, most = column, rank
        if best is not None and best.overlap(word.box) >= -best.slack:
            found.add(best)
    return found


Rows = Mapping[int, Mapping[str, Evidence]]  # index of a row -> its column -> where it stands


def unexplained(page: PageIndex, evidence: Mapping[str, Evidence]) -> list[Line]:
    """The lines of `page`, from the top, without the words that values stand on."""
    explained: set[int] = set()
    quoted: list[Box] = []
    for one in evidence.values():
        if one.page == page.number and one.place is not None:
            explained.update(range(one.place.start, one.place.end))
        elif one.page == page.number:
            quoted += one.boxes
    numbers = page.numbers
    rest = [(word, at in numbers) for at, word in enumerate(page.words) if at not in explained]
    if quoted:
        rest = [one for one in rest if not any(one[0].box.touches(box) for box in quoted)]
    return list(lines(rest))


def lines(words: Iterable[tuple[Word, bool]]) -> Iterator[Line]:
    """Words that stand on one height, from the top down; each with whether it is a number."""
    group: list[tuple[Word, bool]] = []
    bottom = 0.0
    for word, number in sorted(words, key=lambda one: one[0].box.top + one[0].box.bottom):
        if group and word.box.mid_y > bottom:
            yield _line(group)
            group = []
        if not group:
            bottom = word.box.bottom
        group.append((word, number))
    if group:
        yield _line(group)


def _line(words: Sequence[tuple[Word, bool]]) -> Line:
    return Line(math.fsum([word.box.mid_y for word, _ in words]) / len(words), tuple(words))


def columns_of(item: Node, rows: Rows) -> list[Column]:
    """The columns that most rows fill."""
    numeric = {f".{path}" for path, node in item.leaves() if node.kind in ("number", "integer")}
    boxes: dict[str, list[Box]] = defaultdict(list)
    for row in rows.values():
        for name, one in row.items():
            boxes[name] += one.boxes[:1]
    return [_column(found, name in numeric) for name, found in boxes.items() if len(found) >= USUAL * len(rows)]


def _column(boxes: list[Box], numeric: bool) -> Column:
    """Of those boxes that overlap the middle one: a value found in a wrong place widens no column."""
    boxes.sort(key=lambda box: box.left + box.right)
    usual = boxes[len(boxes) // 2]
    beside = [box for box in boxes if box.left <= usual.right and box.right >= usual.left]
    return Column(min(box.left for box in beside), max(box.right for box in beside), numeric)


def columns_between(captions: Sequence[tuple[Node, Box]]) -> list[Column]:
    """Columns that meet half way between their captions."""
    ordered = sorted(captions, key=lambda one: one[1].left)
    edges = [0.0, *((a.right + b.left) / 2 for (_, a), (_, b) in itertools.pairwise(ordered)), 1.0]
    return [
        Column(left + SLACK, right - SLACK, child.kind in ("number", "integer"))
        for (child, _), left, right in zip(ordered, edges, edges[1:], strict=False)
    ]
