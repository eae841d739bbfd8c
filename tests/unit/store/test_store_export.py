"""Exports hold what the tables hold, appear whole or not at all, and nothing in them is a formula."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pyarrow.dataset as ds
import pytest
from deltalake import DeltaTable

from docpipe.errors import InvalidSettings, OutputUnwritable, PathNotFound
from docpipe.records import Outcome
from docpipe.schema.nodes import Schema
from docpipe.store.commit import Store
from docpipe.store.export import FORMS, export
from docpipe.store.export import workbook as workbooks
from docpipe.store.read import read_outcomes, read_table, tables

Make = Callable[..., Outcome]
EVIL = ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x","y")', "ok", 'a,b\n"c"']


@pytest.fixture
def filled(schema: Schema, out: Path, outcome: Make) -> Path:
    with Store.open(out, schema, "filled") as store:
        for number, text in enumerate(EVIL):
            store.add(
                outcome(
                    f"/in/{number % 2}/{number}.pdf",
                    total=f"{number}.25",
                    number=text,
                    issued=date(2026, 1, number + 1),
                    printed=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
                    tags=["=x", "y"],
                    status="needs_review" if number == 3 else "ok",
                )
            )
        store.commit()
        store.add(outcome("/in/0/copy.pdf", doc="doc of /in/0/0.pdf", total="0.25", number=EVIL[0]))
        store.add(outcome("/in/1/bad.pdf", status="failed"))
        store.add(outcome("/in/1/gone.pdf", total="100.00", number="gone"))
        store.commit()
        store.mark_vanished("/in/1/gone.pdf")
    return out


def total(out: Path) -> Decimal:
    return sum((row for row in read_table(out, "bill")["total"].to_pylist()), Decimal())


def test_a_database_holds_every_table_and_the_same_sums(filled: Path) -> None:
    done = export(filled, "duckdb")
    with duckdb.connect(done.path, read_only=True) as database:
        for table in tables(filled):
            (rows,) = database.execute(f'SELECT count(*) FROM "{table}"').fetchone() or ()
            assert rows == read_table(filled, table).num_rows == done.rows[table]
        assert database.execute("SELECT sum(total) FROM bill").fetchone() == (total(filled),)


def test_the_views_answer_what_they_are_for(filled: Path) -> None:
    with duckdb.connect(export(filled, "duckdb").path, read_only=True) as database:
        current = database.execute("SELECT sum(total), count(*) FROM current_bill").fetchone()
        assert current == (total(filled) - 100, len(EVIL)), "one row a document, however many paths; none that vanished"
        uris = database.execute("SELECT source_uris FROM current_bill WHERE number = '=1+1'").fetchone()
        assert uris == (["/in/0/0.pdf", "/in/0/copy.pdf"],)
        lines = database.execute("SELECT count(*), sum(amount), sum(total) FROM bill_lines_joined").fetchone()
        assert lines == (len(EVIL), total(filled) - 100, total(filled) - 100)
        queue = database.execute("SELECT source_uri, status, reasons FROM review_queue ORDER BY 1").fetchall()
        assert queue == [
            ("/in/1/3.pdf", "needs_review", ["does not add up"]),
            ("/in/1/bad.pdf", "failed", ["cut off"]),
        ]
        quality = database.execute(
            "SELECT folder, documents, ok, needs_review, failed FROM quality_by_source ORDER BY 1"
        ).fetchall()
        assert quality == [("/in/0", 5, 5, 0, 0), ("/in/1", 5, 3, 1, 1)]


def test_no_cell_of_a_csv_begins_a_formula_and_all_rows_are_there(filled: Path) -> None:
    folder = Path(export(filled, "csv").path)
    for table in tables(filled):
        with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == read_table(filled, table).num_rows, table
        for row in rows:
            for name, text in row.items():
                typed = name in ("total", "amount", "confidence", "_confidence")
                assert typed or not text.startswith(("=", "+", "-", "@", "\t", "\r")), (table, name, text)
    with (folder / "bill.csv").open(encoding="utf-8", newline="") as file:
        bills = {row["total"]: row for row in csv.DictReader(file)}
    assert bills["0.25"]["number"] == "'=1+1"
    assert bills["7.25"]["number"] == EVIL[7], "what is harmless stays as it is"
    assert json.loads(bills["0.25"]["tags"]) == ["=x", "y"]
    assert bills["0.25"]["issued"] == "2026-01-01"
    assert sum(map(Decimal, bills), Decimal()) == total(filled)


def test_a_negative_amount_stays_a_number(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "filled") as store:
        store.add(outcome("/in/a.pdf", total="-12.30"))
    folder = Path(export(out, "csv").path)
    text = (folder / "bill.csv").read_text()
    assert "-12.30" in text
    assert "'-12" not in text


def test_a_workbook_has_no_formula_and_typed_cells(filled: Path) -> None:
    book = openpyxl.load_workbook(export(filled, "xlsx").path)
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}
    assert "f" not in kinds
    head, *rows = book["bill"].iter_rows(values_only=True)
    at = {name: index for index, name in enumerate(head)}
    assert {row[at["number"]] for row in rows} >= set(EVIL[:4])
    assert sum(Decimal(str(row[at["total"]])) for row in rows) == total(filled)
    assert rows[0][at["issued"]] == datetime(2026, 1, 1)  # noqa: DTZ001  (a workbook knows no zones)


def test_a_workbook_says_what_it_could_not_hold(
    schema: Schema, out: Path, outcome: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(out, schema, "filled") as store:
        store.add(outcome("/in/a.pdf", number="x" * 40_000, total="12345678901234567.89"))
        store.add(outcome("/in/b.pdf"))
    monkeypatch.setattr(workbooks, "MAX_ROWS", 2)
    done = export(out, "xlsx")
    book = openpyxl.load_workbook(done.path)
    assert {"bill", "bill~2"} <= set(book.sheetnames), "rows past a sheet's last go on in the next"
    assert any("texts were cut" in note for note in done.notes)
    assert any("amounts" in note for note in done.notes)
    head, row = book["bill"].iter_rows(values_only=True)
    assert row[list(head).index("total")] == "12345678901234567.89", "no digit is lost"


def test_lines_are_the_outcomes(filled: Path) -> None:
    lines = Path(export(filled, "jsonl").path).read_text().splitlines()
    read = [json.loads(line, parse_float=Decimal) for line in lines]
    known = list(read_outcomes(filled))
    assert [one["source_uri"] for one in read] == [one["source_uri"] for one in known]
    for one, other in zip(read, known, strict=True):
        assert (one["record"] or {}).get("total") == (other["record"] or {}).get("total")


def test_delta_tables_have_the_same_rows(filled: Path) -> None:
    folder = Path(export(filled, "delta").path)
    for table in tables(filled):
        assert DeltaTable(str(folder / table)).to_pyarrow_table().num_rows == read_table(filled, table).num_rows
    bills = DeltaTable(str(folder / "bill")).to_pyarrow_table()
    assert sum(bills["total"].to_pylist(), Decimal()) == total(filled)


def test_parquet_is_verbatim(filled: Path) -> None:
    folder = Path(export(filled, "parquet").path)
    for table in tables(filled):
        assert ds.dataset(folder / table, format="parquet").to_table().num_rows == read_table(filled, table).num_rows
    for path in folder.glob("*/*.parquet"):
        assert path.read_bytes() == (filled / path.relative_to(folder)).read_bytes()


@pytest.mark.parametrize("form", list(FORMS))
def test_an_export_can_be_made_again_and_leaves_nothing_beside_itself(filled: Path, form: str) -> None:
    first, second = export(filled, form), export(filled, form)
    assert first.path == second.path
    assert {path.name for path in filled.parent.iterdir()} == {filled.name, Path(first.path).name}


def test_somebodys_folder_is_not_replaced(filled: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("x")
    for form in ("csv", "duckdb"):
        with pytest.raises(OutputUnwritable):
            export(filled, form, mine)
    assert [path.name for path in mine.iterdir()] == ["thesis.txt"]
    assert {path.name for path in tmp_path.iterdir()} == {"mine", filled.name}


def test_what_cannot_be_exported_is_said(filled: Path) -> None:
    with pytest.raises(InvalidSettings, match="pdf"):
        export(filled, "pdf")
    with pytest.raises(PathNotFound, match="nothing"):
        export(filled, "csv", tables=("nothing",))
    with pytest.raises(InvalidSettings, match="in the output itself"):
        export(filled, "csv", filled / "export")


def test_only_the_tables_that_were_asked_for(filled: Path) -> None:
    assert set(export(filled, "csv", tables=("bill",)).rows) == {"bill"}
