"""What another engine's answer changes, and where the two are told apart."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from docpipe.records import Page, Reply, Span, Violation
from docpipe.resolve.merge import Part
from docpipe.resolve.record import resolve_window
from docpipe.resolve.second import in_doubt, only_heard, second_opinion
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from tests.unit.resolve.pages import page

PRINTED = page("Order A-1", "Date 2026-01-31", "net 100.00", "tax 19.00", "total 119.00", "Bolt 2 5.00 10.00")
GOOD = {"number": "A-1", "ordered": "2026-01-31", "net": 100, "tax": 19, "total": 119}
LINE = {"text": "Bolt", "quantity": 2, "price": 5, "amount": 10}


def said(answer: Any, engine: str) -> Reply:
    spans = tuple(Span(path, 1, (), 0.9) for path in answer)
    return Reply(json.dumps(answer), "stop", engine, spans=spans if engine == "layout" else ())


def read(schema: Schema, answer: Any, engine: str = "vlm", shown: Page = PRINTED) -> Part:
    return resolve_window(schema, [shown], said(answer, engine))


def opinion(schema: Schema, first: Any, other: Any) -> tuple[tuple[str, ...], list[tuple[str, str, str, str]]]:
    """The paths that are taken, and the disputes."""
    part, told = read(schema, first), read(schema, other, "layout")
    found = second_opinion(schema, part, told, said(other, "layout"), "vlm", whole=True)
    return found.question.paths, [(one.rule, *one.paths, one.left, one.right) for one in found.violations]


@pytest.mark.parametrize(
    ("first", "other", "taken"),
    [
        ({**GOOD, "total": "a lot"}, GOOD, ("total",)),  # refused
        ({**GOOD, "net": 98, "total": 118}, GOOD, ("net", "total")),  # break a check, and stand nowhere
        ({**GOOD, "ordered": "2026-02-28"}, GOOD, ("ordered",)),  # stands nowhere
        ({**GOOD, "due": "soon"}, {**GOOD, "due": "2026-03-03"}, ()),  # the other's stands nowhere
        ({**GOOD, "total": "a lot"}, {**GOOD, "total": None}, ()),
        (GOOD, {**GOOD, "net": 19}, ()),  # nothing is wrong
        ({**GOOD, "shop": {"name": "Order A-2"}}, {**GOOD, "shop": {"name": "Order A-1"}}, ("shop.name",)),  # misspelt
        ({**GOOD, "shop": {"name": "Ordering"}}, {**GOOD, "shop": {"name": "Order A-1"}}, ()),  # something else
        ({**GOOD, "shop": {"name": "Order A-2"}}, {**GOOD, "shop": {"name": "Order A-3"}}, ()),
        ({**GOOD, "lines": [{**LINE, "text": "Bolts"}]}, {**GOOD, "lines": [LINE]}, ("lines[0].text",)),
        ({**GOOD, "lines": [{**LINE, "price": "x"}]}, {**GOOD, "lines": [LINE]}, ("lines[0].price",)),
        ({**GOOD, "lines": [{**LINE, "price": "x"}]}, {**GOOD, "lines": [LINE, LINE]}, ()),  # which row is it?
    ],
)
def test_a_value_is_taken_where_the_first_is_wrong_and_the_other_is_printed(
    order: Schema, first: Any, other: Any, taken: Any
) -> None:
    assert opinion(order, first, other)[0] == taken


def test_a_list_is_taken_where_rows_are_missing_and_the_other_has_more(order: Schema) -> None:
    shown = page(*(f"Part{n} {n} 5.00 {n * 5}.00" for n in range(2, 6)))
    lines = [{"text": f"Part{n}", "quantity": n, "price": 5, "amount": n * 5} for n in range(2, 6)]
    for count, taken in ((2, ("lines",)), (4, ())):
        part, told = (
            read(order, {"lines": some}, engine, shown) for some, engine in ((lines[:count], "a"), (lines, "b"))
        )
        found = second_opinion(order, part, told, said({"lines": lines}, "b"), "a", whole=True)
        assert found.question.paths == taken


def test_long_texts_are_not_compared_letter_by_letter(order: Schema) -> None:
    for count, taken in ((40, ("shop.name",)), (4_000, ())):
        name = " ".join(f"word{at}" for at in range(count))
        shown = page("Order A-1", name)
        answers = ({"number": "A-1", "shop": {"name": name[:-1] + "x"}}, {"number": "A-1", "shop": {"name": name}})
        part, told = (read(order, one, "layout", shown) for one in answers)
        assert second_opinion(order, part, told, said(answers[1], "b"), "a", whole=True).question.paths == taken


def test_a_list_inside_a_row_is_not_taken_and_a_field_beside_a_list_is(order: Schema) -> None:
    deep = {**GOOD, "lines": [{**LINE, "batches": [{"code": "b1"}]}]}
    part, told = read(order, {**deep, "total": "a lot"}), read(order, deep, "layout")
    short = Violation("incomplete_rows", "error", "short", ("lines[0].batches",))
    part = replace(part, violations=(*part.violations, short))
    found = second_opinion(order, part, told, said(deep, "layout"), "vlm", whole=True)
    assert found.question.paths == ("total",)


def test_of_a_window_what_another_may_bring_is_not_asked_for(order: Schema) -> None:
    wrong = {**GOOD, "net": 98, "total": 110, "lines": [LINE]}  # one check of the whole record is broken
    good = {**GOOD, "lines": [LINE]}
    part, told = read(order, wrong), read(order, good, "layout")
    part = replace(part, violations=tuple(one for one in part.violations if one.rule != "ungrounded"))
    for whole, taken in ((True, ("net", "total")), (False, ())):
        found = second_opinion(order, part, told, said(good, "layout"), "vlm", whole=whole)
        assert found.question.paths == taken


def test_values_that_both_read_off_the_page_are_told_apart_where_they_differ(order: Schema) -> None:
    printed = {"number": "A-1", "net": 100, "tax": 19}
    assert opinion(order, printed, {**printed, "net": 119, "number": "A-1"})[1] == [
        ("engines_disagree", "net", "100", "119")
    ]
    assert opinion(order, printed, {**printed, "net": 77})[1] == []  # printed nowhere
    assert opinion(order, {**printed, "net": 77}, printed)[1] == []
    assert opinion(order, printed, {"net": None})[1] == []
    part, told = read(order, printed), read(order, {**printed, "net": 119}, "layout")
    (dispute,) = second_opinion(order, part, told, said({"net": 119}, "layout"), "vlm", whole=True).violations
    assert (dispute.severity, dispute.message) == (
        "warning", "net is 100 for vlm and 119 for layout, and both are printed"
    )  # fmt: skip
    lines = {"lines": [LINE]}
    assert opinion(order, lines, {"lines": [{**LINE, "price": 10}]})[1] == []  # rows are told apart by nobody


def test_a_text_that_says_more_of_the_same_is_no_other() -> None:
    name = {"type": ["string", "null"]}
    schema = parse_schema({"type": "object", "properties": {"name": name}}, "party")
    shown = page("Meyer Bros Ltd", "Smith")
    told = {text: read(schema, {"name": text}, shown=shown) for text in ("Meyer Bros", "Meyer Bros Ltd", "Smith")}

    def disputes(one: str, other: str) -> int:
        reply = said({"name": other}, "layout")
        return len(second_opinion(schema, told[one], told[other], reply, "vlm", whole=True).violations)

    assert disputes("Meyer Bros", "Meyer Bros Ltd") == disputes("Meyer Bros Ltd", "Meyer Bros") == 0
    assert disputes("Meyer Bros", "Smith") == 1


def test_what_is_only_heard_changes_nothing_and_keeps_its_warnings(order: Schema) -> None:
    first, other = {**GOOD, "total": "a lot"}, {**GOOD, "number": "100.00"}
    found = second_opinion(
        order, read(order, first), read(order, other, "layout"), said(other, "layout"), "vlm", whole=True
    )
    heard = only_heard(found)
    assert (found.question.paths, heard.question.paths) == (("total",), ())
    assert heard.violations == found.violations


@pytest.mark.parametrize(
    ("answer", "whole", "threshold", "doubt"),
    [
        (GOOD, True, 0.4, False),
        (GOOD, True, 0.6, True),  # an engine that says nothing of itself is half sure
        (GOOD, False, 0.6, False),  # another window may say more
        ({**GOOD, "net": 98, "total": 110}, True, 0.0, True),
        ({**GOOD, "due": "2026-09-09"}, True, 0.22, True),  # printed nowhere: half of that, and a warning
        ({**GOOD, "total": "a lot"}, False, 0.0, True),
        ({**GOOD, "net": 98, "total": 110, "lines": [LINE]}, False, 0.0, False),  # checks are the whole document's
        ({}, True, 0.0, True),
    ],
)
def test_what_would_go_to_review_is_in_doubt(
    order: Schema, answer: Any, whole: bool, threshold: float, doubt: bool
) -> None:
    assert in_doubt(order, read(order, answer), threshold, whole=whole) is doubt
