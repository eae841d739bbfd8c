"""A schema is held to or refused with every fault named; nothing is fetched or guessed."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from docpipe.errors import InvalidSchema, UnknownSchema
from docpipe.schema.load import load_schema, parse_schema, schema_problems, shipped_schemas
from docpipe.schema.nodes import Schema


class Part(BaseModel):
    code: str
    weight: Annotated[Decimal, Field(decimal_places=3)] | None = None


class Delivery(BaseModel):
    note: str | None = None
    on: dt.date
    cost: Decimal = Field(max_digits=10, decimal_places=2)
    parts: list[Part] = []


@pytest.mark.parametrize("name", shipped_schemas())
def test_every_shipped_schema_is_fine(name: str) -> None:
    assert schema_problems(name) == []
    assert load_schema(name).root.children


def test_kinds_scales_and_nullability_are_read(order: Schema) -> None:
    found = {node.name: (node.kind, node.scale, node.nullable) for node in order.root.children}
    assert found["ordered"] == ("date", None, True)
    assert found["sent_at"] == ("datetime", None, True)
    assert found["total"] == ("number", 2, True)
    assert found["copies"] == ("integer", None, True)
    assert found["tags"] == ("array", None, False)
    assert order.root.child("kind").enum == ("standard", "call_off")  # type: ignore[union-attr]


def test_a_pydantic_class_is_a_schema() -> None:
    found = load_schema(f"{__name__}:Delivery")
    assert found.name == "delivery"
    assert [(node.name, node.kind, node.scale) for node in found.root.children] == [
        ("note", "string", None),
        ("on", "date", None),
        ("cost", "number", 2),
        ("parts", "array", None),
    ]
    part = found.root.child("parts").item  # type: ignore[union-attr]
    assert part is not None
    assert [(node.name, node.scale, node.nullable) for node in part.children] == [
        ("code", None, False),
        ("weight", 3, True),
    ]


def test_local_references_are_followed() -> None:
    document = {
        "type": "object",
        "$defs": {"money": {"type": "number", "x-docpipe": {"scale": 2}}},
        "properties": {"fee": {"anyOf": [{"$ref": "#/$defs/money"}, {"type": "null"}]}},
    }
    fee = parse_schema(document, "fees").root.children[0]
    assert (fee.kind, fee.scale, fee.nullable) == ("number", 2, True)


@pytest.mark.parametrize(
    ("properties", "fault"),
    [
        ({"_id": {"type": "string"}}, "docpipe's own"),
        ({"two words": {"type": "string"}}, "letters, digits"),
        ({"a": {"type": ["string", "number"]}}, "exactly one type"),
        ({"a": {}}, "exactly one type"),
        ({"a": {"oneOf": [{"type": "string"}]}}, "oneOf"),
        ({"a": {"$ref": "https://example.org/x.json"}}, "leaves the file"),
        ({"a": {"$ref": "#/$defs/none"}}, "points at nothing"),
        ({"a": {"$ref": "#/properties/a"}}, "circle"),
        ({"a": {"type": "array"}}, "items"),
        ({"a": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}}, "array of arrays"),
        ({"a": {"type": "object"}}, "needs properties"),
        ({"a": {"enum": [1, 2]}}, "enum values must be strings"),
        ({"a": {"type": "string", "x-docpipe": {"scale": 2}}}, "decimal places of a number"),
        ({"a": {"type": "number", "x-docpipe": {"scale": 99}}}, "within 0 and"),
        ({"a": {"type": "string", "x-docpipe": {"lables": {}}}}, "lables is unknown"),
        ({"a": {"type": "string", "x-docpipe": {"labels": ["Name"]}}}, "labels must look like"),
        ({"a": {"type": "string", "pattern": "(?<=x)y"}}, "pattern"),
        ({"a": {"type": "string", "minLength": "3"}}, "minLength"),
        ({"a": {"type": "string"}, "A": {"type": "string"}}, "two columns"),
        ({"a_b": {"type": "string"}, "a": {"type": "object", "properties": {"b": {"type": "string"}}}}, "two columns"),
    ],
)
def test_a_fault_is_named_with_its_place(properties: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidSchema, match=fault):
        parse_schema({"type": "object", "properties": properties}, "broken")


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        ({"left": "nett", "op": "==", "right": "total"}, "no field 'nett'"),
        ({"left": "net", "op": "=", "right": "total"}, "op is one of"),
        ({"left": "net.__class__", "op": "==", "right": "total"}, "no field 'net.__class__'"),
        ({"left": "open('x')", "op": "==", "right": "total"}, "may be called"),
        ({"left": "net ** 9", "op": "==", "right": "total"}, "operator Pow"),
        ({"left": "net +", "op": "==", "right": "total"}, "cannot parse"),
        ({"left": "net", "op": "==", "right": "total", "tolerance": "-1"}, "tolerance"),
        ({"left": "net", "op": "==", "right": "total", "each": "shop"}, "each names no array"),
        ({"left": "net", "op": "==", "right": "total", "why": "x"}, "why"),
    ],
)
def test_a_check_that_cannot_work_is_refused(order_document: dict[str, Any], check: dict[str, Any], fault: str) -> None:
    order_document["x-docpipe"] = {"checks": [{"name": "check", **check}]}
    with pytest.raises(InvalidSchema, match=fault):
        parse_schema(order_document, "order")


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"type": "object", "properties": {"_a": {"type": "string"}, "b": {}}}))
    assert len(schema_problems(str(path))) == 2


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "object", "type": "array"}', "[" * 100_000])
def test_a_file_that_is_no_schema_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(InvalidSchema):
        load_schema(str(path))


@pytest.mark.parametrize("reference", ["invioce", "no/such.json", "no_module:Class", "json:dumps", "json:Nothing"])
def test_what_is_not_there_is_unknown(reference: str) -> None:
    with pytest.raises(UnknownSchema):
        load_schema(reference)


def test_the_fingerprint_follows_meaning_and_the_structure_follows_columns(order_document: dict[str, Any]) -> None:
    before = parse_schema(order_document, "order")
    order_document["properties"]["number"]["description"] = "As printed."
    described = parse_schema(order_document, "order")
    order_document["properties"]["extra"] = {"type": "string"}
    widened = parse_schema(order_document, "order")
    assert len({before.fingerprint, described.fingerprint, widened.fingerprint}) == 3
    assert before.structure_fingerprint == described.structure_fingerprint != widened.structure_fingerprint
