"""Tending an output: what is merged, erased or swept, and what stays as it was."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from docpipe.errors import OutputConflict, OutputLocked, PathNotFound, StoreError
from docpipe.records import Outcome
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.store.commit import Store
from docpipe.store.current import load_current
from docpipe.store.read import read_outcomes, read_table, tables
from docpipe.store.upkeep import compact, forget, gc
from tests.unit.store.conftest import make_outcome, without_marks

Make = Callable[..., Outcome]


def filled(out: Path, schema: Schema, outcome: Make, names: str = "abcdef") -> None:
    """An output of a commit a document; every name its own bytes and its place in the alphabet as total."""
    with Store.open(out, schema, "filled") as store:
        for name in names:
            store.add(outcome(f"/in/{name}.pdf", doc=f"{name * 12}", total=f"{ord(name) - 96}.00"))
            store.commit()


@pytest.fixture(scope="module")
def finished(schema: Schema, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An output of six commits; not to be written to."""
    out = tmp_path_factory.mktemp("finished") / "out"
    filled(out, schema, make_outcome)
    return out


@pytest.fixture
def six(finished: Path, out: Path) -> Path:
    """A copy of `finished`, at `out`."""
    return shutil.copytree(finished, out)


def totals(out: Path) -> dict[str, Decimal]:
    return {one["source_uri"]: one["record"]["total"] for one in read_outcomes(out) if one["record"]}


def everything(out: Path) -> dict[str, list[str]]:
    """Every row of every table, in no order."""
    return {name: sorted(map(repr, read_table(out, name).to_pylist())) for name in tables(out)}


def test_compaction_leaves_one_part_a_table_and_every_row(six: Path) -> None:
    before = everything(six)
    done = compact(six)
    assert done.before["bill"] == 6
    assert set(done.after.values()) == {1}
    assert everything(six) == before
    for table in tables(six):
        plain = ds.dataset(six / table, format="parquet").to_table()
        assert plain.num_rows == read_table(six, table).num_rows, table


def test_a_run_goes_on_in_a_compacted_output(schema: Schema, six: Path, outcome: Make) -> None:
    compact(six)
    with Store.open(six, schema, "next") as store:
        store.add(outcome("/in/b.pdf", doc="new bytes", total="20.00"))
        store.add(outcome("/in/z.pdf", total="26.00"))
    assert totals(six)["/in/b.pdf"] == Decimal("20.00")
    assert sum(totals(six).values()) == Decimal("65.00")
    assert read_table(six, "bill_lines").num_rows == 7


def test_compaction_merges_neighbours_up_to_the_size_and_leaves_large_parts_alone(six: Path) -> None:
    largest = max(path.stat().st_size for path in six.glob("*/part-*.parquet") if path.parent.name != "sources")
    assert compact(six, part_bytes=largest).after["bill"] == 6, "no two of them fit"
    assert compact(six, part_bytes=2 * largest + 1).after["bill"] == 3


def test_compacting_a_compacted_output_changes_nothing(six: Path) -> None:
    compact(six)
    live = load_current(six)
    assert compact(six).before == compact(six).after
    after = load_current(six)
    assert (after.parts, after.number) == (live.parts, live.number)


def test_compaction_keeps_the_schemas_apart(schema: Schema, out: Path, outcome: Make) -> None:
    filled(out, schema, outcome, "ab")
    other = parse_schema({"type": "object", "properties": {"total": {"type": "integer"}}}, "note")
    with Store.open(out, other, "other"):
        pass
    before = everything(out)
    compact(out)
    assert everything(out) == before
    for path in out.glob("bill/part-*.parquet"):
        assert pq.read_schema(path).metadata[b"docpipe.schema"] == b"bill"


def test_compaction_fills_columns_that_old_parts_lack(out: Path, outcome: Make, schema: Schema) -> None:
    """Parts of another day may know fewer columns of a table that all schemas share."""
    filled(out, schema, outcome, "ab")
    (first, _) = load_current(out).parts["pages"]
    old = pq.read_table(out / "pages" / first)
    pq.write_table(old.drop_columns(["notes"]), out / "pages" / first)
    without_marks(out)
    compact(out)
    assert read_table(out, "pages")["notes"].to_pylist().count(None) == 1


def test_what_is_forgotten_is_nowhere(schema: Schema, six: Path, outcome: Make) -> None:
    with Store.open(six, schema, "again") as store:
        store.add(outcome("/in/copy-of-c.pdf", doc="c" * 12, total="3.00"))
        store.add(outcome("/in/b.pdf", doc="b" * 12, total="22.00"))
    done = forget(six, "c" * 12)
    assert done.sources == ("/in/c.pdf", "/in/copy-of-c.pdf")
    assert sorted(totals(six)) == [f"/in/{name}.pdf" for name in "abdef"]
    assert sum(totals(six).values()) == Decimal("38.00")
    for path in six.rglob("*.parquet"):
        assert "c" * 12 not in repr(pq.read_table(path).to_pylist()), path


def test_what_is_left_of_a_part_keeps_its_rows(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "filled") as store:
        store.add(outcome("/in/a.pdf", doc="a" * 12))
        store.add(outcome("/in/b.pdf", doc="b" * 12, lines=[]))
    before = {one["source_uri"]: one for one in read_outcomes(out)}
    forget(out, "b" * 12)
    assert list(read_outcomes(out)) == [before["/in/a.pdf"]]


def test_what_another_schema_read_at_the_path_since_then_stays(schema: Schema, out: Path, outcome: Make) -> None:
    """A file was read under two schemas, rewritten, and read again under one of them."""
    note = parse_schema({"type": "object", "properties": {"text": {"type": "string"}}}, "note")
    with Store.open(out, note, "one") as store:
        text = replace(outcome("/in/a.pdf", doc="a" * 12).records[0], value={"text": "old"}, fields=(), violations=())
        store.add(replace(outcome("/in/a.pdf", doc="a" * 12), schema="note", records=(text,)))
    filled(out, schema, outcome, "bc")
    with Store.open(out, schema, "two") as store:
        store.add(outcome("/in/a.pdf", doc="d" * 12, total="4.00"))
    forget(out, "a" * 12)
    assert totals(out) == {"/in/a.pdf": Decimal(4), "/in/b.pdf": Decimal(2), "/in/c.pdf": Decimal(3)}
    assert read_table(out, "note").num_rows == 0


def test_a_document_is_forgotten_by_its_path_and_by_the_beginning_of_its_id(six: Path) -> None:
    assert forget(six, "/in/a.pdf").doc_ids == ("a" * 12,)
    assert forget(six, "b" * 8).sources == ("/in/b.pdf",)
    with pytest.raises(PathNotFound):
        forget(six, "ccc")
    with pytest.raises(PathNotFound):
        forget(six, "/in/a.pdf")
    assert sorted(totals(six)) == [f"/in/{name}.pdf" for name in "cdef"]


def test_a_beginning_that_fits_two_documents_forgets_none(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "filled") as store:
        store.add(outcome("/in/a.pdf", doc="0123456789a"))
        store.add(outcome("/in/b.pdf", doc="0123456789b"))
    with pytest.raises(StoreError, match="2 documents"):
        forget(out, "0123456789")
    assert len(totals(out)) == 2


def test_a_document_that_only_retired_parts_remember_is_forgotten_too(schema: Schema, out: Path, outcome: Make) -> None:
    filled(out, schema, outcome, "ab")
    with Store.open(out, schema, "again") as store:
        store.remove("/in/a.pdf")
    assert list((out / "_old").glob("*/*.parquet"))
    assert forget(out, "a" * 12).swept.parts > 0
    assert not list((out / "_old").glob("*/*.parquet"))


def test_the_last_document_leaves_empty_tables(schema: Schema, out: Path, outcome: Make) -> None:
    filled(out, schema, outcome, "a")
    columns = read_table(out, "bill").column_names
    forget(out, "a" * 12)
    assert read_table(out, "bill").num_rows == 0
    assert read_table(out, "bill").column_names == columns
    assert list(read_outcomes(out)) == []


def test_only_what_is_old_enough_is_swept(six: Path) -> None:
    compact(six)
    retired = list((six / "_old").glob("*/*.parquet"))
    assert gc(six, older_than_s=3_600).parts == 0
    swept = gc(six, older_than_s=0)
    assert swept.parts == len(retired) > 0
    assert swept.size_bytes > 0
    assert len(totals(six)) == 6


def test_an_output_in_use_and_somebodys_folder_are_left_alone(
    schema: Schema, out: Path, outcome: Make, tmp_path: Path
) -> None:
    filled(out, schema, outcome, "a")
    with Store.open(out, schema, "busy"):
        for tend in (lambda: compact(out), lambda: gc(out, 0), lambda: forget(out, "a" * 12)):
            with pytest.raises(OutputLocked):
                tend()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(OutputConflict):
        gc(tmp_path / "mine", 0)
    with pytest.raises(PathNotFound):
        compact(tmp_path / "nowhere")


class Killed(BaseException):
    """As if the process had ended here."""


@pytest.mark.slow
@pytest.mark.parametrize("nth", range(1, 12))
@pytest.mark.parametrize("what", ["compact", "forget"])
def test_a_killed_upkeep_is_there_or_not(schema: Schema, six: Path, outcome: Make, what: str, nth: int) -> None:
    left = nth

    def step(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed

    try:
        if what == "compact":
            compact(six, step=step)
        else:
            forget(six, "c" * 12, step=step)
    except Killed:
        pass
    whole = sum(totals(six).values())
    assert whole in ((21, 18) if what == "forget" else (21,))
    with Store.open(six, schema, "next") as store:
        store.add(outcome("/in/z.pdf", total="100.00"))
    assert sum(totals(six).values()) in (whole + 100, 118 if what == "forget" else None)
    for table in tables(six):
        plain = ds.dataset(six / table, format="parquet").to_table()
        assert plain.num_rows == read_table(six, table).num_rows, table
