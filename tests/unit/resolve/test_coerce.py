"""Values reach their declared type exactly, or are null with a violation that quotes them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.literals.conventions import Conventions
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.decode import decode
from docpipe.resolve.validate import validate
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema


def one(order: Schema, name: str, value: Any, **how: Any) -> tuple[Any, Coercion]:
    found = Coercion(Conventions(**how))
    return coerce(order.root, {name: value}, found)[name], found


@pytest.mark.parametrize(
    ("name", "value", "typed"),
    [
        ("total", Decimal("19.99"), Decimal("19.99")),
        ("total", Decimal("19.9900"), Decimal("19.99")),
        ("total", 7, Decimal(7)),
        ("total", Decimal("1E+3"), Decimal(1000)),
        ("copies", 3, 3),
        ("copies", Decimal("3.0"), 3),
        ("ordered", "2026-01-31", dt.date(2026, 1, 31)),
        ("sent_at", "2026-01-31T10:00:00Z", dt.datetime(2026, 1, 31, 10, tzinfo=dt.UTC)),
        ("sent_at", "2026-01-31T10:00:00", dt.datetime(2026, 1, 31, 10, tzinfo=dt.UTC)),
        ("urgent", True, True),
        ("kind", "call_off", "call_off"),
        ("number", "  A-1 ", "A-1"),
    ],
)
def test_a_value_of_its_type_passes_without_an_edit(order: Schema, name: str, value: Any, typed: Any) -> None:
    got, found = one(order, name, value)
    assert (got, type(got)) == (typed, type(typed))
    assert (found.edits, found.violations) == ([], [])


@pytest.mark.parametrize(
    ("name", "text", "typed"),
    [
        ("total", "1.234,56 €", Decimal("1234.56")),
        ("total", "$1,234.50", Decimal("1234.50")),
        ("total", "(12.30)", Decimal("-12.30")),
        ("copies", "12", 12),
        ("ordered", "31.01.2026", dt.date(2026, 1, 31)),
        ("ordered", "3 March 2025", dt.date(2025, 3, 3)),
        ("urgent", "Ja", True),
        ("urgent", "☐", False),
        ("kind", "Standard", "standard"),
        ("currency", "€", "EUR"),
    ],
)
def test_a_printed_value_is_read_and_the_edit_says_so(order: Schema, name: str, text: str, typed: Any) -> None:
    got, found = one(order, name, text)
    assert got == typed
    assert [(edit.path, edit.before, edit.after) for edit in found.edits] == [(name, text, typed)]


@pytest.mark.parametrize("text", ["", " ", "-", "n/a", "N/A", "—", "null"])
def test_the_words_for_nothing_are_null(order: Schema, text: str) -> None:
    got, found = one(order, "total", text)
    assert got is None
    assert found.violations == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("total", True),
        ("total", 19.99),  # a float: somebody has lost the digits already
        ("total", "about five"),
        ("total", [1]),
        ("total", {"value": 1}),
        ("copies", Decimal("2.5")),
        ("copies", True),
        ("urgent", 1),
        ("urgent", "perhaps"),
        ("ordered", 20260131),
        ("ordered", "2026-02-30"),
        ("kind", "other"),
        ("number", 5),
        ("number", True),
        ("shop", "a string"),
        ("lines", {"text": "x"}),
        ("currency", "money"),
    ],
)
def test_nothing_is_coerced_across_meaning(order: Schema, name: str, value: Any) -> None:
    got, found = one(order, name, value)
    assert got in (None, [], {"name": None, "tax_id": None})
    assert [(one.rule, one.severity, one.paths) for one in found.violations] == [("wrong_type", "error", (name,))]


def test_evidence_decides_an_ambiguous_date(order: Schema) -> None:
    assert one(order, "ordered", "03/04/2026", day_first=True)[0] == dt.date(2026, 4, 3)
    assert one(order, "ordered", "03/04/2026", day_first=False)[0] == dt.date(2026, 3, 4)


def test_a_date_without_evidence_is_marked_ambiguous(order: Schema) -> None:
    _, found = one(order, "ordered", "03/04/2026")
    assert [violation.rule for violation in found.violations] == ["ambiguous_date"]


def test_an_unknown_member_is_reported_not_lost(order: Schema) -> None:
    found = Coercion()
    record = coerce(order.root, {"colour": "red", "shop": {"fax": "1"}}, found)
    assert "colour" not in record
    assert {violation.paths for violation in found.violations} == {("colour",), ("shop.fax",)}
    assert "red" in found.violations[-1].message + found.violations[0].message


def test_absent_members_are_whole_and_empty(order: Schema) -> None:
    record = coerce(order.root, {}, Coercion())
    assert record["shop"] == {"name": None, "tax_id": None}
    assert (record["tags"], record["lines"], record["total"]) == ([], [], None)


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["text", "name", "amount", "x"]), below)
    ),
    max_leaves=8,
)


@given(
    value=st.dictionaries(
        st.sampled_from(["total", "copies", "ordered", "lines", "shop", "tags", "urgent"]), json_values
    )
)
def test_any_json_is_coerced_or_reported(order: Schema, value: dict[str, Any]) -> None:
    record = coerce(order.root, value, Coercion())
    assert set(record) == {node.name for node in order.root.children}


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_a_number_is_the_same_number_in_any_form(order: Schema, value: Decimal) -> None:
    exact = decode(f'{{"total": {value:f}}}').value["total"]
    assert one(order, "total", exact)[0] == value
    assert one(order, "total", f"{value:,}", mark=".")[0] == value


def test_a_blank_cell_keeps_its_place() -> None:
    cells = {"type": "array", "items": {"type": ["string", "null"]}}
    strict = {"type": "array", "items": {"type": "string"}}
    schema = parse_schema({"type": "object", "properties": {"cells": cells, "strict": strict}}, "rows")
    found = Coercion()
    record = coerce(schema.root, {"cells": ["a", None, "", "-", "b"], "strict": ["a", "", "-"]}, found)
    assert record == {"cells": ["a", None, None, "-", "b"], "strict": ["a", "", "-"]}
    assert found.violations == []
    assert validate(schema, record) == ([], [])


def test_an_enums_own_word_is_not_absence() -> None:
    schema = parse_schema({"type": "object", "properties": {"tax": {"enum": ["none", "full", None]}}}, "words")
    assert schema.root.children[0].nullable
    assert coerce(schema.root, {"tax": "none"}, Coercion()) == {"tax": "none"}
