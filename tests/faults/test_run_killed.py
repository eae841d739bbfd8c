"""Real processes are killed in mid-run: nothing committed is lost, nothing is doubled, a rerun finishes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from docpipe.synth.invoice.make import make
from docpipe.synth.invoice.plan import plan

pytestmark = pytest.mark.slow
DOCUMENTS = 24


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Digital one-page invoices."""
    found = tmp_path_factory.mktemp("many")
    index = 0
    while len(list(found.iterdir())) < DOCUMENTS:
        if plan(index, 99).kind == "plain":
            (found / f"{index:03d}.pdf").write_bytes(make(index, 99).content)
        index += 1
    return found


@pytest.fixture
def start(folder: Path, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts `docpipe run` with an engine that takes 0.3 s a document and commits every four."""
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"answers": [{"total": 1.25}], "delay_s": 0.3, "needs": ["words"]}))
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable, "-m", "docpipe", "run", str(folder), "--schema", "invoice", "--out", str(tmp_path / "out"),
            "--engine", "scripted", "--model", str(script), "--set", "running.commit_documents=4", *arguments,
        ]  # fmt: skip
        heeded = signal.signal(signal.SIGINT, signal.default_int_handler)  # in a shell's background it is ignored
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
        signal.signal(signal.SIGINT, heeded)
        return started[-1]

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def committed(out: Path) -> int:
    """Sources that are committed, as another program sees it."""
    done = subprocess.run(
        [sys.executable, "-m", "docpipe", "show", str(out), "--json"], capture_output=True, check=False
    )
    return len(done.stdout.splitlines()) if done.returncode == 0 else 0


def has_committed(out: Path) -> bool:
    """A part of the ledger stands; told without a program whose start could outlast the run."""
    return any((out / "sources").glob("*.parquet"))


def wait_until(holds: Callable[[], Any], timeout_s: float = 90.0) -> None:
    ends = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.2)


def outcomes(out: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "docpipe", "show", str(out), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def assert_each_once(out: Path, folder: Path) -> None:
    found = outcomes(out)
    assert Counter(one["source_uri"] for one in found) == Counter(str(path) for path in folder.iterdir())
    assert sum(one["record"]["total"] for one in found) == 1.25 * DOCUMENTS


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_killed_run_is_finished_by_the_next(
    start: Callable[..., subprocess.Popen[bytes]], folder: Path, tmp_path: Path, workers: str
) -> None:
    out = tmp_path / "out"
    first = start("--workers", workers)
    wait_until(lambda: has_committed(out))
    below = psutil.Process(first.pid).children(recursive=True)
    first.kill()
    first.wait()
    before = committed(out)
    assert 4 <= before < DOCUMENTS
    _, alive = psutil.wait_procs(below, timeout=15)
    assert [process.cmdline()[:3] for process in alive if "docpipe" in " ".join(process.cmdline())] == []
    second = start("--workers", workers, "--json")
    printed, _ = second.communicate(timeout=120)
    assert second.returncode == 0
    summary = json.loads(printed)
    assert summary["already_done"] == before
    assert_each_once(out, folder)


@pytest.mark.parametrize(("workers", "how"), [("0", signal.SIGINT), ("2", signal.SIGTERM)])
def test_an_interrupted_run_commits_what_it_has_and_exits_4(
    start: Callable[..., subprocess.Popen[bytes]], folder: Path, tmp_path: Path, workers: str, how: signal.Signals
) -> None:
    first = start(
        "--workers", workers, "--set", "running.commit_documents=1000", "--set", "running.commit_interval_s=1"
    )
    wait_until(lambda: has_committed(tmp_path / "out"))
    os.kill(first.pid, how)
    assert first.wait(timeout=30) == 4
    assert 1 <= committed(tmp_path / "out") < DOCUMENTS
    assert start("--workers", "0").wait(timeout=120) == 0
    assert_each_once(tmp_path / "out", folder)


def test_a_second_run_is_told_who_holds_the_output(
    start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    start("--workers", "0")
    wait_until((tmp_path / "out" / "current.json").exists)
    assert start("--workers", "0").wait(timeout=60) == 4


def test_a_killed_document_worker_loses_no_document(
    start: Callable[..., subprocess.Popen[bytes]], folder: Path, tmp_path: Path
) -> None:
    run = start("--workers", "2", "--json")
    wait_until(lambda: committed(tmp_path / "out") >= 4)
    workers = [
        process
        for process in psutil.Process(run.pid).children(recursive=True)
        if "DocumentWorker" in " ".join(process.cmdline())
    ]
    assert workers
    workers[0].kill()
    printed, _ = run.communicate(timeout=120)
    assert run.returncode == 0
    assert json.loads(printed)["inputs"] == DOCUMENTS
    assert_each_once(tmp_path / "out", folder)


def test_a_killed_engine_loses_no_document(
    start: Callable[..., subprocess.Popen[bytes]], folder: Path, tmp_path: Path
) -> None:
    run = start("--workers", "2")
    wait_until(lambda: committed(tmp_path / "out") >= 4)
    (engine,) = [
        process
        for process in psutil.Process(run.pid).children(recursive=True)
        if "EngineActor" in " ".join(process.cmdline())
    ]
    engine.kill()
    assert run.wait(timeout=120) == 0
    assert_each_once(tmp_path / "out", folder)
