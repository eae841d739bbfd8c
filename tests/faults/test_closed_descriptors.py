"""A program that a daemon starts without standard input, output or errors reads documents as any other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.faults.hostile.pdfs import clean

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CLOSED = "<&- >&- 2>&-"


def closed(*command: str) -> int:
    """The exit code of Python with these arguments and with nothing open."""
    shell = ["sh", "-c", f'exec "$@" {CLOSED}', "sh", sys.executable, *command]
    return subprocess.run(shell, cwd=ROOT, check=False).returncode


def test_a_run_with_closed_descriptors_reads_every_document(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(2):
        (tmp_path / "in" / f"{number}.pdf").write_bytes(clean(Random(number)))
    out = tmp_path / "out"
    run = ("run", str(tmp_path / "in"), "--schema", "invoice", "--engine", "layout", "--workers", "0")
    assert closed("-m", "docpipe", *run, "--out", str(out)) == 0
    assert (out / "current.json").is_file()


def test_the_library_with_closed_descriptors_renders(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(clean(Random(1)))
    script = tmp_path / "script.py"
    script.write_text("""
import asyncio, sys
from docpipe.intake.content import read_content
from docpipe.render.renderer import Renderer
from docpipe.settings import Settings

async def main():
    settings = Settings()
    with Renderer(settings) as renderer:
        document = await renderer.open(read_content(sys.argv[1], settings.limits))
        assert (await document.page(1, frozenset({"words"}))).words

asyncio.run(main())
""")
    assert closed(str(script), str(tmp_path / "a.pdf")) == 0
