"""Confidence is judged by the definitions, counted out by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.evaluate.calibration import auroc, calibration, passing

PAIRS = st.lists(st.tuples(st.sampled_from([0.1, 0.35, 0.5, 0.8, 0.9, 1.0]), st.booleans()), min_size=1, max_size=40)


@given(PAIRS)
def test_auroc_is_the_chance_that_a_right_value_is_the_surer_one(pairs: list[tuple[float, bool]]) -> None:
    sure, right = np.array([one for one, _ in pairs]), np.array([ok for _, ok in pairs])
    wins = [(a > b) + (a == b) / 2 for a, ok in pairs for b, other in pairs if ok and not other]
    found = auroc(sure, right)
    assert found == (pytest.approx(sum(wins) / len(wins), abs=1e-9) if wins else None)


@given(PAIRS)
def test_what_passes_is_the_largest_share_above_a_limit_that_is_right_enough(pairs: list[tuple[float, bool]]) -> None:
    sure, right = np.array([one for one, _ in pairs]), np.array([ok for _, ok in pairs])
    limits = [limit for limit in set(sure) if right[sure >= limit].mean() >= 0.8]
    best = max(((sure >= limit).mean() for limit in limits), default=0.0)
    share, least = passing(sure, right, 0.8)
    assert share == pytest.approx(best)
    assert least == (min(limits) if limits else None)


@given(PAIRS)
def test_the_error_of_calibration_is_the_weighted_gap_of_the_bins(pairs: list[tuple[float, bool]]) -> None:
    one = calibration([sure for sure, _ in pairs], [right for _, right in pairs])
    gap = 0.0
    for low in range(10):
        inside = [(sure, right) for sure, right in pairs if min(int(sure * 10), 9) == low]
        if inside:
            gap += abs(sum(right for _, right in inside) - sum(sure for sure, _ in inside)) / len(pairs)
    assert one.ece == pytest.approx(gap, abs=1e-9)
    assert sum(bin_.values for bin_ in one.bins) == one.values == len(pairs)


def test_values_at_ninety_per_cent_and_the_wrong_ones_among_them() -> None:
    one = calibration([0.95, 0.9, 0.9, 0.5], [True, False, True, False])
    assert (one.sure_share, one.sure_wrong, one.wrong) == (0.75, 1, 2)


def test_of_no_values_nothing_is_said() -> None:
    one = calibration([], [])
    assert (one.values, one.auroc, one.ece, one.passing_share) == (0, None, None, None)
