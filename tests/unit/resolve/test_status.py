"""What goes to review: what speaks against an important field, what is printed and unread, what is almost empty."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docpipe.records import Page, Record, Reply
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.importance import important, is_important
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from tests.unit.resolve.pages import page

TEXT: dict[str, Any] = {"type": ["string", "null"]}
MONEY: dict[str, Any] = {"type": ["number", "null"]}


def bill(*marked: str, checks: tuple[dict[str, Any], ...] = ()) -> Schema:
    """A bill whose `marked` fields are important."""

    def own(name: str, labels: str = "", **more: Any) -> dict[str, Any]:
        told = {"labels": {"en": [labels]}} if labels else {}
        return {"x-docpipe": told | more | ({"important": True} if name in marked else {})}

    rows = {
        "type": "object",
        "properties": {"name": TEXT, "amount": {**MONEY, "x-docpipe": {"scale": 2}}},
    }
    return parse_schema(
        {
            "type": "object",
            "properties": {
                "number": {**TEXT, **own("number", "Bill no.")},
                "day": {**TEXT, "format": "date", **own("day", "Date")},
                "due": {**TEXT, "format": "date", **own("due", "Due on")},
                "net": {**MONEY, **own("net", "Net", scale=2)},
                "total": {**MONEY, **own("total", "Total", scale=2)},
                "rows": {"type": "array", "items": rows, **own("rows")},
            },
            "x-docpipe": {"checks": list(checks)},
        },
        "bill",
    )


GOOD = {"number": "B-7", "day": "2026-03-14", "net": 100, "total": 119}
PRINT = ("Bill no. B-7", "Date 14.03.2026", "Net 100.00", "Total 119.00")
NET_IN_TOTAL = {"name": "net_in_total", "left": "net", "op": "<=", "right": "total", "severity": "warning"}
SUMS = {"name": "sums", "left": "sum(rows.amount)", "op": "==", "right": "net", "severity": "warning"}


def read(schema: Schema, answer: Any, *pages: Page) -> Record:
    replies = [resolve_window(schema, [one], Reply(json.dumps(answer), "stop", "test")) for one in pages]
    return resolve_document(schema, replies, [], 0.1)


def rules(record: Record) -> dict[str, str]:
    return {violation.rule: violation.severity for violation in record.violations}


@pytest.mark.parametrize(
    ("marked", "status", "severity"),
    [((), "ok", "warning"), (("due",), "ok", "warning"), (("net",), "needs_review", "error")],
)
def test_a_broken_check_sends_a_record_to_review_where_it_names_an_important_field(
    marked: tuple[str, ...], status: str, severity: str
) -> None:
    record = read(bill(*marked, checks=(NET_IN_TOTAL,)), {**GOOD, "net": 120}, page(*PRINT[:2], "Net 120.00", PRINT[3]))
    assert (record.status, rules(record)) == (status, {"net_in_total": severity})


@pytest.mark.parametrize(("marked", "status"), [((), "ok"), (("rows",), "needs_review")])
def test_what_speaks_against_a_value_of_an_important_list_does_so_too(marked: tuple[str, ...], status: str) -> None:
    rows = [{"name": "Bolt", "amount": 60}, {"name": "Nut", "amount": 30}]
    shown = page(*PRINT, "Bolt 60.00", "Nut 30.00")
    assert read(bill(*marked, checks=(SUMS,)), {**GOOD, "rows": rows}, shown).status == status


def test_a_guess_at_an_important_date_is_no_passed_record() -> None:
    shown = page("Bill no. B-7", "Date 03/04/2026", "Net 100.00", "Total 119.00")
    answer = {**GOOD, "day": "2026-04-03"}
    assert read(bill(), answer, shown).status == "ok"
    assert read(bill("day"), answer, shown).status == "needs_review"


def test_the_confidence_of_a_record_is_that_of_its_important_fields() -> None:
    unprinted, shown = {**GOOD, "number": "C"}, page(*PRINT)
    assert read(bill("total"), unprinted, shown).confidence > read(bill("number"), unprinted, shown).confidence


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("Due on 28.03.2026",), True),
        (("Due on", "28.03.2026"), True),  # below its key
        (("Due on receipt",), False),  # no date stands there
        (("Due on 14.03.2026",), False),  # a date that the record holds
        ((), False),
    ],
)
def test_an_important_date_that_is_printed_at_its_key_and_null_is_told(lines: tuple[str, ...], told: bool) -> None:
    record = read(bill("due"), GOOD, page(*PRINT, *lines))
    assert (rules(record), record.status) == (({"unread": "error"}, "needs_review") if told else ({}, "ok"))
    assert rules(read(bill(), GOOD, page(*PRINT, *lines))) == {}


@pytest.mark.parametrize(
    ("line", "told"), [("Net 81.00", True), ("Net 81", False), ("Net weight", False), ("Net 119.00", False)]
)
def test_an_important_amount_that_is_printed_at_its_key_and_null_is_told(line: str, told: bool) -> None:
    shown = page(PRINT[0], PRINT[1], line, PRINT[3])
    record = read(bill("net"), {**GOOD, "net": None}, shown)
    assert rules(record) == ({"unread": "error"} if told else {})


def test_what_another_window_reads_is_not_unread() -> None:
    schema = bill("net")
    first = resolve_window(schema, [page(*PRINT)], Reply(json.dumps({**GOOD, "net": None}), "stop", "test"))
    second = resolve_window(schema, [page("Net 100.00")], Reply(json.dumps({"net": 100}), "stop", "test"))
    assert rules(resolve_document(schema, [first], [], 0.1)) == {"unread": "error"}
    assert rules(resolve_document(schema, [first, second], [], 0.1)) == {}


def test_a_record_of_little_is_almost_empty() -> None:
    fields = {f"f{at}": TEXT for at in range(11)}
    schema = parse_schema({"type": "object", "properties": fields}, "wide")
    shown = page("one two three")
    assert rules(read(schema, {"f0": "one", "f1": "two"}, shown)) == {"almost_empty": "error"}
    assert rules(read(schema, {"f0": "one", "f1": "two", "f2": "three"}, shown)) == {}


def test_of_few_fields_one_is_enough() -> None:
    schema = parse_schema({"type": "object", "properties": dict.fromkeys(("a", "b", "c"), TEXT)}, "small")
    assert read(schema, {"a": "one"}, page("one")).status == "ok"


def test_important_is_what_is_marked_or_required_and_what_error_checks_read() -> None:
    error = {"name": "e", "left": "net", "op": "<=", "right": "total", "severity": "error"}
    assert important(bill()) == frozenset()
    assert important(bill("rows", "due", checks=(error,))) == {"rows", "due", "net", "total"}
    assert is_important(bill("rows"), ["rows[3].amount"])
    assert not is_important(bill("due"), ["rows[3].amount", "day"])


@pytest.mark.parametrize("stated", ["yes", 1, None, []])
def test_important_is_true_or_false(stated: Any) -> None:
    with pytest.raises(Exception, match="important is true or false"):
        parse_schema({"type": "object", "properties": {"a": {**TEXT, "x-docpipe": {"important": stated}}}}, "bad")


def test_an_object_is_not_important_as_a_whole() -> None:
    shop = {"type": "object", "properties": {"name": TEXT}, "x-docpipe": {"important": True}}
    with pytest.raises(Exception, match="only of a value or a list"):
        parse_schema({"type": "object", "properties": {"shop": shop}}, "bad")
