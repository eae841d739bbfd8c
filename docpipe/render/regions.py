"""The layout of a page: its text, headings, tables and pictures in reading order, told without a model.

The page is cut where nothing stands, at the widest gap first, and each part again (Nagy and Seth 1984,
Hierarchical representation of optically scanned documents: the XY tree). What is cut are lines of words,
ruled grids and images. Lengths are in 1/72 inch or in em, the usual height of a line of the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np
import numpy.typing as npt

from docpipe.page.box import Box
from docpipe.page.lines import GAP, word_lines
from docpipe.records import Page, Region

MAX_LEAVES = 150  # parts that a page is cut into
MAX_REGIONS = 2 * MAX_LEAVES + 300  # of each leaf a heading and a text; and what tables and pictures part
MAX_LINES = 4_000  # a page with more, mostly of lone words, is not cut
MAX_PICTURES = 50  # the largest

EM_PT = 12.0  # of a page without words
WORD_GAP_EM = 1.5  # between words of one line; more parts cells
PARAGRAPH_EM, PITCH, APART_EM = (
    0.7,
    1.6,
    3.0,
)  # a gap between lines parts if wide: by itself, by its neighbours, in any case
COLUMN_EM, ROW_EM = 1.2, 1.6  # between columns; a lone row, which is not as high, is parted by `APART_EM` only
PROSE_EM, FILLED, MIN_PROSE = 12.0, 0.5, 3  # lines so wide, that fill their column so much, and so many of them
SAME_ROW_EM = 0.5  # cells of a row, of one line or two, whose middles follow each other no farther down
CELL_EM, MIN_ROWS, MIN_COLUMNS = 10.0, 3, 3  # the usual cell of a table is no wider; rows of more than one cell
HEADING_SIZE, HEADING_LINES, HEADING_EM = 1.3, 3, 60.0  # times the usual type; or bold

MIN_PICTURE, MAX_PICTURE = 0.002, 0.6  # share of the page: less is a bullet, more is the page itself
MAX_TABLE = 0.9  # a grid over more is the page's frame

Boxes = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Members = npt.NDArray[np.intp]
Kind = Literal["text", "heading", "table", "picture"]


@dataclass(frozen=True, slots=True, eq=False)
class _Atoms:
    """What is not cut: lines first, then `tables` tables, then pictures. Boxes (n, 4) in em, the others a line each."""

    boxes: Boxes
    heading: Mask  # by its type
    numeric: Mask
    tables: int

    @property
    def lines(self) -> int:
        return len(self.heading)

    def kind(self, member: int) -> Kind:
        if member < self.lines:
            return "text"
        return "table" if member < self.lines + self.tables else "picture"


def regions(page: Page) -> tuple[Region, ...]:
    """The regions of a page with words, geometry or both, at most `MAX_REGIONS`, in reading order.

    Every visible word lies within one, invisible words within none. Text left to right is assumed.
    Without ruled lines a table is three rows or more of short cells in aligned columns. An image with
    words on it is their ground, no picture; pictures that are drawn by lines are not found.
    """
    side = np.array((page.width_pt, page.height_pt) * 2)
    hulls, heading, numeric, em = _lines(page, side)
    tables, rest = _with_lines(_ruled(page, side), hulls)
    pictures = _pictures(page, side, hulls, tables)
    atoms = _Atoms(np.concatenate((hulls[rest], tables, pictures)) / em, heading[rest], numeric[rest], len(tables))
    return tuple(
        Region(kind, _box(corners * em / side)) for leaf in _leaves(atoms) for kind, corners in _regions_of(leaf, atoms)
    )


def _lines(page: Page, side: Boxes) -> tuple[Boxes, Mask, Mask, float]:
    """(boxes, whether set as a heading, whether mostly numbers, em) of the printed lines, parted at wide gaps.

    The text source's own lines part at narrower ones: it knows the columns of a newspaper, and takes the cells of a row
    for lines. Neither it nor a gap joins what is not on one line.
    """
    seen = [word for word in page.words if word.visible]
    if not seen:
        return np.empty((0, 4)), np.empty(0, bool), np.empty(0, bool), EM_PT
    lines = word_lines(seen, page.width_pt, page.height_pt)
    words = [seen[at] for line in lines for at in line]
    boxes = np.array([word.box for word in words]) * side
    sources = np.array([(word.block, word.line) for word in words])
    printed = np.repeat(np.arange(len(lines)), [len(line) for line in lines])
    heights = boxes[:, 3] - boxes[:, 1]
    gaps = boxes[1:, 0] - boxes[:-1, 2]
    new = printed[1:] != printed[:-1]
    new |= gaps > WORD_GAP_EM * np.maximum(heights[1:], heights[:-1])
    new |= (sources[1:] != sources[:-1]).any(axis=1) & (gaps > GAP * np.minimum(heights[1:], heights[:-1]))
    starts = np.flatnonzero(np.concatenate(([True], new)))
    hulls = np.hstack((np.minimum.reduceat(boxes[:, :2], starts), np.maximum.reduceat(boxes[:, 2:], starts)))
    em = max(1.0, float(np.median(np.minimum(hulls[:, 2] - hulls[:, 0], hulls[:, 3] - hulls[:, 1]))))
    lengths, bold = np.array([len(word.text) for word in words]), np.array([word.bold for word in words])
    sizes, balance = np.array([word.size for word in words]), np.array([_balance(word.text) for word in words])
    large = np.minimum.reduceat(sizes, starts) > HEADING_SIZE * np.median(np.repeat(sizes, lengths))
    strong = np.logical_and.reduceat(bold, starts) & bool(lengths[bold].sum() < lengths.sum() / 2)
    balance = np.add.reduceat(balance, starts)
    heading: Mask = np.logical_or(large, strong) & (balance > 0)
    return hulls, heading, balance < 0, em


def _balance(text: str) -> int:
    """Letters less digits."""
    return sum(map(str.isalpha, text)) - sum(map(str.isdecimal, text))


def _ruled(page: Page, side: Boxes) -> Boxes:
    """Grids, those within others left out."""
    boxes = np.array([grid.box for grid in page.geometry.grids]).reshape(-1, 4) * side
    boxes = boxes[_area(boxes) < MAX_TABLE * side[0] * side[1]]
    inner = _holds(boxes, boxes) & (_area(boxes)[:, None] > _area(boxes)[None])
    return np.compress(~inner.any(axis=0), boxes, axis=0)


def _with_lines(tables: Boxes, hulls: Boxes) -> tuple[Boxes, Mask]:
    """(tables grown to hold the lines whose middles they hold, the lines that are in none)."""
    held = _holds(tables, hulls)
    grown = [_hull(np.vstack((table, hulls[members]))) for table, members in zip(tables, held, strict=True)]
    return np.array(grown, np.float64).reshape(-1, 4), np.logical_not(held.any(axis=0))


def _pictures(page: Page, side: Boxes, hulls: Boxes, tables: Boxes) -> Boxes:
    boxes = np.array(page.geometry.images).reshape(-1, 4) * side
    share = _area(boxes) / (side[0] * side[1])
    boxes = boxes[(share > MIN_PICTURE) & (share < MAX_PICTURE)]
    boxes = boxes[np.argsort(-_area(boxes), kind="stable")[:MAX_PICTURES]]
    return np.compress(~_holds(boxes, hulls).any(axis=1) & ~_holds(tables, boxes).any(axis=0), boxes, axis=0)


def _leaves(atoms: _Atoms) -> Iterator[Members]:
    """What is cut no further, in reading order: left before right, upper before lower."""
    left = [np.arange(len(atoms.boxes))] if len(atoms.boxes) else []
    cuts = MAX_LEAVES - 1 if atoms.lines <= MAX_LINES else 0
    while left:
        members = left.pop()
        parts = _parts(members, atoms) if cuts and len(members) > 1 else None
        if parts is None:
            yield members
        else:
            cuts -= 1
            left.extend(reversed(parts))


def _parts(members: Members, atoms: _Atoms) -> tuple[Members, Members] | None:
    """Columns of prose apart, else what stands above other things, else what stands beside them but in a table."""
    boxes = atoms.boxes[members]
    (beside, lefts), (between, tops) = _gaps(boxes, 0), _gaps(boxes, 1)
    before = boxes[:, 0] < lefts[beside.argmax()]
    columns = members[before], members[~before]
    height = float(boxes[:, 3].max() - boxes[:, 1].min())
    apart = float(beside.max()) > (APART_EM if height < ROW_EM else COLUMN_EM)
    if apart and all(_is_prose(column, atoms) for column in columns):
        return columns
    if float(between.max()) > _parting(between):
        above = boxes[:, 1] < tops[between.argmax()]
        return members[above], members[~above]
    return columns if apart and not _is_table(members, atoms) else None


def _gaps(boxes: Boxes, axis: int) -> tuple[Boxes, Boxes]:
    """(widths, ends) of the gaps between all boxes along an axis, from its start; a width below zero is none."""
    order = np.argsort(boxes[:, axis])
    starts, reach = boxes[order, axis], np.maximum.accumulate(boxes[order, axis + 2])
    return starts[1:] - reach[:-1], starts[1:]


def _parting(gaps: Boxes) -> float:
    """How wide a gap between lines must be to be more than the leading."""
    leading = np.sort(gaps[gaps > 0])
    usual = float(leading[len(leading) // 2]) if leading.size else 0.0
    return min(APART_EM, max(PARAGRAPH_EM, PITCH * usual))


def _is_prose(members: Members, atoms: _Atoms) -> bool:
    """Whether it is a column whose lines fill it."""
    lines = atoms.boxes[members[members < atoms.lines]]
    if len(lines) < MIN_PROSE:
        return False
    width = lines[:, 2].max() - lines[:, 0].min()
    return bool(np.median(lines[:, 2] - lines[:, 0]) > max(PROSE_EM, FILLED * width))


def _is_table(members: Members, atoms: _Atoms) -> bool:
    """Whether short cells stand in rows and in columns. Two columns may be lists side by side: one must be numbers."""
    members = members[members < atoms.lines]
    if len(members) < 2 * MIN_ROWS:
        return False
    boxes = atoms.boxes[members]
    middles = (boxes[:, 1] + boxes[:, 3]) / 2
    order = np.argsort(middles)
    rows = np.empty(len(members), np.intp)
    rows[order] = np.concatenate(([0], np.cumsum(np.diff(middles[order]) > SAME_ROW_EM)))
    cells = np.bincount(rows)
    shared = cells[rows] > 1
    if np.count_nonzero(cells > 1) < max(MIN_ROWS, len(cells) / 2):
        return False
    if float(np.median((boxes[:, 2] - boxes[:, 0])[shared])) > CELL_EM:
        return False
    widths, _ = _gaps(boxes[shared], 0)
    columns = 1 + int(np.count_nonzero(widths > COLUMN_EM / 2))
    numbers = int(np.count_nonzero(atoms.numeric[members]))
    return columns >= MIN_COLUMNS or (columns == 2 and 2 * numbers >= len(cells))


def _regions_of(leaf: Members, atoms: _Atoms) -> Iterator[tuple[Kind, Boxes]]:
    """(kind, box) of what a leaf holds, from the top: lines up to a table or picture are one."""
    if len(leaf) > 1:
        leaf = leaf[np.argsort(atoms.boxes[leaf, 1], kind="stable")]
    for kind, run in groupby(leaf.tolist(), key=atoms.kind):
        members = np.array(run_of := list(run))
        if kind != "text":
            yield from ((kind, atoms.boxes[member]) for member in run_of)
        elif _is_table(members, atoms):
            yield "table", _hull(atoms.boxes[members])
        else:
            first = _heading_lines(members, atoms)
            if first:
                yield "heading", _hull(atoms.boxes[members[:first]])
            if first < len(members):
                yield "text", _hull(atoms.boxes[members[first:]])


def _heading_lines(members: Members, atoms: _Atoms) -> int:
    """How many of the first lines are a heading."""
    plain = np.flatnonzero(~atoms.heading[members])
    first = int(plain[0]) if len(plain) else len(members)
    boxes = atoms.boxes[members[:first]]
    return first if first <= HEADING_LINES and (boxes[:, 2] - boxes[:, 0]).sum() < HEADING_EM else 0


def _holds(outer: Boxes, inner: Boxes) -> Mask:
    """(outer, inner): whether the middle of one lies in the other."""
    x, y = (inner[:, 0] + inner[:, 2]) / 2, (inner[:, 1] + inner[:, 3]) / 2
    left, top, right, bottom = (outer[:, side, None] for side in range(4))
    held: Mask = (left <= x) & (x <= right) & (top <= y) & (y <= bottom)
    return held


def _area(boxes: Boxes) -> Boxes:
    return np.multiply(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])


def _hull(boxes: Boxes) -> Boxes:
    return np.concatenate((boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)))


def _box(corners: Boxes) -> Box:
    return Box(*np.clip(corners, 0.0, 1.0).tolist())
