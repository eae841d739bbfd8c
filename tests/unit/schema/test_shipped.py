"""The shipped schemas keep one style, hold what their kind of document needs, and judge a true record as true."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from docpipe.literals.text import LANGUAGES
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.decode import decode
from docpipe.resolve.validate import validate
from docpipe.schema.checks import evaluate
from docpipe.schema.columns import table_shapes
from docpipe.schema.load import load_schema, schema_problems, shipped_folder, shipped_schemas
from docpipe.schema.nodes import Node

NAMES = ["chart", "form", "invoice", "receipt", "table"]

RECEIPT: dict[str, Any] = {
    "seller": {"name": "Bäckerei Korn", "address": "Markt 3\n04109 Leipzig", "tax_id": "DE123456789"},
    "receipt_number": "0815",
    "date": "2024-05-17",
    "time": "09:41",
    "currency": "EUR",
    "line_items": [
        {"description": "Roggenbrot", "quantity": 2, "unit_price": 4.2, "amount": 8.4},
        {"description": "Rabatt", "quantity": None, "unit_price": None, "amount": -0.5},
    ],
    "subtotal": 7.38,
    "tax": 0.52,
    "tip": None,
    "total": 7.9,
    "payment_method": "Bar",
    "cash_paid": 10,
    "change": 2.1,
    "tax_breakdown": [{"rate": 7, "base": 7.38, "amount": 0.52}],
}
FORM: dict[str, Any] = {
    "title": "Change of address",
    "fields": [{"key": "Name", "value": "Jo Field"}, {"key": "Telephone", "value": None}],
    "checkboxes": [
        {"label": "Yes", "checked": True, "group": "Moved?"},
        {"label": "Newsletter", "checked": False, "group": None},
    ],
}
TABLE: dict[str, Any] = {
    "tables": [
        {
            "title": "Table 1",
            "pages": [1, 2],
            "header": ["Country", "1996"],
            "rows": [{"cells": ["Austria", "59"]}, {"cells": ["Belgium", "62"]}],
        }
    ]
}
CHART: dict[str, Any] = {
    "title": "Lengths",
    "chart_type": "grouped_bar",
    "x_axis": "Test",
    "y_axis": "Length (mm)",
    "series": [{"name": "Batch 1", "points": [{"x": "2", "y": 40.5}, {"x": "3", "y": -1}]}],
}
TRUE = {"receipt": RECEIPT, "form": FORM, "table": TABLE, "chart": CHART}


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shipped_folder("schemas") / f"{name}.json").read_text(encoding="utf-8"))
    return found


def objects(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every object schema below, the root too."""
    if "properties" in raw:
        yield raw
    for below in [*raw.get("properties", {}).values(), *([raw["items"]] if "items" in raw else [])]:
        yield from objects(below)


def nodes(node: Node, path: str = "") -> Iterator[tuple[str, Node]]:
    for child in node.children:
        yield f"{path}{child.name}", child
        yield from nodes(child.item or child, f"{path}{child.name}.")


def resolved(name: str, record: Mapping[str, Any]) -> tuple[dict[str, Any], list[Any]]:
    """(the typed record, what is wrong with it by itself)."""
    schema, found = load_schema(name), Coercion()
    value = coerce(schema.root, decode(json.dumps(record)).value, found)
    violations, _ = validate(schema, value)
    return value, [*found.violations, *found.edits, *violations]


def broken_checks(name: str, record: Mapping[str, Any]) -> list[str]:
    return [one.rule for one in evaluate(load_schema(name).checks, resolved(name, record)[0])]


def test_five_kinds_of_document_are_shipped() -> None:
    assert shipped_schemas() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_schema_has_no_fault(name: str) -> None:
    assert schema_problems(name) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_described_and_every_object_closed(name: str) -> None:
    schema = load_schema(name)
    assert schema.title
    assert schema.description
    assert schema.guidance
    assert [path for path, node in nodes(schema.root) if not node.description] == []
    assert [one for one in objects(document(name)) if one.get("additionalProperties") is not False] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_a_document_may_lack_takes_null_and_what_it_repeats_has_a_table(name: str) -> None:
    for path, node in nodes(load_schema(name).root):
        if node.kind == "array":
            assert node.item is not None
            assert bool(node.table) == (node.item.kind == "object"), path
        elif node.kind != "object":
            assert node.nullable, path


@pytest.mark.parametrize("name", NAMES)
def test_every_text_is_bounded(name: str) -> None:
    texts = [(path, node.item or node) for path, node in nodes(load_schema(name).root)]
    free = [path for path, node in texts if node.kind == "string" and not (node.enum or node.format or node.max_length)]
    assert free == []


def test_a_receipt_holds_the_fields_of_the_trade() -> None:
    paths = {path for path, _ in nodes(load_schema("receipt").root)}
    wanted = "seller.name seller.address seller.tax_id date currency subtotal tax total line_items line_items.amount"
    assert set(wanted.split()) <= paths


def test_a_receipt_knows_the_captions_of_every_language() -> None:
    for path, node in nodes(load_schema("receipt").root):
        if node.kind not in ("object", "array"):
            assert set(LANGUAGES) <= set(node.labels), path


@pytest.mark.parametrize("name", ["invoice", "receipt"])
def test_amounts_are_exact(name: str) -> None:
    numbers = {path: node.scale for path, node in nodes(load_schema(name).root) if node.kind == "number"}
    assert None not in numbers.values()
    assert {numbers[path] for path in ("subtotal", "tax", "total", "line_items.amount")} == {3}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_record_is_taken_as_it_is(name: str) -> None:
    value, wrong = resolved(name, TRUE[name])
    assert wrong == []
    assert broken_checks(name, TRUE[name]) == []
    assert [child.name for child in load_schema(name).root.children] == list(value)


def test_a_row_of_a_table_is_an_object_with_its_cells() -> None:
    value, _ = resolved("table", TABLE)
    assert [row["cells"] for row in value["tables"][0]["rows"]] == [["Austria", "59"], ["Belgium", "62"]]
    assert [shape.name for shape in table_shapes(load_schema("table"))] == ["table", "table_tables", "table_rows"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"total": 8.9}, "total_adds_up"),
        ({"line_items": RECEIPT["line_items"][1:]}, "lines_reach_subtotal"),
        ({"line_items": RECEIPT["line_items"] * 2}, "lines_within_total"),
        ({"tax_breakdown": [{"rate": 7, "base": 7.38, "amount": 0.62}]}, "tax_of_base"),
        ({"tax_breakdown": [{"rate": None, "base": None, "amount": 0.62}]}, "tax_adds_up"),
        ({"change": 3.1}, "change_adds_up"),
    ],
)
def test_a_receipt_that_does_not_add_up_is_seen(change: dict[str, Any], rule: str) -> None:
    assert rule in broken_checks("receipt", {**RECEIPT, **change})


def test_a_receipt_whose_prices_hold_no_tax_adds_up_too() -> None:
    lines = [{"description": "Bread", "quantity": 1, "unit_price": 7.38, "amount": 7.38}]
    assert broken_checks("receipt", {**RECEIPT, "line_items": lines}) == []


def test_a_cash_total_rounded_to_five_cents_adds_up() -> None:
    assert broken_checks("receipt", {**RECEIPT, "subtotal": 7.39, "tax": 0.54, "tax_breakdown": []}) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("receipt", {"time": "9.41"}),
        ("receipt", {"total": 7.9055}),
        ("receipt", {"currency": "XQZ"}),
        ("chart", {"chart_type": "map"}),
        ("chart", {"series": [{"name": "a", "points": [{"x": "1", "y": "high"}]}]}),
        ("form", {"checkboxes": [{"label": "a", "checked": "perhaps"}]}),
        ("table", {"tables": [{"pages": [0]}]}),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(name: str, change: dict[str, Any]) -> None:
    assert resolved(name, {**TRUE[name], **change})[1] != []


def test_points_are_numbers_and_positions_are_texts() -> None:
    value, _ = resolved("chart", CHART)
    assert value["series"][0]["points"][0] == {"x": "2", "y": Decimal("40.5")}
