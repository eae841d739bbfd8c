"""What does a page cost the layout engine, in processor seconds of all processes?

    python benchmarks/layout_speed.py [--json] [--documents 100] [--scans 12] [--tables 12] [--seed 9100]

Synthetic one-page invoices go the way of `docpipe extract` (render in the sandbox, words, layout, resolve) in one
process with one workbench. Children count once they have ended, so each figure is the difference of two rounds,
one with the warm-up's documents alone and one with the measured ones after them: starting does not count.

pages_per_cpu_s   digital invoices; asked: 8
scan_cpu_s_page   the same kind of invoice, degraded as a scan and read by the recogniser
table_cpu_s_page  pages of tables under the table schema, read with the table models; asked: at most 2.5
scan_ms_line      what is left of that after 0.7 s a page, per line that the recogniser found; asked: at most 18
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from docpipe.engine.layout.engine import LayoutEngine
from docpipe.extract.document import extract
from docpipe.extract.workbench import Workbench, workbench
from docpipe.intake.discover import discover
from docpipe.records import Reply, Request, Source
from docpipe.schema.load import load_schema
from docpipe.settings_sources import load_settings
from docpipe.synth.generate import Order, make

ASKED_PAGES_PER_CPU_S, ASKED_MS_LINE, SCAN_S_PAGE = 8.0, 18.0, 0.7
ASKED_TABLE_S_PAGE = 2.5
WARM_UP_DOCUMENTS, WARM_UP_SCANS = 12, 3


class Watched(LayoutEngine):
    """The layout engine; keeps the requests, whose lines are counted when time is no longer measured."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Request] = []

    async def answer(self, request: Request) -> Reply:
        self.requests.append(request)
        return await super().answer(request)


def of_one_page(kind: str, count: int, seed: int, degrade: str, folder: Path) -> list[str]:
    """Paths of `count` documents of one page, written into `folder`."""
    order, paths, index = Order(kind, seed, degrade=degrade), list[str](), 0
    folder.mkdir()
    while len(paths) < count:
        product = make(order, index)
        index += 1
        if product.truth["pages"] == 1:
            path = folder / f"{index}.{product.suffix}"
            path.write_bytes(product.content)
            paths.append(str(path))
    return paths


def cpu_s() -> float:
    """Processor seconds of this process and of its children that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def round_of(paths: Sequence[str], schema: str) -> tuple[float, list[Request]]:
    """The processor seconds to open a bench, read `paths` and close it, and the requests in order."""
    settings = load_settings("", os.environ, {"schema": schema, "engine": "layout", "inputs": list(paths), "out": ""})
    sources = list(discover(paths, limits=settings.limits))
    engine, started = Watched(), cpu_s()
    bench = workbench(load_schema(schema), engine, settings)
    try:
        for source in sources:
            asyncio.run(_read(source, bench))
    finally:
        bench.close()
    return cpu_s() - started, engine.requests


async def _read(source: Source, bench: Workbench) -> None:
    outcome = await extract(source, bench)
    if outcome.failure is not None:
        raise SystemExit(f"{source.uri}: {outcome.failure}")


def measured(paths: Sequence[str], warm_up: int, schema: str = "invoice") -> tuple[float, int]:
    """(processor seconds, lines) of the documents after the first `warm_up`."""
    round_of(paths[:warm_up], schema)  # this process imports and compiles once, and not in one of the two rounds only
    before, _ = round_of(paths[:warm_up], schema)
    after, requests = round_of(paths, schema)
    pages = [page for request in requests[-(len(paths) - warm_up) :] for page in request.pages]
    return after - before, sum(len({(word.block, word.line) for word in page.words}) for page in pages)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--documents", type=int, default=100)
    parser.add_argument("--scans", type=int, default=12)
    parser.add_argument("--tables", type=int, default=12)
    parser.add_argument("--seed", type=int, default=9_100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        count = arguments.documents + WARM_UP_DOCUMENTS
        digital = of_one_page("invoice", count, arguments.seed, "none", Path(name) / "digital")
        scans = of_one_page("invoice", arguments.scans + WARM_UP_SCANS, arguments.seed, "scan", Path(name) / "scans")
        tables = of_one_page("table", arguments.tables + WARM_UP_SCANS, arguments.seed, "none", Path(name) / "tables")
        spent, _ = measured(digital, WARM_UP_DOCUMENTS)
        scan_spent, lines = measured(scans, WARM_UP_SCANS)
        table_spent, _ = measured(tables, WARM_UP_SCANS, "table")
    result = {
        "pages": arguments.documents,
        "cpu_s": round(spent, 2),
        "pages_per_cpu_s": round(arguments.documents / spent, 2),
        "scans": arguments.scans,
        "scan_lines": lines,
        "scan_cpu_s_page": round(scan_spent / arguments.scans, 2),
        "scan_ms_line": round(1000 * (scan_spent - SCAN_S_PAGE * arguments.scans) / lines, 1),
        "table_cpu_s_page": round(table_spent / arguments.tables, 2),
    }
    if arguments.json:
        print(json.dumps(result))
    else:
        for figure, value in result.items():
            print(f"{figure:16} {value}")
    fast = result["pages_per_cpu_s"] >= ASKED_PAGES_PER_CPU_S and result["scan_ms_line"] <= ASKED_MS_LINE
    return 0 if fast and result["table_cpu_s_page"] <= ASKED_TABLE_S_PAGE else 1


if __name__ == "__main__":
    sys.exit(main())
