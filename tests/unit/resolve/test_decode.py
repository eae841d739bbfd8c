"""Decode gives exact numbers or a typed error; it never crashes and never changes a value in silence."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docpipe.errors import DecodeError
from docpipe.resolve.decode import decode
from docpipe.resolve.tolerant import Decoded
from docpipe.schema.load import load_schema


def test_money_never_passes_through_float() -> None:
    assert decode('{"a": 0.1, "b": 19.99, "c": 9007199254740993.01, "d": 7}').value == {
        "a": Decimal("0.1"),
        "b": Decimal("19.99"),
        "c": Decimal("9007199254740993.01"),
        "d": 7,
    }


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"total": 5}\n```',
        'Here is the answer:\n{"total": 5}\nI hope it helps.',
        '```\n{"total": 5}```',
    ],
)
def test_an_object_in_a_wrapping_is_found(text: str) -> None:
    decoded = decode(text)
    assert (decoded.value, decoded.cut) == ({"total": 5}, None)
    assert [edit.rule for edit in decoded.edits] == ["decode:wrapping"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot read this page.",
        "[1, 2]",
        "5",
        "null",
        '{"total": NaN}',
        '{"total": Infinity}',
        '{"total": -Infinity}',
        '{"total": 1e400}',
        '{"total": 1e-400}',
        '{"total": 1E99999999999}',
        '{"total": ' + "9" * 5_000 + "}",
        '{"total": 0.' + "9" * 5_000 + "}",
        '{"total": 1, "total": 2}',
        '{"a": {"b": 1, "b": 1}}',
        '{"a": ' + "[" * 100_000 + "1" + "]" * 100_000 + "}",
        '{"a": ' + "[" * 70 + "1" + "]" * 70 + "}",
        '{"name": "\\ud800"}',
        '{"\\udfff": 1}',
        '{"total": 5',
        '{"a": 1} {"a": 2}',
        '{"a" 1, "b": {"c": 2}}',
        '[{"total": 5}]',
        '{"a": 007}',
        '{"a": NaN,}',
        '{"a": 1e400,}',
        '{"a": 1, "a": 2,}',
        "{'a': 'L'Or'}",
        "{a:" * 100_000,
        "x" * 5_000_000,
    ],
    ids=lambda text: text[:24],
)
def test_what_is_not_one_plain_object_is_a_decode_error(text: str) -> None:
    with pytest.raises(DecodeError):
        decode(text)


@given(st.text())
def test_no_text_crashes(text: str) -> None:
    try:
        found = decode(text)
    except DecodeError:
        return
    assert isinstance(found.value, dict)


@given(st.binary())
def test_no_bytes_crash(data: bytes) -> None:
    try:
        decode(data.decode("utf-8", "surrogateescape"))
    except DecodeError:
        return


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.text(st.characters(codec="utf-8")),
    lambda below: (
        st.lists(below, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), below, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), plain, max_size=5))
def test_what_json_writes_decode_reads(value: dict[str, Any]) -> None:
    assert decode(json.dumps(value)) == Decoded(value)
    assert decode(json.dumps(value, ensure_ascii=False)) == Decoded(value)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**30), max_value=10**30))
def test_a_decimal_comes_back_digit_by_digit(value: Decimal) -> None:
    assert decode(f'{{"a": {value:f}}}').value["a"] == value


@pytest.mark.parametrize(
    ("text", "value", "rule"),
    [
        ('{"total": 5,}', {"total": 5}, "comma"),
        ('{"a": [1, 2,], "b": 3}', {"a": [1, 2], "b": 3}, "comma"),
        ('{"a": 1 "b": 2}', {"a": 1, "b": 2}, "comma"),
        ("{'total': 5.10}", {"total": Decimal("5.10")}, "quotes"),
        ("{'a': 'say \"x\"', \"b\": 'it\\'s'}", {"a": 'say "x"', "b": "it's"}, "quotes"),
        ("{\u201ca\u201d: \u201cb\u201d}", {"a": "b"}, "quotes"),
        ("{total: 5}", {"total": 5}, "bare_name"),
        ('{"a": None, "b": True}', {"a": None, "b": True}, "literal"),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}, "line_break"),
    ],
)
def test_nearly_json_is_read_and_an_edit_says_what_was_passed_over(text: str, value: Any, rule: str) -> None:
    decoded = decode(text)
    assert (decoded.value, decoded.cut) == (value, None)
    assert [edit.rule for edit in decoded.edits] == [f"decode:{rule}"]


@pytest.mark.parametrize(
    ("text", "value", "cut"),
    [
        ('{"n": "A", "rows": [{"b": 1}, {"b": 2}, {"b": 3', {"n": "A", "rows": [{"b": 1}, {"b": 2}]}, "rows"),
        ('{"n": "A", "rows": [{"b": 1}, {"b": 2}', {"n": "A", "rows": [{"b": 1}, {"b": 2}]}, "rows"),
        ('{"n": "A", "rows": [{"b": 1},', {"n": "A", "rows": [{"b": 1}]}, "rows"),
        ('{"n": "A", "rows": [', {"n": "A", "rows": []}, "rows"),
        ('{"n": "A", "m": "B', {"n": "A"}, ""),
        ('{"n": "A", "m": 12', {"n": "A"}, ""),
        ('{"n": "A", "o": {"p": 1, "q', {"n": "A", "o": {"p": 1}}, ""),
        (
            '{"tables": [{"t": "x", "rows": [{"cells": ["a", "b"]}, {"cells": ["c", "d',
            {"tables": [{"t": "x", "rows": [{"cells": ["a", "b"]}]}]},
            "tables[0].rows",
        ),
    ],
)
def test_a_text_that_breaks_off_keeps_what_is_complete(text: str, value: Any, cut: str) -> None:
    decoded = decode(text)
    assert (decoded.value, decoded.cut) == (value, cut)


INVOICE = load_schema("invoice").root
ODD = ['3/4" pipe, "total": 5', "{a} [b], {c}", 'x"}]}', "// # 5 /*", "\\"]
DESCRIPTIONS = st.text(max_size=8) | st.sampled_from(ODD)


@settings(max_examples=30)
@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {"description": DESCRIPTIONS}, optional={"quantity": st.integers() | st.none(), "amount": st.integers()}
        ),
        min_size=1,
        max_size=4,
    ),
    separators=st.sampled_from([(",", ":"), (", ", ": ")]),
    ascii_only=st.booleans(),
)
def test_cut_anywhere_a_list_keeps_every_complete_row_and_says_where(
    rows: list[dict[str, Any]], separators: tuple[str, str], ascii_only: bool
) -> None:
    written = partial(json.dumps, separators=separators, ensure_ascii=ascii_only)
    text = written({"invoice_number": 'A"1', "line_items": rows, "total": 12})
    began = text.index("[") + 1
    ends = [began + len(written(rows[: count + 1])) - 2 for count in range(len(rows))]  # without the brackets
    for length in range(1, len(text)):
        decoded = decode(text[:length], INVOICE, ended_early=True)
        assert decoded.value.get("line_items", []) == rows[: sum(end <= length for end in ends)]
        assert decoded.cut == ("line_items" if began <= length <= ends[-1] else "")


names = st.text(st.characters(codec="ascii", categories=["Ll"]), min_size=1, max_size=4)


@pytest.mark.slow
@given(st.dictionaries(names, st.lists(st.dictionaries(names, st.integers() | st.text(max_size=8))), min_size=1))
def test_the_repr_of_python_is_read_as_what_it_is(value: dict[str, Any]) -> None:
    try:
        assert decode(repr(value)).value == value
    except DecodeError:
        assert "\\" in repr(value)  # python's own escapes are no JSON


@pytest.mark.parametrize(
    ("value", "cut", "kept"),
    [
        ({"n": "A", "rows": [{"a": 1, "b": 2}, {"a": 3}]}, "rows", [{"a": 1, "b": 2}, {"a": 3}]),
        ({"n": "A", "rows": [{"a": 1, "b": 2}, {"a": 3, "b": 4}]}, "rows", [{"a": 1, "b": 2}, {"a": 3, "b": 4}]),
        ({"rows": [{"a": 1}], "n": "A"}, "", [{"a": 1}]),
        ({"rows": [{"a": 1}], "tags": ["x"]}, "", [{"a": 1}]),
        ({"rows": [{"a": 1}], "o": {"more": [{"b": 1}]}}, "o.more", [{"a": 1}]),
        (
            {"rows": [{"t": "x", "inner": [{"c": 1}, {"c": 2}]}]},
            "rows[0].inner",
            [{"t": "x", "inner": [{"c": 1}, {"c": 2}]}],
        ),
    ],
)
def test_an_answer_that_was_closed_early_is_cut_at_what_was_written_last(
    value: dict[str, Any], cut: str, kept: list[Any]
) -> None:
    decoded = decode(json.dumps(value), ended_early=True)
    assert (decoded.cut, decoded.value["rows"]) == (cut, kept)
    assert decode(json.dumps(value)).cut is None


@pytest.mark.parametrize("around", ['\udcff{"a": 1}', '{"a": 1} \udcff', '{"a": 1 /* \udcff */}', '{"a": "\udcff"}'])
def test_bytes_that_are_no_text_are_refused_wherever_they_stand(around: str) -> None:
    """A saved answer that is not UTF-8 is read with half surrogates: an Edit that quoted one could not be printed."""
    with pytest.raises(DecodeError, match="no UTF-8"):
        decode(around)
