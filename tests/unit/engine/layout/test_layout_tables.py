"""Tables are found by their headers, and rows by their values: wrapped, continued, ruled or not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from docpipe.schema.nodes import Schema
from tests.unit.engine.layout.conftest import page_of, table_of

Ask = Callable[..., dict[str, Any]]

COLUMNS = (50, 300, 380, 480)
HEADER = ("Description", "Quantity", "Unit price", "Amount")


def _rows(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(row["description"], row["quantity"], row["unit_price"], row["amount"]) for row in found["line_items"]]


def _row(text: str, quantity: str, price: str, amount: str) -> tuple[Any, ...]:
    return (text, Decimal(quantity), Decimal(price), Decimal(amount))


def test_wrapped_texts_belong_to_their_row(ask: Ask, invoice: Schema) -> None:
    rows = [
        HEADER,
        ("Pump, cast iron, with", "1", "90.00", "90.00"),
        ("flange and seal", "", "", ""),
        ("Hose", "2", "5.00", "10.00"),
    ]
    found = ask(invoice.document, page_of(table_of(100, COLUMNS, rows, step=12)))
    assert _rows(found) == [
        _row("Pump, cast iron, with flange and seal", "1", "90.00", "90.00"),
        _row("Hose", "2", "5.00", "10.00"),
    ]


def test_totals_and_carried_sums_are_no_rows(ask: Ask, invoice: Schema) -> None:
    rows = [
        HEADER,
        ("Hose", "2", "5.00", "10.00"),
        ("Valve", "1", "7.00", "7.00"),
        ("Carried forward", "", "", "17.00"),
        ("Total", "", "", "17.00"),
    ]
    found = ask(invoice.document, page_of(table_of(100, COLUMNS, rows, step=16)))
    assert len(found["line_items"]) == 2
    assert found["total"] == Decimal("17.00")


def test_a_table_runs_on_over_pages_with_and_without_a_header(ask: Ask, invoice: Schema) -> None:
    line = [(f"Part {at}", "2", "5.00", "10.00") for at in range(40)]
    first = page_of(table_of(100, COLUMNS, [HEADER, *line], step=17))
    second = page_of(table_of(50, COLUMNS, [HEADER, *line], step=17), number=2)
    third = page_of(table_of(50, COLUMNS, line[:5], step=17), number=3)
    found = ask(invoice.document, first, second, third)
    assert len(found["line_items"]) == 85
    assert set(_rows(found)[80:]) == {_row(f"Part {at}", "2", "5.00", "10.00") for at in range(5)}


def test_a_header_of_two_lines_is_one(ask: Ask, invoice: Schema) -> None:
    prints = [
        (380, 90, "Unit"),
        *table_of(101, COLUMNS, [("Description", "Quantity", "price", "Amount")]),
        *table_of(125, COLUMNS, [("Hose", "2", "5.00", "10.00")]),
    ]
    assert _rows(ask(invoice.document, page_of(prints))) == [_row("Hose", "2", "5.00", "10.00")]


def test_an_unknown_key_gets_its_field_from_arithmetic(ask: Ask, invoice: Schema) -> None:
    header = ("Description", "Quantity", "Zorp", "Amount")
    rows = [header, ("Hose", "2", "5.00", "10.00"), ("Valve", "3", "7.00", "21.00")]
    found = ask(invoice.document, page_of(table_of(100, COLUMNS, rows)))
    assert [row["unit_price"] for row in found["line_items"]] == [Decimal("5.00"), Decimal("7.00")]


def test_columns_that_are_absent_are_null(ask: Ask, invoice: Schema) -> None:
    rows = [("Description", "", "", "Amount"), ("Hose", "", "", "10.00"), ("Valve", "", "", "7.00")]
    found = ask(invoice.document, page_of(table_of(100, COLUMNS, rows)))
    assert [(row["quantity"], row["amount"]) for row in found["line_items"]] == [
        (None, Decimal("10.00")),
        (None, Decimal("7.00")),
    ]


def test_totals_beside_a_tax_table_are_not_its_columns(ask: Ask, invoice: Schema) -> None:
    rows = [("VAT rate", "Taxable amount", "VAT amount", ""), ("20 %", "100.00", "20.00", "")]
    prints = [
        *table_of(100, (50, 120, 220, 0), rows),
        (380, 100, "Subtotal"),
        (480, 100, "100.00"),
        (380, 114, "Total"),
        (480, 114, "120.00"),
    ]
    found = ask(invoice.document, page_of(prints))
    assert found["tax_breakdown"] == [{"rate": Decimal(20), "base": Decimal("100.00"), "amount": Decimal("20.00")}]
    assert (found["subtotal"], found["total"]) == (Decimal("100.00"), Decimal("120.00"))


def test_a_strip_of_totals_is_no_table(ask: Ask, invoice: Schema) -> None:
    rows = [("Subtotal", "VAT", "Total", ""), ("100.00", "20.00", "120.00", "")]
    found = ask(invoice.document, page_of(table_of(100, (50, 180, 310, 0), rows)))
    assert (found["subtotal"], found["tax"], found["total"]) == (Decimal("100.00"), Decimal("20.00"), Decimal("120.00"))


def test_a_header_of_which_only_the_text_is_known_still_opens_a_table(ask: Ask, invoice: Schema) -> None:
    rows = [("Description", "", "", "Zorp"), ("Hose", "", "", "10.00"), ("Valve", "", "", "7.00")]
    found = ask(invoice.document, page_of(table_of(100, COLUMNS, rows)))
    assert [row["amount"] for row in found["line_items"]] == [Decimal("10.00"), Decimal("7.00")]


def test_counts_under_an_unknown_key_are_the_quantity(ask: Ask, invoice: Schema) -> None:
    rows = [("Description", "Zorp", "", "Amount"), ("Hose", "4 pcs", "", "10.00"), ("Valve", "2 pcs", "", "7.00")]
    found = ask(invoice.document, page_of(table_of(100, COLUMNS, rows)))
    assert [row["quantity"] for row in found["line_items"]] == [Decimal(4), Decimal(2)]


def test_a_sidebar_does_not_reach_into_the_table(ask: Ask, invoice: Schema) -> None:
    side = [(20.0, 60.0 + 13 * at, text) for at, text in enumerate(["Marlow Ltd", "Contact", "Ada King"] * 8)]
    rows = [("Description", "Amount"), *((f"Part {at}", "10.00") for at in range(10))]
    found = ask(invoice.document, page_of([*side, *table_of(100, (180, 480), rows, step=17)]))
    assert [row["description"] for row in found["line_items"]] == [f"Part {at}" for at in range(10)]


def test_a_number_before_its_unit_is_the_count_where_that_column_is_empty(ask: Ask, invoice: Schema) -> None:
    rows = [
        ("Description", "Qty", "Unit", "Unit price", "Amount"),
        ("Hose", "", "3 pcs", "50.00", "150.00"),
        ("Valve", "2", "pcs", "10.00", "20.00"),
    ]
    found = ask(invoice.document, page_of(table_of(100, (50, 250, 290, 380, 480), rows)))["line_items"]
    assert [(row["quantity"], row["unit"]) for row in found] == [(Decimal(3), "pcs"), (Decimal(2), "pcs")]


def _amounts(found: dict[str, Any]) -> list[Decimal]:
    return [row["amount"] for row in found["line_items"]]


def _decimals(*amounts: str) -> list[Decimal]:
    return [Decimal(amount) for amount in amounts]


def test_a_row_with_a_price_of_its_own_is_an_item_though_it_equals_the_sum_of_those_above(
    ask: Ask, invoice: Schema
) -> None:
    rows = [
        HEADER,
        ("Chair", "1", "10.00", "10.00"),
        ("Stool", "1", "10.00", "10.00"),
        ("Desk", "2", "10.00", "20.00"),
        ("Shelf", "4", "10.00", "40.00"),
        ("Total", "", "", "80.00"),
    ]
    found = ask(invoice.document, page_of(table_of(100, COLUMNS, rows)))
    assert _amounts(found) == _decimals("10.00", "10.00", "20.00", "40.00")
    assert found["total"] == Decimal("80.00")


def test_a_row_without_numbers_of_its_own_is_a_sum_only_if_a_word_or_a_rule_says_so(ask: Ask, invoice: Schema) -> None:
    rows = [("Description", "", "", "Amount"), ("Chair", "", "", "10.00"), ("Desk", "", "", "20.00")]
    page = [*rows, ("Lamp", "", "", "30.00"), ("Shelf", "", "", "40.00")]
    assert _amounts(ask(invoice.document, page_of(table_of(100, COLUMNS, page)))) == _decimals(
        "10.00", "20.00", "30.00", "40.00"
    )
    said = [*rows, ("Summe Möbel", "", "", "30.00")]
    assert _amounts(ask(invoice.document, page_of(table_of(100, COLUMNS, said)))) == _decimals("10.00", "20.00")
    drawn = page_of(table_of(100, COLUMNS, [*rows, ("Zorp", "", "", "30.00")]), rules=[(50, 139.5, 520, 140)])
    assert _amounts(ask(invoice.document, drawn)) == _decimals("10.00", "20.00")


@pytest.mark.parametrize(
    "sums",
    [
        (("Sum of part 1: total", "", "", "30.00"), ("Sum of part 2: total", "", "", "45.00")),
        (("Sous-total lot 1", "", "", "30.00"), ("Sous-total lot 2", "", "", "45.00")),
        (("", "", "Subtotal", "30.00"), ("", "", "Subtotal", "45.00")),
        (("", "", "Delsumma:", "30.00"), ("", "", "Delsumma:", "45.00")),
    ],
)
def test_the_sum_of_a_group_ends_no_table(ask: Ask, invoice: Schema, sums: tuple[tuple[str, ...], ...]) -> None:
    rows = [
        HEADER,
        ("Part 1", "", "", ""),
        ("Chair", "1", "10.00", "10.00"),
        ("Desk", "1", "20.00", "20.00"),
        sums[0],
        ("Part 2", "", "", ""),
        ("Shelf", "3", "15.00", "45.00"),
        sums[1],
        ("Total", "", "", "75.00"),
    ]
    found = ask(invoice.document, page_of(table_of(100, COLUMNS, rows)))
    assert _amounts(found) == _decimals("10.00", "20.00", "45.00")
    assert found["total"] == Decimal("75.00")


def test_groups_of_rows_with_one_amount_end_at_the_last_sum_of_a_group(ask: Ask, invoice: Schema) -> None:
    rows = [
        ("Description", "", "", "Amount"),
        ("Chair", "", "", "10.00"),
        ("Desk", "", "", "20.00"),
        ("Subtotal", "", "", "30.00"),
        ("Shelf", "", "", "45.00"),
        ("Subtotal", "", "", "45.00"),
        ("Zorp", "", "", "9.00"),
        ("Total", "", "", "84.00"),
    ]
    found = ask(invoice.document, page_of(table_of(100, COLUMNS, rows)))
    assert _amounts(found) == _decimals("10.00", "20.00", "45.00")


@pytest.mark.parametrize(
    "header",
    [
        ("Description", "Quantity", "Unit price", ""),
        ("Description", "Quantity", "", "Amount"),
        ("Description", "", "Unit price", "Amount"),
        ("", "Quantity", "Unit price", "Amount"),
    ],
)
def test_a_column_without_a_key_is_no_part_of_its_neighbour(ask: Ask, invoice: Schema, header: tuple[str, ...]) -> None:
    rows = [header, ("Chair", "10", "90.00", "900.00"), ("Desk", "1", "100.00", "100.00")]
    found = ask(invoice.document, page_of(table_of(100, COLUMNS, rows)))
    assert _rows(found) == [_row("Chair", "10", "90.00", "900.00"), _row("Desk", "1", "100.00", "100.00")]


def test_totals_beside_the_rows_are_no_part_of_them(ask: Ask, invoice: Schema) -> None:
    columns = (50, 160, 220, 290)
    rows = [HEADER, ("Chair", "1", "10.00", "10.00"), ("Desk", "1", "20.00", "20.00"), ("Lamp", "2", "4.00", "8.00")]
    totals = [("Subtotal", "38.00"), ("VAT", "7.60"), ("Total", "45.60")]
    found = ask(invoice.document, page_of([*table_of(100, columns, rows), *table_of(114, (400, 500), totals)]))
    assert _amounts(found) == _decimals("10.00", "20.00", "8.00")
    assert (found["tax"], found["total"]) == (Decimal("7.60"), Decimal("45.60"))


def test_a_table_over_a_strip_of_totals_is_no_sidebar(ask: Ask, invoice: Schema) -> None:
    head = [
        (50.0, 40.0 + 13 * at, text) for at, text in enumerate(["Ada King", "4 Low Road", "YO1 7HH York", "Bill Byron"])
    ]
    right = [(380.0, 45.0 + 13 * at, "Our reference and yours") for at in range(3)]
    rows = [HEADER, ("Sheet", "20", "25.00", "500.00"), ("Welding", "5", "40.00", "200.00")]
    strip = [("Net", "VAT", "Total", ""), ("700.00", "140.00", "840.00", "")]
    prints = [*head, *right, *table_of(120, COLUMNS, rows), *table_of(190, (50, 200, 380, 0), strip)]
    found = ask(invoice.document, page_of(prints))
    assert [row["description"] for row in found["line_items"]] == ["Sheet", "Welding"]
