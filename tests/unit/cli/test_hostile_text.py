"""Every command is shown names, texts and answers that would move a terminal; none of it arrives there as such."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from docpipe.records import Failure, Field, Outcome, Record, Source, Violation
from docpipe.schema.load import load_schema
from docpipe.store.commit import Store
from tests.unit.cli.calling import call

BAD = "\x1b]0;x\x07\x1b[2J\x9b31m\u202e\u2066\r"
OBEYED = ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\u202e", "\u2066", "\r")


@pytest.fixture
def place(tmp_path: Path, invoices: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder: inputs, schemas, labels, corrections, a manifest, a pipeline, answers, an output."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"a{BAD}\nb.pdf").write_bytes((invoices / "0.pdf").read_bytes())
    (tmp_path / "in" / f"broken{BAD}.pdf").write_bytes(b"%PDF-1.4 garbage")
    schema: dict[str, Any] = {
        "type": "object",
        "title": f"T{BAD}",
        "description": f"D{BAD}\nE",
        "properties": {
            "number": {
                "type": "string",
                "description": f"d{BAD}",
                "x-docpipe": {"labels": {"en": [f"Invoice number{BAD}"]}},
            },
            "total": {"type": "number", "x-docpipe": {"scale": 2}},
        },
        "x-docpipe": {"checks": [{"name": f"n{BAD}", "left": "total", "op": "==", "right": "1"}]},
    }
    (tmp_path / "card.json").write_text(json.dumps(schema))
    (tmp_path / "bad.json").write_text(
        json.dumps({"type": f"object{BAD}", "properties": {f"k{BAD}": {"type": f"x{BAD}", f"pattern{BAD}": f"({BAD}"}}})
    )
    (tmp_path / "labels.jsonl").write_text(json.dumps({"file": f"a{BAD}", "label": {"number": BAD, f"f{BAD}": 1}}))
    (tmp_path / "wrong.jsonl").write_text(json.dumps({"file": "a", "label": {}, "boxes": {f"n{BAD}": [{"box": BAD}]}}))
    (tmp_path / "fix.csv").write_text(f"_record_id,path,value\nr{BAD.replace(chr(13), '')},total,1\n", newline="")
    (tmp_path / "list.csv").write_text(f"path\nmissing{BAD.replace(chr(13), '')}.pdf\n", newline="")
    (tmp_path / "p.yaml").write_text(json.dumps({f"limits{BAD}": f"x{BAD}"}))
    (tmp_path / "answer.txt").write_text(json.dumps({"number": f"n{BAD}", f"extra{BAD}": BAD, "total": BAD}))
    (tmp_path / "no-answer.txt").write_text(f"I am {BAD} no JSON")
    _write_output(tmp_path / "out")
    return tmp_path


def _write_output(out: Path) -> None:
    with Store.open(out, load_schema("card.json"), "run") as store:
        value = {"number": f"N{BAD}\n[bold]", "total": None}
        fields = (Field("number", value["number"], 0.9, 1, ()),)
        violation = Violation(f"n{BAD}", "error", f"m{BAD}", ("number",))
        record = Record(value, (1,), "needs_review", 0.4, fields, violations=(violation,))
        store.add(Outcome(Source(f"/in/a{BAD}.pdf", 1, 1, doc_id="d" * 64), "card", "layout", {}, "ok", (record,)))
        failure = Failure("CORRUPT", f"f{BAD}", f"r{BAD}", False)
        store.add(
            Outcome(Source(f"/in/b{BAD}.pdf", 1, 1, doc_id="e" * 64), "card", "layout", {}, "failed", failure=failure)
        )


RUN = ("--schema", "card.json", "--engine", "layout", "--workers", "0")
COMMANDS: list[tuple[int, list[str]]] = [
    (3, ["run", "in", *RUN, "--out", "o"]),
    (3, ["run", "in", *RUN, "--out", "o", "--json"]),
    (3, ["run", "--manifest", "list.csv", *RUN, "--out", "o"]),
    (2, ["run", "in", "--pipeline", "p.yaml"]),
    (2, ["run", "in", *RUN, "--set", f"x{BAD}=1"]),
    (2, ["run", "in", *RUN, "--set", f"limits.max_pages={BAD}"]),
    (2, ["run", "in", *RUN, "--retry", BAD]),
    (2, ["run", "in", *RUN, "--workers", BAD]),
    (2, ["run", f"none{BAD}", *RUN]),
    (2, ["run", "in", "--schema", f"none{BAD}"]),
    (2, ["run", "in", "--schema", "bad.json"]),
    (2, ["run", "in", "--schema", "card.json", "--engine", f"x{BAD}"]),
    (2, [f"command{BAD}"]),
    (2, ["show", f"--option{BAD}"]),
    (2, ["extract", f"none{BAD}", "--schema", "card.json"]),
    (0, ["show", "out"]),
    (0, ["show", "out", "--json"]),
    (2, ["show", f"none{BAD}"]),
    (0, ["schemas", "show", "card.json"]),
    (0, ["schemas", "show", "card.json", "--json"]),
    (2, ["schemas", "check", "bad.json"]),
    (0, ["resolve", "answer.txt", "--schema", "card.json"]),
    (3, ["resolve", "no-answer.txt", "--schema", "card.json"]),
    (0, ["export", "out", "--to", "csv", "--dest", "x", "--json"]),
    (2, ["export", "out", "--to", BAD]),
    (2, ["export", "out", "--to", "csv", "--table", BAD]),
    (2, ["correct", "out", "fix.csv", "--schema", "card.json"]),
    (0, ["eval", "out", "--truth", "labels.jsonl"]),
    (0, ["eval", "out", "--truth", "labels.jsonl", "--json"]),
    (2, ["eval", "out", "--truth", "wrong.jsonl"]),
    (2, ["eval", "out", "--truth", "labels.jsonl", "--schema", BAD]),
    (2, ["gc", "out", "--older-than", BAD]),
    (2, ["forget", "out", BAD]),
    (0, ["forget", "out", "d" * 64]),
    (0, ["forget", "out", "d" * 64, "--json"]),
    (2, ["synth", BAD, "1", "--out", "s"]),
]


@pytest.mark.slow
@pytest.mark.parametrize("tty", [False, True], ids=["piped", "terminal"])
@pytest.mark.parametrize(
    ("code", "arguments"),
    COMMANDS,
    ids=lambda value: " ".join(value).encode("ascii", "replace").decode() if isinstance(value, list) else "",
)
def test_what_a_command_prints_is_harmless(
    place: Path, monkeypatch: pytest.MonkeyPatch, code: int, arguments: list[str], tty: bool
) -> None:
    called = call(monkeypatch, *arguments, tty=tty)
    assert called.code == code, called.err
    assert called.out + called.err
    for text in (called.out, called.err):
        assert [sign for sign in OBEYED if sign in _without_the_bar(text)] == []
    if "--json" in arguments:
        for line in called.out.splitlines() if arguments[0] == "show" else [called.out]:
            assert json.loads(line)


def _without_the_bar(text: str) -> str:
    """What the live bar of a run moves the cursor with is no text of others."""
    return text.replace("\r\x1b[2K", "")
