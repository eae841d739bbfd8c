"""The exit code says what became of the work, whatever becomes of the streams; nothing ends in a traceback."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from docpipe.cli import doctor
from docpipe.errors import StoreError
from tests.unit.cli.calling import Stream, call


class Failing(Stream):
    """A stdout whose reader is gone, or whose disk is full."""

    def __init__(self, error: int) -> None:
        super().__init__()
        self.error = error

    def write(self, text: str) -> int:
        raise OSError(self.error, os.strerror(self.error))


def raising(error: BaseException) -> Any:
    def report(*_: Any) -> None:
        raise error

    return report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 garbage")
    (tmp_path / "empty.pdf").write_bytes(b"")
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *more: str, out: Any = None) -> Any:
    base = ("run", folder, "--schema", "invoice", "--engine", "layout", "--workers", "0", "--quiet")
    return call(monkeypatch, *base, "--out", folder.parent / f"{folder.name}-out", *more, out=out)


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_documents_that_failed_are_exit_3_though_nobody_reads(
    folder: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    done = run(monkeypatch, folder, *more, out=Failing(errno.EPIPE))
    assert (done.code, done.err.splitlines()) == (3, ["docpipe: 2 of this run's 2 documents failed"])


def test_an_error_is_its_exit_code_though_nobody_reads(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call(monkeypatch, "show", folder / "none", out=Failing(errno.EPIPE)).code == 2
    assert call(monkeypatch, "doctor", out=Failing(errno.EPIPE)).code == 0
    monkeypatch.setattr(doctor, "report", raising(StoreError("torn")))
    assert call(monkeypatch, "doctor", out=Failing(errno.EPIPE)).code == 4


@pytest.mark.parametrize("arguments", [("doctor",), ("doctor", "--json"), ("schemas", "show", "invoice"), ("--help",)])
def test_a_full_disk_behind_stdout_is_exit_4_and_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    done = call(monkeypatch, *arguments, out=Failing(errno.ENOSPC))
    assert done.code == 4
    assert done.err.startswith("docpipe: STDOUT_FAILED: stdout: No space left")
    assert "Traceback" not in done.err


def test_what_nobody_foresaw_is_one_line_and_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(doctor, "report", raising(ZeroDivisionError("s3://AKID:topsecret@corp/x is\x1b[2J odd")))
    done = call(monkeypatch, "doctor")
    (file,) = tmp_path.glob("docpipe-traceback-*.txt")
    assert done.code == 4
    assert done.err.startswith("docpipe: INTERNAL_ERROR: ZeroDivisionError: s3://***@corp/x is")
    assert str(file) in done.err
    assert "Traceback" not in done.err
    assert "test_exit_codes.py" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert "topsecret" not in done.err + file.read_text()
    monkeypatch.setenv("DOCPIPE_DEBUG", "1")
    assert "Traceback" in call(monkeypatch, "doctor").err


def test_no_temporary_folder_for_the_traceback_is_no_second_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    monkeypatch.setattr(doctor, "report", raising(RecursionError()))
    done = call(monkeypatch, "doctor")
    assert (done.code, "DOCPIPE_DEBUG=1" in done.err) == (4, True)


def test_what_the_system_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "report", raising(PermissionError(errno.EACCES, "Permission denied", "/root/x")))
    done = call(monkeypatch, "doctor")
    assert (done.code, done.err.splitlines()[0]) == (4, "docpipe: RUN_ABORTED: /root/x: Permission denied")


@pytest.mark.parametrize("arguments", [("doctor",), ("doctor", "--json")])
def test_ctrl_c_is_exit_4_in_every_command(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]) -> None:
    monkeypatch.setattr(doctor, "report", raising(KeyboardInterrupt()))
    done = call(monkeypatch, *arguments)
    assert (done.code, done.err.splitlines()[0]) == (4, "docpipe: INTERRUPTED: stopped by Ctrl-C")


def shell(command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", command.replace("docpipe", f"{sys.executable} -m docpipe")],
        capture_output=True, text=True, cwd=cwd, env={**os.environ, **environment}, check=False,
    )  # fmt: skip


def test_true_streams_that_fail_are_told_from_readers_that_left(tmp_path: Path) -> None:
    full = shell("docpipe schemas show invoice > /dev/full", tmp_path)
    assert (full.returncode, full.stderr.splitlines()[0][:28]) == (4, "docpipe: STDOUT_FAILED: stdo")
    assert len(full.stderr.splitlines()) == 2
    left = shell("docpipe schemas show none 2>&1 | true; exit ${PIPESTATUS[0]}", tmp_path)
    assert (left.returncode, left.stderr) == (2, "")
    head = shell("docpipe schemas show invoice --json | head -c 1; exit ${PIPESTATUS[0]}", tmp_path)
    assert (head.returncode, head.stdout, head.stderr) == (0, "{", "")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "code", "told"),
    [
        ("docpipe schemas list >&-", 0, ""),
        ("docpipe schemas show none 2>/dev/full", 2, ""),
        ("docpipe schemas show none <&- >&- 2>&-", 2, ""),
        ("mkdir gone; cd gone; rmdir ../gone; docpipe schemas list", 0, ""),
        ("mkdir gone; cd gone; rmdir ../gone; docpipe run x --schema invoice --workers 0", 4, "working folder is gone"),
    ],
)
def test_an_odd_place_to_start_in_is_no_traceback(tmp_path: Path, command: str, code: int, told: str) -> None:
    done = shell(command, tmp_path)
    assert done.returncode == code, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
