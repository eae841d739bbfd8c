"""`docpipe synth` as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from docpipe.synth import KINDS
from docpipe.synth.traits import as_real, draw_traits


def docpipe(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "docpipe", "synth", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_it_writes_the_files_and_says_where_the_truth_is(tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    done = docpipe("receipt", 3, "--seed", 5, "--out", out, "--languages", "de, fr", "--degrade", "mixed", "--no-boxes")
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.strip()) == out / "labels.jsonl"
    lines = [json.loads(line) for line in (out / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["language"] for line in lines} == {"de", "fr"}
    assert all((out / line["file"]).stat().st_size == line["bytes"] for line in lines)
    assert not any("boxes" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("letter", 1), "INVALID_SETTINGS"),
        (("form", 1, "--languages", "xx"), "INVALID_SETTINGS"),
        (("form", 1, "--degrade", "samples"), "INVALID_SETTINGS"),
        (("form", 1, "--hard", "1.5"), "INVALID_SETTINGS"),
    ],
)
def test_what_is_unknown_is_a_usage_error_that_names_what_there_is(
    arguments: tuple[str | int, ...], code: str, tmp_path: Path
) -> None:
    done = docpipe(*map(str, arguments), "--out", tmp_path / "out")
    assert done.returncode == 2
    assert code in done.stderr
    assert "Choose" in done.stderr
    assert not (tmp_path / "out").exists()


def told(out: Path, *arguments: str) -> list[bool]:
    """Whether each of some receipts is hard."""
    done = docpipe("receipt", 12, "--seed", 5, "--out", out, "--no-boxes", *arguments)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (out / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    return ["traits" in line["synthetic"] for line in lines]


def test_documents_are_as_hard_as_asked_and_else_as_real_ones(tmp_path: Path) -> None:
    assert not any(told(tmp_path / "plain", "--hard", "0"))
    assert all(told(tmp_path / "hard", "--hard", "1"))
    usual = [bool(draw_traits("receipt", 5, index, as_real("receipt"))) for index in range(12)]
    assert told(tmp_path / "usual") == usual
    assert any(usual)


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    done = docpipe("form", 1, "--out", tmp_path)
    assert done.returncode == 2
    assert "OUTPUT_CONFLICT" in done.stderr


def test_its_help_names_every_kind() -> None:
    told = docpipe("--help").stdout
    assert all(kind in told for kind in KINDS)
