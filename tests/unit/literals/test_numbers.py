"""Printed amounts become exact decimals, and what is no number becomes None."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.literals.numbers import decimal_mark, parse_number

NUMBERS = [
    ("1.234,56 €", "1234.56"),
    ("1 234,56", "1234.56"),
    ("1\u00a0234,56\u00a0€", "1234.56"),
    ("1\u202f234\u202f567,89", "1234567.89"),
    ("1'234.50", "1234.50"),
    ("CHF 1’234.50", "1234.50"),
    ("(12.30)", "-12.30"),
    ("12.30-", "-12.30"),
    ("\u221212,30", "-12.30"),
    ("-$5.00", "-5.00"),
    ("$-5.00", "-5.00"),
    ("- 12,00 €", "-12.00"),
    ("\u2013 150,00 €", "-150.00"),
    ("-- $97.43", "-97.43"),
    ("- EUR 300,00", "-300.00"),
    ("- $ 90.00", "-90.00"),
    ("CAD $1,500.00", "1500.00"),
    ("4,45,450", "445450"),
    ("$1,234", "1234"),
    ("USD 5", "5"),
    ("R$ 5,00", "5.00"),
    ("12,00 kr", "12.00"),
    ("19 %", "19"),
    ("7,5%", "7.5"),
    ("1,00,000.00", "100000.00"),
    ("1.234.567", "1234567"),
    ("50,-", "50"),
    (".50", "0.50"),
    ("0.125", "0.125"),
    ("3,2000", "3.2000"),
    ("007", "7"),
    ("***1.500,00***", "1500.00"),
    ("EUR **2.236,00**", "2236.00"),
    ("*1,308.00", "1308.00"),
    ("Rs. 1,62,500/-", "162500"),
    ("Rs 1,62,500.00/-", "162500.00"),
    ("KShs 3,500/=", "3500"),
    ("\uffe5\uff16\uff0c\uff10\uff10\uff10", "6000"),
    ("\u91d16,000\u5186", "6000"),
    ("6,000\u5186\u4e5f", "6000"),
    ("R$ 1.500,00", "1500.00"),
    ("SFr. 12.50", "12.50"),
    ("./. 25,00", "-25.00"),
    ("25,00- \u20ac", "-25.00"),
    ("\u00ad9.00", "-9.00"),
    ("\u00f7 400,00", "-400.00"),
    ("***1 236,00 \u20ac***", "1236.00"),
]


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_numbers_are_read_exactly(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "12:30",
        "5 kg",
        "1.2.3",
        "12 34",
        "1,23,45",
        "(12.30",
        "३",
        "1/2",
        "9" * 65,
        "1.2,3.4",
        "3*4.50",
        "12 ft",
    ],
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse_number(text) is None


def test_the_documents_mark_decides_an_open_number() -> None:
    assert parse_number("1.234", ".") == Decimal("1.234")
    assert parse_number("1.234", ",") == Decimal(1234)
    assert parse_number("1.234") == Decimal(1234)
    assert parse_number("12.50", ",") == Decimal("12.50"), "two decimals leave nothing open"


def test_minus_zero_is_zero() -> None:
    assert str(parse_number("-0,00")) == "0.00"


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1.234,56", "12"], ","),
        (["1,234.56", "3.50"], "."),
        (["1.234.567"], ","),
        (["1,50", "2,50", "3.5"], ","),
        (["1.234", "17"], None),
        ([], None),
    ],
)
def test_a_documents_amounts_vote_for_its_mark(texts: list[str], mark: str | None) -> None:
    assert decimal_mark(texts) == mark


@given(
    value=st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False),
    style=st.sampled_from([(",", "."), (".", ","), (" ", ","), ("\u202f", ","), ("'", "."), ("", ".")]),
    around=st.sampled_from(["{}", "{} €", "$ {}", "EUR {}", " {} "]),
)
def test_a_printed_amount_comes_back(value: Decimal, style: tuple[str, str], around: str) -> None:
    group, mark = style
    digits = f"{abs(value):,.2f}".replace(",", "\0").replace(".", mark).replace("\0", group)
    text = ("-" if value < 0 else "") + digits
    assert parse_number(around.format(text)) == value
