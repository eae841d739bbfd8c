"""Items of a receipt: a name, an amount at the right edge, no header above them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import LETTER, SPACE, Print, page_of, reply_of

RIGHT = 300.0


def wide(text: str) -> float:
    words = text.split(" ")
    return sum(LETTER * len(word) for word in words) + SPACE * (len(words) - 1)


def receipt(*lines: tuple[str, str], top: float = 100.0) -> list[Print]:
    """Lines of (name at the left, amount that ends at the right edge)."""
    prints: list[Print] = []
    for number, (name, amount) in enumerate(lines):
        y = top + 14.0 * number
        prints += [(100.0, y, name)] if name else []
        prints += [(RIGHT - wide(amount), y, amount)] if amount else []
    return prints


HEAD: Sequence[Print] = [
    (150.0, 40.0, "Corner Bakery"),
    (140.0, 54.0, "12 Mill Road"),
    (100.0, 82.0, "Date: 03/08/2025"),
]


def answer(prints: Sequence[Print]) -> dict[str, Any]:
    reply = reply_of(load_schema("receipt").document, [page_of([*HEAD, *prints])])
    found: dict[str, Any] = json.loads(reply.text)
    return found


def rows(prints: Sequence[Print]) -> list[tuple[str, Any]]:
    return [(row["description"], row["amount"]) for row in answer(prints)["line_items"] or []]


def test_items_without_a_header_are_rows_and_the_lines_below_the_total_are_not() -> None:
    prints = receipt(("Rye bread", "3.40"), ("Butter", "2.10"), ("Total", "5.50"), ("Card", "5.50"))
    assert rows(prints) == [("Rye bread", 3.4), ("Butter", 2.1)]


def test_a_sum_under_an_unknown_key_ends_the_items_and_is_the_total() -> None:
    found = answer(receipt(("Rye bread", "3.40"), ("Butter", "2.10"), ("Zzyzx", "5.50"), ("Qwvx", "10.00")))
    assert [row["description"] for row in found["line_items"]] == ["Rye bread", "Butter"]
    assert found["total"] == 5.5


def test_items_that_nothing_ends_are_not_taken() -> None:
    assert rows(receipt(("Rye bread", "3.40"), ("Butter", "2.10"), ("Cheese", "7.00"))) == []


def test_a_count_in_front_and_a_price_below_belong_to_the_item() -> None:
    prints = receipt(("2 Rolls", "1.80"), ("Cheese", "7.00"), ("0.500 x 14.00", ""), ("Total", "8.80"))
    first, second = answer(prints)["line_items"]
    assert (first["description"], first["quantity"], first["unit_price"]) == ("Rolls", 2, None)
    assert (second["description"], second["quantity"], second["unit_price"]) == ("Cheese", 0.5, 14)


def test_a_price_that_does_not_multiply_to_the_amount_is_not_taken() -> None:
    (only,) = answer(receipt(("Cheese", "7.00"), ("3 x 14.00", ""), ("Total", "7.00")))["line_items"]
    assert (only["quantity"], only["unit_price"]) == (None, None)


@pytest.mark.parametrize("mark", ["A", "*", "B1"])
def test_the_tax_letter_behind_an_amount_is_no_part_of_it(mark: str) -> None:
    prints = receipt(("Rye bread", f"3.40 {mark}"), ("Butter", f"2.10 {mark}"), ("Total", "5.50"))
    assert rows(prints) == [("Rye bread", 3.4), ("Butter", 2.1)]


def test_a_volume_in_a_name_stays_in_the_name() -> None:
    prints = receipt(("Water 0.33", "1.20"), ("Butter", "2.10"), ("Total", "3.30"))
    assert rows(prints)[0] == ("Water 0.33", 1.2)


def test_a_discount_line_is_an_item_with_its_sign() -> None:
    prints = receipt(("Rye bread", "3.40"), ("Members less", "-0.40"), ("Total", "3.00"))
    assert rows(prints) == [("Rye bread", 3.4), ("Members less", -0.4)]


def test_a_schema_with_a_recipient_reads_items_without_a_header_only_where_they_add_up() -> None:
    items = ("Rye bread", "3.40"), ("Butter", "2.10")
    found = [
        json.loads(
            reply_of(load_schema("invoice").document, [page_of([*HEAD, *receipt(*items, ("Total", total))])]).text
        )
        for total in ("5.50", "6.75")
    ]
    assert [len(answer["line_items"] or ()) for answer in found] == [2, 0]


def test_an_item_on_two_lines_has_its_name_above_its_numbers() -> None:
    prints = receipt(("1072 REPAIR LIGHT", ""), ("2 4.50", "9.00 SR"), ("BANANAS", ""), ("0.500 kg @ 2.00 /kg", "1.00"))
    first, second = answer([*prints, *receipt(("Total", "10.00"), top=160.0)])["line_items"]
    assert list(first.values()) == ["REPAIR LIGHT", 2, 4.5, 9]
    assert list(second.values()) == ["BANANAS", 0.5, 2, 1]


def test_a_count_and_a_price_behind_the_name_are_no_part_of_it() -> None:
    (only,) = answer(receipt(("Black tea 2 2.40", "4.80"), ("Total", "4.80")))["line_items"]
    assert list(only.values()) == ["Black tea", 2, 2.4, 4.8]


def test_a_price_before_its_count_is_the_price() -> None:
    (only,) = answer(receipt(("Yoghurt", "1.58"), ("0.79 x 2", ""), ("Total", "1.58")))["line_items"]
    assert (only["quantity"], only["unit_price"]) == (2, 0.79)


def test_a_percentage_in_a_column_of_its_own_is_no_part_of_the_name() -> None:
    prints = receipt(("Milk", "1.59"), ("Dark chocolate 70%", "2.41"), ("Total", "4.00"))
    assert rows([*prints, (200.0, 100.0, "4%")]) == [("Milk", 1.59), ("Dark chocolate 70%", 2.41)]


def test_items_whose_sum_is_printed_take_the_place_of_a_table_whose_sum_is_not() -> None:
    header = [(100.0, 86.0, "Description"), (200.0, 86.0, "VAT"), (280.0, 86.0, "Price")]
    found = answer([*header, *receipt(("Milk", "1.59"), ("Bread", "2.41"), ("Total", "4.00"))])
    assert [(row["description"], row["amount"]) for row in found["line_items"]] == [("Milk", 1.59), ("Bread", 2.41)]


def test_a_word_in_the_middle_of_a_line_that_is_also_a_key_leaves_it_an_item() -> None:
    (only,) = answer(receipt(("2 x Burger à 9.50", "19.00"), ("Total", "19.00")))["line_items"]
    assert list(only.values()) == ["Burger", 2, 9.5, 19]


def test_tax_letters_far_behind_the_amounts_are_at_the_right_edge_too() -> None:
    prints = [*receipt(("Bread", "2.20"), ("Milk", "6.00")), (RIGHT + 60, 100.0, "S"), (RIGHT + 60, 114.0, "Z")]
    assert rows([*prints, *receipt(("Total", "8.20"), top=128.0)]) == [("Bread", 2.2), ("Milk", 6)]


def test_two_items_of_one_price_are_no_item_and_its_total_where_the_sum_is_printed() -> None:
    prints = receipt(("Bread", "900.00"), ("Milk", "900.00"), ("Butter", "23.11"), ("Total", "1 823.11"))
    assert rows(prints) == [("Bread", 900), ("Milk", 900), ("Butter", 23.11)]


@pytest.mark.parametrize(
    "name",
    ["7UP 320ML", "A4 PAPER 80GSM", "3 IN 1 COFFEE 20S", "Wi-Fi USB 3.0 HUB", "2IN1 WASH", "WD-40", "Water 0.33"],
)
def test_a_name_over_its_numbers_is_whole_whatever_it_begins_with(name: str) -> None:
    prints = receipt(("TAX INVOICE", ""), ("Date: 3/8/2025", ""), ("STAPLER", ""), ("1 x 8.90", "8.90"), (name, ""))
    items = [*prints, *receipt(("2 x 12.50", "25.00"), ("Total", "33.90"), top=170.0)]
    assert rows(items) == [("STAPLER", 8.9), (name, 25)]
    assert [row["quantity"] for row in answer(items)["line_items"]] == [1, 2]


@pytest.mark.parametrize("name", ["7UP 320ML", "A4 PAPER 80GSM", "3 IN 1 COFFEE 20S", "USB 3.0 HUB", "4711 EAU 50ML"])
def test_a_name_beside_its_amount_is_whole_whatever_it_begins_with(name: str) -> None:
    prints = receipt(("SALES RECEIPT", ""), (name, "2.50"), ("Rolls", "1.80"), ("Total", "4.30"))
    assert rows(prints) == [(name, 2.5), ("Rolls", 1.8)]


def test_a_heading_in_the_middle_and_the_words_over_the_columns_are_no_names() -> None:
    heading = [(180.0, 100.0, "TAX INVOICE")]
    assert rows([*heading, *receipt(("1 x 8.90", "8.90"), ("Total", "8.90"), top=114.0)]) == []
    header = [(100.0, 100.0, "Item"), (160.0, 100.0, "Qty"), (200.0, 100.0, "Price"), (260.0, 100.0, "Amount")]
    assert "Item" not in str(rows([*header, *receipt(("1 x 8.90", "8.90"), ("Total", "8.90"), top=114.0)]))


def test_a_number_in_front_of_a_name_is_no_count_where_another_count_makes_the_amount() -> None:
    (only,) = answer(receipt(("7 STAR RICE", "6.00"), ("2 x 3.00", ""), ("Total", "6.00")))["line_items"]
    assert list(only.values()) == ["7 STAR RICE", 2, 3, 6]


def test_names_that_begin_with_a_key_are_items_where_only_so_the_items_add_up() -> None:
    prints = receipt(("Bar soap", "1.50"), ("Cash box", "12.00"), ("Net bag", "3.25"), ("Total", "16.75"))
    assert rows(prints) == [("Bar soap", 1.5), ("Cash box", 12), ("Net bag", 3.25)]
    taxed = receipt(("Bread", "3.00"), ("Sales tax", "0.30"), ("Total", "3.30"))
    assert rows(taxed) == [("Bread", 3)]


def test_an_item_with_a_count_and_a_price_is_no_total_though_it_equals_the_sum_of_those_above() -> None:
    prints = receipt(("Bread 1 10.00", "10.00"), ("Milk 2 10.00", "20.00"), ("Oil 3 10.00", "30.00"))
    found = answer([*prints, *receipt(("Zzyzx", "60.00"), top=142.0)])
    assert [row["amount"] for row in found["line_items"]] == [10, 20, 30]
    assert found["total"] == 60


def test_a_total_under_its_key_is_not_looked_for_among_the_items() -> None:
    prints = receipt(("Bread", "10.00"), ("Milk", "20.00"), ("Oil", "30.00"), ("Zzyzx fee", "2.00"), ("Total", "65.00"))
    found = answer(prints)
    assert [row["amount"] for row in found["line_items"]] == [10, 20, 30, 2]
    assert found["total"] == 65
