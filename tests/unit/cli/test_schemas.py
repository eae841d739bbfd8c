"""`schemas check` and `doctor` say how each field is found; a run on a schema without labels reads and says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from typer.testing import CliRunner

from docpipe.cli import command_line, hostile_page
from docpipe.errors import InvalidSchema
from tests.unit.cli.calling import docpipe, lines

TEXT: dict[str, Any] = {"type": ["string", "null"]}
METER: dict[str, Any] = {
    "type": "object",
    "required": ["meter_number"],
    "properties": {
        "meter_number": TEXT,
        "usage_kwh": {"type": ["number", "null"]},
        "total_due": {"type": ["number", "null"], "description": "What is to be paid.", "x-docpipe": {"scale": 2}},
        "due_date": {**TEXT, "format": "date"},
        "other": TEXT,
    },
}
LABELS = {
    "meter_number": ["Meter number"],
    "usage_kwh": ["Usage (kWh)"],
    "total_due": ["Total due"],
    "due_date": ["Due date"],
}
BILL = ("City Power Works", "Meter number: MX-8841", "Usage (kWh): 432.5", "Total due: 123.45", "Due date: 2024-05-03")
VALUES = {"meter_number": "MX-8841", "usage_kwh": 432.5, "total_due": 123.45, "due_date": "2024-05-03", "other": None}


def invoke(*arguments: str | Path) -> Any:
    return CliRunner().invoke(command_line(), [str(one) for one in arguments])


@pytest.fixture
def meter(tmp_path: Path) -> Path:
    path = tmp_path / "1-meter.schema.json"
    path.write_text(json.dumps(METER))
    return path


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    """A digital bill of one page."""
    path = tmp_path / "bill.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        for at, line in enumerate(BILL):
            page.insert_text((60, 80 + 24 * at), line)
        document.save(path)
    return path


@pytest.fixture
def _no_hostile_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """test_hostile_page.py tries schemas on them, seconds each; test_cli.py has a whole check."""
    monkeypatch.setattr(hostile_page, "hostile_page_problems", lambda _: [])


@pytest.mark.usefixtures("_no_hostile_pages")
def test_check_says_how_each_field_is_found(meter: Path) -> None:
    done = invoke("schemas", "check", meter)
    assert done.exit_code == 0
    said = done.stdout.splitlines()
    assert said[0].endswith(": fine")
    assert said[1] == "table: t1_meter"
    rows = {line.split()[0]: line for line in said[2:]}
    assert "by its name: 'meter number' or " in rows["meter_number"]
    assert "by name only: add a description" in rows["meter_number"]
    assert "by name and description" in rows["total_due"]
    assert "not at all: its name is too general; add x-docpipe.labels" in rows["other"]


@pytest.mark.usefixtures("_no_hostile_pages")
def test_check_says_the_same_as_one_json_object(meter: Path) -> None:
    found = json.loads(invoke("schemas", "check", meter, "--json").stdout)
    assert (found["fine"], found["problems"], found["table"]) == (True, [], "t1_meter")
    assert {one["path"]: one["layout"]["means"] for one in found["fields"]} == {
        **dict.fromkeys(("meter_number", "usage_kwh", "total_due", "due_date"), "name"), "other": "none",
    }  # fmt: skip


@pytest.mark.usefixtures("_no_hostile_pages")
def test_check_asks_whether_a_guess_was_meant(tmp_path: Path) -> None:
    path = tmp_path / "survey.json"
    boxes = {"text": TEXT, "ticked": {"type": "boolean"}}
    properties = {"boxes": {"type": "array", "items": {"type": "object", "properties": boxes}}}
    path.write_text(json.dumps({"type": "object", "properties": properties}))
    (asked,) = [line for line in invoke("schemas", "check", path).stdout.splitlines() if "did you mean" in line]
    assert asked.startswith("boxes: did you mean role: checkboxes?")
    assert json.loads(invoke("schemas", "check", path, "--json").stdout)["undeclared"] == [
        {"path": "boxes", "role": "checkboxes"}
    ]


def test_check_of_a_schema_that_cannot_be_used_lists_its_faults_as_json_too(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text('{"type": "object", "properties": {"_a": {"type": "string"}, "b": {}}}')
    done = invoke("schemas", "check", path, "--json")
    assert isinstance(done.exception, InvalidSchema)
    found = json.loads(done.stdout)
    assert (found["fine"], len(found["problems"])) == (False, 2)


def test_doctor_says_it_of_a_schema(meter: Path) -> None:
    said = invoke("doctor", "--schema", meter).stdout
    assert "by its name: 'meter number' or " in said
    fields = json.loads(invoke("doctor", "--schema", meter, "--json").stdout)["schema"]["fields"]
    assert [one["path"] for one in fields] == list(METER["properties"])
    assert "schema" not in json.loads(invoke("doctor", "--json").stdout)


@pytest.mark.slow
def test_text_of_a_schema_moves_no_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J"
    path = tmp_path / "evil.json"
    document = {
        "type": "object",
        "title": evil,
        "description": evil,
        "properties": {"meter_point": {**TEXT, "title": f"{evil} point", "description": evil}},
        "x-docpipe": {"checks": [{"name": evil, "left": "1", "op": "==", "right": "1"}]},
    }
    path.write_text(json.dumps(document))
    for command in ("show", "check"):
        said = invoke("schemas", command, path).stdout
        assert "meter_point" in said
        assert "\x1b" not in said
        assert "\x07" not in said


def test_a_schema_without_labels_reads_less_surely_than_one_with_them_and_the_run_says_so(
    meter: Path, bill: Path, tmp_path: Path
) -> None:
    labelled = json.loads(json.dumps(METER))
    for name, labels in LABELS.items():
        labelled["properties"][name].setdefault("x-docpipe", {})["labels"] = {"en": labels}
    told = tmp_path / "told.json"
    told.write_text(json.dumps(labelled))
    done = docpipe("run", bill, "--schema", meter, "--out", tmp_path / "out", "--workers", "0")
    assert done.code == 0, done.err
    (note,) = [line for line in done.err.splitlines() if line.startswith("layout: ")]
    assert "4 fields have no labels and are looked for by their names (meter_number, usage_kwh" in note
    assert "1 cannot be found (other)" in note
    (outcome,) = lines(docpipe("show", tmp_path / "out", "--json"))
    assert {name: str(value) for name, value in outcome["record"].items()} == {
        name: str(value) for name, value in VALUES.items()
    }
    sure = json.loads(docpipe("extract", bill, "--schema", told).out)
    assert sure["record"] == VALUES
    confidence = {one["path"]: one["confidence"] for one in sure["fields"]}
    for one in outcome["fields"]:
        assert float(one["confidence"]) < confidence[one["path"]]
