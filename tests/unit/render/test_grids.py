"""Ruled tables are found by how their rules meet, whatever they are drawn with."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.render.child.pdf.grids import MAX_GRIDS, MAX_RULES, Corners, grids

steps = st.lists(st.floats(8, 60), min_size=1, max_size=6)


def ruled(xs: list[float], ys: list[float], miss: float = 0.0) -> list[Corners]:
    """Every line of a table, drawn from edge to edge, each shorter by `miss` at both ends."""
    across = [(xs[0] + miss, y, xs[-1] - miss, y) for y in ys]
    return across + [(x, ys[0] + miss, x, ys[-1] - miss) for x in xs]


@given(steps, steps, st.randoms())
def test_a_table_gives_its_edges_in_whatever_order_it_was_drawn(
    widths: list[float], heights: list[float], chance: st.randoms
) -> None:
    xs = [50.0 + sum(widths[:count]) for count in range(len(widths) + 1)]
    ys = [70.0 + sum(heights[:count]) for count in range(len(heights) + 1)]
    rules = ruled(xs, ys)
    chance.shuffle(rules)
    found = grids(rules)
    if len(widths) == len(heights) == 1:
        assert found == []  # a frame
        return
    (grid,) = found
    assert grid.across == pytest.approx(xs)
    assert grid.down == pytest.approx(ys)


def test_lines_that_just_miss_still_meet_and_double_lines_are_one() -> None:
    rules = [*ruled([50, 100, 150], [50, 80], miss=1.5), (50, 81.5, 150, 81.5)]
    (grid,) = grids(rules)
    assert (grid.across, grid.down) == ((50, 100, 150), (50, 80))


def test_cells_drawn_one_by_one_are_one_table() -> None:
    cells = [
        side
        for x in (50, 100)
        for y in (50, 70, 90)
        for side in ((x, y, x + 50, y), (x, y + 20, x + 50, y + 20), (x, y, x, y + 20), (x + 50, y, x + 50, y + 20))
    ]
    (grid,) = grids(cells)
    assert (grid.across, grid.down) == ((50, 100, 150), (50, 70, 90, 110))


def test_a_spanning_cell_does_not_end_the_columns_below_it() -> None:
    rules = [*ruled([50, 150], [50, 70, 90, 110]), (100, 70, 100, 110)]
    (grid,) = grids(rules)
    assert grid.across == (50, 100, 150)


def test_tables_apart_are_apart_and_come_from_the_top() -> None:
    lower, upper = ruled([50, 100, 150], [400, 420, 440]), ruled([60, 160, 260], [50, 80, 110])
    assert [grid.down[0] for grid in grids(lower + upper)] == [50, 400]


def test_lines_that_do_not_cross_are_no_table() -> None:
    underlines: list[Corners] = [(50, y, 400, y) for y in range(100, 600, 20)]
    assert grids(underlines) == []
    assert grids([*underlines, (500, 100, 500, 600)]) == []


def test_a_drawing_is_not_looked_through() -> None:
    assert grids([(float(n), 0.0, float(n), 50.0) for n in range(MAX_RULES + 1)]) == []
    small = [rule for n in range(70) for rule in ruled([n * 8.0 * 4, n * 32.0 + 10, n * 32.0 + 20], [0, 10, 20])]
    assert len(grids(small)) == MAX_GRIDS
