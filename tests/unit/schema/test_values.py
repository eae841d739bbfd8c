"""Printed text becomes exact values, and what cannot be read becomes None."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.schema import values

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
]


@pytest.mark.parametrize(("text", "value"), NUMBERS)
def test_numbers_are_read_exactly(text: str, value: str) -> None:
    assert values.parse_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["", "abc", "12:30", "5 kg", "1.2.3", "12 34", "1,23,45", "(12.30", "٣", "1/2", "9" * 65, "1.2,3.4"]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert values.parse_number(text) is None


def test_the_documents_mark_decides_an_open_number() -> None:
    assert values.parse_number("1.234", ".") == Decimal("1.234")
    assert values.parse_number("1.234", ",") == Decimal(1234)
    assert values.parse_number("1.234") == Decimal(1234)
    assert values.parse_number("12.50", ",") == Decimal("12.50"), "two decimals leave nothing open"


def test_minus_zero_is_zero() -> None:
    assert str(values.parse_number("-0,00")) == "0.00"


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
    assert values.decimal_mark(texts) == mark


@given(
    value=st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False),
    style=st.sampled_from([(",", "."), (".", ","), (" ", ","), ("\u202f", ","), ("'", "."), ("", ".")]),
    around=st.sampled_from(["{}", "{} €", "$ {}", "EUR {}", " {} "]),
)
def test_a_printed_amount_comes_back(value: Decimal, style: tuple[str, str], around: str) -> None:
    group, mark = style
    digits = f"{abs(value):,.2f}".replace(",", "\0").replace(".", mark).replace("\0", group)
    text = ("-" if value < 0 else "") + digits
    assert values.parse_number(around.format(text)) == value


DATES = [
    ("05.03.2024", "2024-03-05"),
    ("5.3.24", "2024-03-05"),
    ("2024-03-05", "2024-03-05"),
    ("2024-03-05T10:19:00", "2024-03-05"),
    ("2024/03/05", "2024-03-05"),
    ("31/12/2023", "2023-12-31"),
    ("12/31/2023", "2023-12-31"),
    ("March 5, 2024", "2024-03-05"),
    ("5th of March 2024", "2024-03-05"),
    ("05-MAR-24", "2024-03-05"),
    ("Sept 5 2020", "2020-09-05"),
    ("5. März 2024", "2024-03-05"),
    ("1er mars 2024", "2024-03-01"),
    ("3 févr. 2021", "2021-02-03"),
    ("5 de marzo de 2024", "2024-03-05"),
    ("3 agosto 2021", "2021-08-03"),
    ("12 mei 2022", "2022-05-12"),
    ("5 de março de 2024", "2024-03-05"),
    ("11 czerwca 2024", "2024-06-11"),
    ("26. marts 2020", "2020-03-26"),
    ("3 maj 2021", "2021-05-03"),
    ("01.01.99", "1999-01-01"),
]


@pytest.mark.parametrize(("text", "iso"), DATES)
def test_dates_are_read_in_every_language(text: str, iso: str) -> None:
    found = values.parse_date(text)
    assert found is not None
    assert found == (dt.date.fromisoformat(iso), False)


@pytest.mark.parametrize("text", ["", "30.02.2024", "Feb 2024", "1.1.1", "2024", "12345678", "31/31/2024", "a 1 b 2"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert values.parse_date(text) is None


def test_an_open_order_is_told_and_a_hint_closes_it() -> None:
    assert values.parse_date("5/3/2024") == (dt.date(2024, 3, 5), True)
    assert values.parse_date("5/3/2024", day_first=True) == (dt.date(2024, 3, 5), False)
    assert values.parse_date("5/3/2024", day_first=False) == (dt.date(2024, 5, 3), False)
    assert values.parse_date("5.3.2024", day_first=False) == (dt.date(2024, 3, 5), False)


def test_the_order_of_day_and_month_comes_from_the_document_then_from_its_country() -> None:
    assert values.infer_day_first(["31/12/2023", "1/2/2024"], currency="USD") is True
    assert values.infer_day_first(["12/31/2023"], country="DE") is False
    assert values.infer_day_first(["1/2/2024"], country="us") is False
    assert values.infer_day_first(["1/2/2024"], currency="GBP") is True
    assert values.infer_day_first(["1/2/2024", "31.12.2024"]) is None


@given(
    date=st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31)),
    form=st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d %B %Y", "%b %d, %Y", "%d.%m.%y"]),
)
def test_a_printed_date_comes_back(date: dt.date, form: str) -> None:
    assert values.parse_date(date.strftime(form)) == (date, False)


@pytest.mark.parametrize(
    ("text", "code"),
    [("€", "EUR"), ("12,00 Euro", "EUR"), ("$5", "USD"), ("CA$ 5", "CAD"), ("R$", "BRL"), ("CHF", "CHF"), ("zł", "PLN"),
     ("All amounts in GBP", "GBP"), ("kr", None), ("EUR USD", None), ("the", None), ("", None)],
)  # fmt: skip
def test_currencies_are_named_by_code_or_symbol(text: str, code: str | None) -> None:
    assert values.parse_currency(text) == code


def test_a_bare_dollar_can_be_another_countrys() -> None:
    assert values.parse_currency("$5", dollar="AUD") == "AUD"


def test_account_numbers_are_checked_by_their_digits() -> None:
    assert values.iban_valid("DE89 3704 0044 0532 0130 00")
    assert not values.iban_valid("DE89 3704 0044 0532 0130 01")
    assert not values.iban_valid("")
    assert values.iban_registered("de89 3704 0044 0532 0130 00")
    assert not values.iban_registered("DE89 3704 0044 0532 0130 01")
    assert values.iban_valid("DE49370400440O32013000"), "its digits hold, but it has a letter"
    assert not values.iban_registered("DE49370400440O32013000")


@pytest.mark.parametrize(
    "text",
    ["DE123456789", "DE 123 456 789", "FR11999999998", "NL123456789B01", "ATU12345678", "CHE-123.456.789 MWST"],
)
def test_vat_numbers_are_known_by_shape(text: str) -> None:
    assert values.vat_id_shaped(text)


@pytest.mark.parametrize("text", ["", "DE12345678", "XX123456789", "201/113/40209", "RECHNUNG"])
def test_other_numbers_are_no_vat_numbers(text: str) -> None:
    assert not values.vat_id_shaped(text)


@given(st.text(max_size=200))
def test_nothing_raises_on_any_text(text: str) -> None:
    values.parse_number(text)
    values.parse_date(text)
    values.parse_currency(text)
    values.iban_valid(text)
    values.vat_id_shaped(text)
    values.decimal_mark([text])
    values.infer_day_first([text])
