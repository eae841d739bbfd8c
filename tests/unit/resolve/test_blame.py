"""Who bears the blame: no amount that is proven otherwise, no lesser field that the document itself misprints."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docpipe.records import Record, Reply
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import load_schema, parse_schema
from docpipe.schema.nodes import Schema
from tests.unit.resolve.pages import page

ITEMS = [{"description": "Oak", "amount": 60.0}, {"description": "Pine", "amount": 30.0}]
SUMS = ("Net _ 100.00", "VAT _ 20.00", "Total _ 120.00")
BROKEN = "DE54 6789 4567 8765 00"


def record(*lines: str, of: Schema | None = None, source: Any = "layer", **values: Any) -> Record:
    schema = of or load_schema("invoice")
    part = resolve_window(schema, [page(*lines, source=source)], Reply(json.dumps(values), "stop", "model"))
    return resolve_document(schema, [part], [], 0.0)


def confidence(of: Record, path: str) -> float:
    return next(field.confidence for field in of.fields if field.path == path)


def test_rows_that_do_not_come_to_a_proven_sum_are_blamed_and_the_sum_is_not() -> None:
    lines = ("Oak _ _ 60.00", "Pine _ _ 30.00", "Freight _ 4.00", *SUMS)
    proven = record(*lines, line_items=ITEMS, subtotal=100.0, tax=20.0, total=120.0)
    broken = next(each for each in proven.violations if each.rule == "lines_add_up")
    assert (broken.severity, broken.paths) == ("error", ("line_items.amount",))
    assert confidence(proven, "line_items[0].amount") < confidence(proven, "subtotal") == confidence(proven, "total")
    alone = record(*lines, line_items=ITEMS, subtotal=100.0)
    assert "subtotal" in next(each for each in alone.violations if each.rule == "lines_add_up").paths
    assert confidence(alone, "subtotal") < confidence(proven, "subtotal")


def test_a_sum_with_no_tax_proves_nothing() -> None:
    lines = ("Oak _ _ 60.00", "Pine _ _ 30.00", "Freight _ 4.00", "Net _ 100.00", "VAT _ 0.00", "Total _ 100.00")
    found = record(*lines, line_items=ITEMS, subtotal=100.0, tax=0.0, total=100.0)
    assert "subtotal" in next(each for each in found.violations if each.rule == "lines_add_up").paths


@pytest.mark.parametrize(
    ("told", "source", "severity"),
    [(BROKEN, "layer", "warning"), (BROKEN, "ocr", "error"), ("DE11 1111 1111 1111 11", "layer", "error")],
)
def test_an_account_that_a_text_layer_prints_wrong_is_null_and_no_reason_for_review(
    told: str, source: str, severity: str
) -> None:
    found = record("Invoice 7", f"IBAN {BROKEN}", source=source, invoice_number="7", iban=told)
    (invalid,) = (each for each in found.violations if each.rule == "invalid")
    assert (found.value["iban"], invalid.severity) == (None, severity)


def test_where_a_schema_marks_nothing_every_refused_value_is_an_error() -> None:
    schema = parse_schema(
        {"type": "object", "properties": {"iban": {"type": ["string", "null"], "format": "iban"}}}, "bank"
    )
    found = record(f"IBAN {BROKEN}", of=schema, iban=BROKEN)
    assert [each.severity for each in found.violations if each.rule == "invalid"] == ["error"]


def test_items_that_a_receipt_prints_and_nobody_read_are_missing() -> None:
    lines = ("Corner shop", "Bread _ _ 3.60", "Milk _ _ 1.20", "Jam _ _ 2.10", "Total _ _ 6.90")
    found = record(*lines, of=load_schema("receipt"), total=6.90)
    (short,) = (each for each in found.violations if each.rule == "incomplete_rows")
    assert (short.severity, short.paths, short.left) == ("error", ("line_items",), "0")


def test_rows_missing_from_a_list_that_is_not_important_are_a_warning() -> None:
    table = ("Rate _ Base _ Tax", "7% _ 100.00 _ 7.00", "19% _ 200.00 _ 38.00", "21% _ 50.00 _ 10.50")
    told = [{"rate": 7, "base": 100.0, "amount": 7.0}, {"rate": 19, "base": 200.0, "amount": 38.0}]
    found = record(*table, tax_breakdown=told)
    short = {each.paths: each.severity for each in found.violations if each.rule == "incomplete_rows"}
    assert short == {("tax_breakdown",): "warning", ("line_items",): "error"}
