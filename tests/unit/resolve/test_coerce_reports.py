"""What coercing says about a value: which leaf, what stood there, what was wanted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.records import Edit, Violation
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema


def report(schema: Schema, value: Any, *texts: str) -> tuple[Any, list[Edit], list[Violation]]:
    found = Coercion(Conventions([texts]))
    return coerce(schema.root, value, found), found.edits, found.violations


def test_an_answer_of_null_is_a_record_without_values(order: Schema) -> None:
    assert report(order, None) == report(order, {})
    assert report(order, None)[0]["shop"] == {"name": None, "tax_id": None}


def test_a_row_of_null_stays_a_whole_row(order: Schema) -> None:
    record, _, violations = report(order, {"lines": [None, {"text": "Bolt"}]})
    assert [set(row) for row in record["lines"]] == [{"text", "quantity", "price", "amount", "batches"}] * 2
    assert record["lines"][0]["text"] is None
    assert violations == []


def test_an_object_of_another_kind_is_an_object_of_nulls(order: Schema) -> None:
    record, _, violations = report(order, {"shop": "Smith"})
    assert record["shop"] == {"name": None, "tax_id": None}
    assert [(one.paths, one.left, one.right) for one in violations] == [(("shop",), "Smith", "object")]


def test_a_list_of_another_kind_is_an_empty_list(order: Schema) -> None:
    record, _, violations = report(order, {"tags": "red"})
    assert record["tags"] == []
    assert [(one.paths, one.left, one.right) for one in violations] == [(("tags",), "red", "array")]


def test_an_edit_names_the_leaf_in_its_row(order: Schema) -> None:
    _, edits, _ = report(order, {"shop": {"name": "n/a"}, "lines": [{}, {"amount": "5,00 €"}]})
    assert edits == [
        Edit("shop.name", "n/a", None, "coerce:absent"),
        Edit("lines[1].amount", "5,00 €", Decimal(5), "coerce:number"),
    ]


@pytest.mark.parametrize(("text", "noted"), [("", False), ("  ", False), ("-", True), (" N/A ", True)])
def test_a_word_for_nothing_is_noted_and_a_blank_is_not(order: Schema, text: str, noted: bool) -> None:
    record, edits, violations = report(order, {"total": text})
    assert (record["total"], violations) == (None, [])
    assert edits == [Edit("total", text, None, "coerce:absent")] * noted


def test_an_unknown_member_is_a_warning_that_names_it(order: Schema) -> None:
    _, _, violations = report(order, {"colour": "red", "shop": {"fax": 1}})
    assert [(one.rule, one.severity, one.paths) for one in violations] == [
        ("unknown_field", "warning", ("shop.fax",)),
        ("unknown_field", "warning", ("colour",)),
    ]


def test_options_that_differ_by_case_are_two_options() -> None:
    schema = parse_schema({"type": "object", "properties": {"unit": {"enum": ["mg", "MG", "l"]}}}, "units")
    assert report(schema, {"unit": "MG"}) == ({"unit": "MG"}, [], [])
    assert report(schema, {"unit": "L"})[0] == {"unit": "l"}


def test_a_refused_option_is_told_with_all_there_are(order: Schema) -> None:
    _, _, (violation,) = report(order, {"kind": "express"})
    assert (violation.left, violation.right) == ("express", "one of standard, call_off")
    assert violation.message == "kind is 'express', which is not a valid one of standard, call_off"


def test_a_long_refused_text_is_quoted_to_its_two_hundredth_character(order: Schema) -> None:
    _, _, (violation,) = report(order, {"total": "about five " * 40})
    assert violation.left == ("about five " * 40)[:200]


def test_a_sign_of_many_currencies_is_read_as_the_usual_one_and_names_the_others(order: Schema) -> None:
    record, edits, (violation,) = report(order, {"currency": "$"})
    assert (record["currency"], [edit.after for edit in edits]) == ("USD", ["USD"])
    assert (violation.rule, violation.severity, violation.paths) == ("ambiguous_currency", "warning", ("currency",))
    usual, *others = violation.message.split(" may be ")[1].split(";")[0].split(", ")
    assert (violation.left, violation.right) == (usual, ", ".join(others)) == ("USD", violation.right)
    assert {"CAD", "AUD"} <= set(others)


def test_a_sign_that_the_document_settles_is_no_question(order: Schema) -> None:
    record, _, violations = report(order, {"currency": "$"}, "CAD", "total")
    assert (record["currency"], violations) == ("CAD", [])


def test_the_currency_beside_an_amount_is_remembered(order: Schema) -> None:
    found = Coercion()
    coerce(order.root, {"total": "USD 5", "net": "5"}, found)
    assert found.currencies == {"total": "USD"}
