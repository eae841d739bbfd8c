"""Typed comparison of a record with partial truth: per-field precision, recall and F1.

Only keys present in the truth are scored; a key that is absent there is not labelled. A wrong value
counts as a false positive and as a false negative, as in the slot-filling evaluations of MUC-5
(Chinchor and Sundheim, 1993), so that a guess costs more than a null.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

AMOUNT_TOLERANCE = Decimal("0.01")


@dataclass(slots=True)
class Score:
    """Counts of one field; `f1`, `precision`, `recall` in [0, 1], 0.0 where nothing was counted."""

    right: int = 0
    wrong: int = 0  # a value that the truth contradicts
    missing: int = 0  # null where the truth has a value

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.right + self.wrong + self.missing, 1)

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    def add(self, other: Score) -> None:
        """Take in the counts of `other`."""
        self.right += other.right
        self.wrong += other.wrong
        self.missing += other.missing


def same(truth: Any, found: Any) -> bool:
    """Whether two values are one: amounts to 0.01, dates as ISO, text by its letters and digits.

    Text is compared after NFKC and case folding without anything but letters and digits.
    """
    if isinstance(truth, bool) or isinstance(found, bool):
        return truth is found
    if isinstance(truth, int | float | Decimal):
        number = _number(found)
        return number is not None and abs(Decimal(str(truth)) - number) <= AMOUNT_TOLERANCE
    text = found.isoformat() if isinstance(found, dt.date) else str(found)
    return _folded(str(truth)) == _folded(text)


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def score(
    truth: Mapping[str, Any], record: Mapping[str, Any] | None, accept: Mapping[str, Any] | None = None
) -> dict[str, Score]:
    """path -> Score of one document; rows of an array count under `name` (whole rows) and `name.key`.

    `accept` lists equally right values by path. A row is right if every labelled cell of it is.
    """
    scores: dict[str, Score] = defaultdict(Score)
    _object(truth, record or {}, accept or {}, "", scores)
    return dict(scores)


def _object(
    truth: Mapping[str, Any],
    record: Mapping[str, Any],
    accept: Mapping[str, Any],
    prefix: str,
    scores: dict[str, Score],
) -> None:
    for key, wanted in truth.items():
        path, found = f"{prefix}{key}", record.get(key)
        if isinstance(wanted, Mapping):
            _object(wanted, found or {}, accept, f"{path}.", scores)
        elif isinstance(wanted, list):
            _rows(wanted, found or [], path, scores)
        elif found is None:
            scores[path].missing += wanted is not None
        elif any(same(one, found) for one in [wanted, *accept.get(path, [])] if one is not None):
            scores[path].right += 1
        else:
            scores[path].wrong += 1


def _rows(wanted: list[Any], found: list[Any], path: str, scores: dict[str, Score]) -> None:
    """Rows are paired best match first; cells of unpaired rows are missing or wrong."""
    pairs = _pairs(wanted, found)
    for one, other in pairs:
        cells: dict[str, Score] = defaultdict(Score)
        _object(one, other, {}, f"{path}.", cells)
        whole = all(cell.wrong == cell.missing == 0 for cell in cells.values())
        scores[path].add(Score(right=1) if whole else Score(wrong=1))
        for name, cell in cells.items():
            scores[name].add(cell)
    scores[path].missing += len(wanted) - len(pairs)
    scores[path].wrong += len(found) - len(pairs)
    for one in _unpaired(wanted, [pair[0] for pair in pairs]):
        for key in one:
            scores[f"{path}.{key}"].missing += 1


def _pairs(wanted: list[Any], found: list[Any]) -> list[tuple[Any, Any]]:
    likeness = [
        (-_alike(one, other), abs(index - place), index, place)
        for index, one in enumerate(wanted)
        for place, other in enumerate(found)
    ]
    left, right, pairs = set(range(len(wanted))), set(range(len(found))), []
    for negative, _, index, place in sorted(likeness):
        if negative < 0 and index in left and place in right:
            left.remove(index)
            right.remove(place)
            pairs.append((index, place))
    return [(wanted[index], found[place]) for index, place in sorted(pairs)]


def _alike(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> int:
    return sum(1 for key, value in wanted.items() if found.get(key) is not None and same(value, found[key]))


def _unpaired(wanted: list[Any], paired: Iterable[Any]) -> list[Any]:
    taken = {id(one) for one in paired}
    return [one for one in wanted if id(one) not in taken]
