"""TEDS: how much of a table has to be changed, as a tree, to become another.

Zhong et al., "Image-based table recognition: data, model, and evaluation", ECCV 2020: 1 minus the tree
edit distance (Pawlik and Augsten's APTED) over the nodes of the larger tree. Inserting and deleting
cost 1; renaming costs 1 where tag or spans differ, between two cells the normalised Levenshtein
distance of their texts, else 0. TEDS-struct leaves the texts out. The tree is thead and tbody, rows,
cells; a table without a header has a tbody alone. Cells have text without markup.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rapidfuzz.distance import Levenshtein

from docpipe.evaluate.grids import Cell, Grid
from docpipe.evaluate.libraries import library

MAX_NODES = 4_000  # of both trees together: the time grows with the square and more


@dataclass(eq=False, slots=True)
class _Node:
    tag: str
    cell: Cell | None = None
    children: list[_Node] = field(default_factory=list)


def teds(truth: Grid, found: Grid, *, structure_only: bool = False) -> float | None:
    """The similarity of two tables, in [0, 1]; 0.0 if one has no cells and the other has.

    None for tables too large to compare (`MAX_NODES`). Raises MissingLibrary without apted.
    """
    trees = _tree(truth), _tree(found)
    nodes = [_size(tree) - 1 for tree in trees]  # the table itself is always there
    if not truth.cells or not found.cells:
        return float(truth.cells == found.cells)
    if truth == found:
        return 1.0
    if sum(nodes) > MAX_NODES:
        return None
    apted: Any = library("apted")
    distance: float = apted.APTED(*trees, _costs(structure_only)).compute_edit_distance()
    return 1.0 - distance / max(nodes)


def _tree(grid: Grid) -> _Node:
    lines: dict[int, _Node] = {row: _Node("tr") for row in range(grid.rows)}
    for cell in grid.cells:
        lines[cell.row].children.append(_Node("td", cell))
    parts = {"thead": range(grid.header_rows), "tbody": range(grid.header_rows, grid.rows)}
    return _Node("table", None, [_Node(tag, None, [lines[row] for row in rows]) for tag, rows in parts.items() if rows])


def _size(node: _Node) -> int:
    return 1 + sum(map(_size, node.children))


def _costs(structure_only: bool) -> Any:
    config: Any = library("apted").Config

    class Costs(config):  # type: ignore[misc]  # apted has no types
        def rename(self, node: _Node, other: _Node) -> float:
            return _rename(node, other, structure_only)

        def children(self, node: _Node) -> list[_Node]:
            return node.children

    return Costs()


def _rename(node: _Node, other: _Node, structure_only: bool) -> float:
    if node.tag != other.tag:
        return 1.0
    if node.cell is None or other.cell is None:
        return 0.0
    left, right = node.cell, other.cell
    if (left.row_span, left.column_span) != (right.row_span, right.column_span):
        return 1.0
    return 0.0 if structure_only else Levenshtein.normalized_distance(left.text, right.text)
