"""Printed dates are read in every language, and what is no date becomes None."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.literals.dates import infer_day_first, parse_date

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
    ("2024年3月15日", "2024-03-15"),
    ("２０２４年３月１５日", "2024-03-15"),
    ("令和6年4月30日", "2024-04-30"),
    ("令和元年5月1日", "2019-05-01"),
    ("平成31年4月30日", "2019-04-30"),
    ("民國113年3月15日", "2024-03-15"),
    ("2024년 3월 15일", "2024-03-15"),
    ("14/III/2024", "2024-03-14"),
    ("1.XII.24", "2024-12-01"),
]


@pytest.mark.parametrize(("text", "iso"), DATES)
def test_dates_are_read_in_every_language(text: str, iso: str) -> None:
    found = parse_date(text)
    assert found is not None
    assert found == (dt.date.fromisoformat(iso), False)


@pytest.mark.parametrize("text", ["", "30.02.2024", "Feb 2024", "1.1.1", "2024", "12345678", "31/31/2024", "a 1 b 2",
                                  "6年4月30日", "天地6年4月30日", "2024年13月1日", "14/IIII/2024"])  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_an_open_order_is_told_and_a_hint_closes_it() -> None:
    assert parse_date("5/3/2024") == (dt.date(2024, 3, 5), True)
    assert parse_date("5/3/2024", day_first=True) == (dt.date(2024, 3, 5), False)
    assert parse_date("5/3/2024", day_first=False) == (dt.date(2024, 5, 3), False)
    assert parse_date("5.3.2024", day_first=False) == (dt.date(2024, 3, 5), False)


def test_dates_that_can_be_read_in_one_way_only_tell_the_order_of_day_and_month() -> None:
    assert infer_day_first(["31/12/2023", "1/2/2024"]) is True
    assert infer_day_first(["12/31/2023"]) is False
    assert infer_day_first(["1/2/2024", "31.12.2024"]) is None


@given(
    date=st.dates(dt.date(1970, 1, 1), dt.date(2069, 12, 31)),
    form=st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d %B %Y", "%b %d, %Y", "%d.%m.%y"]),
)
def test_a_printed_date_comes_back(date: dt.date, form: str) -> None:
    assert parse_date(date.strftime(form)) == (date, False)
