"""Where a document is from, by the shape of its codes and numbers; and what money follows from that."""

from __future__ import annotations

import pytest

from docpipe.literals.conventions import Conventions


def countries(*lines: str) -> frozenset[str]:
    return Conventions([line.split() for line in lines]).countries


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        (["Sacramento, CA 95818"], {"US"}),
        (["Sacramento, CA 95818 Invoice Month December", "Washington, DC 20001 Billing Calendar"], {"US"}),
        (["Cincinnati, OH 45263-7386 Product 2"], {"US"}),
        (["Musterstr. 1, DE 80333 München"], set()),
        (["Kundenstraße 15 DE 69876 Frankfurt"], set()),
        (["Unit 4, Forge Road, Rotherham, S60 1RT"], {"GB"}),
        (["14 Harbour Road, Leeds LS1 5AB"], {"GB"}),
        (["220 King Street W, Toronto ON M5V 2T6"], {"CA"}),
        (["8 Creek Street, Brisbane QLD 4000"], {"AU"}),
        (["CNPJ 12.345.678/0001-95"], {"BR"}),
        (["GSTIN 27AAPFU0939F1ZV"], {"IN"}),
        (["Tel +44 20 7946 0018"], {"GB"}),
        (["Tel. +351 210 000 000"], {"PT"}),
        (["info@larkhill.co.uk"], {"GB"}),
        (["www.holm-bau.de"], {"DE"}),
        (["hello@shop.io"], set()),
        (["Tel +1 416 555 0199"], set()),  # of the United States, Canada and others
        (["Order A1 2024 AB"], set()),
        (["Page 1 of 2", "12.00"], set()),
        (["500 Congress Ave", "Austin, TX 78701"], {"US"}),
        (["Winnipeg MB R3C 4T3"], {"CA"}),
        (["10 Downing Street London SW1A 2AA"], {"GB"}),
        (["Tel +55 11 3071 0000"], {"BR"}),
        (["kontakt@praxis.at"], {"AT"}),
        (["Via Roma 1, IT 20121 Milano"], set()),
        (["Jl. Sudirman 5, ID 12190 Jakarta"], set()),
    ],
)
def test_codes_numbers_and_addresses_of_the_web_tell_the_country(lines: list[str], codes: set[str]) -> None:
    assert countries(*lines) == codes


def test_a_name_of_a_country_is_heard_before_a_telephone() -> None:
    assert countries("Lyon, France", "Tel +49 30 123456") == {"FR"}


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (["Denver, CO 80205", "Total 12.00"], "USD"),
        (["Leeds LS1 5AB", "Total 12.00"], "GBP"),
        (["Zagreb, Croatia", "Ukupno 12,00"], None),  # kuna until 2022
        (["Leeds LS1 5AB", "Toronto ON M5V 2T6"], None),
        (["Total 12.00"], None),
    ],
)
def test_the_money_of_the_country_where_there_is_one(lines: list[str], code: str | None) -> None:
    assert Conventions([line.split() for line in lines]).home_currency == code


def test_a_dollar_of_a_seller_abroad_and_an_american_is_the_american_one() -> None:
    lines = ["London, United Kingdom", "Portland, OR 97201", "$ 12.00"]
    assert Conventions([line.split() for line in lines]).settled(("USD", "AUD")) in (None, "USD")
    assert Conventions([line.split() for line in lines]).currency == "USD"
