"""Every rule of the engine by its name: what it finds says so, and without it the value is not found so."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from docpipe.engine.layout import reader
from docpipe.records import Page
from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import Print, page_of, reply_of, table_of
from tests.unit.engine.layout.drawn_charts import BLUE, bars, drawn, foot, ticks

RULES = [rule.name for rule in (*reader.ROW_READERS, *reader.GENERATORS)]
TEXT: dict[str, Any] = {"type": ["string", "null"]}
DATE: dict[str, Any] = {**TEXT, "format": "date"}
MONEY: dict[str, Any] = {"type": ["number", "null"], "multipleOf": 0.01}


@dataclass(frozen=True)
class Example:
    """A page on which the rule finds `value` at `path` under the schema; `siblings`: other copies of its form."""

    schema: str | Mapping[str, Any]
    page: Page
    path: str
    value: object
    siblings: tuple[Page, ...] = ()

    @property
    def document(self) -> Mapping[str, Any]:
        return load_schema(self.schema).document if isinstance(self.schema, str) else self.schema


def labelled(node: Mapping[str, Any], *labels: str, **more: Any) -> dict[str, Any]:
    return {**node, "x-docpipe": {"labels": {"en": list(labels)}, **more}}


def schema(*checks: Mapping[str, str], **properties: Mapping[str, Any]) -> dict[str, Any]:
    named = [{"name": f"check{at}", **check} for at, check in enumerate(checks)]
    return {"type": "object", "properties": properties, "x-docpipe": {"checks": named}}


def page(*prints: Print, rules: Sequence[Any] = ()) -> Page:
    return page_of(prints, rules=rules)


def titled(title: str, *prints: Print) -> Page:
    """A page whose first line is set twice as large as the others."""
    head, body = page_of([(50, 40, title)], size=20), page_of(prints)
    return replace(body, words=(*head.words, *(replace(word, line=word.line + 1) for word in body.words)))


def frame(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float, float, float]]:
    return [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]


ORDER = schema(number=labelled(TEXT, "Order number", type="identifier"))
PERIOD = schema(
    {"left": "until", "op": ">=", "right": "since"}, since=labelled(DATE, "Period"), until=labelled(DATE, "Until")
)
SUM = schema(
    {"left": "net + tax", "op": "==", "right": "total"},
    net=labelled(MONEY, "Net amount"), tax=labelled(MONEY, "Tax amount"), total=labelled(MONEY, "Total amount"),
)  # fmt: skip
SHOP: list[Print] = [(60, 20, "Corner Bakery"), (60, 32, "12 Mill Lane"), (60, 44, "Bristol BS1 4ZZ")]
HOUSE: list[Print] = [(50, 40, "Aldrin Instruments Ltd"), (50, 52, "14 Harbour Road"), (50, 64, "Bristol BS1 4ZZ")]
ITEMS: list[Print] = [
    (100, 100, "Rye bread"), (280, 100, "3.40"), (100, 114, "Butter"), (280, 114, "2.10"),
]  # fmt: skip
CHART = drawn(
    [*ticks("100", "75", "50", "25", "0"), *foot("Oslo", "Rome", "Bern", "Kiev"), (110, 10, "Harvest by town")],
    bars([20, 80, 55, 35], BLUE),
)
TOTAL: list[Print] = [(100, 128, "Total"), (280, 128, "5.50")]

COPIES = tuple(
    page((50, 40, "Application for a residence permit"), (50, 60, "Please complete in block letters"),
         *table_of(120, (50, 220), [("Surname", name), ("Place of birth", town), ("Employer of the applicant", work)]))
    for name, town, work in (
        ("Quintana", "Bilbao", "Aldrin"), ("Okafor", "Lagos", "Marlow"), ("Moreau", "Reims", "Gwent"),
    )
)  # fmt: skip

EXAMPLES = {
    "behind_key": Example(ORDER, page((50, 100, "Order number: A-17")), "number", "A-17"),
    "right_of_key": Example(ORDER, page((50, 100, "Order number"), (200, 100, "A-17")), "number", "A-17"),
    "below_key": Example(ORDER, page((50, 100, "Order number"), (50, 114, "A-17")), "number", "A-17"),
    "range_end": Example(PERIOD, page((50, 100, "Period: 2024-03-01 - 2024-03-31")), "until", "2024-03-31"),
    "enum_word": Example(
        schema(kind={"enum": ["invoice", "credit_note", None]}), page((50, 40, "CREDIT NOTE")), "kind", "credit_note"
    ),
    "shape": Example(
        schema(account={**TEXT, "format": "iban"}),
        page((50, 700, "DE89 3704 0044 0532 0130 00")), "account", "DE89370400440532013000",
    ),
    "home_currency": Example(
        {
            "type": "object", "required": ["currency"],
            "properties": {"currency": {**TEXT, "format": "currency"}, "total": labelled(MONEY, "Total")},
        },
        page((50, 40, "89 Pacific Avenue"), (50, 52, "Denver, CO 80205"), (50, 100, "Total"), (200, 100, "12.00")),
        "currency", "USD",
    ),
    "only_of_pattern": Example(
        schema(time={**TEXT, "pattern": "^[0-2][0-9]:[0-5][0-9]$"}), page((50, 100, "Seen 17:45")), "time", "17:45"
    ),
    "only_date": Example(
        schema(day=labelled(DATE, "Date")), page((300, 700, "3 May 2024")), "day", "2024-05-03"
    ),
    "free_date": Example(
        schema(day=labelled(DATE, "Date")), page((300, 60, "3 May 2024"), (300, 700, "4 June 2024")),
        "day", "2024-05-03",
    ),
    "currency_sign": Example(
        schema(currency={**TEXT, "format": "currency"}), page((50, 100, "12.50 EUR")), "currency", "EUR"
    ),
    "by_arithmetic": Example(
        SUM, page((50, 100, "Net amount"), (200, 100, "10.00"), (50, 114, "Zwork"), (200, 114, "1.90"),
                  (50, 128, "Total amount"), (200, 128, "11.90")), "tax", 1.9,
    ),
    "sum_of_items": Example(
        "receipt", page(*SHOP, *ITEMS, (100, 128, "Zzyzx"), (280, 128, "5.50"), (100, 142, "Qwvx"), (280, 142, "9.00")),
        "total", 5.5,
    ),
    "sum_of_parts": Example(
        "invoice", page((300, 300, "Subtotal"), (480, 300, "200.00"), (300, 314, "GST 5%"), (480, 314, "10.00"),
                        (300, 328, "PST 7%"), (480, 328, "14.00"), (300, 342, "Total"), (480, 342, "224.00")),
        "tax", 24,
    ),
    "sum_of_several": Example(
        "invoice", page((300, 300, "Subtotal"), (480, 300, "200.00"), (300, 314, "Shipping"), (480, 314, "15.00"),
                        (300, 328, "Insurance"), (480, 328, "5.00"), (300, 342, "VAT"), (480, 342, "44.00"),
                        (300, 356, "Total"), (480, 356, "264.00")), "charges_total", 20,
    ),
    "paid_total": Example(
        "receipt", page(*SHOP, *ITEMS, *TOTAL, (100, 142, "Total"), (280, 142, "5.45"), (100, 156, "Cash"),
                        (280, 156, "10.00"), (100, 170, "Change"), (280, 170, "4.55")), "total", 5.45,
    ),
    "first_total": Example(
        "invoice", page((300, 300, "Total"), (480, 300, "250.00"), (300, 314, "VAT"), (480, 314, "50.00"),
                        (300, 328, "Zwork"), (480, 328, "300.00")), "subtotal", 250,
    ),
    "equal_by_check": Example(
        "invoice", page((300, 300, "Subtotal"), (480, 300, "200.00"), (300, 314, "VAT"), (480, 314, "40.00"),
                        (300, 328, "Balance due"), (480, 328, "240.00")), "total", 240,
    ),
    "party_under_heading": Example(
        "invoice", page((50, 130, "Bill to:"), (50, 142, "Marlow Surveyors LLP"), (50, 154, "2 Castle Street"),
                        (50, 166, "Leeds LS1 2AB")), "buyer.name", "Marlow Surveyors LLP",
    ),
    "party_by_place": Example(
        "invoice", page(*HOUSE, (50, 76, "Tel. 0117 496 0000"), (400, 40, "INVOICE")),
        "seller.name", "Aldrin Instruments Ltd",
    ),
    "masthead": Example(
        "invoice", page((50, 40, "Aldrin Instruments Ltd"), (50, 150, "Bill to:"), (50, 164, "Marlow Surveyors LLP"),
                        (50, 178, "2 Castle Street"), (50, 192, "Leeds LS1 2AB"), (50, 780, "www.aldrin.example")),
        "seller.name", "Aldrin Instruments Ltd",
    ),
    "letterhead": Example("receipt", page(*SHOP, *ITEMS, *TOTAL), "seller.name", "Corner Bakery"),
    "key_is_value": Example(
        "receipt", page(*SHOP, *ITEMS, *TOTAL, (100, 160, "Cash tendered"), (280, 160, "50.00"), (100, 174, "Change"),
                        (280, 174, "44.50")), "payment_method", "Cash tendered",
    ),
    "document_title": Example(
        schema(heading={**TEXT, "x-docpipe": {"role": "title"}}),
        titled("Accident", (50, 200, "It was at ten"), (50, 214, "in the morning")), "heading", "Accident",
    ),
    "weak_key": Example(
        "invoice", page(*HOUSE, (50, 120, "Our ref: A-17"), (50, 134, "Invoice date: 2024-03-01")),
        "invoice_number", "A-17",
    ),
    "table": Example(
        "invoice", page(*table_of(220, (50, 300, 380, 480), [
            ("Description", "Quantity", "Unit price", "Amount"), ("Theodolite hire", "2", "140.00", "280.00")])),
        "line_items[0].description", "Theodolite hire",
    ),
    "receipt_items": Example("receipt", page(*SHOP, *ITEMS, *TOTAL), "line_items[1].description", "Butter"),
    "table_by_arithmetic": Example(
        "invoice", page(*table_of(220, (50, 300, 380, 480), [
            ("Theodolite hire", "2", "140.00", "280.00"), ("Tripod hire", "3", "15.00", "45.00")])),
        "line_items[1].description", "Tripod hire",
    ),
    "plain_items": Example(
        "invoice", page((50, 220, "Survey of the site"), (480, 220, "280.00"), (50, 234, "Travel"), (480, 234, "45.00"),
                        (380, 262, "Subtotal"), (480, 262, "325.00")), "line_items[1].description", "Travel",
    ),
    "tax_summary": Example(
        "receipt", page(*SHOP, *ITEMS, *TOTAL,
                        *table_of(200, (100, 160, 210, 265), [("19%", "10.00", "1.90", "11.90")])),
        "tax_breakdown[0].base", 10,
    ),
    "rate_in_key": Example(
        "invoice", page((380, 300, "Subtotal"), (480, 300, "385.50 GBP"), (380, 314, "VAT 20 %"),
                        (480, 314, "77.10 GBP"), (380, 328, "Total"), (480, 328, "462.60 GBP")),
        "tax_breakdown[0].rate", 20,
    ),
    "checkboxes": Example(
        "form", page((50, 100, "☒ Married"), (150, 100, "☐ Single")), "checkboxes[0].label", "Married"
    ),
    "cells": Example(
        "table", page(*table_of(220, (50, 300, 380), [
            ("Town", "1996", "1997"), ("Lund", "59", "54"), ("Visby", "62", "60"), ("Ystad", "59", "54")])),
        "tables[0].rows[1].cells[0]", "Visby",
    ),
    "key_values": Example(
        "form", page((53, 102, "Surname"), (55, 117, "Quintana"), rules=frame(50, 100, 250, 130)),
        "fields[0].value", "Quintana",
    ),
    "template": Example("form", COPIES[0], "fields[0].value", "Quintana", COPIES),
    "chart_series": Example("chart", CHART, "series[0].points[0].x", "Oslo"),
    "chart_text": Example("chart", CHART, "title", "Harvest by town"),
}  # fmt: skip


def found_by(example: Example) -> tuple[object, str]:
    """(the value at the example's path, the method that found it); (None, "") without one."""
    reply = reply_of(example.document, [example.page], example.siblings)
    assert reply.finish == "stop", reply.error
    value: Any = json.loads(reply.text)
    for part in example.path.replace("[", ".").replace("]", "").split("."):
        value = (value or {}).get(part) if not part.isdigit() else dict(enumerate(value or ())).get(int(part))
    return value, next((span.method for span in reply.spans if span.path == example.path), "")


def test_every_rule_has_one_name_and_an_example() -> None:
    assert len(RULES) == len(set(RULES))
    assert set(EXAMPLES) == set(RULES)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_finds_its_value_and_its_name_is_the_method(rule: str) -> None:
    assert found_by(EXAMPLES[rule]) == (EXAMPLES[rule].value, rule)


@pytest.mark.parametrize("rule", RULES)
def test_without_the_rule_its_value_is_not_found_by_it(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for rules in ("ROW_READERS", "GENERATORS"):
        monkeypatch.setattr(reader, rules, tuple(each for each in getattr(reader, rules) if each.name != rule))
    value, method = found_by(EXAMPLES[rule])
    assert method != rule
    assert (value, method) == (None, "") or method in RULES
