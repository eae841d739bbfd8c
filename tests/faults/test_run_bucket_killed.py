"""Runs from a bucket into a bucket are killed, met by a second one and cut off; nothing is lost, nothing doubled."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

import obstore
import pymupdf
import pytest

from docpipe.store.current import NAME
from docpipe.store.lease import LEASE
from docpipe.store.read import read_outcomes, read_table
from tests.bucket import Wire, environment, make_bucket, s3_server, speaking_to
from tests.waiting import killed_at_last, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_200)]
DOCUMENTS = 80
KILLS = 10
IN_COMMIT = 3
EXPIRY_S = 5
SOME = 24  # of the documents
TABLES = ("sources", "invoice", "invoice_line_items", "evidence", "pages", "replies")


@dataclass(frozen=True)
class Bucket:
    """A bucket with bills below in/, and how the server that has it is reached."""

    address: tuple[str, int]
    url: str

    def start(self, out: str, *flags: str, through: Wire | None = None) -> subprocess.Popen[str]:
        """`docpipe run` from in/, as a user starts it."""
        command = [
            sys.executable, "-m", "docpipe", "run", f"{self.url}/in", "--schema", "invoice", "--engine", "layout",
            "--workers", "0", "--out", out, "--quiet", "--set", "running.commit_documents=4",
            "--set", f"running.lease_expiry_s={EXPIRY_S}", "--set", "render.ocr=false", *flags,
        ]  # fmt: skip
        host, port = (through.host, through.port) if through else self.address
        surroundings = {**os.environ, **environment(host, port)}
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=surroundings
        )  # fmt: skip

    def finish(self, out: str, *flags: str, through: Wire | None = None) -> tuple[int, str, str]:
        """(exit code, stdout, stderr) of a whole run."""
        with killed_at_last(self.start(out, *flags, through=through)) as process:
            stdout, stderr = process.communicate()
        return process.returncode, stdout, stderr


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    """Small bills that differ in every amount."""
    with s3_server() as address, speaking_to(*address):
        url = make_bucket(*address, "bills-of-killed-runs")
        store = obstore.store.from_url(url)
        for number in range(DOCUMENTS):
            obstore.put(store, f"in/{number:03}.pdf", bill(number))
        yield Bucket(address, url)


def bill(number: int) -> bytes:
    first, second = Decimal(number + 100) / 4, Decimal(7 * number + 300) / 4
    lines = ["Description", "Paper", "Ink"], ["Quantity", "1", "1"], ["Amount", f"{first:.2f}", f"{second:.2f}"]
    with pymupdf.open() as document:
        page = document.new_page(width=300, height=300)
        page.insert_text((20, 30), f"Invoice number: B-{number:04}")
        for column, texts in enumerate(lines):
            for row, text in enumerate(texts):
                page.insert_text((20 + 100 * column, 80 + 20 * row), text)
        page.insert_text((20, 200), f"Total: {first + second:.2f} EUR")
        return bytes(document.tobytes())


@pytest.fixture(scope="module")
def undisturbed(bucket: Bucket) -> str:
    """The output of a run that nothing happened to."""
    out = f"{bucket.url}/undisturbed"
    code, _, stderr = bucket.finish(out)
    assert code == 0, stderr
    return out


def in_commit(out: str) -> bool:
    """Whether a part is in its table that current.json does not know: puts have begun and are not over."""
    store = obstore.store.from_url(out)
    try:
        live = json.loads(bytes(obstore.get(store, NAME).bytes()))["tables"]
    except FileNotFoundError:
        return False
    names = [one["path"].split("/") for batch in obstore.list(store) for one in batch]
    return any(name[-1] not in live.get(name[0], ()) for name in names if len(name) == 2 and name[0] in TABLES)


def holds(out: str, process: subprocess.Popen[str]) -> bool:
    try:
        holder = json.loads(bytes(obstore.get(obstore.store.from_url(out), LEASE).bytes()))
    except FileNotFoundError:
        return False
    return bool(holder["pid"] == process.pid)


def wait_until_it_writes(out: str, process: subprocess.Popen[str]) -> None:
    wait_until(lambda: holds(out, process), process)


def sources(out: str) -> Counter[str]:
    if not obstore.store.from_url(out).list_with_delimiter()["objects"]:
        return Counter()
    return Counter(one["source_uri"] for one in read_outcomes(out))


def sums(out: str) -> tuple[Decimal, Decimal]:
    totals = read_table(out, "invoice")["total"].to_pylist()
    amounts = read_table(out, "invoice_line_items")["amount"].to_pylist()
    return sum(filter(None, totals), Decimal()), sum(filter(None, amounts), Decimal())


def assert_whole(out: str, undisturbed: str) -> None:
    """Each source once, each child row with its record, and the sums of the run that nothing happened to."""
    assert sources(out) == sources(undisturbed)
    assert len(sources(out)) == DOCUMENTS
    records = read_table(out, "invoice")["_record_id"].to_pylist()
    assert len(records) == len(set(records)) == DOCUMENTS
    assert set(read_table(out, "invoice_line_items")["_record_id"].to_pylist()) <= set(records)
    for table in ("invoice_line_items", "evidence", "pages"):
        assert read_table(out, table).num_rows == read_table(undisturbed, table).num_rows, table
    assert sums(out) == sums(undisturbed)
    assert sums(out)[0] > 0


def kill(process: subprocess.Popen[str], out: str, delay_s: float, *, while_committing: bool) -> bool | None:
    """Kill a run that writes after a time, or in the next commit then; whether it was in one, None if it has ended."""
    ends = time.monotonic() + delay_s
    while process.poll() is None and (time.monotonic() < ends or (while_committing and not in_commit(out))):
        time.sleep(0 if while_committing else 0.01)
    ended = process.poll() is not None
    process.kill()
    process.communicate()
    return None if ended else in_commit(out)


def test_ten_kills_of_a_run_into_a_bucket_lose_nothing_and_double_nothing(bucket: Bucket, undisturbed: str) -> None:
    chance = random.Random(7)
    out = f"{bucket.url}/killed"
    kills = caught = lost = doubled = restarts = 0
    before: Counter[str] = Counter()
    while kills < KILLS:
        process = bucket.start(out)
        wait_until_it_writes(out, process)
        in_mid = kill(process, out, chance.uniform(0.0, 0.8), while_committing=kills % 2 == 1)
        if in_mid is None:  # the machine was too fast: begin again elsewhere
            assert_whole(out, undisturbed)
            out, before, restarts = f"{bucket.url}/killed-{restarts}", Counter(), restarts + 1
            continue
        kills, caught = kills + 1, caught + in_mid
        after = sources(out)
        lost += len(before - after)
        doubled += sum(count - 1 for count in after.values())
        before = after
        time.sleep(EXPIRY_S)
    code, _, stderr = bucket.finish(out)
    assert code == 0, stderr
    print(f"\nkills {KILLS}, in a commit {caught}, lost {lost}, doubled {doubled}, begun again {restarts} times")
    assert_whole(out, undisturbed)
    assert (lost, doubled) == (0, 0)
    assert caught >= IN_COMMIT


def test_a_second_run_into_a_bucket_exits_4_and_says_who_holds_it_since_when(bucket: Bucket) -> None:
    out = f"{bucket.url}/held"
    with killed_at_last(bucket.start(out)) as first:
        wait_until_it_writes(out, first)
        code, stdout, stderr = bucket.finish(out)
    assert (code, stdout) == (4, "")
    assert "OUTPUT_LOCKED" in stderr
    assert f"process {first.pid} on " in stderr
    assert "since 20" in stderr


@pytest.fixture
def wire(bucket: Bucket) -> Iterator[Wire]:
    wire = Wire(*bucket.address)
    yield wire
    wire.close()


@pytest.mark.parametrize("cut_after", [20_000, 60_000, 150_000])
def test_a_run_whose_connection_drops_once_asks_again_and_finishes(
    bucket: Bucket, wire: Wire, undisturbed: str, cut_after: int
) -> None:
    out = f"{bucket.url}/once-{cut_after}"
    wire.once, wire.cut_after = True, cut_after
    code, _, stderr = bucket.finish(out, "--limit", str(SOME), through=wire)
    assert (code, wire.cut_after) == (0, None), stderr
    assert_as_far(out, undisturbed)


@pytest.mark.parametrize("cut_after", [3_000, 40_000, 90_000])
def test_a_run_whose_connection_stays_away_ends_with_a_reason_and_the_next_one_finishes(
    bucket: Bucket, wire: Wire, undisturbed: str, cut_after: int
) -> None:
    out = f"{bucket.url}/cut-{cut_after}"
    wire.cut_after = cut_after
    code, _, stderr = bucket.finish(out, "--limit", str(SOME), through=wire)
    assert code in (2, 4)
    assert stderr.startswith("docpipe: "), stderr
    assert "Traceback" not in stderr
    time.sleep(EXPIRY_S)
    code, _, stderr = bucket.finish(out, "--limit", str(SOME))
    assert code == 0, stderr
    assert_as_far(out, undisturbed)


def assert_as_far(out: str, undisturbed: str) -> None:
    """The first sources, each once, each with the total that it has where nothing happened."""
    expected = {one["source_uri"]: one["record"]["total"] for one in read_outcomes(undisturbed)}
    found = [(one["source_uri"], one["record"]["total"]) for one in read_outcomes(out)]
    assert len(found) == SOME
    assert dict(found).items() <= expected.items()
    assert len(dict(found)) == read_table(out, "invoice").num_rows == SOME
