"""Synthetic documents are as hard as real ones: the layout engine scores on both about the same.

Real documents do not lie in the project. What it scores on them is measured by benchmarks/parity.py and recorded, with
its date; here the synthetic side is measured again.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest

from docpipe.synth.traits import as_real, hard_kinds

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
FIGURES = {"invoice": ("scalars", "rows"), "receipt": ("scalars", "rows"), "form": ("pairs", "boxes")}


@pytest.fixture(scope="module")
def parity() -> dict[str, Any]:
    """The benchmark, as a module's names."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return runpy.run_path(str(BENCHMARKS / "parity.py"))
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def recorded(parity: dict[str, Any]) -> dict[str, Any]:
    """What was measured last, by kind."""
    found: dict[str, Any] = json.loads(parity["RESULTS"].read_text(encoding="utf-8"))
    return found


def test_every_kind_that_can_be_hard_was_compared_with_real_documents(recorded: dict[str, Any]) -> None:
    assert recorded["date"]
    assert set(recorded["kinds"]) == set(hard_kinds()) == set(FIGURES)
    for kind, names in FIGURES.items():
        for side in ("real", "synthetic"):
            assert recorded["kinds"][kind][side].keys() >= {"documents", *names}


def test_the_recorded_figures_are_at_most_a_tenth_apart_at_the_share_that_is_set(
    parity: dict[str, Any], recorded: dict[str, Any]
) -> None:
    for kind, names in FIGURES.items():
        found = recorded["kinds"][kind]
        assert found["hard"] == as_real(kind)
        for name in names:
            assert abs(found["synthetic"][name] - found["real"][name]) <= parity["MOST_APART"], f"{kind} {name}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", hard_kinds())
def test_synthetic_documents_are_at_most_a_tenth_easier_or_harder_than_real_ones(
    kind: str, parity: dict[str, Any], recorded: dict[str, Any]
) -> None:
    share, way = as_real(kind), parity["WAYS"][kind]
    made = parity["synthetic"](kind, parity["DOCUMENTS"], parity["SEED"], share, way).figures
    for name in FIGURES[kind]:
        real = recorded["kinds"][kind]["real"][name]
        assert abs(made[name] - real) <= parity["MOST_APART"], f"{kind} {name}: {made[name]} against {real}"


def label(**values: Any) -> dict[str, Any]:
    return {"label": values, "synthetic": {}}


@pytest.fixture(scope="module")
def figures(parity: dict[str, Any]) -> Any:
    def of(kind: str, truth: dict[str, Any], record: dict[str, Any]) -> dict[str, float]:
        found: dict[str, float] = parity["tallied"](kind, truth, record).figures()
        return found

    return of


def test_a_wrong_value_costs_twice_what_a_missing_one_does(figures: Any) -> None:
    truth = label(total=12.5, date="2024-05-03", currency="EUR")
    right = {"total": 12.5, "date": "2024-05-03", "currency": "EUR"}
    assert figures("receipt", truth, right) == {"scalars": 1.0}
    assert figures("receipt", truth, {**right, "currency": None}) == {"scalars": 0.8}
    assert figures("receipt", truth, {**right, "currency": "USD"}) == {"scalars": 0.667}


def test_what_a_synthetic_label_leaves_null_is_not_printed_and_what_a_partial_one_leaves_out_is_unknown(
    figures: Any,
) -> None:
    record = {"total": 12.5, "tax": 2.0}
    assert figures("receipt", label(total=12.5, tax=None), record) == {"scalars": 0.667}
    assert figures("receipt", {"label": {"total": 12.5}}, record) == {"scalars": 1.0}
    assert figures("receipt", {"label": {"total": 12.5}, "not_printed": ["tax"]}, record) == {"scalars": 0.667}
    accepted = {**label(total=12.5, tax=None), "accept": {"tax": [2.0]}}
    assert figures("receipt", accepted, record) == {"scalars": 1.0}


def test_rows_match_by_their_numbers_and_much_of_their_words(figures: Any) -> None:
    rows = [{"description": "Flat White", "quantity": 2.0, "amount": 7.0}, {"description": "Bagel", "amount": 3.2}]
    truth = label(line_items=rows)
    assert figures("receipt", truth, {"line_items": rows})["rows"] == 1.0
    worse = [{"description": "Flat Whit", "quantity": 2, "amount": 7}, {"description": "Bagel", "amount": 3.3}]
    assert figures("receipt", truth, {"line_items": worse})["rows"] == 0.5


def test_pairs_want_key_and_entry_and_boxes_their_label_and_tick(figures: Any) -> None:
    truth = label(
        fields=[{"key": "Surname", "value": "Penrose"}, {"key": "Town", "value": None}],
        checkboxes=[{"label": "single", "checked": True}, {"label": "married", "checked": False}],
    )
    right = {"fields": [{"key": "Surname", "value": "Penrose"}], "checkboxes": truth["label"]["checkboxes"]}
    assert figures("form", truth, right) == {"pairs": 1.0, "boxes": 1.0}
    other = {"fields": [{"key": "Forename", "value": "Penrose"}], "checkboxes": [{"label": "single", "checked": False}]}
    assert figures("form", truth, other) == {"pairs": 0.0, "boxes": 0.0}
