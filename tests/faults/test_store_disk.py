"""A disk that fails stops the run with a reason; what was committed is whole, and a rerun goes on."""

from __future__ import annotations

import errno
import itertools
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from docpipe.errors import OutputUnwritable, StoreError
from docpipe.records import Outcome, Record, Source
from docpipe.schema.load import parse_schema
from docpipe.store import batch, disk
from docpipe.store.commit import Store
from docpipe.store.disk import DiskPlace
from docpipe.store.read import read_outcomes, read_table

SCHEMA = parse_schema(
    {"type": "object", "properties": {"total": {"type": "number", "x-docpipe": {"scale": 2}}}}, "bill"
)


def outcome(uri: str, total: str) -> Outcome:
    record = Record({"total": Decimal(total)}, (1,), "ok", 1.0)
    return Outcome(Source(uri, doc_id=f"{uri}{total}"), "bill", "layout", {}, "ok", (record,))


def totals(out: Path) -> dict[str, str]:
    return {one["source_uri"]: str(one["record"]["total"]) for one in read_outcomes(out)}


def fails_at(nth: int, function: Any) -> Any:
    """`function`, but its nth call meets a full disk."""
    calls = iter(range(1, 1000))

    def failing(*args: Any) -> Any:
        if next(calls) == nth:
            raise OSError(errno.ENOSPC, "No space left on device")
        return function(*args)

    return failing


@pytest.mark.parametrize(
    ("module", "name", "nth"),
    [
        *((batch, "write_part", nth) for nth in range(1, 6)),
        *((disk.DiskPlace, "put", nth) for nth in range(1, 5)),
        *((disk.DiskPlace, "move", nth) for nth in range(1, 5)),
        *((disk, "sync_folder", nth) for nth in range(1, 8)),
        (disk.DiskPlace, "swap", 1),
    ],
)
def test_a_full_disk_loses_and_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, nth: int
) -> None:
    out = tmp_path / "out"
    with Store.open(out, SCHEMA, "one") as store:
        store.add(outcome("a", "1.00"))
    store = Store.open(out, SCHEMA, "two")
    monkeypatch.setattr(module, name, fails_at(nth, getattr(module, name)))
    store.add(outcome("a", "2.00"))
    store.add(outcome("b", "3.00"))
    with pytest.raises(StoreError, match="No space left") as caught:
        store.commit()
    assert "free space" in caught.value.what_to_do
    with pytest.raises(StoreError, match="an earlier commit failed"):
        store.commit()
    store.close()
    monkeypatch.undo()
    assert totals(out) in ({"a": "1.00"}, {"a": "2.00", "b": "3.00"})
    with Store.open(out, SCHEMA, "three") as again:
        again.add(outcome("a", "2.00"))
        again.add(outcome("b", "3.00"))
    assert totals(out) == {"a": "2.00", "b": "3.00"}


WRITES = ("replace", "scratch", "put", "swap", "move", "delete", "make_folder", "settle", "sweep_scratch", "acquire")


class FailingPlace:
    """A place whose `nth` call that writes fails, and all later ones, as those of a disk that died do."""

    def __init__(self, root: Path, nth: int, code: int) -> None:
        self._place, self._nth, self._code = DiskPlace(root), nth, code
        self.calls = 0

    def __str__(self) -> str:
        return str(self._place)

    def __getattr__(self, name: str) -> Any:
        return self._counted(getattr(self._place, name)) if name in WRITES else getattr(self._place, name)

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any) -> Any:
            self.calls += 1
            if self.calls >= self._nth:
                raise OSError(self._code, "as asked")
            return call(*arguments)

        return counted


def write_twice(place: Any) -> None:
    """Two commits, of which the second replaces and takes out rows of earlier ones."""
    with Store.open(place, SCHEMA, "two") as store:
        store.add(outcome("a", "2.00"))
        store.add(outcome("b", "3.00"))
        store.commit()
        store.add(outcome("c", "5.00"))
        store.add(outcome("b", "4.00"))
        store.remove("gone")


def fails(place: Any) -> bool:
    """Whether the run ended before it was done; with a reason then, and with what to do."""
    try:
        write_twice(place)
    except (StoreError, OutputUnwritable) as error:
        return "as asked" in error.message and bool(error.what_to_do)
    return False


@pytest.mark.slow
def test_a_disk_that_dies_at_any_call_ends_the_run_with_a_reason_and_the_next_one_is_whole(tmp_path: Path) -> None:
    states = [{"a": "1.00", "gone": "9.00"}]
    states.append({"a": "2.00", "gone": "9.00", "b": "3.00"})
    states.append({"a": "2.00", "b": "4.00", "c": "5.00"})
    for nth in itertools.count(1):
        out = tmp_path / str(nth)
        with Store.open(out, SCHEMA, "one") as store:
            store.add(outcome("a", "1.00"))
            store.add(outcome("gone", "9.00"))
        place = FailingPlace(out, nth, errno.ENOSPC if nth % 2 else errno.EIO)
        if not fails(place):
            break
        assert place.calls >= nth
        assert totals(out) in states
        with Store.open(out, SCHEMA, "three") as store:
            for uri, total in states[-1].items():
                store.add(outcome(uri, total))
            if "gone" in store.ledger:
                store.remove("gone")
        assert totals(out) == states[-1]
        assert sum(read_table(out, "bill")["total"].to_pylist()) == sum(map(Decimal, states[-1].values()))
    assert nth > 40, "every call that writes has failed once"
