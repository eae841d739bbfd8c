"""The sign that a schema promises of a number, and tolerances in the smallest units of a currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from docpipe.schema.checks import evaluate
from docpipe.schema.load import load_schema, parse_schema
from docpipe.schema.parse import parse_document
from docpipe.schema.tolerance import in_currency, margin


def faults(field: dict[str, Any]) -> list[str]:
    return parse_document({"type": "object", "properties": {"sum": field}}, "bill")[1]


@pytest.mark.parametrize(
    ("sign", "value", "signed"),
    [
        ("positive", "-3.50", "3.50"),
        ("positive", "3.50", "3.50"),
        ("negative", "3.50", "-3.50"),
        (None, "-3.5", "-3.5"),
    ],
)
def test_a_field_has_the_sign_that_its_schema_promises(sign: str | None, value: str, signed: str) -> None:
    extension = {"scale": 2, **({"sign": sign} if sign else {})}
    field = {"type": ["number", "null"], "x-docpipe": extension}
    (node,) = parse_schema({"type": "object", "properties": {"sum": field}}, "bill").root.children
    assert node.signed(Decimal(value)) == Decimal(signed)


@pytest.mark.parametrize(
    "field",
    [
        {"type": "number", "x-docpipe": {"sign": "plus"}},
        {"type": "number", "x-docpipe": {"sign": 1}},
        {"type": "string", "x-docpipe": {"sign": "positive"}},
        {"type": "number", "maximum": -1, "x-docpipe": {"sign": "positive"}},
        {"type": "integer", "minimum": 1, "x-docpipe": {"sign": "negative"}},
    ],
)
def test_a_sign_that_cannot_be_is_a_fault(field: dict[str, Any]) -> None:
    (fault,) = faults(field)
    assert fault.startswith("sum: x-docpipe.sign")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("invoice", "allowances_total"),
        ("invoice", "prepaid_amount"),
        ("invoice", "line_items.discount"),
        ("receipt", "change"),
    ],
)
def test_the_shipped_schemas_declare_what_they_promise(name: str, path: str) -> None:
    assert dict(load_schema(name).root.leaves_of_all())[path].sign == "positive"


@pytest.mark.parametrize(
    ("tolerance", "places", "allowed"),
    [("2 minor units", 2, "0.02"), ("2 minor units", 3, "0.002"), ("1 minor unit", 0, "1"), ("0.05", 3, "0.05")],
)
def test_a_tolerance_may_follow_the_currency(tolerance: str, places: int, allowed: str) -> None:
    assert margin(tolerance, places) == Decimal(allowed)


@pytest.mark.parametrize(
    "tolerance", ["2 units", "minor units", "-1 minor units", "1.5 minor units", "two", "NaN", "-1"]
)
def test_what_is_no_tolerance_is_refused(tolerance: str) -> None:
    with pytest.raises(ValueError, match="minor units"):
        margin(tolerance)


@pytest.mark.parametrize(("places", "broken"), [(2, []), (3, ["adds_up"]), (0, [])])
def test_a_check_allows_what_the_currency_rounds(places: int, broken: list[str]) -> None:
    check = {"name": "adds_up", "left": "a", "op": "==", "right": "b", "tolerance": "2 minor units"}
    number = {"type": "number", "x-docpipe": {"scale": 3}}
    document = {"type": "object", "properties": {"a": number, "b": number}, "x-docpipe": {"checks": [check]}}
    schema = parse_schema(document, "bill")
    record = {"a": Decimal("1.000"), "b": Decimal("1.015")}
    assert [each.rule for each in evaluate(in_currency(schema.checks, places), record)] == broken
