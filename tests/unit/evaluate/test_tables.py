"""TEDS against a tree edit distance of its own and by hand; adjacency relations by hand."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docpipe.evaluate.adjacency import adjacency, relations
from docpipe.evaluate.grids import Grid, from_cells, from_html, grid
from docpipe.evaluate.teds import teds

Tree = tuple[Any, tuple[Any, ...]]


def tree(one: Grid) -> Tree:
    lines = [
        ("tr", tuple((("td", cell.row_span, cell.column_span, cell.text), ()) for cell in one.cells if cell.row == row))
        for row in range(one.rows)
    ]
    parts = [("thead", lines[: one.header_rows]), ("tbody", lines[one.header_rows :])]
    return ("table", tuple((name, tuple(rows)) for name, rows in parts if rows))


def levenshtein(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, right in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (left != right))
    return row[-1]


def renamed(one: Any, other: Any) -> float:
    if isinstance(one, tuple) and isinstance(other, tuple):
        if one[:3] != other[:3]:
            return 1.0
        return levenshtein(one[3], other[3]) / max(len(one[3]), len(other[3]), 1)
    return float(one != other)


@cache
def forest_distance(one: tuple[Tree, ...], other: tuple[Tree, ...]) -> float:
    """The recursion by the rightmost roots (Zhang and Shasha, 1989), without its shortcuts."""
    if not one or not other:
        return sum(1 + forest_distance(node[1], ()) for node in one) + sum(
            1 + forest_distance((), node[1]) for node in other
        )
    (label, below), (other_label, other_below) = one[-1], other[-1]
    return min(
        forest_distance(one[:-1] + below, other) + 1,
        forest_distance(one, other[:-1] + other_below) + 1,
        forest_distance(below, other_below) + forest_distance(one[:-1], other[:-1]) + renamed(label, other_label),
    )


def nodes(one: Tree) -> int:
    return 1 + sum(map(nodes, one[1]))


CELLS = st.sampled_from(["", "a", "ab", "abc", "12.50", "12.60"])
GRIDS = st.builds(
    lambda rows, header: grid({"header": header, "rows": rows}),
    st.lists(st.lists(CELLS, min_size=1, max_size=2), min_size=1, max_size=3),
    st.lists(CELLS, max_size=2),
)


@settings(max_examples=60, deadline=None)
@given(GRIDS, GRIDS)
def test_teds_is_one_minus_the_edit_distance_of_the_trees(truth: Grid, found: Grid) -> None:
    left, right = tree(truth), tree(found)
    distance = forest_distance((left,), (right,))
    assert teds(truth, found) == pytest.approx(1 - distance / (max(nodes(left), nodes(right)) - 1), abs=1e-6)


HEAD = "<table><thead><tr><td>a</td><td>b</td></tr></thead><tbody>"
ROW = "<tr><td>1</td><td>2</td></tr>"
WHOLE = HEAD + ROW + ROW + "</tbody></table>"


@pytest.mark.parametrize(
    ("found", "whole", "structure"),
    [
        (WHOLE, 1.0, 1.0),
        (HEAD + ROW + "</tbody></table>", 1 - 3 / 11, 1 - 3 / 11),  # a row of two cells is missing
        (WHOLE.replace(">2<", ">3<", 1), 1 - 1 / 11, 1.0),  # a cell with another text
        (WHOLE.replace(">a<", ">ab<"), 1 - 0.5 / 11, 1.0),  # half of a text
        (WHOLE.replace("<td>a</td><td>b</td>", '<td colspan="2">a</td>'), 1 - 2 / 11, 1 - 2 / 11),
        ("<table></table>", 0.0, 0.0),
    ],
)
def test_teds_of_changes_that_can_be_counted_by_hand(found: str, whole: float, structure: float) -> None:
    truth = from_html(WHOLE)
    assert teds(truth, from_html(found)) == pytest.approx(whole, abs=1e-6)
    assert teds(truth, from_html(found), structure_only=True) == pytest.approx(structure, abs=1e-6)


def test_a_table_too_large_to_compare_is_not_called_wrong() -> None:
    large = grid({"header": [], "rows": [[str(i), "x"] for i in range(1_000)]})
    other = grid({"header": [], "rows": [[str(i), "y"] for i in range(1_000)]})
    assert teds(large, other) is None
    assert teds(large, large) == 1.0


def test_html_places_cells_around_spans() -> None:
    one = from_html(
        "<table><thead><tr><th rowspan=2>x</th><th colspan=2><b>y</b> &amp; z</th></tr><tr><td>p<td>q</tr></thead>"
        "<tr><td>1<td>2<td>3</tr></table><table><tr><td>other</td></tr></table>"
    )
    assert one.header_rows == 2
    assert [(cell.row, cell.column, cell.text) for cell in one.cells] == [
        (0, 0, "x"), (0, 1, "y & z"), (1, 1, "p"), (1, 2, "q"), (2, 0, "1"), (2, 1, "2"), (2, 2, "3"),
    ]  # fmt: skip


def test_cells_rows_and_html_of_one_table_are_one_grid() -> None:
    cells = [{"row": 0, "col": 0, "text": "a"}, {"row": 0, "col": 1, "text": "b"}, {"row": 1, "col": 1, "text": "2"}]
    by_cells = from_cells(cells, 1)
    assert by_cells == grid({"header": ["a", "b"], "rows": [{"cells": [None, "2"]}]})
    assert by_cells == from_html("<thead><tr><td>a</td><td>b</td></tr></thead><tr><td></td><td>2</td></tr>")


def test_relations_go_to_the_nearest_cell_that_is_not_blank() -> None:
    one = grid({"header": ["a", "", "c"], "rows": [["d", "e", ""], ["", "h", "i"]]})
    assert relations(one) == Counter(
        {
            ("A", "C", "right"): 1,
            ("D", "E", "right"): 1,
            ("H", "I", "right"): 1,
            ("A", "D", "down"): 1,
            ("E", "H", "down"): 1,
            ("C", "I", "down"): 1,
        }
    )


def test_a_spanning_cell_has_one_relation_to_each_neighbour() -> None:
    one = from_html("<table><tr><td colspan=2>top</td></tr><tr><td>l</td><td>r</td></tr></table>")
    assert relations(one) == Counter({("TOP", "L", "down"): 1, ("TOP", "R", "down"): 1, ("L", "R", "right"): 1})


def test_adjacency_counts_shared_relations() -> None:
    truth = grid({"header": ["a", "b"], "rows": [["1", "2"], ["3", "4"]]})
    found = grid({"header": ["a", "b"], "rows": [["1", "2"]]})
    shared = adjacency(truth, found)
    assert (shared.right, shared.expected, shared.found) == (4, 7, 4)
    assert (shared.precision, shared.recall, shared.f1) == pytest.approx((1.0, 4 / 7, 8 / 11), abs=1e-6)


def test_adjacency_does_not_mind_letter_case_white_space_and_signs() -> None:
    truth, found = grid({"header": [], "rows": [["a b–c", "D"]]}), grid({"header": [], "rows": [["AB-C", "d"]]})
    assert adjacency(truth, found).f1 == 1.0


def test_a_repeated_relation_counts_as_often_as_both_have_it() -> None:
    truth = grid({"header": [], "rows": [["a", "b"], ["x", "y"], ["a", "b"]]})
    found = grid({"header": [], "rows": [["a", "b"]]})
    assert adjacency(truth, found).right == 1
    assert adjacency(truth, truth).right == 7
