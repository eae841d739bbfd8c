"""What got better and what got worse between two evaluations of the same documents, beyond noise.

Paired bootstrap over documents (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993; for
comparing systems on one test set Koehn, EMNLP 2004): documents are drawn with replacement, the same
ones for both, and the difference of a measure is taken each time. A difference is beyond noise if its
95% percentile interval leaves out zero. With many fields, one in twenty does so by chance.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from docpipe.errors import InvalidTruth, PathNotFound
from docpipe.evaluate.result import FORMAT

RESAMPLES = 2_000
_BATCH = 50  # resamples at a time: bounds the memory
_TAILS = (2.5, 97.5)

Floats = npt.NDArray[np.float64]
Verdict = Literal["better", "worse", "same"]


@dataclass(frozen=True, slots=True)
class Change:
    """One measure in both evaluations, in [0, 1]; `low`, `high`: the 95% interval of after - before."""

    name: str
    before: float
    after: float
    low: float
    high: float
    documents: int

    @property
    def verdict(self) -> Verdict:
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "same"


def read_result(path: Path) -> dict[str, Any]:
    """An evaluation as `docpipe eval --report FILE` wrote it. Raises PathNotFound or InvalidTruth."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PathNotFound(f"{path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidTruth(f"{path} is not JSON: {error}") from error
    if (
        not isinstance(found, dict)
        or found.get("docpipe_eval") != FORMAT
        or not {"per_document", "lists"} <= found.keys()
    ):
        raise InvalidTruth(
            f"{path} is no evaluation", remedy="`docpipe eval OUT --truth FILE --report FILE` writes one."
        )
    try:
        _ratios(list(_by_id(found).values()), found["lists"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidTruth(f"{path} is a damaged evaluation: {error}") from error
    return found


def compare_results(
    before: Mapping[str, Any], after: Mapping[str, Any], *, resamples: int = RESAMPLES, seed: int = 0
) -> list[Change]:
    """A Change for the micro F1 of all fields, every field's F1 and every measure that both have.

    Only documents in both count. Raises InvalidTruth if there are none.
    """
    left, right = _by_id(before), _by_id(after)
    shared = sorted(left.keys() & right.keys())
    if not shared:
        raise InvalidTruth("the two evaluations have no document in common")
    lists = {*before["lists"], *after["lists"]}
    ratios = [_ratios([side[key] for key in shared], lists) for side in (left, right)]
    names = [name for name in ratios[0] if name in ratios[1]]
    stacked = np.stack([np.stack([side[name] for name in names], axis=1) for side in ratios])  # 2, documents, names, 2
    drawn = _resampled(stacked, resamples, np.random.default_rng(seed))
    low, high = np.percentile(drawn, _TAILS, axis=0)
    whole = _rates(stacked.sum(axis=1))
    counted = ((stacked[0, :, :, 1] > 0) | (stacked[1, :, :, 1] > 0)).sum(axis=0)
    return [
        Change(name, float(whole[0, i]), float(whole[1, i]), float(low[i]), float(high[i]), int(counted[i]))
        for i, name in enumerate(names)
        if counted[i]
    ]


def _by_id(result: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {document["id"]: document for document in result["per_document"]}


def _ratios(documents: Sequence[Mapping[str, Any]], lists: Collection[str]) -> dict[str, Floats]:
    """measure -> (documents, 2): what is added up above and below the line; F1 is 2 right / (found + labelled).

    `lists` count by whole rows: their cells are in "all fields", they are not.
    """
    found: dict[str, Floats] = {"all fields": np.zeros((len(documents), 2))}
    for index, document in enumerate(documents):
        for name, (right, wrong, missing, spurious) in document["fields"].items():
            pair = 2 * right, 2 * right + 2 * wrong + missing + spurious
            found.setdefault(name, np.zeros((len(documents), 2)))[index] = pair
            if name not in lists:
                found["all fields"][index] += pair
        for name, pair in document["measures"].items():
            found.setdefault(f"measure:{name}", np.zeros((len(documents), 2)))[index] = pair
    return found


def _rates(sums: Floats) -> Floats:
    return np.divide(sums[..., 0], sums[..., 1], out=np.zeros_like(sums[..., 0]), where=sums[..., 1] > 0)


def _resampled(stacked: Floats, resamples: int, chance: np.random.Generator) -> Floats:
    """(resamples, names): after - before, the same documents drawn for both."""
    count = stacked.shape[1]
    flat = stacked.transpose(1, 0, 2, 3).reshape(count, -1)
    drawn = []
    for start in range(0, resamples, _BATCH):
        size = min(_BATCH, resamples - start)
        picks = chance.integers(count, size=(size, count))
        weights = np.stack([np.bincount(row, minlength=count) for row in picks]).astype(np.float64)
        rates = _rates((weights @ flat).reshape(size, *stacked.shape[:1], *stacked.shape[2:]))
        drawn.append(rates[:, 1] - rates[:, 0])
    return np.concatenate(drawn)
