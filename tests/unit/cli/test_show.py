"""`show` prints what tells a record, says what to do about a review, and gives pages as `extract` and `resolve` do."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typer.testing import CliRunner

from docpipe.cli import command_line
from docpipe.errors import InvalidSettings
from tests.unit.cli.calling import docpipe, lines


def invoke(*arguments: str | Path, columns: int = 200) -> Any:
    return CliRunner(env={"COLUMNS": str(columns)}).invoke(command_line(), [str(one) for one in arguments])


@pytest.fixture(scope="module")
def output(invoices: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three invoices, of which one needs review."""
    folder = tmp_path_factory.mktemp("show")
    script = folder / "script.json"
    total = {"document_type": "invoice", "currency": "EUR", "total": 12.5, "invoice_date": "2024-05-03"}
    answers = [{**total, "invoice_number": f"RE-{at}"} for at in (1, 2)]
    script.write_text(json.dumps({"answers": [*answers, {"notes": "nothing"}], "needs": ["words"]}))
    done = docpipe(
        "run", invoices, "--schema", "invoice", "--out", folder / "out", "--workers", "0", "--limit", "3",
        "--engine", "scripted", "--model", script, "--set", "extraction.follow_ups=0",
    )  # fmt: skip
    assert done.code == 0, done.err
    return folder / "out"


def header(said: str) -> list[str]:
    """The columns of the table of records."""
    rows = said[said.index("Records") :].splitlines()
    return [cell.strip() for cell in rows[2].strip("┃").split("┃")]


def test_the_columns_are_the_schemas_summary_in_its_order(output: Path) -> None:
    said = invoke("show", output).stdout
    assert header(said) == [
        "source", "status", "invoice_number", "invoice_date", "total", "currency", "seller.name",
    ]  # fmt: skip
    assert "2024-05-03" in said


@pytest.mark.parametrize(
    ("value", "short"),
    [
        ("1024.270", "1024.27"),
        ("12.5000", "12.50"),
        ("7.125", "7.125"),
        ("-3.000", "-3.00"),
        ("12", "12"),
        ("NaN", "NaN"),
    ],
)
def test_a_decimal_is_told_without_the_zeros_that_fill_its_scale(value: str, short: str) -> None:
    from docpipe.cli.show import _short

    assert str(_short(Decimal(value))) == short


def test_a_narrow_terminal_shows_the_same_columns(output: Path) -> None:
    assert "12.50" in invoke("show", output, columns=100).stdout


def test_without_a_summary_the_columns_that_tell_most_are_shown(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from docpipe.cli import show

    class Types:
        metadata: ClassVar[dict[bytes, bytes]] = {}  # of a part that an earlier docpipe wrote

    monkeypatch.setattr(show, "read_types", lambda *_: Types)
    columns = header(invoke("show", output).stdout)
    assert columns[:2] == ["source", "status"]
    assert "invoice_number" in columns


def test_what_needs_review_is_followed_by_what_to_do(output: Path) -> None:
    said = invoke("show", output).stdout
    counts = [one["status"] for one in lines(docpipe("show", output, "--json"))]
    assert f"{counts.count('needs_review')} to review" in said
    assert counts.count("needs_review")
    assert f"`docpipe show {output} --status needs_review --json`" in said
    assert f"`docpipe correct {output} FILE --schema S`" in said


def test_one_status_alone_is_listed(output: Path) -> None:
    whole = [json.loads(line) for line in invoke("show", output, "--json").stdout.splitlines()]
    listed = [
        json.loads(line) for line in invoke("show", output, "--json", "--status", "needs_review").stdout.splitlines()
    ]
    assert listed == [one for one in whole if one["status"] == "needs_review"]
    assert "Records" not in invoke("show", output, "--status", "failed").stdout


def test_what_is_no_status_is_refused(output: Path) -> None:
    for flags in ([], ["--json"]):
        assert isinstance(invoke("show", output, "--status", "bad", *flags).exception, InvalidSettings)


def test_pages_have_one_shape_in_extract_show_and_resolve(invoices: Path, tmp_path: Path) -> None:
    path = sorted(invoices.glob("*.pdf"))[0]
    docpipe("run", path, "--schema", "invoice", "--out", tmp_path / "out", "--workers", "0")
    (shown,) = lines(docpipe("show", tmp_path / "out", "--json"))
    extracted = json.loads(docpipe("extract", path, "--schema", "invoice").out)
    (tmp_path / "answer.json").write_text("{}")
    resolved = json.loads(docpipe("resolve", tmp_path / "answer.json", "--schema", "invoice", "--page", path).out)
    assert shown["pages"] == extracted["pages"] == resolved["pages"] == list(range(1, len(shown["pages"]) + 1)) != []
