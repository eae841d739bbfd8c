"""Below the items of a receipt: the tax summary by arithmetic, and keys that are values themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import Print, page_of, reply_of, table_of
from tests.unit.engine.layout.test_layout_receipts import answer, receipt

ITEMS = receipt(("Rye bread", "10.70"), ("Wine", "11.90"), ("Total", "22.60"))


def summary(*rows: Sequence[str], header: Sequence[str] = ()) -> list[tuple[Any, ...]]:
    """(rate, base, amount) of the tax rows read from lines of cells below the items."""
    cells = [header, *rows] if header else list(rows)
    columns = [100.0, 160.0, 210.0, 265.0, 330.0][: len(rows[0])]
    found = answer([*ITEMS, *table_of(200.0, columns, cells)])["tax_breakdown"]
    return [(row["rate"], row["base"], row["amount"]) for row in found]


@pytest.mark.parametrize("header", [("", "Net", "VAT", "Gross"), ("", "Xyz", "Qrs", "Tuv"), ()])
def test_a_rate_its_base_and_its_tax_are_a_row_whatever_stands_above(header: Sequence[str]) -> None:
    rows = [("A 7%", "10.00", "0.70", "10.70"), ("B 19%", "10.00", "1.90", "11.90")]
    assert summary(*rows, header=header) == [(7, 10, 0.7), (19, 10, 1.9)]


def test_the_order_of_the_columns_plays_no_part() -> None:
    assert summary(("19,0%", "11.90", "1.90", "10.00")) == [(19, 10, 1.9)]


def test_a_rate_without_its_sign_counts_where_the_sum_is_printed() -> None:
    assert summary(("B", "19.00", "10.00", "1.90", "11.90")) == [(19, 10, 1.9)]
    assert summary(("B", "19.00", "10.00", "1.90")) == []


def test_a_tax_in_its_sum_is_a_row_without_a_base() -> None:
    assert summary(("19%", "11.90", "1.90")) == [(19, None, 1.9)]


def test_amounts_that_the_rate_does_not_tie_are_no_row() -> None:
    assert summary(("19%", "12.00", "5.00")) == []


def test_a_tax_that_only_the_summary_prints_is_the_documents() -> None:
    rows = table_of(
        200.0, [100.0, 160.0, 210.0, 265.0], [("", "Net", "VAT", "Gross"), ("20%", "18.83", "3.77", "22.60")]
    )
    found = answer([*ITEMS, *rows])
    assert (found["subtotal"], found["tax"]) == (18.83, 3.77)


def test_taxes_of_several_rates_are_not_added_up() -> None:
    rows = [("A 7%", "10.00", "0.70", "10.70"), ("B 19%", "10.00", "1.90", "11.90")]
    found = answer([*ITEMS, *table_of(200.0, [100.0, 160.0, 210.0, 265.0], rows)])
    assert (found["subtotal"], found["tax"]) == (None, None)


def test_what_is_printed_below_the_summary_is_read() -> None:
    lines = table_of(200.0, [100.0, 160.0, 210.0], [("Rate", "Net", "VAT"), ("19%", "10.00", "1.90")])
    found = answer([*ITEMS, *lines, (100.0, 228.0, "Receipt No"), (210.0, 228.0, "4711")])
    assert found["receipt_number"] == "4711"


def paid(*below: tuple[str, str]) -> Any:
    prints: list[Print] = [*ITEMS, *receipt(*below, top=160.0)]
    return answer(prints)["payment_method"]


def test_the_key_of_the_cash_is_how_it_was_paid() -> None:
    assert paid(("Cash tendered", "50.00"), ("Change", "27.40")) == "Cash tendered"


def test_words_before_the_total_once_more_are_how_it_was_paid() -> None:
    assert paid(("Qwvx Card", "22.60")) == "Qwvx Card"
    assert paid(("VISA ****4711", "22.60")) == "VISA"


def test_a_tip_is_paid_with_the_total_and_is_no_change() -> None:
    prints = [*ITEMS, *receipt(("Tip", "2.40"), ("VISA", "25.00"), top=160.0)]
    found = answer(prints)
    assert (found["payment_method"], found["tip"], found["change"]) == ("VISA", 2.4, None)


@pytest.mark.parametrize("key", ["Total rounded", "Grand total", "Change"])
def test_the_key_of_another_amount_is_no_way_of_paying(key: str) -> None:
    assert paid((key, "22.60")) is None


def test_a_discount_of_an_invoice_is_no_rate_of_its_tax_where_a_table_has_them() -> None:
    header = ("VAT rate", "Net amount", "VAT amount")
    prints = table_of(100.0, [100.0, 200.0, 300.0], [header, ("19%", "100.00", "19.00"), ("0%", "50.00", "0.00")])
    reply = reply_of(load_schema("invoice").document, [page_of(prints)])
    assert '"rate":19' in reply.text
    assert '"rate":0' in reply.text
