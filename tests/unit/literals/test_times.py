"""Times of day on the 12-hour clock."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.literals.times import on_24_hours


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("07:42 PM", "19:42"), ("7:42PM", "19:42"), ("12:10 a.m.", "00:10"), ("12:00 pm", "12:00"),
        ("7.42 p. m.", "19:42"), ("01:05:22 PM", "13:05:22"), ("13:05 PM", None), ("0:05 AM", None), ("19:42", None),
        ("7:42 kg", None), ("PM", None), ("", None),
    ],
)  # fmt: skip
def test_a_half_of_the_day_makes_24_hours(text: str, time: str | None) -> None:
    assert on_24_hours(text) == time


@given(st.integers(1, 12), st.integers(0, 59), st.sampled_from(["AM", "PM"]))
def test_every_time_of_the_day_is_one_on_the_other_clock(hour: int, minute: int, half: str) -> None:
    expected = hour % 12 + (12 if half == "PM" else 0)
    assert on_24_hours(f"{hour}:{minute:02} {half}") == f"{expected:02}:{minute:02}"


@given(st.text(max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    assert on_24_hours(text) is None or on_24_hours(text) != text
