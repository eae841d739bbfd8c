"""What stands on no key: a receipt's head, its only date and time; and how sure a value may be."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.engine.layout.keys.label_index import build_index
from docpipe.engine.layout.scoring.confidence import KNOTS, probability
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema
from tests.unit.engine.layout.conftest import page_of

RECEIPT = load_schema("receipt")
HEAD = [
    (60, 20, "Corner Bakery"),
    (60, 32, "12 Mill Lane"),
    (60, 44, "Bath BA1 1AA"),
    (60, 56, "Tel. 01225 555 019"),
]


def test_a_receipt_begins_with_its_sender(ask: Callable[..., dict[str, Any]]) -> None:
    seller = ask(RECEIPT.document, page_of([*HEAD, (20, 100, "Total"), (150, 100, "4.20")]))["seller"]
    assert seller["name"] == "Corner Bakery"
    assert seller["address"] == "12 Mill Lane\nBath BA1 1AA"


def test_a_name_that_is_also_a_key_is_a_name_where_no_value_follows(ask: Callable[..., dict[str, Any]]) -> None:
    found = ask(RECEIPT.document, page_of([(60, 20, "Bar El Puerto"), *HEAD[1:], (20, 100, "Total 4.20")]))
    assert found["seller"]["name"] == "Bar El Puerto"


def test_the_only_date_and_the_only_time_need_no_key(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [*HEAD, (20, 100, "Total 4.20"), (20, 700, "31.10.2022"), (120, 700, "13:51")]
    found = ask(RECEIPT.document, page_of(prints))
    assert (found["date"], found["time"]) == ("2022-10-31", "13:51")


def test_the_only_date_may_stand_at_a_key_that_no_schema_knows(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [*HEAD, (20, 100, "Total 4.20"), (20, 700, "Nadnevak: 31.08.2021"), (20, 714, "Serving: 7")]
    assert ask(RECEIPT.document, page_of(prints))["date"] == "2021-08-31"


def test_a_date_at_the_key_of_another_field_is_not_the_only_one(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [(50, 40, "Aldrin Instruments Ltd"), (50, 100, "Due date: 31.08.2021")]
    assert ask(load_schema("invoice").document, page_of(prints))["invoice_date"] is None


def test_a_label_that_a_scan_ran_into_its_value_is_no_code(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [(50, 40, "Aldrin Instruments Ltd"), (50, 100, "IBANIT62 J208 9255")]
    assert ask(load_schema("invoice").document, page_of(prints))["bic"] is None
    prints = [(50, 40, "Aldrin Instruments Ltd"), (50, 100, "CRSAIT7C")]
    assert ask(load_schema("invoice").document, page_of(prints))["bic"] == "CRSAIT7C"


def test_of_two_times_neither_is_guessed(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [*HEAD, (20, 100, "Total 4.20"), (20, 700, "13:51"), (120, 714, "18:20")]
    assert ask(RECEIPT.document, page_of(prints))["time"] is None


def test_what_a_key_means_does_not_depend_on_the_keys_before_it(invoice: Schema) -> None:
    fresh, used = build_index(invoice), build_index(invoice)
    used.matches("Datum Date")
    text = "Datum / Date"
    assert [(one.field.path, one.quality) for one in used.matches(text)] == [
        (one.field.path, one.quality) for one in fresh.matches(text)
    ]
    assert used.matches(text)


@given(st.sampled_from([*KNOTS, "party"]), st.floats(0, 1), st.floats(0, 1))
def test_a_better_score_of_one_kind_is_never_less_probable(kind: str, one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0.0 <= probability(kind, low) <= probability(kind, high) <= 1.0


def test_every_kind_of_evidence_rises_from_nothing() -> None:
    for knots in KNOTS.values():
        assert knots[0] == (0.0, 0.0)
        assert knots[-1][0] == 1.0
        assert all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(knots))


def test_an_address_goes_on_below_its_postal_code_where_it_has_not_ended(ask: Callable[..., dict[str, Any]]) -> None:
    head = ["TANGLE HARDWARE", "SDN BHD", "(483210-X)", "NO 12, JALAN DEDAP 4/2,", "81100 JOHOR BAHRU,", "JOHOR"]
    prints = [(60.0, 20.0 + 12 * at, text) for at, text in enumerate(head)]
    seller = ask(RECEIPT.document, page_of([*prints, (20, 120, "Total"), (150, 120, "4.20")]))["seller"]
    assert seller["name"] == "TANGLE HARDWARE SDN BHD"
    assert seller["address"] == "NO 12, JALAN DEDAP 4/2\n81100 JOHOR BAHRU\nJOHOR"


def test_an_american_address_puts_the_month_first(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [(60, 20, "Corner Bakery"), (60, 32, "12 Mill Lane"), (60, 44, "Springfield MO 65802")]
    found = ask(RECEIPT.document, page_of([*prints, (20, 100, "Total 4.20"), (20, 700, "07/04/19")]))
    assert found["date"] == "2019-07-04"


def test_digits_of_another_century_are_no_date(ask: Callable[..., dict[str, Any]]) -> None:
    found = ask(RECEIPT.document, page_of([*HEAD, (20, 100, "Total 4.20"), (20, 700, "0123 4567/8/12 14.11.22")]))
    assert found["date"] == "2022-11-14"


def test_an_amount_in_ringgit(ask: Callable[..., dict[str, Any]]) -> None:
    found = ask(RECEIPT.document, page_of([*HEAD, (20, 100, "Total"), (150, 100, "RM4.20")]))
    assert (str(found["total"]), found["currency"]) == ("4.20", "MYR")


def test_a_dollar_is_that_of_the_code_in_brackets(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [*HEAD, (20, 100, "Total (AUD)"), (150, 100, "$4.20")]
    assert ask(RECEIPT.document, page_of(prints))["currency"] == "AUD"
    assert ask(RECEIPT.document, page_of([*prints[:-2], (20, 100, "Total"), (150, 100, "$4.20")]))["currency"] == "USD"


def test_a_key_without_its_word_for_a_number_is_that_number(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [*HEAD, (20, 100, "Total 4.20"), (20, 120, "Vorgang:"), (150, 120, "88-123")]
    assert ask(RECEIPT.document, page_of(prints))["receipt_number"] == "88-123"


def test_a_number_in_brackets_behind_a_name_is_no_part_of_it(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [(60, 20, "Corner Bakery (483210-X)"), *HEAD[1:], (20, 100, "Total 4.20")]
    assert ask(RECEIPT.document, page_of(prints))["seller"]["name"] == "Corner Bakery"


def test_a_date_without_marks_needs_a_key_or_a_time_behind_it(ask: Callable[..., dict[str, Any]]) -> None:
    total = (20, 100, "Total 4.20")
    assert ask(RECEIPT.document, page_of([*HEAD, total, (20, 120, "Datum 210315")]))["date"] == "2021-03-15"
    assert ask(RECEIPT.document, page_of([*HEAD, total, (20, 120, "20210315 17:06")]))["date"] == "2021-03-15"
    assert ask(RECEIPT.document, page_of([*HEAD, total, (20, 120, "210315 4711")]))["date"] is None


@pytest.mark.parametrize(
    ("prints", "time"),
    [
        ([(20, 300, "03/04/2024 07:42 PM")], "19:42"),
        ([(20, 300, "Time: 12:10 am")], "00:10"),
        ([(20, 300, "01:05:22 PM")], "13:05:22"),
        ([(20, 300, "18:37"), (20, 400, "06:37:39 PM")], "18:37:39"),  # one says the other, and more
        ([(20, 300, "18:37"), (20, 400, "19:40")], None),
    ],
)
def test_a_time_of_day_is_told_on_the_24_hour_clock(
    ask: Callable[..., dict[str, Any]], prints: list[Any], time: str | None
) -> None:
    found = ask(RECEIPT.document, page_of([*HEAD, *prints, (20, 100, "Total 4.20")]))
    assert found["time"] == time
