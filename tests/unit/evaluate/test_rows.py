"""Rows are paired by the best assignment of all, and what is lost, added or out of order is counted."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.evaluate.fields import compare
from docpipe.evaluate.rows import RowCount, assigned, out_of_order, paired

ROWS = st.lists(
    st.fixed_dictionaries({"a": st.sampled_from(["x", "y", "z"]), "n": st.sampled_from([1.0, 2.0, 3.0])}), max_size=5
)


def equal_cells(one: dict[str, Any], other: dict[str, Any]) -> int:
    return sum(one[key] == other[key] for key in one)


@given(ROWS, ROWS)
def test_no_other_pairing_has_more_equal_cells(wanted: list[dict[str, Any]], found: list[dict[str, Any]]) -> None:
    pairs = paired(wanted, found)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    reached = sum(equal_cells(wanted[i], found[j]) for i, j in pairs)
    short, long = sorted((wanted, found), key=len)
    best = max(
        (sum(equal_cells(one, other) for one, other in zip(short, chosen, strict=True)))
        for chosen in itertools.permutations(long, len(short))
    )
    assert reached == best


def test_a_greedy_choice_would_lose_a_row() -> None:
    wanted = [{"a": "x", "b": "1", "c": "p"}, {"a": "x", "b": "1", "c": "q"}]
    found = [{"a": "x", "b": "1", "c": "z"}, {"a": "no", "b": "no", "c": "p"}]
    assert paired(wanted, found) == [(0, 1), (1, 0)]  # the first pair alone would be better for row 0


def test_equal_rows_keep_their_order() -> None:
    rows = [{"a": "x"}] * 4
    assert paired(rows, rows) == [(0, 0), (1, 1), (2, 2), (3, 3)]


def test_amounts_pair_to_a_cent_and_texts_by_their_letters() -> None:
    wanted = [{"t": "Bolt M8", "n": 1.0}, {"t": "nut", "n": 2.0}]
    found = [{"t": "NUT", "n": Decimal("2.01")}, {"t": "bolt-m8", "n": Decimal("5")}]
    assert paired(wanted, found) == [(0, 1), (1, 0)]
    assert paired([{"n": 1.0}], [{"n": Decimal("1.02")}]) == []


def test_equally_right_values_of_a_row_pair_it() -> None:
    assert paired([{"t": "twelve"}], [{"t": "12"}], {(0, "t"): ["12"]}) == [(0, 0)]


def test_rows_without_an_equal_cell_are_not_paired() -> None:
    assert paired([{"a": "x"}], [{"a": "y"}, {"a": None}]) == []
    assert assigned(np.zeros((2, 3))) == []


@pytest.mark.parametrize(
    ("places", "lost"), [([], 0), ([0, 1, 2], 0), ([2, 0, 1], 1), ([3, 2, 1, 0], 3), ([0, 2, 1, 3, 5, 4], 2)]
)
def test_rows_out_of_order_are_those_beside_the_longest_ascent(places: list[int], lost: int) -> None:
    assert out_of_order(places) == lost


def test_a_list_is_counted_by_expected_found_matched_exact_and_order() -> None:
    truth = {"rows": [{"t": "a", "n": 1.0, "q": 1.0}, {"t": "b", "n": 2.0, "q": 2.0}, {"t": "c", "n": 3.0, "q": 3.0}]}
    cells = [("b", 2, 2), ("a", 9, 9), ("zzz", 7, 7), ("c", 3, 9)]
    found = {"rows": [{"t": text, "n": number, "q": count} for text, number, count in cells]}
    rows = compare(truth, found).rows["rows"]
    assert rows == RowCount(expected=3, found=4, matched=2, exact=1, out_of_order=1)
    assert (rows.recall, rows.precision, rows.f1) == pytest.approx((2 / 3, 2 / 4, 4 / 7))


def test_rows_beyond_a_list_that_is_not_complete_are_no_error() -> None:
    truth, found = {"rows": [{"t": "a"}]}, {"rows": [{"t": "b"}, {"t": "a"}]}
    open_list, closed = compare(truth, found, complete=False), compare(truth, found)
    assert [one.kind for one in open_list.verdicts] == ["right"]
    assert sorted(one.kind for one in closed.verdicts) == ["right", "spurious"]
    assert (open_list.rows["rows"].precision, closed.rows["rows"].precision) == (1.0, 0.5)
