"""What a run writes on its way to a bucket leaves nothing behind for ever."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from docpipe.store.scratch import PREFIX, Scratch

KILLED = """
import os, signal
from docpipe.store.scratch import Scratch
scratch = Scratch()
(scratch.folder / "part").write_bytes(b"half")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_it_is_made_when_it_is_asked_for_and_goes_with_its_owner(temporary: Path) -> None:
    scratch = Scratch()
    assert not list(temporary.iterdir())
    (scratch.folder / "part").write_bytes(b"rows")
    assert list(temporary.iterdir()) == [scratch.folder]
    del scratch
    assert not list(temporary.iterdir())


def test_what_a_killed_process_left_is_removed_by_the_next_and_what_lives_is_kept(temporary: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = temporary.iterdir()
    (temporary / "docpipe-other").mkdir()
    (temporary / f"{PREFIX}link").symlink_to(temporary / "docpipe-other")
    first, second = Scratch(), Scratch()
    assert first.folder.is_dir()
    assert second.folder.is_dir(), "and the first one's is still there"
    assert first.folder.is_dir()
    assert not left.exists()
    assert (temporary / "docpipe-other").is_dir(), "a link is not followed"
