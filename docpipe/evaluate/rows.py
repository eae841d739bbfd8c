"""Rows of a list paired with the rows of the truth, and what is lost, added or out of order.

Pairs are the assignment with the most equal cells in all (Kuhn, "The Hungarian method", 1955; here
scipy's), not the first that fit; among equally good ones, the one that keeps the order best. The
number of rows out of order is what is left beside the longest increasing subsequence (Schensted, 1961).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from docpipe.evaluate.libraries import library
from docpipe.evaluate.values import as_text, folded, same

_TOLERANCE = 0.01 + 1e-9  # of amounts; the verdict on a pair is exact, this only finds pairs


@dataclass(slots=True)
class RowCount:
    """Rows of one list: `matched` pairs agree in at least half of the labelled cells, `exact` in all."""

    expected: int = 0
    found: int = 0
    matched: int = 0
    exact: int = 0
    out_of_order: int = 0

    @property
    def precision(self) -> float:
        return self.matched / max(self.found, 1)

    @property
    def recall(self) -> float:
        return self.matched / max(self.expected, 1)

    @property
    def f1(self) -> float:
        return 2 * self.matched / max(self.expected + self.found, 1)

    def add(self, other: RowCount) -> None:
        """Take in the counts of `other`."""
        self.expected += other.expected
        self.found += other.found
        self.matched += other.matched
        self.exact += other.exact
        self.out_of_order += other.out_of_order


def paired(
    wanted: Sequence[Mapping[str, Any]],
    found: Sequence[Mapping[str, Any]],
    accept: Mapping[tuple[int, str], Sequence[Any]] | None = None,
) -> list[tuple[int, int]]:
    """(index in `wanted`, index in `found`) of rows that belong together, by the former.

    Only scalar cells that the truth labels are compared; rows without an equal cell are not paired.
    `accept`: (row of `wanted`, key) -> equally right values. Raises MissingLibrary without scipy.
    """
    if not wanted or not found:
        return []
    equal = _equal_cells(wanted, found)
    for (row, key), values in (accept or {}).items():
        for place, other in enumerate(found):
            value = other.get(key)
            if value is not None and not same(wanted[row].get(key), value):
                equal[row, place] += any(same(other, value) for other in values if other is not None)
    return assigned(equal)


def assigned(likeness: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """The pairs of rows and columns with the greatest sum of `likeness` (n, m), none of likeness 0.

    Equally great sums are told apart by how far the pairs leave the diagonal.
    """
    assign = library("scipy.optimize").linear_sum_assignment
    rows, columns = likeness.shape
    strayed = np.abs(np.arange(rows)[:, None] - np.arange(columns)[None, :])
    tie = strayed / (1e4 * max(rows, columns) * (rows + columns))  # sums to less than 1e-4 of a cell
    left, right = assign(np.where(likeness > 0, likeness - tie, 0.0), maximize=True)
    return [(int(i), int(j)) for i, j in zip(left, right, strict=True) if likeness[i, j] > 0]


def out_of_order(places: Sequence[int]) -> int:
    """How many of `places` must be taken away until the rest ascends."""
    ends: list[int] = []
    for place in places:
        at = bisect_left(ends, place)
        ends[at : at + 1] = [place]
    return len(places) - len(ends)


def _equal_cells(wanted: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> npt.NDArray[np.float64]:
    equal = np.zeros((len(wanted), len(found)))
    names = dict.fromkeys(name for row in wanted for name, value in row.items() if not isinstance(value, dict | list))
    for name in names:
        left = [row.get(name) for row in wanted]
        right = [row.get(name) for row in found]
        if any(isinstance(value, int | float) and not isinstance(value, bool) for value in left):
            near = np.abs(_numbers(left)[:, None] - _numbers(right)[None, :]) <= _TOLERANCE
            equal += near
        else:
            codes: dict[str, int] = {}
            equal += _codes(left, codes, -1)[:, None] == _codes(right, codes, -2)[None, :]
    return equal


def _numbers(values: Sequence[Any]) -> npt.NDArray[np.float64]:
    return np.array([_float(value) for value in values])


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _codes(values: Sequence[Any], codes: dict[str, int], absent: int) -> npt.NDArray[np.int64]:
    return np.array(
        [absent if value is None else codes.setdefault(folded(as_text(value)), len(codes)) for value in values]
    )
