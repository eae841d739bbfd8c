"""The data of a chart against its truth: Relative Mapping Similarity and relaxed accuracy.

RMS: Liu et al., "DePlot: One-shot visual language reasoning by plot-to-table translation", ACL 2023,
section 3.2, with the thresholds of its published evaluation: 0.5 for texts, 0.1 for numbers. A chart is
an unordered set of (key, value); keys are paired by the smallest sum of normalised Levenshtein
distances. Relaxed accuracy: Masry et al., "ChartQA", ACL 2022: a number may be 5% off, a text must be the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from docpipe.evaluate.libraries import library
from docpipe.evaluate.values import as_text

TEXT_THRESHOLD = 0.5
NUMBER_THRESHOLD = 0.1
RELAXED = 0.05

Points = list[tuple[str, str]]
"""(key, value) of every point and of the title, in lower case."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """RMS of a chart, each in [0, 1], and how many of `points` values are within 5%."""

    precision: float
    recall: float
    f1: float
    relaxed: int
    points: int


def holds_series(value: Any) -> bool:
    """Whether a label's value is the data of a chart: a list of objects with points."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(part, Mapping) and "points" in part for part in value)
    )


def mapping_similarity(
    truth: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]],
    titles: tuple[str | None, str | None] = (None, None),
) -> Mapped:
    """Two lists of series ({name, points: [{x, y}]}) compared; `titles` of truth and found, if labelled.

    What is found may have its series and its x exchanged: the better reading counts, as in the paper.
    Raises MissingLibrary without scipy.
    """
    wanted = points(truth, titles[0])
    readings = [points(found, titles[1], exchanged=exchanged) for exchanged in (False, True)]
    values = [bool(index or not titles[0]) for index in range(len(wanted))]
    return max((_compared(wanted, values, reading) for reading in readings), key=lambda match: match.f1)


def points(series: Sequence[Mapping[str, Any]], title: str | None = None, *, exchanged: bool = False) -> Points:
    """The (key, value) of every point: the key is its x and the name of its series."""
    told = [("title", title.lower())] if title else []
    for line in series:
        for point in line.get("points") or ():
            parts = [_text(point.get("x")), _text(line.get("name"))]
            told.append((" ".join(reversed(parts) if exchanged else parts).strip(), _text(point.get("y"))))
    return told


def _text(value: Any) -> str:
    return "" if value is None else as_text(value).lower().strip()


def _compared(truth: Points, values: Sequence[bool], found: Points) -> Mapped:
    """`values` says which of `truth` are points rather than the title."""
    if not truth or not found:
        return Mapped(float(bool(truth) or not found), float(not truth), float(not truth and not found), 0, sum(values))
    distance = process.cdist(
        [key for key, _ in truth], [key for key, _ in found], scorer=Levenshtein.normalized_distance
    ).astype(np.float64)
    cost = np.where(distance < TEXT_THRESHOLD, distance, 1.0)
    total, relaxed = 0.0, 0
    for i, j in zip(*library("scipy.optimize").linear_sum_assignment(cost), strict=True):
        total += float(1.0 - cost[i, j]) * _value_similarity(truth[i][1], found[j][1])
        relaxed += bool(values[i] and cost[i, j] < 1 and relaxed_correct(truth[i][1], found[j][1]))
    precision, recall = total / len(found), total / len(truth)
    f1 = 2 * precision * recall / (precision + recall) if total else 0.0
    return Mapped(precision, recall, f1, relaxed, sum(values))


def _value_similarity(truth: str, found: str) -> float:
    if truth == found:
        return 1.0
    wanted, number = _number(truth), _number(found)
    if wanted and number is not None:
        distance = abs(wanted - number) / abs(wanted)
        return 1.0 - distance if distance < NUMBER_THRESHOLD else 0.0
    distance = Levenshtein.normalized_distance(truth, found)
    return 1.0 - distance if distance < TEXT_THRESHOLD else 0.0


def relaxed_correct(truth: str, found: str, tolerance: float = RELAXED) -> bool:
    """Whether an answer is right to `tolerance` of the truth if both are numbers, else the same text."""
    wanted, number = _number(truth), _number(found)
    if wanted and number is not None:
        return abs(wanted - number) / abs(wanted) <= tolerance
    return truth.lower() == found.lower()


def _number(text: str) -> float | None:
    try:
        return float(text.removesuffix("%")) / 100 if text.endswith("%") else float(text)
    except ValueError:
        return None
