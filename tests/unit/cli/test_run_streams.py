"""Nobody reads stderr or stdout, or their disk is full: the run ends as it would, with the exit code that is true."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docpipe.store.read import read_outcomes

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path, invoices: Path) -> Path:
    """Two invoices."""
    made = tmp_path / "in"
    made.mkdir()
    for path in sorted(invoices.glob("*.pdf"))[:2]:
        (made / path.name).write_bytes(path.read_bytes())
    return made


@pytest.fixture
def broken_pipe() -> Iterator[int]:
    """The writing end of a pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


@pytest.fixture
def full_disk() -> Iterator[int]:
    full = os.open("/dev/full", os.O_WRONLY)
    yield full
    os.close(full)


def docpipe(folder: Path, *arguments: str, **streams: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "docpipe", "run", str(folder), "--schema", "invoice", "--engine", "layout"]
    command += ["--out", str(folder.parent / "out"), *arguments]
    return subprocess.run(command, text=True, check=False, **{"stdout": subprocess.PIPE, **streams})


@pytest.mark.parametrize("stream", ["broken_pipe", "full_disk"])
def test_stderr_is_dispensable(folder: Path, stream: str, request: pytest.FixtureRequest) -> None:
    done = docpipe(folder, "--json", stderr=request.getfixturevalue(stream))
    assert done.returncode == 0
    assert json.loads(done.stdout)["this_run"]["documents"] == 2
    assert len(list(read_outcomes(folder.parent / "out"))) == 2


@pytest.mark.parametrize(("stream", "told"), [("broken_pipe", ""), ("full_disk", "No space left on device")])
def test_without_stdout_the_exit_code_still_tells_of_the_run(
    folder: Path, stream: str, told: str, request: pytest.FixtureRequest
) -> None:
    (folder / "x.pdf").write_bytes(b"x")
    done = docpipe(folder, "--quiet", stdout=request.getfixturevalue(stream), stderr=subprocess.PIPE)
    assert done.returncode == 3
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert len(list(read_outcomes(folder.parent / "out"))) == 3
