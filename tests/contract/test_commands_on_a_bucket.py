"""Every command that takes an output takes one in a bucket: as a user runs it, against a server on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import obstore
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from docpipe.store.current import load_current
from docpipe.store.read import read_outcomes, read_table
from tests.bucket import environment, make_bucket, s3_server, speaking_to

pytestmark = pytest.mark.slow
DOCUMENTS = 6

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    with s3_server() as address, speaking_to(*address):
        yield address


@pytest.fixture(scope="module")
def url(server: tuple[str, int]) -> str:
    return make_bucket(*server, "bills-for-commands")


@pytest.fixture
def docpipe(server: tuple[str, int], tmp_path: Path) -> Command:
    """Runs `docpipe` in an empty folder, its temporary one within; what it returns has ended well."""
    return lambda *arguments: command(server, tmp_path, *arguments)


def command(server: tuple[str, int], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "tmp").mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "docpipe", *arguments],
        capture_output=True, text=True, check=False, cwd=folder,
        env={**os.environ, **environment(*server), "TMPDIR": str(folder / "tmp")},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert not list((folder / "tmp").iterdir()), "what was written on the way is gone"
    return done


@pytest.fixture(scope="module")
def finished(server: tuple[str, int], url: str, invoices: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An output of several commits, from documents in the same bucket; for reading alone."""
    store = obstore.store.from_url(url)
    for path in set(invoices.iterdir()) - {invoices / "labels.jsonl"}:
        obstore.put(store, f"in/{path.name}", path)
    out = f"{url}/finished"
    command(
        server, tmp_path_factory.mktemp("run"), "run", f"{url}/in", "--schema", "invoice", "--engine", "layout",
        "--workers", "0", "--out", out, "--set", "running.commit_documents=2",
    )  # fmt: skip
    assert len(list(read_outcomes(out))) == DOCUMENTS
    return out


@pytest.fixture
def out(url: str, finished: str, request: pytest.FixtureRequest) -> str:
    """A copy of the finished output, to do with as one likes."""
    name = f"copy-{abs(hash(request.node.name))}"
    store = obstore.store.from_url(url)
    for batch in obstore.list(store, "finished/"):
        for one in batch:
            obstore.copy(store, one["path"], one["path"].replace("finished", name, 1))
    return f"{url}/{name}"


def total(out: str) -> Decimal:
    return sum(filter(None, read_table(out, "invoice")["total"].to_pylist()), Decimal())


def totals_of_duckdb(path: Path) -> Any:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("SELECT count(*), sum(total) FROM invoice").fetchall()[0]


def totals_of_csv(path: Path) -> Any:
    query = f"SELECT count(*), sum(total::DECIMAL(18, 2)) FROM '{path}/invoice.csv'"
    return duckdb.execute(query).fetchall()[0]  # all of it: what is left unread blocks the connection that tests share


def totals_of_xlsx(path: Path) -> Any:
    import openpyxl

    with contextlib.closing(openpyxl.load_workbook(path, read_only=True)) as book:
        rows = list(book["invoice"].iter_rows(values_only=True))
    column = rows[0].index("total")
    return len(rows) - 1, sum(Decimal(str(row[column])) for row in rows[1:] if row[column] is not None)


def totals_of_jsonl(path: Path) -> Any:
    records = [json.loads(line)["record"] for line in path.read_text().splitlines()]
    return len(records), sum(Decimal(str(one["total"])) for one in records if one["total"] is not None)


def totals_of_delta(path: Path) -> Any:
    return summed(DeltaTable(path / "invoice").to_pyarrow_table()["total"].to_pylist())


def totals_of_parquet(path: Path) -> Any:
    return summed(ds.dataset(path / "invoice", format="parquet").to_table()["total"].to_pylist())


def summed(totals: list[Any]) -> tuple[int, Decimal]:
    return len(totals), sum(filter(None, totals), Decimal())


FORMS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "duckdb": ("finished.duckdb", totals_of_duckdb),
    "csv": ("finished-csv", totals_of_csv),
    "xlsx": ("finished.xlsx", totals_of_xlsx),
    "jsonl": ("finished.jsonl", totals_of_jsonl),
    "delta": ("finished-delta", totals_of_delta),
    "parquet": ("finished-parquet", totals_of_parquet),
}


@pytest.mark.parametrize("form", FORMS)
def test_an_export_lies_in_the_working_folder_and_sums_to_the_same(
    docpipe: Command, finished: str, tmp_path: Path, form: str
) -> None:
    name, totals = FORMS[form]
    told = json.loads(docpipe("export", finished, "--to", form, "--json").stdout)
    assert told["rows"]["invoice"] == DOCUMENTS
    assert totals(tmp_path / name) == (DOCUMENTS, total(finished))


def test_compact_leaves_one_part_a_table_and_the_same_rows(docpipe: Command, out: str) -> None:
    before, rows = total(out), len(list(read_outcomes(out)))
    told = json.loads(docpipe("compact", out, "--json").stdout)
    assert told["before"]["sources"] > 1
    assert set(told["after"].values()) == {1}
    assert (total(out), len(list(read_outcomes(out)))) == (before, rows)


def test_gc_deletes_what_was_replaced_once_it_is_old_enough(docpipe: Command, out: str) -> None:
    docpipe("compact", out)
    assert json.loads(docpipe("gc", out, "--older-than", "1d", "--json").stdout)["parts"] == 0
    assert json.loads(docpipe("gc", out, "--older-than", "0s", "--json").stdout)["parts"] > 0
    store = obstore.store.from_url(out)
    names = [one["path"] for batch in obstore.list(store) for one in batch]
    assert not [name for name in names if name.startswith("_old/")]
    live = {f"{table}/{part}" for table, parts in load_current(out).parts.items() for part in parts}
    assert {name for name in names if name.endswith(".parquet")} == live
    assert len(list(read_outcomes(out))) == DOCUMENTS


@pytest.mark.parametrize("named", ["by its uri", "by its doc_id"])
def test_forget_erases_a_document_and_what_was_said_of_it(docpipe: Command, out: str, named: str) -> None:
    first = next(read_outcomes(out))
    docpipe("forget", out, first["source_uri"] if named == "by its uri" else first["doc_id"][:12])
    assert first["source_uri"] not in {one["source_uri"] for one in read_outcomes(out)}
    assert len(list(read_outcomes(out))) == DOCUMENTS - 1
    store = obstore.store.from_url(out)
    for batch in obstore.list(store):
        for one in batch:
            if one["path"].endswith(".parquet"):
                rows = pq.read_table(pa.BufferReader(bytes(obstore.get(store, one["path"]).bytes())))
                assert first["doc_id"] not in str(rows.to_pylist()), one["path"]


@pytest.mark.parametrize("as_json", [False, True])
def test_show_tells_of_every_source(docpipe: Command, finished: str, as_json: bool) -> None:
    shown = docpipe("show", finished, *["--json"][:as_json]).stdout
    if as_json:
        assert {json.loads(line)["source_uri"] for line in shown.splitlines()} == {
            one["source_uri"] for one in read_outcomes(finished)
        }
    else:
        for status, count in Counter(one["status"] for one in read_outcomes(finished)).items():
            assert re.search(rf"{status} +\W +{count} ", shown)


def test_eval_measures_it_against_labels_and_shows_its_pages(
    docpipe: Command, finished: str, invoices: Path, tmp_path: Path
) -> None:
    labels = str(invoices / "labels.jsonl")
    told = json.loads(docpipe("eval", finished, "--truth", labels, "--html", "report.html", "--json").stdout)
    assert told["documents"]["labelled"] == DOCUMENTS
    assert told["documents"]["missing"] == 0
    assert told["overall"]["micro"]["f1"] > 0.5
    assert "data:image/png" in (tmp_path / "report.html").read_text()


def test_extract_reads_an_object(docpipe: Command, url: str, finished: str) -> None:
    first = next(one for one in read_outcomes(finished) if one["status"] != "failed")
    told = json.loads(docpipe("extract", first["source_uri"], "--schema", "invoice", "--engine", "layout").stdout)
    assert told["record"]["total"] is not None
    assert Decimal(str(told["record"]["total"])) == first["record"]["total"]


def test_a_rerun_asks_nothing_and_prune_removes_what_is_gone(docpipe: Command, url: str, out: str) -> None:
    flags = ["--schema", "invoice", "--engine", "layout", "--workers", "0", "--out", out, "--json"]
    store, before = obstore.store.from_url(url), total(out)
    again = json.loads(docpipe("run", f"{url}/in", *flags).stdout)
    assert again["already_done"] == DOCUMENTS
    for number, one in enumerate(read_outcomes(out)):
        path = one["source_uri"].removeprefix(f"{url}/")
        if number:
            obstore.copy(store, path, path.replace("in/", "less/", 1))
    moved = json.loads(docpipe("run", f"{url}/less", *flags).stdout)
    assert (moved["linked"], moved["already_done"]) == (DOCUMENTS - 1, 0)
    assert total(out) == before
    obstore.delete(store, path.replace("in/", "less/", 1))
    pruned = json.loads(docpipe("run", f"{url}/less", *flags, "--prune").stdout)
    assert (pruned["pruned"], pruned["already_done"]) == (1, DOCUMENTS - 2)
