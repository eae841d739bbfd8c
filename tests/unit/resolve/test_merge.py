"""Windows join into one record: scalars by evidence, rows in order, conflicts in sight."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from docpipe.records import Edit, Field, Violation
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.merge import Part, merge
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
