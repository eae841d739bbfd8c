"""What validating says of a fault, what it does not see as one, and that none is left standing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from docpipe.records import Edit
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.validate import validate
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema


def record(schema: Schema, **values: Any) -> dict[str, Any]:
    found: dict[str, Any] = coerce(schema.root, values, Coercion())
    return found


def schema(required: list[str], **properties: Any) -> Schema:
    return parse_schema({"type": "object", "required": required, "properties": properties}, "some")


def test_of_very_many_faults_a_hundred_are_told_and_all_are_mended(order: Schema) -> None:
    value = record(order, lines=[{"amount": Decimal("0.001")}] * 150)
    violations, edits = validate(order, value)
    assert (len(violations), len(edits)) == (100, 150)
    assert all(row["amount"] is None for row in value["lines"])


def test_a_fault_is_an_error_that_quotes_the_value(order: Schema) -> None:
    violations, edits = validate(order, record(order, lines=[{}, {"amount": Decimal("0.001")}]))
    assert {(one.rule, one.severity, one.paths, one.left) for one in violations} == {
        ("invalid", "error", ("lines[1].amount",), "0.001")
    }
    assert all(one.message.startswith("lines[1].amount: ") for one in violations)
    assert edits == [Edit("lines[1].amount", Decimal("0.001"), None, "invalid")]


def test_a_long_value_is_quoted_to_its_two_hundredth_character(order: Schema) -> None:
    violations, _ = validate(order, record(order, number="A" * 300))
    assert {one.left for one in violations} == {"A" * 200}


def test_what_both_validators_say_in_the_same_words_is_told_once() -> None:
    told = schema(["a", "b"], a={"type": "string"}, b={"type": "string"})
    violations, _ = validate(told, {"a": None, "b": "x"})
    assert len({(one.paths, one.message) for one in violations}) == len(violations)
    assert {one.left for one in violations} == {""}, "an object is no value to quote"


def test_a_fault_of_the_whole_record_says_so() -> None:
    limited = parse_schema(
        {"type": "object", "properties": {"a": {"type": ["string", "null"]}}, "minProperties": 1}, "limited"
    )
    violations, edits = validate(limited, {"a": None})
    assert [(one.paths, one.left, edits) for one in violations] == [(("",), "", [])]
    assert violations[0].message.startswith("the record: ")


TEXT, NULL = {"type": "string"}, {"type": ["string", "null"]}
PAIR = {"type": "object", "required": ["a"], "properties": {"a": TEXT, "b": TEXT}}


@pytest.mark.parametrize(
    ("required", "properties", "values", "fault"),
    [
        (["a"], {"a": NULL}, {}, False),
        (["a"], {"a": TEXT}, {}, True),
        ([], {"a": TEXT}, {}, False),
        (["o"], {"o": {"type": "object", "required": ["a"], "properties": {"a": TEXT}}}, {}, True),
        ([], {"o": {"type": "object", "required": ["a"], "properties": {"a": TEXT}}}, {}, False),
        ([], {"o": PAIR}, {"o": {"b": "x"}}, True),
        (["o"], {"o": {"type": "object", "properties": {"a": TEXT}}}, {}, False),
        (["r"], {"r": {"type": "array", "items": TEXT}}, {}, False),
        (["r"], {"r": {"type": "array", "minItems": 1, "items": TEXT}}, {}, True),
        ([], {"r": {"type": "array", "minItems": 1, "items": TEXT}}, {}, False),
        ([], {"r": {"type": "array", "minItems": 2, "items": TEXT}}, {"r": ["x"]}, True),
        ([], {"r": {"type": "array", "items": PAIR}}, {"r": [{"a": "x"}, {"b": "y"}]}, True),
        ([], {"r": {"type": "array", "items": PAIR}}, {"r": [{"a": "x"}]}, False),
    ],
)  # fmt: skip
def test_absence_is_a_fault_only_where_the_schema_says_so(
    required: list[str], properties: Any, values: Any, fault: bool
) -> None:
    some = schema(required, **properties)
    violations, edits = validate(some, record(some, **values))
    assert (bool(violations), edits) == (fault, [])
