"""A document's own words tell how it writes numbers and dates, where it is from and what it pays in."""

from __future__ import annotations

import datetime as dt

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box
from docpipe.records import Page, Word


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("DE136695976", {"DE"}),
        ("EL094014201", {"GR"}),  # Greece and Northern Ireland write other letters than ISO's
        ("XI110305878", {"GB"}),
        ("DE89370400440532013000", {"DE"}),
        ("DE89 3704 0044 0532 0130 00", {"DE"}),
        ("NO93 8601 1117 947", {"NO"}),
        ("MT84 MALT 0110 0001 2345 MTLC AST0 01S", {"MT"}),
        ("LC55 HEMM 0001 0001 0012 0012 0002 3015", {"LC"}),
        ("RU02 0445 2560 0407 0281 0412 3456 7890 1", {"RU"}),  # the longest: nine groups
        ("DE00 3704 0044 0532 0130 00", set()),
        ("De89 3704 0044 0532 0130 00", set()),
        ("USA", {"US"}),
        ("U.S.A.", {"US"}),
        ("UK", {"GB"}),
        ("U.K.", {"GB"}),
        ("England Wales Scotland", {"GB"}),
        ("England", {"GB"}),
        ("Wales", {"GB"}),
        ("Scotland", {"GB"}),
        ("Berlin, (Deutschland).", {"DE"}),
        ("to: FRANCE;", {"FR"}),
        ("Peru", {"PE"}),
        ("Vereinigte Staaten", {"US"}),
        ("United States", {"US"}),
        ("United", set()),
        ("Bosnia and Herzegovina", {"BA"}),
        ("Bosnia & Herzegovina", {"BA"}),
        ("Papua New Guinea", {"PG"}),
        ("South Sudan and Guinea", {"SS", "GN"}),
        ("Spain France", {"ES", "FR"}),
        ("Jersey Georgia", set()),  # a town's name, a state, cloth
        ("US DE", set()),
        ("", set()),
    ],
)
def test_countries_are_told_by_tax_numbers_accounts_and_names(text: str, codes: set[str]) -> None:
    assert Conventions([text.split()]).countries == codes


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("12/31/2025", False),
        ("31/12/2025 USA", True),  # another date tells more than an address
        ("USA", False),
        ("Philippines", False),
        ("Micronesia", False),
        ("Palau", False),
        ("Canada", True),
        ("England", True),
        ("USA Germany", None),
        ("USA Germany USD", False),  # who writes differently pays in one currency
        ("USA Germany EUR", True),
        ("5 USD", False),
        ("5 PHP", False),
        ("5 €", True),
        ("USD PHP", False),
        ("USD EUR", None),
        ("nothing", None),
    ],
)
def test_day_or_month_first_follows_dates_then_countries_then_currencies(text: str, first: bool | None) -> None:
    assert Conventions([text.split()]).day_first is first


def test_what_is_given_overrules_the_words() -> None:
    assert Conventions([["12/31/2025"]], day_first=True).day_first is True
    assert Conventions([["31/12/2025"]], day_first=False).day_first is False
    assert Conventions([["1,234.50"]], mark=",").mark == ","
    assert Conventions([["1,234.50"]]).mark == "."
    assert Conventions([["1.234,50"]]).mark == ","
    assert Conventions([["1234", "a,b", "5."]]).mark is None


@pytest.mark.parametrize(
    ("text", "codes"),
    [("5 EUR and 7 €", {"EUR"}), ("USD CHF", {"USD", "CHF"}), ("£5", {"GBP"}), ("$5 kr", set()), ("5", set())],
)
def test_currencies_are_those_whose_code_or_own_sign_is_printed(text: str, codes: set[str]) -> None:
    assert Conventions([text.split()]).currencies == codes


@pytest.mark.parametrize(
    ("text", "settled"),
    [
        ("CAD", "CAD"),
        ("Canada", "CAD"),
        ("Canada USD", "USD"),  # what is printed counts more than where it is printed
        ("USD CAD", None),
        ("Canada USD CAD", None),
        ("Canada Germany", "CAD"),  # the euro is no dollar
        ("Canada USA", None),
        ("EUR", None),
        ("Germany", None),
        ("", None),
    ],
)
def test_a_dollar_is_that_of_the_document(text: str, settled: str | None) -> None:
    assert Conventions([text.split()]).settled(["USD", "CAD", "AUD"]) == settled


def test_a_date_is_ambiguous_only_where_the_document_leaves_it_open() -> None:
    open_, us, uk = (Conventions([text.split()]).date("03/04/2026") for text in ("", "USA", "UK"))
    assert open_ is not None
    assert open_.ambiguous
    assert us is not None
    assert (us.date, us.ambiguous) == (dt.date(2026, 3, 4), False)
    assert uk is not None
    assert (uk.date, uk.ambiguous) == (dt.date(2026, 4, 3), False)
    assert Conventions().date("31.12.") is None


@pytest.mark.parametrize(
    ("lines", "ambiguous"),
    [
        (["Total $5.00"], True),  # anybody's dollars
        (["Total 5.00 USD"], False),
        (["Total $5.00", "Austin, TX 78701"], False),
        (["Total $5.00", "12/31/2025"], False),
    ],
)
def test_a_date_that_only_a_bare_dollar_decides_stays_ambiguous(lines: list[str], ambiguous: bool) -> None:
    read = Conventions([line.split() for line in lines]).date("03/04/2026")
    assert read is not None
    assert (read.date, read.ambiguous) == (dt.date(2026, 3, 4), ambiguous)


@pytest.mark.parametrize(
    ("lines", "country"),
    [
        (["Austin, TX 78701"], {"US"}),
        (["Portland OR 97201-1234", "Tel. 1"], {"US"}),
        (["Roma, IT 00184"], set()),  # no state
        (["Austin, TX 78701 Tel. 1"], set()),  # not the end of a line
    ],
)
def test_a_state_with_its_zip_code_is_american(lines: list[str], country: set[str]) -> None:
    assert Conventions([line.split() for line in lines]).countries == country


@pytest.mark.parametrize(
    ("lines", "currency"),
    [
        (["Total 5.00 EUR", "USD or USD or USD"], "EUR"),  # beside an amount a currency counts more
        (["Total €5.00", "US dollars"], "EUR"),
        (["Total $5.00"], "USD"),
        (["Total $5.00", "Toronto, Canada"], "CAD"),
        (["Total $5.00", "Toronto, Canada", "Austin, TX 78701"], "USD"),
        (["Total (AUD$)", "$5.00"], "AUD"),
        (["Total $5.00", "All amounts in AUD."], "AUD"),
        (["Total $5.00", "Order POL/D/AUD/PA-A"], "USD"),  # a part of a number
        (["Total $5.00", "London, United Kingdom", "Bank of Australia"], "USD"),  # nothing says whose
        (["ALL TOP 5.00"], None),  # words, though codes of currencies
        (["nothing"], None),
    ],
)
def test_the_currency_is_the_one_of_the_amounts(lines: list[str], currency: str | None) -> None:
    assert Conventions([line.split() for line in lines]).currency == currency


def test_pages_are_heard_by_what_an_eye_sees_and_a_glued_key_is_no_part_of_its_date() -> None:
    words = (
        Word("Date:12/31/2025", Box(0.1, 0.1, 0.3, 0.12)),
        Word("31/12/2025", Box(0.1, 0.2, 0.3, 0.22), line=1, visible=False),
        Word("31/12/2024", Box(0.1, 0.3, 0.3, 0.32), line=2, visible=False),
    )
    assert Conventions.of_pages([Page(1, 595.0, 842.0, words=words)]).day_first is False
