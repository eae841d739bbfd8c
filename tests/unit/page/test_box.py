"""A box is a tuple with names, and how boxes lie to each other."""

from __future__ import annotations

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.page.box import Box

A = Box(0.25, 0.25, 0.5, 0.5)
SIDES = st.floats(-10, 10, allow_nan=False).map(lambda side: round(side, 3))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    (left, right), (top, bottom) = (sorted(draw(st.tuples(SIDES, SIDES))) for _ in range(2))
    return Box(left, top, right, bottom)


def test_a_box_is_a_tuple_wherever_it_is_written() -> None:
    assert A == (0.25, 0.25, 0.5, 0.5)
    assert json.dumps(A) == "[0.25, 0.25, 0.5, 0.5]"
    assert isinstance(pickle.loads(pickle.dumps(A)), Box)


def test_its_measures() -> None:
    box = Box(1.0, 2.0, 5.0, 10.0)
    assert (box.width, box.height, box.mid_x, box.mid_y) == (4.0, 8.0, 3.0, 6.0)


@pytest.mark.parametrize(
    ("other", "touches"),
    [
        (Box(0.3, 0.3, 0.4, 0.4), True),
        (Box(0.0, 0.0, 1.0, 1.0), True),
        (Box(0.5, 0.25, 0.75, 0.5), False),  # edge to edge
        (Box(0.0, 0.25, 0.25, 0.5), False),
        (Box(0.25, 0.5, 0.5, 0.75), False),
        (Box(0.25, 0.0, 0.5, 0.25), False),
        (Box(0.49, 0.49, 0.6, 0.6), True),
        (Box(0.1, 0.1, 0.26, 0.26), True),
        (Box(0.6, 0.3, 0.7, 0.4), False),
        (Box(0.3, 0.6, 0.4, 0.7), False),
        (Box(0.3, 0.3, 0.3, 0.4), True),  # a word without width
    ],
)
def test_boxes_touch_if_one_reaches_into_the_other(other: Box, touches: bool) -> None:
    assert A.touches(other) is touches
    assert other.touches(A) is touches


def test_around_is_the_smallest_box_that_holds_all() -> None:
    assert Box.around([Box(0.2, 0.5, 0.3, 0.6), Box(0.1, 0.55, 0.25, 0.9)]) == (0.1, 0.5, 0.3, 0.9)
    with pytest.raises(ValueError, match="unpack"):
        Box.around([])


@given(boxes(), boxes())
def test_what_is_around_two_boxes_encloses_both_and_no_side_can_move_in(one: Box, other: Box) -> None:
    around = Box.around((one, other))
    assert around.encloses(one)
    assert around.encloses(other)
    assert all(side in (one[at], other[at]) for at, side in enumerate(around))


@given(boxes(), boxes())
def test_overlap_is_symmetric_and_negative_where_white_space_is_between(one: Box, other: Box) -> None:
    assert one.overlap_x(other) == other.overlap_x(one)
    assert (one.overlap_y(other) < 0) == (one.bottom < other.top or other.bottom < one.top)
    assert one.overlap_x(one) == one.width


@given(boxes())
def test_a_box_holds_its_middle_and_not_what_is_beyond_the_slack(box: Box) -> None:
    assert box.holds(box.mid_x, box.mid_y)
    assert not box.holds(box.right + 2, box.mid_y, slack=1)
    assert box.holds(box.right + 1, box.mid_y, slack=1.001)


def test_fractions_of_a_page_become_points_and_points_of_a_frame_fractions() -> None:
    assert Box(0.0, 0.25, 0.5, 1.0).scaled(200, 100) == (0.0, 25.0, 100.0, 100.0)
    assert Box(2.0, 2.0, 3.0, 4.0).within(Box(1.0, 0.0, 5.0, 4.0)) == (0.25, 0.5, 0.5, 1.0)


def test_on_a_page_turned_clockwise_the_top_left_corner_is_the_top_right_one() -> None:
    corner = Box(0.0, 0.0, 0.25, 0.125)
    assert corner.turned(90) == (0.875, 0.0, 1.0, 0.25)
    assert corner.turned(180) == (0.75, 0.875, 1.0, 1.0)
    assert corner.turned(270) == (0.0, 0.75, 0.125, 1.0)


@given(boxes())
def test_turns_add_up(box: Box) -> None:
    assert box.turned(0) == box
    assert box.turned(90).turned(90) == pytest.approx(box.turned(180))
    assert box.turned(180).turned(90) == pytest.approx(box.turned(270))
