"""The words of JSON Schema that docpipe holds to, and how the others are refused."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from docpipe.errors import InvalidSchema
from docpipe.resolve.validate import validate
from docpipe.schema.load import parse_schema, schema_problems
from docpipe.schema.model import json_validator

TEXT = {"type": "string"}
ROWS = {"type": "array", "items": {"type": "object", "properties": {"a": TEXT}}}


def fault(field: dict[str, Any], **root: Any) -> str:
    with pytest.raises(InvalidSchema) as refused:
        parse_schema({"type": "object", "properties": {"x": field}, **root}, "some")
    return refused.value.message


@pytest.mark.parametrize(
    "field",
    [
        {**ROWS, "contains": {"patternProperties": {"^(a+)+$": {}}}},
        {**ROWS, "unevaluatedItems": False},
        {"type": "object", "properties": {"a": TEXT}, "$dynamicRef": "#/$defs/y"},
        {"type": "object", "properties": {"a": TEXT}, "unevaluatedProperties": False},
        {"type": "object", "properties": {"a": TEXT}, "patternProperties": {"^(a+)+$": {}}},
        {"type": "object", "properties": {"a": TEXT}, "propertyNames": {"pattern": "^(a+)+$"}},
        {"type": "object", "properties": {"a": TEXT}, "dependentSchemas": {"a": {}}},
        {"type": "object", "properties": {"a": TEXT}, "additionalProperties": TEXT},
        {"type": "array", "prefixItems": [TEXT]},
        {**TEXT, "if": {"const": "x"}, "then": {}},
        {**TEXT, "not": {"const": "x"}},
        {"oneOf": [TEXT, {"type": "null"}]},
        {"allOf": [TEXT, {"minLength": 3}]},
        {**TEXT, "nullable": True},
    ],
)
def test_a_word_without_bounds_or_column_is_refused_by_name_with_what_to_write(field: dict[str, Any]) -> None:
    (word,) = field.keys() & {
        *("contains", "unevaluatedItems", "$dynamicRef", "unevaluatedProperties", "patternProperties"),
        *("propertyNames", "dependentSchemas", "additionalProperties", "prefixItems", "if", "not", "oneOf", "allOf"),
        "nullable",
    }
    said = fault(field)
    assert f"x: {word}" in said
    assert "write" in said or "name every field" in said or "state" in said or "describe" in said


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"type": "array", "items": TEXT, "maxItems": 3.0}, "maxItems is written as a whole number, not as 3.0"),
        ({**TEXT, "minLength": 2.0}, "minLength is written as a whole number"),
        ({**TEXT, "minLength": 30_000}, "no more than 20000"),
        ({**TEXT, "minLength": 5, "maxLength": 4}, "nothing fits"),
        ({"type": "number", "minimum": 2, "maximum": 1.5}, "nothing fits"),
        ({"type": "integer", "minimum": 0.2, "maximum": 0.8}, "nothing fits"),
        ({"type": "integer", "minimum": 10**19}, "64 bits"),
        ({"type": "number", "maximum": float("inf")}, "no JSON number"),
        ({"type": "number", "maximum": float("nan")}, "no JSON number"),
        ({"enum": ["x", "x"]}, "twice"),
        ({"enum": []}, "1 to"),
        ({"enum": [None]}, "1 to"),
        ({"enum": ["\ud800"]}, "lone surrogate"),
        ({**TEXT, "description": "\udfff"}, "lone surrogate"),
        ({**TEXT, "format": "date", "enum": ["2024-01-01"]}, "an enum is of text"),
        ({"type": "integer", "enum": ["1"]}, "whole numbers"),
        ({**TEXT, "const": True}, "must be strings"),
        ({**TEXT, "maxLenght": 3}, "did you mean maxLength"),
        ({**TEXT, "default": "EUR"}, "its default 'EUR'"),
        ({"type": "boolean", "default": False}, "its default False"),
        ({"anyOf": [True, TEXT]}, "anyOf"),
        ({"$ref": "#"}, "whole schema"),
    ],
)
def test_what_means_nothing_or_cannot_be_held_is_refused_in_words(field: dict[str, Any], said: str) -> None:
    assert said in fault(field)


def test_a_schema_that_holds_itself_is_named() -> None:
    tree = {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}}
    assert "holds itself, by $ref #/$defs/tree" in fault({"$ref": "#/$defs/tree"}, **{"$defs": {"tree": tree}})


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_a_file_holds_no_number_that_is_none(tmp_path: Path, number: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(
        '{"type": "object", "properties": {"n": {"type": "number", "minimum": NUMBER}}}'.replace("NUMBER", number)
    )
    assert "no JSON number" in schema_problems(str(path))[0]


def test_deep_nesting_is_refused_in_words(tmp_path: Path) -> None:
    document: dict[str, Any] = TEXT
    for _ in range(100):
        document = {"type": "object", "properties": {"a": document}}
    (tmp_path / "deep.json").write_text(json.dumps(document))
    assert "nested more than 64 levels" in schema_problems(str(tmp_path / "deep.json"))[0]


@pytest.mark.parametrize("name", ["model_config", "copy", "json", "schema", "model_fields", "class", "None", "self"])
def test_a_field_may_be_named_like_anything_in_python(name: str) -> None:
    schema = parse_schema({"type": "object", "properties": {name: {"type": "string", "maxLength": 3}}}, "names")
    assert validate(schema, {name: "abc"}) == ([], [])
    violations, _ = validate(schema, {name: "abcd"})
    assert {one.paths for one in violations} == {(name,)}


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        ({"type": "number", "minimum": 0.1}, "0.1", "0.09"),
        ({"type": "number", "exclusiveMaximum": 0.3}, "0.29", "0.3"),
        ({"type": "number", "multipleOf": 0.05}, "1.15", "1.16"),
    ],
)
def test_numbers_are_compared_as_the_schema_writes_them(field: dict[str, Any], good: str, bad: str) -> None:
    schema = parse_schema({"type": "object", "properties": {"n": field}}, "exact")
    assert validate(schema, {"n": Decimal(good)}) == ([], [])
    assert validate(schema, {"n": Decimal(bad)})[1]


def test_whole_numbers_may_have_an_enum() -> None:
    schema = parse_schema({"type": "object", "properties": {"n": {"type": "integer", "enum": [1, 2]}}}, "few")
    assert validate(schema, {"n": 2}) == ([], [])
    assert validate(schema, {"n": 3})[1]


@pytest.mark.parametrize(
    ("rows", "unique"),
    [
        ([{"a": Decimal(1)}, {"a": Decimal("1.0")}], False),
        ([{"a": 1}, {"a": True}], True),
        ([{"a": "x"}, {"a": "y"}], True),
        ([[1, 2], [1, 2]], False),
    ],
)
def test_lists_are_told_apart_as_json_schema_says(rows: list[Any], unique: bool) -> None:
    schema = parse_schema({"type": "object", "properties": {"r": {**ROWS, "uniqueItems": True}}}, "unique")
    validator = json_validator(schema).evolve(schema={"uniqueItems": True})
    assert validator.is_valid(rows) is unique


def test_a_list_is_told_apart_in_linear_time() -> None:
    """Rows are compared by a hash: in pairs it would be two hundred million comparisons."""
    compared = 0

    class Counted(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)

    schema = parse_schema({"type": "object", "properties": {"r": {**ROWS, "uniqueItems": True}}}, "unique")
    validator = json_validator(schema).evolve(schema={"uniqueItems": True})
    assert validator.is_valid([{"a": Counted(f"row {number}")} for number in range(20_000)])
    assert compared < 20_000
