"""A run over 400 documents is killed 30 times, a third of them between the first rename of a commit and its last."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pyarrow.dataset as ds
import pymupdf
import pytest

from docpipe.store.current import load_current
from docpipe.store.read import read_outcomes, read_table

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
DOCUMENTS = 400
KILLS = 30
IN_COMMIT = 10
COMMIT_DOCUMENTS = 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small bills that differ in every amount."""
    found = tmp_path_factory.mktemp("bills")
    for number in range(DOCUMENTS):
        first, second = Decimal(number + 100) / 4, Decimal(7 * number + 300) / 4
        lines = ["Description", "Paper", "Ink"], ["Quantity", "1", "1"], ["Amount", f"{first:.2f}", f"{second:.2f}"]
        with pymupdf.open() as document:
            page = document.new_page(width=300, height=300)
            page.insert_text((20, 30), f"Invoice number: B-{number:04}")
            for column, texts in enumerate(lines):
                for row, text in enumerate(texts):
                    page.insert_text((20 + 100 * column, 80 + 20 * row), text)
            page.insert_text((20, 200), f"Total: {first + second:.2f} EUR")
            document.save(found / f"{number:03}.pdf")
    return found


def start(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "docpipe", "run", str(folder), "--schema", "invoice", "--engine", "layout",
        "--workers", "0", "--out", str(out),
        "--set", f"running.commit_documents={COMMIT_DOCUMENTS}", "--set", "render.ocr=false",
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def in_commit(out: Path) -> bool:
    """Whether a part is in its table that current.json does not know: renames have begun and are not over."""
    try:
        live = load_current(out).parts
    except Exception:  # noqa: BLE001  there is no output yet
        return False
    return any(path.name not in live.get(path.parent.name, ()) for path in out.glob("[!_]*/part-*.parquet"))


def kill(process: subprocess.Popen[bytes], out: Path, delay_s: float, *, while_committing: bool) -> bool | None:
    """Kill the run after a time, or in the next commit then; returns whether it was in one, None if it ended first."""
    ends = time.monotonic() + delay_s
    while process.poll() is None and (while_committing or time.monotonic() < ends):
        if while_committing and time.monotonic() > ends and in_commit(out):
            break
        time.sleep(0 if while_committing else 0.01)
    if process.poll() is not None:
        return None
    process.kill()
    process.wait()
    return in_commit(out)


def sums(out: Path) -> tuple[Decimal, Decimal]:
    amounts = read_table(out, "invoice_line_items")["amount"].to_pylist()
    totals = read_table(out, "invoice")["total"].to_pylist()
    return sum(filter(None, totals), Decimal()), sum(filter(None, amounts), Decimal())


def check(out: Path, folder: Path) -> int:
    """What is committed is whole: each source once, each child row with its record. Returns how many sources."""
    if not (out / "current.json").exists():
        return 0
    found = Counter(one["source_uri"] for one in read_outcomes(out))
    assert set(found) <= {str(path) for path in folder.iterdir()}
    assert set(found.values()) <= {1}, "doubled"
    if "invoice_line_items" in load_current(out).parts and load_current(out).parts["invoice"]:
        records = set(read_table(out, "invoice")["_record_id"].to_pylist())
        assert set(read_table(out, "invoice_line_items")["_record_id"].to_pylist()) <= records
        assert len(records) == len(found)
    return len(found)


def test_thirty_kills_lose_nothing_and_double_nothing(folder: Path, tmp_path: Path) -> None:
    chance = random.Random(2026)
    undisturbed, began = tmp_path / "undisturbed", time.monotonic()
    assert start(folder, undisturbed).wait() in (0, 3)
    whole_s = time.monotonic() - began
    kills = caught = lost = restarts = 0
    out = tmp_path / "out"
    while kills < KILLS:
        before = check(out, folder)  # while nobody writes: it reads one table after the other
        process = start(folder, out)
        in_mid = kill(process, out, whole_s * chance.uniform(0.1, 0.5), while_committing=kills % 2 == 0)
        if in_mid is None:  # the machine was too fast: begin again elsewhere
            assert check(out, folder) == DOCUMENTS
            assert sums(out) == sums(undisturbed)
            out, restarts = tmp_path / f"out-{restarts}", restarts + 1
            continue
        kills, caught = kills + 1, caught + in_mid
        lost += before - min(before, check(out, folder))
    assert start(folder, out).wait() in (0, 3)
    assert check(out, folder) == DOCUMENTS
    assert sums(out) == sums(undisturbed)
    assert sums(out)[0] > 0
    for table in ("sources", "invoice", "invoice_line_items", "evidence", "pages"):
        assert read_table(out, table).num_rows == read_table(undisturbed, table).num_rows
        assert ds.dataset(out / table, format="parquet").count_rows() == read_table(out, table).num_rows
    print(f"kills {kills}, in a commit {caught}, lost {lost}, doubled 0, begun again {restarts} times")
    assert lost == 0
    assert caught >= IN_COMMIT
