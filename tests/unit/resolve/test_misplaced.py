"""A value that the page prints as part of something else is doubted, whichever engine told it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docpipe.records import Reply, Violation
from docpipe.resolve.record import resolve_window
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from tests.unit.resolve.test_prose import printed


def identifier(*labels: str) -> dict[str, Any]:
    return {"type": ["string", "null"], "x-docpipe": {"type": "identifier", "labels": {"en": list(labels)}}}


FIELDS: dict[str, Any] = {
    "order": identifier("Order No"),
    "contract": identifier("Contract"),
    "customer": identifier("Customer No", "Account No"),
    "account": identifier("Account No"),
    "remark": {"type": ["string", "null"]},
    "due": {"type": ["number", "null"], "x-docpipe": {"scale": 2, "labels": {"en": ["Due"]}}},
    "day": {"type": ["string", "null"], "format": "date", "x-docpipe": {"labels": {"en": ["Date"]}}},
}


@pytest.fixture(scope="module")
def schema() -> Schema:
    return parse_schema({"type": "object", "properties": FIELDS}, "order")


def doubts(schema: Schema, answer: dict[str, Any], *lines: str) -> list[Violation]:
    part = resolve_window(schema, [printed(*lines)], Reply(json.dumps(answer), "stop", "test"))
    return [one for one in part.violations if one.rule == "misplaced"]


@pytest.mark.parametrize(
    ("answer", "line", "part"),
    [
        ({"order": "4411"}, "PO Box 4411", "PO Box 4411"),
        ({"order": "4711"}, "Postfach 4711", "Postfach 4711"),
        ({"contract": "12"}, "Contract: 12 months from 01/03/2024", "12 months"),
        ({"due": 14}, "Due 14 Tage nach Erhalt", "14 Tage"),
        ({"day": "1945-05-08"}, "12 rue du 8 mai 1945", "12 rue du 8 mai 1945"),
        ({"day": "1953-06-17"}, "Straße des 17. Juni 1953", "Straße des 17. Juni 1953"),
        (
            {"customer": "55779911"},
            "Sort code 20-00-00 _ Account no 55779911",
            "Sort code 20-00-00 Account no 55779911",
        ),
    ],
)
def test_what_stands_only_in_something_else_is_doubted(
    schema: Schema, answer: dict[str, Any], line: str, part: str
) -> None:
    (doubt,) = doubts(schema, answer, line)
    assert (doubt.severity, doubt.paths, doubt.right) == ("warning", tuple(answer), part)


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ({"order": "4411"}, ("PO Box 4411", "Order No 4411")),  # it stands elsewhere, too
        ({"order": "4411"}, ("Order No 4411",)),
        ({"contract": "12"}, ("Contract: 12",)),
        ({"due": 14}, ("Due 14.00 within 14 days",)),
        ({"day": "2024-03-08"}, ("Lyon, le 8 mars 2024",)),
        ({"day": "2024-03-08"}, ("12 rue Haute 08.03.2024",)),  # digits alone name no street
        ({"customer": "55779911"}, ("Account no 55779911",)),
        ({"account": "55779911"}, ("Sort code 20-00-00 _ Account no 55779911",)),  # what the schema asks for
        ({"remark": "PO Box 4411"}, ("PO Box 4411",)),
    ],
)
def test_other_values_are_not(schema: Schema, answer: dict[str, Any], lines: tuple[str, ...]) -> None:
    assert doubts(schema, answer, *lines) == []
