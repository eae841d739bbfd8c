"""Inch marks and quotes that nobody escaped are kept where one reading is left; else the answer is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.errors import DecodeError
from docpipe.records import Reply
from docpipe.resolve.decode import decode
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema

TEXT = {"type": "string"}
ORDER: Schema = parse_schema(
    {
        "title": "order",
        "type": "object",
        "properties": {
            "description": TEXT,
            "size": TEXT,
            "quantity": {"type": "integer"},
            "tags": {"type": "array", "items": TEXT},
            "lines": {"type": "array", "items": {"type": "object", "properties": {"name": TEXT, "size": TEXT}}},
        },
    },
    "order",
)

READ: list[tuple[str, dict[str, Any]]] = [
    ('{"description": "24" monitor", "quantity": 1}', {"description": '24" monitor', "quantity": 1}),
    ('{"size": "3/4" x 1/2" pipe"}', {"size": '3/4" x 1/2" pipe'}),
    ('{"size": "24"", "quantity": 1}', {"size": '24"', "quantity": 1}),
    ('{"size": "24""}\nThat is all.', {"size": '24"'}),
    ('{"description": "the "A" set, "B" too", "size": "s"}', {"description": 'the "A" set, "B" too', "size": "s"}),
    ('{"description": "use "}" here", "quantity": 1}', {"description": 'use "}" here', "quantity": 1}),
    ('{"size": "5\\" x 6" nail", }', {"size": '5" x 6" nail'}),
    ('{"tags": ["24" monitor"]}', {"tags": ['24" monitor']}),
    (
        '{"lines": [{"name": "5" nail", "size": "2""}, {"size": "1" x"}], "quantity": 2}',
        {"lines": [{"name": '5" nail', "size": '2"'}, {"size": '1" x'}], "quantity": 2},
    ),
]


@pytest.mark.parametrize(("text", "value"), READ, ids=lambda one: str(one)[:40])
def test_a_quote_with_one_reading_is_kept_and_told(text: str, value: dict[str, Any]) -> None:
    found = decode(text, ORDER.root)
    assert (found.value, found.cut) == (value, None)
    assert "decode:inner_quote" in {edit.rule for edit in found.edits}


REFUSED = [
    '{"description": "The "A", "colour": "red", "quantity": 1}',  # a name the schema does not know: text, or a field?
    '{"size": "x, "quantity": "y", "description": "z"}',  # a closing quote that was forgotten
    '{"size": "say "hello": ok", "quantity": 1}',
    '{"lines": [{"name": "x}, {"name": "y", "size": "z"}]}',
    '{"tags": ["x, "y"]}',
    '{"tags": ["24" monitor", "cable"]}',  # two texts, or one
    '{"tags": ["cable", "24" monitor"]}',
    '{"size": "5" a", "nope": 1}',
    '{"size": "a" b" "quantity": 1}',
    '{"size": "5" a", size: 1}',
    '{"size": "a", "quantity": "5" x", "size": "b"}',
    '{"other": {"size": "5" a", "quantity": 1}}',
    '{"size": "24" // monitor", "quantity": 1,\n"description": "x"}',  # a comment, or the text
]


@pytest.mark.parametrize("text", REFUSED, ids=lambda one: one[:40])
def test_a_quote_with_two_readings_refuses_the_answer(text: str) -> None:
    with pytest.raises(DecodeError):
        decode(text, ORDER.root)


def test_without_a_schema_no_quote_is_told_from_the_end_of_its_string() -> None:
    with pytest.raises(DecodeError):
        decode('{"description": "24" monitor", "quantity": 1}')


@pytest.mark.parametrize("text", ['{"quantity": 1, "size": "24" monitor', '{"quantity": 1, "size": "24" x 36" '])
def test_a_string_that_breaks_off_after_its_own_quote_is_lost_and_what_stands_before_it_is_kept(text: str) -> None:
    found = decode(text, ORDER.root)
    assert (found.value, found.cut) == ({"quantity": 1}, "")
    assert [edit.path for edit in found.edits if edit.rule == "decode:cut"] == ["size"]


@pytest.mark.parametrize("end", [", ", ', "', ', "quan', ', "quantity', ', "quantity"', ', "quantity":'])
def test_what_breaks_off_in_the_next_name_keeps_the_string(end: str) -> None:
    for told in ("plain", '24" x'):
        found = decode(f'{{"size": "s", "description": "{told}"{end}', ORDER.root)
        assert (found.value, found.cut) == ({"size": "s", "description": told}, "")


def test_the_field_says_that_its_quotes_were_mended() -> None:
    reply = Reply('{"description": "24" monitor", "quantity": 1}', "stop", "x", logprobs=(-0.01,))
    record = resolve_document(ORDER, [resolve_window(ORDER, [], reply)], [], 0.1)
    field = next(one for one in record.fields if one.path == "description")
    assert (record.status, field.value) == ("repaired", '24" monitor')
    assert (field.origin, field.before) == ("rule:decode:inner_quote", '"24" monitor"')


# Words as they stand in orders: an inch mark follows a digit, and never stands right before a comma or a bracket
# within its text (there it cannot be told from the end of the string).
WORDS = st.sampled_from(['24" x', '3/4" pipe', "6'2\" tall", "plain", "a, b", "{x}", "[y]", "url: //x", "# 5", "ä\\b"])
INCHES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
RECORDS = st.fixed_dictionaries(
    {},
    optional={
        "description": INCHES,
        "size": INCHES,
        "quantity": st.integers(-9, 9),
        "tags": st.lists(INCHES, max_size=1),
        "lines": st.lists(st.fixed_dictionaries({}, optional={"name": INCHES, "size": INCHES}), max_size=3),
    },
)


@given(RECORDS)
def test_inches_that_are_not_escaped_read_as_if_they_were(record: dict[str, Any]) -> None:
    text = json.dumps(record).replace('\\"', '"')
    assert decode(text, ORDER.root).value == record


HOSTILE = st.text(st.sampled_from('"\\,:{}[]/#*\n x1'), max_size=12)
HOSTILE_RECORDS = st.fixed_dictionaries(
    {"description": HOSTILE, "quantity": st.integers(0, 9)},
    optional={
        "size": HOSTILE,
        "lines": st.lists(st.fixed_dictionaries({"name": HOSTILE, "size": HOSTILE}), max_size=2),
    },
)


@given(HOSTILE_RECORDS)
def test_any_text_without_its_escapes_is_read_as_it_was_or_marked_or_refused(record: dict[str, Any]) -> None:
    """What is left of the text may be other JSON, which nobody can tell: then the strict reader has taken it."""
    text = json.dumps(record).replace('\\"', '"')
    try:
        found = decode(text, ORDER.root)
    except DecodeError:
        return
    if found.value != record:
        assert found.edits or json.loads(text) == found.value
