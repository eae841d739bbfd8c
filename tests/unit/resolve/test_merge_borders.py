"""Which value wins when windows disagree, when a table goes on, and where each path lands."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from docpipe.records import Edit, Field, Violation
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.merge import Part, merge
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import leaves

STRING = {"type": ["string", "null"]}
CELLS = {"type": "array", "items": {"type": ["string", "null"]}}
ROWS = {"type": "array", "items": {"type": "object", "properties": {"cells": CELLS}}}
PAGES = {"type": "array", "items": {"type": "integer", "format": "page"}}
TABLE = {
    "type": "object",
    "properties": {"title": STRING, "unit": STRING, "pages": PAGES, "header": CELLS, "rows": ROWS, "notes": ROWS},
}
BOOK = parse_schema({"type": "object", "properties": {"tables": {"type": "array", "items": TABLE}}}, "book")


def part(schema: Schema, page: int, values: Any, sure: float = 0.9, **more: Any) -> Part:
    value = coerce(schema.root, values, Coercion())
    return Part(value, (page,), tuple(Field(path, leaf, sure, page) for path, leaf in leaves(value)), **more)


def told(whole: Part) -> dict[str, Any]:
    return {one.path: one.value for one in whole.fields}


# --- scalars ---


@pytest.mark.parametrize(
    ("sure", "winner"), [((0.4, 0.8, 0.6), 1), ((0.8, 0.8, 0.8), 0), ((0.4, 0.8, 0.8), 1), ((0.0, 0.0, 0.0), 0)]
)
def test_the_surest_part_wins_and_of_equals_the_first(order: Schema, sure: tuple[float, ...], winner: int) -> None:
    parts = [part(order, at, {"shop": {"name": f"S{at}"}}, one) for at, one in enumerate(sure)]
    whole = merge(order.root, parts)
    assert whole.value["shop"]["name"] == f"S{winner}"
    assert [(one.path, one.value) for one in whole.fields] == [("shop.name", f"S{winner}")]
    assert [(one.rule, one.severity, one.paths, one.left, one.right) for one in whole.violations] == [
        ("conflict", "warning", ("shop.name",), f"S{winner}", f"S{other}") for other in range(3) if other != winner
    ]


def test_a_value_that_no_field_vouches_for_is_the_least_sure(order: Schema) -> None:
    silent = Part(coerce(order.root, {"number": "A-1"}, Coercion()), (1,))
    assert merge(order.root, [silent, part(order, 2, {"number": "B-2"}, 0.01)]).value["number"] == "B-2"


def test_what_is_said_once_is_no_conflict(order: Schema) -> None:
    parts = [part(order, 1, {"number": "A-1"}), part(order, 2, {"total": 5}), part(order, 3, {"number": "A-1"})]
    whole = merge(order.root, parts)
    assert (whole.value["number"], whole.value["total"], whole.value["net"]) == ("A-1", 5, None)
    assert whole.violations == ()
    assert [(one.path, one.page) for one in whole.fields] == [("number", 1), ("total", 2)]


def test_pages_edits_and_violations_of_all_parts_are_kept_in_their_order(order: Schema) -> None:
    def wrong(rule: str, *paths: str) -> Violation:
        return Violation(rule, "error", "", paths)

    first = part(
        order, 1, {"number": "A-1"}, edits=(Edit("number", "a", "A-1", "x"),), violations=(wrong("p", "number"),)
    )
    second = part(
        order,
        2,
        {"number": "B-2"},
        0.5,
        edits=(Edit("number", "b", "B-2", "x"),),
        violations=(wrong("q", "number"), wrong("r")),
    )
    whole = merge(order.root, [first, second])
    assert whole.pages == (1, 2)
    assert [(one.path, one.before) for one in whole.edits] == [("number", "a"), ("number", "b")]
    assert [(one.rule, one.paths) for one in whole.violations] == [
        ("p", ("number",)),
        ("q", ("number",)),
        ("r", ()),
        ("conflict", ("number",)),
    ]


@pytest.mark.parametrize(
    ("cuts", "cut"), [((None, None), None), ((None, "b"), "b"), (("a", "b"), "a"), (("", "b"), "")]
)
def test_the_first_cut_is_told(order: Schema, cuts: tuple[Any, Any], cut: str | None) -> None:
    parts = [part(order, at, {"lines": [{"amount": at}]}, cut=one) for at, one in enumerate(cuts)]
    assert merge(order.root, parts).cut == cut


def test_no_part_at_all_is_a_record_without_values(order: Schema) -> None:
    whole = merge(order.root, [])
    assert (whole.value, whole.pages, whole.fields) == (coerce(order.root, {}, Coercion()), (), ())


def test_rows_of_three_parts_follow_each_other_and_so_do_their_paths(order: Schema) -> None:
    parts = [
        part(order, 1, {"lines": [{"amount": 1}], "tags": ["a"]}),
        part(order, 2, {}),
        part(order, 3, {"lines": [{"amount": 1}, {"amount": 2, "batches": [{"code": "x"}]}], "tags": ["a"]}),
    ]
    whole = merge(order.root, parts)
    assert [row["amount"] for row in whole.value["lines"]] == [1, 1, 2]
    assert whole.value["tags"] == ["a", "a"]
    assert told(whole) == dict(leaves(whole.value))
    assert "lines[2].batches[0].code" in told(whole)


def test_a_part_that_is_null_where_a_list_or_an_object_should_be_adds_nothing(order: Schema) -> None:
    empty = Part(dict.fromkeys(part(order, 1, {}).value), (1,))
    full = part(order, 2, {"lines": [{"amount": Decimal(1)}], "shop": {"name": "S"}})
    assert merge(order.root, [empty, full]).value == merge(order.root, [full, empty]).value == full.value


# --- tables that go on ---


def rows(*cells: str) -> list[dict[str, Any]]:
    return [{"cells": list(row)} for row in cells]


def book(page: int, *tables: dict[str, Any], **more: Any) -> Part:
    return part(BOOK, page, {"tables": [{"pages": [page], **one} for one in tables]}, **more)


def shape(whole: Part) -> list[tuple[list[int], list[str]]]:
    return [(one["pages"], ["".join(row["cells"]) for row in one["rows"]]) for one in whole.value["tables"]]


FIRST = {"title": "T", "unit": "EUR", "header": ["a", "b"], "rows": rows("12", "34")}


@pytest.mark.parametrize(
    ("second", "goes_on"),
    [
        ({"rows": rows("56")}, True),
        ({"title": "T", "rows": rows("56")}, True),
        ({"title": "T", "unit": "EUR", "header": ["a", "b"], "rows": rows("56")}, True),
        ({"header": ["a", "b"], "rows": rows("567")}, True),  # the same header over one wider row
        ({"title": "T", "rows": rows("567")}, False),  # the same title may stand over another table
        ({"rows": rows("567")}, False),
        ({"rows": rows("5")}, False),
        ({"title": "U", "rows": rows("56")}, False),
        ({"unit": "USD", "rows": rows("56")}, False),
        ({"title": "T", "unit": "USD", "rows": rows("56")}, False),
        ({"header": ["a", "c"], "rows": rows("56")}, False),
        ({"header": ["a"], "rows": rows("56")}, False),
        ({"rows": []}, False),
        ({"notes": rows("56")}, False),
    ],
)
def test_a_table_goes_on_if_the_next_says_nothing_new_and_is_as_wide(second: dict[str, Any], goes_on: bool) -> None:
    whole = merge(BOOK.root, [book(1, FIRST), book(2, second)])
    added = ["".join(row["cells"]) for row in second.get("rows", [])]
    assert shape(whole) == ([([1, 2], ["12", "34", *added])] if goes_on else [([1], ["12", "34"]), ([2], added)])
    if goes_on:
        assert whole.value["tables"][0]["title"] == "T"
    assert set(told(whole).items()) <= set(dict(leaves(whole.value)).items())
    assert len(told(whole)) == len(whole.fields), "no two fields for one place"


def test_what_the_first_does_not_say_the_second_may_not_add() -> None:
    bare = {"rows": rows("12")}
    assert len(shape(merge(BOOK.root, [book(1, bare), book(2, {"title": "T", "rows": rows("34")})]))) == 2
    assert shape(merge(BOOK.root, [book(1, bare), book(2, bare)])) == [([1, 2], ["12", "12"])]


def test_a_table_without_rows_is_not_gone_on_from() -> None:
    whole = merge(BOOK.root, [book(1, {"title": "T"}), book(2, {"rows": rows("12")})])
    assert shape(whole) == [([1], []), ([2], ["12"])]


def test_only_the_last_table_goes_on_and_only_in_the_first_of_the_next() -> None:
    other = {"title": "U", "rows": rows("99")}
    whole = merge(BOOK.root, [book(1, FIRST, other), book(2, {"title": "U", "rows": rows("88")}, {"rows": rows("56")})])
    assert shape(whole) == [([1], ["12", "34"]), ([1, 2], ["99", "88"]), ([2], ["56"])]
    assert told(whole) == dict(leaves(whole.value))


def test_a_table_over_three_windows_keeps_every_path() -> None:
    pieces = [
        book(1, FIRST),
        book(2, {"rows": rows("56"), "notes": rows("n")}),
        book(3, {"rows": rows("78", "90"), "notes": rows("m")}, FIRST),
    ]
    whole = merge(BOOK.root, pieces)
    assert shape(whole) == [([1, 2, 3], ["12", "34", "56", "78", "90"]), ([3], ["12", "34"])]
    assert [row["cells"] for row in whole.value["tables"][0]["notes"]] == [["n"], ["m"]]
    assert told(whole) == dict(leaves(whole.value))
    assert {one.path: one.page for one in whole.fields}["tables[0].rows[3].cells[1]"] == 3


def test_edits_and_violations_of_a_table_that_went_on_follow_its_rows() -> None:
    edits = (
        Edit("tables[0].rows[0].cells[1]", "G", "6", "x"),
        Edit("tables[0].title", "t", "T", "x"),
        Edit("tables[1].rows[0].cells[0]", "q", "1", "x"),
    )
    wrong = (Violation("x", "error", "", ("tables[0].rows[0].cells[0]", "tables[0].title", "tables[1].title")),)
    second = book(2, {"title": "T", "rows": rows("56")}, FIRST, edits=edits, violations=wrong)
    whole = merge(BOOK.root, [book(1, FIRST, FIRST), second])
    assert [one.path for one in whole.edits] == [
        "tables[1].rows[2].cells[1]",
        "tables[0].title",
        "tables[2].rows[0].cells[0]",
    ]
    assert whole.violations[0].paths == ("tables[1].rows[2].cells[0]", "tables[0].title", "tables[2].title")
