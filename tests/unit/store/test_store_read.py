"""Reading is exact through current.json, typed for everybody, and says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.dataset as ds
import pytest

from docpipe.errors import OutputConflict, PathNotFound, StoreError
from docpipe.records import Outcome
from docpipe.schema.nodes import Schema
from docpipe.store.commit import Store
from docpipe.store.current import load_current
from docpipe.store.ledger import read_ledger
from docpipe.store.read import read_outcomes, read_table, tables
from docpipe.store.repair import repair

Make = Callable[..., Outcome]


@pytest.fixture
def filled(schema: Schema, out: Path, outcome: Make) -> Path:
    with Store.open(out, schema, "run") as store:
        for index in range(3):
            store.add(outcome(f"{index}.pdf", total=f"{index}.10"))
    return out


def test_duckdb_reads_typed_columns_from_the_plain_folder(filled: Path) -> None:
    query = (
        f"select typeof(total), typeof(issued), typeof(printed), sum(total) from '{filled}/bill/*.parquet' group by all"
    )
    assert duckdb.sql(query).fetchall() == [("DECIMAL(38,2)", "DATE", "TIMESTAMP WITH TIME ZONE", Decimal("3.30"))]
    joined = f"""select b._source_uri, l.position, l.amount from '{filled}/bill/*.parquet' b
        join '{filled}/bill_lines/*.parquet' l using (_record_id, _extraction_id) order by 1"""
    assert duckdb.sql(joined).fetchall()[2] == ("2.pdf", 0, Decimal("2.10"))


def test_a_plain_folder_read_never_sees_temporaries(schema: Schema, out: Path, outcome: Make) -> None:
    seen: list[int] = []

    def count(_: str) -> None:
        seen.append(ds.dataset(out / "sources", format="parquet").count_rows())

    with Store.open(out, schema, "run", step=count) as store:
        store.add(outcome("a"))
        store.add(outcome("b"))
        store.commit()
        store.add(outcome("c"))
    assert sorted(set(seen)) == [0, 2, 3]
    assert seen == sorted(seen)


def test_a_reader_goes_on_with_the_parts_it_began_with(filled: Path, schema: Schema, outcome: Make) -> None:
    reading = read_outcomes(filled)
    first = next(reading)
    with Store.open(filled, schema, "two") as store:
        for index in range(3):
            store.add(outcome(f"{index}.pdf", total="9.00"))
    assert [one["record"]["total"] for one in (first, *reading)] == [Decimal("0.10"), Decimal("1.10"), Decimal("2.10")]
    assert {one["record"]["total"] for one in read_outcomes(filled)} == {Decimal("9.00")}


def test_an_output_is_read_while_it_is_written(schema: Schema, filled: Path, outcome: Make) -> None:
    sums: set[Decimal] = set()

    def add_up(_: str) -> None:
        sums.add(sum(read_table(filled, "bill")["total"].to_pylist()))

    with Store.open(filled, schema, "two", step=add_up) as store:
        store.add(outcome("1.pdf", "new", total="5.00"))
    assert sums == {Decimal("3.30"), Decimal("7.20")}


def test_what_is_not_there_is_named(filled: Path, tmp_path: Path) -> None:
    with pytest.raises(PathNotFound, match="no such folder"):
        tables(tmp_path / "nowhere")
    with pytest.raises(PathNotFound, match="no table 'bills'") as caught:
        read_table(filled, "bills")
    assert "bill, " in caught.value.what_to_do
    with pytest.raises(OutputConflict, match="not a docpipe output"):
        list(read_outcomes(tmp_path))


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"docpipe": 1}', b'{"docpipe": 1, "tables": {"sources": 7}}']
)
def test_a_damaged_current_json_says_what_to_do(filled: Path, schema: Schema, text: bytes) -> None:
    (filled / "current.json").write_bytes(text)
    for read in (lambda: list(read_outcomes(filled)), lambda: read_ledger(filled, "bill"), lambda: tables(filled)):
        with pytest.raises(StoreError, match=r"current\.json cannot be read") as caught:
            read()
        assert f"docpipe verify {filled} --repair" in caught.value.what_to_do
    with pytest.raises(StoreError, match=r"current\.json cannot be read"):
        Store.open(filled, schema, "two")
    assert not (filled / "_lease.json").exists()
    repair(filled)
    assert [str(one["record"]["total"]) for one in read_outcomes(filled)] == ["0.10", "1.10", "2.10"]


def test_a_lost_current_json_says_what_to_do(filled: Path, schema: Schema) -> None:
    (filled / "current.json").unlink()
    for read in (lambda: list(read_outcomes(filled)), lambda: Store.open(filled, schema, "two")):
        with pytest.raises(StoreError, match="is missing, though") as caught:
            read()
        assert f"docpipe verify {filled} --repair" in caught.value.what_to_do
    repair(filled)
    assert [str(one["record"]["total"]) for one in read_outcomes(filled)] == ["0.10", "1.10", "2.10"]


def test_an_output_of_a_newer_docpipe_is_left_alone(filled: Path) -> None:
    (filled / "current.json").write_text('{"docpipe": 2, "tables": {}}')
    with pytest.raises(OutputConflict, match="format 2"):
        tables(filled)


@pytest.mark.parametrize("table", ["sources", "bill", "bill_lines", "evidence"])
@pytest.mark.parametrize("damage", ["lost", "cut off", "other bytes"])
def test_a_damaged_part_is_named(filled: Path, table: str, damage: str) -> None:
    part = filled / table / load_current(filled).parts[table][0]
    whole = part.read_bytes()
    part.unlink()
    if damage != "lost":
        part.write_bytes(whole[:-20] if damage == "cut off" else b"thesis" * 100)
    with pytest.raises(StoreError, match=part.name) as caught:
        list(read_outcomes(filled))
    assert "backup" in caught.value.what_to_do
    with pytest.raises(StoreError, match=part.name):
        read_table(filled, table)
