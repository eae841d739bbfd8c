"""What a mark before three digits is, by other numbers and the currency; the sign that a mark behind gives."""

from __future__ import annotations

from decimal import Decimal

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import iso_codes, minor_units


def of(*lines: str) -> Conventions:
    return Conventions([line.split() for line in lines])


@pytest.mark.parametrize(
    ("lines", "text", "value"),
    [
        (["Total KWD 37.625"], "14.250", "14.250"),
        (["31.500 JOD"], "31.500", "31.500"),
        (["45,750 DT", "TVA 8,693 DT"], "45,750", "45.750"),
        (["Total 13.500", "Wadi Musa, Jordan"], "13.500", "13.500"),
        (["KWD 2,236.250"], "2,236", "2236"),
        (["2.236,250 KWD"], "12,500", "12.500"),
        (["Total EUR", "37.625"], "37.625", "37625"),
        (["Total 37.625"], "37.625", "37625"),
        (["0.020", "1.400"], "1.400", "1.400"),
        (["BHD 0.600"], "1.850", "1.850"),
        (["1.500 CLP", "19.0 %"], "1.500", "1500"),
        (["1,500 JPY", "2.5"], "1,500", "1500"),
        (["\u20a91,500"], "1,500", "1500"),
        (["60,000 JPY"], "60,000-", "60000"),
        (["60,000 JPY"], "-60,000", "-60000"),
        (["60.00 EUR"], "60,000-", "-60000"),
        (["JPY 1,500.50"], "1,500.50", "1500.50"),
        (["Rs.2,500"], "2,500", "2500"),  # the dot is not a decimal mark
        (["31,250 BHD"], "31,250", "31.250"),
        (["Statement BHD", "260.750"], "260.750", "260.750"),
        (["Alta Sdn Bhd 260.750"], "260.750", "260750"),  # a legal form
        (["Alta SDN BHD", "260.750"], "260.750", "260750"),
        (["Alta BHD", "RM 9.50", "2,750"], "2,750", "2750"),
    ],
)
def test_the_currency_and_other_numbers_tell_what_a_mark_before_three_digits_is(
    lines: list[str], text: str, value: str
) -> None:
    assert of(*lines).number(text, money=True) == Decimal(value)


def test_what_is_no_amount_keeps_the_mark_of_the_document() -> None:
    document = of("1.500 CLP", "19.0 %")
    assert document.number("1.500") == Decimal("1.500")
    assert document.number("1.500", money=True) == Decimal(1500)


@pytest.mark.parametrize(
    ("lines", "other"),
    [
        (["31.500"], "31.500"),
        (["31.500 EUR"], None),
        (["31.500 JOD"], None),
        (["31.500 TND"], None),
        (["31,500 KWD"], "31500"),
        (["31.500 EUR", "USD 5.000"], "31.500"),
        (["31.500", "12.50"], None),
        (["1.500 CLP"], None),
    ],
)
def test_a_second_reading_stays_where_nothing_settles_it(lines: list[str], other: str | None) -> None:
    text = lines[0].split()[0]
    assert of(*lines).other_reading(text, money=True) == (Decimal(other) if other else None)


def test_a_price_of_four_decimals_is_not_settled_by_a_currency_of_two() -> None:
    assert of("31.500 EUR").other_reading("1.234", money=False) == Decimal("1.234")
    assert of("31.500 JOD").other_reading("1.234", money=False) is None


@pytest.mark.parametrize(
    ("lines", "places"),
    [
        (["KWD 5.000"], 3),
        (["JPY 5"], 0),
        (["EUR 5.000"], 2),
        (["10.250", "0.020", "11.67"], 3),
        (["10.25", "0.020", "11.67"], 2),
        ([], 2),
    ],
)
def test_amounts_have_the_decimals_of_their_currency_or_those_printed_most(lines: list[str], places: int) -> None:
    assert of(*lines).places == places


def test_every_currency_has_its_minor_units() -> None:
    found = {places: {code for code in iso_codes() if minor_units(code) == places} for places in (0, 3)}
    assert found[3] == {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
    assert {"JPY", "KRW", "CLP", "VND", "ISK", "XOF", "PYG"} < found[0]


BANK = "Current account statement"


@pytest.mark.parametrize(
    ("lines", "text", "value"),
    [
        (["Total $108.43 cr"], "$108.43 cr", "-108.43"),
        (["Balance 35.00CR"], "35.00CR", "-35.00"),
        (["Balance 35.00 Cr."], "35.00 Cr.", "-35.00"),
        (["Balance CR 35.00"], "CR 35.00", "-35.00"),
        (["Balance 35.00 (CR)"], "35.00 (CR)", "-35.00"),
        (["Balance 35.00 DR"], "35.00 DR", "35.00"),
        (["Zahlbetrag 50,00 \u20ac Guthaben"], "50,00 \u20ac Guthaben", "-50.00"),
        ([BANK], "35.00 CR", "35.00"),
        ([BANK], "35.00 DR", "-35.00"),
        ([BANK], "-35.00 CR", "-35.00"),
        (["Kontoauszug 3", "5,00 H", "7,00 S"], "7,00 S", "-7.00"),
        (["Kontoauszug 3", "5,00 H", "7,00 S"], "1.005,00 H", "1005.00"),
        (["Kontoauszug 3", "7,00 S"], "7,00S", "-7.00"),
        (["Kontoauszug 3", "2,99 D"], "2,99 D", "-2.99"),  # a debit in every language that has the letter
        (["Extrato de conta", "5,00 C", "7,00 D"], "7,00 D", "-7.00"),
        (["Kontoutdrag", "5,00 K", "7,00 D"], "7,00 D", "-7.00"),
    ],
)
def test_a_mark_behind_an_amount_gives_its_sign(lines: list[str], text: str, value: str) -> None:
    assert of(*lines).number(text) == Decimal(value)


@pytest.mark.parametrize(
    "lines",
    [
        ["BROT 2,99 S", "MILCH 1,39 H"],  # classes of tax on a receipt
        ["Kontoauszug 3", "2,99 S", "1,39 B"],
    ],
)
def test_a_letter_is_no_side_where_others_stand_too_or_nothing_says_statement(lines: list[str]) -> None:
    assert of(*lines).number(" ".join(lines[-1].split()[-2:])) is None
