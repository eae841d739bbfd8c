"""Decode gives exact numbers or a typed error; it never crashes and never changes a value in silence."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.errors import DecodeError
from docpipe.resolve.decode import decode


def test_money_never_passes_through_float() -> None:
    assert decode('{"a": 0.1, "b": 19.99, "c": 9007199254740993.01, "d": 7}') == {
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
    assert decode(text) == {"total": 5}


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
        '{"total": 5,}',
        "{'total': 5}",
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
    assert isinstance(found, dict)


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
    assert decode(json.dumps(value)) == value
    assert decode(json.dumps(value, ensure_ascii=False)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**30), max_value=10**30))
def test_a_decimal_comes_back_digit_by_digit(value: Decimal) -> None:
    assert decode(f'{{"a": {value:f}}}')["a"] == value
