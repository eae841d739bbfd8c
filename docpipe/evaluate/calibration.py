"""What confidence is worth: whether it ranks errors last, says how often it is right, and lets values pass.

AUROC: the chance that a right value has more confidence than a wrong one, ties counted half (Mann and
Whitney, 1947). ECE and the reliability table: Guo et al., "On Calibration of Modern Neural Networks",
ICML 2017, ten bins of equal width. The share that can pass: the most values, taken from the surest
down, of which `PRECISION` are right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BINS = 10
PRECISION = 0.99
SURE = 0.9

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Values with confidence in [low, high): how many, their mean confidence, the share that is right."""

    low: float
    high: float
    values: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """None where nothing can be said: no values, or for AUROC none wrong or none right."""

    values: int
    wrong: int
    auroc: float | None
    ece: float | None
    bins: tuple[Bin, ...]
    passing_share: float | None
    passing_confidence: float | None
    sure_share: float | None
    sure_wrong: int


def calibration(confidence: Sequence[float], right: Sequence[bool]) -> Calibration:
    """Confidences in [0, 1] of values that were found, and whether each is right."""
    sure, correct = np.asarray(confidence, dtype=np.float64), np.asarray(right, dtype=bool)
    if not len(sure):
        return Calibration(0, 0, None, None, (), None, None, None, 0)
    bins = reliability(sure, correct)
    share, least = passing(sure, correct)
    return Calibration(
        values=len(sure),
        wrong=int((~correct).sum()),
        auroc=auroc(sure, correct),
        ece=float(sum(interval.values * abs(interval.accuracy - interval.confidence) for interval in bins) / len(sure)),
        bins=bins,
        passing_share=share,
        passing_confidence=least,
        sure_share=float((sure >= SURE).mean()),
        sure_wrong=int((~correct[sure >= SURE]).sum()),
    )


def auroc(confidence: Floats, right: npt.NDArray[np.bool_]) -> float | None:
    """The area under the curve of confidence as a test for being right; None if all or none are."""
    positives, negatives = int(right.sum()), int((~right).sum())
    if not positives or not negatives:
        return None
    _, place, count = np.unique(confidence, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]  # the mean rank of equal confidences
    return float((ranks[right].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def reliability(confidence: Floats, right: npt.NDArray[np.bool_]) -> tuple[Bin, ...]:
    """The bins that hold values, from the least sure; 1.0 falls into the last."""
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    found = []
    for index in np.unique(place):
        inside = place == index
        means = float(confidence[inside].mean()), float(right[inside].mean())
        found.append(Bin(int(index) / BINS, (int(index) + 1) / BINS, int(inside.sum()), *means))
    return tuple(found)


def passing(
    confidence: Floats, right: npt.NDArray[np.bool_], precision: float = PRECISION
) -> tuple[float, float | None]:
    """(share of values, least confidence) that passes without review; (0.0, None) if none may."""
    order = np.argsort(-confidence, kind="stable")
    ranked, correct = confidence[order], np.cumsum(right[order])
    taken = np.arange(1, len(ranked) + 1)
    last_of_equals = np.append(ranked[1:] != ranked[:-1], True)  # a limit takes all of one confidence
    good = np.flatnonzero(last_of_equals & (correct >= precision * taken - 1e-9))
    if not len(good):
        return 0.0, None
    return float(taken[good[-1]] / len(ranked)), float(ranked[good[-1]])
