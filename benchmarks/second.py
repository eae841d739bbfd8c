"""What does a second engine bring to one that errs? The same answers, judged alone and with the layout engine beside.

    python benchmarks/second.py [--json] [--documents 60] [--rate 0.05] [--seed 5300]

The first engine knows the labels of synthetic invoices and errs in a share of its values, always in the same way for a
document: a digit is another one, a value is missing, a row is left out, two amounts of the record change places. It is
asked once; its token probabilities say 0.95 of everything, right or wrong.

values_right   share of the labelled values outside and inside of lists that the record has
wrong_unseen   values that are wrong in records which do not need review, with no violation of theirs
in_review      share of records that need review
ms_per_document   processor time, rendering included

Printed for `alone` and `seconded`; `ratio_wrong` is the wrong values of the second over those of the first.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import math
import random
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docpipe.engine.base import Engine, EngineInfo
from docpipe.extract.document import extract
from docpipe.extract.workbench import workbench
from docpipe.records import Outcome, Reply, Request, Source
from docpipe.resolve.record import resolve_window
from docpipe.schema.load import load_schema
from docpipe.schema.paths import leaves, put
from docpipe.settings import Settings
from docpipe.synth import generate

SCHEMA = load_schema("invoice")
KNOWN = {child.name for child in SCHEMA.root.children}
SURE = math.log(0.95)


class Erring(Engine):
    """Answers with `answers[doc_id]`."""

    info = EngineInfo("erring", "erring/1", frozenset({"layer"}), is_model=True)  # type: ignore[arg-type]

    def __init__(self, answers: Mapping[str, str]) -> None:
        self._answers = answers

    async def answer(self, request: Request) -> Reply:
        return Reply(self._answers[request.doc_id], "stop", self.info.name, logprobs=(SURE,) * 100)

    def close(self) -> None: ...


def erred(label: dict[str, Any], rate: float, chance: random.Random) -> dict[str, Any]:
    """`label` with an error in a share `rate` of its values."""
    told: dict[str, Any] = json.loads(json.dumps(label))
    for path, value in list(leaves(told)):
        if chance.random() < rate:
            put(told, path, _misread(value, chance))
    rows = told.get("line_items") or []
    told["line_items"] = [row for row in rows if chance.random() >= rate / 2]
    amounts = [name for name in ("subtotal", "tax", "total") if told.get(name) is not None]
    if len(amounts) > 1 and chance.random() < rate:
        one, other = chance.sample(amounts, 2)
        told[one], told[other] = told[other], told[one]
    return told


def _misread(value: Any, chance: random.Random) -> Any:
    text = json.dumps(value) if not isinstance(value, str) else value
    digits = [
        at for at, char in enumerate(text) if char in "123456789"
    ]  # a zero in front would be another kind of fault
    if not digits or chance.random() < 0.3:
        return None
    at = chance.choice(digits)
    changed = text[:at] + chance.choice([one for one in "123456789" if one != text[at]]) + text[at + 1 :]
    return changed if isinstance(value, str) else json.loads(changed)


def judged(outcomes: Mapping[str, Outcome], truth: Mapping[str, dict[str, Any]], seconds: float) -> dict[str, float]:
    right = wrong = unseen = review = labelled = 0
    for name, outcome in outcomes.items():
        (record,) = outcome.records
        found, expected = dict(leaves(record.value)), dict(leaves(truth[name]))
        told = {path for violation in record.violations for path in violation.paths}
        labelled += len(expected)
        right += sum(found.get(path) == value for path, value in expected.items())
        bad = [path for path, value in expected.items() if path in found and found[path] != value]
        wrong += len(bad)
        review += record.status == "needs_review"
        unseen += sum(path not in told for path in bad) if record.status != "needs_review" else 0
    count = len(outcomes)
    return {
        "values_right": right / labelled, "wrong": wrong, "wrong_unseen": unseen, "in_review": review / count,
        "ms_per_document": seconds * 1000 / count,
    }  # fmt: skip


def measured(folder: Path, lines: list[dict[str, Any]], answers: Mapping[str, str], second: str) -> dict[str, float]:
    settings = Settings(second_engine=second)
    bench = workbench(SCHEMA, Erring(answers), settings)
    started = time.process_time()
    try:
        outcomes = {line["file"]: asyncio.run(extract(Source(str(folder / line["file"])), bench)) for line in lines}
    finally:
        bench.close()
    seconds = time.process_time() - started
    truth = {
        line["file"]: resolve_window(SCHEMA, [], Reply(json.dumps(line["known"]), "stop", "label")).value
        for line in lines
    }
    return judged(outcomes, truth, seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--documents", type=int, default=60)
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=5_300)
    asked = parser.parse_args()
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = generate("invoice", asked.documents, asked.seed, Path(name))
        lines = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
        lines = [one for one in lines if one["text_layer"]]
        answers = {}
        for one in lines:
            one["known"] = {key: value for key, value in one["label"].items() if key in KNOWN}
            doc_id = hashlib.sha256((folder / one["file"]).read_bytes()).hexdigest()
            answers[doc_id] = json.dumps(erred(one["known"], asked.rate, chance))
        found = {
            kind: measured(folder, lines, answers, second) for kind, second in (("alone", ""), ("seconded", "layout"))
        }
    ratio = found["seconded"]["wrong"] / max(1, found["alone"]["wrong"])
    if asked.json:
        print(json.dumps({"documents": len(lines), **found, "ratio_wrong": ratio}))
        return
    print(f"{len(lines)} documents")
    for kind, numbers in found.items():
        print(f"{kind:10}", "  ".join(f"{name} {value:.4g}" for name, value in numbers.items()))
    print(f"ratio_wrong {ratio:.3f}")


if __name__ == "__main__":
    main()
