"""What a reply's fields, edits, violations and status say, leaf by leaf."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from docpipe.records import Edit, Field, Finish, Page, Reply, Span, Violation
from docpipe.resolve.amend import Amendment
from docpipe.resolve.follow_up import FollowUp, Rung
from docpipe.resolve.merge import Part
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.resolve.status import judged
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from tests.unit.resolve.pages import page

SHOWN = page("Order A-1 2026-01-31", "net 100.00", "tax 19.00", "total 119.00", "Bolt 4 25.00 100.00")


def window(schema: Schema, answer: Any, *pages: Page, finish: Finish = "stop", **how: Any) -> Part:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return resolve_window(schema, pages, Reply(text, finish, "test", spans=how.pop("spans", ())), **how)


def fields(part: Part) -> dict[str, Field]:
    assert len({one.path for one in part.fields}) == len(part.fields)
    return {one.path: one for one in part.fields}


def asked(rung: Rung, *paths: str, text: str) -> Amendment:
    return Amendment(FollowUp(rung, paths, (), {}, (1,)), Reply(text, "stop", "vlm"))


# --- fields ---


def test_a_value_on_the_page_carries_its_place_and_one_that_is_not_none(order: Schema) -> None:
    found = fields(window(order, {"number": "A-1", "total": 77}, SHOWN))
    assert (found["number"].page, found["number"].boxes) == (1, (SHOWN.words[1].box,))
    assert (found["total"].page, found["total"].boxes) == (None, ())
    assert {(one.origin, one.before) for one in found.values()} == {("model", None)}


@pytest.mark.parametrize(("engine", "origin"), [("layout", "layout"), ("vlm", "model"), ("saved", "model")])
def test_a_field_names_the_kind_of_its_engine_and_the_rule_that_found_it(
    order: Schema, engine: str, origin: str
) -> None:
    reply = Reply(
        '{"number": "A-1", "net": "100,00 EUR"}', "stop", engine, spans=(Span("number", 1, (), 0.7, "", "right"),)
    )
    part = resolve_window(order, [SHOWN], reply)
    found = {one.path: one for one in part.fields}
    assert (found["number"].origin, found["number"].method) == (origin, "right")
    assert found["net"].origin.startswith("rule:")
    assert found["net"].method == ""
    whole = resolve_document(order, [part], [], 0.5)
    assert {one.path: one.method for one in whole.fields} == {"number": "right", "net": ""}


def test_what_a_later_answer_did_not_change_keeps_the_rule_of_the_first(order: Schema) -> None:
    first = Reply('{"number": "A-1", "net": 1}', "stop", "vlm")
    spans = (Span("number", 1, (), 0.7, "", "right"), Span("net", 1, (), 0.7, "", "cell"))
    second = Reply('{"number": "A-1", "net": 100}', "stop", "layout", spans=spans)
    later = Amendment(FollowUp("second", ("number", "net"), (), {}, (1,)), second)
    found = fields(resolve_window(order, [SHOWN], first, amendments=[later]))
    assert (found["number"].origin, found["number"].method) == ("model", "")
    assert (found["net"].origin, found["net"].method) == ("rule:asked:layout", "cell")


def test_a_field_takes_the_score_of_its_own_span(order: Schema) -> None:
    spans = [Span("number", 1, (), 0.75)]
    found = fields(window(order, {"number": "A-1", "net": 100}, SHOWN, spans=spans))
    assert (found["number"].confidence, found["net"].confidence) == (0.75, 0.5)


def test_pages_that_are_not_searched_confirm_nothing_and_refute_nothing(order: Schema) -> None:
    found = fields(window(order, {"number": "A-1", "total": 77}, SHOWN, grounded=False))
    assert {(one.page, one.boxes, one.confidence) for one in found.values()} == {(None, (), 0.4)}


def test_a_value_edited_twice_tells_its_first_text_and_its_last_rule(order: Schema) -> None:
    found = fields(window(order, {"total": "1.190,01 EUR", "net": "19,0051 EUR"}, SHOWN))
    assert (found["total"].origin, found["total"].before) == ("rule:coerce:number", "1.190,01 EUR")
    assert (found["net"].origin, found["net"].before, found["net"].value) == ("rule:invalid", "19,0051 EUR", None)


def test_a_leaf_that_an_edit_emptied_is_a_field_without_value_or_confidence(order: Schema) -> None:
    found = fields(window(order, {"total": "n/a", "lines": [{"amount": 100.005}]}, SHOWN))
    for path, before in (("total", "n/a"), ("lines[0].amount", "100.005")):
        one = found[path]
        assert (one.value, one.confidence, one.page, one.boxes, one.before) == (None, 0.0, None, (), before)


def test_an_edit_that_is_about_no_leaf_makes_no_field(order: Schema) -> None:
    part = window(order, 'Sure: {"number": "A-1", "lines": [{"amount": 100}, {"amount"', SHOWN)
    assert set(fields(part)) == {"number", "lines[0].amount"}
    assert [edit.rule for edit in part.edits] == ["decode:wrapping", "decode:cut"]
    assert part.cut == "lines"


# --- how the document writes ---


def test_visible_words_tell_how_numbers_and_dates_are_written(order: Schema) -> None:
    german = page("Datum 31.12.2025 Summe 1.234,50")
    part = window(order, {"ordered": "03/04/2026", "weight": "1.234"}, german)
    assert (part.value["ordered"], part.value["weight"]) == (dt.date(2026, 4, 3), Decimal(1234))
    american = page("Date 12/31/2025 sum 1,234.50", "31.12.2025 1.234,50", hidden={"31.12.2025", "1.234,50"})
    part = window(order, {"ordered": "03/04/2026", "weight": "1.234"}, american)
    assert (part.value["ordered"], part.value["weight"]) == (dt.date(2026, 3, 4), Decimal("1.234"))


@pytest.mark.parametrize("told", ["12/31/2025", "by 12/31/2025 at noon"])
def test_without_words_the_answers_own_tell(order: Schema, told: str) -> None:
    part = window(order, {"ordered": "03/04/2026", "shop": {"name": told}}, Page(1, 595.0, 842.0))
    assert part.value["ordered"] == dt.date(2026, 3, 4)


# --- pages of a window ---

PAGED = parse_schema(
    {
        "type": "object",
        "properties": {
            "note": {"type": ["string", "null"]},
            "size": {"type": ["integer", "null"]},
            "at": {"type": ["integer", "null"], "format": "page"},
        },
    },
    "paged",
)


@pytest.mark.parametrize(("told", "number"), [(1, 7), (2, 2), (3, None), (0, None), (-1, None)])
def test_a_page_of_the_window_becomes_one_of_the_document(told: int, number: int | None) -> None:
    part = window(PAGED, {"at": told, "size": 1}, Page(7, 595.0, 842.0), Page(2, 595.0, 842.0))
    assert (part.value["at"], part.value["size"], part.pages) == (number, 1, (7, 2))
    assert part.edits == ((Edit("at", told, number, "coerce:page"),) if number != told else ())
    assert [(one.rule, one.severity, one.paths, one.left, one.right) for one in part.violations] == (
        [("no_such_page", "warning", ("at",), str(told), "2")] if number is None else []
    )


def test_without_pages_a_page_number_is_left() -> None:
    assert window(PAGED, {"at": 5}).value["at"] == 5


# --- amendments ---


def test_the_span_of_a_value_that_was_asked_again_is_no_longer_believed(order: Schema) -> None:
    spans = [
        Span("number", 1, (), 0.75),
        Span("net", 1, (), 0.75),
        Span("lines[0].text", 1, (), 0.75),
        Span("linesman", 1, (), 0.75),
    ]
    answer = {"number": "B-7", "net": 100, "lines": [{"text": "Bolt"}]}
    again = [
        asked("fields", "number", text='{"number": "A-1"}'),
        asked("rows", "lines", text='{"lines": [{"text": "Bolt"}, {"text": "Bolt"}]}'),
    ]
    found = fields(window(order, answer, SHOWN, spans=spans, amendments=again))
    assert found["number"].value == "A-1"
    assert {path: one.confidence for path, one in found.items()} == {
        "number": 0.5 / 1.25,  # the first answer said something else
        "net": 0.75,
        "lines[0].text": 0.5,
        "lines[1].text": 0.5 * 1.0,
    }


def test_the_rest_of_a_list_leaves_the_spans_of_its_beginning(order: Schema) -> None:
    spans = [Span("lines[0].text", 1, (), 0.75)]
    rest = asked("continue", "lines", text='{"lines": [{"text": "Nut"}]}')
    part = window(order, '{"lines": [{"text": "Bolt"}, {"te', SHOWN, spans=spans, amendments=[rest])
    assert fields(part)["lines[0].text"].confidence == 0.75
    assert (part.cut, [row["text"] for row in part.value["lines"]]) == (None, ["Bolt", "Nut"])
    assert [one.rule for one in part.violations if one.rule == "incomplete"] == []


@pytest.mark.parametrize(
    ("text", "finish", "rest", "paths"),
    [
        ('{"n": 1}', "stop", False, None),
        ('{"n": 1}', "length", False, ()),
        ('{"n": 1}', "repetition", False, ()),
        ('{"number": "A", "lines": [{"text": "Bolt"}, {"te', "stop", False, ("lines",)),
        ('{"number": "A", "lines": [{"text": "Bolt"}, {"te', "length", False, ("lines",)),
        ('{"number": "A", "lines": [{"text": "Bolt"}, {"te', "length", True, None),
        ('{"number": "A", "shop": {"na', "stop", False, ()),
    ],
)
def test_an_answer_that_is_not_whole_is_incomplete_unless_the_rest_came(
    order: Schema, text: str, finish: Finish, rest: bool, paths: tuple[str, ...] | None
) -> None:
    more = [asked("continue", "lines", text='{"lines": [{"text": "Nut"}]}')] if rest else []
    part = window(order, text, finish=finish, amendments=more)
    found = [(one.severity, one.paths) for one in part.violations if one.rule == "incomplete"]
    assert found == ([] if paths is None else [("error", paths)])


@pytest.mark.parametrize(
    ("text", "finish", "said"),
    [
        ('{"lines": [{"text": "Bolt"}, {"te', "stop", "the answer breaks off while lines was written;"),
        ('{"lines": [{"text": "Bolt"}, {"te', "length", "the answer ended by length while lines was written;"),
        ('{"number": "A", "net', "repetition", "the answer ended by repetition;"),
    ],
)
def test_an_incomplete_answer_says_how_it_ended_and_where(order: Schema, text: str, finish: Finish, said: str) -> None:
    (message,) = [one.message for one in window(order, text, finish=finish).violations if one.rule == "incomplete"]
    assert message.startswith(said)


@pytest.mark.parametrize(("finish", "cut"), [("stop", None), ("length", "lines"), ("repetition", "lines")])
def test_an_answer_that_ended_early_is_no_whole_one_though_the_engine_closed_it(
    order: Schema, finish: Finish, cut: str | None
) -> None:
    part = window(order, {"lines": [{"text": "Bolt", "amount": 100}, {"text": "Nu"}]}, finish=finish)
    assert (len(part.value["lines"]), part.cut) == (2, cut)


# --- the record ---


def part(order: Schema, *told: Field, edits: tuple[Edit, ...] = (), violations: tuple[Violation, ...] = ()) -> Part:
    value = {child.name: None for child in order.root.children} | {one.path: one.value for one in told}
    return Part({**value, "lines": [], "tags": [], "shop": {}}, (3,), told, edits, violations)


SURE = Field("number", "A-1", 0.8)
EDIT = Edit("number", "a-1", "A-1", "x")
REST = (Field("net", 100, 0.9), Field("tax", 19, 0.8))
WARNING, ERROR = Violation("w", "warning", "", ("shop.name",)), Violation("e", "error", "", ("shop.name",))
WEIGHTY = Violation("w", "warning", "", ("due",))  # an error check reads it


@pytest.mark.parametrize(
    ("edits", "violations", "least", "status"),
    [
        ((), (), 0.5, "ok"),
        ((), (), 0.8, "ok"),  # at the threshold
        ((), (), 0.81, "needs_review"),
        ((EDIT,), (), 0.5, "repaired"),
        ((EDIT,), (), 0.81, "needs_review"),
        ((), (WARNING,), 0.5, "ok"),
        ((EDIT,), (WARNING,), 0.5, "repaired"),
        ((EDIT,), (WARNING, ERROR), 0.5, "needs_review"),
        ((), (WEIGHTY,), 0.0, "needs_review"),
        ((), (ERROR,), 0.0, "needs_review"),
    ],
)
def test_the_status_follows_errors_then_confidence_then_edits(
    order: Schema, edits: Any, violations: Any, least: float, status: str
) -> None:
    record = resolve_document(order, [part(order, SURE, *REST, edits=edits, violations=violations)], [], least)
    assert (record.status, record.confidence, record.pages) == (status, 0.8, (3,))
    assert record.edits == edits
    assert [one.rule for one in record.violations] == [one.rule for one in violations]


def test_violations_from_outside_come_first_and_lower_what_they_name(order: Schema) -> None:
    outside = Violation("unread", "warning", "", ("number",))
    record = resolve_document(order, [part(order, SURE, *REST, violations=(WARNING,))], [outside], 0.0)
    assert [one.rule for one in record.violations] == ["unread", "w"]
    assert record.fields[0].confidence == 0.64


def test_confidence_is_kept_to_four_decimals(order: Schema) -> None:
    record = resolve_document(order, [part(order, Field("number", "A-1", 0.123456))], [], 0.0)
    assert (record.fields[0].confidence, record.confidence) == (0.1235, 0.1235)


def test_a_record_of_nulls_found_nothing(order: Schema) -> None:
    emptied = part(order, Field("number", None, 0.0, before="?"))
    assert [(one.rule, one.severity, one.paths) for one in judged(order, emptied)] == [("nothing_found", "error", ())]
    assert judged(order, part(order, SURE, *REST)) == []


def test_what_is_required_and_was_refused_is_not_missing_twice() -> None:
    schema = parse_schema(
        {
            "type": "object",
            "required": ["a", "b"],
            "properties": {
                "a": {"type": ["string", "null"]},
                "b": {"type": ["string", "null"]},
                "c": {"type": "string"},
            },
        },
        "needs",
    )
    whole = Part({"a": "x", "b": None, "c": None}, (1,), (Field("a", "x", 0.9),))
    assert [(one.rule, one.severity, one.paths) for one in judged(schema, whole)] == [("missing", "error", ("b",))]
    emptied = Part({"a": "x", "b": None, "c": None}, (1,), (Field("a", "x", 0.9), Field("b", None, 0.0, before="n/a")))
    assert [(one.rule, one.severity, one.paths) for one in judged(schema, emptied)] == [("missing", "error", ("b",))]
    refused = replace(emptied, violations=(Violation("wrong_type", "error", "b is no text", ("b",)),))
    assert [one.rule for one in judged(schema, refused)] == ["wrong_type"]


def test_a_sum_over_rows_is_only_balanced_when_the_pages_are_the_whole_document(order: Schema) -> None:
    bolts = {"text": "Bolt", "quantity": 4, "price": 25, "amount": 100}
    nuts = {"text": "Nut", "quantity": 2, "price": 3, "amount": 6}
    shown = page("Bolt 4 25.00 100.00", "Nut 2 3.00 6.00", "net 106.00")
    answer = {"net": 77, "lines": [bolts, nuts]}
    assert window(order, answer, shown).value["net"] == 106
    assert window(order, answer, shown, whole=False).value["net"] == 77
