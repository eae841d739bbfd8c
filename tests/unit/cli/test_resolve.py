"""`docpipe resolve` shows what becomes of a saved answer, and fails with one line and a code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from docpipe.cli import app
from docpipe.cli import resolve as _resolve
from docpipe.errors import InvalidSettings, PathNotFound, UnknownSchema

assert _resolve
ANSWER = {"invoice_number": "A-1", "invoice_date": "2026-01-31", "currency": "EUR", "total": 119}


def run(*arguments: str, text: str | bytes | None = None) -> Any:
    return CliRunner().invoke(app, ["resolve", *arguments], input=text)


def outcome(answer: Any, *arguments: str) -> tuple[int, dict[str, Any]]:
    text = answer if isinstance(answer, str | bytes) else json.dumps(answer)
    done = run("-", "--schema", "invoice", *arguments, text=text)
    return done.exit_code, json.loads(done.stdout)


def test_an_answer_becomes_an_outcome_with_its_edits() -> None:
    code, found = outcome("```json\n" + json.dumps({**ANSWER, "total": "119,00 €"}) + "\n```")
    assert (code, found["record"]["total"]) == (0, 119)
    assert [edit["rule"] for edit in found["edits"]] == ["decode:wrapping", "coerce:number"]


def test_the_page_confirms_what_it_prints(invoices: Path) -> None:
    label = json.loads((invoices / "labels.jsonl").read_text().splitlines()[0])
    answer = {"invoice_number": label["label"]["invoice_number"], "total": 123456.78}
    _, found = outcome(answer, "--page", str(invoices / label["file"]))
    pages = {field["path"]: field["page"] for field in found["fields"]}
    assert (pages["invoice_number"], pages["total"], found["pages"][:1]) == (1, None, [1])


@pytest.mark.parametrize(
    "answer",
    [b"", b"I cannot.", b'{"total": NaN}', b'{"total": 1, "total": 2}', b"\xff\xfe", b'{"a": ' + b"[" * 100_000, b"5"],
)
def test_what_is_no_answer_is_a_typed_failure(answer: bytes) -> None:
    code, found = outcome(answer)
    assert (code, found["status"], found["failure"]["code"]) == (3, "failed", "DECODE_ERROR")


def test_a_cut_answer_keeps_its_rows_and_says_so() -> None:
    whole = json.dumps({**ANSWER, "line_items": [{"amount": one} for one in (1, 2, 3)]})
    code, found = outcome(whole[:-6], "--finish", "length")
    assert (code, found["status"], len(found["record"]["line_items"])) == (0, "needs_review", 2)
    assert "incomplete" in {one["rule"] for one in found["violations"]}


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    assert isinstance(run(str(tmp_path / "no.json"), "--schema", "invoice").exception, PathNotFound)
    assert isinstance(run("-", "--schema", "nothing", text="{}").exception, UnknownSchema)
    assert isinstance(run("-", "-s", "invoice", "--page", str(tmp_path), text="{}").exception, Exception)
    assert isinstance(run("-", "-s", "invoice", "--finish", "early", text="{}").exception, InvalidSettings)


BROKEN: dict[str, tuple[bytes, str, str]] = {  # what it says -> its status, and a rule or code that tells why
    "00-good.json": (json.dumps(ANSWER).encode(), "needs_review", ""),  # without a page nobody confirms it
    "01-fence.txt": (b"Sure!\n```json\n" + json.dumps(ANSWER).encode() + b"\n```", "needs_review", "decode:wrapping"),
    "02-quotes.txt": (str(ANSWER).encode(), "needs_review", "decode:quotes"),
    "03-comma.txt": (json.dumps(ANSWER).encode()[:-1] + b",}", "needs_review", "decode:comma"),
    "04-cut.txt": (json.dumps(ANSWER).encode()[:-6], "needs_review", "incomplete"),
    "05-empty.txt": (b"", "failed", "DECODE_ERROR"),
    "06-prose.txt": (b"I cannot read this.", "failed", "DECODE_ERROR"),
    "07-nan.json": (b'{"total": NaN}', "failed", "DECODE_ERROR"),
    "08-infinite.json": (b'{"total": 1e400}', "failed", "DECODE_ERROR"),
    "09-twice.json": (b'{"total": 1, "total": 2}', "failed", "DECODE_ERROR"),
    "10-long.json": (b'{"total": ' + b"9" * 5_000 + b"}", "failed", "DECODE_ERROR"),
    "11-deep.json": (b'{"a": ' + b"[" * 100_000, "failed", "DECODE_ERROR"),
    "12-surrogate.json": (b'{"invoice_number": "\\ud800"}', "failed", "DECODE_ERROR"),
    "13-bytes.bin": (bytes(range(256)), "failed", "DECODE_ERROR"),
    "14-type.json": (json.dumps({**ANSWER, "total": "a lot"}).encode(), "needs_review", "wrong_type"),
    "15-cents.json": (json.dumps({**ANSWER, "total": 119.005}).encode(), "needs_review", "minor_units"),
    "15-scale.json": (json.dumps({**ANSWER, "total": 119.0005}).encode(), "needs_review", "invalid"),
    "16-stranger.json": (json.dumps({**ANSWER, "colour": "red"}).encode(), "needs_review", "unknown_field"),
}


def test_of_a_folder_every_answer_has_its_outcome_on_a_line(tmp_path: Path) -> None:
    for name, (content, _, _) in BROKEN.items():
        (tmp_path / name).write_bytes(content)
    done = run(str(tmp_path), "--schema", "invoice")
    assert done.exit_code == 3
    found = {Path(one["source_uri"]).name: one for one in map(json.loads, done.stdout.splitlines())}
    assert list(found) == list(BROKEN)
    for name, (_, status, why) in BROKEN.items():
        one = found[name]
        told = {rule["rule"] for rule in one["violations"] + one["edits"]} | {(one["failure"] or {}).get("code")}
        assert one["status"] == status, name
        assert why in told if why else not told - {None}, name


def test_a_folder_of_nothing_is_named(tmp_path: Path) -> None:
    assert isinstance(run(str(tmp_path), "--schema", "invoice").exception, PathNotFound)
