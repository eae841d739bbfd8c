"""Which rows of a table are items, and which are sums of those above."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.engine.layout.tables.sums import Summand, items_of

WHOLE = 3  # numbers of a row: count, price and amount


def row(amount: int, numbers: int = WHOLE, text: str = "Bolt", *, apart: bool = False, ruled: bool = False) -> Summand:
    return Summand(Decimal(amount), numbers, text, apart, ruled)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_rows_with_all_their_numbers_are_items_whatever_they_come_to(amounts: list[int]) -> None:
    assert items_of([row(amount, text="Total") for amount in amounts]) == list(range(len(amounts)))


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12))
def test_rows_of_one_number_are_items_where_nothing_says_that_they_are_sums(amounts: list[int]) -> None:
    assert items_of([row(amount, 1) for amount in amounts]) == list(range(len(amounts)))


@pytest.mark.parametrize(
    "total",
    [row(30, 1, "Summe"), row(30, 1, "Zorp", apart=True), row(30, 1, "Zorp", ruled=True), row(30, 2, "Total 2 pcs")],
)
def test_a_sum_lacks_a_number_and_something_says_what_it_is(total: Summand) -> None:
    rows = [row(10), row(20), total, row(40), row(5)]
    assert items_of(rows) == [0, 1, 3, 4]


def test_a_lump_sum_among_the_rows_is_an_item() -> None:
    assert items_of([row(10), row(20), row(30, 1, "Delivery"), row(40)]) == [0, 1, 2, 3]
    assert items_of([row(10), row(20), row(31, 1, "Total station"), row(40)]) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("rows", "items"),
    [
        ([row(10), row(20), row(7, 1, "Zorp"), row(37, 1, "Qwvx")], [0, 1]),
        ([row(10), row(20), row(99, 1, "Zorp", apart=True)], [0, 1]),
        ([row(10, 1), row(20, 1), row(30, 1, "Total"), row(6, 1, "Zorp"), row(36, 1, "Total")], [0, 1]),
        ([row(10, 1), row(30, 1, "Subtotal"), row(40, 1)], [0, 1, 2]),
        ([], []),
    ],
)  # fmt: skip
def test_totals_end_the_items(rows: Sequence[Summand], items: list[int]) -> None:
    assert items_of(rows) == items
