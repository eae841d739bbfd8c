"""Documents whose amounts are printed in many ways: from the words of a page to the judged record."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from conftest import Print, page_of, reply_of, table_of

from docpipe.records import Record, Reply
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import load_schema, parse_schema
from docpipe.schema.nodes import Schema

COLUMNS = (50.0, 320.0, 400.0, 500.0)
HEADS = ("Description", "Qty", "Unit price", "Amount")


def judged(schema: Schema, prints: Sequence[Print], reply: Reply | None = None) -> Record:
    page = page_of(prints)
    said = reply or reply_of(schema.document, [page])
    return resolve_document(schema, [resolve_window(schema, [page], said)], [], 0.6)


def bill(
    rows: Sequence[Sequence[str]], totals: Sequence[tuple[str, str]], *head: str, heads: Sequence[str] = HEADS
) -> list[Print]:
    """An invoice with a letterhead of lines, a table and totals on the right."""
    top = [(50.0, 40.0 + 14 * at, line) for at, line in enumerate(("Alta Works Ltd", *head))]
    named = [(330.0, 120.0, "Invoice No: A-17"), (330.0, 134.0, "Invoice date: 14 March 2024")]
    below = 240.0 + 14 * len(rows)
    sums = [print_ for at, (key, text) in enumerate(totals) for print_ in _sum(below + 15 * at, key, text)]
    return [(400.0, 40.0, "INVOICE"), *top, *named, *table_of(200.0, COLUMNS, [heads, *rows]), *sums]


def _sum(y: float, key: str, text: str) -> list[Print]:
    return [(330.0, y, key), (500.0, y, text)]


def amounts(record: Record) -> list[Decimal]:
    return [row["amount"] for row in record.value["line_items"]]


def rules(record: Record) -> list[str]:
    return [violation.rule for violation in record.violations]


BILLS = [  # rows, totals, letterhead, what the record says
    (
        [("Tile", "2", "14.250", "28.500"), ("Grout", "1", "9.125", "9.125")],
        [("Subtotal", "KWD 37.625"), ("Total", "KWD 37.625")],
        (),
        {"currency": "KWD", "total": "37.625", "rows": ["28.500", "9.125"]},
    ),
    (
        [("Lamp", "4", "7.875", "31.500")],
        [("Total", "31.500 JOD")],
        (),
        {"currency": "JOD", "total": "31.500", "rows": ["31.500"]},
    ),
    (
        [("Tapis", "2", "16,500", "33,000"), ("Rame", "1", "12,750", "12,750")],
        [("Total HT", "45,750 DT"), ("TVA 19 %", "8,693 DT"), ("Total TTC", "54,443 DT")],
        (),
        {"currency": "TND", "total": "54.443", "tax": "8.693", "rows": ["33.000", "12.750"]},
    ),
    (
        [("Desk", "1", "KD 112.750", "KD 112.750")],
        [("Total", "KD 112.750")],
        (),
        {"currency": "KWD", "total": "112.750", "rows": ["112.750"]},
    ),
    (
        [("Tabla", "3", "1.500", "4.500"), ("Clavo", "1", "990", "990")],
        [("Neto", "5.490 CLP"), ("IVA 19.0 %", "1.043 CLP"), ("Total", "6.533 CLP")],
        (),
        {"currency": "CLP", "total": "6533", "tax": "1043", "rows": ["4500", "990"]},
    ),
    (
        [("Saw", "2.5", "1,400", "3,500")],
        [("Subtotal", "\u00a53,500-"), ("Total", "\u00a53,500-")],
        ("Osaka", "Japan"),
        {"currency": "JPY", "total": "3500", "rows": ["3500"]},
    ),
    (
        [("Pump", "2", "1,25,000", "2,50,000"), ("Starter", "3", "42,500", "1,27,500")],
        [("Sub Total", "3,77,500"), ("Total Rs.", "4,45,450/-")],
        ("Pune 411001", "India"),
        {"total": "445450", "subtotal": "377500", "allowances_total": None, "rows": ["250000", "127500"]},
    ),
    (
        [("Chairs", "2", "$45.00", "$90.00"), ("Loyalty discount", "", "", "- $9.00")],
        [("Subtotal", "$81.00"), ("Sales tax", "$6.68"), ("Total", "$87.68")],
        (),
        {"total": "87.68", "rows": ["90.00", "-9.00"]},
    ),
    (
        [("Water used", "12", "4.50", "54.00"), ("Credit", "1", "162.43 cr", "162.43 cr")],
        [("Subtotal", "$108.43 cr"), ("Total", "$108.43 cr")],
        (),
        {"total": "-108.43", "subtotal": "-108.43", "rows": ["54.00", "-162.43"]},
    ),
    (
        [("Water", "10", "6.00", "60.00")],
        [("Total", "\u00a360.00 DR"), ("Amount paid", "\u00a380.00"), ("Balance due", "CR \u00a320.00")],
        (),
        {"total": "60.00", "amount_due": "-20.00", "rows": ["60.00"]},
    ),
    (
        [("Rope return", "2", "- 4.250", "- 8.500")],
        [("Total BHD", "(8.500)")],
        ("Sitra", "Bahrain"),
        {"currency": "BHD", "total": "-8.500", "rows": ["-8.500"]},
    ),
    (
        [("Wool", "1", "200.00", "200.00"), ("Discount:", "", "", "-20.00")],
        [("Total", "180.00 EUR")],
        (),
        {"total": "180.00", "rows": ["200.00"]},
    ),
    (
        [("Return", "1", "90.00", "-90.00")],
        [("Total:", "- 90.00")],
        (),
        {"total": "-90.00", "rows": ["-90.00"]},
    ),
    (
        [("Work", "1", "500.00", "500.00")],
        [("Total", "600.00"), ("Deposit paid", "- 150.00"), ("Amount due", "450.00")],
        (),
        {"total": "600.00", "prepaid_amount": "150.00", "amount_due": "450.00"},
    ),
    (
        [("Work", "1", "300.00", "300.00")],
        [("Subtotal", "300.00 EUR"), ("Discount 10%", "-30.00"), ("VAT 20%", "54.00"), ("Total", "324.00 EUR")],
        (),
        {"allowances_total": "30.00", "tax": "54.00", "total": "324.00"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "totals", "head", "expected"), BILLS)
def test_amounts_are_read_as_their_currency_and_sign_say(
    rows: Any, totals: Any, head: tuple[str, ...], expected: dict[str, Any]
) -> None:
    record = judged(load_schema("invoice"), bill(rows, totals, *head))
    for path, value in expected.items():
        if path == "rows":
            assert amounts(record) == [Decimal(each) for each in value]
        elif value is None or path == "currency":
            assert record.value[path] == value
        else:
            assert record.value[path] == Decimal(value)


def test_a_promised_sign_is_an_edit_that_says_what_was_printed() -> None:
    rows, totals = [("Work", "1", "600.00", "600.00")], [("Total", "\u20ac600.00"), ("Deposit paid", "-150.00")]
    record = judged(load_schema("invoice"), bill(rows, totals, "4 Low Road", "York YO1 7HH"))
    (edit,) = (edit for edit in record.edits if edit.path == "prepaid_amount")
    assert (edit.before, edit.after, edit.rule) == (Decimal("-150.00"), Decimal("150.00"), "sign:positive")
    assert record.status == "repaired"


def test_cents_of_a_currency_without_them_send_the_record_to_review() -> None:
    record = judged(load_schema("invoice"), bill([("Desk", "1", "500", "500")], [("Total", "KRW 1,500.50")]))
    assert record.value["total"] == Decimal("1500.50")
    assert "minor_units" in rules(record)
    assert record.status == "needs_review"


@pytest.mark.parametrize(("total", "told"), [("31.500", True), ("31.500 EUR", False), ("31.500 JOD", False)])
def test_a_thousand_or_decimals_is_told_where_nothing_settles_it(total: str, told: bool) -> None:
    record = judged(load_schema("invoice"), bill([("Lamp", "4", "", "31.500")], [("Total", total)]))
    assert ("ambiguous_number" in rules(record)) is told


CHANGE = [("SHOP",), ("2024-03-14",), ("MILK", "15.90"), ("BREAD", "29.00"), ("TOTAL", "44.90"), ("CASH", "50.00")]


def test_the_change_of_a_receipt_is_positive_whatever_is_printed() -> None:
    lines = [*CHANGE, ("CHANGE", "-5.10")]
    places = [(12.0, 170.0)[: len(line)] for line in lines]
    rows = zip(places, lines, strict=True)
    prints = [(x, 20.0 + 13 * at, text) for at, row in enumerate(rows) for x, text in zip(*row, strict=True)]
    record = judged(load_schema("receipt"), prints)
    assert record.value["change"] == Decimal("5.10")
    assert "change_adds_up" not in rules(record)


def statement(language: str, *labels: str) -> Schema:
    def field(label: str, **of: Any) -> dict[str, Any]:
        return {"type": [of.pop("kind", "number"), "null"], **of, "x-docpipe": {"labels": {language: [label]}}}

    closing, date, text, amount, balance = labels
    row = {
        "date": field(date, kind="string", format="date"),
        "text": field(text, kind="string"),
        "amount": field(amount),
        "balance": field(balance),
    }
    lines = {"type": "array", "items": {"type": "object", "properties": row}}
    return parse_schema({"type": "object", "properties": {"closing": field(closing), "lines": lines}}, "statement")


STATEMENTS = [
    (
        statement("de", "Neuer Saldo", "Datum", "Text", "Betrag", "Saldo"),
        ("Kontoauszug 3/2024", "13.03.2024", "14.03.2024"),
        (("500,00 H", "520,00 H"), ("700,00 S", "180,00 S")),
        "180,00 S",
    ),
    (
        statement("pt", "Saldo final", "Data", "Descri\u00e7\u00e3o", "Valor", "Saldo"),
        ("Extrato de conta", "13/03/2024", "14/03/2024"),
        (("500,00 C", "520,00 C"), ("700,00 D", "180,00 D")),
        "180,00 D",
    ),
    (
        statement("de", "Endsaldo", "Datum", "Text", "Betrag", "Saldo"),
        ("Kontoauszug 3/2024", "13.03.2024", "14.03.2024"),
        (("500,00 Haben", "520,00 Haben"), ("700,00 Soll", "180,00 Soll")),
        "180,00 Soll",
    ),
    (
        statement("en", "Closing balance", "Date", "Description", "Amount", "Balance"),
        ("Account statement", "13/03/2024", "14/03/2024"),
        (("500.00", "520.00"), ("- 700.00", "- 180.00")),
        "- 180.00",
    ),
]


@pytest.mark.parametrize(("schema", "head", "rows", "closing"), STATEMENTS)
def test_an_overdrawn_account_is_negative(schema: Schema, head: Any, rows: Any, closing: str) -> None:
    title, *dates = head
    labels = [node.all_labels()[0] for _, node in schema.root.leaves_of_all()]
    table = [labels[1:], *((date, "Alta", *row) for date, row in zip(dates, rows, strict=True))]
    prints = [(50.0, 40.0, title), *table_of(100.0, (50.0, 150.0, 380.0, 500.0), table)]
    record = judged(schema, [*prints, (150.0, 160.0, labels[0]), (500.0, 160.0, closing)])
    assert record.value["closing"] == -180
    assert [(row["amount"], row["balance"]) for row in record.value["lines"]] == [(500, 520), (-700, -180)]


def told_by_model(**values: str) -> Reply:
    said = ",".join(f'"{name}":{value}' for name, value in values.items())
    return Reply(f"{{{said}}}", "stop", engine="model")


@pytest.mark.parametrize(
    "total", ["- \u00a3107.10", "\u00a3107.10-", "\u00a3107.10 CR", "CR \u00a3107.10", "\u2013 107.10"]
)
def test_a_model_that_drops_a_printed_minus_is_told_of_it(total: str) -> None:
    prints = bill([("Return", "1", "90.00", "90.00")], [("Total", total)])
    kept = judged(load_schema("invoice"), prints, told_by_model(total="-107.10"))
    dropped = judged(load_schema("invoice"), prints, told_by_model(total="107.10"))
    assert "printed_sign" not in rules(kept)
    assert "printed_sign" in rules(dropped)


@pytest.mark.parametrize(("told", "value"), [('"31.500 JOD"', "31.5"), ("31.500", "31.5"), ('"31.500"', "31.5")])
def test_a_model_is_read_by_the_same_judge(told: str, value: str) -> None:
    prints = bill([("Lamp", "4", "7.875", "31.500")], [("Total", "31.500 JOD")])
    record = judged(load_schema("invoice"), prints, told_by_model(total=told, currency='"JOD"'))
    assert record.value["total"] == Decimal(value)
    assert "ambiguous_number" not in rules(record)


def test_arithmetic_mends_to_the_last_decimal_of_the_currency() -> None:
    rows = [("Lamp", "1", "33.750", "33.750")]
    prints = bill(rows, [("Subtotal", "33.750"), ("VAT 5%", "1.688"), ("Total OMR", "35.438")])
    told = told_by_model(currency='"OMR"', subtotal="33.750", tax="1.688", total="35.483")
    assert judged(load_schema("invoice"), prints, told).value["total"] == Decimal("35.438")


def test_arithmetic_rounds_to_cents_where_the_column_has_more_decimals() -> None:
    prints = bill([("Lamp", "1", "100.55", "100.55")], [("Total EUR", "119.65")])
    prints += [(50.0, 300.0, "VAT 19 % of"), (150.0, 300.0, "100.55"), (250.0, 300.0, "19.10")]
    told = told_by_model(currency='"EUR"', tax_breakdown='[{"rate":19,"base":100.55,"amount":91.10}]')
    record = judged(load_schema("invoice"), prints, told)
    assert record.value["tax_breakdown"][0]["amount"] == Decimal("19.10")


def test_a_printed_minus_does_not_mislead_arithmetic_about_a_positive_field() -> None:
    rows = [("Work", "1", "600.00", "600.00")]
    totals = [("Total", "\u20ac600.00"), ("Deposit paid", "-150.00"), ("Alta beta", "450.00")]
    assert judged(load_schema("invoice"), bill(rows, totals)).value["amount_due"] == Decimal("450.00")
