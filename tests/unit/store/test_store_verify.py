"""`verify` finds every kind of damage; `repair` mends what is certain, and following its word heals the output."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from docpipe.errors import OutputConflict, StoreError
from docpipe.records import Outcome
from docpipe.schema.nodes import Schema
from docpipe.store.commit import Store
from docpipe.store.current import load_current
from docpipe.store.read import read_outcomes, read_table, tables
from docpipe.store.repair import repair
from docpipe.store.upkeep import compact, forget, gc
from docpipe.store.verify import verify
from tests.unit.store.conftest import make_outcome

Make = Callable[..., Outcome]
DATA = ["bill", "bill_lines", "evidence", "pages"]


@pytest.fixture(scope="module")
def finished(schema: Schema, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two commits of two sources each; b and c are of the first and the second. Not to be written to."""
    out = tmp_path_factory.mktemp("finished") / "out"
    with Store.open(out, schema, "one") as store:
        for name, total in (("a", "1.00"), ("b", "2.00")):
            store.add(make_outcome(name, total=total))
        store.commit()
        for name, total in (("c", "3.00"), ("d", "4.00")):
            store.add(make_outcome(name, total=total))
    return out


@pytest.fixture
def filled(finished: Path, out: Path) -> Path:
    """A copy of `finished`."""
    return shutil.copytree(finished, out)


def codes(out: Path) -> set[str]:
    return {finding.code for finding in verify(out).findings}


def totals(out: Path) -> dict[str, str | None]:
    return {
        one["source_uri"]: str(one["record"]["total"]) if one["record"] else one["failure"]["code"]
        for one in read_outcomes(out)
    }


def part(out: Path, table: str, nth: int = 0) -> Path:
    return out / table / load_current(out).parts[table][nth]


def read_again(out: Path, schema: Schema, make: Make) -> None:
    """As the next run does: what is not there, or PART_LOST, is read again."""
    with Store.open(out, schema, "again") as store:
        for name, total in (("a", "1.00"), ("b", "2.00"), ("c", "3.00"), ("d", "4.00")):
            if name not in store.ledger or store.ledger[name].status == "failed":
                store.add(make(name, total=total))


WHOLE = {"a": "1.00", "b": "2.00", "c": "3.00", "d": "4.00"}


def test_an_output_that_is_well_is_said_to_be(filled: Path, schema: Schema, outcome: Make) -> None:
    report = verify(filled)
    assert report.is_clean, report.findings
    assert report.rows["bill"] == 4
    assert report.parts["sources"] == 2
    with Store.open(filled, schema, "two") as store:
        store.add(outcome("a", doc="other", total="5.00", lines=[]))
        store.add(outcome("copy of b", doc="doc of b"))
        store.add(outcome("broken", status="failed"))
        store.remove("c")
    forget(filled, "d")
    compact(filled)
    gc(filled, 0)
    assert verify(filled).is_clean, verify(filled).findings


@pytest.mark.slow
@pytest.mark.parametrize("table", [*DATA, "sources", "replies"])
@pytest.mark.parametrize("damage", ["lost", "cut off", "empty", "flipped"])
def test_a_damaged_part_is_found_and_its_documents_are_read_again(
    filled: Path, schema: Schema, outcome: Make, table: str, damage: str
) -> None:
    path = part(filled, table)
    whole = path.read_bytes()
    if damage == "lost":
        path.unlink()
    else:
        flipped = whole[:100] + bytes(byte ^ 255 for byte in whole[100:140]) + whole[140:]
        path.write_bytes({"cut off": whole[:-20], "empty": b"", "flipped": flipped}[damage])
    assert "part_damaged" in codes(filled)
    if damage != "flipped":  # the cheap look of a run sees it, too
        with pytest.raises(StoreError, match=f"{path.name}.*"):
            Store.open(filled, schema, "two")
    done = repair(filled)
    assert any(path.name in sentence for sentence in done)
    assert verify(filled).is_clean, verify(filled).findings
    if damage != "lost":
        assert (filled / "_old" / table / path.name).exists(), "put aside, not deleted"
    if table in DATA:
        assert totals(filled) == {**WHOLE, "a": "PART_LOST", "b": "PART_LOST"}
        with Store.open(filled, schema, "looks") as store:
            assert store.replies(store.ledger["a"]), "the stored replies still stand"
    elif table == "sources":
        assert totals(filled) == {"c": "3.00", "d": "4.00"}
    read_again(filled, schema, outcome)
    assert totals(filled) == WHOLE
    assert verify(filled).is_clean, verify(filled).findings


def test_flipped_bytes_are_no_value(filled: Path) -> None:
    path = part(filled, "bill_lines")
    whole = path.read_bytes()
    path.write_bytes(whole[:20] + bytes(byte ^ 255 for byte in whole[20:60]) + whole[60:])
    with pytest.raises(StoreError, match="cannot be read"):
        read_table(filled, "bill_lines")


def test_a_retired_part_comes_back(filled: Path, schema: Schema) -> None:
    path = part(filled, "bill")
    (filled / "_old" / "bill").mkdir(parents=True)
    path.rename(filled / "_old" / "bill" / path.name)
    assert "part_retired" in codes(filled)
    with pytest.raises(StoreError, match="lies in _old/"):
        Store.open(filled, schema, "two")
    repair(filled)
    assert verify(filled).is_clean
    assert totals(filled) == WHOLE


def test_an_older_pointer_is_refused_in_words_and_written_anew(filled: Path, schema: Schema, outcome: Make) -> None:
    backup = (filled / "current.json").read_bytes()
    for run in ("two", "three"):
        with Store.open(filled, schema, run) as store:
            store.add(outcome("a", doc=run, total="7.00"))
            store.add(outcome(run, total="9.00"))
    after = totals(filled)
    (filled / "current.json").write_bytes(backup)
    for act in (lambda: Store.open(filled, schema, "four"), lambda: compact(filled), lambda: gc(filled, 0)):
        with pytest.raises(StoreError, match=r"is older than the parts"):
            act()
    assert "pointer_older" in codes(filled)
    repair(filled)
    assert totals(filled) == after
    assert verify(filled).is_clean, verify(filled).findings


@pytest.mark.parametrize("commits", [1, 2, 3])
@pytest.mark.parametrize("damage", ["lost", "empty", "other"])
def test_a_lost_pointer_is_written_anew_from_the_parts(
    filled: Path, schema: Schema, outcome: Make, commits: int, damage: str
) -> None:
    for number in range(commits):
        with Store.open(filled, schema, f"run-{number}") as store:
            store.add(outcome("a", doc=f"a{number}", total=f"{number}.50"))
            store.remove("bcd"[number])
    compact(filled)
    before = load_current(filled)
    if damage == "lost":
        (filled / "current.json").unlink()
    else:
        (filled / "current.json").write_text("" if damage == "empty" else '{"docpipe": 1, "tables": 5}')
    assert codes(filled) == {"pointer_damaged"}
    repair(filled)
    found = load_current(filled)
    assert {table: set(parts) for table, parts in found.parts.items() if parts} == {
        table: set(parts) for table, parts in before.parts.items() if parts
    }
    assert (found.output, found.number, found.stats) == (before.output, before.number, before.stats)
    assert verify(filled).is_clean, verify(filled).findings


def test_parts_of_another_output_are_refused_and_left_alone(
    filled: Path, schema: Schema, outcome: Make, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    with Store.open(other, schema, "other") as store:
        store.add(outcome("z", total="50.00"))
    for table in tables(other):
        for path in (other / table).iterdir():
            shutil.copy(path, filled / table)
    assert codes(filled) == {"part_foreign"}
    for act in (lambda: Store.open(filled, schema, "two"), lambda: compact(filled), lambda: repair(filled)):
        with pytest.raises(OutputConflict, match="not written for this output") as caught:
            act()
        assert "Move it out" in caught.value.what_to_do
    for table in tables(other):
        for path in (other / table).iterdir():
            (filled / table / path.name).unlink()
    Store.open(filled, schema, "two").close()
    assert totals(filled) == WHOLE
    assert verify(filled).is_clean


def test_a_copy_of_a_part_is_put_aside_and_somebodys_file_is_told(filled: Path, schema: Schema) -> None:
    path = part(filled, "sources")
    shutil.copy(path, path.with_name(f"{path.stem[:-7]}-copy-000009.parquet"))
    shutil.copy(path, path.with_name("mybackup.parquet"))
    assert codes(filled) == {"part_stray", "file_unknown"}
    Store.open(filled, schema, "two").close()
    assert codes(filled) == {"file_unknown"}
    assert (filled / "sources" / "mybackup.parquet").exists()
    assert len(list((filled / "_old" / "sources").glob("*-copy-000009.parquet"))) == 1
    assert totals(filled) == WHOLE


def test_names_in_a_pointer_lead_nowhere_else(filled: Path, tmp_path: Path) -> None:
    pointer = json.loads((filled / "current.json").read_text())
    del pointer["checksum"]
    for tables_of in (
        {**pointer["tables"], "bill": ["../../secret.parquet"]},
        {**pointer["tables"], "../victim": ["part-x-000001.parquet"]},
        {**pointer["tables"], "bill": pointer["tables"]["bill"] * 2},
    ):
        (filled / "current.json").write_text(json.dumps({**pointer, "tables": tables_of}))
        with pytest.raises(StoreError, match=r"current\.json cannot be read"):
            tables(filled)


@pytest.mark.parametrize("table", ["bill", "sources", "evidence"])
def test_a_pointer_that_somebody_edited_is_seen_and_written_anew(filled: Path, schema: Schema, table: str) -> None:
    pointer = json.loads((filled / "current.json").read_text())
    pointer["tables"][table] = pointer["tables"][table][:1]
    (filled / "current.json").write_text(json.dumps(pointer))
    for act in (lambda: Store.open(filled, schema, "two"), lambda: compact(filled), lambda: tables(filled)):
        with pytest.raises(StoreError, match="does not say what docpipe wrote"):
            act()
    assert codes(filled) == {"pointer_damaged"}
    repair(filled)
    assert totals(filled) == WHOLE
    assert verify(filled).is_clean, verify(filled).findings


def test_rows_that_do_not_fit_together_are_found(filled: Path) -> None:
    """As a docpipe with a defect might have left them: the files are as they were written."""

    def change(table: str, alter: Callable[[list[dict[str, object]]], object]) -> None:
        path = part(filled, table)
        found = pq.read_table(path, partitioning=None)
        rows = found.to_pylist(maps_as_pydicts=None)
        alter(rows)
        pq.write_table(type(found).from_pylist(rows, found.schema), path)

    change("bill", lambda rows: rows.pop())
    change("evidence", lambda rows: rows[0].update(path="lines[7].amount"))
    change("pages", lambda rows: rows.append(dict(rows[0])))
    pointer = json.loads((filled / "current.json").read_text())
    del pointer["checksum"]
    (filled / "current.json").write_text(json.dumps({**pointer, "files": {}}))
    assert codes(filled) == {"records_missing", "rows_orphaned", "evidence_nowhere", "rows_twice"}


def test_a_repair_that_was_killed_is_done_again(filled: Path, schema: Schema, outcome: Make) -> None:
    class Killed(BaseException): ...

    def killed_at(nth: int) -> Callable[[str], None]:
        steps = iter(range(1, 1_000))

        def step(_: str) -> None:
            if next(steps) == nth:
                raise Killed

        return step

    for nth in range(1, 20):
        copy = filled.with_name(f"copy-{nth}")
        shutil.copytree(filled, copy)
        part(copy, "bill").unlink()
        try:
            repair(copy, step=killed_at(nth))
        except Killed:
            repair(copy)
        else:
            break
        assert verify(copy).is_clean, (nth, verify(copy).findings)
        read_again(copy, schema, outcome)
        assert totals(copy) == WHOLE
    assert nth > 5


def test_two_schemas_share_an_output(filled: Path, schema: Schema, outcome: Make) -> None:
    with Store.open(filled, replace(schema, name="note"), "two") as store:
        store.add(replace(outcome("n"), schema="note"))
    assert verify(filled).is_clean, verify(filled).findings
    part(filled, "note").unlink()
    repair(filled)
    assert verify(filled).is_clean, verify(filled).findings
    assert totals(filled) == {**WHOLE, "n": "PART_LOST"}
