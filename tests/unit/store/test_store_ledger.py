"""What is done is told by the tables; what changed is done again."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from docpipe.errors import OutputConflict
from docpipe.intake.names import uri_of
from docpipe.records import Outcome, Source
from docpipe.schema.nodes import Schema
from docpipe.store.commit import Store
from docpipe.store.ledger import LedgerRow, engines, read_ledger, unchanged

Make = Callable[..., Outcome]
MARKS = {"engine": "layout", "marks": "m1"}


def row_of(outcome: Outcome, out: Path, schema: Schema) -> LedgerRow:
    with Store.open(out, schema, "run") as store:
        store.add(outcome)
    return read_ledger(out, schema.name)[outcome.source.uri]


def test_a_row_reads_back_as_the_store_knew_it(schema: Schema, out: Path, outcome: Make) -> None:
    source = Source("s3://bucket/ü.pdf", 10, 7, "etag", "1", (("customer", "42"), ("year", "2026")))
    with Store.open(out, schema, "run") as store:
        store.add(replace(outcome("a", "1", status="failed"), source=source))
        known = dict(store.ledger)
    assert read_ledger(out, schema.name) == known
    assert known[source.uri].source == source
    assert known[source.uri].failure_retryable


def test_nothing_is_known_of_an_output_that_is_not_there(out: Path) -> None:
    assert read_ledger(out, "bill") == {}
    out.mkdir()
    assert read_ledger(out, "bill") == {}
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(OutputConflict):
        read_ledger(out, "bill")


def test_a_file_is_unchanged_by_size_time_and_etag(schema: Schema, out: Path, outcome: Make) -> None:
    row = row_of(outcome("a", "1", mtime_ns=7), out, schema)
    assert unchanged(row, Source("a", 10, 7))
    assert not unchanged(row, Source("a", 11, 7))
    assert not unchanged(row, Source("a", 10, 8))
    assert not unchanged(row, Source("a", 10, 7, "another etag"))


def test_bytes_decide_where_they_are_known(schema: Schema, out: Path, outcome: Make) -> None:
    row = row_of(outcome("a", "1", mtime_ns=7), out, schema)
    assert unchanged(row, Source("a", 10, 8, doc_id="1"))
    assert not unchanged(row, Source("a", 10, 7, doc_id="2"))


def test_a_source_without_time_or_etag_is_never_taken_for_unchanged(schema: Schema, out: Path, outcome: Make) -> None:
    row = row_of(outcome("a", "1", mtime_ns=0), out, schema)
    assert not unchanged(row, Source("a", 10, 0))


def test_the_engines_of_a_dataset_are_those_of_its_records(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "run") as store:
        store.add(outcome("a", engine="layout"))
        store.add(outcome("b", engine="qwen2-vl"))
        store.add(outcome("c", engine="http", status="failed"))
    assert engines(read_ledger(out, schema.name)) == {"layout", "qwen2-vl"}


@pytest.mark.parametrize("name", [b"caf\xe9.pdf", b"100% \xff.pdf", "café.pdf".encode()])
def test_a_file_name_that_is_no_unicode_finds_its_row_again(
    schema: Schema, out: Path, outcome: Make, name: bytes
) -> None:
    uri = uri_of(os.fsdecode(b"/data/" + name))
    row = row_of(outcome(uri, "1"), out, schema)
    assert row.uri == uri
    with Store.open(out, schema, "again") as store:
        store.add(outcome(uri, "2", total="2.00"))
    assert list(read_ledger(out, schema.name)) == [uri]
