"""How right are the engines, and what pip can install beside them, on documents nobody tuned them to?

    python benchmarks/accuracy.py [--json] [--truth FOLDER ...] [--engine layout ...] [--documents 200]

A FOLDER holds labels.jsonl and the files it names; its schema is the shipped one that has most of the
labelled keys. Without --truth it generates invoices of a seed that no test uses. Every engine runs
through `docpipe run`, every peer (benchmarks/peers.py) on the same files; all are measured by
`docpipe.evaluate`. A peer that is not installed is named as absent (`pip install '.[bench]'`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from peers import PEERS, Peer, outcomes

from docpipe import __version__
from docpipe.cli.evaluate_output import evaluate_output, plan_of
from docpipe.evaluate.matching import matched
from docpipe.evaluate.result import evaluate
from docpipe.evaluate.truth import Plan, Truth, read_labels
from docpipe.run.job import run
from docpipe.run.progress import Progress
from docpipe.schema.load import load_schema, shipped_schemas
from docpipe.settings_sources import load_settings
from docpipe.synth import generate

SCALARS = ("precision", "recall", "f1")
FIGURES = {"anls": "ANLS", "anls_star": "ANLS*", "row_f1": "rows F1", "teds": "TEDS", "teds_struct": "TEDS-struct",
           "adjacency_f1": "adjacency F1", "rms_f1": "RMS F1", "relaxed_accuracy": "relaxed accuracy"}  # fmt: skip


def files_of(folder: Path, truths: Sequence[Truth]) -> dict[str, str]:
    """absolute path -> sha256 of every file that the labels name and that is there."""
    found = {}
    for truth in truths:
        path = next((base / truth.file for base in (folder, folder.parent) if (base / truth.file).is_file()), None)
        if path is not None:
            found[os.path.abspath(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def schema_for(truths: Sequence[Truth]) -> str:
    """The shipped schema that has most of the labelled keys."""
    keys = Counter(key for truth in truths for key in truth.label)
    known = {name: {node.name for node in load_schema(name).root.children} for name in shipped_schemas()}
    return max(sorted(known), key=lambda name: sum(count for key, count in keys.items() if key in known[name]))


def measured(folder: Path, engines: Sequence[str], workers: int, outputs: Path) -> dict[str, Any]:
    """{schema, documents, systems: {name: result without its documents}, absent: [peers]} of a folder."""
    truths = list(read_labels(folder))
    files, schema = files_of(folder, truths), schema_for(truths)
    systems: dict[str, Any] = {}
    plan: Plan | None = None
    for engine in engines:
        out = outputs / f"{folder.name}-{engine}"
        flags = {"schema": schema, "engine": engine, "inputs": list(files), "out": str(out), "running.workers": workers}
        started = time.perf_counter()
        run(load_settings("", os.environ, flags), Progress(quiet=True))
        seconds = time.perf_counter() - started
        result, _ = evaluate_output(out, truths, worst=0)
        systems[f"docpipe {engine}"] = _short(result, seconds)
        plan = plan_of(out, schema) or plan
    peers = [peer for peer in PEERS if schema in peer.schemas]
    for peer in peers:
        if peer.version is not None:
            systems[f"{peer.name} {peer.version}"] = _peer(peer, truths, files, plan)
    absent = [peer.name for peer in peers if peer.version is None]
    return {"schema": schema, "documents": len(truths), "systems": systems, "absent": absent}


def _peer(peer: Peer, truths: Sequence[Truth], files: dict[str, str], plan: Plan | None) -> dict[str, Any]:
    started = time.perf_counter()
    found = list(outcomes(peer, files))
    seconds = time.perf_counter() - started
    result, _ = evaluate(matched(truths, found), plan, 0)
    return _short(result, seconds)


def _short(result: dict[str, Any], seconds: float) -> dict[str, Any]:
    left_out = ("per_document", "missing", "docpipe_eval", "out")
    return {key: value for key, value in result.items() if key not in left_out} | {"seconds": round(seconds, 1)}


def lines(title: str, table: dict[str, Any]) -> Iterator[str]:
    """A folder's results as Markdown."""
    systems = table["systems"]
    yield f"\n## {title}: {table['documents']} documents, schema {table['schema']}\n"
    figures = [name for name in FIGURES if any(name in system["measures"] for system in systems.values())]
    if any(system["fields"] for system in systems.values()):
        heads = ("precision", "recall", "F1", "F1 outside lists", *(FIGURES[name] for name in figures))
    else:
        heads = tuple(FIGURES[name] for name in figures)
    yield "| system | " + " | ".join(heads) + " | failed |"
    yield "|---|" + "---:|" * (len(heads) + 1)
    for name, system in systems.items():
        rates = [system["overall"]["micro"][rate] for rate in SCALARS] + [system["overall"]["scalars"]["f1"]]
        values = (rates if len(heads) > len(figures) else []) + [
            (system["measures"].get(figure) or {}).get("score") for figure in figures
        ]
        failed = sum(system["documents"]["by_status"].get(status, 0) for status in ("failed", "missing"))
        yield f"| {name} | " + " | ".join(map(_number, values)) + f" | {failed} |"
    for name in table["absent"]:
        yield f"| {name} | not installed |" + " |" * len(heads)
    yield from _fields(*next(iter(systems.items())))


def _fields(name: str, one: dict[str, Any]) -> Iterator[str]:
    if not one["fields"]:
        return
    yield f"\n{name}, by field:\n"
    yield "| field | labelled | precision | recall | F1 | ANLS |\n|---|---:|---:|---:|---:|---:|"
    for field, score in one["fields"].items():
        rates = " | ".join(_number(score[rate]) for rate in (*SCALARS, "anls"))
        yield f"| {field} | {score['labelled']} | {rates} |"
    sure, rows, boxes = one["calibration"]["values"], one["completeness"], one["grounding"]
    yield f"\nConfidence: AUROC {_number(sure['auroc'])}, ECE {_number(sure['ece'])};"
    yield f"{_percent(sure['passing_share'])} of the values found can pass at 99% precision;"
    yield f"{_percent(sure['sure_share'])} have 0.9 or more, {sure['sure_wrong']} of them wrong."
    yield f"Lists: {rows['incomplete']} of {rows['documents']} documents lack a row,"
    yield f"{rows['incomplete_in_silence']} in silence."
    if boxes["values"]:
        yield (
            f"Grounding of {boxes['values']} right values: page {_percent(boxes['page'])}, centre inside"
            f" {_percent(boxes['centre'])}, overlap (IoU) {_number(boxes['iou'])}."
        )
    if one["not_in_schema"]:
        yield f"Labelled, but not in the schema: {', '.join(one['not_in_schema'])}."


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--truth", action="append", type=Path, default=[], help="a folder with labels.jsonl")
    parser.add_argument("--engine", action="append", default=[], help="an engine of docpipe (default: layout)")
    parser.add_argument("--workers", type=int, default=0, help="document workers (default 0: this process)")
    parser.add_argument("--documents", type=int, default=200, help="how many to generate without --truth")
    parser.add_argument("--seed", type=int, default=9_000)
    parser.add_argument("--outputs", type=Path, help="keep the outputs here; a second run reads nothing again")
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        outputs = arguments.outputs or Path(name)
        folders = arguments.truth or [generate("invoice", arguments.documents, arguments.seed, Path(name) / "synth")]
        for folder in folders:
            results[folder.name] = measured(folder, arguments.engine or ["layout"], arguments.workers, outputs)
    if arguments.json:
        print(json.dumps({"docpipe": __version__, "folders": results}))
    else:
        for title, table in results.items():
            print("\n".join(lines(title, table)))


if __name__ == "__main__":
    main()
