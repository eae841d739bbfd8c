"""Readers loop over an output while it is committed to, compacted and erased from.

Run as a script, this file is the writer: `test_store_readers.py OUT`. It prints "written" at its end.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from docpipe.errors import StoreError
from docpipe.records import Outcome, Record, Source
from docpipe.schema.load import parse_schema
from docpipe.store.commit import Store
from docpipe.store.read import read_outcomes, read_table
from docpipe.store.upkeep import compact, forget

MONEY = {"type": ["number", "null"], "x-docpipe": {"scale": 2}}
LINES = {"type": "array", "items": {"type": "object", "properties": {"amount": MONEY}}}
SCHEMA = parse_schema({"type": "object", "properties": {"total": MONEY, "lines": LINES}}, "bill")
ROUNDS = 40
BATCH = 5

State = dict[str, Decimal]
FIRST: State = {"first": Decimal("0.07")}


def states() -> Iterator[tuple[str, State]]:
    """(what to do next, what the tables then say): new documents, replaced ones, some forgotten, all compacted."""
    held: State = dict(FIRST)
    for number in range(ROUNDS):
        for at in range(BATCH):
            held[f"{number * BATCH + at}"] = Decimal(2 ** (number % 11)) + Decimal(at) / 100
        if number:
            held[f"{(number - 1) * BATCH}"] = Decimal(5_000 + number)  # of the last batch: its part is rewritten
        yield "commit", dict(held)
        if number % 8 == 7:
            yield "compact", dict(held)
        if number % 10 == 9:
            gone = f"{(number - 2) * BATCH + 1}"
            del held[gone]
            yield f"forget {gone}", dict(held)


def write(out: Path) -> None:
    before = FIRST
    for number, (what, state) in enumerate(states()):
        if what == "commit":
            with Store.open(out, SCHEMA, f"run{number}") as store:
                for uri in [uri for uri, total in state.items() if before.get(uri) != total]:
                    store.add(outcome(uri, state[uri]))
        elif what == "compact":
            compact(out)
        else:
            forget(out, what.removeprefix("forget "))
        before = state


def outcome(uri: str, total: Decimal) -> Outcome:
    record = Record({"total": total, "lines": [{"amount": total}] * 2}, (1,), "ok", 1.0)
    return Outcome(Source(uri, 1, 1, doc_id=f"{uri} {total}"), "bill", "layout", {}, "ok", (record,))


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Has committed once when the test begins."""
    with Store.open(tmp_path / "out", SCHEMA, "first") as store:
        store.add(outcome("first", FIRST["first"]))
    folder = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, __file__, str(tmp_path / "out")], stdout=subprocess.PIPE, text=True, cwd=folder
    )  # fmt: skip
    yield process
    process.kill()
    process.communicate()


def summed(rows: pa.Table, column: str) -> tuple[int, Decimal]:
    return rows.num_rows, sum(rows[column].to_pylist(), Decimal())


@pytest.mark.slow
def test_every_read_through_current_json_is_of_one_instant(writer: subprocess.Popen[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    totals = {(len(state), sum(state.values(), Decimal())) for _, state in states()} | {(1, FIRST["first"])}
    lines = {(2 * count, 2 * total) for count, total in totals}
    whole = [FIRST, *(state for _, state in states())]
    seen: set[Any] = set()
    reads = erased = 0
    while writer.poll() is None:
        for name, column, expected in (("bill", "total", totals), ("bill_lines", "amount", lines)):
            try:
                found = summed(read_table(out, name), column)
            except StoreError as error:  # `forget` leaves nothing for those who took current.json before it
                assert "is missing" in error.message  # noqa: PT017
                erased += 1
                continue
            assert found in expected, (name, found)
            seen.add(found)
            reads += 1
        try:
            told = {one["source_uri"]: one["record"]["total"] for one in read_outcomes(out)}
        except StoreError:
            erased += 1
            continue
        assert told in whole
    assert writer.returncode == 0
    print(f"\n{reads} reads of {len(seen)} states, {erased} met an erasure")
    assert len(seen) > 10, "the reader saw it grow"
    assert erased <= reads / 10


@pytest.mark.slow
def test_a_plain_folder_read_has_no_torn_row_and_is_of_one_instant_but_for_swaps(
    writer: subprocess.Popen[str], tmp_path: Path
) -> None:
    """What section 6 of the design leaves open: old and new rows of a swap together, or a file that just went."""
    folder = tmp_path / "out" / "bill"
    totals = {(len(state), sum(state.values(), Decimal())) for _, state in states()} | {(1, FIRST["first"])}
    rows = {(f"{uri} {total}", total) for _, state in states() for uri, total in state.items()}
    told: Counter[str] = Counter()
    while writer.poll() is None:
        try:
            found = ds.dataset(folder, format="parquet").to_table()
        except FileNotFoundError:
            told["missed a file"] += 1
            continue
        pairs = list(zip(found["_doc_id"].to_pylist(), found["total"].to_pylist(), strict=True))
        assert set(pairs) <= rows, "no row is torn, none was never committed"
        exact = summed(found, "total") in totals
        told["exact" if exact else "in a swap"] += 1
        assert max(Counter(pairs).values(), default=1) <= (1 if exact else 2), "at most the old row beside the new one"
    assert writer.returncode == 0
    print(f"\n{dict(told)}")
    assert told["exact"] > 2 * (told["in a swap"] + told["missed a file"])


if __name__ == "__main__":
    write(Path(sys.argv[1]))
