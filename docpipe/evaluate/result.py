"""Judged documents added up: the result of an evaluation, as one JSON-ready object of a stable shape."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from docpipe.evaluate.calibration import calibration
from docpipe.evaluate.counts import Score, macro_f1, total
from docpipe.evaluate.judge import Judged, judge
from docpipe.evaluate.matching import Match
from docpipe.evaluate.rows import RowCount
from docpipe.evaluate.truth import Plan, Truth, within

FORMAT = 1
WORST = 20
IOU_HIT = 0.5
_Sure = tuple[list[float], list[bool]]  # confidences, and whether each value is right
_REVIEWED = ("needs_review", "failed", "missing")


class Tally:
    """Takes judged documents in and adds them up; keeps the `worst` of them whole."""

    def __init__(self, worst: int = WORST) -> None:
        self._fields: dict[str, Score] = defaultdict(Score)
        self._lists: dict[str, RowCount] = defaultdict(RowCount)
        self._anls: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._measures: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._sure: _Sure = ([], [])
        self._records: _Sure = ([], [])
        self._places: Counter[str] = Counter()
        self._iou = 0.0
        self._statuses: Counter[str] = Counter()
        self._engines: set[str] = set()
        self._complete: Counter[str] = Counter()
        self._documents: list[dict[str, Any]] = []
        self._most = worst
        self._heap: list[tuple[tuple[int, int], int, Judged]] = []
        self.unlabelled = 0

    def add(self, judged: Judged) -> None:
        """Take in one document."""
        scores = judged.comparison.scores()
        for name, score in scores.items():
            self._fields[name].add(score)
        for name, rows in judged.comparison.rows.items():
            self._lists[name].add(rows)
        for into, ratios in ((self._anls, judged.anls), (self._measures, judged.measures)):
            for name, (value, weight) in ratios.items():
                into[name][0] += value
                into[name][1] += weight
        for sure, right in judged.sure:
            self._sure[0].append(sure)
            self._sure[1].append(right)
        for place in judged.places:
            self._places["values"] += 1
            self._places["page"] += place.page
            self._places["centre"] += place.centre
            self._places["iou_50"] += place.iou >= IOU_HIT
            self._iou += place.iou
        self._statuses[judged.status] += 1
        if judged.outcome is not None:
            self._engines.add(str(judged.outcome.get("engine") or ""))
            if judged.outcome.get("confidence") is not None:
                self._records[0].append(float(judged.outcome["confidence"]))
                self._records[1].append(not judged.errors)
        self._count_complete(judged)
        self._documents.append(_line(judged, scores))
        errors = judged.errors
        if errors and self._most:
            badness = len({verdict.field for verdict in errors}), len(errors)
            heapq.heappush(self._heap, (badness, -len(self._documents), judged))
            if len(self._heap) > self._most:
                heapq.heappop(self._heap)

    def worst(self) -> list[Judged]:
        """The documents with errors in the most fields, worst first."""
        return [one for *_, one in sorted(self._heap, key=lambda entry: entry[:2], reverse=True)]

    def _count_complete(self, judged: Judged) -> None:
        if not judged.comparison.rows:
            return
        lost = any(rows.matched < rows.expected for rows in judged.comparison.rows.values())
        self._complete["documents"] += 1
        self._complete["incomplete"] += lost
        self._complete["incomplete_and_says_so"] += lost and judged.says_incomplete
        self._complete["incomplete_and_in_review"] += lost and judged.status in _REVIEWED
        self._complete["incomplete_in_silence"] += (
            lost and not judged.says_incomplete and judged.status not in _REVIEWED
        )
        self._complete["complete_but_says_not"] += not lost and judged.says_incomplete

    def result(self, left_out: Iterable[str] = ()) -> dict[str, Any]:
        """Everything, rounded to six places; `left_out` are labelled paths that the schema does not have."""
        leaves = {name: field for name, field in self._fields.items() if name not in self._lists}
        scalars = {name: leaf for name, leaf in leaves.items() if not _in_list(name, self._lists)}
        micro = total(leaves.values())
        right = sum(not any(sum(counts[1:]) for counts in document["fields"].values()) for document in self._documents)
        found: dict[str, Any] = {
            "docpipe_eval": FORMAT,
            "engines": sorted(self._engines - {""}),
            "documents": {
                "labelled": len(self._documents),
                "missing": self._statuses["missing"],
                "unlabelled": self.unlabelled,
                "without_an_error": right,
                "by_status": dict(sorted(self._statuses.items())),
            },
            "missing": [document["file"] for document in self._documents if document["status"] == "missing"],
            "not_in_schema": sorted(left_out),
            "overall": {
                "micro": score_json(micro),
                "macro_f1": macro_f1(leaves.values()),
                "scalars": score_json(total(scalars.values())),
                "scalars_macro_f1": macro_f1(scalars.values()),
            },
            "fields": {name: self._field(name, field) for name, field in sorted(self._fields.items())},
            "lists": {name: _rows_json(list_) for name, list_ in sorted(self._lists.items())},
            "completeness": self._completeness(),
            "measures": {name: _mean(*self._measures[name]) for name in sorted(self._measures)},
            "calibration": {"values": _calibration(self._sure), "records": _calibration(self._records)},
            "grounding": self._grounding(),
            "per_document": self._documents,
        }
        rounded: dict[str, Any] = _rounded(found)
        return rounded

    def _field(self, name: str, score: Score) -> dict[str, Any]:
        near = self._anls.get(name)
        return score_json(score) | {"anls": near[0] / near[1] if near else None}

    def _grounding(self) -> dict[str, Any]:
        """Over right values that have a box in the truth: shares in [0, 1], None of none."""
        count = self._places["values"]
        shares = {name: self._places[name] / count if count else None for name in ("page", "centre", "iou_50")}
        return {"values": count, **shares, "iou": self._iou / count if count else None}

    def _completeness(self) -> dict[str, Any]:
        names = ("documents", "incomplete", "incomplete_and_says_so", "incomplete_and_in_review")
        counts = {name: self._complete[name] for name in (*names, "incomplete_in_silence", "complete_but_says_not")}
        rows = RowCount()
        for each_list in self._lists.values():
            rows.add(each_list)
        return {"rows_expected": rows.expected, "rows_found": rows.found, "rows_matched": rows.matched, **counts}


def evaluate(
    matches: Iterable[Match], plan: Plan | None = None, worst: int = WORST
) -> tuple[dict[str, Any], list[Judged]]:
    """(the result, the worst documents) of what `matching.matched` gives.

    `plan` says what the schema has: labels of anything else are left out and named. Raises
    MissingLibrary where a metric needs a library that is not installed.
    """
    tally = Tally(worst)
    left_out: set[str] = set()
    for truth, outcome in matches:
        if truth is None:
            tally.unlabelled += 1
            continue
        narrowed: Truth = truth
        if plan is not None:
            narrowed, unknown = within(truth, plan)
            left_out |= unknown
        tally.add(judge(narrowed, outcome))
    return tally.result(left_out), tally.worst()


def _line(judged: Judged, scores: Mapping[str, Score]) -> dict[str, Any]:
    """What comparing two evaluations needs of a document: counts by field and measures as ratios."""
    return {
        "id": judged.truth.id,
        "file": judged.truth.file,
        "status": judged.status,
        "fields": {name: list(score.as_tuple()) for name, score in sorted(scores.items())},
        "measures": {name: list(ratio) for name, ratio in sorted(judged.measures.items())},
    }


def _in_list(name: str, lists: Iterable[str]) -> bool:
    return any(name.startswith(f"{each_list}.") for each_list in lists)


def score_json(score: Score) -> dict[str, Any]:
    """Precision, recall and F1 with the counts behind them."""
    rates = {"precision": score.precision, "recall": score.recall, "f1": score.f1, "labelled": score.labelled}
    return rates | asdict(score)


def _rows_json(row_count: RowCount) -> dict[str, Any]:
    return asdict(row_count) | {"precision": row_count.precision, "recall": row_count.recall, "f1": row_count.f1}


def _mean(value: float, weight: float) -> dict[str, Any]:
    return {"score": value / weight if weight else None, "n": weight}


def _calibration(pairs: _Sure) -> dict[str, Any]:
    return asdict(calibration(*pairs))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(below) for below in value]
    return value
