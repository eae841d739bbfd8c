"""The adjacency relations of the ICDAR 2013 table competition.

Göbel et al., "A Methodology for Evaluating Algorithms for Table Understanding in PDF Documents",
DocEng 2012, and "ICDAR 2013 Table Competition": a table is the list of (cell, nearest cell, direction)
to the right and downward. Blank cells have no relations and are looked across. Two relations are one
if both texts and the direction are; texts are compared in upper case, without white space, other
signs as one. A pair of cells is one relation, however many rows or columns they share.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from docpipe.evaluate.grids import Cell, Grid, places

Relation = tuple[str, str, Literal["right", "down"]]


@dataclass(frozen=True, slots=True)
class Relations:
    """How many relations two tables share; `f1`, `precision`, `recall` in [0, 1]."""

    right: int
    expected: int
    found: int

    @property
    def precision(self) -> float:
        return self.right / max(self.found, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.expected, 1)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(self.expected + self.found, 1)


def adjacency(truth: Grid, found: Grid) -> Relations:
    """The relations of two tables compared; each of `found` counts once."""
    wanted, other = relations(truth), relations(found)
    return Relations((wanted & other).total(), wanted.total(), other.total())


def relations(grid: Grid) -> Counter[Relation]:
    """Relation -> how often it occurs."""
    at = {place: cell for cell in grid.cells for place in places(cell)}
    pairs: set[tuple[Cell, Cell, Literal["right", "down"]]] = set()
    for cell in grid.cells:
        if not cell.text:
            continue
        for row in range(cell.row, cell.row + cell.row_span):
            beyond = ((row, column) for column in range(cell.column + cell.column_span, grid.columns))
            if (near := _first(beyond, at)) is not None:
                pairs.add((cell, near, "right"))
        for column in range(cell.column, cell.column + cell.column_span):
            below = ((row, column) for row in range(cell.row + cell.row_span, grid.rows))
            if (near := _first(below, at)) is not None:
                pairs.add((cell, near, "down"))
    return Counter((_plain(cell.text), _plain(near.text), direction) for cell, near, direction in pairs)


def _first(way: Iterator[tuple[int, int]], at: dict[tuple[int, int], Cell]) -> Cell | None:
    for place in way:
        cell = at.get(place)
        if cell is not None and cell.text:
            return cell
    return None


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "_", re.sub(r"\s+", "", text.upper()))
