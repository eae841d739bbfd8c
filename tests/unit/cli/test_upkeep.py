"""export, correct, migrate, compact, gc and forget as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from docpipe.records import Outcome, Record, Source
from docpipe.schema.load import parse_schema
from docpipe.store.commit import Store
from tests.unit.cli import calling

SCHEMA = parse_schema({"type": "object", "properties": {"name": {"type": "string"}}}, "card")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Three commits of a document each, the first of them replaced in the last."""
    with Store.open(tmp_path / "out", SCHEMA, "made") as store:
        for uri, name in (("/in/a", "Ada"), ("/in/b", "Bo"), ("/in/a", "=Ann")):
            record = Record({"name": name}, (1,), "ok", 1.0)
            source = Source(uri, 1, 1, doc_id=f"{name:_<12}")
            store.add(Outcome(source, "card", "layout", {}, "ok", (record,)))
            store.commit()
    return tmp_path / "out"


def docpipe(*arguments: object, code: int = 0) -> str:
    """What the command printed: of an error, on stderr."""
    done = calling.docpipe(*arguments)
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    return done.out if code == 0 else done.err


def test_export_says_what_it_wrote(out: Path, tmp_path: Path) -> None:
    assert "2 card" in docpipe("export", out, "--to", "duckdb")
    with duckdb.connect(tmp_path / "out.duckdb", read_only=True) as database:
        assert database.execute("SELECT name FROM current_card ORDER BY 1").fetchall() == [("=Ann",), ("Bo",)]
    told = json.loads(docpipe("export", out, "--to", "csv", "--table", "card", "--dest", tmp_path / "x", "--json"))
    assert told["rows"] == {"card": 2}
    assert "'=Ann" in (tmp_path / "x" / "card.csv").read_text()


def test_a_wrong_export_is_one_line_and_exit_2(out: Path) -> None:
    assert "duckdb" in docpipe("export", out, "--to", "pdf", code=2)
    assert "no table" in docpipe("export", out, "--to", "csv", "--table", "none", code=2)
    assert "no such folder" in docpipe("export", out / "nowhere", "--to", "csv", code=2)


def test_compact_and_gc_leave_one_part_a_table(out: Path) -> None:
    assert json.loads(docpipe("compact", out, "--json"))["after"]["card"] == 1
    assert json.loads(docpipe("gc", out, "--json"))["parts"] == 0, "younger than a day"
    assert json.loads(docpipe("gc", out, "--older-than", "0s", "--json"))["parts"] > 0
    assert len(list((out / "card").iterdir())) == 1
    assert docpipe("show", out, "--json").count("\n") == 2


def test_an_age_that_is_none_is_refused(out: Path) -> None:
    assert "7d" in docpipe("gc", out, "--older-than", "a week", code=2)


def test_forget_names_the_paths_that_are_gone(out: Path) -> None:
    assert "forgotten: /in/b" in docpipe("forget", out, "/in/b")
    assert "Bo" not in docpipe("show", out, "--json")
    assert "no document" in docpipe("forget", out, "/in/b", code=2)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """The schema of `out`, as a file."""
    path = tmp_path / "card.json"
    path.write_text(json.dumps({"type": "object", "properties": {"name": {"type": "string"}}}))
    return path


def test_a_reviewed_spreadsheet_goes_back_into_the_tables(out: Path, card: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "review.csv"
    duckdb.sql(
        f"""COPY (SELECT _record_id, 'name' AS path, name AS was, '' AS value FROM read_parquet('{out}/card/*.parquet'))
        TO '{sheet}' (HEADER)"""
    )
    filled = [f"{line}Bob" if ",Bo," in line else line for line in sheet.read_text().replace('""', "").splitlines()]
    sheet.write_text("\n".join(filled))
    before = (out / "current.json").read_text()
    assert "nothing was written" in docpipe("correct", out, sheet, "--schema", card, "--dry-run")
    assert "Bob" not in docpipe("show", out, "--json")
    told = json.loads(docpipe("correct", out, sheet, "--schema", card, "--json"))
    assert (told["values"], len(told["statuses"])) == (1, 1)
    names = duckdb.sql(f"SELECT name FROM read_parquet('{out}/card/*.parquet') ORDER BY 1").fetchall()
    assert names == [("=Ann",), ("Bob",)]
    assert (out / "current.json").read_text() != before
    sheet.write_text("_source_uri,path,value\n/in/b,nothing,1\n")
    assert "line 2" in docpipe("correct", out, sheet, "--schema", card, code=2)


def test_a_renamed_field_is_migrated_and_a_changed_type_is_refused(out: Path, card: Path) -> None:
    card.write_text(
        json.dumps(
            {"type": "object", "properties": {"title": {"type": "string", "x-docpipe": {"renamed_from": "name"}}}}
        )
    )
    assert "name is title now" in docpipe("migrate", out, "--schema", card, "--dry-run")
    assert json.loads(docpipe("migrate", out, "--schema", card, "--json"))["card"]["renamed"] == {"name": "title"}
    assert "as the schema says" in docpipe("migrate", out, "--schema", card)
    assert '"title": "Bo"' in docpipe("show", out, "--json")
    card.write_text(json.dumps({"type": "object", "properties": {"title": {"type": "integer"}}}))
    assert "'title'" in docpipe("migrate", out, "--schema", card, code=2)
