"""Digits of Arabic and Persian print mean what 0 to 9 mean, in numbers, in dates and where texts are compared."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from docpipe.literals.dates import parse_date
from docpipe.literals.numbers import parse_number
from docpipe.literals.text import alphanumeric, folded


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("\u0661\u066c\u0663\u0668\u0660\u066b\u0665\u0660", "1380.50"),
        ("\u06f7\u06f0\u06f0\u066b\u06f0\u06f0", "700.00"),
        ("\u0661\u0665\u066a", "15"),
        ("-\u0665", "-5"),
    ],
)
def test_numbers(printed: str, number: str) -> None:
    assert parse_number(printed) == Decimal(number)


@pytest.mark.parametrize(
    "printed",
    [
        "\u0661\u0665/\u0660\u0663/\u0662\u0660\u0662\u0664",
        "15 \u0645\u0627\u0631\u0633 2024",  # the month in Arabic
        "15 \u0645\u0627\u0631\u0633 2024\u0645",  # with the mark of the common era
        "15 \u0622\u0630\u0627\u0631 2024",  # as the Levant calls it
        "15 \u05d1\u05de\u05e8\u05e5 2024",  # "15 in March" in Hebrew
        "15 \u05de\u05e8\u05e5 2024",
    ],
)
def test_dates(printed: str) -> None:
    found = parse_date(printed)
    assert found is not None
    assert found.date == dt.date(2024, 3, 15)


def test_texts_are_the_same_in_both_digits_and_stretched_or_not() -> None:
    assert alphanumeric("\u0667\u0667\u0661\u0662") == folded("\u0667\u0667\u0661\u0662") == "7712"
    assert alphanumeric("\u0645\u0640\u0640\u0639") == folded("\u0645\u0640\u0639") == "\u0645\u0639"
