"""Where the limits of decoding lie, and what its edits quote."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docpipe.errors import DecodeError
from docpipe.records import Edit
from docpipe.resolve.decode import decode


def test_an_answer_of_four_million_characters_is_read_and_no_longer_one() -> None:
    text = '{"a": 1}'.ljust(4_000_000)
    assert decode(text).value == {"a": 1}
    with pytest.raises(DecodeError, match="4000001 characters; at most 4000000"):
        decode(text + " ")


def test_nineteen_braces_of_prose_may_stand_before_the_answer() -> None:
    assert decode("{x} " * 19 + '{"a": 1}').value == {"a": 1}
    with pytest.raises(DecodeError, match="not JSON"):
        decode("{x} " * 20 + '{"a": 1}')


@pytest.mark.parametrize("mark", [":", '"', "'", "\u201c", "\u2018"])
def test_a_brace_with_a_quote_or_a_colon_in_it_is_a_broken_answer_not_prose(mark: str) -> None:
    with pytest.raises(DecodeError, match="not JSON"):
        decode(f'{{; {mark} }} {{"a": 1}}')


def test_prose_may_have_braces_in_braces_and_one_that_never_closes_ends_the_search() -> None:
    assert decode('{x {y} z} {"a": 1}').value == {"a": 1}
    with pytest.raises(DecodeError):
        decode('{x {y} z {"a": 1}')


@pytest.mark.parametrize(
    ("text", "around"),
    [
        ('Answer: {"a": 1} or {"a": 1}', 'Answer: or {"a": 1}'),
        ('{"a": 1} and {}', "and {}"),
        ('x {"a": 1} y {b} z', "x y {b} z"),
        ('{"a": 1} tail {"b": 2', 'tail {"b": 2'),
        ('  {"a": 1}  so be it ', "so be it"),
        ('so be it  {"a": 1}  ', "so be it"),
        ("{" + '"a": 1}' + "y" * 300, "y" * 200),
    ],
)
def test_what_stands_around_an_object_is_quoted(text: str, around: str) -> None:
    assert decode(text).edits == (Edit("", around, "", "decode:wrapping"),)


@pytest.mark.parametrize("text", ['{"a": 1} {"a": 2}', 'x {"a": 1} {z} {"b": {"c": 2}}', '{"a": 1} {"b": [1,]}'])
def test_of_two_different_objects_none_is_taken(text: str) -> None:
    with pytest.raises(DecodeError, match="two different objects"):
        decode(text)


def test_an_edit_of_the_wrapping_comes_before_those_of_the_object() -> None:
    assert [edit.rule for edit in decode("x {'a': 1,}").edits] == ["decode:wrapping", "decode:quotes", "decode:comma"]


@pytest.mark.parametrize(
    "text", ['{"a": null', '{"a": [null, ', '{"a": {"b": [{"c": null}, ', '{"a": [{"b": null', "{"]
)
def test_a_cut_that_leaves_no_value_is_an_error(text: str) -> None:
    with pytest.raises(DecodeError, match="before its first value"):
        decode(text)


@pytest.mark.parametrize("text", ['{"a": false,', '{"a": 0,', '{"a": "",', '{"a": [0, ', '{"a": {"b": [{"c": 0}, '])
def test_a_cut_that_leaves_any_value_is_kept(text: str) -> None:
    assert decode(text).cut is not None


@pytest.mark.parametrize("value", [{"a": "\ud800"}, {"a": [{"b": ["ä", "\udfff"]}]}, {"a": {"\udc00": 1}}])
def test_half_a_surrogate_pair_is_found_wherever_it_stands(value: dict[str, Any]) -> None:
    with pytest.raises(DecodeError, match="surrogate"):
        decode(json.dumps(value))
    assert decode(json.dumps({"a": "ä", "b": ["\U0001f600"]})).value == {"a": "ä", "b": ["\U0001f600"]}


# --- an answer that was closed early ---


def closed_early(value: dict[str, Any]) -> tuple[Any, str | None, tuple[Edit, ...]]:
    found = decode(json.dumps(value), ended_early=True)
    return found.value, found.cut, found.edits


def test_a_row_with_fewer_names_than_others_is_a_row() -> None:
    value = {"rows": [{"a": 1, "b": "ö"}, {"a": 2, "b": 3}, {"a": "ä"}]}
    assert closed_early(value) == (value, "rows", ())


@pytest.mark.parametrize("text", ["{", '{"a', '{"a": 12', '{"a": "endless endless endless', '{"rows": [{"a": "x'])
def test_an_answer_that_ended_early_may_have_said_nothing_yet(text: str) -> None:
    decoded = decode(text, ended_early=True)
    assert decoded.value in ({}, {"rows": []})
    assert decoded.cut is not None
    with pytest.raises(DecodeError, match="before its first value"):
        decode(text)


@pytest.mark.parametrize(
    ("value", "cut"),
    [
        ({}, ""),
        ({"n": 1}, ""),
        ({"rows": []}, "rows"),
        ({"rows": [{"a": 1}]}, "rows"),  # nothing to compare the only row with
        ({"rows": [{"a": 1}, {"a": 1, "b": 2}]}, "rows"),
        ({"o": {}}, ""),
        ({"o": {"p": {"rows": [{"a": 1}]}}}, "o.p.rows"),
        ({"rows": [{"a": 1}, 5]}, ""),
        ({"rows": [{"inner": [1, 2]}]}, "rows"),
        ({"rows": [{"inner": []}]}, "rows"),
        ({"rows": [{"a": 1}, {"inner": [{"b": 1}], "c": 2}]}, ""),
        ({"rows": [{"a": 1}, {"c": 2, "inner": [{"b": 1}]}]}, "rows[1].inner"),
        ({"rows": [{"a": [{"b": 1}]}, {"a": 1}]}, "rows"),
    ],
)
def test_the_cut_is_where_the_text_ends(value: dict[str, Any], cut: str) -> None:
    assert closed_early(value) == (value, cut, ())


def test_a_cut_that_the_text_shows_is_not_looked_for_again() -> None:
    text = '{"rows": [{"a": 1, "b": 2}, {"a": 3}], "n": "x'
    assert decode(text, ended_early=True) == decode(text)
