"""How many scalars does the layout engine read whose key the schema knows, and how many of the others?

    python benchmarks/keys.py [--json] [--documents 100] [--seed 616161] [--kind invoice --kind receipt] [--worst]

Generated documents say in labels.jsonl under which key each field was printed. A key is known if it
is a label of its field, letter by letter but for case, accents and marks. What is printed without a key
(a letterhead, "VISA 13.14") is a group of its own. Rows are those of all lists, right in every labelled cell
or not: a row is found if it is paired with one of the truth.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ablation import Case, cases_of

from docpipe.engine.layout.engine import LayoutEngine
from docpipe.evaluate.counts import Score
from docpipe.evaluate.fields import Comparison, compare
from docpipe.evaluate.values import folded
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Node, Schema
from docpipe.synth import generate

GROUPS = ("key is a label", "key is not", "without a key", "all")


def labels_of(node: Node, path: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """(path, folded labels) of every scalar outside lists."""
    for child in node.children:
        here = f"{path}.{child.name}" if path else child.name
        if child.kind == "object":
            yield from labels_of(child, here)
        elif child.kind != "array":
            yield here, frozenset(map(folded, child.all_labels()))


def keys_of(folder: Path) -> dict[str, Mapping[str, str]]:
    """id -> field -> the key it was printed under."""
    entries = map(json.loads, (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines())
    return {entry["id"]: entry["synthetic"].get("captions", {}) for entry in entries}


def read(case: Case, schema: Schema, engine: LayoutEngine) -> Comparison:
    """The document's record compared with its truth."""
    parts = [
        resolve_window(
            schema, [replace(page, pixels=None) for page in request.pages], asyncio.run(engine.answer(request))
        )
        for request in case.requests
    ]
    value = resolve_document(schema, parts, [], 0.5).value if parts else {}
    return compare(case.truth.label, value, case.truth.accept, complete=case.truth.complete)


def measured(kind: str, documents: int, seed: int) -> dict[str, Any]:
    """{groups: {group: counts and rates}, rows: the same, missed: [(field, key, how often)]} of one kind."""
    schema, engine = load_schema(kind), LayoutEngine()
    labels = dict(labels_of(schema.root))
    groups: dict[str, Score] = defaultdict(Score)
    rows, missed = Score(), Counter[tuple[str, str]]()
    with tempfile.TemporaryDirectory() as name:
        folder = generate(kind, documents, seed, Path(name) / kind)
        keys = keys_of(folder)
        for case in cases_of(folder, schema, documents):
            compared = read(case, schema, engine)
            for count in compared.rows.values():
                rows.add(Score(count.matched, 0, count.expected - count.matched, count.found - count.matched))
            for verdict in (one for one in compared.verdicts if one.field in labels):
                key = keys[case.truth.id].get(verdict.field, "")
                known = folded(key) in labels[verdict.field]
                group = GROUPS[2] if not key else GROUPS[0] if known else GROUPS[1]
                for score in (groups[group], groups["all"]):
                    setattr(score, verdict.kind, getattr(score, verdict.kind) + 1)
                if verdict.kind != "right":
                    missed[(verdict.field, f"{key}{'' if known else ' (no label)'}")] += 1
    return {
        "groups": {group: rates(groups[group]) for group in GROUPS},
        "rows": rates(rows),
        "missed": [(*what, count) for what, count in missed.most_common()],
    }


def rates(score: Score) -> dict[str, float | None]:
    """A score's number of labelled values, and its precision, recall and F1."""
    labelled = score.right + score.wrong + score.missing
    return {"labelled": labelled, "precision": score.precision, "recall": score.recall, "f1": score.f1}


def table(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Markdown: a line for each kind and group."""
    yield "| documents | scalars | labelled | precision | recall | F1 |\n|---|---|---:|---:|---:|---:|"
    for kind, one in found.items():
        for group, score in {**one["groups"], "rows of lists": one["rows"]}.items():
            cells = (f"{score[rate]:.3f}" if score[rate] is not None else "–" for rate in ("precision", "recall", "f1"))
            yield f"| {kind}s | {group} | {score['labelled']} | {' | '.join(cells)} |"


def worst(found: Mapping[str, Mapping[str, Any]], most: int = 40) -> Iterator[str]:
    """The keys under which most is missed."""
    for kind, one in found.items():
        missed: Sequence[tuple[str, str, int]] = one["missed"]
        yield from (f"{kind} {field}: {key or '(none)'} x {count}" for field, key, count in missed[:most])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--worst", action="store_true", help="name the keys under which most is missed")
    parser.add_argument("--documents", type=int, default=100, help="of each kind")
    parser.add_argument("--seed", type=int, default=616_161)
    parser.add_argument("--kind", action="append", default=[], choices=("invoice", "receipt"))
    arguments = parser.parse_args()
    kinds = arguments.kind or ["invoice", "receipt"]
    found = {kind: measured(kind, arguments.documents, arguments.seed) for kind in kinds}
    print(json.dumps(found) if arguments.json else "\n".join(table(found)))
    if arguments.worst:
        print("\n".join(worst(found)))


if __name__ == "__main__":
    main()
