"""`docpipe eval` as a user runs it: score by default, engines side by side, what changed."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from docpipe.records import Field, Outcome, Record, Source
from docpipe.schema.load import load_schema
from docpipe.store.commit import Store
from tests.unit.cli.calling import call, docpipe

SCHEMA = load_schema("invoice")


def write_output(out: Path, totals: dict[str, str | None]) -> Path:
    """An output of invoices: file name -> the total that was found, or None where it failed."""
    with Store.open(out, SCHEMA, f"run-{out.name}") as store:
        for name, total in totals.items():
            source = Source(f"/in/{name}", 1, 1, doc_id=f"doc of {name}")
            value = {"total": None if total is None else Decimal(total), "line_items": [{"amount": Decimal(1)}]}
            fields = (Field("total", value["total"], 0.9, 1, ((0.1, 0.1, 0.2, 0.2),)),) if total else ()
            record = Record(value, (1,), "ok", 0.9, fields)
            store.add(Outcome(source, "invoice", "layout", {"engine": "layout"}, "ok", (record,)))
    return out


def write_labels(path: Path, totals: dict[str, float]) -> Path:
    entries = [
        {"id": name, "file": name, "label": {"total": total, "line_items": [{"amount": 1.0}], "stamp": "x"}}
        for name, total in totals.items()
    ]
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return path


@pytest.fixture
def output(tmp_path: Path) -> tuple[Path, Path]:
    out = write_output(tmp_path / "out", {"a.pdf": "5.00", "b.pdf": "7.00", "c.pdf": None})
    return out, write_labels(tmp_path / "labels.jsonl", {"a.pdf": 5.0, "b.pdf": 8.0, "c.pdf": 9.0, "gone.pdf": 1.0})


def test_eval_of_an_output_is_its_score(output: tuple[Path, Path], tmp_path: Path) -> None:
    out, labels = output
    done = docpipe("eval", out, "--truth", labels, "--json")
    assert done.code == 0, done.err
    result = json.loads(done.out)
    counts = result["fields"]["total"]
    assert [counts[name] for name in ("right", "wrong", "missing")] == [1, 1, 2]
    assert (result["missing"], result["not_in_schema"], result["schema"]) == (["gone.pdf"], ["stamp"], "invoice")
    for command in (["eval", "score", out, "--truth", labels], ["eval", "--truth", labels, out, "--schema", "invoice"]):
        shown = docpipe(*command)
        assert shown.code == 0, shown.err
        assert "gone.pdf" in shown.out
        assert "total" in shown.out


def test_reading_goes_by_current_json_and_not_by_what_lies_about(output: tuple[Path, Path]) -> None:
    out, labels = output
    part = next((out / "invoice").glob("*.parquet"))
    (out / "invoice" / "part-dead-000001.parquet").write_bytes(part.read_bytes())
    (out / "sources" / "part-dead-000001.parquet").write_bytes(b"torn")
    done = docpipe("eval", out, "--truth", labels, "--json")
    assert json.loads(done.out)["documents"]["labelled"] == 4


def test_compare_names_what_got_worse_and_can_fail(tmp_path: Path) -> None:
    names = [f"{index}.pdf" for index in range(60)]
    labels = write_labels(tmp_path / "labels.jsonl", dict.fromkeys(names, 5.0))
    write_output(tmp_path / "good", dict.fromkeys(names, "5"))
    write_output(tmp_path / "bad", {name: "5" if index % 3 else "6" for index, name in enumerate(names)})
    for one in ("good", "bad"):
        assert docpipe("eval", tmp_path / one, "--truth", labels, "--report", tmp_path / f"{one}.json").code == 0
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    worse = docpipe("eval", "compare", good, bad, "--fail-on-worse", "--json")
    assert worse.code == 1
    verdicts = {one["name"]: one["verdict"] for one in json.loads(worse.out)["changes"]}
    assert (verdicts["total"], verdicts["line_items.amount"]) == ("worse", "same")
    assert docpipe("eval", "compare", good, bad).code == 0
    better = docpipe("eval", "compare", bad, good, "--fail-on-worse")
    assert (better.code, "better" in better.out) == (0, True)


@pytest.mark.slow
def test_engines_run_side_by_side_on_the_same_documents(invoices: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text('{"answers": [{"total": 1.5}], "needs": ["words"]}')
    done = docpipe(
        "eval", "run", invoices, "--truth", invoices, "--schema", "invoice", "--engine", "layout", "--engine",
        "scripted", "--model", script, "--workers", "0", "--report", tmp_path / "both.json", "--out", tmp_path / "kept",
    )  # fmt: skip
    assert done.code == 0, done.err
    both = json.loads((tmp_path / "both.json").read_text())
    layout, scripted = both["runs"]
    assert (layout["engines"], scripted["engines"]) == (["layout"], ["scripted"])
    assert layout["overall"]["micro"]["f1"] > 0.5 > scripted["overall"]["micro"]["f1"]
    assert {one["name"]: one["verdict"] for one in both["against_the_first"][0]}["all fields"] == "worse"
    assert "2-scripted against 1-layout" in done.out
    page = tmp_path / "report.html"
    kept = docpipe("eval", tmp_path / "kept" / "2-scripted", "--truth", invoices, "--html", page, "--worst", "2")
    assert kept.code == 0, kept.err
    assert page.read_text().count("data:image/png;base64,") == 2


def test_a_page_whose_file_is_gone_is_shown_without_its_picture(output: tuple[Path, Path], tmp_path: Path) -> None:
    out, labels = output
    done = docpipe("eval", out, "--truth", labels, "--html", tmp_path / "report.html")
    assert done.code == 0, done.err
    assert "No picture" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["eval", "none", "--truth", "labels.jsonl"], "PATH_NOT_FOUND"),
        (["eval", "out", "--truth", "none.jsonl"], "PATH_NOT_FOUND"),
        (["eval", "out", "--truth", "bad.jsonl"], "INVALID_TRUTH"),
        (["eval", "out", "--truth", "empty.jsonl"], "INVALID_TRUTH"),
        (["eval", "out", "--truth", "out"], "INVALID_TRUTH"),
        (["eval", "out", "--truth", "labels.jsonl", "--format", "mnist"], "INVALID_TRUTH"),
        (["eval", "out", "--truth", "labels.jsonl", "--schema", "receipt"], "PATH_NOT_FOUND"),
        (["eval", "out", "--truth", "labels.jsonl", "--report", "no/such/file"], "OUTPUT_UNWRITABLE"),
        (["eval", "compare", "labels.jsonl", "none.json"], "INVALID_TRUTH"),
        (["eval", "run", "x", "--truth", "labels.jsonl", "-s", "invoice", "--engine", "layout", "--model", "a",
          "--model", "b"], "INVALID_SETTINGS"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)  # fmt: skip
def test_a_mistake_is_exit_2_with_one_clear_error(
    output: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: str
) -> None:
    (tmp_path / "bad.jsonl").write_text("{\n")
    (tmp_path / "empty.jsonl").write_text("\n")
    monkeypatch.chdir(tmp_path)
    done = call(monkeypatch, *arguments)
    assert done.code == 2, done.err
    assert f"docpipe: {code}: " in done.err
    assert "Traceback" not in done.err


def test_a_library_that_is_missing_is_named_with_its_extra(output: tuple[Path, Path]) -> None:
    out, labels = output
    code = (
        "import sys; sys.modules['scipy'] = None; sys.modules['scipy.optimize'] = None; import docpipe.cli as c;"
        f"sys.argv = ['docpipe', 'eval', {str(out)!r}, '--truth', {str(labels)!r}]; c.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "docpipe: MISSING_LIBRARY: scipy" in done.stderr
    assert "the extra 'eval'" in done.stderr
