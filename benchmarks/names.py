"""How right is what the layout engine finds by a field's name alone, and how sure is it of it?

    python benchmarks/names.py [--json] [--documents 60] [--seed 717171] [--kind invoice --kind receipt]

English synthetic documents are read under the shipped schemas without `x-docpipe`, but for decimal places: no
labels, roles, words for values or checks. Counted are the fields that get a value by name, those of rows too. The
score is the engine's own, before the page and the checks lower it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ablation import Case, cases_of

from docpipe.engine.layout.compiled import compile_schema
from docpipe.engine.layout.reader import read_request
from docpipe.evaluate.fields import compare
from docpipe.records import Reply
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import load_schema, parse_schema
from docpipe.schema.nodes import Schema
from docpipe.synth import generate

REVIEW = 0.5  # extraction.review_confidence: a value that is less sure goes to review


def unlabelled(document: Any) -> Any:
    """The document without `x-docpipe`, but for decimal places."""
    if isinstance(document, list):
        return [unlabelled(one) for one in document]
    if not isinstance(document, Mapping):
        return document
    kept = {name: unlabelled(below) for name, below in document.items() if name != "x-docpipe"}
    scale = document.get("x-docpipe", {}).get("scale") if isinstance(document.get("x-docpipe", {}), Mapping) else None
    return {**kept, "x-docpipe": {"scale": scale}} if scale is not None else kept


def measured(kind: str, documents: int, seed: int) -> list[tuple[str, bool, float]]:
    """(field, whether right, score) of every value that a name found."""
    schema = parse_schema(unlabelled(load_schema(kind).document), kind)
    found: list[tuple[str, bool, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = generate(kind, documents, seed, Path(name) / kind, languages=["en"])
        for case in cases_of(folder, schema, documents):
            found += list(_judged(case, schema))
    return found


def _judged(case: Case, schema: Schema) -> Iterator[tuple[str, bool, float]]:
    compiled = compile_schema(schema)
    scores: dict[str, float] = {}
    parts = []
    for request in case.requests:
        text, spans = read_request(compiled, request)
        otherwise = {span.path for span in read_request(replace(compiled, by_name=None), request)[1]}
        scores |= {span.path: span.score for span in spans if span.path not in otherwise}
        pages = [replace(page, pixels=None) for page in request.pages]
        parts.append(resolve_window(schema, pages, Reply(text, "stop", "layout", spans=spans)))
    value = resolve_document(schema, parts, [], REVIEW).value if parts else {}
    for verdict in compare(case.truth.label, value, case.truth.accept, complete=case.truth.complete).verdicts:
        if verdict.kind != "missing" and verdict.path in scores:
            yield verdict.field, verdict.kind == "right", scores[verdict.path]


def summary(values: list[tuple[str, bool, float]]) -> dict[str, Any]:
    """Counts over all values, over those above REVIEW, and by field."""
    fields: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for field, right, _ in values:
        fields[field][not right] += 1
    sure = [right for _, right, score in values if score >= REVIEW]
    right = sum(ok for _, ok, _ in values)
    return {
        "values": len(values),
        "right": right / len(values) if values else None,
        "mean_score": sum(score for *_, score in values) / len(values) if values else None,
        "sure": len(sure),
        "sure_right": sum(sure) / len(sure) if sure else None,
        "fields": {field: {"right": ok, "wrong": not_ok} for field, (ok, not_ok) in sorted(fields.items())},
    }


def table(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Markdown: a line for each kind, then one for each field."""
    yield "| documents | values by name | right | mean score | of them 0.5 and more | right |"
    yield "|---|---:|---:|---:|---:|---:|"
    for kind, one in found.items():
        yield (
            f"| {kind}s | {one['values']} | {one['right']:.3f} | {one['mean_score']:.3f} | {one['sure']} |"
            f" {one['sure_right']:.3f} |"
        )
    yield "\n| field | right | wrong |\n|---|---:|---:|"
    for kind, one in found.items():
        for field, counts in one["fields"].items():
            yield f"| {kind}: {field} | {counts['right']} | {counts['wrong']} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--documents", type=int, default=60, help="of each kind")
    parser.add_argument("--seed", type=int, default=717_171)
    parser.add_argument("--kind", action="append", default=[], choices=("invoice", "receipt"))
    arguments = parser.parse_args()
    kinds = arguments.kind or ["invoice", "receipt"]
    found = {kind: summary(measured(kind, arguments.documents, arguments.seed)) for kind in kinds}
    print(json.dumps(found) if arguments.json else "\n".join(table(found)))


if __name__ == "__main__":
    main()
