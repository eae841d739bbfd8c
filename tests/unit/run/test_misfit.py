"""A value that fits no column fails its document; the run goes on, and so does the next one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from docpipe.records import Outcome, PageRow, Record, Source
from docpipe.run.job import commit_as_they_come
from docpipe.schema.nodes import Schema
from docpipe.settings import Running, Settings
from docpipe.store.commit import Store
from docpipe.store.ledger import read_ledger
from docpipe.store.read import read_outcomes

PAGE = PageRow(1, 595.0, 842.0, 0, 0, 0.0, 0, 0, "layer", 10, "", 0.1)
VALUES: dict[str, dict[str, Any]] = {
    "a": {"total": Decimal("1.50")},
    "cents of cents": {"total": Decimal("1.005")},
    "b": {"total": Decimal("2.50")},
    "an array that is none": {"lines": "x"},
    "half a character": {"number": "\ud83d"},
    "c": {"total": Decimal("3.50")},
}


def outcomes() -> Iterator[Outcome]:
    for name, value in VALUES.items():
        record = Record(value, (1,), "ok", 0.9)
        yield Outcome(Source(name, doc_id=name.ljust(64, "0")), "order", "test", {}, "ok", (record,), pages=(PAGE,))


def test_a_value_that_fits_no_column_fails_its_document_alone(order: Schema, tmp_path: Path) -> None:
    settings = Settings(running=Running(commit_documents=2))
    with Store.open(tmp_path / "out", order, "run") as store:
        given = list(commit_as_they_come(outcomes(), store, settings))
    codes = {outcome.source.uri: outcome.failure.code for outcome in given if outcome.failure}
    misfits = {name for name in VALUES if len(name) > 1}
    assert codes == dict.fromkeys(misfits, "VALUE_MISFIT")
    ledger = read_ledger(tmp_path / "out", "order")
    assert {uri: row.status for uri, row in ledger.items()} == {
        name: "failed" if name in misfits else "ok" for name in VALUES
    }
    assert "total" in (ledger["cents of cents"].failure_message or "")
    assert ledger["cents of cents"].failure_remedy
    assert not ledger["cents of cents"].failure_retryable
    assert ledger["cents of cents"].pages == 1, "what was read of it stays"
    totals = [shown["record"]["total"] for shown in read_outcomes(tmp_path / "out") if shown["record"]]
    assert sorted(totals) == [Decimal("1.50"), Decimal("2.50"), Decimal("3.50")]
