"""Readers loop over an output while it is committed to, migrated, compacted and erased from.

Run as a script, this file is the writer: `test_store_readers.py OUT write`, or `tend`, which retires parts all along.
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pytest

from docpipe.errors import DocpipeError, StoreError
from docpipe.records import Outcome, Record, Source
from docpipe.schema.load import parse_schema
from docpipe.store.commit import Store
from docpipe.store.migrate import migrate
from docpipe.store.read import read_outcomes, read_table
from docpipe.store.upkeep import compact, forget

MONEY = {"type": ["number", "null"], "x-docpipe": {"scale": 2}}
LINES = {"type": "array", "items": {"type": "object", "properties": {"amount": MONEY}}}
SCHEMA = parse_schema({"type": "object", "properties": {"total": MONEY, "lines": LINES}}, "bill")
WIDER = parse_schema(
    {"type": "object", "properties": {"total": MONEY, "lines": LINES, "note": {"type": ["string", "null"]}}}, "bill"
)
pytestmark = pytest.mark.timeout(900)  # its processes share a machine with others
ROUNDS = 40
BATCH = 5
PARTS = 12  # while an output is tended
MIGRATIONS = 60

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


def tend(out: Path) -> None:
    """Replace every part again and again; nothing that a reader may still want is deleted."""
    for number in range(MIGRATIONS):
        migrate(out, SCHEMA if number % 2 else WIDER)
        if number == MIGRATIONS // 2:
            compact(out)


def outcome(uri: str, total: Decimal) -> Outcome:
    record = Record({"total": total, "lines": [{"amount": total}] * 2}, (1,), "ok", 1.0)
    return Outcome(Source(uri, 1, 1, doc_id=f"{uri} {total}"), "bill", "layout", {}, "ok", (record,))


@contextmanager
def beside(out: Path, what: str) -> Iterator[subprocess.Popen[str]]:
    """A process that does `what` to the output."""
    folder = str(Path(__file__).parents[2])
    command = [sys.executable, __file__, str(out), what]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Has committed once when the test begins."""
    with Store.open(tmp_path / "out", SCHEMA, "first") as store:
        store.add(outcome("first", FIRST["first"]))
    with beside(tmp_path / "out", "write") as process:
        yield process


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


@pytest.mark.slow
def test_a_reader_beside_a_writer_that_deletes_nothing_is_never_told_of_damage(tmp_path: Path) -> None:
    out, expected = tmp_path / "out", {f"{number}": Decimal(number) for number in range(PARTS)}
    with Store.open(out, SCHEMA, "first") as store:
        for uri, total in expected.items():
            store.add(outcome(uri, total))
            store.commit()
    told: Counter[str] = Counter()
    with beside(out, "tend") as writer:
        while writer.poll() is None:
            try:
                assert {row["source_uri"]: row["record"]["total"] for row in read_outcomes(out)} == expected
                assert read_table(out, "bill_lines").num_rows == 2 * PARTS
                told["read"] += 1
            except DocpipeError as error:
                told[f"{error.code}: {error.message}"] += 1
        assert writer.returncode == 0
    assert told.keys() == {"read"}, told


if __name__ == "__main__":
    {"write": write, "tend": tend}[sys.argv[2]](Path(sys.argv[1]))
