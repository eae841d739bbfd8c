"""Of every field it is said, before a document is read, how the layout engine would find it."""

from __future__ import annotations

from typing import Any

import pytest

from docpipe.engine.layout.keys.findable import by_name_only, findable
from docpipe.schema.load import load_schema, parse_schema
from docpipe.schema.nodes import Schema

TEXT: dict[str, Any] = {"type": ["string", "null"]}
NUMBER: dict[str, Any] = {"type": ["number", "null"]}
LABELS = {"x-docpipe": {"labels": {"en": ["Contract no.", "Contract"], "de": ["Vertrag"]}}}
ROW = {"type": "object", "properties": {"description": TEXT, "amount": NUMBER}}


def schema(**properties: Any) -> Schema:
    return parse_schema({"type": "object", "properties": properties}, "bill")


@pytest.mark.parametrize(
    ("field", "means", "how"),
    [
        ({**TEXT, **LABELS}, "labels", "by 3 labels"),
        (TEXT, "name", "by its name: 'meter point' (lower prior)"),
        ({**TEXT, "format": "iban"}, "format", "by its format iban, or by its name: 'meter point' (lower prior)"),
        ({**TEXT, "format": "currency"}, "format", "by the signs beside amounts, or by its name"),
        ({**TEXT, "pattern": "^[A-Z]{2}-[0-9]+$"}, "pattern", "by its pattern, where one print fits it"),
        ({"enum": ["day", "night", None]}, "words", "by the words for its values"),
        ({**TEXT, "x-docpipe": {"role": "title"}}, "place", "by its place: the largest type at the head"),
        ({**TEXT, "format": "date-time"}, "none", "not at all: dates with a time of day"),
        ({"type": "array", "items": TEXT}, "none", "not at all: lists of single values"),
    ],
)
def test_a_field_is_found_by_what_it_has(field: dict[str, Any], means: str, how: str) -> None:
    (found,) = findable(schema(meter_point=field))
    assert (found.path, found.means) == ("meter_point", means)
    assert found.how.startswith(how)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"name": TEXT}, {"name": "name"}),
        ({"other": TEXT}, {"other": "none"}),
        ({"code": {**TEXT, "format": "date"}}, {"code": "review"}),
        ({"date": {**TEXT, "format": "date"}}, {"date": "name"}),
        ({"total": NUMBER}, {"total": "name"}),
        ({"shop": {"type": "object", "properties": {"name": TEXT}}}, {"shop.name": "name"}),
        ({"rows": {"type": "array", "items": ROW}}, {"rows.description": "name", "rows.amount": "name"}),
        ({"rows": {"type": "array", "items": {"type": "object", "properties": {"amount": NUMBER}}}},
         {"rows.amount": "none"}),
        ({"pairs": {"type": "array", "items": {"type": "object", "properties": {"a": TEXT, "b": TEXT}}}},
         {"pairs.a": "form", "pairs.b": "form"}),
        ({"boxes": {"type": "array", "items": {"type": "object", "properties": {"a": TEXT, "b": {"type": "boolean"}}}}},
         {"boxes.a": "form", "boxes.b": "form"}),
        ({"seller": {"type": "object", "x-docpipe": {"role": "issuer"}, "properties": {"name": TEXT}}},
         {"seller.name": "place"}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)  # fmt: skip
def test_the_means_of_every_field(properties: dict[str, Any], expected: dict[str, str]) -> None:
    assert {one.path: one.means for one in findable(schema(**properties))} == expected


def test_every_scalar_of_every_shipped_schema_is_spoken_of() -> None:
    for name in ("chart", "form", "invoice", "receipt", "table"):
        found = load_schema(name)
        assert [one.path for one in findable(found)] == [path for path, _ in found.root.leaves_of_all()]


@pytest.mark.parametrize("name", ["form", "invoice", "receipt"])
def test_a_run_says_nothing_of_a_schema_whose_fields_have_labels_or_rules(name: str) -> None:
    assert by_name_only(load_schema(name), name) == ()


def test_a_run_names_what_it_looks_for_by_name_and_what_it_cannot_find() -> None:
    found = schema(meter_point=TEXT, usage_kwh=NUMBER, contract={**TEXT, **LABELS}, other=TEXT)
    assert by_name_only(found, "bill.json") == (
        "layout: 2 fields have no labels and are looked for by their names (meter_point, usage_kwh); "
        "1 cannot be found (other): see `docpipe schemas check bill.json`",
    )


def test_a_run_names_six_fields_at_most() -> None:
    (line,) = by_name_only(schema(**{f"meter_point_{letter}": TEXT for letter in "abcdefgh"}), "bill.json")
    assert "8 fields" in line
    assert "meter_point_f, ...)" in line
    assert "meter_point_g" not in line
