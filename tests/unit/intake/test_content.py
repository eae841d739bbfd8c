"""A source is read once, whole, and only if it is a file at rest."""

import hashlib
import os
import socket
from pathlib import Path

import pytest

from docpipe.errors import (
    EmptyFile,
    FileTooLarge,
    SourceChanged,
    TypeMismatch,
    Unreadable,
    UnsafePath,
)
from docpipe.intake import content as content_module
from docpipe.intake.content import read_content
from docpipe.settings import Limits

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 9_000


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(PDF)
    return path


def test_what_is_hashed_is_what_is_held(pdf: Path) -> None:
    content = read_content(pdf, Limits())
    assert bytes(content.data) == PDF
    assert content.doc_id == hashlib.sha256(PDF).hexdigest()
    assert (content.size, content.media_type) == (len(PDF), "application/pdf")
    assert content.mtime_ns == pdf.stat().st_mtime_ns


def test_nobody_can_change_what_was_read(pdf: Path) -> None:
    content = read_content(pdf, Limits())
    with pytest.raises(PermissionError):
        os.pwrite(content.memory.fd, b"x", 0)
    with pytest.raises(PermissionError):
        os.ftruncate(content.memory.fd, 1)


def test_the_memory_goes_with_its_last_holder(pdf: Path) -> None:
    content = read_content(pdf, Limits())
    fd = content.memory.fd
    del content
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


def test_pipes_folders_sockets_and_devices_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pdf")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.pdf"))
        for path in (tmp_path / "pipe.pdf", tmp_path / "socket.pdf", tmp_path, Path("/dev/zero")):
            with pytest.raises(UnsafePath):
                read_content(path, Limits())


def test_the_reason_is_the_systems(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        read_content(tmp_path / "gone.pdf", Limits())
    with pytest.raises(Unreadable):
        read_content("nul\0.pdf", Limits())


def test_size_is_judged_before_reading(pdf: Path) -> None:
    with pytest.raises(FileTooLarge):
        read_content(pdf, Limits(max_file_bytes=len(PDF) - 1))
    assert read_content(pdf, Limits(max_file_bytes=len(PDF))).size == len(PDF)


def test_empty_and_misnamed_files(tmp_path: Path) -> None:
    (tmp_path / "empty.pdf").touch()
    (tmp_path / "page.pdf").write_text("<html></html>")
    with pytest.raises(EmptyFile):
        read_content(tmp_path / "empty.pdf", Limits())
    with pytest.raises(TypeMismatch):
        read_content(tmp_path / "page.pdf", Limits())


@pytest.mark.parametrize("change", ["grow", "shrink", "touch"])
def test_a_file_written_to_meanwhile(pdf: Path, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    sniff = content_module.sniff

    def write_meanwhile(head: bytes, name: str) -> str:
        if change == "touch":
            os.utime(pdf, ns=(1, 1))
        else:
            os.truncate(pdf, len(PDF) + (1 if change == "grow" else -1))
        return sniff(head, name)

    monkeypatch.setattr(content_module, "sniff", write_meanwhile)
    with pytest.raises(SourceChanged):
        read_content(pdf, Limits())
