"""Fields come, go, are renamed and widened: every old value reads back, or the change is refused before any work."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from docpipe.errors import OutputConflict
from docpipe.records import Field, Outcome, Record, Source
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.store.commit import Store
from docpipe.store.migrate import migrate
from docpipe.store.read import read_outcomes, read_table, tables

KINDS: dict[str, dict[str, Any]] = {
    "int": {"type": ["integer", "null"]},
    "double": {"type": ["number", "null"]},
    "cents": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
    "mills": {"type": ["number", "null"], "x-docpipe": {"scale": 4}},
    "text": {"type": ["string", "null"]},
    "enum": {"type": ["string", "null"], "enum": ["a", "b", None]},
    "date": {"type": ["string", "null"], "format": "date"},
    "bool": {"type": ["boolean", "null"]},
    "ints": {"type": "array", "items": {"type": "integer"}},
    "cents_list": {"type": "array", "items": {"type": "number", "x-docpipe": {"scale": 2}}},
    "enums": {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
    "texts": {"type": "array", "items": {"type": "string"}},
}
WIDER = {("int", "cents"), ("int", "mills"), ("cents", "mills"), ("enum", "text"), ("ints", "cents_list")} | {
    ("enums", "texts")
}
CENTS = st.decimals("-99999", "99999", places=2)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "int": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "cents": CENTS,
    "mills": st.decimals("-99999", "99999", places=4),
    "text": st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
    "enum": st.sampled_from("ab"),
    "date": st.dates(),
    "bool": st.booleans(),
    "ints": st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
    "cents_list": st.lists(CENTS, max_size=3),
    "enums": st.lists(st.sampled_from("ab"), max_size=3),
    "texts": st.lists(st.just("x"), max_size=3),
}
NAMES = ("one", "two", "three", "four")


def schema_of(fields: dict[str, str], former: dict[str, str] | None = None, table: str = "rows") -> Schema:
    """A record with `fields` at its root, the same in an object `box`, and the same in the list `table`."""

    def put(name: str, kind: str) -> dict[str, Any]:
        below = KINDS[kind]
        was = (former or {}).get(name)
        return {**below, "x-docpipe": {**below.get("x-docpipe", {}), "renamed_from": was}} if was else below

    inner = {
        "type": "object",
        "properties": {name: put(name, kind) for name, kind in fields.items()} | {"at": KINDS["int"]},
    }
    rows = {"type": "array", "items": inner}
    if table != "rows":
        rows["x-docpipe"] = {"renamed_from": ["rows"]}
    return parse_schema({"type": "object", "properties": {**inner["properties"], "box": inner, table: rows}}, "thing")


def stored(uri: str, value: dict[str, Any], marks: str) -> Outcome:
    return Outcome(
        Source(uri, 1, 1, doc_id=uri), "thing", "scripted", {"marks": marks}, "ok", (Record(value, (1,), "ok", 1.0),)
    )


def records(out: Path) -> dict[str, Any]:
    return {one["source_uri"]: one["record"] for one in read_outcomes(out)}


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_a_pair_of_schemas_evolves_or_is_refused_with_the_column(data: st.DataObject) -> None:
    before = data.draw(st.dictionaries(st.sampled_from(NAMES), st.sampled_from(sorted(KINDS)), min_size=1), "before")
    after, former, refused = dict[str, str](), dict[str, str](), set[str]()
    for name, kind in before.items():
        what = data.draw(st.sampled_from(("keep", "keep", "remove", "rename", "retype")), name)
        new = kind if what in ("keep", "rename") else data.draw(st.sampled_from(sorted(KINDS)), f"type of {name}")
        if what == "rename":
            former[f"new_{name}"] = name
        if what != "remove":
            after[f"new_{name}" if what == "rename" else name] = new
            if new != kind and (kind, new) not in WIDER:
                refused.add(name)
    table = data.draw(st.sampled_from(("rows", "lines")), "table")
    value = {name: data.draw(VALUES[kind], f"value of {name}") for name, kind in before.items()} | {"at": 7}
    nested = {**value, "box": value, "rows": [value, value]}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        with Store.open(out, schema_of(before), "one") as store:
            store.add(stored("a", nested, "1"))
        grown = schema_of(after, former, table)
        if refused:
            event("refused")
            with pytest.raises(OutputConflict) as caught:
                Store.open(out, grown, "two")
            assert any(f"'{name}'" in caught.value.message for name in refused)
            assert records(out) == {"a": nested}
            return
        event("evolved")
        kept = {name: value.get(former.get(name, name)) for name in after} | {"at": 7}
        expected = {**kept, "box": kept, table: [kept, kept]}
        dry = migrate(out, grown, dry_run=True)
        assert records(out) == {"a": nested}
        assert migrate(out, grown) == dry
        assert records(out) == {"a": expected}
        assert migrate(out, grown) == {}
        with Store.open(out, grown, "two") as store:
            store.add(stored("b", expected, "2"))
        assert records(out) == {"a": expected, "b": expected}
        assert duckdb.sql(f"select count(*) from '{out}/thing/*.parquet'").fetchall() == [(2,)]


def filled(out: Path) -> None:
    value = {"one": 5, "at": 7, "box": None, "rows": [{"one": 1, "at": 2}, {"one": 3, "at": None}]}
    found = (Field("one", 5, 0.9), Field("rows[1].one", 3, 0.8))
    outcome = stored("a", value, "1")
    with Store.open(out, schema_of({"one": "int"}), "run") as store:
        store.add(Outcome(outcome.source, "thing", "scripted", {}, "ok", (Record(value, (1,), "ok", 1.0, found),)))


def test_a_renamed_list_takes_its_rows_and_its_evidence_along(tmp_path: Path) -> None:
    filled(tmp_path / "out")
    renamed = schema_of({"price": "cents"}, {"price": "one"}, "lines")
    changes = migrate(tmp_path / "out", renamed)
    assert changes["thing"].renamed == {"one": "price", "box_one": "box_price"}
    assert changes["thing"].widened["price"] == "int64 -> decimal128(38, 2)"
    assert changes["thing_lines"].was == "thing_rows"
    assert "thing_rows" not in tables(tmp_path / "out")
    assert read_table(tmp_path / "out", "evidence")["path"].to_pylist() == ["price", "lines[1].price"]
    (told,) = read_outcomes(tmp_path / "out")
    assert told["record"]["box"] is None
    assert [row["price"] for row in told["record"]["lines"]] == [Decimal("1.00"), Decimal("3.00")]
    assert [(one["path"], one["value"]) for one in told["fields"]] == [
        ("price", Decimal(5)),
        ("lines[1].price", Decimal(3)),
    ]


def test_a_name_is_taken_over_once_and_not_from_a_field_that_lives(tmp_path: Path) -> None:
    filled(tmp_path / "out")
    both = schema_of({"one": "int", "two": "int"}, {"two": "one"})
    migrate(tmp_path / "out", both)
    assert records(tmp_path / "out")["a"]["one"] == 5
    assert records(tmp_path / "out")["a"]["two"] is None


def test_names_may_have_changed_more_than_once(tmp_path: Path) -> None:
    filled(tmp_path / "out")
    field = {**KINDS["int"], "x-docpipe": {"renamed_from": ["latest", "one"]}}
    migrate(tmp_path / "out", parse_schema({"type": "object", "properties": {"value": field}}, "thing"))
    assert records(tmp_path / "out") == {"a": {"value": 5}}


def test_a_date_is_no_time_and_words_are_no_closed_set(tmp_path: Path) -> None:
    document = {"type": "object", "properties": {"day": KINDS["date"], "word": KINDS["text"]}}
    with Store.open(tmp_path / "out", parse_schema(document, "thing"), "run") as store:
        store.add(stored("a", {"day": dt.date(2026, 1, 2), "word": "c"}, "1"))
    for name, kind in (("day", {"type": "string", "format": "date-time"}), ("word", KINDS["enum"])):
        changed = parse_schema({"type": "object", "properties": document["properties"] | {name: kind}}, "thing")
        with pytest.raises(OutputConflict, match=f"'{name}'"):
            migrate(tmp_path / "out", changed, dry_run=True)


@pytest.mark.parametrize("nth", range(1, 8))
def test_a_killed_migration_is_there_or_not(tmp_path: Path, nth: int) -> None:
    out = tmp_path / "out"
    filled(out)
    before = records(out)
    renamed = schema_of({"price": "cents"}, {"price": "one"}, "lines")
    left = nth

    def step(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        migrate(out, renamed, step=step)
    assert records(out) in (before, after(out, renamed))
    migrate(out, renamed)
    assert records(out)["a"]["lines"] == [{"price": Decimal(1), "at": 2}, {"price": Decimal(3), "at": None}]
    assert duckdb.sql(f"select count(*) from '{out}/thing_lines/*.parquet'").fetchall() == [(2,)]


def after(out: Path, schema: Schema) -> dict[str, Any]:
    """What is read from a copy of `out` that was migrated."""
    copy = out.parent / "copy"
    shutil.copytree(out, copy)
    migrate(copy, schema)
    return records(copy)
