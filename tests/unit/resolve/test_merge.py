"""Windows join into one record: scalars by evidence, rows in order, conflicts in sight."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.records import Edit, Field, Page, Reply, Violation
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.merge import Part, merge
from docpipe.resolve.record import resolve_window
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import leaves


def part(order: Schema, page: int, confidence: float = 0.9, **values: Any) -> Part:
    value = coerce(order.root, values, Coercion())
    fields = tuple(Field(path, leaf, confidence, page) for path, leaf in leaves(value))
    return Part(value, (page,), fields)


def test_one_part_is_itself(order: Schema) -> None:
    only = part(order, 1, total=Decimal(5))
    assert merge(order.root, [only]) is only


def test_a_scalar_comes_from_the_part_that_is_surest(order: Schema) -> None:
    whole = merge(order.root, [part(order, 1, 0.4, number="A-1"), part(order, 2, 0.8, number="B-2")])
    assert whole.value["number"] == "B-2"
    assert [(field.path, field.value, field.page) for field in whole.fields] == [("number", "B-2", 2)]
    assert [(one.rule, one.left, one.right) for one in whole.violations] == [("conflict", "B-2", "A-1")]


def test_equal_values_are_no_conflict(order: Schema) -> None:
    whole = merge(order.root, [part(order, 1, number="A-1"), part(order, 2, number="A-1")])
    assert whole.violations == ()
    assert [field.page for field in whole.fields] == [1]


def test_rows_join_in_page_order_and_paths_follow(order: Schema) -> None:
    first = part(order, 1, lines=[{"amount": 1}, {"amount": 2}])
    second = part(order, 2, lines=[{"amount": 2}, {"amount": 3}])
    second = Part(
        second.value,
        second.pages,
        second.fields,
        (Edit("lines[0].amount", "2", 2, "x"),),
        (Violation("x", "warning", "", ("lines[1].amount",)),),
    )
    whole = merge(order.root, [first, second])
    assert [row["amount"] for row in whole.value["lines"]] == [1, 2, 2, 3]
    assert [(field.path, field.value, field.page) for field in whole.fields] == [
        ("lines[0].amount", 1, 1),
        ("lines[1].amount", 2, 1),
        ("lines[2].amount", 2, 2),
        ("lines[3].amount", 3, 2),
    ]
    assert whole.edits[0].path == "lines[2].amount"
    assert whole.violations[0].paths == ("lines[3].amount",)


@given(rows=st.lists(st.integers(0, 99), max_size=12), cuts=st.sets(st.integers(0, 12), max_size=4))
def test_splitting_a_document_anywhere_and_merging_gives_the_same_record(
    order: Schema, rows: list[int], cuts: set[int]
) -> None:
    lines = [{"amount": Decimal(row)} for row in rows]
    whole = part(order, 1, number="A-1", lines=lines)
    edges = [0, *sorted(cut for cut in cuts if cut < len(lines)), len(lines)]
    pieces = [
        part(order, 1, lines=lines[start:end], **({"number": "A-1"} if index == 0 else {}))
        for index, (start, end) in enumerate(itertools.pairwise(edges))
    ]
    merged = merge(order.root, pieces)
    assert merged.value == whole.value
    assert {(field.path, field.value) for field in merged.fields} == {
        (field.path, field.value) for field in whole.fields
    }


def tables(page: int, *items: dict[str, Any]) -> Part:
    schema = load_schema("table")
    value = coerce(schema.root, {"tables": [{"pages": [page], **item} for item in items]}, Coercion())
    fields = tuple(Field(path, leaf, 0.9, page) for path, leaf in leaves(value))
    return Part(value, (page,), fields)


def rows_of(*cells: str) -> list[dict[str, Any]]:
    return [{"cells": list(row)} for row in cells]


def test_a_table_that_goes_on_is_joined_and_paths_follow() -> None:
    first = tables(1, {"title": "T", "header": ["a", "b"], "rows": rows_of("12", "34")})
    second = tables(2, {"title": None, "header": [], "rows": rows_of("56")}, {"title": "U", "rows": rows_of("78")})
    whole = merge(load_schema("table").root, [first, second])
    found = whole.value["tables"]
    assert [(one["title"], one["pages"], [row["cells"] for row in one["rows"]]) for one in found] == [
        ("T", [1, 2], [["1", "2"], ["3", "4"], ["5", "6"]]),
        ("U", [2], [["7", "8"]]),
    ]
    assert {field.path: field.value for field in whole.fields} == dict(leaves(whole.value))


@pytest.mark.parametrize(
    "other",
    [
        {"title": "V", "header": [], "rows": rows_of("56")},
        {"title": None, "header": ["x", "y"], "rows": rows_of("56")},
        {"title": None, "header": [], "rows": rows_of("567")},
    ],
)
def test_another_table_is_not_joined(other: dict[str, Any]) -> None:
    first = tables(1, {"title": "T", "header": ["a", "b"], "rows": rows_of("12")})
    whole = merge(load_schema("table").root, [first, tables(2, other)])
    assert len(whole.value["tables"]) == 2
    assert {field.path: field.value for field in whole.fields} == dict(leaves(whole.value))


@given(cells=st.lists(st.text("xyz", min_size=2, max_size=2), min_size=1, max_size=9), data=st.data())
def test_a_table_split_anywhere_is_one_again(cells: list[str], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(1, max(1, len(cells) - 1)), max_size=3)) & set(range(1, len(cells))))
    edges = list(itertools.pairwise([0, *cuts, len(cells)]))
    pieces = [
        tables(page, {"title": "T", "header": ["a", "b"], "rows": rows_of(*cells[start:end])})
        for page, (start, end) in enumerate(edges, 1)
    ]
    (table,) = merge(load_schema("table").root, pieces).value["tables"]
    assert [row["cells"] for row in table["rows"]] == [list(one) for one in cells]
    assert table["pages"] == list(range(1, len(edges) + 1))


@pytest.mark.parametrize(
    ("first", "again", "kept"),
    [
        (["Item", "Price"], ["Item", "Price"], []),
        (["Item", "Price"], ["ITEM", "Price:"], []),
        (["Item", "Price"], ["Price", "Item"], [["Price", "Item"]]),  # other columns
        (["Item", "Price"], ["Item", None], [["Item", None]]),
        (["Item", None], ["Item", None], [["Item", None]]),  # one name may be a value
        ([], ["Item", "Price"], [["Item", "Price"]]),
    ],
)
def test_a_header_that_the_next_page_prints_as_a_row_is_dropped(
    first: list[str], again: list[str], kept: list[list[str]]
) -> None:
    body = rows_of("12", "12")
    whole = merge(
        load_schema("table").root,
        [
            tables(1, {"title": "T", "header": first, "rows": body}),
            tables(2, {"header": [], "rows": [{"cells": again}, *rows_of("12", "34")]}),
        ],
    )
    (table,) = whole.value["tables"]
    assert [row["cells"] for row in table["rows"]] == [["1", "2"], ["1", "2"], *kept, ["1", "2"], ["3", "4"]]
    assert {field.path: field.value for field in whole.fields} == dict(leaves(whole.value))
    assert [(one.path, one.after, one.rule) for one in whole.edits] == [("tables[0].rows[2]", None, "merge:header")] * (
        not kept
    )


def test_a_row_like_the_header_stays_where_it_does_not_open_a_window() -> None:
    head = {"cells": ["a", "b"]}
    parts = [
        tables(1, {"header": ["a", "b"], "rows": [head, *rows_of("12")]}),
        tables(2, {"header": [], "rows": [*rows_of("34"), head]}),
    ]
    (table,) = merge(load_schema("table").root, parts).value["tables"]
    assert ["".join(row["cells"]) for row in table["rows"]] == ["ab", "12", "34", "ab"]


def test_pages_of_a_window_are_counted_as_those_of_the_document() -> None:
    schema = load_schema("table")
    answer = {"tables": [{"pages": [1, 2], "rows": rows_of("12")}, {"pages": [3], "rows": rows_of("34")}]}
    shown = [Page(number, 595.0, 842.0) for number in (9, 11)]
    part = resolve_window(schema, shown, Reply(json.dumps(answer), "stop", "test"))
    assert [one["pages"] for one in part.value["tables"]] == [[9, 11], [None]]
    assert [one.rule for one in part.violations if one.rule == "no_such_page"] == ["no_such_page"]
    assert [(edit.before, edit.after) for edit in part.edits] == [(1, 9), (2, 11), (3, None)]
