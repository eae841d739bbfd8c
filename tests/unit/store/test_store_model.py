"""Whatever happens in whatever order, the tables say what a plain dictionary would."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from docpipe.records import Field, Outcome, PageRow, Record, Reply, ReplyRow, Source
from docpipe.schema.load import parse_schema
from docpipe.store.commit import Store
from docpipe.store.read import read_outcomes, read_table

MONEY = {"type": ["number", "null"], "x-docpipe": {"scale": 2}}
LINES = {"type": "array", "items": {"type": "object", "properties": {"amount": MONEY}}}
SCHEMA = parse_schema({"type": "object", "properties": {"total": MONEY, "lines": LINES}}, "bill")

URIS = st.sampled_from("abcdef")
DOCS = st.integers(1, 4)
MARKS = st.integers(0, 1)


def read_total(doc: int, marks: int) -> Decimal:
    """What extraction `marks` reads from `doc`."""
    return Decimal(f"{doc}.{marks}0")


def outcome(uri: str, doc: int, marks: int, status: Any = "ok") -> Outcome:
    total = read_total(doc, marks)
    record = Record(
        {"total": total, "lines": [{"amount": total}] * doc}, (1,), "ok", 1.0, (Field("total", total, 1.0),)
    )
    page = PageRow(1, 595.0, 842.0, 0, 0, 0.0, 0, 0, "layer", 9, "", 0.1)
    whole = Outcome(
        Source(uri, doc, doc, doc_id=f"doc {doc}"), "bill", "layout", {"marks": str(marks)}, status,
        (record,), (page,), (ReplyRow("key", (1,), Reply("{}", "stop", "layout")),),
    )  # fmt: skip
    return replace(whole, records=(), replies=()) if status == "failed" else whole


class StoreMachine(RuleBasedStateMachine):
    """`known`: uri -> (document, total or None for a failure), as it must be read after a commit."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.out = Path(self.folder.name) / "out"
        self.known: dict[str, tuple[int, Decimal | None]] = {}
        self.committed = dict(self.known)
        self.runs = 0

    @initialize()
    def open(self) -> None:
        self.runs += 1
        self.store = Store.open(self.out, SCHEMA, f"run{self.runs}")

    @rule(uri=URIS, doc=DOCS, marks=MARKS)
    def add(self, uri: str, doc: int, marks: int) -> None:
        self.store.add(outcome(uri, doc, marks))
        for other, (theirs, total) in self.known.items():
            if theirs == doc and total is not None:
                self.known[other] = doc, read_total(doc, marks)
        self.known[uri] = doc, read_total(doc, marks)

    @rule(uri=URIS, doc=DOCS)
    def add_failure(self, uri: str, doc: int) -> None:
        self.store.add(outcome(uri, doc, 0, "failed"))
        self.known[uri] = doc, None

    @precondition(lambda self: self.known)
    @rule(uri=URIS, data=st.data())
    def link(self, uri: str, data: st.DataObject) -> None:
        other = data.draw(st.sampled_from(sorted(self.known)))
        self.store.link(Source(uri, 1, 1, doc_id=self.store.ledger[other].doc_id), self.store.ledger[other])
        self.known[uri] = self.known[other]

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        uri = data.draw(st.sampled_from(sorted(self.known)))
        self.store.remove(uri)
        del self.known[uri]

    @rule()
    def commit(self) -> None:
        self.store.commit()
        self.committed = dict(self.known)

    @rule()
    def open_again_without_committing(self) -> None:
        self.store.close()
        self.known = dict(self.committed)
        self.open()

    @invariant()
    def tables_say_what_was_committed(self) -> None:
        found = {one["source_uri"]: one["record"] and one["record"]["total"] for one in read_outcomes(self.out)}
        assert found == {uri: total for uri, (_, total) in self.committed.items()}
        if not self.committed:
            return
        sources = {row["_extraction_id"]: row for row in read_table(self.out, "sources").to_pylist()}
        rows = read_table(self.out, "bill").to_pylist()
        documents = {doc for doc, total in self.committed.values() if total is not None}
        assert sorted(row["_doc_id"] for row in rows) == sorted(f"doc {doc}" for doc in documents)
        assert all(self.committed[row["_source_uri"]][1] == row["total"] for row in rows)
        assert read_table(self.out, "evidence").num_rows == read_table(self.out, "replies").num_rows == len(rows)
        assert read_table(self.out, "bill_lines").num_rows == sum(documents)
        assert sorted(read_table(self.out, "pages")["_extraction_id"].to_pylist()) == sorted(sources)

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()


@pytest.mark.slow
def test_the_store_agrees_with_a_dictionary() -> None:
    run_state_machine_as_test(
        StoreMachine,
        settings=settings(
            max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
