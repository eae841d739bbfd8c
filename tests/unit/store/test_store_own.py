"""Only what docpipe made is ever moved or removed, and nothing outside the output is touched."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from docpipe.errors import InvalidSchema, OutputConflict, OutputUnwritable
from docpipe.records import Outcome
from docpipe.schema.nodes import Node, Schema
from docpipe.store.commit import Store
from docpipe.store.read import read_outcomes
from docpipe.store.upkeep import compact, forget, gc

Make = Callable[..., Outcome]


@pytest.fixture
def filled(schema: Schema, out: Path, outcome: Make) -> Path:
    for run, total in (("one", "1.00"), ("two", "2.00")):
        with Store.open(out, schema, run) as store:
            store.add(outcome("a", doc=run, total=total))
    return out


@pytest.fixture
def precious(tmp_path: Path) -> Path:
    """Somebody's folder, with names that docpipe gives too."""
    folder = tmp_path / "precious"
    (folder / "bill").mkdir(parents=True)
    for name in ("keep.txt", "bill.part-x-000001.parquet", "bill/part-x-000001.parquet"):
        (folder / name).write_text("keep")
    return folder


def kept(folder: Path) -> int:
    return sum(path.is_file() for path in folder.rglob("*"))


def test_a_folder_with_somebodys_scratch_is_not_free(tmp_path: Path, schema: Schema) -> None:
    (tmp_path / "out" / "_tmp" / "thesis").mkdir(parents=True)
    (tmp_path / "out" / "_tmp" / "thesis" / "thesis.tex").write_text("three years")
    with pytest.raises(OutputConflict):
        Store.open(tmp_path / "out", schema, "one")
    assert (tmp_path / "out" / "_tmp" / "thesis" / "thesis.tex").exists()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["_tmp"]


def test_what_a_run_killed_at_its_very_start_leaves_is_free(tmp_path: Path, schema: Schema) -> None:
    (tmp_path / "out" / "_tmp").mkdir(parents=True)
    (tmp_path / "out" / "_tmp" / "current-dead-0.json").write_text("{")
    (tmp_path / "out" / "_lease.json.1234abcd").write_text("{")
    Store.open(tmp_path / "out", schema, "one").close()


@pytest.mark.parametrize("name", ["_tmp", "_old", "bill"])
def test_links_are_not_followed(filled: Path, schema: Schema, outcome: Make, precious: Path, name: str) -> None:
    there = filled / name
    there.rename(filled.with_name("aside")) if there.exists() else None
    there.symlink_to(precious)
    for act in (
        lambda: Store.open(filled, schema, "three"),
        lambda: compact(filled),
        lambda: gc(filled, 0),
        lambda: forget(filled, "a"),
    ):
        with pytest.raises(OutputUnwritable, match="is a link"):
            act()
    assert kept(precious) == 3


def test_gc_leaves_what_docpipe_did_not_make(filled: Path, precious: Path) -> None:
    assert (filled / "_old").is_dir()
    mine = filled / "_old" / "bill" / "part-mine-000001.parquet"
    mine.write_text("no Parquet of docpipe")
    (filled / "_old" / "notes.txt").write_text("mine")
    (filled / "_old" / "2023").mkdir()
    (filled / "_old" / "2023" / "keep").write_text("mine")
    swept = gc(filled, 0)
    assert swept.parts > 0
    assert swept.left == ("_old/bill/part-mine-000001.parquet",)
    assert kept(filled / "_old") == 3


@pytest.mark.parametrize("table", ["/../../victim/sources", "../x", "a/b", "a b", "", "x.y", "a\0b", "ü"])
def test_a_schema_gives_no_table_a_name_that_leads_elsewhere(tmp_path: Path, schema: Schema, table: str) -> None:
    rows = Node("rows", "array", item=Node("", "object", children=(Node("name", "string"),)), table=table or "/")
    evil = replace(schema, root=replace(schema.root, children=(*schema.root.children, rows)))
    with pytest.raises(InvalidSchema, match="no name of a table"):
        Store.open(tmp_path / "out", evil, "one")
    assert not (tmp_path / "out" / "current.json").exists()


def test_a_forgotten_path_is_in_no_file_of_a_run(out: Path, schema: Schema, outcome: Make) -> None:
    with Store.open(out, schema, "one") as store:
        store.add(outcome("/in/patient-x.pdf", doc="p" * 12))
        store.add(outcome("/in/b.pdf"))
        store.finish({"settings": {"inputs": ["/in/patient-x.pdf", "in/patient-x.pdf", "/in/b.pdf"]}, "inputs": 2})
    forget(out, "/in/patient-x.pdf")
    text = (out / "runs" / "one.json").read_text()
    assert "patient" not in text
    assert json.loads(text)["settings"]["inputs"] == ["(forgotten)", "(forgotten)", "/in/b.pdf"]
    assert [one["source_uri"] for one in read_outcomes(out)] == ["/in/b.pdf"]
