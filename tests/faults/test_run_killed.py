"""Real processes are killed in mid-run: nothing committed is lost, nothing is doubled, a rerun finishes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from docpipe.synth.invoice.make import make
from docpipe.synth.invoice.plan import plan
from tests.waiting import below, wait_for_end, wait_until

pytestmark = pytest.mark.slow
DOCUMENTS = 24
COMMIT_DOCUMENTS = 4


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
    """Starts `docpipe run` with an engine that takes 0.3 s a document and commits every fourth."""
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"answers": [{"total": 1.25}], "delay_s": 0.3, "needs": ["words"]}))
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable, "-m", "docpipe", "run", str(folder), "--schema", "invoice", "--out", str(tmp_path / "out"),
            "--engine", "scripted", "--model", str(script),
            "--set", f"running.commit_documents={COMMIT_DOCUMENTS}", *arguments,
        ]  # fmt: skip
        heeded = signal.signal(signal.SIGINT, signal.default_int_handler)  # in a shell's background it is ignored
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL))
        signal.signal(signal.SIGINT, heeded)
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def committed(out: Path) -> int:
    """Sources that are committed, as another program sees it."""
    done = subprocess.run(
        [sys.executable, "-m", "docpipe", "show", str(out), "--json"], capture_output=True, check=False
    )
    return len(done.stdout.splitlines()) if done.returncode == 0 else 0


def has_committed(out: Path) -> bool:
    """A part of the ledger stands; told without a program whose start could outlast the run."""
    return any((out / "sources").glob("*.parquet"))


def all_committed(out: Path) -> bool:
    """As many parts of the ledger stand as commits are needed for all documents."""
    return len(list((out / "sources").glob("*.parquet"))) >= DOCUMENTS / COMMIT_DOCUMENTS


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
    wait_until(lambda: has_committed(out), first)
    ours = below(first, "docpipe")
    first.kill()
    first.wait()
    before = committed(out)
    assert COMMIT_DOCUMENTS <= before < DOCUMENTS
    wait_for_end(ours, 15)
    second = start("--workers", workers, "--json")
    printed, _ = second.communicate()
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
    wait_until(lambda: has_committed(tmp_path / "out"), first)
    os.kill(first.pid, how)
    assert first.wait() == 4
    assert 1 <= committed(tmp_path / "out") < DOCUMENTS
    assert start("--workers", "0").wait() == 0
    assert_each_once(tmp_path / "out", folder)


def test_a_second_run_is_told_who_holds_the_output(
    start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    first = start("--workers", "0")
    wait_until((tmp_path / "out" / "current.json").exists, first)
    assert start("--workers", "0").wait() == 4


def test_a_killed_document_worker_loses_no_document(
    start: Callable[..., subprocess.Popen[bytes]], folder: Path, tmp_path: Path
) -> None:
    run = start("--workers", "2", "--json")
    wait_until(lambda: has_committed(tmp_path / "out"), run)
    workers = below(run, "DocumentWorker")
    workers[0].kill()
    assert not all_committed(tmp_path / "out"), "the worker was killed when all was read"
    printed, _ = run.communicate()
    assert run.returncode == 0
    assert json.loads(printed)["inputs"] == DOCUMENTS
    assert_each_once(tmp_path / "out", folder)


def test_a_killed_engine_loses_no_document(
    start: Callable[..., subprocess.Popen[bytes]], folder: Path, tmp_path: Path
) -> None:
    run = start("--workers", "2")
    wait_until(lambda: has_committed(tmp_path / "out"), run)
    (engine,) = below(run, "EngineActor")
    engine.kill()
    assert not all_committed(tmp_path / "out"), "the engine was killed when all was read"
    assert run.wait() == 0
    assert_each_once(tmp_path / "out", folder)
