"""Numbers, money and dates as companies print them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from docpipe.synth.formats import Dates, Money, Numbers


@pytest.mark.parametrize(
    ("style", "value", "text"),
    [
        (Numbers(",", ".", "front"), "1234567.5", "1,234,567.50"),
        (Numbers(".", ",", "back"), "-1234.5", "1.234,50-"),
        (Numbers(" ", ",", "brackets"), "-1234.5", "(1 234,50)"),
        (Numbers("'", ".", "front"), "-0.5", "-0.50"),
    ],
)
def test_separators_and_minus_are_those_of_the_style(style: Numbers, value: str, text: str) -> None:
    assert style.text(Decimal(value), 2) == text


def test_a_quantity_keeps_all_its_decimals_padded_or_not() -> None:
    style = Numbers(".", ",", "front")
    assert style.quantity(Decimal("2.375"), padded=True) == "2,375"
    assert style.quantity(Decimal("12.50"), padded=False) == "12,5"
    assert style.quantity(Decimal("300"), padded=False) == "300"
    assert style.quantity(Decimal("3"), padded=True) == "3,00"


def test_a_minus_stands_before_a_symbol_that_touches_the_number() -> None:
    assert Money("GBP", "£", "before", "", True).with_mark("-5.00") == "-£5.00"
    assert Money("EUR", "EUR", "before", " ", True).with_mark("-5,00") == "EUR -5,00"
    assert Money("EUR", "€", "after", " ", True).with_mark("-5,00") == "-5,00 €"
    assert Money("EUR", "€", "none", "", True).with_mark("-5,00") == "-5,00"


@pytest.mark.parametrize(
    ("pattern", "language", "text"),
    [
        ("long", "de", "1. März 2025"),
        ("long", "fr", "1er mars 2025"),
        ("long", "pt", "1 de março de 2025"),
        ("us_long", "en", "March 1, 2025"),
        ("plain", "de", "1.3.2025"),
        ("%d/%m/%y", "fr", "01/03/25"),
    ],
)
def test_dates_follow_pattern_and_language(pattern: str, language: str, text: str) -> None:
    assert Dates(pattern, language).text(date(2025, 3, 1)) == text
