"""A command called in this process, its streams as bytes: what a terminal would get."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from docpipe.cli import main


@dataclass(frozen=True)
class Called:
    code: int
    out: str
    err: str


class Stream(io.TextIOWrapper):
    """Text to bytes; `tty` says whether it claims to be a terminal."""

    def __init__(self, tty: bool = False) -> None:
        self.content = io.BytesIO()
        self.tty = tty
        super().__init__(self.content, encoding="utf-8")

    def isatty(self) -> bool:
        return self.tty

    def text(self) -> str:
        self.flush()
        return self.content.getvalue().decode("utf-8")


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str | Path, out: Any = None, tty: bool = False) -> Called:
    """Exit code, stdout and stderr of `docpipe ARGUMENTS`; `out` is another stdout."""
    out, err = out or Stream(tty), Stream(tty)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "argv", ["docpipe", *map(str, arguments)])
        patched.setattr(sys, "stdout", out)
        patched.setattr(sys, "stderr", err)
        patched.setenv("COLUMNS", "160")
        with pytest.raises(SystemExit) as ended:
            main()
    return Called(int(ended.value.code or 0), out.text() if isinstance(out, Stream) else "", err.text())


def docpipe(*arguments: object, **environment: str) -> Called:
    """`docpipe ARGUMENTS` in this process, with `environment` added to its own: a process of its own takes a second."""
    with pytest.MonkeyPatch.context() as patched:
        for name, value in environment.items():
            patched.setenv(name, value)
        return call(patched, *map(str, arguments))


def in_a_process(*arguments: object) -> Called:
    """`docpipe ARGUMENTS` as a process of its own, its streams pipes."""
    command = [sys.executable, "-m", "docpipe", *map(str, arguments)]
    environment = {**os.environ, "COLUMNS": "120"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return Called(done.returncode, done.stdout, done.stderr)


def lines(done: Called) -> list[dict[str, Any]]:
    """Each line of what a command that succeeded printed, as JSON; numbers are exact."""
    assert done.code == 0, done.err
    return [json.loads(line, parse_float=Decimal) for line in done.out.splitlines()]
