"""Boxes overlap by area that is counted once; a value may stand at any of its places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.evaluate.grounding import LOST, area, iou, placed
from docpipe.records import Box

GRID = 8
CORNERS = st.integers(0, GRID)


@st.composite
def boxes(draw: st.DrawFn) -> list[Box]:
    made = []
    for _ in range(draw(st.integers(0, 4))):
        x, y = sorted((draw(CORNERS), draw(CORNERS))), sorted((draw(CORNERS), draw(CORNERS)))
        made.append((x[0] / GRID, y[0] / GRID, x[1] / GRID, y[1] / GRID))
    return made


def squares(of: list[Box]) -> set[tuple[int, int]]:
    return {
        (i, j)
        for x0, y0, x1, y1 in of
        for i in range(round(x0 * GRID), round(x1 * GRID))
        for j in range(round(y0 * GRID), round(y1 * GRID))
    }


@given(boxes(), boxes())
def test_overlap_is_shared_area_over_covered_area(one: list[Box], other: list[Box]) -> None:
    left, right = squares(one), squares(other)
    assert area(one) == pytest.approx(len(left) / GRID**2)
    assert iou(one, other) == pytest.approx(len(left & right) / len(left | right) if left | right else 0.0)


def test_a_value_of_two_lines_may_be_found_whole() -> None:
    truth = [(1, (0.1, 0.1, 0.5, 0.2)), (1, (0.1, 0.2, 0.3, 0.3))]
    found = placed(truth, 1, [(0.1, 0.1, 0.5, 0.2), (0.1, 0.2, 0.3, 0.3)])
    assert (found.page, found.centre, found.iou) == (True, True, pytest.approx(1.0))


def test_a_value_that_is_printed_twice_may_be_found_at_either_place() -> None:
    truth = [(1, (0.1, 0.1, 0.2, 0.2)), (2, (0.1, 0.8, 0.2, 0.9))]
    assert placed(truth, 2, [(0.1, 0.8, 0.2, 0.9)]).iou == pytest.approx(1.0)
    assert placed(truth, 1, [(0.1, 0.1, 0.2, 0.2)]).iou == pytest.approx(1.0)


def test_another_place_is_no_hit_and_another_page_is_lost() -> None:
    truth = [(1, (0.1, 0.1, 0.2, 0.2))]
    beside = placed(truth, 1, [(0.7, 0.7, 0.8, 0.8)])
    assert (beside.page, beside.centre, beside.iou) == (True, False, 0.0)
    assert placed(truth, 2, [(0.1, 0.1, 0.2, 0.2)]) == LOST
    assert placed(truth, None, ()) == LOST
