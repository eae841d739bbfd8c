"""One document judged: every labelled value, and every measure that its label allows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from docpipe.evaluate.adjacency import Relations, adjacency
from docpipe.evaluate.anls import anls, anls_star
from docpipe.evaluate.charts import holds_series, mapping_similarity
from docpipe.evaluate.fields import Comparison, Verdict, compare
from docpipe.evaluate.grids import Grid, grid, holds_grids
from docpipe.evaluate.grounding import Placed, placed
from docpipe.evaluate.labelled import labelled
from docpipe.evaluate.matching import Outcome
from docpipe.evaluate.rows import assigned
from docpipe.evaluate.teds import teds
from docpipe.evaluate.truth import Truth
from docpipe.evaluate.values import as_text

Ratio = tuple[float, float]
"""A measure of one document as (sum, what to divide it by), so that documents add up."""

INCOMPLETE = "incomplete"  # the violation by which a record says that rows may be missing


@dataclass(frozen=True, slots=True)
class Judged:
    """A document against its truth. `status` is that of the outcome, "missing" if there is none.

    `sure`: (confidence, right) of every value found that has a confidence. `places`: how each right
    value that has a box in the truth was placed. `anls`: field -> its ratio.
    """

    truth: Truth
    outcome: Outcome | None
    status: str
    comparison: Comparison
    measures: Mapping[str, Ratio]
    anls: Mapping[str, Ratio]
    sure: Sequence[tuple[float, bool]] = field(repr=False)
    places: Sequence[Placed] = field(repr=False)

    @property
    def errors(self) -> list[Verdict]:
        """The values that are wrong, missing or spurious."""
        return [verdict for verdict in self.comparison.verdicts if verdict.kind != "right"]

    @property
    def says_incomplete(self) -> bool:
        """Whether the record itself says that rows may be missing."""
        return any(
            violation["rule"].startswith(INCOMPLETE) for violation in (self.outcome or {}).get("violations") or ()
        )


def judge(truth: Truth, outcome: Outcome | None) -> Judged:
    """What is right and wrong in `outcome`; None, or one without a record, misses everything.

    Tables and the series of charts are judged by their own metrics, everything else value by value.
    """
    record: Mapping[str, Any] = (outcome or {}).get("record") or {}
    grids = {key: value for key, value in truth.label.items() if holds_grids(value)}
    series = {key: value for key, value in truth.label.items() if holds_series(value)}
    plain = {key: value for key, value in truth.label.items() if key not in grids and key not in series}
    comparison = compare(plain, record, truth.accept, complete=truth.complete)
    evidence = {leaf["path"]: leaf for leaf in (outcome or {}).get("fields") or ()}
    near = _near(comparison.verdicts)
    measures: dict[str, Ratio] = _rows(comparison)
    if near:
        measures["anls"] = _sum(near.values())
    if plain:
        measures["anls_star"] = (anls_star(*labelled(plain, record, truth)), 1.0)
    for key, value in grids.items():
        _add(measures, _tables(value, record.get(key) or []))
    for key, value in series.items():
        titles = truth.label.get("title"), record.get("title") if truth.label.get("title") else None
        _add(measures, _chart(value, record.get(key) or [], titles))
    return Judged(
        truth=truth,
        outcome=outcome,
        status="missing" if outcome is None else str(outcome["status"]),
        comparison=comparison,
        measures=measures,
        anls=near,
        sure=_sure(comparison.verdicts, evidence),
        places=_places(truth, comparison.verdicts, evidence),
    )


def _near(verdicts: Sequence[Verdict]) -> dict[str, Ratio]:
    near: dict[str, Ratio] = {}
    for verdict in verdicts:
        if verdict.truth is not None:
            accepted = [as_text(value) for value in (verdict.truth, *verdict.accept) if value is not None]
            similarity = anls(accepted, None if verdict.found is None else as_text(verdict.found))
            _add(near, {verdict.field: (similarity, 1.0)})
    return near


def _sum(ratios: Any) -> Ratio:
    similarity, values = zip(*ratios, strict=True)
    return sum(similarity), sum(values)


def _add(measures: dict[str, Ratio], more: Mapping[str, Ratio]) -> None:
    for name, (value, weight) in more.items():
        before = measures.get(name, (0.0, 0.0))
        measures[name] = before[0] + value, before[1] + weight


def _rows(comparison: Comparison) -> dict[str, Ratio]:
    found: dict[str, Ratio] = {}
    for count in comparison.rows.values():
        _add(found, {"row_recall": (count.matched, count.expected), "row_precision": (count.matched, count.found)})
        _add(found, {"row_f1": (2 * count.matched, count.expected + count.found)})
    return found


def _tables(wanted: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> dict[str, Ratio]:
    """Tables are paired by their relations; TEDS of one that was not found is 0, one too many lowers adjacency."""
    truths, others = [grid(table) for table in wanted], [grid(table) for table in found]
    shared = [[adjacency(truth, other) for other in others] for truth in truths]
    pairs = dict(assigned(np.array([[score.f1 for score in row] for row in shared]))) if others else {}
    result: dict[str, Ratio] = {}
    for index, truth in enumerate(truths):
        other = others[pairs[index]] if index in pairs else Grid(())
        relations = shared[index][pairs[index]] if index in pairs else adjacency(truth, other)
        _add(result, _relations(relations))
        for name, structure_only in (("teds", False), ("teds_struct", True)):
            score = teds(truth, other, structure_only=structure_only)
            _add(result, {name: (score, 1.0)} if score is not None else {f"{name}_too_large": (1.0, 1.0)})
    for place in set(range(len(others))) - set(pairs.values()):
        _add(result, _relations(adjacency(Grid(()), others[place])))
    return result


def _relations(relations: Relations) -> dict[str, Ratio]:
    return {
        "adjacency_precision": (relations.right, relations.found),
        "adjacency_recall": (relations.right, relations.expected),
        "adjacency_f1": (2 * relations.right, relations.expected + relations.found),
    }


def _chart(
    wanted: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]], titles: tuple[str | None, str | None]
) -> dict[str, Ratio]:
    similarity = mapping_similarity(wanted, found, titles)
    return {
        "rms_precision": (similarity.precision, 1.0),
        "rms_recall": (similarity.recall, 1.0),
        "rms_f1": (similarity.f1, 1.0),
        "relaxed_accuracy": (similarity.relaxed, similarity.points),
    }


def _sure(verdicts: Sequence[Verdict], evidence: Mapping[str, Any]) -> list[tuple[float, bool]]:
    found = []
    for verdict in verdicts:
        told = evidence.get(verdict.path) if verdict.found is not None else None
        if told is not None and told["confidence"] is not None:
            found.append((float(told["confidence"]), verdict.kind == "right"))
    return found


def _places(truth: Truth, verdicts: Sequence[Verdict], evidence: Mapping[str, Any]) -> list[Placed]:
    found = []
    for verdict in verdicts:
        boxes = truth.boxes.get(verdict.truth_path)
        if boxes and verdict.kind == "right":
            told = evidence.get(verdict.path) or {"page": None, "boxes": ()}
            found.append(placed(boxes, told["page"], told["boxes"]))
    return found
