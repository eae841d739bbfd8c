"""SIGKILL at any moment loses nothing committed and doubles nothing.

Run as a script, this file is the run that gets killed: `test_store_kill.py OUT NTH_STEP`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from docpipe.records import Field, Outcome, PageRow, Record, Source
from docpipe.schema.load import parse_schema
from docpipe.store.commit import Store
from docpipe.store.current import load_current
from docpipe.store.read import read_outcomes, read_table, tables

pytestmark = pytest.mark.slow

MONEY = {"type": ["number", "null"], "x-docpipe": {"scale": 2}}
LINES = {"type": "array", "items": {"type": "object", "properties": {"amount": MONEY}}}
SCHEMA = parse_schema({"type": "object", "properties": {"total": MONEY, "lines": LINES}}, "bill")

FIRST = {"a": "1.00", "b": "2.00", "c": "3.00"}
SECOND = {"b": "20.00", "d": "4.00"}  # replaces one, adds one: the other two must be carried over
THIRD = {"e": "5.00"}

COMMIT = [
    "written",
    "checked",
    *(f"placed {table}" for table in ("bill_lines", "evidence", "pages", "bill", "sources")),
    "current",
    "retired",
]
STEPS = [*COMMIT, *COMMIT]
STEPS.insert(5, "placed replies")  # the empty part of this table goes with the batch that is replaced
MARKED = STEPS.index("placed sources") + 1


def outcome(uri: str, total: str) -> Outcome:
    amount = Decimal(total)
    record = Record({"total": amount, "lines": [{"amount": amount}]}, (1,), "ok", 1.0, (Field("total", amount, 1.0),))
    page = PageRow(1, 595.0, 842.0, 0, 0, 0.0, 0, 0, "layer", 9, "", 0.1)
    return Outcome(Source(uri, 1, 1, doc_id=f"{uri} {total}"), "bill", "layout", {}, "ok", (record,), (page,))


def write(out: Path, step: Callable[[str], None] = lambda _: None) -> None:
    """A run of two commits, after which `out` holds FIRST, SECOND and THIRD."""
    with Store.open(out, SCHEMA, f"run-{os.getpid()}", step=step) as store:
        for batch in (SECOND, THIRD):
            for uri, total in batch.items():
                if uri not in store.ledger or store.ledger[uri].doc_id != f"{uri} {total}":
                    store.add(outcome(uri, total))
            store.commit()


def killed_at(out: Path, nth: int) -> list[str]:
    """Let a process write until its nth step and kill it there; returns the names of its steps."""
    done = subprocess.run([sys.executable, __file__, str(out), str(nth)], capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """An output in which an earlier run has committed FIRST."""
    with Store.open(tmp_path / "out", SCHEMA, "first") as store:
        for uri, total in FIRST.items():
            store.add(outcome(uri, total))
    return tmp_path / "out"


def totals(out: Path) -> dict[str, str]:
    return {one["source_uri"]: str(one["record"]["total"]) for one in read_outcomes(out)}


def check_whole(out: Path) -> None:
    """Each record once in each table, through current.json and in the plain folders alike."""
    expected = FIRST | SECOND | THIRD
    assert totals(out) == expected
    for table in ("sources", "bill", "bill_lines", "evidence", "pages"):
        assert read_table(out, table).num_rows == len(expected), table
    for table in tables(out):
        plain = ds.dataset(out / table, format="parquet").to_table()
        assert sorted(plain["_extraction_id"].to_pylist()) == sorted(
            read_table(out, table)["_extraction_id"].to_pylist()
        )
        assert {path.name for path in (out / table).iterdir()} == set(load_current(out).parts[table])
    assert not list((out / "_tmp").iterdir())


@pytest.mark.parametrize("nth", range(1, len(STEPS) + 1))
def test_a_killed_commit_is_there_or_not_and_the_next_run_completes_it(out: Path, nth: int) -> None:
    assert killed_at(out, nth) == STEPS[:nth]
    assert totals(out) == [FIRST, FIRST | SECOND, FIRST | SECOND | THIRD][STEPS[:nth].count("current")]
    write(out)
    check_whole(out)


def test_the_steps_that_are_killed_are_all_there_are(out: Path) -> None:
    assert killed_at(out, len(STEPS) + 1) == STEPS


def test_what_was_marked_is_finished_by_whoever_opens_next(out: Path) -> None:
    killed_at(out, MARKED)
    assert totals(out) == FIRST
    Store.open(out, SCHEMA, "looks").close()
    assert totals(out) == FIRST | SECOND


@pytest.mark.parametrize("again", range(1, 11))
def test_a_run_killed_while_it_puts_right_another_is_put_right_too(out: Path, again: int) -> None:
    killed_at(out, MARKED)
    killed_at(out, again)
    write(out)
    check_whole(out)


def test_what_lies_about_in_tmp_is_swept(out: Path) -> None:
    (out / "_tmp" / "bill.part-dead-000001.parquet").write_bytes(b"half a par")
    (out / "_tmp" / "thesis.tex").write_bytes(b"three years")
    (out / "bill" / "part-dead-000001.parquet").write_bytes(b"whole once")
    (out / "bill" / "notes.parquet").write_bytes(b"somebody's own")
    write(out)
    assert totals(out) == FIRST | SECOND | THIRD
    assert not (out / "bill" / "part-dead-000001.parquet").exists()
    assert (out / "_old" / "bill" / "part-dead-000001.parquet").read_bytes() == b"whole once", "put aside, not deleted"
    assert [path.name for path in (out / "_tmp").iterdir()] == ["thesis.tex"]
    assert (out / "bill" / "notes.parquet").exists()


if __name__ == "__main__":
    left = int(sys.argv[2])

    def count_down(name: str) -> None:
        global left  # noqa: PLW0603
        left -= 1
        print(name, flush=True)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    write(Path(sys.argv[1]), count_down)
