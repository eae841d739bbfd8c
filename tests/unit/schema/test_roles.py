"""Roles of arrays and types of values: declared in files and in classes, refused where they cannot be."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from docpipe.errors import InvalidSchema
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.schema.roles import ARRAY_ROLES, NUMBER_TYPES, STRING_TYPES

TEXT: dict[str, Any] = {"type": ["string", "null"]}
NUMBER: dict[str, Any] = {"type": ["number", "null"]}
FLAG: dict[str, Any] = {"type": "boolean"}
ITEM = {"description": TEXT, "amount": NUMBER}
TAX = {"rate": NUMBER, "tax": {"type": "integer"}}
PAIR = {"key": TEXT, "value": TEXT}
BOX = {"label": TEXT, "checked": FLAG}
POINTS = {"type": "array", "items": {"type": "object", "properties": {"x": TEXT, "y": NUMBER}}}
WORDS = {"type": "array", "items": TEXT}
PARTS: dict[str, dict[str, Any]] = {
    "line_items": ITEM,
    "receipt_items": ITEM,
    "tax_breakdown": TAX,
    "key_values": PAIR,
    "checkboxes": BOX,
    "tables": {"title": TEXT, "rows": WORDS},
    "chart_series": {"name": TEXT, "points": POINTS},
}


def with_array(role: Any, properties: dict[str, Any]) -> Schema:
    items = {"type": "object", "properties": properties}
    array = {"type": "array", "items": items, "x-docpipe": {"role": role}}
    return parse_schema({"type": "object", "properties": {"rows": array}}, "bill")


def with_field(field: dict[str, Any], kind: Any) -> Schema:
    return parse_schema({"type": "object", "properties": {"x": {**field, "x-docpipe": {"type": kind}}}}, "bill")


@pytest.mark.parametrize("role", ARRAY_ROLES)
def test_an_array_with_the_parts_of_a_role_declares_it(role: str) -> None:
    assert with_array(role, PARTS[role]).root.children[0].role == role


@pytest.mark.parametrize(
    ("role", "properties"),
    [
        ("line_items", {"amount": NUMBER}),
        ("receipt_items", {"description": TEXT, "note": TEXT}),
        ("tax_breakdown", ITEM),
        ("key_values", {**PAIR, "note": TEXT}),
        ("key_values", {"key": TEXT, "value": {"enum": ["a", "b"]}}),
        ("key_values", {**PAIR, "rows": WORDS}),
        ("checkboxes", {**BOX, "again": FLAG}),
        ("checkboxes", {"checked": FLAG}),
        ("checkboxes", {**BOX, "a": TEXT, "b": TEXT}),
        ("tables", ITEM),
        ("chart_series", {"name": TEXT, "points": WORDS}),
    ],
)
def test_an_array_without_the_parts_of_a_role_is_refused_it(role: str, properties: dict[str, Any]) -> None:
    with pytest.raises(InvalidSchema, match=f"'{role}' is of an array of objects that hold {ARRAY_ROLES[role]}"):
        with_array(role, properties)


@pytest.mark.parametrize(
    ("field", "role"),
    [
        ({"type": "array", "items": TEXT}, "line_items"),
        ({"type": "object", "properties": PAIR}, "key_values"),
        (TEXT, "issuer"),
        (NUMBER, "title"),
        (NUMBER, "issuer"),
        ({"type": "array", "items": {"type": "object", "properties": ITEM}}, "issuer"),
        ({"type": "array", "items": {"type": "object", "properties": ITEM}}, "lineitems"),
        ({"type": "array", "items": {"type": "object", "properties": ITEM}}, ["line_items"]),
    ],
)
def test_a_role_of_something_else_is_refused(field: dict[str, Any], role: Any) -> None:
    document = {"type": "object", "properties": {"x": {**field, "x-docpipe": {"role": role}}}}
    with pytest.raises(InvalidSchema, match=r"x: x-docpipe\.role"):
        parse_schema(document, "bill")


def test_the_refusal_lists_what_is_allowed() -> None:
    with pytest.raises(InvalidSchema) as role:
        with_array("lineitems", ITEM)
    with pytest.raises(InvalidSchema) as value:
        with_field(NUMBER, "amount")
    assert all(f'"{word}"' in str(role.value) for word in (*ARRAY_ROLES, "issuer", "recipient", "title"))
    assert all(f'"{word}"' in str(value.value) for word in (*NUMBER_TYPES, *STRING_TYPES))


@pytest.mark.parametrize(
    ("field", "types"),
    [(NUMBER, NUMBER_TYPES), ({"type": "integer"}, NUMBER_TYPES), (TEXT, STRING_TYPES)],
    ids=["number", "integer", "string"],
)
def test_a_value_declares_a_type_of_its_kind_and_no_other(field: dict[str, Any], types: tuple[str, ...]) -> None:
    for kind in (*NUMBER_TYPES, *STRING_TYPES):
        if kind in types:
            assert with_field(field, kind).root.children[0].type == kind
        else:
            with pytest.raises(InvalidSchema, match=r"x-docpipe\.type cannot be"):
                with_field(field, kind)


@pytest.mark.parametrize(
    "field", [{"enum": ["a", "b"]}, {**TEXT, "format": "date"}, {**TEXT, "format": "iban"}, FLAG, WORDS]
)
def test_what_says_more_by_itself_has_no_type(field: dict[str, Any]) -> None:
    with pytest.raises(InvalidSchema, match=r"x-docpipe\.type cannot be 'text'"):
        with_field(field, "text")


class Item(BaseModel):
    name: Annotated[str | None, Field(json_schema_extra={"x-docpipe": {"type": "text"}})] = None
    amount: Annotated[Decimal | None, Field(decimal_places=2, json_schema_extra={"x-docpipe": {"type": "money"}})] = (
        None
    )


class Bill(BaseModel):
    items: list[Item] = Field([], json_schema_extra={"x-docpipe": {"role": "receipt_items"}})
    others: list[Item] | None = Field(None, json_schema_extra={"x-docpipe": {"role": "line_items"}})


def test_a_class_declares_them_too() -> None:
    from docpipe.schema.load import load_schema

    items, others = load_schema(f"{__name__}:Bill").root.children
    assert (items.role, others.role) == ("receipt_items", "line_items")
    assert items.item is not None
    assert [child.type for child in items.item.children] == ["text", "money"]
