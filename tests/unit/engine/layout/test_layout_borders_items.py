"""Where an item begins and ends: what in front of it and behind it is counted, priced, taxed, or part of its name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import Print, page_of, reply_of, table_of
from tests.unit.engine.layout.test_layout_receipts import answer, receipt

COLUMNS = (50, 300, 380, 480)
HEADER = ("Description", "Quantity", "Unit price", "Amount")
HOSE, VALVE = ("Hose", "2", "5.00", "10.00"), ("Valve", "3", "7.00", "21.00")


def cells(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (row["description"], row["quantity"], row["unit_price"], row["amount"]) for row in found["line_items"] or []
    ]


def first_item(name: str, amount: str, total: str) -> tuple[Any, ...]:
    """The item of a receipt's first line; cheese follows, and the total."""
    return cells(answer(receipt((name, amount), ("Cheese", "7.00"), ("Total", total))))[0]


@pytest.mark.parametrize("count", ["2", "2x", "2X", "2×", "2 x", "2 ×"])
def test_a_count_in_front_may_have_its_sign_with_it_or_behind_it(count: str) -> None:
    assert first_item(f"{count} Rolls", "1.80", "8.80") == ("Rolls", 2, None, 1.8)


def test_a_count_has_three_digits_at_most() -> None:
    assert first_item("999 Rolls", "1.80", "8.80") == ("Rolls", 999, None, 1.8)
    assert first_item("1000 Rolls", "1.80", "8.80") == ("1000 Rolls", None, None, 1.8)


@pytest.mark.parametrize("behind", ["Rolls 2 0.90", "Rolls 0.90 2", "2 Rolls 0.90"])
def test_count_and_price_are_told_apart_in_any_order(behind: str) -> None:
    assert first_item(behind, "1.80", "8.80") == ("Rolls", 2, 0.9, 1.8)


@pytest.mark.parametrize(("amount", "total", "fits"), [("1.81", "8.81", True), ("1.82", "8.82", False)])
def test_a_product_may_be_a_cent_off_and_no_more(amount: str, total: str, fits: bool) -> None:
    name, count, price, _ = first_item("Rolls 3 0.60", amount, total)
    assert (name, count, price) == (("Rolls", 3, 0.6) if fits else ("Rolls 3 0.60", None, None))


def test_numbers_whose_product_is_another_amount_stay_in_the_name() -> None:
    assert first_item("Rolls 2 0.95", "1.80", "8.80") == ("Rolls 2 0.95", None, None, 1.8)


@pytest.mark.parametrize("behind", ["(A)", "x", "@"])
def test_a_mark_between_name_and_amount_is_no_part_of_the_name(behind: str) -> None:
    assert first_item(f"Rolls {behind}", "1.80", "8.80") == ("Rolls", None, None, 1.8)


def test_a_percentage_within_a_name_stays_in_it() -> None:
    assert first_item("Cocoa 70%", "1.80", "8.80") == ("Cocoa 70%", None, None, 1.8)


def test_two_marks_stand_behind_an_amount_and_no_third() -> None:
    two = answer(receipt(("Rolls", "1.80 A B"), ("Cheese", "7.00 A B"), ("Total", "8.80")))
    three = answer(receipt(("Rolls", "1.80 A B C"), ("Cheese", "7.00 A B C"), ("Total", "8.80")))
    assert [row[0] for row in cells(two)] == ["Rolls", "Cheese"]
    assert cells(three) == []


def test_a_line_of_numbers_alone_is_no_item_and_weighs_the_one_above() -> None:
    weighed = receipt(("Apples", ""), ("2.56 lb @ 0.54 /lb", "1.38"), ("Cheese", "7.00"), ("Total", "8.38"))
    assert cells(answer(weighed))[0] == ("Apples", 2.56, 0.54, 1.38)
    assert [row[0] for row in cells(answer(receipt(("7", "1.80"), ("Cheese", "7.00"), ("Total", "8.80"))))] == [
        "Cheese"
    ]


def test_an_amount_has_all_its_decimals() -> None:
    assert [row[0] for row in cells(answer(receipt(("Rolls", "1.8"), ("Cheese", "7.00"), ("Total", "8.80"))))] == [
        "Cheese"
    ]


def invoice(*pages: list[Print]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        reply_of(
            load_schema("invoice").document, [page_of(prints, number) for number, prints in enumerate(pages, 1)]
        ).text
    )
    return found


def test_a_header_at_the_foot_of_its_page_has_its_rows_on_the_next() -> None:
    found = invoice(table_of(780, COLUMNS, [HEADER]), table_of(60, COLUMNS, [HOSE, VALVE]))
    assert cells(found) == [("Hose", 2, 5.0, 10.0), ("Valve", 3, 7.0, 21.0)]


def test_rows_go_on_at_the_top_of_the_next_page() -> None:
    pipe = ("Pipe", "1", "4.00", "4.00")
    found = invoice(table_of(700, COLUMNS, [HEADER, pipe]), table_of(60, COLUMNS, [HOSE, VALVE]))
    assert cells(found) == [("Pipe", 1, 4.0, 4.0), ("Hose", 2, 5.0, 10.0), ("Valve", 3, 7.0, 21.0)]


def test_a_line_of_text_below_a_row_belongs_to_it() -> None:
    found = invoice(table_of(100, COLUMNS, [HEADER, HOSE, ("extra strong", "", "", ""), VALVE]))
    assert [row[0] for row in cells(found)] == ["Hose extra strong", "Valve"]


def test_a_rate_with_its_base_and_its_tax_is_a_row_of_the_breakdown() -> None:
    rate = [(50.0, 100.0, "19 %"), (150.0, 100.0, "100.00"), (250.0, 100.0, "19.00")]
    head = [(50.0, 86.0, "VAT rate"), (150.0, 86.0, "Net"), (250.0, 86.0, "VAT")]
    found = invoice([*head, *rate, (50.0, 130.0, "Total"), (350.0, 130.0, "119.00")])
    assert found["tax_breakdown"] == [{"rate": 19, "base": 100.0, "amount": 19.0}]
    assert found["total"] == 119.0


@pytest.mark.parametrize("line", ["Marlow Surveyors LLP", "(Company no. 4711)"])
def test_a_number_in_brackets_under_a_name_is_no_street(line: str) -> None:
    prints: list[Print] = [(50, 130, "Bill to:"), (50, 142, "Marlow Surveyors LLP")]
    prints += [(50, 154, line)] if line.startswith("(") else []
    prints += [(50, 166, "2 Castle Street"), (50, 178, "Leeds LS1 2AB")]
    buyer = invoice(prints)["buyer"]
    assert buyer["name"] == "Marlow Surveyors LLP"
    assert "2 Castle Street" in buyer["address"]
    assert "4711" not in buyer["address"]
