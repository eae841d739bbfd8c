"""The command line as a user runs it: exit codes, clear errors, JSON for scripts, no traceback."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pymupdf
import pytest

from tests.conftest import BAD
from tests.unit.cli.calling import call, docpipe, in_a_process, lines


def test_a_mixed_folder_ends_with_exit_3_and_counts_that_sum(mixed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = in_a_process("run", mixed, "--schema", "invoice", "--out", out, "--workers", "0", "--json")
    assert done.code == 3, done.err
    summary = json.loads(done.out)
    assert sum(summary["outcomes"].values()) == summary["inputs"] == len(list(mixed.iterdir()))
    assert summary["failures"] == Counter(BAD.values())
    shown = lines(docpipe("show", out, "--json"))
    assert {Path(one["source_uri"]).name: (one["failure"] or {}).get("code") for one in shown} == {
        path.name: BAD.get(path.name) for path in mixed.iterdir()
    }
    assert all(one["failure"]["message"] for one in shown if one["failure"])
    again = docpipe("run", mixed, "--schema", "invoice", "--out", out, "--workers", "0", "--json")
    assert json.loads(again.out)["outcomes"] == summary["outcomes"]


@pytest.mark.slow
def test_a_second_run_does_nothing_twice(invoices: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ("run", invoices, "--schema", "invoice", "--out", out, "--workers", "0")
    first = docpipe(*command, "--json", "--limit", "4")
    second = docpipe(*command, "--json")
    third = docpipe(*command, "--json")
    assert [json.loads(done.out)["already_done"] for done in (first, second, third)] == [0, 4, 6]
    assert len(lines(docpipe("show", out, "--json"))) == 6


def test_extract_prints_the_outcome_with_exact_numbers(invoices: Path) -> None:
    truth = json.loads((invoices / "labels.jsonl").read_text().splitlines()[0])
    done = docpipe("extract", invoices / truth["file"], "--schema", "invoice")
    assert done.code == 0, done.err
    outcome = json.loads(done.out, parse_float=Decimal)
    assert outcome["record"]["total"] == Decimal(str(truth["label"]["total"]))
    assert {"path", "value", "confidence", "page", "boxes", "origin"} <= set(outcome["fields"][0])
    assert outcome["failure"] is None


def test_show_and_extract_say_the_same(invoices: Path, tmp_path: Path) -> None:
    path = sorted(invoices.glob("*.pdf"))[0]
    docpipe("run", path, "--schema", "invoice", "--out", tmp_path / "out", "--workers", "0")
    (shown,) = lines(docpipe("show", tmp_path / "out", "--json"))
    extracted = json.loads(docpipe("extract", path, "--schema", "invoice").out, parse_float=Decimal)
    for key in ("source_uri", "status", "record", "violations", "failure"):
        assert shown[key] == extracted[key]
    assert [field["path"] for field in shown["fields"]] == [field["path"] for field in extracted["fields"]]


def test_files_that_a_pdf_carries_are_told_and_change_no_status(invoices: Path, tmp_path: Path) -> None:
    plain, hybrid = sorted(invoices.glob("*.pdf"))[0], tmp_path / "hybrid.pdf"
    with pymupdf.open(plain) as file:
        file.embfile_add("factur-x.xml", b"<Invoice/>")
        file.save(hybrid)
    docpipe("run", plain, hybrid, "--schema", "invoice", "--out", tmp_path / "out", "--workers", "0")
    shown = {Path(one["source_uri"]).name: one for one in lines(docpipe("show", tmp_path / "out", "--json"))}
    assert shown[plain.name]["notes"] == []
    assert shown[hybrid.name]["notes"] == ["embedded XML, not read: factur-x.xml"]
    assert shown[hybrid.name]["status"] == shown[plain.name]["status"]
    assert json.loads(docpipe("extract", hybrid, "--schema", "invoice").out)["notes"] == shown[hybrid.name]["notes"]


def test_extract_of_a_bad_file_is_exit_3_with_its_code(mixed: Path) -> None:
    done = docpipe("extract", mixed / "locked.pdf", "--schema", "invoice")
    assert done.code == 3
    assert json.loads(done.out)["failure"]["code"] == "ENCRYPTED"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["run", "no-such-folder", "--schema", "invoice"], "PATH_NOT_FOUND"),
        (["run", "empty", "--schema", "invoice", "--require-input"], "NO_INPUTS"),
        (["run", "full", "--schema", "invoice", "--fail-on", "sometimes"], "INVALID_SETTINGS"),
        (["run", "full", "--schema", "invoice", "--max-failed", "2"], "INVALID_SETTINGS"),
        (["run", "full", "--schema", "invioce"], "UNKNOWN_SCHEMA"),
        (["run", "full"], "INVALID_SETTINGS"),
        (["run", "--schema", "invoice"], "INVALID_SETTINGS"),
        (["run", "full", "--schema", "invoice", "--engine", "magic"], "UNKNOWN_ENGINE"),
        (["run", "full", "--schema", "invoice", "--engine", "scripted"], "ENGINE_UNAVAILABLE"),
        (["run", "full", "--schema", "invoice", "--second-engine", "qwen2-vl"], "ENGINE_UNAVAILABLE"),
        (["run", "full", "--schema", "invoice", "--second-engine", "magic"], "UNKNOWN_ENGINE"),
        (["run", "full", "--schema", "invoice", "--second-engine", "scripted:none"], "ENGINE_UNAVAILABLE"),
        (["run", "full", "--schema", "invoice", "--engine", "layout", "--second-engine", "layout"], "INVALID_SETTINGS"),
        (["run", "full", "--schema", "invoice", "--set", "limits.max_pages=many"], "INVALID_SETTINGS"),
        (["run", "full", "--schema", "invoice", "--set", "nonsense"], "INVALID_SETTINGS"),
        (["run", "full", "--schema", "invoice", "--pipeline", "none"], "INVALID_SETTINGS"),
        (["run", "full", "--schema", "invoice", "--out", "full"], "OUTPUT_CONFLICT"),
        (["run", "full", "--schema", "invoice", "--out", "full/x.pdf/out"], "OUTPUT_UNWRITABLE"),
        (["extract", "full", "--schema", "invoice"], "PATH_NOT_FOUND"),
        (["extract", "none.pdf", "--schema", "invoice"], "PATH_NOT_FOUND"),
        (["schemas", "show", "none"], "UNKNOWN_SCHEMA"),
        (["schemas", "check", "bad.json"], "INVALID_SCHEMA"),
        (["show", "none"], "PATH_NOT_FOUND"),
        (["show", "full"], "OUTPUT_CONFLICT"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_mistake_is_exit_2_with_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "bad.json").write_text('{"type": "array"}')
    monkeypatch.chdir(tmp_path)
    done = call(monkeypatch, *arguments)
    assert done.code == 2, done.err
    assert f"docpipe: {code}: " in done.err
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) >= 2, "a remedy follows the error"


@pytest.mark.parametrize(
    "arguments", [["run", "--workers", "-1"], ["no-such-command"], ["show"], ["run", "--nonsense"]]
)
def test_a_wrong_flag_is_exit_2(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    assert call(monkeypatch, *arguments).code == 2


def test_a_mistake_is_the_exit_code_of_the_process() -> None:
    done = in_a_process("show", "none")
    assert (done.code, "docpipe: PATH_NOT_FOUND: " in done.err) == (2, True)


@pytest.mark.slow
def test_another_engines_rows_are_not_mixed_by_auto(invoices: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text('{"answers": [{"total": 1.5}], "needs": ["words"]}')
    out = tmp_path / "out"
    base = ("run", invoices, "--schema", "invoice", "--out", out, "--workers", "0")
    assert docpipe(*base, "--engine", "scripted", "--model", script).code == 0
    mixing = docpipe(*base)
    assert (mixing.code, "OUTPUT_CONFLICT" in mixing.err) == (2, True)
    assert docpipe(*base, "--force").code == 0
    assert {one["engine"] for one in lines(docpipe("show", out, "--json"))} == {"layout"}


@pytest.mark.slow
def test_progress_is_quiet_when_piped_and_silent_when_asked(invoices: Path, tmp_path: Path) -> None:
    base = ("run", invoices, "--schema", "invoice", "--workers", "0")
    piped = in_a_process(*base, "--out", tmp_path / "a")
    assert "\x1b" not in piped.err + piped.out
    assert len(piped.err.splitlines()) <= 12
    assert docpipe(*base, "--out", tmp_path / "b", "--quiet").err == ""


def test_settings_come_from_the_environment_and_the_flags(invoices: Path, tmp_path: Path) -> None:
    done = docpipe(
        "run", "--schema", "invoice", "--workers", "0", "--out", tmp_path / "out", "--set", "limits.max_file_bytes=10",
        invoices, DOCPIPE_LIMITS__MAX_FILE_BYTES="99999999",
    )  # fmt: skip
    assert done.code == 3
    assert "FILE_TOO_LARGE: 6" in done.out


def test_names_that_would_move_the_terminal_are_shown_harmless(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "\x1b[31mred\n.pdf").write_bytes(b"no pdf")
    docpipe("run", tmp_path / "in", "--schema", "invoice", "--out", tmp_path / "out", "--workers", "0")
    done = docpipe("show", tmp_path / "out")
    assert done.code == 0
    assert "\x1b[31m" not in done.out
    assert "red" in done.out


def test_doctor_tells_what_can_run() -> None:
    report = json.loads(docpipe("doctor", "--json").out)
    assert {one["name"]: one["can_run"] for one in report["engines"]}["layout"] is True
    assert report["packages"]["pymupdf"]
    assert report["ocr_scripts"]["Latin"] is True
    said = docpipe("doctor").out
    assert "layout" in said
    assert "OCR reads Latin" in said


@pytest.mark.slow
def test_schemas_are_listed_shown_and_checked(tmp_path: Path) -> None:
    assert "invoice" in docpipe("schemas", "list").out
    assert "line_items" in docpipe("schemas", "show", "invoice").out
    path = tmp_path / "own.json"
    path.write_text(docpipe("schemas", "show", "invoice", "--json").out)
    assert docpipe("schemas", "check", path).code == 0


def test_a_closed_pipe_is_no_error(invoices: Path, tmp_path: Path) -> None:
    docpipe("run", invoices, "--schema", "invoice", "--out", tmp_path / "out", "--workers", "0")
    command = f"{sys.executable} -m docpipe show {tmp_path / 'out'} --json | head -c 10"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
