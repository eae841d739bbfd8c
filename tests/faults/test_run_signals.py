"""A signal at any moment: what was read is committed, exit code 4, one line, and nothing stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from docpipe.store.read import read_outcomes
from docpipe.synth.invoice.make import make
from docpipe.synth.invoice.plan import plan
from tests.waiting import command, is_alive, wait_for_end, wait_until

pytestmark = pytest.mark.slow

DOCUMENTS = 24
NEVER = ("--set", "running.commit_documents=1000", "--set", "running.commit_interval_s=1000")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Digital one-page invoices."""
    made = tmp_path_factory.mktemp("many")
    plain = (index for index in range(1_000) if plan(index, 7).kind == "plain")
    for _, index in zip(range(DOCUMENTS), plain, strict=False):
        (made / f"{index:03d}.pdf").write_bytes(make(index, 7).content)
    return made


class Run:
    """`docpipe run` as a user starts it, in a process group of its own; `tag` marks whatever comes of it."""

    def __init__(self, folder: Path, at: Path, *arguments: str) -> None:
        self.out, self.errors, self.tag = at / "out", at / "stderr", uuid.uuid4().hex
        model = at / "script.json"
        model.write_text(json.dumps({"answers": [{"total": 1.25}], "delay_s": 0.3, "needs": ["words"]}))
        command = [
            sys.executable, "-m", "docpipe", "run", str(folder), "--schema", "invoice", "--out", str(self.out),
            "--engine", "scripted", "--model", str(model), *arguments,
        ]  # fmt: skip
        heeded = signal.signal(signal.SIGINT, signal.default_int_handler)  # in a shell's background it is ignored
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env={**os.environ, "RUN_TAG": self.tag},
                start_new_session=True,
            )
        signal.signal(signal.SIGINT, heeded)

    def left(self) -> list[psutil.Process]:
        """The run's living processes, the first and those that nobody owns any more included."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("RUN_TAG") == self.tag and is_alive(process):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def leaves_nothing(self, within_s: float) -> None:
        """Return once all its processes have ended, each in that time of its own."""
        while left := self.left():
            wait_for_end(left, within_s)

    def read(self) -> int:
        """Documents that are done so far, by the last line of progress."""
        lines = [line for line in self.errors.read_text().splitlines() if " pages/s" in line]
        return int(lines[-1].split("/")[0].split()[0]) if lines else 0

    def end(self) -> None:
        for process in psutil.process_iter():
            try:
                if process.environ().get("RUN_TAG") == self.tag:
                    process.kill()
            except psutil.Error:
                continue
        self.process.wait()


@pytest.fixture
def start(folder: Path, tmp_path: Path) -> Iterator[Callable[..., Run]]:
    started: list[Run] = []

    def begin(*arguments: str) -> Run:
        started.append(Run(folder, tmp_path, *arguments))
        return started[-1]

    yield begin
    for run in started:
        run.end()


def assert_ended_gently(run: Run, name: str) -> None:
    assert run.process.wait() == 4
    told = [line for line in run.errors.read_text().splitlines() if line.startswith("docpipe: ")]
    assert told == [f"docpipe: INTERRUPTED: the run was interrupted by {name}; what was read is committed"]
    assert "Traceback" not in run.errors.read_text()
    assert not (run.out / "_lease.json").exists()
    run.leaves_nothing(within_s=20)


@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM", "SIGINT"])
def test_what_was_read_in_this_process_is_committed(start: Callable[..., Run], name: str) -> None:
    run = start("--workers", "0", *NEVER)
    wait_until(lambda: run.read() >= 2, run.process)
    os.killpg(run.process.pid, getattr(signal, name))
    assert_ended_gently(run, name)
    assert 2 <= len(list(read_outcomes(run.out))) < DOCUMENTS


def catches(process: subprocess.Popen[bytes], number: signal.Signals) -> bool:
    """Whether a handler is set: proc(5), SigCgt."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    (mask,) = (int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(mask >> (number - 1) & 1)


def test_a_run_that_still_loads_its_libraries(start: Callable[..., Run]) -> None:
    run = start("--workers", "0")
    wait_until(lambda: catches(run.process, signal.SIGTERM), run.process)
    assert not run.out.exists()
    os.kill(run.process.pid, signal.SIGTERM)
    assert_ended_gently(run, "SIGTERM")


def test_a_hang_up_that_is_ignored_stays_ignored(folder: Path, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
    try:
        run = Run(folder, tmp_path, "--workers", "0", "--limit", "6")
    finally:
        signal.signal(signal.SIGHUP, before)
    try:
        wait_until(lambda: run.read() >= 1, run.process)
        os.kill(run.process.pid, signal.SIGHUP)
        assert run.process.wait() == 0
    finally:
        run.end()


def test_a_second_ctrl_c_does_not_disturb_what_the_first_one_began(start: Callable[..., Run]) -> None:
    run = start("--workers", "0", *NEVER)
    wait_until(lambda: run.read() >= 2, run.process)
    for _ in range(2):
        os.kill(run.process.pid, signal.SIGINT)
        time.sleep(0.05)
    assert_ended_gently(run, "SIGINT")
    assert len(list(read_outcomes(run.out))) >= 2


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_while_ray_starts(start: Callable[..., Run], name: str) -> None:
    run = start("--workers", "2")
    wait_until(lambda: any("gcs_server" in command(process) for process in run.left()), run.process)
    os.killpg(run.process.pid, getattr(signal, name)) if name != "SIGTERM" else os.kill(run.process.pid, signal.SIGTERM)
    assert_ended_gently(run, name)


def test_a_hang_up_of_the_whole_terminal_loses_nothing_that_was_read_on_ray(start: Callable[..., Run]) -> None:
    run = start("--workers", "2", *NEVER)
    wait_until(lambda: run.read() >= 2, run.process)
    os.killpg(run.process.pid, signal.SIGHUP)
    assert_ended_gently(run, "SIGHUP")
    assert len(list(read_outcomes(run.out))) >= 2


def test_nothing_of_ray_outlives_a_killed_run(start: Callable[..., Run]) -> None:
    run = start("--workers", "2", *NEVER)
    wait_until(lambda: run.read() >= 1, run.process)
    run.process.kill()
    run.process.wait()
    run.leaves_nothing(within_s=60)
