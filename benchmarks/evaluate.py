"""How long does `docpipe eval` take over 10,000 documents, and how much memory?

    python benchmarks/evaluate.py [--json] [--documents 10000] [--seed 1]

Writes an output of that many documents through the store (the samples' labels again and again, with
values lost, changed and rows out of order by chance) and labels with boxes, then runs
`docpipe eval OUT --truth labels.jsonl --report FILE` as a process of its own.

eval_s       wall seconds of that process, from its start to its end (eval_10k_s: the same, of 10,000)
eval_cpu_s   its CPU seconds: what it would take on a machine that does nothing else
peak_mb      its largest resident size
compare_s    wall seconds of `docpipe eval compare` of the result with itself
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from docpipe.records import Box, Field, Outcome, Record, Source
from docpipe.schema.load import load_schema
from docpipe.schema.paths import leaves
from docpipe.store.commit import Store

SCHEMA = load_schema("invoice")
SAMPLES = Path(__file__).parents[1] / "samples/invoices/labels.jsonl"
BATCH = 500
ELSEWHERE: Box = (0.1, 0.1, 0.2, 0.12)


def documents(count: int, seed: int) -> Iterator[tuple[Outcome, dict[str, Any]]]:
    """(outcome, its line of labels.jsonl), each from one of the samples."""
    samples = [json.loads(line) for line in SAMPLES.read_text(encoding="utf-8").splitlines()]
    for index in range(count):
        chance = random.Random(f"{seed}/{index}")
        entry = samples[index % len(samples)]
        doc_id = hashlib.sha256(f"{seed}/{index}".encode()).hexdigest()
        line = {key: entry.get(key) for key in ("label", "accept", "boxes")}
        yield outcome(entry, doc_id, index, chance), {
            "id": f"doc-{index}", "file": f"doc-{index}.pdf", "sha256": doc_id, **line,
        }  # fmt: skip


def outcome(entry: dict[str, Any], doc_id: str, index: int, chance: random.Random) -> Outcome:
    known = {node.name for node in SCHEMA.root.children}
    value = {key: typed(one, key, chance) for key, one in entry["label"].items() if key in known}
    if chance.random() < 0.1 and len(value.get("line_items", ())) > 1:
        value["line_items"].pop(chance.randrange(len(value["line_items"])))
    fields = [field(path, one, entry["boxes"].get(path) or (), chance) for path, one in leaves(value)]
    record = Record(value, (1,), "ok", 0.9, tuple(fields))
    source = Source(f"/in/doc-{index}.pdf", 10, 1, doc_id=doc_id)
    return Outcome(source, "invoice", "layout", {"engine": "layout"}, "ok", (record,))


def typed(value: Any, key: str, chance: random.Random) -> Any:
    """The value as a record has it; one in twenty lost, one in twenty another."""
    if isinstance(value, dict):
        return {name: typed(one, name, chance) for name, one in value.items()}
    if isinstance(value, list):
        return [typed(one, key, chance) for one in value]
    lot = chance.random()
    if lot < 0.05:
        return None
    if isinstance(value, int | float):
        return Decimal(str(value)) + (1 if lot < 0.1 else 0)
    if key.endswith("_date"):
        return dt.date.fromisoformat(value)
    return f"{value} x" if lot < 0.1 and key not in ("currency", "document_type") else value


def field(path: str, value: Any, places: Any, chance: random.Random) -> Field:
    boxes = tuple(tuple(place["box"]) for place in places) or (ELSEWHERE,)
    return Field(path, value, chance.random(), places[0]["page"] if places else 1, boxes)  # type: ignore[arg-type]


def write(folder: Path, count: int, seed: int) -> tuple[Path, Path]:
    """An output of `count` documents and their labels."""
    out, labels = folder / "out", folder / "labels.jsonl"
    with Store.open(out, SCHEMA, "bench") as store, labels.open("w", encoding="utf-8") as lines:
        for made, line in documents(count, seed):
            store.add(made)
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")
            if store.pending >= BATCH:
                store.commit()
    return out, labels


def seconds(*command: str) -> tuple[float, float]:
    """(wall, CPU) seconds of a docpipe process."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "docpipe", *command], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - started, cpu_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--documents", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        out, labels = write(folder, arguments.documents, arguments.seed)
        result = folder / "result.json"
        eval_s, eval_cpu_s = seconds("eval", str(out), "--truth", str(labels), "--report", str(result))
        peak_kb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        compare_s, compare_cpu_s = seconds("eval", "compare", str(result), str(result))
        found = json.loads(result.read_text())
        table = {
            "documents": found["documents"]["labelled"],
            "values": sum(one["labelled"] for one in found["fields"].values()),
            "eval_s": round(eval_s, 2),
            **({"eval_10k_s": round(eval_s, 2)} if arguments.documents == 10_000 else {}),
            "eval_cpu_s": round(eval_cpu_s, 2),
            "peak_mb": round(peak_kb / 1024),
            "compare_s": round(compare_s, 2),
            "compare_cpu_s": round(compare_cpu_s, 2),
            "result_mb": round(result.stat().st_size / 1024**2, 1),
        }
    if arguments.json:
        print(json.dumps(table))
    else:
        for key, value in table.items():
            print(f"{key:12} {value}")


if __name__ == "__main__":
    main()
