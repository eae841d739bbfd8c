"""A clock that stands still, goes back or jumps ahead costs no lease, no part and no sum."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from docpipe.errors import OutputLocked
from docpipe.records import Outcome, Record, Source
from docpipe.run import job
from docpipe.run.progress import Progress
from docpipe.schema.load import parse_schema
from docpipe.settings import Running, Settings
from docpipe.store import bucket_lease, commit, lease, rewrite
from docpipe.store.commit import Store
from docpipe.store.place import Lease, Place, place_of
from docpipe.store.read import read_outcomes, read_table
from docpipe.store.upkeep import compact, gc
from tests.bucket import make_bucket, s3_server, speaking_to

HOUR = dt.timedelta(hours=1)
SCHEMA = parse_schema(
    {"type": "object", "properties": {"total": {"type": "number", "x-docpipe": {"scale": 2}}}}, "bill"
)


class Clock(dt.datetime):
    """`now` is `true` moved by `offset`, or `fixed`."""

    offset = dt.timedelta()
    fixed: dt.datetime | None = None

    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> dt.datetime:  # type: ignore[override]
        return cls.fixed or dt.datetime.now(tz) + cls.offset


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> type[Clock]:
    """What the store takes for the time; each test has its own."""

    class Own(Clock): ...

    for module in (bucket_lease, commit, lease, rewrite):
        monkeypatch.setattr(module, "datetime", Own)
    monkeypatch.setattr(job, "dt", SimpleNamespace(datetime=Own, UTC=dt.UTC))
    seconds = SimpleNamespace(time=lambda: Own.now(dt.UTC).timestamp(), sleep=lease.time.sleep)
    monkeypatch.setattr(lease, "time", seconds)
    return Own


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    with s3_server() as address, speaking_to(*address):
        yield address


@pytest.fixture(params=["disk", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "bucket":
        name = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
        return place_of(make_bucket(*request.getfixturevalue("server"), f"b{name}") + "/out")
    (tmp_path / "out").mkdir()
    return place_of(tmp_path / "out")


@pytest.fixture
def from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> Callable[[Place, str], Lease]:
    """Takes a lease as a process does that nobody here can see."""

    def taken(place: Place, run_id: str) -> Lease:
        with monkeypatch.context() as patch:
            patch.setattr(lease, "_machine", lambda: "another")
            return place.acquire(run_id, 0.5)

    return taken


@pytest.mark.parametrize("offset", [-HOUR, HOUR])
def test_a_wrong_clock_takes_no_lease_that_is_renewed(
    place: Place, clock: type[Clock], from_elsewhere: Callable[[Place, str], Lease], offset: dt.timedelta
) -> None:
    held = from_elsewhere(place, "far")
    clock.offset = offset
    with pytest.raises(OutputLocked, match="run far"):
        place.acquire("near")
    held.check()
    held.release()


@pytest.mark.parametrize("offset", [-HOUR, HOUR])
def test_a_wrong_clock_does_not_keep_the_lease_of_the_dead(
    place: Place, clock: type[Clock], from_elsewhere: Callable[[Place, str], Lease], offset: dt.timedelta
) -> None:
    held: Any = from_elsewhere(place, "far")
    held._ended.set()  # as if it had been killed
    held._thread.join()
    clock.offset = offset
    taker = place.acquire("near")
    taker.check()
    with pytest.raises(OutputLocked, match="run near"):
        held.check()
    taker.release()


@pytest.mark.parametrize("offset", [-HOUR, HOUR])
def test_the_holder_keeps_its_lease_when_its_own_clock_steps(
    place: Place, clock: type[Clock], offset: dt.timedelta
) -> None:
    held = place.acquire("one")
    clock.offset = offset
    held.check()
    clock.offset = -offset
    held.check()
    held.release()
    place.acquire("two").release()


def outcome(uri: str, total: str) -> Outcome:
    record = Record({"total": Decimal(total)}, (1,), "ok", 1.0)
    return Outcome(Source(uri, doc_id=f"{uri}{total}"), "bill", "layout", {}, "ok", (record,))


def parts(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)).removeprefix("_old/"): path.read_bytes() for path in out.rglob("part-*.parquet")}


@pytest.mark.parametrize("step", [dt.timedelta(), -HOUR, HOUR])
def test_no_name_of_a_part_is_used_for_other_content(tmp_path: Path, clock: type[Clock], step: dt.timedelta) -> None:
    out, seen = tmp_path / "out", dict[str, bytes]()
    clock.fixed = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)

    def look() -> None:
        for name, content in parts(out).items():
            assert seen.setdefault(name, content) == content, name

    for number in range(6):
        clock.fixed = clock.fixed + step
        with Store.open(out, SCHEMA, job.new_run_id()) as store:
            store.add(outcome(f"{number}", f"{number}.00"))
            store.add(outcome("same", f"1{number}.00"))
        look()
        if number % 2:
            compact(out)
            look()
            gc(out, 0 if step <= dt.timedelta() else -1e9)
    found = {one["source_uri"]: one["record"]["total"] for one in read_outcomes(out)}
    assert found == {str(number): Decimal(number) for number in range(6)} | {"same": Decimal(15)}
    assert sum(read_table(out, "bill")["total"].to_pylist()) == Decimal(30)


def test_no_name_of_a_part_is_used_again_after_it_was_swept(tmp_path: Path, clock: type[Clock]) -> None:
    """Compaction, too, under a clock that stands still: nothing of the last one is left to count from."""
    out, seen = tmp_path / "out", dict[str, bytes]()
    clock.fixed = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
    for number in range(3):
        with Store.open(out, SCHEMA, job.new_run_id()) as store:
            for uri in "ab":
                store.add(outcome(uri, f"{number}.00"))
                store.commit()
        gc(out, 0)
        compact(out)
        for name, content in parts(out).items():
            assert seen.setdefault(name, content) == content, name


@pytest.mark.parametrize("step", [dt.timedelta(), -HOUR])
def test_runs_under_a_clock_that_goes_back_are_told_apart_and_finish(
    invoices: Path, tmp_path: Path, clock: type[Clock], step: dt.timedelta
) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"answers": [{"total": 1.25}], "needs": ["words"]}))
    settings = Settings(
        schema="invoice", engine="scripted", model=str(script), inputs=(str(invoices),), out=str(tmp_path / "out"),
        running=Running(workers=0, commit_documents=2),
    )  # fmt: skip
    clock.fixed = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
    done = []
    for limit in (2, 4, None):
        done.append(job.run(settings, Progress(io.StringIO(), quiet=True), limit=limit))
        clock.fixed = clock.fixed + step
    assert [one.already_done for one in done] == [0, 2, 4]
    assert len({one.run_id for one in done}) == 3
    assert len(list((tmp_path / "out" / "runs").iterdir())) == 3
    assert sum(one["record"]["total"] for one in read_outcomes(tmp_path / "out")) == Decimal("1.25") * 6
