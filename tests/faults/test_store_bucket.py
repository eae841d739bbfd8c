"""An output in a bucket: a kill or a broken connection at any moment loses nothing and doubles nothing.

Run as a script, this file is the run that gets killed: `test_store_bucket.py URL NTH_STEP`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import obstore
import pytest

from docpipe.errors import OutputLocked, RunAborted, StoreError
from docpipe.records import Field, Outcome, Record, Source
from docpipe.schema.load import parse_schema
from docpipe.store import bucket_lease
from docpipe.store.commit import Store
from docpipe.store.export import export
from docpipe.store.read import read_outcomes, read_table, tables
from docpipe.store.upkeep import compact, gc
from tests.bucket import Wire, environment, make_bucket, s3_server, speaking_to

MONEY = {"type": ["number", "null"], "x-docpipe": {"scale": 2}}
LINES = {"type": "array", "items": {"type": "object", "properties": {"amount": MONEY}}}
SCHEMA = parse_schema({"type": "object", "properties": {"total": MONEY, "lines": LINES}}, "bill")
FIRST = {"a": "1.00", "b": "2.00", "c": "3.00"}
SECOND = {"b": "20.00", "d": "4.00"}
AFTER = FIRST | SECOND
STEPS = 11  # of the second commit, written to retired


def outcome(uri: str, total: str) -> Outcome:
    amount = Decimal(total)
    record = Record({"total": amount, "lines": [{"amount": amount}]}, (1,), "ok", 1.0, (Field("total", amount, 1.0),))
    return Outcome(Source(uri, 1, 1, doc_id=f"{uri} {total}"), "bill", "layout", {}, "ok", (record,))


def write(url: str, batch: dict[str, str], step: Callable[[str], None] = lambda _: None) -> None:
    with Store.open(url, SCHEMA, f"run-{os.getpid()}", step=step) as store:
        for uri, total in batch.items():
            if uri not in store.ledger or store.ledger[uri].doc_id != f"{uri} {total}":
                store.add(outcome(uri, total))


def totals(url: str) -> dict[str, str]:
    return {one["source_uri"]: str(one["record"]["total"]) for one in read_outcomes(url)}


def check_whole(url: str) -> None:
    assert totals(url) == AFTER
    for table in ("sources", "bill", "bill_lines", "evidence"):
        assert read_table(url, table).num_rows == len(AFTER), table


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    with s3_server() as address, speaking_to(*address):
        yield address


@pytest.fixture
def url(server: tuple[str, int], request: pytest.FixtureRequest) -> str:
    """An output in a bucket of its own in which an earlier run has committed FIRST."""
    made = make_bucket(*server, f"b{abs(hash(request.node.name)) % 10**12}") + "/out"
    write(made, FIRST)
    return made


@pytest.fixture
def expired(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the time had passed after which a silent holder's lease is taken over."""
    monkeypatch.setattr(bucket_lease, "is_kept", lambda *_: False)


@pytest.mark.slow
@pytest.mark.parametrize("nth", range(1, STEPS + 1))
@pytest.mark.usefixtures("expired")
def test_a_run_killed_at_any_step_is_completed_by_the_next(server: tuple[str, int], url: str, nth: int) -> None:
    done = subprocess.run(
        [sys.executable, __file__, url, str(nth)],
        capture_output=True, text=True, check=False,
        env={**os.environ, **environment(*server), "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    assert totals(url) in (FIRST, AFTER), "all of the batch or nothing of it"
    write(url, SECOND)
    check_whole(url)


def test_the_steps_that_are_killed_are_all_there_are(url: str) -> None:
    steps: list[str] = []
    write(url, SECOND, steps.append)
    assert len(steps) <= STEPS
    assert steps[0] == "written"
    assert steps[-1] == "retired"


@pytest.fixture
def wire(server: tuple[str, int]) -> Iterator[Wire]:
    wire = Wire(*server)
    yield wire
    wire.close()


def test_a_connection_that_drops_once_is_not_noticed(wire: Wire, url: str) -> None:
    with speaking_to(wire.host, wire.port):
        wire.once, wire.cut_after = True, 9_000
        write(url, SECOND)
        assert wire.cut_after is None, "it did break"
    check_whole(url)


@pytest.mark.slow
@pytest.mark.parametrize("cut_after", [3_000, 12_000, 25_000, 40_000])
@pytest.mark.usefixtures("expired")
def test_a_connection_that_drops_in_mid_write_stops_the_run_with_a_reason(wire: Wire, url: str, cut_after: int) -> None:
    with speaking_to(wire.host, wire.port):
        store = Store.open(url, SCHEMA, "cut")
        for uri, total in SECOND.items():
            store.add(outcome(uri, total))
        wire.cut_after = cut_after
        with pytest.raises(RunAborted):
            store.commit()
        store.close()
    assert totals(url) in (FIRST, AFTER)
    write(url, SECOND)
    check_whole(url)


def test_a_second_run_is_told_who_writes(url: str) -> None:
    with Store.open(url, SCHEMA, "first-of-two"):
        with pytest.raises(OutputLocked, match=r"run first-of-two .* since 20"):
            Store.open(url, SCHEMA, "second")
    write(url, SECOND)
    check_whole(url)


@pytest.mark.parametrize("kind", ["taking", "renewing"])
def test_a_lease_whose_reply_got_lost_on_the_way_is_held(url: str, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    put = obstore.put

    def lost(*arguments: Any, **named: Any) -> Any:
        put(*arguments, **named)
        monkeypatch.undo()
        raise obstore.exceptions.GenericError("the connection was reset")

    if kind == "taking":
        monkeypatch.setattr(obstore, "put", lost)
    with Store.open(url, SCHEMA, "mine") as store:
        monkeypatch.setattr(obstore, "put", lost)
        store.add(outcome("b", "20.00"))
        store.add(outcome("d", "4.00"))
    check_whole(url)


def test_a_lease_that_cannot_be_renewed_ends_the_run_with_a_reason(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise obstore.exceptions.GenericError("the connection was reset")

    with Store.open(url, SCHEMA, "mine") as store:
        store.add(outcome("b", "20.00"))
        monkeypatch.setattr(obstore, "put", broken)
        with pytest.raises(StoreError, match="the connection was reset"):
            store.commit()
        assert totals(url) == FIRST
        monkeypatch.undo()
        store.add(outcome("d", "4.00"))
    check_whole(url)


def test_an_output_in_a_bucket_is_tended_and_exported_like_any_other(url: str, tmp_path: Path) -> None:
    write(url, SECOND)
    assert set(compact(url).after.values()) == {1}
    check_whole(url)
    assert gc(url, 0).parts > 0
    assert export(url, "parquet", tmp_path / "copy").rows["bill"] == len(AFTER)
    assert {path.name for path in (tmp_path / "copy").iterdir()} >= set(tables(url))


if __name__ == "__main__":
    steps = iter(range(1, 1_000))

    def end(_: str) -> None:
        if next(steps) == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)

    write(sys.argv[1], SECOND, end)
