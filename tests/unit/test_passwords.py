"""Passwords open documents and are seen nowhere else."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from random import Random

import psutil
import pymupdf
import pytest

from docpipe.errors import InvalidSettings
from docpipe.passwords import MAX_PASSWORDS, Passwords
from docpipe.settings import Settings
from docpipe.settings_sources import load_settings
from docpipe.store.ledger import read_ledger
from tests.faults.hostile.pdfs import locked

SECRET = "s3cret-Ünübersehbar"


def test_a_file_of_passwords_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "passwords"
    path.write_bytes("\ufeffone\r\n\r\nzwölf\ntrailing \n one\n\nlast".encode())
    assert Passwords.from_file(str(path)) == Passwords(["one", "zwölf", "trailing ", " one", "last"])


def test_each_password_is_tried_as_given_and_in_the_forms_that_may_be_meant() -> None:
    assert Passwords(["Gru\u0308ße", "a\u00a0b", "so\u00adft", "x ", "Ⅸ"]).revealed() == (
        "Gru\u0308ße", "Grüße", "a\u00a0b", "a b", "so\u00adft", "soft", "x ", "x", "Ⅸ", "IX",
    )  # fmt: skip


def test_an_empty_password_is_none_and_one_is_kept_once() -> None:
    assert len(Passwords(["", "a", "a"])) == 1


def test_they_are_not_in_any_text_about_them() -> None:
    settings = load_settings(flags={"passwords": [SECRET], "schema": "invoice"})
    assert settings.passwords.revealed() == (SECRET,)
    for text in (repr(settings), str(settings), json.dumps(asdict(settings), default=str), f"{settings.passwords}"):
        assert SECRET not in text
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_they_come_from_flags_the_environment_and_a_file(tmp_path: Path) -> None:
    assert load_settings(environment={"DOCPIPE_PASSWORDS": "a\nb"}).passwords == Passwords(["a", "b"])
    (tmp_path / "file").write_text("c\n")
    flags = {"passwords": ["a"], "password_file": str(tmp_path / "file")}
    assert load_settings(flags=flags).passwords == Passwords(["a", "c"])
    pipeline = tmp_path / "nightly.yaml"
    pipeline.write_text("passwords: ['0123', b]\n")
    assert load_settings(str(pipeline)).passwords == Passwords(["0123", "b"])


@pytest.mark.parametrize(
    "flags",
    [
        {"password_file": "/nowhere"},
        {"passwords": [123_456]},
        {"passwords": {SECRET: SECRET}},
        {"passwords": [f"{SECRET}{n}" for n in range(MAX_PASSWORDS + 1)]},
    ],
)
def test_what_is_no_list_of_passwords_is_refused_and_not_quoted(flags: dict[str, object]) -> None:
    with pytest.raises(InvalidSettings) as raised:
        load_settings(flags=flags)
    assert SECRET not in raised.value.message
    assert "123456" not in raised.value.message


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes("Grüße".encode("latin-1"))
    with pytest.raises(InvalidSettings, match="UTF-8"):
        load_settings(flags={"password_file": str(tmp_path / "latin")})


def test_settings_without_passwords_say_so() -> None:
    assert json.loads(json.dumps(asdict(Settings()), default=str))["passwords"] == "<0 passwords>"


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A folder with one document that `SECRET` opens, and one that nothing does."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name, password in (("ours", SECRET), ("theirs", "unknown")):
        data = locked(password, "owner", pymupdf.PDF_ENCRYPT_AES_256)(Random(name))
        (folder / f"{name}.pdf").write_bytes(data)
    return folder


def run(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "docpipe", "run", str(folder), "--schema", "invoice", "--engine", "layout"]
    return subprocess.run(
        [*command, "--out", str(folder.parent / "out"), "--json", *options],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def codes(folder: Path) -> dict[str, str | None]:
    ledger = read_ledger(folder.parent / "out", "invoice")
    return {Path(uri).stem: row.failure_code for uri, row in ledger.items()}


@pytest.mark.slow
def test_a_locked_document_is_tried_again_once_passwords_are_given(closed: Path) -> None:
    assert run(closed, "--workers", "0").returncode == 3
    assert codes(closed) == {"ours": "ENCRYPTED", "theirs": "ENCRYPTED"}
    again = json.loads(run(closed, "--workers", "0").stdout)
    assert again["already_done"] == 2
    opened = run(closed, "--workers", "0", "--password", "wrong", "--password", SECRET)
    assert codes(closed) == {"ours": None, "theirs": "ENCRYPTED"}
    assert json.loads(opened.stdout)["already_done"] == 0
    done = json.loads(run(closed, "--workers", "0", DOCPIPE_PASSWORDS=SECRET).stdout)
    assert done["already_done"] == 1


@pytest.mark.slow
def test_a_password_is_left_nowhere_by_a_run_under_ray(closed: Path) -> None:
    with watched() as seen:
        done = run(closed, "--workers", "1", "--password", SECRET, f"--password={SECRET}-too")
    assert codes(closed) == {"ours": None, "theirs": "ENCRYPTED"}
    assert seen, "no process was looked at"
    assert SECRET not in done.stdout + done.stderr
    written = [path for path in closed.parent.rglob("*") if path.is_file() and path.parent != closed]
    session = Path("/tmp/ray/session_latest")
    written += [path for path in session.rglob("*") if path.is_file()] if session.exists() else []
    assert [path for path in written if SECRET.encode() in path.read_bytes()] == []
    told = {where for where, text in seen if SECRET in text}
    assert told <= {EARLY}
    assert any("'run'" in where for where, _ in seen), "the command itself never hid it"


EARLY = "the command itself, before it has begun"


@contextmanager
def watched() -> Iterator[list[tuple[str, str]]]:
    """(what, its command line and environment) of every process that is started meanwhile."""
    seen: list[tuple[str, str]] = []
    stop, begun = threading.Event(), set[int]()

    def look() -> None:
        while not stop.is_set():
            for process in psutil.Process().children(recursive=True):
                try:
                    arguments = process.cmdline()
                    own = process.ppid() == os.getpid()
                    text = "\n".join([*arguments, *process.environ().values()])
                except (psutil.Error, OSError):
                    continue
                if SECRET not in text:
                    begun.add(process.pid)
                seen.append((EARLY if own and process.pid not in begun else str(arguments), text))
            stop.wait(0.2)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
