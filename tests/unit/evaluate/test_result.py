"""Judged documents add up to one result: fields, lists, measures, calibration, grounding, completeness."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from docpipe.evaluate.judge import judge
from docpipe.evaluate.matching import matched
from docpipe.evaluate.result import evaluate
from docpipe.evaluate.truth import Truth, read_labels

ROWS = [{"text": "bolt", "amount": 1.0}, {"text": "nut", "amount": 2.0}]


def evidence(path: str, confidence: float, box: Any = (0.1, 0.1, 0.2, 0.2)) -> dict[str, Any]:
    return {"path": path, "value": None, "confidence": confidence, "page": 1, "boxes": [box], "origin": "model"}


@pytest.fixture
def result(outcome: Any) -> dict[str, Any]:
    box = [(1, (0.1, 0.1, 0.2, 0.2))]
    truths = [
        Truth("a", "a.pdf", {"total": 3.0, "name": "Shop", "lines": ROWS}, boxes={"total": box, "name": box}),
        Truth("b", "b.pdf", {"total": 4.0, "lines": ROWS}),
        Truth("gone", "gone.pdf", {"total": 5.0, "fax": "1"}),
    ]
    found = [
        outcome(
            "/in/a.pdf",
            {"total": Decimal("3.00"), "name": "Shop", "lines": ROWS},
            fields=[evidence("total", 0.95), evidence("name", 0.9, (0.7, 0.7, 0.8, 0.8))],
        ),
        outcome("/in/b.pdf", {"total": Decimal(9), "name": None, "lines": ROWS[:1]}, fields=[evidence("total", 0.3)]),
        outcome("/in/other.pdf", {"total": 1}),
    ]
    plan = {"total": "t", "name": "n", "lines": ["lines", {"text": "text", "amount": "amount"}]}
    return evaluate(matched(truths, found), plan)[0]


def test_documents_are_counted_and_the_missing_ones_listed(result: dict[str, Any]) -> None:
    assert result["documents"] == {
        "labelled": 3, "missing": 1, "unlabelled": 1, "without_an_error": 1, "by_status": {"missing": 1, "ok": 2}
    }  # fmt: skip
    assert result["missing"] == ["gone.pdf"]
    assert result["not_in_schema"] == ["fax"]


def test_fields_and_lists_add_up(result: dict[str, Any]) -> None:
    total = result["fields"]["total"]
    assert [total[key] for key in ("labelled", "right", "wrong", "missing", "spurious")] == [3, 1, 1, 1, 0]
    assert (total["precision"], total["recall"]) == pytest.approx((1 / 2, 1 / 3), abs=1e-6)
    assert result["fields"]["lines.text"]["recall"] == 0.75
    assert result["lists"]["lines"]["matched"] == 3
    micro = result["overall"]["micro"]  # total 3, name 1, four cells of each of two lists
    assert [micro[key] for key in ("labelled", "right", "wrong", "missing")] == [12, 8, 1, 3]
    assert result["overall"]["scalars"]["labelled"] == 4


def test_a_list_that_lost_rows_in_silence_is_told(result: dict[str, Any]) -> None:
    told = result["completeness"]
    assert (told["documents"], told["incomplete"], told["incomplete_in_silence"]) == (2, 1, 1)
    assert (told["rows_expected"], told["rows_found"], told["rows_matched"]) == (4, 3, 3)


@pytest.mark.parametrize(
    ("violations", "status", "said"),
    [([], "ok", (0, 0, 1)), ([], "needs_review", (0, 1, 0)), ([{"rule": "incomplete"}], "needs_review", (1, 1, 0))],
)
def test_whether_a_record_says_that_it_is_incomplete(
    outcome: Any, violations: list[Any], status: str, said: tuple[int, int, int]
) -> None:
    one = outcome("/a.pdf", {"lines": ROWS[:1]}, violations=violations, status=status)
    told = evaluate([(Truth("a", "a.pdf", {"lines": ROWS}), one)])[0]["completeness"]
    names = ("incomplete_and_says_so", "incomplete_and_in_review", "incomplete_in_silence")
    assert tuple(told[name] for name in names) == said


def test_confidence_is_judged_over_what_was_found(result: dict[str, Any]) -> None:
    values = result["calibration"]["values"]
    assert (values["values"], values["wrong"], values["auroc"], values["sure_share"]) == (3, 1, 1.0, 0.666667)
    assert result["calibration"]["records"]["values"] == 2


def test_places_are_judged_over_right_values_with_a_true_box(result: dict[str, Any]) -> None:
    assert result["grounding"] == {"values": 2, "page": 1.0, "centre": 0.5, "iou": 0.5, "iou_50": 0.5}


def test_the_result_is_plain_json_with_a_line_a_document(result: dict[str, Any]) -> None:
    assert json.loads(json.dumps(result)) == result
    lines = {one["id"]: one for one in result["per_document"]}
    assert lines["b"]["fields"]["total"] == [0, 1, 0, 0]
    assert lines["b"]["measures"]["row_recall"] == [1, 2]


def test_documents_are_missed_whole_if_nothing_came_of_them() -> None:
    one = judge(Truth("a", "a.pdf", {"total": 3.0, "lines": ROWS}), None)
    assert (one.status, {verdict.kind for verdict in one.errors}) == ("missing", {"missing"})
    assert one.measures["row_recall"] == (0, 2)


def test_the_worst_documents_come_worst_first_and_no_more_than_asked(outcome: Any) -> None:
    truths = [Truth(str(i), f"{i}.pdf", dict.fromkeys("abcd", "x")) for i in range(5)]
    found = [
        outcome(f"/{i}.pdf", {key: "x" if place >= i else "y" for place, key in enumerate("abcd")}) for i in range(5)
    ]
    _, worst = evaluate(matched(truths, found), worst=3)
    assert [one.truth.id for one in worst] == ["4", "3", "2"]
    assert evaluate(matched(truths, found), worst=0)[1] == []


def test_equally_right_values_count_in_every_measure(outcome: Any) -> None:
    truth = Truth("a", "a.pdf", {"name": "Shop"}, accept={"name": ["The Shop Ltd"]})
    measures = judge(truth, outcome("/a.pdf", {"name": "The Shop Ltd"})).measures
    assert measures["anls"] == (1.0, 1.0)
    assert measures["anls_star"] == (1.0, 1.0)


def test_partial_labels_make_no_other_key_an_error(outcome: Any) -> None:
    truth = Truth("a", "a.pdf", {"lines": [{"text": "bolt"}]}, complete=False)
    rows = [{"text": "nut", "amount": 7}, {"text": "bolt", "amount": 5}]
    one = judge(truth, outcome("/a.pdf", {"name": "x", "lines": rows}))
    assert one.errors == []
    assert one.measures["anls_star"] == (1.0, 1.0)


def test_rows_where_there_are_none_count_in_every_measure(outcome: Any) -> None:
    found = outcome("/a.pdf", {"name": "x", "lines": [{"text": "nut", "amount": None}]})
    whole, partial = (judge(Truth("a", "a.pdf", {"name": "x", "lines": []}, complete=all_rows), found)
                      for all_rows in (True, False))  # fmt: skip
    assert [one.path for one in whole.errors] == ["lines[0].text"]
    assert whole.measures["anls_star"] == (0.5, 1.0)
    assert partial.errors == []
    assert partial.measures["anls_star"] == (1.0, 1.0)


def test_a_label_given_back_is_right_in_every_measure(outcome: Any) -> None:
    samples = Path(__file__).parents[3] / "samples/invoices"
    for truth in read_labels(samples):
        one = judge(truth, outcome(truth.file, dict(truth.label)))
        assert one.errors == []
        assert {name: value / weight for name, (value, weight) in one.measures.items() if weight} == {
            name: pytest.approx(1.0) for name, (_, weight) in one.measures.items() if weight
        }


def test_what_one_row_labels_and_another_does_not_costs_neither(outcome: Any) -> None:
    rows = [{"text": "bolt", "amount": 1.0}, {"text": "nut"}]
    truth = Truth("a", "a.pdf", {"lines": rows, "shop": {"name": "x"}}, accept={"lines[1].text": ["screw"]})
    found = [{"text": "screw", "amount": 9, "code": "z"}, {"text": "bolt", "amount": 1, "code": None}]
    one = judge(truth, outcome("/a.pdf", {"lines": found, "shop": {"name": "x", "fax": "1"}}))
    assert one.errors == []
    assert one.measures["anls_star"] == (1.0, 1.0)


def test_tables_are_judged_as_tables_whatever_their_order(outcome: Any) -> None:
    one, two = {"header": ["a", "b"], "rows": [["1", "2"]]}, {"header": ["c", "d"], "rows": [["3", "4"], ["5", "6"]]}
    told = [{"header": table["header"], "rows": [{"cells": row} for row in table["rows"]]} for table in (two, one)]
    truth = Truth("a", "a.pdf", {"tables": [one, two]})
    whole = judge(truth, outcome("/a.pdf", {"tables": told})).measures
    assert (whole["teds"], whole["teds_struct"], whole["adjacency_f1"]) == ((2.0, 2.0), (2.0, 2.0), (22, 22))
    half = judge(truth, outcome("/a.pdf", {"tables": told[:1]})).measures
    assert (half["teds"], half["adjacency_recall"]) == ((1.0, 2.0), (7, 11))
    more = judge(Truth("a", "a.pdf", {"tables": [one]}), outcome("/a.pdf", {"tables": told})).measures
    assert (more["teds"], more["adjacency_precision"]) == ((1.0, 1.0), (4, 11))


def test_charts_are_judged_by_their_points(outcome: Any) -> None:
    series = [{"name": "s", "points": [{"x": "1", "y": 100.0}, {"x": "2", "y": 50.0}]}]
    found = [{"name": "s", "points": [{"x": "1", "y": Decimal(104)}, {"x": "2", "y": Decimal(50)}]}]
    truth = Truth("a", "a.png", {"title": "T", "series": series})
    measures = judge(truth, outcome("/a.png", {"title": "T", "series": found})).measures
    assert measures["rms_f1"] == (pytest.approx((1 + 0.96 + 1) / 3, abs=1e-6), 1.0)
    assert measures["relaxed_accuracy"] == (2, 2)
