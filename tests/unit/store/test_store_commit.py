"""One row a source, one extraction a document, whatever order outcomes come in."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from docpipe.errors import OutputConflict, OutputLocked, OutputUnwritable, StoreError, UsageError
from docpipe.records import Outcome, Source
from docpipe.schema.nodes import Schema
from docpipe.store.commit import Store
from docpipe.store.ledger import read_ledger
from docpipe.store.read import read_outcomes, read_table, tables

Make = Callable[..., Outcome]


def totals(out: Path) -> dict[str, Decimal | None]:
    return {one["source_uri"]: one["record"] and one["record"]["total"] for one in read_outcomes(out)}


def check_whole(out: Path) -> None:
    """Every row of every table belongs to an extraction that a source holds; no record comes twice."""
    sources = read_table(out, "sources").to_pylist()
    assert len({(row["source_uri"], row["schema"]) for row in sources}) == len(sources)
    held = {row["_extraction_id"] for row in sources}
    records = read_table(out, "bill").to_pylist()
    assert len({row["_record_id"] for row in records}) == len(records)
    for name in set(tables(out)) - {"sources"}:
        assert set(read_table(out, name)["_extraction_id"].to_pylist()) <= held
    uris = {(row["source_uri"], row["_extraction_id"]) for row in sources}
    assert {(row["_source_uri"], row["_extraction_id"]) for row in records} <= uris
    with_record = {row["_extraction_id"] for row in sources if row["status"] != "failed"}
    assert {row["_extraction_id"] for row in records} == with_record
    for name in ("evidence", "bill_lines", "pages", "replies"):
        counted = read_table(out, name)["_extraction_id"].to_pylist()
        assert all(counted.count(one) == 1 for one in with_record), name


def test_every_source_has_one_row_and_failures_say_why(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "run") as store:
        store.add(outcome("a.pdf"))
        store.add(outcome("b.pdf", None, status="failed"))
        store.add(outcome("c.pdf", status="needs_review"))
        assert store.pending == 3
        store.commit()
        assert store.pending == 0
    rows = {row["source_uri"]: row for row in read_table(out, "sources").to_pylist()}
    assert {uri: row["status"] for uri, row in rows.items()} == {
        "a.pdf": "ok",
        "b.pdf": "failed",
        "c.pdf": "needs_review",
    }
    assert (rows["b.pdf"]["failure_code"], rows["b.pdf"]["doc_id"]) == ("CORRUPT", None)
    assert [one["failure"] for one in read_outcomes(out) if one["status"] == "failed"] == [
        {"code": "CORRUPT", "message": "cut off", "remedy": "fetch it again"}
    ]
    check_whole(out)


def test_every_table_is_there_even_if_all_documents_fail(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "run") as store:
        store.add(outcome("a.pdf", status="failed"))
    assert tables(out) == sorted(
        ["sources", "bill", "bill_lines", "bill_lines_taxes", "bill_bank_accounts", "evidence", "pages", "replies"]
    )
    assert read_table(out, "bill").num_rows == 0


def test_a_changed_source_replaces_its_record_and_nothing_else(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "one") as store:
        for name in "abc":
            store.add(outcome(name))
    with Store.open(out, schema, "two") as store:
        store.add(outcome("b", "new bytes", total="7.00"))
    assert totals(out) == {"a": Decimal("1.50"), "b": Decimal("7.00"), "c": Decimal("1.50")}
    check_whole(out)


def test_the_last_outcome_of_a_source_in_a_batch_counts(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "one") as store:
        store.add(outcome("a", status="failed"))
        store.add(outcome("a", total="2.00"))
        store.add(outcome("a", total="3.00"))
        assert store.pending == 1
    assert totals(out) == {"a": Decimal("3.00")}
    check_whole(out)


def test_a_record_that_fails_now_leaves_a_failure_and_no_rows(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "one") as store:
        store.add(outcome("a"))
    with Store.open(out, schema, "two") as store:
        store.add(outcome("a", status="failed"))
    assert totals(out) == {"a": None}
    assert read_table(out, "bill").num_rows == 0
    check_whole(out)


def test_the_same_bytes_at_two_paths_are_one_extraction(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "one") as store:
        store.add(outcome("a", "same"))
        store.commit()
        store.add(outcome("copy", "same"))
    assert totals(out) == {"a": Decimal("1.50"), "copy": Decimal("1.50")}
    assert read_table(out, "bill").num_rows == 1
    check_whole(out)


def test_a_new_extraction_of_shared_bytes_counts_for_every_path(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "one") as store:
        store.add(outcome("a", "same"))
        store.add(outcome("copy", "same"))
    with Store.open(out, schema, "two") as store:
        store.add(outcome("copy", "same", total="8.00", marks="m2"))
        assert store.ledger["a"].fingerprints == store.ledger["copy"].fingerprints
        assert store.ledger["a"].uri == "a"
    assert totals(out) == {"a": Decimal("8.00"), "copy": Decimal("8.00")}
    check_whole(out)


def test_a_path_that_is_gone_stays_flagged_when_its_bytes_are_read_anew_for_another(
    schema: Schema, out: Path, outcome: Make
) -> None:
    with Store.open(out, schema, "one") as store:
        store.add(outcome("a", "same"))
        store.add(outcome("copy", "same"))
        store.mark_vanished("a")
    with Store.open(out, schema, "two") as store:
        store.add(outcome("copy", "same", total="8.00", marks="m2"))
        assert (store.ledger["a"].vanished, store.ledger["copy"].vanished) == (True, False)
    assert totals(out) == {"a": Decimal("8.00"), "copy": Decimal("8.00")}
    check_whole(out)


@pytest.mark.parametrize("pending", [True, False], ids=["in one batch", "in two"])
def test_a_record_stays_while_another_path_holds_its_bytes(
    schema: Schema, out: Path, outcome: Make, pending: bool
) -> None:
    with Store.open(out, schema, "one") as store:
        store.add(outcome("a", "same"))
        store.add(outcome("copy", "same"))
        if not pending:
            store.commit()
        store.add(outcome("a", "other", total="2.00"))
    assert totals(out) == {"copy": Decimal("1.50"), "a": Decimal("2.00")}
    check_whole(out)
    with Store.open(out, schema, "two") as store:
        store.add(outcome("copy", "third", total="3.00"))
    assert totals(out) == {"a": Decimal("2.00"), "copy": Decimal("3.00")}
    check_whole(out)


def test_a_failure_of_one_path_does_not_touch_its_twin(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "one") as store:
        store.add(outcome("a", "same"))
        store.add(outcome("copy", "same"))
    with Store.open(out, schema, "two") as store:
        store.add(outcome("copy", "same", status="failed"))
    assert totals(out) == {"a": Decimal("1.50"), "copy": None}
    check_whole(out)


def test_a_copy_of_a_finished_document_is_linked_without_an_extraction(
    schema: Schema, out: Path, outcome: Make
) -> None:
    with Store.open(out, schema, "one") as store:
        store.add(outcome("a", "same"))
    with Store.open(out, schema, "two") as store:
        store.link(Source("copy", 10, 99, doc_id="same"), store.ledger["a"])
        store.link(Source("a", 10, 55, doc_id="same"), store.ledger["a"])
        stale = replace(store.ledger["a"], extraction_id="gone")
        with pytest.raises(StoreError, match="replaced"):
            store.link(Source("b"), stale)
    rows = read_ledger(out, "bill")
    assert (rows["a"].mtime_ns, rows["copy"].mtime_ns) == (55, 99)
    assert totals(out) == {"a": Decimal("1.50"), "copy": Decimal("1.50")}
    check_whole(out)


def test_vanished_sources_are_flagged_and_removed_ones_go(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "one") as store:
        for name in ("a", "b", "copy of b"):
            store.add(outcome(name, name[-1]))
        store.commit()
        store.mark_vanished("a")
        store.remove("b")
        with pytest.raises(StoreError, match="not in the ledger"):
            store.remove("b")
    assert totals(out) == {"a": Decimal("1.50"), "copy of b": Decimal("1.50")}
    assert read_ledger(out, "bill")["a"].vanished
    check_whole(out)
    with Store.open(out, schema, "two") as store:
        store.remove("a")
        store.remove("copy of b")
    assert read_ledger(out, "bill") == {}
    assert read_table(out, "bill").num_rows == 0
    with Store.open(out, schema, "three") as store:
        store.add(outcome("a"))
    check_whole(out)


def test_many_small_commits_and_replacements_keep_every_sum(schema: Schema, out: Path, outcome: Make) -> None:
    expected: dict[str, Decimal | None] = {}
    for run in range(4):
        with Store.open(out, schema, f"run{run}") as store:
            for index in range(run, 30, run + 1):
                total = Decimal(index * 10 + run).scaleb(-2)
                store.add(outcome(f"{index}", f"bytes {index} {run}", total=str(total)))
                expected[f"{index}"] = total
                if store.pending == 4:
                    store.commit()
    assert totals(out) == expected
    check_whole(out)


def test_a_run_can_replace_what_it_has_committed_itself(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "one") as store:
        for total in ("1.00", "2.00", "3.00"):
            store.add(outcome("a", total=total))
            store.add(outcome(f"beside {total}", total=total))
            store.commit()
            check_whole(out)
    assert totals(out)["a"] == Decimal("3.00")


def test_two_schemas_share_a_folder_without_touching_each_other(schema: Schema, out: Path, outcome: Make) -> None:
    other = replace(schema, name="slip")
    with Store.open(out, schema, "one") as store:
        store.add(outcome("a"))
    for total in ("2.00", "3.00"):
        with Store.open(out, other, f"run{total}") as store:
            store.add(replace(outcome("a", total=total), schema="slip"))
    assert [(one["schema"], one["record"]["total"]) for one in read_outcomes(out)] == [
        ("bill", Decimal("1.50")),
        ("slip", Decimal("3.00")),
    ]
    assert read_ledger(out, "bill")["a"].schema == "bill"
    assert read_ledger(out, "slip")["a"].schema == "slip"


def test_an_outcome_of_another_schema_is_refused(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "one") as store, pytest.raises(StoreError, match="slip"):
        store.add(replace(outcome("a"), schema="slip"))


def test_finish_commits_and_writes_the_summary(schema: Schema, out: Path, outcome: Make) -> None:
    with Store.open(out, schema, "one") as store:
        store.add(outcome("a"))
        store.finish({"inputs": 1, "seconds": Decimal("1.5")})
        assert store.pending == 0
    assert json.loads((out / "runs" / "one.json").read_text()) == {"inputs": 1, "seconds": "1.5"}


def test_leaving_with_an_exception_commits_nothing_more(schema: Schema, out: Path, outcome: Make) -> None:
    def interrupted() -> None:
        with Store.open(out, schema, "one") as store:
            store.add(outcome("a"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert read_ledger(out, "bill") == {}
    Store.open(out, schema, "two").close()


def test_a_second_writer_is_told_who_holds_the_output(schema: Schema, out: Path) -> None:
    with Store.open(out, schema, "first"):
        with pytest.raises(OutputLocked, match=r"run first \(process \d+ on .+\) since 20"):
            Store.open(out, schema, "second")
    Store.open(out, schema, "second").close()


def test_a_run_that_lost_its_lease_commits_nothing(schema: Schema, out: Path, outcome: Make) -> None:
    store = Store.open(out, schema, "suspended")
    store.add(outcome("a"))
    (out / "_lease.json").unlink()
    with Store.open(out, schema, "other"):
        with pytest.raises(OutputLocked, match="taken over by run other"):
            store.commit()
        store.close()
    assert read_ledger(out, "bill") == {}


def test_somebodys_folder_is_left_alone(schema: Schema, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputConflict, match="not a docpipe output"):
        Store.open(tmp_path, schema, "run")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    (tmp_path / "current.json").write_text('{"tables": {}}')
    with pytest.raises(OutputConflict, match="not written by docpipe"):
        Store.open(tmp_path, schema, "run")


def test_an_output_that_cannot_be_a_folder_is_unwritable(schema: Schema, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(OutputUnwritable):
            Store.open(path, schema, "run")


def test_a_run_id_that_is_no_file_name_is_refused(schema: Schema, out: Path) -> None:
    with pytest.raises(UsageError, match="run id"):
        Store.open(out, schema, "../run")
    assert not out.exists()


def test_part_names_are_never_used_again(schema: Schema, out: Path, outcome: Make) -> None:
    for total in ("1.00", "2.00", "3.00"):
        with Store.open(out, schema, "same") as store:
            store.add(outcome("a", total=total))
    names = [path.name for path in out.glob("**/bill/part-*")]
    assert len(set(names)) == len(names) >= 3
    assert totals(out) == {"a": Decimal("3.00")}
