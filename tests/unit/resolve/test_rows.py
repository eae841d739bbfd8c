"""Repeated headers and subtotals carried forward are no rows; equal rows are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.records import Edit, Field, Violation
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.merge import Part, merge
from docpipe.resolve.rows import without_repeats
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import leaves


def part(schema: Schema, page: int, *rows: tuple[str | None, int | None, int | None]) -> Part:
    told = [{"text": text, "quantity": quantity, "amount": amount} for text, quantity, amount in rows]
    value = coerce(schema.root, {"lines": told}, Coercion())
    fields = tuple(Field(path, leaf, 0.9, page) for path, leaf in leaves(value))
    return Part(value, (page,), fields)


def texts(whole: Part) -> list[str]:
    return [row["text"] for row in whole.value["lines"]]


@pytest.mark.parametrize("text", ["Carried forward", "Übertrag", "À reporter", "Suma y sigue", "Riporto", "Transport"])
def test_a_sum_carried_forward_is_no_row(order: Schema, text: str) -> None:
    first = part(order, 1, ("Bolt", 2, 10), ("Nut", 1, 5), (text, None, 15))
    second = part(order, 2, (text, None, 15), ("Gear", 1, 7))
    whole = without_repeats(order.root, merge(order.root, [first, second]))
    assert texts(whole) == ["Bolt", "Nut", "Gear"]
    assert [(edit.path, edit.rule) for edit in whole.edits] == [
        ("lines[2]", "merge:carried_forward"),
        ("lines[3]", "merge:carried_forward"),
    ]
    assert {field.path: field.value for field in whole.fields}["lines[2].text"] == "Gear"


def test_a_row_that_only_looks_like_a_sum_is_kept(order: Schema) -> None:
    rows = [("Bolt", 2, 10), ("Carried forward insurance", None, 12), ("Nut", 1, 5)]
    assert texts(without_repeats(order.root, part(order, 1, *rows))) == [row[0] for row in rows]
    rows = [("Bolt", 2, 10), ("Nut", 1, 5), ("Gear", 1, 15), ("Oil", 1, 3)]
    assert texts(without_repeats(order.root, part(order, 1, *rows))) == [row[0] for row in rows]


def test_equal_rows_are_kept(order: Schema) -> None:
    first, second = part(order, 1, ("Bolt", 2, 10)), part(order, 2, ("Bolt", 2, 10), ("Bolt", 2, 10))
    assert texts(without_repeats(order.root, merge(order.root, [first, second]))) == ["Bolt"] * 3


def test_a_header_printed_again_is_no_row(order_document: dict[str, Any]) -> None:
    items = order_document["properties"]["lines"]["items"]["properties"]
    items["text"]["x-docpipe"] = {"labels": {"de": ["Bezeichnung"]}}
    items["note"] = {"type": ["string", "null"], "x-docpipe": {"labels": {"de": ["Bemerkung"]}}}
    schema = parse_schema(order_document, "order")
    rows = [{"text": "Bolt", "amount": 5}, {"text": "Bezeichnung", "note": "Bemerkung"}, {"text": "Nut", "amount": 7}]
    value = coerce(schema.root, {"lines": rows}, Coercion())
    whole = without_repeats(schema.root, Part(value, (1, 2)))
    assert texts(whole) == ["Bolt", "Nut"]
    assert [edit.rule for edit in whole.edits] == ["merge:header"]


def test_what_speaks_of_later_rows_moves_with_them(order: Schema) -> None:
    first = part(order, 1, ("Bolt", 2, 10), ("Übertrag", None, 10))
    second = part(order, 2, ("Nut", 1, 5))
    second = Part(
        second.value,
        (2,),
        second.fields,
        (Edit("lines[0].amount", "5,00", Decimal(5), "coerce:number"),),
        (Violation("x", "warning", "", ("lines[0].amount",)),),
    )
    whole = without_repeats(order.root, merge(order.root, [first, second]))
    assert texts(whole) == ["Bolt", "Nut"]
    assert [edit.path for edit in whole.edits] == ["lines[1].amount", "lines[1]"]
    assert [one.paths for one in whole.violations] == [("lines[1].amount",)]


@given(st.lists(st.tuples(st.sampled_from(["Bolt", "Nut", "Gear"]), st.integers(1, 9), st.integers(1, 99)), max_size=8))
def test_rows_with_a_quantity_are_never_dropped(order: Schema, rows: list[tuple[str, int, int]]) -> None:
    assert texts(without_repeats(order.root, part(order, 1, *rows))) == [row[0] for row in rows]


def test_rows_of_nothing_are_dropped_and_the_others_keep_their_evidence(order: Schema) -> None:
    told = [{}, {"text": "Bolt", "amount": 10}, {"text": "", "amount": "n/a"}, {"text": "-"}, {"text": "Nut"}]
    coercion = Coercion()
    value = coerce(order.root, {"lines": told}, coercion)
    fields = tuple(Field(path, leaf, 0.9, at) for at, (path, leaf) in enumerate(leaves(value)) if leaf is not None)
    pages = {leaf.value: leaf.page for leaf in fields}
    whole = without_repeats(order.root, Part(value, (1,), fields, tuple(coercion.edits)))
    assert texts(whole) == ["Bolt", "Nut"]
    assert [edit.path for edit in whole.edits if edit.rule == "merge:empty"] == ["lines[0]", "lines[2]", "lines[3]"]
    assert {leaf.path: leaf.page for leaf in whole.fields}["lines[1].text"] == pages["Nut"]


def test_a_row_whose_only_value_was_refused_is_not_empty(order: Schema) -> None:
    value = coerce(order.root, {"lines": [{"amount": None}]}, Coercion())
    refused = Violation("invalid", "error", "refused", ("lines[0].amount",))
    assert len(without_repeats(order.root, Part(value, (1,), violations=(refused,))).value["lines"]) == 1


def test_the_sum_of_a_group_is_no_row(order: Schema) -> None:
    rows = [("Bolt", 2, 10), ("Nut", 1, 5), ("Summe Titel 1", None, 15), ("Gear", 1, 7), ("Summe Titel 2", None, 7)]
    assert texts(without_repeats(order.root, part(order, 1, *rows))) == ["Bolt", "Nut", "Gear"]
