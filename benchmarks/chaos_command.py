"""A docpipe command in a process forked where the libraries are loaded: a kill meets its work, not imports."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from pathlib import Path

from docpipe.store import lease

if "CHAOS_LEASE_S" in os.environ:  # before others take it over as a default
    lease.EXPIRY_S = float(os.environ["CHAOS_LEASE_S"])

import obstore  # noqa: F401
import pyarrow.parquet  # noqa: F401
import pymupdf  # noqa: F401

import docpipe.cli.commands
import docpipe.cli.upkeep
import docpipe.review.correct
import docpipe.run.job
import docpipe.store.export  # noqa: F401
from docpipe.cli import main

PROCESSES = multiprocessing.get_context("forkserver")


class Command:
    """`docpipe ARGUMENTS`, begun; what it says goes to the file `told`."""

    def __init__(self, arguments: list[str], told: Path) -> None:
        self._told = told
        self._process = PROCESSES.Process(target=_run, args=(arguments, str(told)))
        self._process.start()
        self.began = time.monotonic()

    def kill(self, after_s: float) -> None:
        """Wait so long at most, then end it by SIGKILL."""
        self._process.join(after_s)
        self._process.kill()

    def end(self, timeout_s: float) -> tuple[int | None, str]:
        """(exit code, what it said); the code is negative for a signal, and None if it hung, and is killed then."""
        self._process.join(timeout_s)
        code = self._process.exitcode
        if code is None:
            self._process.kill()
            self._process.join()
        return code, self._told.read_text(errors="replace") if self._told.exists() else ""


def preload() -> None:
    """Have the libraries loaded once, for all commands to come, by a server that looks where we look."""
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    PROCESSES.set_forkserver_preload(["__main__", __name__])


def _run(arguments: list[str], told: str) -> None:
    handle = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    sys.argv = ["docpipe", *arguments]
    main()
