"""What the store's promises cost: commits beside bare writes of the same tables, and the plan of a rerun.

    python benchmarks/store.py [--documents 1000] [--sources 100000] [--json]

commit_ratio    seconds of the commits of 1,000 documents in 4 batches, less `arrow_s`, over bare
                `pyarrow.parquet.write_table` of the same Arrow tables in 4 rounds with fsync of every file
                and folder; the median of pairs run in turn
arrow_s         seconds of turning rows into these Arrow tables, which the bare side is given; `add_s` those of
                turning outcomes into rows, value by value checked
plan_100k_s     seconds to open an output, list 100,000 finished sources and plan them, in a fresh process
plan_100k_mb    what that added to the process's peak memory
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from docpipe.records import Field, Outcome, PageRow, Record, Reply, ReplyRow, Source, Violation
from docpipe.run.listing import Listing
from docpipe.run.plan import RELY, Plan
from docpipe.run.summary import Summary
from docpipe.schema.load import load_schema
from docpipe.settings import Settings
from docpipe.store.columns import layout
from docpipe.store.commit import Store
from docpipe.store.current import load_current
from docpipe.store.parts import read_part
from docpipe.store.place import place_of
from docpipe.store.rows import ledger_row, outcome_rows

COMMITS = 4
LINES = 10
MARKS = {"schema": "a" * 64, "engine": "layout/1", "render": "b" * 16, "resolve": "0.1/1"}
SCHEMA = "invoice"


def document(number: int) -> Outcome:
    """An invoice of ten lines with evidence for every value, as the layout engine leaves one."""
    amount = Decimal(number % 900 + 100) / 4
    lines = [
        {"description": f"Article {number}-{line}", "quantity": Decimal(2), "unit_price": amount, "amount": 2 * amount}
        for line in range(LINES)
    ]
    value: dict[str, Any] = {
        "invoice_number": f"INV-{number:06}",
        "currency": "EUR",
        "seller": {"name": f"Seller {number % 50}"},
        "total": 2 * amount * LINES,
        "line_items": lines,
    }
    leaves = [("invoice_number", value["invoice_number"]), ("currency", "EUR"), ("total", value["total"])]
    leaves += [(f"line_items[{at}].{name}", one) for at, line in enumerate(lines) for name, one in line.items()]
    fields = tuple(Field(path, one, 0.93, 1, ((0.1, 0.2, 0.3, 0.21),)) for path, one in leaves)
    record = Record(value, (1,), "ok", 0.93, fields, violations=(Violation("sum", "warning", "differs"),))
    reply = Reply(json.dumps(value, default=str), "stop", "layout", logprobs=(-0.1,) * 50)
    return Outcome(
        source=Source(f"/in/{number:06}.pdf", 50_000, 1 + number, doc_id=f"{number:064x}"),
        schema=SCHEMA,
        engine="layout",
        fingerprints=MARKS,
        status="ok",
        records=(record,),
        pages=(PageRow(1, 595.0, 842.0, 868, 1204, 110.0, 0, 1300, "layer", 300, "", 0.02),),
        replies=(ReplyRow(f"{number:032x}", (1,), reply),),
        media_type="application/pdf",
        seconds=0.05,
    )


def committed(out: Path, outcomes: list[Outcome]) -> tuple[float, float]:
    """(seconds of taking them in, seconds of `COMMITS` commits)."""
    schema, each = load_schema(SCHEMA), len(outcomes) // COMMITS
    adding = committing = 0.0
    with Store.open(out, schema, "bench") as store:
        for at in range(0, len(outcomes), each):
            started = time.perf_counter()
            for outcome in outcomes[at : at + each]:
                store.add(outcome)
            added = time.perf_counter()
            store.commit()
            adding, committing = adding + added - started, committing + time.perf_counter() - added
    return adding, committing


def bare(out: Path, rounds: list[dict[str, pa.Table]]) -> float:
    """Seconds of writing the tables of a committed output again, a file a table and round, each synced."""
    started = time.perf_counter()
    for number, tables in enumerate(rounds):
        for name, rows in tables.items():
            folder = out / name
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{number}.parquet"
            pq.write_table(rows, path, compression="zstd")
            for synced in (path, folder):
                handle = os.open(synced, os.O_RDONLY)
                os.fsync(handle)
                os.close(handle)
    return time.perf_counter() - started


def tables_of(out: Path) -> list[dict[str, pa.Table]]:
    """The tables of each commit, as they lie in an output."""
    parts = load_current(out).parts
    names = sorted({part for table in parts.values() for part in table})
    return [
        {table: read_part(place_of(out), table, name) for table in parts if name in parts[table] and parts[table]}
        for name in names
    ]


def building(outcomes: list[Outcome]) -> float:
    """Seconds of making the Arrow tables of the commits, all but sources, from the rows of these outcomes."""
    tables, each = layout(load_schema(SCHEMA)), len(outcomes) // COMMITS
    rows = [
        outcome_rows(outcome, ledger_row(outcome, "x" * 32, "bench", datetime.now(UTC)), tables) for outcome in outcomes
    ]
    started = time.perf_counter()
    for at in range(0, len(rows), each):
        for name, types in tables.tables.items():
            pa.Table.from_pylist([row for one in rows[at : at + each] for row in one.get(name, ())], types)
    return time.perf_counter() - started


def commits(documents: int, pairs: int, folder: Path) -> dict[str, float]:
    """The ratio of the two ways to write, run in turn."""
    outcomes = [document(number) for number in range(documents)]
    told: dict[str, list[float]] = {"commit_ratio": [], "commit_s": [], "bare_s": [], "arrow_s": [], "add_s": []}
    committed(folder / "warm", outcomes[: 4 * COMMITS])
    for number in range(pairs):
        adding, committing = committed(folder / f"store-{number}", outcomes)
        rounds = tables_of(folder / f"store-{number}")
        arrow, plain = building(outcomes), bare(folder / f"bare-{number}", rounds)
        ratio = (committing - arrow) / plain
        for name, value in zip(told, (ratio, committing, plain, arrow, adding), strict=True):
            told[name].append(value)
    return {name: round(statistics.median(values), 3) for name, values in told.items()}


def plan(out: Path, sources: int) -> dict[str, float]:
    """Open the output, list as many sources and plan them, as a rerun does; for a process of its own."""
    schema, settings = load_schema(SCHEMA), Settings()
    with Store.open(out.parent / "small", schema, "warm") as store:  # what importing costs is not the plan's
        store.add(document(0))
    before = memory_kb("VmRSS")
    started = time.perf_counter()
    counts = Summary("again", str(out), SCHEMA, "layout", "")
    listing = Listing(lambda: (Source(f"/in/{one:06}.pdf", 50_000, 1 + one) for one in range(sources)))
    with Store.open(out, schema, "again") as store:
        todo = [one for one in Plan(store, MARKS, counts, again=RELY, settings=settings).work(listing) if one]
        seconds = time.perf_counter() - started
    assert counts.already_done == sources, f"{len(todo)} sources would be read again"
    return {"plan_100k_s": round(seconds, 2), "plan_100k_mb": round((memory_kb("VmHWM") - before) / 1024, 1)}


def memory_kb(name: str) -> int:
    """VmRSS (now) or VmHWM (at most so far) of this process: proc(5)."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1])


def finished_output(out: Path, sources: int) -> None:
    """An output in which so many sources are done: its ledger is what a plan reads."""
    with Store.open(out, load_schema(SCHEMA), "bench") as store:
        first = document(0)
        for number in batched(range(sources), 10_000):
            for one in number:
                source = Source(f"/in/{one:06}.pdf", 50_000, 1 + one, doc_id=f"{one:064x}")
                store.add(
                    Outcome(source, SCHEMA, "layout", MARKS, "ok", pages=first.pages, media_type="application/pdf")
                )
            store.commit()


def batched(numbers: range, size: int) -> Iterator[range]:
    """Runs of at most `size`."""
    return (numbers[at : at + size] for at in range(0, len(numbers), size))


def in_a_process(arguments: list[str]) -> dict[str, float]:
    """What this script prints when it is run again with these arguments."""
    done = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1_000)
    parser.add_argument("--sources", type=int, default=100_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--plan", metavar="OUT", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    asked = parser.parse_args()
    if asked.plan:
        print(json.dumps(plan(Path(asked.plan), asked.sources)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        told = commits(asked.documents, asked.pairs, folder)
        finished_output(folder / "done", asked.sources)
        told |= in_a_process(["--plan", str(folder / "done"), "--sources", str(asked.sources)])
    if asked.json:
        print(json.dumps(told))
    else:
        for key, value in told.items():
            print(f"{key:14} {value}")


if __name__ == "__main__":
    main()
