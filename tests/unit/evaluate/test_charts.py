"""RMS by the worked example of its published evaluation, relaxed accuracy by the paper's rule."""

from __future__ import annotations

from typing import Any

import pytest

from docpipe.evaluate.charts import mapping_similarity, relaxed_correct


def series(**named: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "points": [{"x": x, "y": y} for x, y in points.items()]} for name, points in named.items()]


TRUTH = series(Argentina={"1999": 200}, Brazil={"1999": 158})


def test_rms_of_the_worked_example() -> None:
    # title 1, Argentina 1 - 2/200, Brazil 0
    found = series(argentina={"1999": 202}, brazil={"1999": 0})
    one = mapping_similarity(TRUTH, found, ("my table", "my table"))
    assert (one.precision, one.recall, one.f1) == pytest.approx((1.99 / 3,) * 3, abs=1e-6)
    assert (one.relaxed, one.points) == (1, 2)


def test_series_and_x_may_be_exchanged() -> None:
    found = [{"name": "1999", "points": [{"x": "argentina", "y": 202}, {"x": "brazil", "y": 0}]}]
    one = mapping_similarity(TRUTH, found, ("my table", "my table"))
    assert one.f1 == pytest.approx(1.99 / 3, abs=1e-6)


def test_a_point_too_few_costs_recall_and_one_too_many_precision() -> None:
    less = mapping_similarity(TRUTH, TRUTH[:1])
    assert (less.precision, less.recall, less.f1) == pytest.approx((1.0, 0.5, 2 / 3), abs=1e-6)
    more = mapping_similarity(TRUTH[:1], TRUTH)
    assert (more.precision, more.recall) == pytest.approx((0.5, 1.0), abs=1e-6)


@pytest.mark.parametrize(
    ("value", "score"), [(200, 1.0), (219.9, 1 - 19.9 / 200), (220, 0.0), (180.2, 1 - 19.8 / 200), (400, 0.0)]
)
def test_a_number_scores_by_its_relative_error_up_to_a_tenth(value: float, score: float) -> None:
    assert mapping_similarity(TRUTH[:1], series(Argentina={"1999": value})).f1 == pytest.approx(score, abs=1e-6)


def test_a_key_scores_by_its_distance_below_a_half() -> None:
    near = mapping_similarity(series(a={"abcde": 1}), series(a={"abcdx": 1}))
    assert near.f1 == pytest.approx(1 - 1 / 7, abs=1e-6)  # "abcde a"
    assert mapping_similarity(series(a={"abcde": 1}), series(zzzzzz={"qqqqqq": 1})).f1 == 0.0


def test_nothing_found_and_nothing_to_find() -> None:
    assert mapping_similarity(TRUTH, []).f1 == 0.0
    assert mapping_similarity([], []).f1 == 1.0


@pytest.mark.parametrize(
    ("truth", "found", "right"),
    [
        ("100", "105", True),
        ("100", "95", True),
        ("100", "105.1", False),
        ("-100", "-96", True),
        ("0", "0", True),
        ("0", "0.01", False),
        ("50%", "0.51", True),
        ("Yes", "yes", True),
        ("Yes", "No", False),
        ("12", "twelve", False),
    ],
)
def test_relaxed_accuracy_forgives_five_per_cent_of_a_number_and_no_letter(truth: str, found: str, right: bool) -> None:
    assert relaxed_correct(truth, found) is right
