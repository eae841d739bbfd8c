"""Members are added to a JSON text without a change to anything else in it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docpipe.draft.json_text import objects, with_members

LABELS = {"labels": {"en": ["Due date"], "de": ["Fällig am"]}}


def test_an_object_of_lines_gets_a_line() -> None:
    text = '{\n    "due": {\n        "type": "string"\n    }\n}\n'
    assert with_members(text, {("due",): {"x": LABELS}}) == (
        '{\n    "due": {\n        "type": "string",\n        "x": {\n            "labels": {\n'
        '                "en": ["Due date"],\n                "de": ["Fällig am"]\n            }\n        }\n    }\n}\n'
    )


def test_an_object_on_one_line_stays_on_it() -> None:
    assert with_members('{"due": {"type": "string"}}', {("due",): {"x": 1}}) == '{"due": {"type": "string", "x": 1}}'


def test_line_ends_stay_as_they_are() -> None:
    text = with_members('{\r\n  "a": 1\r\n}', {(): {"b": 2}})
    assert text == '{\r\n  "a": 1,\r\n  "b": 2\r\n}'


def test_a_member_that_is_there_is_replaced_where_it_stands() -> None:
    assert with_members('{"a": {"labels": {}, "b": 1}}', {("a",): {"labels": [1]}}) == '{"a": {"labels": [1], "b": 1}}'


def test_an_empty_object_gets_its_first_member() -> None:
    assert with_members('{"a": { }}', {("a",): {"b": 1}}) == '{"a": {"b": 1}}'


@pytest.mark.parametrize(
    "value",
    [
        {"a": {"b": [1, {"c": 'q"\\'}, [], {}]}, "é": {"x": -1.5e3, "y": None}},
        {"a\nb": {"": {"}": "{"}}, "list": [[{"deep": True}]]},
        {'escaped "name"': {"same": 1}, "ſ": "\u2028"},
    ],
)
@pytest.mark.parametrize("indent", [None, 0, 1, 4, "\t"])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_every_object_can_get_a_member(value: dict[str, Any], indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    places = objects(text)
    assert () in places
    for pointer in places:
        changed = json.loads(with_members(text, {pointer: {"fresh": {"en": ["x"]}}}))
        there: Any = changed
        for step in pointer:
            there = there[step]
        assert there.pop("fresh") == {"en": ["x"]}
        assert changed == value
