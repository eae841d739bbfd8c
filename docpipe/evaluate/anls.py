"""ANLS and ANLS*: how near a text comes that is not the very text.

ANLS: Biten et al., "Scene Text Visual Question Answering", ICCV 2019, with threshold 0.5: a text whose
normalised Levenshtein distance NL to the nearest accepted answer is below the threshold scores
1 - NL, any other 0. ANLS*: Peer et al., "ANLS* - A Universal Document Processing Metric for
Generative Large Language Models", 2024: the same for nested values; lists are matched without regard
to order, missing and invented keys and elements count as 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from docpipe.evaluate.libraries import library
from docpipe.evaluate.values import as_text

THRESHOLD = 0.5

Floats = npt.NDArray[np.float64]
Weighed = tuple[float, int]
"""A sum of similarities and the number of values that it is to be divided by."""


def anls(accepted: Iterable[str], found: str | None) -> float:
    """The best similarity of `found` to an accepted text, in [0, 1]; letter case does not matter."""
    if found is None:
        return 0.0
    return max(
        (_beyond_threshold(accepted_text.lower().strip(), found.lower().strip()) for accepted_text in accepted),
        default=0.0,
    )


def _beyond_threshold(truth: str, found: str) -> float:
    if truth == found:
        return 1.0
    distance: float = Levenshtein.normalized_distance(truth, found)
    return 1.0 - distance if distance < THRESHOLD else 0.0


def anls_star(truth: Any, found: Any) -> float:
    """ANLS* of a nested value, in [0, 1]. In `truth` a tuple lists equally right values.

    Numbers and dates are compared as text (`values.as_text`). Raises MissingLibrary without scipy.
    """
    return _mean(_weigh(_spelled(truth), _spelled(found)))


def _spelled(value: Any) -> Any:
    """The same value with every scalar as the text that is compared."""
    if isinstance(value, Mapping):
        return {key: _spelled(below) for key, below in value.items()}
    if isinstance(value, list):
        return [_spelled(below) for below in value]
    if isinstance(value, tuple):
        return tuple(_spelled(below) for below in value)
    return None if value is None else " ".join(as_text(value).lower().split())


def _weigh(truth: Any, found: Any) -> Weighed:
    if type(truth) is type(found) is str:
        return _leaf(truth, found), 1
    if isinstance(truth, tuple):
        return max((_weigh(wanted, found) for wanted in truth), key=_mean)
    if isinstance(truth, dict):
        return _object(truth, found) if isinstance(found, dict) else (0.0, max(size(truth), size(found)))
    if isinstance(truth, list):
        return _list(truth, found) if isinstance(found, list) else (0.0, max(size(truth), size(found)))
    if truth is None:
        return (1.0, max(1, size(found))) if _empty(found) else (0.0, max(1, size(found)))
    return 0.0, max(1, size(found))


def _mean(weighed: Weighed) -> float:
    return weighed[0] / weighed[1] if weighed[1] else 1.0


def _object(truth: Mapping[str, Any], found: Mapping[str, Any]) -> Weighed:
    similarity, values = 0.0, 0
    for key, wanted in truth.items():
        below, count = _weigh(wanted, found.get(key))
        similarity += below
        values += count
    for key, other in found.items():
        if key not in truth:  # invented: even without a value it is not free
            values += max(1, size(other))
    return similarity, values


def _list(truth: Sequence[Any], found: Sequence[Any]) -> Weighed:
    if not truth or not found:
        return 0.0, sum(map(size, truth)) + sum(map(size, found))
    similarity, values = _flat(truth, found) if _are_flat(truth) and _are_flat(found) else _each(truth, found)
    likeness = np.divide(similarity, values, out=np.ones_like(similarity), where=values > 0)
    equal = np.array([[_fits(wanted, other) for other in found] for wanted in truth])
    likeness = np.where(equal, np.nextafter(likeness, np.inf), likeness)
    left, right = library("scipy.optimize").linear_sum_assignment(likeness, maximize=True)
    count = int(values[left, right].sum())
    count += sum(size(truth[i]) for i in set(range(len(truth))) - set(left.tolist()))
    count += sum(size(found[j]) for j in set(range(len(found))) - set(right.tolist()))
    return float(similarity[left, right].sum()), count


def _each(truth: Sequence[Any], found: Sequence[Any]) -> tuple[Floats, Floats]:
    """(similarity, values) of every pair, each (n, m)."""
    pairs = np.array([[_weigh(wanted, other) for other in found] for wanted in truth], dtype=np.float64)
    return pairs[..., 0], pairs[..., 1]


def _are_flat(rows: Sequence[Any]) -> bool:
    return all(
        isinstance(row, dict) and all(cell is None or isinstance(cell, str) for cell in row.values()) for row in rows
    )


def _flat(truth: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> tuple[Floats, Floats]:
    """As `_each`, for rows of scalars: a key at a time, which is many times faster."""
    similarity, values = np.zeros((len(truth), len(found))), np.zeros((len(truth), len(found)))
    for key in {name: None for row in (*truth, *found) for name in row}:
        there, here = np.array([key in row for row in truth]), np.array([key in row for row in found])
        wanted, other = [row.get(key) for row in truth], [row.get(key) for row in found]
        near = process.cdist(
            [cell or "" for cell in wanted],
            [cell or "" for cell in other],
            scorer=Levenshtein.normalized_similarity,
            score_cutoff=THRESHOLD,
            dtype=np.float64,
        )
        nulls = np.array([cell is None for cell in wanted])[:, None]
        empty, lost = (
            np.array([not cell for cell in other])[None, :],
            np.array([cell is None for cell in other])[None, :],
        )
        similarity += np.where(nulls, empty, np.where(lost, 0.0, near)) * there[:, None]
        values += there[:, None] | here[None, :]
    return similarity, values


def _fits(truth: Any, found: Any) -> bool:
    """Whether nothing is left to wish: breaks ties between pairs of equal similarity."""
    if isinstance(truth, tuple):
        return any(_fits(wanted, found) for wanted in truth)
    return bool(truth == found) or (truth is None and _empty(found))


def size(value: Any) -> int:
    """How many values a nested value holds: 1 for a scalar or null, the largest of equally right ones."""
    if isinstance(value, Mapping):
        return sum(map(size, value.values()))
    if isinstance(value, list):
        return sum(map(size, value))
    if isinstance(value, tuple):
        return max(map(size, value))
    return 1


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, Mapping | list | str) and not value)


def _leaf(truth: str, found: str) -> float:
    """Unlike ANLS, a similarity of exactly the threshold counts (the paper's equation 3)."""
    if truth == found:
        return 1.0
    return Levenshtein.normalized_similarity(truth, found, score_cutoff=THRESHOLD)
