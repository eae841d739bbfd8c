"""What a child that has been taken over still could not do."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest

from docpipe.intake.content import read_content
from docpipe.render.renderer import Renderer
from docpipe.settings import Limits, Settings

MEMORY_BYTES = 900 * 1024**2


def decoders() -> set[Path]:
    """/proc folders of the decoders that this process started."""
    return {
        folder
        for folder in Path("/proc").glob("[0-9]*")
        if f"PPid:\t{os.getpid()}\n" in read(folder / "status") and "docpipe.render.decoder" in read(folder / "cmdline")
    }


def read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


@pytest.fixture
async def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The /proc folder of a decoder that has already served a document."""
    for name in ("HTTPS_PROXY", "https_proxy", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "LD_PRELOAD"):
        monkeypatch.setenv(name, "" if name == "LD_PRELOAD" else "secret")
    file = pymupdf.open()
    file.new_page()
    file.save(tmp_path / "a.pdf")
    limits = Limits(decoder_memory_bytes=MEMORY_BYTES)
    before = decoders()
    with Renderer(Settings(limits=limits)) as renderer:
        await renderer.open(read_content(tmp_path / "a.pdf", limits))
        (folder,) = decoders() - before
        yield folder


async def test_it_knows_no_secrets_and_no_proxies(child: Path) -> None:
    names = {entry.partition("=")[0] for entry in read(child / "environ").split("\0")}
    assert not {name for name in names if re.search("proxy|key|token|secret|preload", name, re.IGNORECASE)}


async def test_its_memory_files_and_core_are_limited(child: Path) -> None:
    limits = {line[:26].strip(): line[26:].split()[:2] for line in read(child / "limits").splitlines()}
    assert limits["Max address space"] == [str(MEMORY_BYTES)] * 2
    assert limits["Max core file size"] == ["0", "0"]
    assert int(limits["Max open files"][1]) <= 64


async def test_it_gains_no_privileges_and_has_no_network(child: Path) -> None:
    assert "NoNewPrivs:\t1" in read(child / "status")
    interfaces = [line.split(":")[0].strip() for line in read(child / "net/dev").splitlines()[2:]]
    if (child / "ns/net").readlink() == Path("/proc/self/ns/net").readlink():
        pytest.skip("this machine lets nobody unshare the network")
    assert interfaces == ["lo"]


async def test_it_is_not_in_the_terminals_process_group(child: Path) -> None:
    assert os.getpgid(int(child.name)) != os.getpgid(0)
