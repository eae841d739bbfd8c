"""The exit code of `python -m docpipe` is its own, whatever happened while libraries were loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

INTERRUPTED_TEXT = """
import atexit, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "typer":
            atexit.register(interrupted)

def interrupted():
    try:
        exec("raise KeyboardInterrupt")  # the last text that is compiled decides
    except KeyboardInterrupt:
        pass

sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize(("arguments", "code"), [(["--version"], 0), (["run", "--no-such-flag"], 2)])
def test_an_interruption_that_was_heard_is_not_the_end_of_the_process(
    tmp_path: Path, arguments: list[str], code: int
) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTED_TEXT)
    done = subprocess.run(
        [sys.executable, "-m", "docpipe", *arguments],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert done.stdout or done.stderr
