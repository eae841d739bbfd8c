"""How right is an engine, field by field, on documents nobody tuned it to?

    python benchmarks/accuracy.py [--json] [--truth FOLDER ...] [--documents 200] [--seed 9000]

Without --truth it generates invoices of a seed that no test uses. A FOLDER holds labels.jsonl and the
files it names. Prints precision, recall and F1 a field, and how confidence ranks errors.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

from docpipe.engine.choose import EngineSpec
from docpipe.evaluate.fields import Score, score
from docpipe.intake.discover import discover
from docpipe.records import Outcome
from docpipe.run.cluster import RayPool
from docpipe.schema.load import load_schema
from docpipe.settings import Settings
from docpipe.synth import generate

SURE = 0.9


def read_labels(folder: Path) -> dict[str, dict[str, Any]]:
    """absolute file path -> its line of labels.jsonl."""
    found = {}
    for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        beside = folder / entry["file"]
        path = beside if beside.exists() else folder.parent / entry["file"]
        found[str(path.absolute())] = entry
    return found


def extract_all(paths: list[str], schema_name: str) -> dict[str, Outcome]:
    with closing(RayPool(load_schema(schema_name), EngineSpec("layout", embedded=True), Settings())) as pool:
        return {outcome.source.uri: outcome for outcome in pool.outcomes(discover(paths))}


def tabulate(labels: dict[str, dict[str, Any]], outcomes: dict[str, Outcome]) -> dict[str, Any]:
    """Scores by field, over all scalars, over rows; calibration of the scalars' confidence."""
    fields: dict[str, Score] = defaultdict(Score)
    sure = sure_wrong = right = right_sure = 0
    for path, entry in labels.items():
        record = outcomes[path].records[0] if outcomes[path].records else None
        confidence = {one.path: one.confidence for one in record.fields} if record else {}
        known = {node.name for node in SCHEMA.root.children}
        truth = {key: value for key, value in entry["label"].items() if key in known}
        for name, one in score(truth, record.value if record else None, entry.get("accept")).items():
            fields[name].add(one)
            certain = confidence.get(name, 0.0) >= SURE
            sure += certain and one.right + one.wrong
            sure_wrong += certain and one.wrong
            right += one.right if name in confidence else 0
            right_sure += one.right if certain else 0
    scalars, rows = Score(), fields.get("line_items", Score())
    for name, one in fields.items():
        if not name.startswith(("line_items", "tax_breakdown")):
            scalars.add(one)
    return {
        "documents": len(labels),
        "fields": {name: _line(one) for name, one in sorted(fields.items())},
        "scalars": _line(scalars),
        "rows": _line(rows),
        "sure_wrong": round(sure_wrong / max(sure, 1), 4),
        "right_sure": round(right_sure / max(right, 1), 4),
    }


SCHEMA = load_schema("invoice")


def _line(one: Score) -> dict[str, float]:
    return {
        "precision": round(one.precision, 4),
        "recall": round(one.recall, 4),
        "f1": round(one.f1, 4),
        "labelled": one.right + one.wrong + one.missing,
    }


def print_table(name: str, table: dict[str, Any]) -> None:
    print(f"\n{name}: {table['documents']} documents\n")
    print("| field | labelled | precision | recall | F1 |\n|---|---:|---:|---:|---:|")
    for field, line in [*table["fields"].items(), ("all scalars", table["scalars"])]:
        print(f"| {field} | {line['labelled']} | {line['precision']:.3f} | {line['recall']:.3f} | {line['f1']:.3f} |")
    print(f"\nScalars with confidence {SURE} or more that are wrong: {table['sure_wrong']:.1%};")
    print(f"right scalars with confidence {SURE} or more: {table['right_sure']:.1%}.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--truth", action="append", type=Path, default=[], help="a folder with labels.jsonl")
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--seed", type=int, default=9_000)
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folders = arguments.truth or [generate("invoice", arguments.documents, arguments.seed, Path(name) / "synth")]
        for folder in folders:
            labels = read_labels(folder)
            results[folder.name] = tabulate(labels, extract_all(list(labels), "invoice"))
    if arguments.json:
        print(json.dumps(results))
    else:
        for title, table in results.items():
            print_table(title, table)


if __name__ == "__main__":
    main()
