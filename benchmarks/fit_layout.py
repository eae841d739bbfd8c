"""Fit what the layout engine's confidence is worth, on documents with known truth; say what it was before and after.

    python benchmarks/fit_layout.py [--truth KIND=FOLDER ...] [--cache FOLDER] [--documents 40] [--seed 717171]
                                    [--ridge 4] [--write] [--results FILE.md]

A value's score becomes a probability by the line of its kind of evidence (weights.json); its signs
(docpipe/engine/layout/scoring/signs.py) then shift the logarithm of its odds. This fits the shifts by logistic
regression with the line as offset, ridged to 0: a sign of which there are few says little. What is learnt from are
synthetic documents, clean and degraded, and the labelled folders of --truth, which count as much as all synthetic ones
or more.

Every figure is out of fold: real documents by a fit that saw none of their source (of a source that has more than a
third of a kind: none of its fifth), synthetic ones by a fit that saw none of their fifth. From these follow, for each
kind of document,

- caution: what is taken off all values, so that of those at 0.9 or more at most 2 % are wrong in each real set;
- the review threshold: the record confidence above which enough records pass, while at most 5 % of all that pass hold
  a wrong value in an important field, and at most 10 % of one kind.

Pages are rendered once and kept in --cache. With --write calibration.json is written, with its date and figures.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from ablation import Case
from labelled import Labelled, is_right, labelled
from numpy.typing import NDArray

from docpipe.engine.factory import REVIEW_CONFIDENCE
from docpipe.engine.layout import reader
from docpipe.engine.layout.engine import LayoutEngine
from docpipe.engine.layout.scoring import calibration as calibrations
from docpipe.engine.layout.scoring.calibration import Measured
from docpipe.engine.layout.scoring.signs import Reading, signs_of
from docpipe.evaluate.calibration import auroc
from docpipe.evaluate.fields import compare
from docpipe.records import Record
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.importance import important
from docpipe.schema.paths import generic
from docpipe.synth import generate

FILE = Path(calibrations.__file__).with_name("calibration.json")
SURE, SURE_WRONG = 0.9, 0.02
PASSED_WRONG, WRONG_OF_A_KIND = 0.05, 0.1
APART = 0.02  # a threshold lies no farther below the last record that it lets pass
FOLDS = 5  # of synthetic documents, and of a large source
LARGE = 1 / 3  # of the real documents of a kind: without such a source nothing real would be left to learn from
ENOUGH = 0.45  # of the documents of a kind pass; a threshold is not lowered to let more pass
LEAST_REAL = 20  # documents of a kind from which its threshold rests on real ones alone
STEP = 0.05  # of caution, in the logarithm of odds
MOST_CAUTION = 4.0
NEWTON = 30
CLIP = 0.005  # no score is more certain than that
PULLS = {"kind": 0.05, "rule": 3.0}  # of the ridge: every value is of some kind, and a rule has a line of its own
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Value:
    """A judged value. `score`: by its line alone; `left`: what the page, the checks and OCR leave of its confidence."""

    path: str
    score: float
    left: float
    signs: tuple[str, ...]
    right: bool | None  # None: not labelled
    important: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A judged document. `refused`: an error sends it to review, whatever its confidence. `rows_wrong`: a cell of a
    row that was read is wrong.
    """

    set: str
    kind: str
    source: str
    real: bool
    values: tuple[Value, ...]
    refused: bool
    rows_wrong: bool

    @property
    def wrong(self) -> bool:
        """Whether a value that the schema calls important is wrong: it is what a status speaks for."""
        return any(value.right is False for value in self.values if value.important)


def judged(of_set: Labelled) -> Iterator[Document]:
    """Every document of a set, read without signs."""
    engine = LayoutEngine()
    weighty = important(of_set.schema)
    try:
        for case, source in zip(of_set.cases, of_set.sources, strict=True):
            scores, record = _read(engine, case, of_set)
            if record is None:
                continue
            verdicts = compare(case.truth.label, record.value, case.truth.accept, complete=case.truth.complete).verdicts
            right = {verdict.path: is_right(verdict) for verdict in verdicts if verdict.found is not None}
            values = tuple(
                Value(
                    field.path,
                    scores[field.path][0],
                    field.confidence / max(scores[field.path][0], 1e-6),
                    scores[field.path][1],
                    right.get(field.path),
                    not weighty or generic(field.path) in weighty,
                )
                for field in record.fields
                if field.path in scores and field.value is not None
            )
            refused = any(violation.severity == "error" for violation in record.violations)
            rows_wrong = any("[" in path and not fine for path, fine in right.items())
            yield Document(of_set.name, of_set.kind, source, of_set.real, values, refused, rows_wrong)
    finally:
        engine.close()


def _read(
    engine: LayoutEngine, case: Case, of_set: Labelled
) -> tuple[dict[str, tuple[float, tuple[str, ...]]], Record | None]:
    """path -> (score by its line, signs), and the record as it is without signs."""
    seen: dict[str, tuple[float, tuple[str, ...]]] = {}

    def listened(document: Any, leaves: Any, rows: Any) -> Any:
        for (path, leaf), signs in zip(leaves.items(), signs_of(Reading(document, leaves, rows)), strict=True):
            seen[path] = leaf.score, tuple(signs)
        for array, found in rows.items():
            for index, row in enumerate(found):
                for path, leaf in row.items():
                    seen[f"{array}[{index}]{path.removeprefix(array)}"] = leaf.score, ()
        return leaves

    with patch.object(reader, "by_signs", listened):
        parts = [
            resolve_window(
                of_set.schema,
                [replace(page, pixels=None) for page in request.pages],
                asyncio.run(engine.answer(request)),
                whole=request.first and request.last,
            )
            for request in case.requests
        ]
    return seen, resolve_document(of_set.schema, parts, [], 0.0) if parts else None


@dataclass(frozen=True, slots=True)
class Table:
    """The values that have signs, as the fit wants them."""

    names: tuple[str, ...]
    signs: NDArray[np.float64]
    offset: Vector
    right: Vector
    weight: Vector
    document: NDArray[np.int64]
    learnt: NDArray[np.bool_]  # labelled


def table(documents: Sequence[Document]) -> Table:
    """One row a value outside of rows; synthetic values count as much as the real ones at most, all together."""
    values = [(at, value) for at, document in enumerate(documents) for value in document.values if value.signs]
    names = tuple(sorted({sign for _, value in values for sign in value.signs}))
    place = {name: at for at, name in enumerate(names)}
    signs = np.zeros((len(values), len(names)))
    for row, (_, value) in zip(signs, values, strict=True):
        for sign in value.signs:
            row[place[sign]] = 1.0
    score = np.clip([value.score for _, value in values], CLIP, 1 - CLIP)
    real = np.array([documents[at].real for at, _ in values])
    learnt = np.array([value.right is not None for _, value in values])
    share = min(1.0, (real & learnt).sum() / max(1, (~real & learnt).sum())) if real.any() else 1.0
    return Table(
        names,
        signs,
        np.log(score / (1 - score)),
        np.array([float(bool(value.right)) for _, value in values]),
        np.where(real, 1.0, share),
        np.array([at for at, _ in values]),
        learnt,
    )


def fit(of: Table, rows: NDArray[np.bool_], ridge: float) -> Vector:
    """The shifts of greatest likelihood less ridge x their squares, by Newton's method."""
    rows = rows & of.learnt
    signs, offset, right, weight = of.signs[rows], of.offset[rows], of.right[rows], of.weight[rows]
    pull = np.array([ridge * PULLS.get(name.partition(".")[0], 1.0) for name in of.names])
    shifts = np.zeros(len(of.names))
    for _ in range(NEWTON):
        share = 1 / (1 + np.exp(-(offset + signs @ shifts)))
        slope = signs.T @ (weight * (right - share)) - pull * shifts
        bend = (signs * (weight * share * (1 - share))[:, None]).T @ signs + np.diag(pull)
        shifts = shifts + np.linalg.solve(bend, slope)
    return shifts


def out_of_fold(of: Table, documents: Sequence[Document], ridge: float) -> Vector:
    """The shift of every value by a fit that has not seen its source."""
    folds: dict[str, int] = {}
    made = Counter((document.kind, document.source) for document in documents if document.real)
    of_kind = Counter(document.kind for document in documents if document.real)
    large = {source for source, count in made.items() if count > LARGE * of_kind[source[0]]}
    names = [
        f"{document.kind} {document.source} {at % FOLDS if (document.kind, document.source) in large else ''}"
        if document.real
        else f"synthetic {at % FOLDS}"
        for at, document in enumerate(documents)
    ]
    fold = np.array([folds.setdefault(name, len(folds)) for name in names])
    shift = np.zeros(len(of.offset))
    for number in range(len(folds)):
        held = fold[of.document] == number
        shift[held] = of.signs[held] @ fit(of, ~held, ridge)
    return shift


def told(of: Table, documents: Sequence[Document], shift: Vector) -> list[list[float]]:
    """The confidence of every value of every document: with the shifts, and less what `left` takes."""
    shared = 1 / (1 + np.exp(-(of.offset + shift)))
    shifted = iter(shared)
    return [
        [(next(shifted) if value.signs else value.score) * value.left for value in document.values]
        for document in documents
    ]


def cautions(of: Table, documents: Sequence[Document], shift: Vector) -> dict[str, float]:
    """Kind of document -> what is taken off so that few of its sure values are wrong, in each of its real sets."""
    found = {}
    for kind in sorted({document.kind for document in documents}):
        own = [document for document in documents if document.kind == kind]
        sets = dict.fromkeys(document.set for document in own if document.real or not any(each.real for each in own))
        for step in np.arange(0.0, MOST_CAUTION, STEP):
            sure = told(of, documents, shift - step)
            figures = [measured(*_of(documents, sure, name=name), 1.0) for name in sets]
            if all(each.sure_wrong <= SURE_WRONG * each.sure for each in figures):
                break
        found[kind] = float(step)
    return found


def record_confidence(document: Document, sure: Sequence[float]) -> float:
    """As resolve has it: the least sure of the important values outside of rows."""
    return min(
        (confidence for value, confidence in zip(document.values, sure, strict=True) if value.important), default=0.0
    )


def thresholds(documents: Sequence[Document], sure: Sequence[Sequence[float]]) -> dict[str, float]:
    """Kind of document -> its threshold: few of the records that pass are wrong, and ENOUGH of them pass. Where more
    would, the stricter one is taken: documents that nobody has seen hold more errors than these.
    """
    kinds = sorted({document.kind for document in documents})
    options = [_options(*_of(documents, sure, kind=kind)) for kind in kinds]
    allowed = (
        choice
        for choice in product(*options)
        if sum(option.wrong for option in choice) <= PASSED_WRONG * sum(option.passed for option in choice)
    )
    best = max(
        allowed,
        key=lambda choice: (sum(min(ENOUGH, each.share) for each in choice), sum(each.review for each in choice)),
    )
    return {kind: option.review for kind, option in zip(kinds, best, strict=True)}


@dataclass(frozen=True, slots=True)
class Option:
    """A threshold of one kind, and what passes with it: how many, what share of the kind, and how many are wrong."""

    review: float
    passed: int
    share: float
    wrong: int


def _options(documents: Sequence[Document], sure: Sequence[Sequence[float]]) -> Iterator[Option]:
    """Every threshold worth a thought: halfway between two records, where not too many of those above are wrong."""
    real = sum(document.real for document in documents) >= LEAST_REAL
    chosen = [document for document in documents if document.real or not real]
    ranked = sorted(
        (
            (record_confidence(document, of_document), document.wrong)
            for document, of_document in zip(documents, sure, strict=True)
            if not document.refused and (document.real or not real)
        ),
        reverse=True,
    )
    yield Option(1.0, 0, 0.0, 0)
    wrong = 0
    for count, (confidence, is_wrong) in enumerate(ranked, 1):
        wrong += is_wrong
        below = ranked[count][0] if count < len(ranked) else 0.0
        if below < confidence and wrong <= WRONG_OF_A_KIND * count:
            yield Option(round((confidence + max(below, confidence - APART)) / 2, 3), count, count / len(chosen), wrong)


def measured(documents: Sequence[Document], sure: Sequence[Sequence[float]], review: float) -> Measured:
    """What a set shows with these confidences and that threshold."""
    passed = [
        document
        for document, of_document in zip(documents, sure, strict=True)
        if not document.refused and record_confidence(document, of_document) >= review
    ]
    pairs = [
        (confidence, value.right)
        for document, of_document in zip(documents, sure, strict=True)
        for value, confidence in zip(document.values, of_document, strict=True)
        if value.signs and value.right is not None
    ]
    certain = [right for confidence, right in pairs if confidence >= SURE]
    ranks = auroc(np.array([confidence for confidence, _ in pairs]), np.array([right for _, right in pairs], bool))
    return Measured(
        documents=len(documents),
        passed=len(passed),
        passed_wrong=sum(document.wrong for document in passed),
        passed_rows_wrong=sum(document.rows_wrong for document in passed),
        values=len(pairs),
        sure=len(certain),
        sure_wrong=sum(not right for right in certain),
        auroc=None if ranks is None else round(ranks, 3),
    )


def as_it_is(of: Table) -> Vector:
    """The shifts of the file that is there."""
    worth = calibrations.calibration().signs
    return of.signs @ np.array([worth.get(name, 0.0) for name in of.names])


def sets_of(arguments: argparse.Namespace, made: Path) -> Iterator[Labelled]:
    cache = Path(arguments.cache) if arguments.cache else None
    for kind in arguments.kinds.split(","):
        for at, degrade in enumerate(("none", "mixed")):
            name = f"{kind}, synthetic, {'clean' if degrade == 'none' else 'degraded'}"
            home = (cache or made) / f"synthetic-{kind}-{degrade}-{arguments.documents}-{arguments.seed}"
            if not home.is_dir():
                home = generate(kind, arguments.documents, arguments.seed + at, home, degrade=degrade)
            yield labelled(kind, home, real=False, cache=cache, name=name)
    for pair in arguments.truth:
        kind, _, path = pair.partition("=")
        folder = Path(path)
        yield labelled(kind, folder, real=True, cache=cache, name=f"{kind}, real, {folder.parent.name}")


def fitted(documents: Sequence[Document], ridge: float) -> tuple[dict[str, Any], list[str]]:
    """(calibration.json, the figures before and after as lines of Markdown)."""
    of = table(documents)
    shift = out_of_fold(of, documents, ridge)
    caution = cautions(of, documents, shift)
    kinds = [document.kind for document in documents]
    after = told(of, documents, shift - np.array([caution[kinds[at]] for at in of.document]))
    before = told(of, documents, as_it_is(of))
    review = thresholds(documents, after)
    was = {kind: calibrations.calibration().review.get(kind, calibrations.calibration().review[""]) for kind in review}
    whole = dict(zip(of.names, fit(of, np.ones(len(of.offset), bool), ridge), strict=True))
    for kind in caution:
        for medium in ("digital", "scan"):
            if f"kind.{kind}.{medium}" in whole:
                whole[f"kind.{kind}.{medium}"] -= caution[kind]
    real = {kind: any(document.real for document in documents if document.kind == kind) for kind in review}
    figures = {
        kind: measured(*_of(documents, after, kind=kind, real=real[kind] or None), review[kind]) for kind in review
    }
    written = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "engine": LayoutEngine.info.fingerprint,
        "signs": {name: round(float(worth), 2) for name, worth in sorted(whole.items()) if abs(worth) >= 0.005},
        "review": {"": REVIEW_CONFIDENCE, **review},
        "measured": {kind: asdict(of_kind) for kind, of_kind in figures.items()},
    }
    lines = [
        "| set | documents | | passed | wrong of those | with a wrong row | values | AUROC | at 0.9 | wrong of those |",
        "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name in dict.fromkeys(document.set for document in documents):
        kind = next(document.kind for document in documents if document.set == name)
        for when, sure, threshold_of in (("before", before, was), ("after", after, review)):
            found = measured(*_of(documents, sure, name=name), threshold_of[kind])
            lines.append(
                f"| {name} | {found.documents} | {when} | {found.passed} | {found.passed_wrong} |"
                f" {found.passed_rows_wrong} | {found.values} | {found.auroc} | {found.sure} | {found.sure_wrong} |"
            )
    lines += ["", "Thresholds: " + ", ".join(f"{kind} {was[kind]:.2f} -> {review[kind]:.2f}" for kind in review) + "."]
    lines += ["Caution: " + ", ".join(f"{kind} {taken:.2f}" for kind, taken in caution.items()) + "."]
    return written, lines


def _of(
    documents: Sequence[Document],
    sure: Sequence[Sequence[float]],
    *,
    kind: str = "",
    name: str = "",
    real: bool | None = None,
) -> tuple[list[Document], list[Sequence[float]]]:
    """Those of a kind, of a set, and real or not."""
    chosen = [
        (document, of_document)
        for document, of_document in zip(documents, sure, strict=True)
        if (not kind or document.kind == kind)
        and (not name or document.set == name)
        and (real is None or document.real is real)
    ]
    return [document for document, _ in chosen], [of_document for _, of_document in chosen]


def text_of(written: Mapping[str, Any]) -> str:
    """calibration.json: a line a number."""

    def section(entries: Mapping[str, Any]) -> str:
        lines = (f"    {json.dumps(name)}: {json.dumps(value)}" for name, value in sorted(entries.items()))
        return "{\n" + ",\n".join(lines) + ("\n  }" if entries else "  }")

    parts: Iterable[str] = (
        f"  {json.dumps(name)}: {section(value) if isinstance(value, dict) else json.dumps(value)}"
        for name, value in written.items()
    )
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", action="append", default=[], help="KIND=FOLDER with labels.jsonl; repeatable")
    parser.add_argument("--kinds", default="invoice,receipt", help="kinds of synthetic documents")
    parser.add_argument("--cache", default="", help="folder that keeps rendered pages from one fit to the next")
    parser.add_argument("--documents", type=int, default=40, help="synthetic ones of each kind, clean and degraded")
    parser.add_argument("--seed", type=int, default=717_171)
    parser.add_argument("--ridge", type=float, default=4.0)
    parser.add_argument("--write", action="store_true", help="write calibration.json")
    parser.add_argument("--results", default="", help="write the figures to this Markdown file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        documents = [document for of_set in sets_of(arguments, Path(made)) for document in judged(of_set)]
    written, lines = fitted(documents, arguments.ridge)
    print("\n".join(lines))
    print(text_of(written))
    if arguments.write:
        FILE.write_text(text_of(written), encoding="utf-8")
    if arguments.results:
        file = Path(arguments.results)
        head = file.read_text("utf-8").partition("\n## Figures\n")[0] if file.is_file() else "# Fit\n"
        body = [f"{written['date']}, {written['engine']}, ridge {arguments.ridge:g}.", "", *lines]
        file.write_text(f"{head.rstrip()}\n\n## Figures\n\n" + "\n".join(body) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
