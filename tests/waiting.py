"""Waiting for other processes for as long as it takes: the only limit in wall time is the test's own."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from docpipe.render.stopwatch import Stopwatch

LOOK_S = 0.05  # between two looks


def wait_until(holds: Callable[[], Any], run: subprocess.Popen[Any] | None = None) -> None:
    """Return once it holds. A `run` that ends before it does fails the test, with its exit code."""
    while not holds():
        if run is not None and run.poll() is not None:
            if holds():
                return
            pytest.fail(f"the run ended too early, with exit code {run.returncode}")
        time.sleep(LOOK_S)


def wait_for_end(processes: Iterable[psutil.Process], within_s: float) -> None:
    """Return once all have ended. None may live longer than `within_s` of its own (see Stopwatch)."""
    watches = {process: Stopwatch(process.pid, every_s=LOOK_S) for process in processes}
    while left := [process for process in watches if is_alive(process)]:
        late = [command(process) for process in left if watches[process].look() > within_s]
        assert not late, f"alive after {within_s:g} s: {late}"
        time.sleep(LOOK_S)


def is_alive(process: psutil.Process) -> bool:
    """Whether it still runs; one that only waits to be collected does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def command(process: psutil.Process) -> str:
    """Its command line, or the title that it gave itself; empty once it has ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def below(run: subprocess.Popen[Any], name: str = "") -> list[psutil.Process]:
    """The processes that a run started, and those that these did, with `name` in their command lines."""
    try:
        started = psutil.Process(run.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [process for process in started if name in command(process)]


@contextmanager
def killed_at_last(run: subprocess.Popen[Any]) -> Iterator[subprocess.Popen[Any]]:
    """The run; if the test leaves it alive it is killed, so that nobody waits for it."""
    with run:
        try:
            yield run
        finally:
            run.kill()
