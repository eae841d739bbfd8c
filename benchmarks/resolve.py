"""What resolving an answer costs, and whether a row that was left out is missed.

    python benchmarks/resolve.py [--json] [--documents 300] [--seed 7100]

Synthetic invoices with a text layer; the answer is their label as JSON. Time is CPU time of this process, one
document after the other, each seen once.

ms_per_document    median of resolving an invoice of 18 to 22 lines (some 400 words): decode to judged record
ratio_vs_plain     that over json.loads and pydantic alone, on the same answers in the same run
drops_flagged      share of answers without one or more of their rows that carry `incomplete_rows`
false_alarms       share of whole answers that carry it
wrong_rows_s       CPU seconds for an answer of WRONG_ROWS rows of which every value is refused, without pages, and
wrong_rows_ratio   what twice as many take over that: about 2, as every answer takes time in proportion to its length
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from docpipe.intake.content import read_content
from docpipe.records import Page, Reply
from docpipe.render.renderer import Renderer
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import load_schema
from docpipe.schema.model import record_model
from docpipe.settings import Settings
from docpipe.synth import generate

SCHEMA = load_schema("invoice")
LINES = range(18, 23)
WARM_UP = 20
WRONG_ROWS = 4_000


@dataclass(frozen=True)
class Case:
    """A document: its label as far as the schema goes, and its pages as rendered."""

    label: dict[str, Any]
    pages: list[Page]

    @property
    def words(self) -> int:
        return sum(len(page.words) for page in self.pages)

    def rows(self) -> list[Any]:
        return self.label.get("line_items", [])


def cases(folder: Path) -> list[Case]:
    """Every labelled document of `folder` that has a text layer."""
    known = {child.name for child in SCHEMA.root.children}
    labels = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    settings = Settings()

    async def pages(renderer: Renderer, path: Path) -> list[Page]:
        async with await renderer.open(read_content(str(path), settings.limits)) as document:
            return [await document.page(number, frozenset({"layer"})) for number in range(1, document.page_count + 1)]

    async def read() -> list[Case]:
        with Renderer(settings) as renderer:
            return [
                Case(
                    {name: value for name, value in label["label"].items() if name in known},
                    await pages(renderer, folder / label["file"]),
                )
                for label in labels
                if label["text_layer"]
            ]

    return asyncio.run(read())


def resolve(text: str, pages: list[Page]) -> Any:
    return resolve_document(SCHEMA, [resolve_window(SCHEMA, pages, Reply(text, "stop", "bench"))], [], 0.5)


def plain(text: str, _: list[Page]) -> Any:
    return record_model(SCHEMA).model_validate(json.loads(text, parse_float=Decimal), strict=False)


def median_ms(work: Callable[[str, list[Page]], Any], some: list[Case]) -> float:
    """Median CPU time of one call, in milliseconds."""
    took = []
    for case in some:
        text = json.dumps(case.label)
        started = time.process_time()
        work(text, case.pages)
        took.append(time.process_time() - started)
    return statistics.median(took) * 1_000


def flagged(label: dict[str, Any], pages: list[Page]) -> bool:
    return any(violation.rule == "incomplete_rows" for violation in resolve(json.dumps(label), pages).violations)


def without(case: Case, gone: set[int]) -> dict[str, Any]:
    return {**case.label, "line_items": [row for index, row in enumerate(case.rows()) if index not in gone]}


def wrong_rows(rows: int) -> float:
    """CPU seconds of an answer whose rows hold no value that the schema takes."""
    row = {"description": 5, "quantity": "zz", "unit_price": "1O.5", "amount": "l2,O"}
    text = json.dumps({"invoice_number": "x", "total": 1, "line_items": [row] * rows})
    started = time.process_time()
    resolve(text, [])
    return time.process_time() - started


def drops(some: list[Case]) -> dict[str, float]:
    """Shares of flagged answers by how many rows they lack."""
    chance = random.Random(1)
    kinds: dict[str, Callable[[int], int]] = {
        "one": lambda _: 1,
        "a_third": lambda rows: max(1, rows // 3),
        "all": lambda rows: rows,
    }
    listed = [(case, len(case.rows())) for case in some if case.rows()]
    found = {
        name: [flagged(without(case, set(chance.sample(range(n), count(n)))), case.pages) for case, n in listed]
        for name, count in kinds.items()
    }
    every = [answer for answers in found.values() for answer in answers]
    return {"drops": len(every), "drops_flagged": statistics.fmean(every)} | {
        f"flagged_{name}": statistics.fmean(answers) for name, answers in found.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7_100)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = cases(generate("invoice", asked.documents, asked.seed, Path(folder)))
    timed = [case for case in found if len(case.rows()) in LINES]
    for work in (resolve, plain):
        median_ms(work, [case for case in found if case not in timed][:WARM_UP])
    ms, plain_ms = median_ms(resolve, timed), median_ms(plain, timed)
    wrong, twice = wrong_rows(WRONG_ROWS), wrong_rows(2 * WRONG_ROWS)
    result = {
        "ms_per_document": ms,
        "plain_ms": plain_ms,
        "ratio_vs_plain": ms / plain_ms,
        "timed_documents": len(timed),
        "timed_words": statistics.median(case.words for case in timed),
        "wrong_rows_s": wrong,
        "wrong_rows_ratio": twice / wrong,
        "documents": len(found),
        "false_alarms": statistics.fmean(flagged(case.label, case.pages) for case in found),
        **drops(found),
    }
    if asked.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:18} {value:.4g}")


if __name__ == "__main__":
    main()
