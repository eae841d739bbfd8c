"""Fields are compared by type, partial truth is partial, and a guess costs more than a null."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from docpipe.evaluate.counts import Score, macro_f1, total
from docpipe.evaluate.fields import compare
from docpipe.evaluate.values import as_text, same


@pytest.mark.parametrize(
    ("truth", "found", "equal"),
    [
        (19.99, Decimal("19.99"), True),
        (19.99, Decimal("20.00"), True),
        (19.99, Decimal("20.01"), False),
        (5, Decimal(5), True),
        (5, "five", False),
        ("2026-01-31", dt.date(2026, 1, 31), True),
        ("Müller & Söhne GmbH", "MÜLLER & SÖHNE GMBH", True),
        ("Main St. 5\n10115 Berlin", "Main St 5, 10115 Berlin", True),
        ("Müller", "Mueller", False),
        ("ﬁve", "five", True),
        (True, True, True),
        (True, 1, False),
        (5.0, Decimal("NaN"), False),
        ("€", "$", False),
        ("€", "€", True),
        ("—", "", False),
    ],
)
def test_values_are_compared_by_what_they_mean(truth: Any, found: Any, equal: bool) -> None:
    assert same(truth, found) is equal


def score(truth: Any, record: Any, accept: Any = None, **how: Any) -> dict[str, Score]:
    return compare(truth, record, accept, **how).scores()


def test_only_labelled_keys_count() -> None:
    scores = score({"a": "x", "shop": {"name": "y"}}, {"a": "x", "b": "z", "shop": {"name": None, "tax_id": "1"}})
    assert scores == {"a": Score(right=1), "shop.name": Score(missing=1)}


def test_accepted_values_are_right_too() -> None:
    assert score({"total": 5.0}, {"total": Decimal(4)}, {"total": [5.0, 4.0]}) == {"total": Score(right=1)}


@pytest.mark.parametrize(
    ("found", "expected"),
    [(None, Score()), ("LS 12", Score(right=1)), ("LS 13", Score(spurious=1))],
)
def test_a_value_may_be_accepted_where_none_is_wanted(found: str | None, expected: Score) -> None:
    assert total(score({"note": None}, {"note": found}, {"note": ["LS 12"]}).values()) == expected


def test_an_empty_list_says_that_there_are_no_rows() -> None:
    record = {"rows": [{"a": "x", "n": 1, "none": None}]}
    spurious = {"rows": Score(spurious=1), "rows.a": Score(spurious=1), "rows.n": Score(spurious=1)}
    assert score({"rows": []}, record) == spurious
    assert score({"rows": []}, record, complete=False) == {"rows": Score()}


def test_a_failed_document_misses_everything() -> None:
    assert score({"a": "x", "rows": [{"b": 1}]}, None) == {
        "a": Score(missing=1),
        "rows": Score(missing=1),
        "rows.b": Score(missing=1),
    }


def test_rows_are_paired_by_likeness_not_by_place() -> None:
    truth = {"rows": [{"text": "bolt", "amount": 1.0}, {"text": "nut", "amount": 2.0}]}
    found = {"rows": [{"text": "extra", "amount": Decimal(9)}, {"text": "nut", "amount": Decimal(2)},
                      {"text": "bolt", "amount": Decimal(3)}]}  # fmt: skip
    scores = score(truth, found)
    assert scores["rows"] == Score(right=1, wrong=1, spurious=1)
    assert scores["rows.text"] == Score(right=2, spurious=1)
    assert scores["rows.amount"] == Score(right=1, wrong=1, spurious=1)


def test_identical_rows_are_each_found_once() -> None:
    row = {"text": "bolt", "amount": 1.0}
    assert score({"rows": [row, dict(row)]}, {"rows": [row]})["rows"] == Score(right=1, missing=1)


def test_null_in_the_truth_is_labelled_and_a_value_in_its_place_is_spurious() -> None:
    assert score({"a": None}, {"a": None}) == {}
    assert score({"a": None}, {"a": "invented"}) == {"a": Score(spurious=1)}
    assert score({"a": None}, {"a": "fine"}, {"a": ["fine"]}) == {"a": Score(right=1)}


def test_a_spurious_value_costs_precision_and_no_recall() -> None:
    found = Score(right=6, missing=2, spurious=4)
    assert (found.precision, found.recall) == (0.6, 0.75)
    assert found.f1 == pytest.approx(2 * 0.6 * 0.75 / 1.35)


def test_accepted_values_may_be_those_of_one_row() -> None:
    truth, found = (
        {"rows": [{"a": "x", "n": 1.0}, {"a": "y", "n": 2.0}]},
        {"rows": [{"a": "x", "n": 3}, {"a": "y", "n": 3}]},
    )
    assert score(truth, found, {"rows[1].n": [3.0]})["rows.n"] == Score(right=1, wrong=1)


def test_a_list_of_scalars_is_compared_without_order_each_once() -> None:
    assert score({"tags": ["a", "b", "b"]}, {"tags": ["B", "c", "a"]}) == {
        "tags": Score(right=2, missing=1, spurious=1)
    }


def test_an_object_where_the_truth_has_none_and_the_other_way_round() -> None:
    assert score({"shop": {"name": "x"}}, {"shop": None}) == {"shop.name": Score(missing=1)}
    assert score({"rows": [{"a": "x"}]}, {"rows": None})["rows"] == Score(missing=1)
    assert score({"rows": []}, {"rows": [{"a": "x"}]})["rows"] == Score(spurious=1)


def test_verdicts_say_where_in_truth_and_record_a_value_stands() -> None:
    truth = {"rows": [{"a": "x", "n": 1.0}, {"a": "y", "n": 2.0}]}
    found = {"rows": [{"a": "y", "n": 5}, {"a": "x", "n": 1}]}
    where = {(one.truth_path, one.path): one.kind for one in compare(truth, found).verdicts}
    assert where == {
        ("rows[0].a", "rows[1].a"): "right",
        ("rows[0].n", "rows[1].n"): "right",
        ("rows[1].a", "rows[0].a"): "right",
        ("rows[1].n", "rows[0].n"): "wrong",
    }


def test_lists_within_rows_are_compared_too() -> None:
    truth = {"rows": [{"a": "x", "codes": [{"c": "1"}, {"c": "2"}]}]}
    found = {"rows": [{"a": "x", "codes": [{"c": "2"}]}]}
    assert score(truth, found)["rows.codes.c"] == Score(right=1, missing=1)


def test_micro_adds_counts_and_macro_takes_each_field_alike() -> None:
    fields = [Score(right=9, wrong=1), Score(missing=2), Score()]
    assert total(fields) == Score(right=9, wrong=1, missing=2)
    assert macro_f1(fields) == pytest.approx(0.45)
    assert macro_f1([]) == 0.0


@pytest.mark.parametrize(
    ("value", "text"),
    [(12.50, "12.5"), (Decimal("100.00"), "100"), (dt.date(2026, 1, 31), "2026-01-31"), (True, "true"), ("a", "a")],
)
def test_a_value_is_spelled_one_way(value: Any, text: str) -> None:
    assert as_text(value) == text


def test_precision_recall_and_f1() -> None:
    found = Score(right=6, wrong=2, missing=4)
    assert (found.precision, found.recall) == (0.75, 0.5)
    assert found.f1 == pytest.approx(0.6)
    assert Score().f1 == 0.0
