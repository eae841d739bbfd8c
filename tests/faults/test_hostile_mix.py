"""A thousand inputs, most of them bad: each ends in one row with the code that its kind deserves."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pyarrow.parquet as pq
import pytest

from docpipe.store.current import load_current
from docpipe.store.ledger import LedgerRow, read_ledger
from tests.faults.hostile import KINDS, LISTENER, MANIFEST, READ, Placed, place
from tests.faults.hostile.pdfs import KNOWN_PASSWORD, MAX_PAGES
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
SEED = 2_026
LIMITS = {
    "limits.page_timeout_s": 2,
    "limits.max_pages": MAX_PAGES,
    "render.ocr": False,
    "running.commit_documents": 200,
}


def docpipe(folder: Path, *options: str) -> dict[str, Any]:
    """The summary of `docpipe run`, which must end with exit code 3 and leave no process behind."""
    passwords = folder.parent / "passwords.txt"
    passwords.write_bytes(f"\ufeffwrong\r\n\r\n{KNOWN_PASSWORD}\r\n".encode())
    command = [sys.executable, "-m", "docpipe", "run", str(folder), "--schema", "invoice", "--engine", "layout"]
    command += [
        "--manifest",
        str(folder / MANIFEST),
        "--out",
        str(folder.parent / "out"),
        "--json",
        "--quiet",
        "--password-file",
        str(passwords),
    ]
    command += [part for name, value in LIMITS.items() for part in ("--set", f"{name}={value}")]
    before = descendants()
    done = subprocess.run([*command, *options], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 3, done.stderr[-2_000:]
    assert descendants() <= before
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def descendants() -> set[int]:
    """Processes of docpipe on this machine that this one started, or that nobody owns any more."""
    ours = {child.pid for child in psutil.Process().children(recursive=True)}
    orphans = {one.pid for one in psutil.process_iter(["ppid", "cmdline"]) if one.info["ppid"] == 1 and _is_ours(one)}
    return ours | orphans


def _is_ours(process: psutil.Process) -> bool:
    return any("docpipe.render" in part for part in process.info["cmdline"] or ())


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    parts = load_current(out).parts.get(table, ())
    return [row for name in parts for row in pq.read_table(out / table / name).to_pylist()]


def compare(summary: dict[str, Any], ledger: dict[str, LedgerRow], placed: Placed) -> None:
    """The exact code of every source, and the exact counts."""
    found = {uri: row.failure_code or READ for uri, row in ledger.items()}
    assert sorted(found) == sorted(placed.codes)
    wrong = Counter((placed.kinds[uri], code, found[uri]) for uri, code in placed.codes.items() if code != found[uri])
    assert not wrong, f"(kind, expected, found): {dict(wrong)}"
    assert summary["failures"] == Counter(code for code in placed.codes.values() if code != READ)
    assert summary["inputs"] == len(placed.codes) == sum(summary["outcomes"].values())
    assert summary["outcomes"]["failed"] == sum(summary["failures"].values())
    assert all(row.failure_message and row.failure_remedy for row in ledger.values() if row.failure_code)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_thousand_inputs_end_in_a_thousand_rows_with_the_codes_they_deserve(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    placed = place(folder, KINDS, 1_000, SEED)
    kinds = Counter(placed.kinds.values())
    assert len(kinds) >= 25
    assert min(kinds.values()) >= 10
    with listening() as connections:
        summary = docpipe(folder, "--workers", "0")
    ledger = read_ledger(tmp_path / "out", "invoice")
    compare(summary, ledger, placed)
    assert connections == []
    _check_pages(rows(tmp_path / "out", "pages"), ledger, placed)


def _check_pages(pages: list[dict[str, Any]], ledger: dict[str, LedgerRow], placed: Placed) -> None:
    """One row a page, in order; the notes that a kind must leave are there."""
    by_document: dict[str, list[dict[str, Any]]] = {}
    for row in pages:
        by_document.setdefault(row["_extraction_id"], []).append(row)
    for uri, source in ledger.items():
        found = by_document.get(source.extraction_id, [])
        assert [row["page"] for row in found] == list(range(1, source.pages + 1)), uri
        if placed.codes[uri] == READ:
            assert found, uri
    notes = {kind.name: kind.note for kind in KINDS if kind.note}
    missing = Counter(
        placed.kinds[uri]
        for uri, source in ledger.items()
        if (note := notes.get(placed.kinds[uri]))
        and not any(note in said for row in by_document[source.extraction_id] for said in row["notes"])
        and not any(note in said for said in source.notes)
    )
    assert not missing


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_same_under_ray(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    hangs = [replace(kind, share=3) for kind in KINDS if kind.name == "hang"]  # each keeps a worker for its whole time
    placed = place(folder, [*(kind for kind in KINDS if kind.share is None), *hangs], 210, SEED + 1)
    assert set(placed.kinds.values()) > {kind.name for kind in KINDS if kind.share is None}
    summary = docpipe(folder, "--workers", "2")
    compare(summary, read_ledger(tmp_path / "out", "invoice"), placed)


@contextmanager
def listening() -> Iterator[list[str]]:
    """Who connects to the address that the documents name; nobody must."""
    host, port = LISTENER.split(":")
    connections: list[str] = []
    with socket.create_server((host, int(port))) as server:

        def accept() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                connections.append(str(address))
                connection.close()

        threading.Thread(target=accept, daemon=True).start()
        yield connections
        server.shutdown(socket.SHUT_RDWR)


def test_the_listener_would_notice() -> None:
    with listening() as connections:
        host, port = LISTENER.split(":")
        socket.create_connection((host, int(port))).close()
        wait_until(lambda: connections)
    assert len(connections) == 1


def test_the_mix_is_the_same_every_time(tmp_path: Path) -> None:
    mixes = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "in").mkdir()
        placed = place(tmp_path / name / "in", [kind for kind in KINDS if kind.share is None], 300, SEED)
        mixes.append({uri.replace(f"{tmp_path}/{name}", ""): code for uri, code in placed.codes.items()})
    assert mixes[0] == mixes[1]
    assert len(mixes[0]) == 300


def kinds_that_chance_makes() -> list[Any]:
    """Those with a gigabyte to pack are slow."""
    marks = {"text-bomb": pytest.mark.slow}
    found = [kind for kind in KINDS if "password" not in kind.name]
    return [pytest.param(kind, id=kind.name, marks=marks.get(kind.name, ())) for kind in found]


@pytest.mark.parametrize("kind", kinds_that_chance_makes())
def test_a_kinds_inputs_differ(kind: Any) -> None:
    if kind.name not in ("empty", "owner-only", "locked", "broken-lock"):
        assert kind.content(1) == kind.content(1) != kind.content(2)
