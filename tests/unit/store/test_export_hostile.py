"""Exports of values and names that their forms do not take: told or written as text, never wrong, never lost."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from docpipe.errors import OutputUnwritable
from docpipe.records import Outcome, Record, Source
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.store.commit import Store
from docpipe.store.export import export
from docpipe.store.export.names import Names
from docpipe.store.export.snapshot import MARK
from docpipe.store.read import tables

Make = Callable[..., Outcome]
TEXT = {"type": "string"}
ROWS = {"type": "array", "items": {"type": "object", "properties": {"a": TEXT}}}


def schema_of(name: str, **properties: Any) -> Schema:
    return parse_schema({"title": name, "type": "object", "properties": properties or {"a": TEXT}}, name)


def fill(out: Path, schema: Schema, value: Mapping[str, Any]) -> None:
    with Store.open(out, schema, f"filled-{schema.name}") as store:
        record = Record(dict(value), (1,), "needs_review", 0.5, (), (), ())
        store.add(Outcome(Source("/in/a.pdf"), schema.name, "scripted", {}, "needs_review", (record,)))


NAMES = ["part", "review_queue", "quality_by_source", "history", "select", "SRC", "incoming", "current_current_x"]


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_may_have_any_name_in_a_database(tmp_path: Path, name: str) -> None:
    fill(tmp_path / "out", schema_of(name), {"a": "x"})
    done = export(tmp_path / "out", "duckdb")
    with duckdb.connect(done.path, read_only=True) as database:
        for table in tables(tmp_path / "out"):
            assert database.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (done.rows[table],)
        views = {
            row[0] for row in database.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
        }
        queue = "review_queue_2" if name == "review_queue" else "review_queue"
        quality = "quality_by_source_2" if name == "quality_by_source" else "quality_by_source"
        assert views == {f"current_{name}", queue, quality}
        assert database.execute(f"SELECT schema, source_uri FROM {queue}").fetchall() == [(name, "/in/a.pdf")]
        assert database.execute(f"SELECT documents, needs_review FROM {quality}").fetchall() == [(1, 1)]
    assert [note for note in done.notes if name in note] == (
        [f"{name} is called {name}_2: its name was taken"] if name in ("review_queue", "quality_by_source") else []
    )


def test_views_and_tables_of_several_schemas_never_share_a_name(tmp_path: Path) -> None:
    out = tmp_path / "out"
    fill(out, schema_of("x"), {"a": "1"})
    fill(out, schema_of("current_x"), {"a": "2"})
    fill(out, schema_of("a", rows=ROWS, rows_joined=ROWS), {"rows": [{"a": "3"}], "rows_joined": [{"a": "4"}]})
    done = export(out, "duckdb")
    with duckdb.connect(done.path, read_only=True) as database:
        for view, value in {"current_x": "2", "current_x_2": "1", "a_rows_joined": "4", "a_rows_joined_2": "3"}.items():
            assert database.execute(f"SELECT a FROM {view}").fetchall() == [(value,)]
    assert "current_x is called current_x_2: its name was taken" in done.notes


def test_a_field_called_as_the_column_of_paths_keeps_its_values(tmp_path: Path) -> None:
    fill(tmp_path / "out", schema_of("bill", source_uris=TEXT, status=TEXT), {"source_uris": "own", "status": "paid"})
    with duckdb.connect(export(tmp_path / "out", "duckdb").path, read_only=True) as database:
        row = database.execute("SELECT source_uris, source_uris_2, status FROM current_bill").fetchone()
        assert row == ("own", ["/in/a.pdf"], "paid")
        assert database.execute("SELECT source_uri FROM review_queue").fetchall() == [("/in/a.pdf",)]


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl", "parquet", "delta"])
def test_every_form_takes_every_name(tmp_path: Path, form: str) -> None:
    for name in ("history", "select", "a" * 40 + "1", "a" * 40 + "2"):
        fill(tmp_path / "out", schema_of(name), {"a": "x"})
    assert Path(export(tmp_path / "out", form).path).exists()


def test_names_are_free_whatever_their_case() -> None:
    names = Names(["Bill"])
    assert [names.free("bill"), names.free("BILL"), names.free("x")] == ["bill_2", "BILL_3", "x"]


VALUES = schema_of(
    "t",
    day={"type": "string", "format": "date"},
    moment={"type": "string", "format": "date-time"},
    text=TEXT,
    exact={"type": "number", "x-docpipe": {"scale": 2}},
    double={"type": "number"},
    count={"type": "integer"},
    tags={"type": "array", "items": TEXT},
)


def test_a_workbook_has_no_wrong_value(tmp_path: Path) -> None:
    value = {
        "day": date(1850, 1, 1),
        "moment": datetime(1899, 12, 31, 23, 59, tzinfo=UTC),
        "text": "a\x0b\x1f \ufffe\uffff _x0041_ \U0001f600" + "\U0001f600" * 20_000,
        "exact": Decimal("1234567890123456.78"),
        "double": Decimal("1e-9"),
        "count": 1_234_567_890_123_456,
        "tags": ["=1", "a;b"],
    }
    fill(tmp_path / "out", VALUES, value)
    done = export(tmp_path / "out", "xlsx")
    head, row = openpyxl.load_workbook(done.path)["t"].iter_rows(values_only=True)
    read = dict(zip(head, row, strict=True))
    assert read["day"] == "1850-01-01"
    assert str(read["moment"]).startswith("1899-12-31T23:59:00")
    assert (read["exact"], read["double"], read["count"]) == ("1234567890123456.78", 1e-9, "1234567890123456")
    assert unescape(read["text"]).startswith("a\x0b\x1f \ufffe\uffff _x0041_ \U0001f600"), "as OOXML writes it"
    assert len(unescape(read["text"]).encode("utf-16-le")) <= 2 * 32_767
    assert json.loads(read["tags"]) == value["tags"]
    assert any("dates before 1900" in note for note in done.notes)
    assert any("2 amounts" in note for note in done.notes)
    assert any("1 texts were cut" in note for note in done.notes)


def test_a_workbook_takes_the_last_day_there_is(tmp_path: Path) -> None:
    fill(
        tmp_path / "out", VALUES, {"day": date(9999, 12, 31), "moment": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)}
    )
    done = export(tmp_path / "out", "xlsx")
    head, row = openpyxl.load_workbook(done.path)["t"].iter_rows(values_only=True)
    assert str(dict(zip(head, row, strict=True))["day"]).startswith("9999-12-31")
    assert not any("1900" in note for note in done.notes)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_of_a_csv_is_a_formula_by_whatever_it_is_separated(tmp_path: Path, separator: str) -> None:
    evil = ["=1", "Muster GmbH;=cmd|/c calc!A0;", "x\n=1+1", "\uff1d1+1", "a\t@b"]
    for number, text in enumerate(evil):
        fill(tmp_path / f"{number}", VALUES, {"text": text, "tags": [text, ";=1"], "exact": Decimal("-5.00")})
        folder = Path(export(tmp_path / f"{number}", "csv").path)
        with (folder / "t.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file, delimiter=separator):
                signs = [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\uff1d")) and cell != "-5.00"]
                assert not signs


def test_amounts_and_dates_of_a_csv_have_no_quotes_and_texts_do(tmp_path: Path) -> None:
    value = {
        "text": "5",
        "exact": Decimal("-5.00"),
        "double": Decimal("1e-9"),
        "day": date(2026, 1, 2),
        "tags": ["a;b"],
    }
    fill(tmp_path / "out", VALUES, value)
    line = (Path(export(tmp_path / "out", "csv").path) / "t.csv").read_text().splitlines()[1]
    assert ',2026-01-02,,"5",-5.00,1e-09,,"[""a\\u003bb""]"' in line


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl", "parquet", "delta", "duckdb"])
def test_a_disk_that_is_full_is_said_and_nothing_is_left(tmp_path: Path, form: str) -> None:
    fill(tmp_path / "out", VALUES, {"text": "x" * 100_000})
    before = sorted(tmp_path.iterdir())
    code = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom docpipe.errors import OutputUnwritable\n"
        "from docpipe.store.export import export\nimport duckdb, deltalake, xlsxwriter\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))\n"
        "try: export(Path(sys.argv[1]), sys.argv[2])\n"
        "except OutputUnwritable as error: print('said', error.message)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "out"), form], capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("said "), done.stderr
    assert sorted(tmp_path.iterdir()) == before


def test_what_a_killed_export_left_goes_with_the_next_and_nothing_else_does(tmp_path: Path) -> None:
    fill(tmp_path / "out", VALUES, {"text": "x"})
    target = tmp_path / "x.jsonl"
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom docpipe.store.export.unfinished import unfinished\n"
        "with unfinished(Path(sys.argv[1])) as folder:\n    (folder / 'made').write_text('half')\n    os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(target)], check=False)
    (left,) = tmp_path.glob(".x.jsonl.*")
    assert (left / "made").read_text() == "half"
    other = tmp_path / ".x.jsonl.0123abcd"  # somebody's own, without the mark
    other.mkdir()
    linked = tmp_path / "kept"
    linked.mkdir()
    (linked / MARK).touch()
    (tmp_path / ".x.jsonl.0123abce").symlink_to(linked)
    export(tmp_path / "out", "jsonl", target)
    assert not left.exists()
    assert other.is_dir()
    assert (linked / MARK).exists()


def test_a_folder_that_is_written_at_the_same_time_is_not_swept(tmp_path: Path) -> None:
    from docpipe.store.export.unfinished import unfinished

    with unfinished(tmp_path / "x") as first, unfinished(tmp_path / "x") as second:
        assert first.is_dir()
        assert second.is_dir()
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_place_of_a_folder_is_said(tmp_path: Path) -> None:
    fill(tmp_path / "out", VALUES, {"text": "x"})
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnwritable):
        export(tmp_path / "out", "csv", tmp_path / "file")
