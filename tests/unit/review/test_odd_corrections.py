"""Files of corrections as people and tools make them: taken, or refused by their line with all left as it was."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from docpipe.errors import InvalidCorrections
from docpipe.review.apply import Review, apply
from docpipe.review.corrections import Correction, read_corrections
from docpipe.schema.load import parse_schema
from docpipe.store.export.formulas import defused
from docpipe.store.read import Stored

TEXT = {"type": "string"}
SCHEMA = parse_schema(
    {
        "title": "s",
        "type": "object",
        "properties": {
            "number": TEXT,
            "total": {"type": "number", "x-docpipe": {"scale": 2}},
            "double": {"type": "number"},
            "count": {"type": "integer"},
            "done": {"type": "boolean"},
            "day": {"type": "string", "format": "date"},
            "rows": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": TEXT,
                        "sub": {"type": "array", "items": {"type": "object", "properties": {"z": TEXT}}},
                    },
                },
            },
        },
    },
    "s",
)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.csv", "_record_id,path,value\nr,total,1,234\n", "line 2 has more cells"),
        ("a.csv", '_record_id,path,value\nr,number,"open\nr,number,x\n', "line 2 is no CSV"),
        ("a.csv", '_record_id,path,value\nr,number,"a"b\n', "line 2 is no CSV"),
        ("a.csv", "_record_id,path,value,value\nr,total,1,2\n", "two columns called 'value'"),
        ("a.csv", "_record_id,path,value\nr,number," + "x" * 200_000 + "\n", "line 2 is no CSV"),
        ("a.csv", "_record_id,path,value\nr\n", "no rows"),
        ("a.jsonl", '{"_record_id": "r", "path": "a", "value": 1}\n{"_record_id": "r", "_record_id": "s"}', "line 2"),
        ("a.jsonl", '{"_record_id": "r", "path": "number", "value": "\\ud800"}', "line 1 holds half"),
        ("a.jsonl", '{"_record_id": "r", "path": "total", "value": 1e999999}', "line 1 is not JSON"),
        ("a.jsonl", '{"_record_id": "r", "path": "total", "value": ' + "9" * 5_000 + "}", "line 1 is not JSON"),
        ("a.jsonl", '{"_record_id": "r", "path": "a", "value": ' + "[" * 5_000 + "]" * 5_000 + "}", "line 1"),
        ("a.jsonl", "{" + '"a":' * 5_000, "line 1 is not JSON"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, name: str, text: str, why: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidCorrections, match=why):
        read_corrections(tmp_path / name)


def test_bytes_that_are_no_text_are_said(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"_record_id,path,value\nr,number,\xff\xfe\n")
    with pytest.raises(InvalidCorrections, match="cannot be read"):
        read_corrections(tmp_path / "a.csv")


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "''-x", "a;=b", "x\n@y", "-5", "+49 89", "'tis", "null and"])
def test_what_an_export_put_before_a_sign_does_not_come_back(tmp_path: Path, text: str) -> None:
    with (tmp_path / "a.csv").open("w", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(
            [["_record_id", "path", "value"], ["r", "number", defused(text)]]
        )
    (found,) = read_corrections(tmp_path / "a.csv")
    assert found.value == text


def test_json_lines_and_parquet_are_taken_to_the_letter(tmp_path: Path) -> None:
    row = {"_record_id": "r", "path": "number", "value": "'=1+1"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "a.parquet")
    assert [read_corrections(tmp_path / f"a.{kind}")[0].value for kind in ("jsonl", "parquet")] == ["'=1+1"] * 2


def test_a_moment_that_no_calendar_has_is_named_by_its_line(tmp_path: Path) -> None:
    values = pa.array([0, 2**60], pa.timestamp("ms"))
    pq.write_table(
        pa.table({"_record_id": ["r", "r"], "path": ["day", "day"], "value": values}), tmp_path / "a.parquet"
    )
    with pytest.raises(InvalidCorrections, match="line 2"):
        read_corrections(tmp_path / "a.parquet")


def review(**value: Any) -> Review:
    empty = {"number": None, "total": None, "double": None, "count": None, "done": None, "day": None, "rows": []}
    row = {"_record_id": "r", "_extraction_id": "e"}
    return Review(Stored("part", row, empty | value, []), empty | value, {}, {}, [])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("rows[9].sub[0]", None),
        ("rows[99999999999999999999].name", "x"),
        ("rows[-1].name", "x"),
        ("rows[00].name", "x"),
        ("number.", "x"),
        ("rows[" * 5_000, "x"),
        ("rows[0][0].name", "x"),
        ("number", b"\xff\xfe"),
        ("number", {"a": 1}),
        ("number", True),
        ("double", float("nan")),
        ("double", "9" * 400),
        ("total", "9" * 200_000),
        ("total", "9" * 50),
        ("count", 2**63),
        ("count", "9" * 30),
        ("done", "maybe"),
        ("day", dt.timedelta(1)),
    ],
    ids=lambda one: str(one)[:20],
)
def test_what_is_no_value_of_a_field_names_its_line(path: str, value: Any) -> None:
    with pytest.raises(InvalidCorrections, match="line 7"):
        apply(SCHEMA, review(rows=[{"name": "a", "sub": []}]), Correction(7, "r", path, value))


def test_one_value_given_by_two_ways_to_write_its_path_is_refused() -> None:
    held = review()
    apply(SCHEMA, held, Correction(2, "r", "number", "A"))
    for path in ("number.", ".number", "number"):
        with pytest.raises(InvalidCorrections, match="line 3"):
            apply(SCHEMA, held, Correction(3, "r", path, "B"))
    assert held.value["number"] == "A"
