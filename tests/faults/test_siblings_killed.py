"""A run over copies of forms is killed while it reads: the next one ends with what an undisturbed run has."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from docpipe.store.current import load_current
from docpipe.store.read import read_outcomes
from docpipe.store.templates import NAME
from docpipe.synth import generate
from tests.waiting import wait_until

pytestmark = pytest.mark.slow
COPIES = 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate("copies", COPIES, 3, tmp_path_factory.mktemp("copies") / "forms", languages=["en"])


def command(folder: Path, out: Path, workers: int) -> list[str]:
    return [
        sys.executable, "-m", "docpipe", "run", str(folder), "--schema", "form", "--engine", "layout",
        "--out", str(out), "--workers", str(workers), "--set", "running.commit_documents=1",
    ]  # fmt: skip


def read(out: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {
        Path(row["source_uri"]).name: [
            (field["path"], field["value"], field["confidence"], field["method"]) for field in row["fields"]
        ]
        for row in read_outcomes(out)
    }


def committed(out: Path) -> int:
    return len(read(out)) if (out / "current.json").exists() and load_current(out).number else 0


def test_a_killed_run_and_the_next_give_what_one_run_gives(folder: Path, tmp_path: Path) -> None:
    subprocess.run(command(folder, tmp_path / "whole", 0), check=False, capture_output=True)
    process = subprocess.Popen(command(folder, tmp_path / "out", 0), stderr=subprocess.DEVNULL)
    wait_until(lambda: committed(tmp_path / "out") >= 3)
    process.kill()
    process.wait()
    assert json.loads((tmp_path / "out" / NAME).read_text())["surveyed"]
    assert 3 <= committed(tmp_path / "out") < COPIES
    subprocess.run(command(folder, tmp_path / "out", 0), check=False, capture_output=True)
    assert len(read(tmp_path / "whole")) == COPIES
    assert read(tmp_path / "out") == read(tmp_path / "whole")
    assert (tmp_path / "out" / NAME).read_bytes() == (tmp_path / "whole" / NAME).read_bytes()


def test_workers_read_what_one_process_reads(folder: Path, tmp_path: Path) -> None:
    for workers in (0, 2):
        subprocess.run(command(folder, tmp_path / str(workers), workers), check=False, capture_output=True)
    assert len(read(tmp_path / "0")) == COPIES
    assert read(tmp_path / "2") == read(tmp_path / "0")
    assert (tmp_path / "2" / NAME).read_bytes() == (tmp_path / "0" / NAME).read_bytes()
