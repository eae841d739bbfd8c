"""What stands between the lines and the total: taxes in parts, charges, fees, discounts, tips, how it was paid."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from docpipe.records import Page
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import LETTER, SPACE, Print, page_of, reply_of, table_of

RIGHT = 540.0
SHOP: Sequence[Print] = [(60, 20, "Corner Bakery"), (60, 32, "12 Mill Lane"), (60, 44, "Bristol BS1 4ZZ")]


def wide(text: str) -> float:
    return LETTER * len(text.replace(" ", "")) + SPACE * text.count(" ")


def sums(*lines: tuple[str, str], top: float = 300.0, left: float = 300.0, right: float = RIGHT) -> list[Print]:
    """Lines of a caption, and an amount that ends at the right edge."""
    prints: list[Print] = []
    for at, (caption, amount) in enumerate(lines):
        prints += [(left, top + 14 * at, caption)] if caption else []
        prints += [(right - wide(amount), top + 14 * at, amount)] if amount else []
    return prints


def invoice(*lines: tuple[str, str], amount: str = "200.00", also: Sequence[Print] = ()) -> Page:
    head: list[Print] = [
        (50, 40, "Aldrin Instruments Ltd"), (50, 52, "14 Harbour Road"), (50, 64, "Bristol BS1 4ZZ"),
        (340, 150, "Invoice No: A-118"), (340, 164, "Invoice date: 2024-03-14"), (340, 178, "Currency: GBP"),
        *table_of(240, (50, 300, 380, 480), [
            ("Description", "Quantity", "Unit price", "Amount"), ("Theodolite hire", "1", amount, amount)]),
    ]  # fmt: skip
    return page_of([*head, *sums(*lines), *also])


def receipt(*lines: tuple[str, str]) -> Page:
    items = sums(("Rye bread", "3.40"), ("Butter", "2.10"), top=100.0, left=100.0, right=300.0)
    return page_of([*SHOP, (60, 70, "2024-03-14"), *items, *sums(*lines, top=128.0, left=100.0, right=300.0)])


def found(schema: str, page: Page) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(reply_of(load_schema(schema).document, [page]).text, parse_float=Decimal)
    return answer


def judged(schema: str, page: Page) -> tuple[str, Mapping[str, str]]:
    """(the record's status, path of each value -> the rule that found it)."""
    loaded = load_schema(schema)
    part = resolve_window(loaded, [page], reply_of(loaded.document, [page]))
    record = resolve_document(loaded, [part], [], 0.5)
    return record.status, {field.path: field.method for field in record.fields}


@pytest.mark.parametrize(
    ("first", "second", "rates"),
    [
        (("GST 5%", "10.00"), ("PST 7%", "14.00"), [5, 7]),
        (("State tax (6.25%)", "12.50"), ("City tax (2%)", "4.00"), [Decimal("6.25"), 2]),
        (("TPS 5 %", "10.00"), ("TVQ 9,975 %", "19.95"), [5, Decimal("9.975")]),
        (("CGST @ 9%", "18.00"), ("SGST @ 9%", "18.00"), [9, 9]),
        (("VAT 20 %", "30.00"), ("VAT 5 %", "2.50"), [20, 5]),
    ],
)
def test_a_tax_in_two_parts_is_their_sum(first: tuple[str, str], second: tuple[str, str], rates: list[Any]) -> None:
    whole = Decimal(first[1]) + Decimal(second[1])
    page = invoice(("Subtotal", "200.00"), first, second, ("Total", str(200 + whole)))
    answer = found("invoice", page)
    assert [row["amount"] for row in answer["tax_breakdown"]] == [Decimal(first[1]), Decimal(second[1])]
    assert [round(Decimal(row["rate"]), 3) for row in answer["tax_breakdown"]] == rates
    assert answer["tax"] == whole
    status, methods = judged("invoice", page)
    assert (status, methods["tax"]) == ("ok", "sum_of_parts")


def test_a_tax_that_is_printed_whole_is_no_sum() -> None:
    page = invoice(
        ("Subtotal", "200.00"), ("VAT 20 %", "30.00"), ("VAT 5 %", "2.50"), ("Total VAT", "32.50"), ("Total", "232.50")
    )
    assert found("invoice", page)["tax"] == Decimal("32.50")
    assert judged("invoice", page)[1]["tax"] == "right_of_key"


def test_one_tax_printed_twice_has_one_row() -> None:
    page = invoice(
        ("Subtotal", "200.00"), ("VAT 20 %", "40.00"), ("Total", "240.00"), also=[(50, 500, "VAT 20 %: 40.00")]
    )
    answer = found("invoice", page)
    assert (len(answer["tax_breakdown"]), answer["tax"]) == (1, 40)


def test_a_tax_that_is_kept_back_is_no_tax() -> None:
    page = invoice(("Base imponible", "200.00"), ("IVA 21 %", "42.00"), ("Retención IRPF 15 %", "30.00"),
                   ("Total", "212.00"))  # fmt: skip
    answer = found("invoice", page)
    assert (answer["tax"], answer["withheld_tax"], answer["total"]) == (42, 30, 212)
    assert [row["amount"] for row in answer["tax_breakdown"]] == [42]
    assert judged("invoice", page)[0] == "ok"


@pytest.mark.parametrize(
    "line",
    [
        ("5% late fee", "10.00"),
        ("Mahngebühr 5 %", "10.00"),
        ("Recargo 5%", "10.00"),
        ("Zzyzx service 5 %", "10.00"),
        ("Interest 5%", "10.00"),
    ],
)
def test_a_fee_is_no_tax(line: tuple[str, str]) -> None:
    answer = found("invoice", invoice(("Subtotal", "200.00"), line, ("Total", "210.00")))
    assert (answer["tax"], answer["tax_breakdown"], answer["total"]) == (None, [], 210)


def test_a_fee_with_its_base_is_no_row_of_the_tax_table() -> None:
    page = invoice(("Subtotal", "200.00"), ("Total", "210.00"), also=[
        (50, 500, "Late fee"), (150, 500, "5%"), (250, 500, "200.00"), (350, 500, "10.00")])  # fmt: skip
    assert found("invoice", page)["tax_breakdown"] == []


def test_the_number_under_which_a_tax_is_registered_is_no_tax() -> None:
    page = invoice(("Subtotal", "200.00"), ("Total", "200.00"), also=[(50, 500, "GST 123456789 RT0001"),
                                                                      (50, 514, "PST 10123456")])  # fmt: skip
    assert found("invoice", page)["tax"] is None


@pytest.mark.parametrize(
    ("line", "total"),
    [
        (("Shipping", "15.00"), "258.00"),
        (("Carriage", "15.00"), "258.00"),
        (("Frais de port", "15.00"), "258.00"),
        (("Versandkosten", "15.00"), "258.00"),
        (("Insurance", "15.00"), "258.00"),
    ],
)
def test_charges_below_the_subtotal_are_nothing_to_review(line: tuple[str, str], total: str) -> None:
    page = invoice(("Subtotal", "200.00"), line, ("VAT", "43.00"), ("Total", total))
    answer = found("invoice", page)
    assert (answer["charges_total"], answer["tax"], answer["total"]) == (15, 43, 258)
    assert judged("invoice", page)[0] == "ok"


def test_several_charges_are_added_up_where_the_total_says_so() -> None:
    lines = [("Subtotal", "200.00"), ("Shipping", "15.00"), ("Insurance", "5.00"), ("VAT", "44.00")]
    page = invoice(*lines, ("Total", "264.00"))
    assert found("invoice", page)["charges_total"] == 20
    status, methods = judged("invoice", page)
    assert (status, methods["charges_total"]) == ("ok", "sum_of_several")
    assert judged("invoice", invoice(*lines, ("Total", "270.00")))[0] == "needs_review"


def test_a_count_among_amounts_with_decimals_is_no_amount() -> None:
    page = invoice(("Total", "748 kWh at 28.74p"), also=[(300, 400, "Balance due"), (500, 400, "214.98")])
    assert found("invoice", page)["total"] != 748
    whole = page_of([(50, 100, "Total"), (200, 100, "748 CHF")])
    assert found("invoice", whole)["total"] == 748


TOTALS = (("Subtotal", "5.50"), ("Tax", "0.44"), ("Total", "5.94"))


@pytest.mark.parametrize(
    "below",
    [
        [("Suggested tips", ""), ("15%", "0.83"), ("18%", "0.99")],
        [("Suggested tip 15%", "0.83"), ("Suggested tip 18%", "0.99")],
        [("Tip 15%", "0.83"), ("Tip 18%", "0.99"), ("Tip 20%", "1.10")],
        [("Trinkgeld-Empfehlung", ""), ("5 % Trinkgeld", "0.28")],
        [("Tip:", "________"), ("Recommended gratuity", ""), ("18% tip", "0.99")],
    ],
)
def test_a_suggested_tip_is_none(below: list[tuple[str, str]]) -> None:
    answer = found("receipt", receipt(*TOTALS, *below))
    assert (answer["tip"], answer["tax"], answer["total"]) == (None, Decimal("0.44"), Decimal("5.94"))
    assert answer["tax_breakdown"] == []


def test_the_tip_that_was_given_is_the_tip() -> None:
    page = receipt(*TOTALS, ("Tip", "1.00"), ("Total", "6.94"), ("Suggested tips", ""), ("18% tip", "0.99"))
    answer = found("receipt", page)
    assert (answer["tip"], answer["total"]) == (1, Decimal("5.94"))


def test_a_service_that_the_total_contains_is_no_tax() -> None:
    page = receipt(("Subtotal", "5.50"), ("Optional service 10%", "0.55"), ("Total to pay", "6.05"),
                   ("VAT included", "0.92"))  # fmt: skip
    answer = found("receipt", page)
    assert (answer["tip"], answer["tax"], answer["total"]) == (Decimal("0.55"), Decimal("0.92"), Decimal("6.05"))


def test_a_discount_below_the_lines_is_neither_tax_nor_total() -> None:
    page = receipt(("Zwischensumme", "5.50"), ("Personalrabatt 20%", "-1.10"), ("Summe", "4.40"))
    answer = found("receipt", page)
    assert (answer["tax"], answer["total"]) == (None, Decimal("4.40"))


@pytest.mark.parametrize(
    ("line", "method"),
    [
        (("Geg. EC-Cash EUR", "5.94"), "EC-Cash"),
        (("Paid by Amex", "5.94"), "Amex"),
        (("Betaald met PIN", "5.94"), "PIN"),
        (("VISA", "5.94"), "VISA"),
        (("Amount charged", "5.94"), None),
        (("Amount paid", "5.94"), None),
        (("Importe cobrado", "5.94"), None),
    ],
)
def test_how_it_was_paid_is_not_that_it_was_paid(line: tuple[str, str], method: str | None) -> None:
    assert found("receipt", receipt(*TOTALS, line))["payment_method"] == method


def test_cash_under_its_caption_is_the_cash() -> None:
    answer = found("receipt", receipt(*TOTALS, ("Geg. BAR EUR", "10.00"), ("Rückgeld EUR", "4.06")))
    assert (answer["payment_method"], answer["cash_paid"], answer["change"]) == ("BAR", 10, Decimal("4.06"))


def test_a_country_is_nobody_s_name() -> None:
    columns = [("Receipt", "Quartz Lane Studio"), ("Date paid: July 19, 2024", ""), ("", ""),
               ("Quartz Lane Studio", "Bill to"), ("310 Alder Street", "Mina Farrow"),
               ("San Francisco, CA 94110", "88 Lake Road"), ("United States", "Portland, OR 97204"),
               ("", "United States"), ("Total", "10.00"), ("Amount paid", "10.00")]  # fmt: skip
    prints = [(50.0 + 250 * at, 40.0 + 13 * row, text) for row, line in enumerate(columns) for at, text in
              enumerate(line) if text]  # fmt: skip
    assert found("receipt", page_of(prints))["seller"]["name"] == "Quartz Lane Studio"
