"""A weak label counts beside the document's title or date, for a field that nothing else gave a value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docpipe.engine.layout.scoring.calibration import review_confidence
from docpipe.errors import InvalidSchema
from docpipe.schema.load import load_schema, parse_schema
from tests.unit.engine.layout.conftest import Print, page_of, reply_of

REVIEW = review_confidence(load_schema("invoice"))  # under it a record goes to review
TEXT: dict[str, Any] = {"type": ["string", "null"]}
HEAD: list[Print] = [(50, 40, "Aldrin Instruments Ltd"), (50, 52, "14 Harbour Road"), (50, 64, "Bristol BS1 4ZZ")]


def read(*prints: Print) -> tuple[str | None, float, str]:
    """(invoice number, its score, its method) under the shipped schema."""
    reply = reply_of(load_schema("invoice").document, [page_of([*HEAD, *prints])])
    assert reply.finish == "stop", reply.error
    span = next((span for span in reply.spans if span.path == "invoice_number"), None)
    return (
        json.loads(reply.text)["invoice_number"],
        span.score if span is not None else 0.0,
        span.method if span is not None else "",
    )


@pytest.mark.parametrize(
    "prints",
    [
        [(50, 120, "Number: 25/599"), (50, 134, "Invoice date: 2025-09-03")],
        [(50, 120, "NUMMER:"), (160, 120, "25/599"), (50, 134, "FAKTURADATUM:"), (160, 134, "2025-09-03")],
        [(50, 120, "Ons kenmerk: 25/599"), (50, 134, "Factuurdatum: 03-09-2025")],
        [(50, 120, "Notre réf. : 25/599"), (50, 134, "Date d'émission : 27 février 2023")],
    ],
    ids=["behind it", "right of it", "Dutch", "French"],
)
def test_a_number_beside_the_date_is_the_documents_own_and_for_review(prints: list[Print]) -> None:
    value, score, method = read(*prints)
    assert (value, method) == ("25/599", "weak_key")
    assert score < REVIEW


@pytest.mark.parametrize(
    "prints",
    [
        [(50, 120, "Invoice date: 2025-09-03"), (50, 300, "Number: 25/599")],
        [(50, 120, "Invoice date: 2025-09-03"), (50, 700, "Number: 25/599")],
        [(50, 120, "Number: none"), (50, 134, "Invoice date: 2025-09-03")],
        [(50, 120, "Number: 25/599"), (50, 134, "Our ref: 77/123"), (50, 148, "Invoice date: 2025-09-03")],
        [(50, 120, "Number of pages 25"), (50, 134, "Invoice date: 2025-09-03")],
        [(50, 120, "Bill to"), (50, 132, "Quill & Sons Ltd"), (50, 144, "Number: 25/599"),
         (50, 158, "Invoice date: 2025-09-03")],
        [(50, 120, "Number: 25/599")],
    ],
    ids=["far below", "at the foot", "no number", "two of them", "of something", "under a party", "no date, no title"],
)  # fmt: skip
def test_elsewhere_it_is_nobodys(prints: list[Print]) -> None:
    assert read(*prints)[0] is None


def test_a_label_comes_first() -> None:
    prints = [(50, 120, "Number: 25/599"), (50, 134, "Invoice date: 2025-09-03"), (300, 120, "Invoice no: 2025-7")]
    value, score, method = read(*prints)
    assert value == "2025-7"
    assert method != "weak_key"
    assert score > 0.5


def test_a_label_that_asks_for_a_value_leaves_weak_ones_nothing() -> None:
    prints = [(50, 120, "Number: 25/599"), (50, 134, "Invoice date: 2025-09-03"), (300, 120, "Invoice no:")]
    assert read(*prints)[0] is None


def test_a_number_that_another_field_has_is_not_taken() -> None:
    prints = [(50, 120, "Customer number: 25/599"), (50, 134, "Number: 25/599"), (50, 148, "Invoice date: 2025-09-03")]
    value, _, method = read(*prints)
    assert (value, method) in (("25/599", "weak_key"), (None, ""))


@pytest.mark.parametrize(
    ("node", "what"),
    [
        ({**TEXT, "x-docpipe": {"weak_labels": ["No"]}}, "weak_labels must look like"),
        ({**TEXT, "x-docpipe": {"weak_labels": {"en": [""]}}}, "weak_labels must look like"),
        ({**TEXT, "x-docpipe": {"labels": {"en": ["No"]}, "weak_labels": {"en": ["No"]}}}, "weak or not: No"),
        ({"type": "object", "properties": {}, "x-docpipe": {"weak_labels": {"en": ["No"]}}}, "outside lists"),
        ({"type": "array", "items": {"type": "object", "properties": {
            "code": {**TEXT, "x-docpipe": {"weak_labels": {"en": ["No"]}}}}}}, "outside lists"),
    ],
)  # fmt: skip
def test_what_is_no_weak_label_is_named(node: dict[str, Any], what: str) -> None:
    with pytest.raises(InvalidSchema, match=what):
        parse_schema({"type": "object", "properties": {"field": node}}, "any")
