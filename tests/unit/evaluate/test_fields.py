"""Fields are compared by type, partial truth is partial, and a guess costs more than a null."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from docpipe.evaluate.fields import Score, same, score


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
    ],
)
def test_values_are_compared_by_what_they_mean(truth: Any, found: Any, equal: bool) -> None:
    assert same(truth, found) is equal


def test_only_labelled_keys_count() -> None:
    scores = score({"a": "x", "shop": {"name": "y"}}, {"a": "x", "b": "z", "shop": {"name": None, "tax_id": "1"}})
    assert scores == {"a": Score(right=1), "shop.name": Score(missing=1)}


def test_accepted_values_are_right_too() -> None:
    assert score({"total": 5.0}, {"total": Decimal(4)}, {"total": [5.0, 4.0]}) == {"total": Score(right=1)}


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
    assert scores["rows"] == Score(right=1, wrong=2)
    assert scores["rows.text"] == Score(right=2)
    assert scores["rows.amount"] == Score(right=1, wrong=1)


def test_identical_rows_are_each_found_once() -> None:
    row = {"text": "bolt", "amount": 1.0}
    assert score({"rows": [row, dict(row)]}, {"rows": [row]})["rows"] == Score(right=1, missing=1)


def test_precision_recall_and_f1() -> None:
    found = Score(right=6, wrong=2, missing=4)
    assert (found.precision, found.recall) == (0.75, 0.5)
    assert found.f1 == pytest.approx(0.6)
    assert Score().f1 == 0.0
