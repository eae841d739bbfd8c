"""Reviewed values: typed, checked and marked like an engine's, all or none, and kept by later runs."""

from __future__ import annotations

import contextlib
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pymupdf
import pytest

from docpipe.errors import InvalidCorrections, PathNotFound
from docpipe.review.correct import Corrected, correct
from docpipe.review.corrections import Correction, read_corrections
from docpipe.run import job
from docpipe.run.plan import Again
from docpipe.run.progress import Progress
from docpipe.run.summary import Summary
from docpipe.schema.load import load_schema
from docpipe.settings import Running, Settings
from docpipe.store.read import read_outcomes, read_table

MONEY = {"type": ["number", "null"], "x-docpipe": {"scale": 2}}
LINE = {"type": "object", "properties": {"text": {"type": ["string", "null"]}, "amount": MONEY}}
DOCUMENT: dict[str, Any] = {
    "type": "object",
    "required": ["number"],
    "properties": {
        "number": {"type": ["string", "null"], "pattern": "^[A-Z]"},
        "issued": {"type": ["string", "null"], "format": "date"},
        "kind": {"type": ["string", "null"], "enum": ["bill", "credit", None]},
        "pieces": {"type": ["integer", "null"]},
        "total": MONEY,
        "lines": {"type": "array", "items": LINE},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "x-docpipe": {"checks": [{"name": "lines_sum", "left": "sum(lines.amount)", "op": "==", "right": "total"}]},
}
ANSWER = {"number": "A-1", "issued": "2026-01-31", "total": 12, "tags": ["x"], "lines": [
    {"text": "one", "amount": 3}, {"text": "two", "amount": 4}, {"text": "three", "amount": 5},
]}  # fmt: skip
NO_NUMBER = {**ANSWER, "number": None}
WRONG_SUM = {**ANSWER, "total": 13}


def page(name: str) -> bytes:
    """A PDF that prints what `ANSWER` says, a total of 13 too, and a name of its own."""
    with pymupdf.open() as document:
        sheet = document.new_page(width=400, height=300)
        for at, line in enumerate(("A-1", "2026-01-31", "one 3", "two 4", "three 5", "x", "12", "13", f"file {name}")):
            sheet.insert_text((20, 30 + 25 * at), line)
        content: bytes = document.tobytes(no_new_id=True)
        return content


class Office:
    """Documents a, b and c: as they should be, without a number, with a wrong total."""

    def __init__(self, folder: Path, first: Any = ANSWER) -> None:
        self.folder, self.out, self.file, self.script = (folder / name for name in ("in", "out", "bill.json", "s.json"))
        self.folder.mkdir()
        self.file.write_text(json.dumps(DOCUMENT))
        self.answers([first, NO_NUMBER, WRONG_SUM])
        for name in "abc":
            (self.folder / f"{name}.pdf").write_bytes(page(name))
        self.run()

    def answers(self, found: list[Any]) -> None:
        self.script.write_text(json.dumps({"answers": found, "needs": ["words"]}))

    def run(self, **again: Any) -> Summary:
        settings = Settings(
            schema=str(self.file), engine="scripted", model=str(self.script), inputs=(str(self.folder),),
            out=str(self.out), running=Running(workers=0),
        )  # fmt: skip
        return job.run(settings, Progress(io.StringIO(), quiet=True), again=Again(**again))

    def put(self, *values: tuple[str, str, Any], **how: Any) -> Corrected:
        """(letter of the document, path, value)."""
        found = [
            Correction(line, str(self.folder / f"{name}.pdf"), path, value)
            for line, (name, path, value) in enumerate(values, 2)
        ]
        return correct(str(self.out), load_schema(str(self.file)), found, lambda _: 0.5, **how)

    def __getitem__(self, name: str) -> dict[str, Any]:
        """What is told of a document."""
        (found,) = (one for one in read_outcomes(self.out) if Path(one["source_uri"]).stem == name)
        return found

    def field(self, name: str, path: str) -> dict[str, Any]:
        (found,) = (one for one in self[name]["fields"] if one["path"] == path)
        return found

    def everything(self) -> dict[str, Any]:
        return {one["source_uri"]: one for one in read_outcomes(self.out)}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def test_a_reviewed_value_is_in_its_column_and_evidence_tells_what_was_before(office: Office) -> None:
    others = {uri: one for uri, one in office.everything().items() if not uri.endswith("c.pdf")}
    assert office["c"]["status"] == "needs_review"
    done = office.put(("c", "total", "12.00"))
    assert list(done.statuses.values()) == [("needs_review", "repaired")]
    assert office["c"]["record"]["total"] == Decimal("12.00")
    told = office.field("c", "total")
    assert (told["value"], told["origin"], told["before"], told["confidence"]) == (Decimal(12), "review", "13.00", 1.0)
    assert "lines_sum" not in {one["rule"] for one in office["c"]["violations"]}
    assert {uri: one for uri, one in office.everything().items() if not uri.endswith("c.pdf")} == others
    assert sum(read_table(office.out, "bill")["total"].to_pylist()) == Decimal(36)
    ledger = {Path(row["source_uri"]).stem: row for row in read_table(office.out, "sources").to_pylist()}
    assert {name: (row["status"], row["reviewed"]) for name, row in ledger.items()} == {
        "a": (office["a"]["status"], False), "b": ("needs_review", False), "c": ("repaired", True),
    }  # fmt: skip


def test_a_value_that_breaks_a_check_is_taken_and_the_check_is_told(office: Office) -> None:
    office.put(("a", "total", 99))
    assert office["a"]["status"] == "needs_review"
    assert "lines_sum" in {one["rule"] for one in office["a"]["violations"]}


def test_a_value_may_be_filled_in_and_taken_away(office: Office) -> None:
    office.put(("b", "number", "B-7"), ("a", "issued", None), ("a", "kind", "credit"), ("a", "tags[1]", "y"))
    assert office["b"]["record"]["number"] == "B-7"
    assert not {one["rule"] for one in office["b"]["violations"]} & {"missing"}
    assert (office["a"]["record"]["issued"], office["a"]["record"]["kind"]) == (None, "credit")
    assert office["a"]["record"]["tags"] == ["x", "y"]
    assert office.field("a", "issued")["before"] == "2026-01-31"


def test_rows_are_added_and_taken_out_by_their_old_numbers(office: Office) -> None:
    office.put(
        ("c", "lines[0]", None), ("c", "lines[2].amount", "6"), ("c", "lines[3].amount", "7.5"),
        ("c", "lines[3].text", "new"), ("c", "total", "17.50"),
    )  # fmt: skip
    lines = office["c"]["record"]["lines"]
    assert [(row["text"], row["amount"]) for row in lines] == [
        ("two", Decimal(4)), ("three", Decimal(6)), ("new", Decimal("7.5")),
    ]  # fmt: skip
    told = {one["path"]: one["value"] for one in office["c"]["fields"]}
    assert told["lines[0].text"] == "two"
    assert told["lines[1].amount"] == Decimal(6)
    assert "lines[3].amount" not in told
    assert read_table(office.out, "bill_lines").num_rows == 9
    office.put(("c", "lines[1]", None), ("c", "lines[0]", None))
    assert [row["text"] for row in office["c"]["record"]["lines"]] == ["new"]


def test_violations_go_with_their_row_or_move_with_it(tmp_path: Path) -> None:
    lines = [{"text": "one", "amount": 3}, {"text": "two", "amount": "many"}, {"text": "three", "amount": "some"}]
    office = Office(tmp_path, {**ANSWER, "lines": lines})
    told = {path for one in office["a"]["violations"] for path in one["paths"]}
    assert {"lines[1].amount", "lines[2].amount"} <= told
    office.put(("a", "lines[1]", None))
    told = {path for one in office["a"]["violations"] for path in one["paths"]}
    assert "lines[1].amount" in told
    assert "lines[2].amount" not in told
    assert office.field("a", "lines")["before"] == "3 rows"
    office.put(("a", "lines[1].amount", 9), ("a", "total", 12))
    assert office["a"]["violations"] == []


def test_a_row_that_was_corrected_says_nothing_about_rows_that_are_missing(tmp_path: Path) -> None:
    office = Office(tmp_path, {**ANSWER, "lines": ANSWER["lines"][:2]})
    assert "incomplete_rows" in {one["rule"] for one in office["a"]["violations"]}
    office.put(("a", "lines[0].text", "first"))
    assert "incomplete_rows" in {one["rule"] for one in office["a"]["violations"]}
    office.put(("a", "lines[2].text", "three"), ("a", "lines[2].amount", 5))
    assert "incomplete_rows" not in {one["rule"] for one in office["a"]["violations"]}


def test_a_record_that_lost_a_row_is_not_as_it_was_read(office: Office) -> None:
    office.put(("a", "lines[2]", None), ("a", "total", 7))
    assert office["a"]["status"] == "repaired"


def test_a_value_that_is_given_twice_is_refused(office: Office) -> None:
    with pytest.raises(InvalidCorrections, match=r"line 3.*line 2"):
        office.put(("a", "total", 12), ("a", "total", 13))


def test_a_record_may_be_approved_as_it_stands(office: Office) -> None:
    before = office["c"]["record"]
    done = office.put(("c", "*", None))
    assert (done.values, done.approved) == (0, 1)
    assert office["c"]["record"] == before
    assert office["c"]["status"] == "repaired"
    assert office["c"]["confidence"] == 1.0
    assert {one["severity"] for one in office["c"]["violations"]} <= {"warning"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("total", "abc", "number"),
        ("total", "1.234", "decimal"),
        ("pieces", "1.5", "integer"),
        ("issued", "yesterday", "date"),
        ("issued", "03/04/2026", "may be"),
        ("kind", "letter", "bill, credit"),
        ("number", "lower", "pattern"),
        ("nothing", "1", "no value"),
        ("lines", None, "no value"),
        ("lines[5].text", "x", "3 rows"),
        ("lines[1]", "x", "row"),
        ("lines[7]", None, "row"),
        ("number", ["A"], "one value"),
        ("tags[4]", "x", "1 values"),
    ],
)
def test_what_cannot_be_taken_names_its_line_and_leaves_all_as_it_was(
    office: Office, path: str, value: Any, why: str
) -> None:
    before = office.everything()
    with pytest.raises(InvalidCorrections, match=rf"line 3.*{why}"):
        office.put(("c", "total", 12), ("a", path, value))
    assert office.everything() == before


def test_a_record_that_is_not_there_or_not_alone(office: Office, tmp_path: Path) -> None:
    with pytest.raises(InvalidCorrections, match=r"line 2.*no record"):
        office.put(("z", "total", 1))
    other = tmp_path / "other.json"
    other.write_text(json.dumps(DOCUMENT))
    with pytest.raises(PathNotFound, match="'other'"):
        correct(str(office.out), load_schema(str(other)), [Correction(2, "x", "total", 1)], lambda _: 0.5)
    assert "other" not in [path.name for path in office.out.iterdir()]


def test_a_dry_run_judges_and_writes_nothing(office: Office) -> None:
    before = office.everything()
    assert list(office.put(("c", "total", 12), dry_run=True).statuses.values()) == [("needs_review", "repaired")]
    assert office.everything() == before


def test_later_runs_keep_what_was_reviewed_unless_forced(office: Office) -> None:
    office.put(("c", "total", 12))
    reviewed = office["c"]
    office.answers([{**ANSWER, "number": "Q-9"}])
    summary = office.run()
    assert (summary.kept_reviewed, summary.already_done) == (1, 1)
    assert office["c"] == reviewed
    assert office["a"]["record"]["number"] == "Q-9"
    assert office.run(retry=frozenset({"repaired", "needs_review", "ok"})).kept_reviewed == 1
    (office.folder / "again.pdf").write_bytes((office.folder / "c.pdf").read_bytes())
    assert office.run().kept_reviewed == 2
    assert office["again"]["record"] == reviewed["record"]
    forced = office.run(force=True)
    assert forced.kept_reviewed == 0
    assert office["c"]["record"]["number"] == "Q-9"
    assert not any(row["reviewed"] for row in read_table(office.out, "sources").to_pylist())


def test_other_bytes_at_the_path_are_another_document(office: Office) -> None:
    office.put(("c", "total", 12))
    (office.folder / "c.pdf").write_bytes(page("another"))
    assert office.run().kept_reviewed == 0
    assert not any(row["reviewed"] for row in read_table(office.out, "sources").to_pylist())


@pytest.mark.slow
@pytest.mark.parametrize("nth", range(1, 8))
def test_a_killed_correction_is_there_or_not(office: Office, nth: int) -> None:
    before = office.everything()
    left = nth

    def step(_: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        office.put(("a", "number", "Z"), ("c", "total", 12), step=step)
    again = office.put(("b", "number", "B-1"))
    assert len(again.statuses) == 1
    after = office.everything()
    values = {Path(uri).stem: (one["record"]["number"], one["record"]["total"]) for uri, one in after.items()}
    done, undone = (
        {"a": ("Z", Decimal(12)), "c": ("A-1", Decimal(12))},
        {"a": ("A-1", Decimal(12)), "c": ("A-1", Decimal(13))},
    )
    assert {name: values[name] for name in "ac"} in (done, undone)
    assert read_table(office.out, "bill").num_rows == 3
    assert read_table(office.out, "bill_lines").num_rows == 9
    assert len(after) == len(before)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_files_of_every_kind_say_the_same(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"reviewed{suffix}"
    rows = [
        {"_record_id": "r1", "path": "total", "value": "12.50"},
        {"_record_id": "r2", "path": "issued", "value": None},
    ]
    if suffix == ".csv":
        path.write_text(
            "\ufeff_record_id,path,value,note\r\nr1,total,12.50,looked\r\nr9,total,,untouched\r\nr2,issued,null,\r\n"
        )
    elif suffix == ".jsonl":
        path.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)
    found = read_corrections(path)
    assert [(one.record, one.path, one.value) for one in found] == [("r1", "total", "12.50"), ("r2", "issued", None)]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.txt", "x", "csv"),
        ("a.csv", "_record_id,path,value\n", "no rows"),
        ("a.csv", "_record_id,path,value\n,total,1\n", "line 2 names no record"),
        ("a.csv", "_record_id,path,value\nr,total,\n", "no rows"),
        ("a.csv", "_record_id,path,value\nr,,1\n", "line 2 names no path"),
        ("a.csv", "_record_id,path\nr,total\n", "line 2 has no value"),
        ("a.jsonl", '{"_record_id": "r"', "line 1 is not JSON"),
        ("a.jsonl", "[1]", "line 1 is no JSON object"),
        ("a.parquet", "no", "cannot be read"),
        ("gone.csv", None, "cannot be read"),
    ],
)
def test_a_file_that_is_none_says_where(tmp_path: Path, name: str, text: str | None, why: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InvalidCorrections, match=why):
        read_corrections(tmp_path / name)
