"""A value that is text here and a number there has two columns, and neither changes its type."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.errors import InvalidSchema
from docpipe.records import Outcome, Record, Source
from docpipe.schema.load import load_schema, parse_schema
from docpipe.schema.nodes import Schema
from docpipe.store.commit import Store
from docpipe.store.migrate import migrate
from docpipe.store.read import read_outcomes, read_table
from docpipe.store.values import number_in

XS = ["Jan", "2020", "1.5", "-3", "12 %", None, "1e3"]


def store(out: Path, schema: Schema, value: dict[str, object], marks: str = "1") -> None:
    source = Source(f"/in/{marks}", 1, 1, doc_id=marks)
    with Store.open(out, schema, f"run{marks}") as opened:
        opened.add(Outcome(source, schema.name, "scripted", {"m": marks}, "ok", (Record(value, (1,), "ok", 1.0),)))


def test_a_charts_positions_are_text_and_numbers(tmp_path: Path) -> None:
    points = [{"x": x, "y": float(at)} for at, x in enumerate(XS)]
    store(tmp_path / "out", load_schema("chart"), {"series": [{"name": "one", "points": points}]})
    table = read_table(tmp_path / "out", "chart_points")
    assert table["x_text"].to_pylist() == XS
    assert table["x_number"].to_pylist() == [None, 2020.0, 1.5, -3.0, 12.0, None, 1000.0]
    assert (table["x_text"].type, table["x_number"].type) == (pa.string(), pa.float64())
    (told,) = read_outcomes(tmp_path / "out")
    assert told["record"]["series"][0]["points"] == points


def test_an_output_with_one_column_takes_the_second(tmp_path: Path) -> None:
    out, plain = tmp_path / "out", {"type": ["string", "null"]}
    store(out, parse_schema({"type": "object", "properties": {"x": plain}}, "thing"), {"x": "7"})
    renamed = {**plain, "x-docpipe": {"mixed": True, "renamed_from": "x"}}
    for name, field in (("x", {**plain, "x-docpipe": {"mixed": True}}), ("at", renamed)):
        schema = parse_schema({"type": "object", "properties": {name: field}}, "thing")
        migrate(out, schema)
        assert read_table(out, "thing")[f"{name}_text"].to_pylist() == ["7"]
        assert [one["record"] for one in read_outcomes(out)] == [{name: "7"}]
    store(out, schema, {"at": "8"}, "2")
    assert sorted(read_table(out, "thing")["at_number"].to_pylist(), key=str) == [8.0, None]


@given(st.text(max_size=30))
def test_no_text_is_too_odd_to_be_no_number(text: str) -> None:
    found = number_in(text)
    assert found is None or any(character.isdigit() for character in text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_as_json_writes_them_are_these_numbers(number: float) -> None:
    assert number_in(json.dumps(number)) == number


@pytest.mark.parametrize(
    "field",
    [{"type": "number"}, {"type": "string", "enum": ["a"]}, {"type": "string", "format": "date"}],
)
def test_only_plain_text_is_mixed(field: dict[str, object]) -> None:
    with pytest.raises(InvalidSchema, match="mixed"):
        parse_schema({"type": "object", "properties": {"x": {**field, "x-docpipe": {"mixed": True}}}}, "thing")


def test_two_columns_of_one_name_are_refused() -> None:
    mixed = {"type": "string", "x-docpipe": {"mixed": True}}
    with pytest.raises(InvalidSchema, match="x_text"):
        parse_schema({"type": "object", "properties": {"x": mixed, "x_text": {"type": "string"}}}, "thing")
