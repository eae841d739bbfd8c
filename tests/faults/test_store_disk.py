"""A disk that fails stops the run with a reason; what was committed is whole, and a rerun goes on."""

from __future__ import annotations

import errno
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from docpipe.errors import StoreError
from docpipe.records import Outcome, Record, Source
from docpipe.schema.load import parse_schema
from docpipe.store import batch, disk, publish
from docpipe.store.commit import Store
from docpipe.store.read import read_outcomes

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
        (publish, "save_current", 1),
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
