"""Nothing invalid reaches a column, and what was taken out is kept in an Edit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.validate import admits, validate
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema


def record(order: Schema, **values: Any) -> dict[str, Any]:
    found: dict[str, Any] = coerce(order.root, values, Coercion())
    return found


def test_a_valid_record_passes_untouched(order: Schema) -> None:
    value = record(
        order, number="A-1", total=Decimal("19.99"), ordered="2026-01-31", currency="EUR", lines=[{"amount": 1}]
    )
    before = dict(value)
    assert validate(order, value) == ([], [])
    assert value == before


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"total": Decimal("19.999")}, "total"),
        ({"total": Decimal(10) ** 40}, "total"),
        ({"copies": -1}, "copies"),
        ({"copies": 2**63}, "copies"),
        ({"number": "A" * 21}, "number"),
        ({"number": "ä"}, "number"),
        ({"lines": [{"amount": 1}, {"amount": Decimal("0.001")}]}, "lines[1].amount"),
    ],
)
def test_an_invalid_leaf_is_taken_out_and_kept_in_the_edit(order: Schema, values: dict[str, Any], path: str) -> None:
    value = record(order, **values)
    violations, edits = validate(order, value)
    assert {one.paths for one in violations} == {(path,)}
    assert [(edit.path, edit.after, edit.rule) for edit in edits] == [(path, None, "invalid")]
    assert validate(order, value) == ([], [])


def test_more_decimals_than_the_scale_are_never_rounded(order: Schema) -> None:
    value = record(order, total=Decimal("0.005"))
    _, (edit,) = validate(order, value)
    assert (edit.before, value["total"]) == (Decimal("0.005"), None)


def test_a_required_field_that_is_absent_is_a_violation() -> None:
    schema = parse_schema({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}, "needs")
    violations, edits = validate(schema, {"a": None})
    assert violations
    assert all("required" in one.message.lower() for one in violations)
    assert edits == []


def test_what_is_absent_is_no_fault_where_the_schema_allows_it() -> None:
    schema = parse_schema(
        {
            "type": "object",
            "required": ["note"],
            "properties": {
                "note": {"type": ["string", "null"]},
                "shop": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
                "rows": {"type": "array", "minItems": 1, "items": {"type": "string"}},
            },
        },
        "absent",
    )
    assert validate(schema, coerce(schema.root, {"note": None}, Coercion())) == ([], [])
    violations, _ = validate(schema, coerce(schema.root, {"note": None, "shop": {"name": 5}}, Coercion()))
    assert violations == []  # coerce has reported it; an object of nulls is absent


def test_the_second_opinion_sees_what_pydantic_does_not() -> None:
    schema = parse_schema(
        {"type": "object", "properties": {"iban": {"type": ["string", "null"], "format": "iban"}}}, "account"
    )
    value = {"iban": "DE00370400440532013000"}
    violations, _ = validate(schema, value)
    assert len(violations) == 1
    assert value == {"iban": None}
    assert validate(schema, {"iban": "DE89370400440532013000"}) == ([], [])


def test_a_hostile_pattern_takes_linear_time() -> None:
    schema = parse_schema(
        {"type": "object", "properties": {"a": {"type": ["string", "null"], "pattern": "^(a+)+$"}}}, "slow"
    )
    violations, _ = validate(schema, {"a": "a" * 5_000 + "!"})
    assert violations


@pytest.mark.parametrize(
    ("path", "leaf", "taken"),
    [
        ("total", Decimal("19.99"), True),
        ("total", Decimal("19.999"), False),
        ("number", "A-1", True),
        ("number", "a-1", False),
        ("shop.name", "Acme", True),
        ("lines[3].amount", Decimal(1), True),
        ("lines[3].amount", Decimal("0.001"), False),
        ("lines[3].batches[1].code", "x", True),
        ("lines[3].batches[1].code", 7, False),
        ("tags[2]", "x", True),
        ("copies", -1, False),
    ],
)
def test_a_leaf_is_judged_by_itself(order_document: dict[str, Any], path: str, leaf: Any, taken: bool) -> None:
    order_document["required"] = ["due"]
    assert admits(parse_schema(order_document, "order"), path, leaf) is taken
