"""Fit the layout engine's weights on synthetic documents, and keep what makes no set worse.

    python benchmarks/fit_weights.py [--documents 120] [--seed 808080] [--ridge 30] [--gate SCHEMA=FOLDER ...] [--write]

A candidate's score is exp(weight . features) (docpipe/engine/layout/scoring/weights.py). Of the candidates of a field
of a synthetic document the right one should have the greatest: the fit maximizes the likelihood of a softmax over
them. It is ridged to the weights of the file, which were set by hand: synthetic pages alone teach what synthetic
pages look like. (With "none" among the choices the fit makes all scores small: benchmarks/results/fit_weights.md.) The
lines from score to probability (calibration) then follow from the shares that come out right.

Of the sets that decide (synthetic documents of other seeds, clean and degraded, and the labelled folders of --gate)
none may lose F1, have a greater share of wrong values at 0.9 or more, or fewer right ones there. Where one does, the
step is halved, and after a few halvings weights.json stays as it is. Real documents are the gate and never what is
learnt from. With --write what is kept is written.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import log
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from ablation import Case, cases_of, measured
from numpy.typing import NDArray

from docpipe.engine.layout.compiled import CompiledSchema, compile_schema
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.reader import best_rows, proposed
from docpipe.engine.layout.rows import rows_by_array
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scoring import confidence, weights
from docpipe.engine.layout.scoring.assign import choose
from docpipe.engine.layout.tables.reader import column_sums
from docpipe.evaluate.fields import compare
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import value_at
from docpipe.synth import generate

FILE = Path(weights.__file__).with_name("weights.json")
SHARPNESS = 6.0  # of the softmax: one score a tenth higher than another is chosen 1.8 times as often
STEPS = 200  # of gradient descent; the likelihood has settled long before
HALVINGS = 4
MOST_KNOTS = 6  # of a calibration, ends included: few, so that they say what a kind is worth and not how a sample fell
LEAST_VALUES = 40  # between two knots
MOST_SURE = 0.99  # of the score 1.0, of which there are too few to count
LEAST_GAIN = 1e-9
FIGURES = {"f1": 1, "sure": 1, "sure_wrong": -1}  # of `measured` -> 1 if more is better
Fitted = Mapping[str, Any]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates of one field of one document: a row of features each, and which are right."""

    features: NDArray[np.float64]
    right: NDArray[np.bool_]


def written(fitted: Fitted) -> str:
    """weights.json: a line a number, sorted."""
    sections = (
        f'  "{section}": {{\n'
        + ",\n".join(f'    "{name}": {json.dumps(fitted[section][name])}' for name in sorted(fitted[section]))
        + "\n  }"
        for section in ("numbers", "shares", "calibration")
    )
    return "{\n" + ",\n".join(sections) + "\n}\n"


@contextmanager
def using(fitted: Fitted) -> Iterator[None]:
    """The engine with other features' weights and calibrations."""
    knots = {kind: tuple((x, y) for x, y in points) for kind, points in fitted["calibration"].items()}
    weights._logarithms.cache_clear()
    with patch.object(weights, "_read", lambda: fitted), patch.object(confidence, "KNOTS", knots):
        yield
    weights._logarithms.cache_clear()


def choices(cases: Sequence[Case], schema: Schema, names: Sequence[str]) -> Iterator[Choice]:
    """Every field that has a right candidate and a wrong one."""
    compiled, at = compile_schema(schema), {name: index for index, name in enumerate(names)}
    for case in cases:
        for candidates in by_field(case, compiled):
            path = candidates[0].field.path
            if not is_told(case, path):
                continue
            right = np.array([is_right(case, path, each) for each in candidates])
            rows = np.zeros((len(right), len(names)))
            for row, candidate in zip(rows, candidates, strict=True):
                for name, amount in candidate.features:
                    row[at[name]] += amount
            if right.any() and not right.all():
                yield Choice(rows, right)


def by_field(case: Case, compiled: CompiledSchema) -> Iterator[list[Candidate]]:
    """The candidates of each field that has some."""
    for request in case.requests:
        found: dict[str, list[Candidate]] = {}
        for candidate in proposed(best_rows(Document.of(compiled, request))):
            if candidate.method != "by_arithmetic" and candidate.score > 0.0:
                found.setdefault(candidate.field.path, []).append(candidate)
        yield from found.values()


def is_told(case: Case, path: str) -> bool:
    """Whether the label says what the field holds, or that it holds nothing."""
    return value_at(case.truth.label, path) is not None or case.truth.complete


def is_right(case: Case, path: str, candidate: Candidate) -> bool:
    """As the judge of `docpipe eval` sees it."""
    head, _, tail = path.partition(".")
    told = {head: {tail: value_at(case.truth.label, path)} if tail else value_at(case.truth.label, path)}
    value = {head: {tail: candidate.reading.value} if tail else candidate.reading.value}
    return any(verdict.kind == "right" for verdict in compare(told, value, {}, complete=False).verdicts)


def likelihood(vector: Vector, every: Sequence[Choice]) -> tuple[float, Vector]:
    """(mean log-likelihood of the right candidates, its gradient)."""
    total, gradient = 0.0, np.zeros_like(vector)
    for each in every:
        logits = each.features @ vector
        share = np.exp(SHARPNESS * (logits - logits.max()))
        share /= share.sum()
        good = np.where(each.right, share, 0.0)
        total += log(max(good.sum(), 1e-12))
        gradient += SHARPNESS * ((good / max(good.sum(), 1e-12) - share) @ each.features)
    return total / len(every), gradient / len(every)


def fit(start: Vector, every: Sequence[Choice], ridge: float) -> Vector:
    """The vector of greatest likelihood less ridge x squared distance from the start; gradient ascent."""
    vector, pace = start.copy(), 0.05
    penalty = ridge / len(every)
    best = likelihood(vector, every)[0]
    for _ in range(STEPS):
        gradient = likelihood(vector, every)[1] - 2 * penalty * (vector - start)
        trial = vector + pace * gradient
        value = likelihood(trial, every)[0] - penalty * float(((trial - start) ** 2).sum())
        if value > best + LEAST_GAIN:
            vector, best, pace = trial, value, pace * 1.2
        else:
            pace /= 2
    return vector


def with_vector(before: Fitted, names: Sequence[str], vector: Vector) -> Fitted:
    """The file's numbers with those of the features replaced: factors but for exponents, rounded."""
    numbers = {
        name: round(float(weight) if name.startswith("exponent.") else float(np.exp(weight)), 3)
        for name, weight in zip(names, vector, strict=True)
    }
    return {**before, "numbers": {**before["numbers"], **numbers}}


def calibrated(before: Fitted, learnt: Sequence[tuple[list[Case], Schema]]) -> Fitted:
    """With a rising line for each kind of evidence of which enough values were chosen that nothing speaks against."""
    seen: dict[str, list[tuple[float, bool]]] = {}
    with using(before):
        for cases, schema in learnt:
            compiled = compile_schema(schema)
            for case in cases:
                for request in case.requests:
                    document = best_rows(Document.of(compiled, request))
                    sums = column_sums(rows_by_array(document.rows))
                    chosen = choose(proposed(document), compiled.equations, sums, compiled.tied)
                    for path, candidate in chosen.items():
                        if candidate.doubt == 1.0 and is_told(case, path):
                            value = (candidate.score, is_right(case, path, candidate))
                            seen.setdefault(candidate.evidence, []).append(value)
    lines = dict(before["calibration"])
    for kind, values in seen.items():
        if kind in lines and len(values) >= 2 * LEAST_VALUES:
            lines[kind] = rising(values)
    return {**before, "calibration": lines}


def rising(values: Sequence[tuple[float, bool]]) -> list[list[float]]:
    """A rising line through the shares of a few groups of like scores (pool adjacent violators), from (0, 0) to 1."""
    ordered = sorted(values)
    size = max(LEAST_VALUES, -(-len(ordered) // (MOST_KNOTS - 2)))
    groups = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    pooled: list[list[tuple[float, bool]]] = []
    for group in groups:
        pooled.append(group)
        while len(pooled) > 1 and share(pooled[-2]) >= share(pooled[-1]):
            pooled[-2:] = [pooled[-2] + pooled[-1]]
    knots = [[0.0, 0.0]]
    for group in pooled:
        middle = round(sum(score for score, _ in group) / len(group), 3)
        if knots[-1][0] < middle < 1.0:
            knots.append([middle, round(share(group), 3)])
    return [*knots, [1.0, max(MOST_SURE, knots[-1][1])]]


def share(group: Sequence[tuple[float, bool]]) -> float:
    """The share that is right, one of each kind added (Laplace): no group is certain."""
    return (sum(right for _, right in group) + 1) / (len(group) + 2)


def scores(sets: Mapping[str, tuple[list[Case], Schema]], fitted: Fitted) -> dict[str, dict[str, float]]:
    with using(fitted):
        return {name: measured(*of_set) for name, of_set in sets.items()}


def worse(before: Mapping[str, Any], after: Mapping[str, Any], figure: str, sign: int) -> dict[str, float]:
    """The sets whose figure fell (sign 1) or rose (sign -1), and by how much it changed."""
    changes = {name: after[name][figure] - before[name][figure] for name in before}
    return {name: round(change, 5) for name, change in changes.items() if sign * change < -LEAST_GAIN}


def losses(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """figure -> the sets where it got worse; {} where none did."""
    lost = {figure: worse(before, after, figure, sign) for figure, sign in FIGURES.items()}
    return {figure: of_sets for figure, of_sets in lost.items() if of_sets}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=120, help="of each kind that the weights are fitted on")
    parser.add_argument("--seed", type=int, default=808_080)
    parser.add_argument("--ridge", type=float, default=30.0, help="pull towards the weights of the file")
    parser.add_argument("--gate", action="append", default=[], help="SCHEMA=FOLDER with labels.jsonl")
    parser.add_argument("--write", action="store_true", help="write weights.json")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    before: Fitted = json.loads(FILE.read_text(encoding="utf-8"))
    learnt: list[tuple[list[Case], Schema]] = []
    sets: dict[str, tuple[list[Case], Schema]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("invoice", "receipt"):
            schema = load_schema(kind)
            made = generate(kind, arguments.documents, arguments.seed, Path(folder) / kind)
            learnt.append((cases_of(made, schema, arguments.documents), schema))
            most = max(2, arguments.documents // 2)
            for at, degrade in enumerate(("none", "mixed"), 1):
                name = f"{kind}s, synthetic, degraded: {degrade}"
                made = generate(kind, most, arguments.seed + at, Path(folder) / name, degrade=degrade)
                sets[name] = (cases_of(made, schema, most), schema)
        for pair in arguments.gate:
            kind, _, path = pair.partition("=")
            schema = load_schema(kind)
            sets[f"{kind}s, {path}"] = (cases_of(Path(path), schema, 10_000), schema)
    result = fitted(before, learnt, sets, arguments.ridge)
    if arguments.write:
        FILE.write_text(written(result["weights"]), encoding="utf-8")
    shown = {name: value for name, value in result.items() if name != "weights"}
    print(json.dumps(shown) if arguments.json else json.dumps(shown, indent=2))


def fitted(
    before: Fitted,
    learnt: Sequence[tuple[list[Case], Schema]],
    sets: Mapping[str, tuple[list[Case], Schema]],
    ridge: float,
) -> dict[str, Any]:
    """What was kept of a fit: weights, kept (what), refused (and what that made worse), moved (name
    -> before, after), choices and likelihood (what was learnt from), before and after (set -> figures).
    """
    features = {
        name
        for cases, schema in learnt
        for case in cases
        for candidates in by_field(case, compile_schema(schema))
        for candidate in candidates
        for name, _ in candidate.features
    }
    names = sorted(features)
    every = [choice for cases, schema in learnt for choice in choices(cases, schema, names)]
    logarithms = weights._logarithms()
    start = np.array([logarithms[name] for name in names])
    end = fit(start, every, ridge)
    was = scores(sets, before)
    kept, result, now, refused = [], before, was, []
    trials = [
        (f"{part} of the step", with_vector(before, names, start + part * (end - start)))
        for part in (1 / 2**halving for halving in range(HALVINGS))
    ]
    for name, trial in trials:
        then = scores(sets, trial)
        if not (lost := losses(was, then)):
            kept, result, now = [name], trial, then
            break
        refused.append({"trial": name, "worse": lost})
    trial = calibrated(result, learnt)
    then = scores(sets, trial)
    if lost := losses(now, then):
        refused.append({"trial": "calibration", "worse": lost})
    else:
        kept, result, now = [*kept, "calibration"], trial, then
    moved = {
        name: [before["numbers"][name], number]
        for name, number in result["numbers"].items()
        if number != before["numbers"][name]
    }
    gain = [round(likelihood(vector, every)[0], 4) for vector in (start, end)]
    return {
        "weights": result,
        "kept": kept,
        "refused": refused,
        "moved": moved,
        "choices": len(every),
        "likelihood": gain,
        "before": was,
        "after": now,
    }


if __name__ == "__main__":
    main()
