"""How right is the layout engine on each synthetic kind, and of how many of its values does the truth say nothing?

    python benchmarks/unlabelled.py [--json] [--documents 60] [--seed 515151]

A value is unlabelled where the truth has neither a value nor null at its path: nobody can call it right or wrong, so
precision is too high by an unknown amount. Rows are compared with the row of the truth that they are paired with.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ablation import Case, cases_of

from docpipe.engine.layout.engine import LayoutEngine
from docpipe.evaluate.charts import holds_series
from docpipe.evaluate.counts import Score, total
from docpipe.evaluate.grids import holds_grids
from docpipe.evaluate.judge import judge
from docpipe.evaluate.truth import Truth
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema
from docpipe.synth import generate

KINDS = ("invoice", "receipt", "form", "table", "chart")


def read(case: Case, schema: Schema) -> dict[str, Any]:
    """The record of one document by the layout engine, {} if it was never asked."""
    engine = LayoutEngine()
    parts = [
        resolve_window(
            schema, [replace(page, pixels=None) for page in request.pages], asyncio.run(engine.answer(request))
        )
        for request in case.requests
    ]
    return dict(resolve_document(schema, parts, [], 0.5).value or {}) if parts else {}


def unlabelled(truth: Truth, record: Mapping[str, Any]) -> Iterator[str]:
    """The fields of the values of `record` that the comparison with `truth` says nothing of.

    Tables and the series of charts have metrics of their own: all their values are compared where the truth has them.
    """
    own_metric = {key for key, value in truth.label.items() if holds_grids(value) or holds_series(value)}
    judged = {verdict.path for verdict in judge(truth, {"record": record, "status": "ok"}).comparison.verdicts}
    for path, value in _leaves(record):
        if value is not None and path not in judged and path.partition("[")[0] not in own_metric:
            yield "".join(part.partition("]")[2] if "]" in part else part for part in path.split("["))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def measured(truths: list[Truth], records: list[dict[str, Any]]) -> dict[str, Any]:
    """{score, fields: field -> score, unlabelled: field -> count, measures: name -> mean} of documents of one kind."""
    nobody_knows: Counter[str] = Counter()
    fields: dict[str, Score] = {}
    sums: dict[str, tuple[float, float]] = {}
    for truth, record in zip(truths, records, strict=True):
        nobody_knows.update(unlabelled(truth, record))
        judged = judge(truth, {"record": record, "status": "ok"})
        for verdict in judged.comparison.verdicts:
            score = fields.setdefault(verdict.field, Score())
            setattr(score, verdict.kind, getattr(score, verdict.kind) + 1)
        for name, (value, weight) in judged.measures.items():
            before = sums.get(name, (0.0, 0.0))
            sums[name] = before[0] + value, before[1] + weight
    return {
        "score": total(fields.values()),
        "fields": fields,
        "unlabelled": nobody_knows,
        "measures": {name: value / weight for name, (value, weight) in sums.items() if weight},
    }


def lines(results: Mapping[str, dict[str, Any]]) -> Iterator[str]:
    """Markdown: a row a kind, then the fields of the unlabelled values."""
    yield "| kind | unlabelled | right | wrong | missing | spurious | precision | recall | F1 | RMS F1, adjacency F1 |"
    yield "|---|" + "---:|" * 9
    for kind, result in results.items():
        score = result["score"]
        own = [f"{result['measures'][name]:.3f}" for name in ("rms_f1", "adjacency_f1") if name in result["measures"]]
        rates = f"{score.precision:.3f} | {score.recall:.3f} | {score.f1:.3f}"
        counts = " | ".join(map(str, score.as_tuple()))
        yield f"| {kind} | {result['unlabelled'].total()} | {counts} | {rates} | {', '.join(own)} |"
    for kind, result in results.items():
        if result["unlabelled"]:
            yield f"\nUnlabelled of {kind}: " + ", ".join(
                f"{n} {name}" for name, n in result["unlabelled"].most_common()
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--documents", type=int, default=60, help="of each kind")
    parser.add_argument("--seed", type=int, default=515_151)
    arguments = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as name:
        for kind in KINDS:
            schema = load_schema(kind)
            folder = generate(kind, arguments.documents, arguments.seed, Path(name) / kind)
            cases = cases_of(folder, schema, arguments.documents)
            results[kind] = measured([case.truth for case in cases], [read(case, schema) for case in cases])
    if arguments.json:
        print(
            json.dumps(
                {
                    kind: result
                    | {
                        "score": result["score"].as_tuple(),
                        "fields": {name: score.as_tuple() for name, score in result["fields"].items()},
                    }
                    for kind, result in results.items()
                }
            )
        )
    else:
        print("\n".join(lines(results)))


if __name__ == "__main__":
    main()
