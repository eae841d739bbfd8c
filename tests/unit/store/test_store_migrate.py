"""A schema that grows takes what was stored along; one that changes a type does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from docpipe.errors import OutputConflict
from docpipe.page.box import Box
from docpipe.records import Outcome, Span
from docpipe.schema.nodes import Node, Schema
from docpipe.store.commit import Store
from docpipe.store.ledger import read_ledger
from docpipe.store.place import place_of
from docpipe.store.read import read_outcomes, read_table, tables
from docpipe.store.recall import Recall
from tests.unit.store.conftest import without_marks

Make = Callable[..., Outcome]


def changed(schema: Schema, *more: Node, without: str = "") -> Schema:
    kept = tuple(node for node in schema.root.children if node.name not in (without, *(one.name for one in more)))
    return replace(schema, root=replace(schema.root, children=(*kept, *more)))


@pytest.fixture
def filled(schema: Schema, out: Path, outcome: Make) -> Path:
    with Store.open(out, schema, "one") as store:
        store.add(outcome("a"))
        store.commit()
        store.add(outcome("b"))
    return out


def test_new_and_lost_columns_are_the_same_in_all_parts(filled: Path, schema: Schema, outcome: Make) -> None:
    grown = changed(schema, Node("remark", "string"), without="weight")
    with Store.open(filled, grown, "two") as store:
        store.add(outcome("c", remark="new"))
    names = duckdb.sql(f"select * from '{filled}/bill/*.parquet'").columns
    assert "remark" in names
    assert "weight" not in names
    assert [one["record"]["remark"] for one in read_outcomes(filled)] == [None, None, "new"]
    with Store.open(filled, grown, "three") as store:
        store.add(outcome("a", total="7.00", marks="m2"))
    assert sum(read_table(filled, "bill")["total"].to_pylist()) == Decimal("10.00")
    assert read_table(filled, "evidence").num_rows == 3


def test_a_child_table_that_the_schema_lost_goes(filled: Path, schema: Schema, outcome: Make) -> None:
    line = Node("lines", "array", item=Node("", "object", children=(Node("text", "string"),)), table="rows")
    with Store.open(filled, changed(schema, line), "two") as store:
        store.add(replace(outcome("a"), records=()))
    assert "bill_rows" in tables(filled)
    assert "bill_lines" not in tables(filled)


def test_a_column_that_changes_its_type_is_refused(filled: Path, schema: Schema) -> None:
    with pytest.raises(OutputConflict, match=r"'total' of table 'bill' .* is decimal"):
        Store.open(filled, changed(schema, Node("total", "number", scale=1)), "two")
    Store.open(filled, schema, "three").close()


def older(out: Path) -> None:
    """Make `out` one of a docpipe that had no notes, and whose parts and pointer bore no marks."""
    for path in (out / "sources").glob("*.parquet"):
        pq.write_table(pq.read_table(path).drop_columns("notes"), path)
    without_marks(out)


def test_sources_of_an_older_docpipe_are_read_and_grow(filled: Path, schema: Schema, outcome: Make) -> None:
    other = replace(schema, name="receipt")
    with Store.open(filled, without_tables(other), "other") as store:
        store.add(replace(outcome("r"), schema="receipt", records=()))
    older(filled)
    before = read_ledger(filled, "bill")
    assert {row.notes for row in before.values()} == {()}
    with Store.open(filled, schema, "two") as store:
        assert dict(store.ledger) == before
        store.add(replace(outcome("c"), notes=("named like image/png, is image/jpeg",)))
    assert read_ledger(filled, "bill")["c"].notes == ("named like image/png, is image/jpeg",)
    assert set(read_ledger(filled, "receipt")) == {"r"}
    rows = duckdb.sql(f"select source_uri, notes from '{filled}/sources/*.parquet' order by all").fetchall()
    assert [(uri, notes or []) for uri, notes in rows] == [
        ("a", []), ("b", []), ("c", ["named like image/png, is image/jpeg"]), ("r", []),
    ]  # fmt: skip
    owners = {pq.read_schema(path).metadata[b"docpipe.schema"] for path in (filled / "sources").glob("*.parquet")}
    assert owners == {b"bill", b"receipt"}, "the rows of another schema stay in parts of its own"


def test_evidence_and_replies_of_an_older_docpipe_name_no_method(filled: Path, schema: Schema, outcome: Make) -> None:
    spans = (Span("total", 1, (Box(0.0, 0.0, 1.0, 1.0),), 0.5, "1.50", "right"), Span("number", 1, (), 0.5))

    def read_by_layout(uri: str) -> Outcome:
        made = outcome(uri)
        fields = tuple(replace(one, origin="layout", method="right") for one in made.records[0].fields)
        replies = tuple(replace(row, reply=replace(row.reply, spans=spans)) for row in made.replies)
        return replace(made, records=(replace(made.records[0], fields=fields),), replies=replies)

    def spans_of(uri: str) -> tuple[Span, ...]:
        extraction, place = read_ledger(filled, "bill")[uri].extraction_id, place_of(filled)
        parts = [path.name for path in (filled / "replies").glob("*.parquet")]
        (row,) = (row for part in parts for row in Recall(place).replies(part, extraction))
        return row.reply.spans

    with Store.open(filled, schema, "before") as store:
        store.add(read_by_layout("c"))
    assert spans_of("c") == spans
    for table, column in (("evidence", "method"), ("replies", "methods")):
        for path in (filled / table).glob("*.parquet"):
            pq.write_table(pq.read_table(path).drop_columns(column), path)
    without_marks(filled)
    assert [one["method"] for found in read_outcomes(filled) for one in found["fields"]] == ["", "", ""]
    assert spans_of("c") == tuple(replace(span, method="") for span in spans)
    with Store.open(filled, schema, "two") as store:
        store.add(read_by_layout("d"))
    rows = duckdb.sql(f"select coalesce(method, '') from '{filled}/evidence/*.parquet'").fetchall()
    assert sorted(rows) == [("",), ("",), ("",), ("right",)]
    assert spans_of("c") == tuple(replace(span, method="") for span in spans)
    assert spans_of("d") == spans


def without_tables(schema: Schema) -> Schema:
    """The same without arrays of objects: two schemas cannot share their tables."""
    kept = tuple(node for node in schema.root.children if node.name not in ("lines", "bank"))
    return replace(schema, root=replace(schema.root, children=kept))


def test_a_table_of_another_schema_is_refused(filled: Path, schema: Schema) -> None:
    with pytest.raises(OutputConflict, match=r"'bill_lines' in .* belongs to schema 'bill'"):
        Store.open(filled, replace(schema, name="bill_lines"), "two")
