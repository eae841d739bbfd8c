"""Codes and signs of currencies: whose they are, and what the document has to say of the shared ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import currencies_of, iso_codes, parse_currency, signs_in
from docpipe.literals.numbers import parse_number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A$", "AUD"), ("AU$1,200.00", "AUD"), ("CA$", "CAD"), ("C$5", "CAD"), ("NZ$", "NZD"), ("HK$", "HKD"),
        ("S$", "SGD"), ("US$", "USD"), ("R$", "BRL"), ("NT$", "TWD"), ("MX$", "MXN"), ("Mex$", "MXN"), ("RD$", "DOP"),
        ("CN¥150.00", "CNY"), ("RMB", "CNY"), ("€", "EUR"), ("Euro", "EUR"), ("zł", "PLN"), ("Kč", "CZK"),
        ("Ft", "HUF"),
        ("CHF", "CHF"), ("Fr.", "CHF"), ("₺", "TRY"), ("₹", "INR"), ("CAD $150.00", "CAD"), ("AUD$", "AUD"),
        ("Nkr", "NOK"), ("dollars", "USD"), ("usd", None), ("EUR USD", None), ("xyz", None), ("", None),
    ],
)  # fmt: skip
def test_a_sign_of_its_own_is_one_currency(text: str, code: str | None) -> None:
    assert parse_currency(text) == code
    assert currencies_of(text) == ((code,) if code else ())


@pytest.mark.parametrize(
    ("sign", "first", "another"),
    [
        ("$", "USD", "AUD"), ("¥", "JPY", "CNY"), ("kr", "SEK", "NOK"), ("kr.", "SEK", "DKK"), ("Rs.", "INR", "PKR"),
        ("₨", "INR", "LKR"),
    ],
)  # fmt: skip
def test_a_shared_sign_may_be_any_of_its_currencies(sign: str, first: str, another: str) -> None:
    codes = currencies_of(sign)
    assert codes[0] == first
    assert another in codes


@pytest.mark.parametrize(
    "text", ["R 1,500.00", "54,44 DT", "KD 37.62", "RM4.20", "TL 5,00", "Dhs 1,200.00", "12,00 lei"]
)
def test_capitals_are_signs_beside_an_amount_only(text: str) -> None:
    (sign,) = signs_in(text)
    assert sign.at_amount
    assert parse_number(text) is not None
    alone = sign.text
    assert Conventions([[alone, "Smith"]]).currency is None


@pytest.mark.parametrize("text", ["R12", "12 R", "R 12", "TL 5", "DA 17"])
def test_a_capital_and_a_count_are_no_amount(text: str) -> None:
    assert parse_number(text) is None


@given(st.sampled_from(sorted(iso_codes())))
def test_every_code_is_its_own_currency(code: str) -> None:
    assert parse_currency(code) == code


@given(st.text(max_size=80))
def test_any_text_has_an_answer(text: str) -> None:
    codes = currencies_of(text)
    assert set(codes) <= iso_codes()
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("lines", "currency"),
    [
        (["Total ¥1,356.00", "Shanghai, China"], "CNY"),
        (["Total ¥1,356.00", "Tokyo, Japan"], "JPY"),
        (["Total 1 500,00 kr", "Oslo, Norway"], "NOK"),
        (["Total kr 1,320.00", "All amounts in DKK"], "DKK"),
        (["Total Rs. 4,45,450", "Pune, India"], "INR"),
        (["Total 54,44 DT", "Hammamet, Tunisie"], "TND"),
        (["Total A$1,320.00", "Deposit $20.00"], "AUD"),  # the dollars of one document are one country's
        (["Total BHD 12.00", "Manama, Bahrain"], "BHD"),
        (["SDN BHD 12.00"], None),  # a company's legal form
    ],
)
def test_a_document_says_whose_its_sign_is(lines: list[str], currency: str | None) -> None:
    assert Conventions([line.split() for line in lines]).currency == currency


@pytest.mark.parametrize(("lines", "codes"), [(["Total $5.00"], ("USD", "AUD")), (["Total kr 5.00"], ("SEK", "NOK"))])
def test_without_a_word_for_it_nothing_is_settled(lines: list[str], codes: tuple[str, ...]) -> None:
    conventions = Conventions([line.split() for line in lines])
    sign = "$" if "USD" in codes else "kr"
    assert conventions.settled(currencies_of(sign)) is None
