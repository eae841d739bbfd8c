"""A schema drafted from samples is one that docpipe accepts, and a run under it reads what the samples print."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from docpipe.draft.drafted import drafted as drafted_of
from docpipe.draft.samples import read_samples
from docpipe.settings import Settings
from tests.unit.cli.calling import docpipe, lines
from tests.unit.draft.series import HOW_MANY, forms, invoices, receipts

GOOD_SHARE = 0.5  # of the values that are printed: a number in a title and a day in a sentence have no key
SCALARS = ("invoice_number", "invoice_date", "total", "due_date", "receipt_number", "date")


def run(folder: Path, schema: Path, out: Path) -> list[dict[str, Any]]:
    """The records of the folder's documents under the schema, in the order of their names."""
    done = docpipe("run", folder, "--schema", schema, "--engine", "layout", "--out", out, "--workers", 0, "-q")
    assert done.code == 0, done.err
    shown = lines(docpipe("show", out, "--json"))
    return [each["record"] for each in sorted(shown, key=lambda each: each["source_uri"])]


def drafted(folder: Path, tmp_path: Path) -> Path:
    """The file of a draft from the folder, which `schemas check` accepts."""
    schema = tmp_path / "drafted.json"
    done = docpipe("schemas", "draft", folder, "--out", schema)
    assert done.code == 0, done.err
    assert docpipe("schemas", "check", schema).code == 0
    return schema


def values(record: Any) -> Iterator[str]:
    """Every value of a record as text; numbers without the zeros at their end."""
    if isinstance(record, dict):
        yield from (text for below in record.values() for text in values(below))
    elif isinstance(record, list):
        yield from (text for below in record for text in values(below))
    elif record is not None:
        yield plain(record)


def plain(value: Any) -> str:
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text and text.replace(".", "").replace("-", "").isdigit() else text


def share(truths: list[dict[str, Any]], records: Sequence[dict[str, Any]]) -> float:
    """Of the numbers, dates and sums of the truth, the share that a record has anywhere."""
    found = [
        plain(truth[name]) in set(values(record))
        for truth, record in zip(truths, records, strict=True)
        for name in SCALARS
        if truth.get(name) is not None
    ]
    assert len(found) >= 2 * HOW_MANY
    return sum(found) / len(found)


def lists(record: dict[str, Any]) -> set[int]:
    """How many rows each list of a record has."""
    return {len(value) for value in record.values() if isinstance(value, list)}


def read_of(folder: Path) -> tuple[dict[str, Any], ...]:
    """What the layout engine reads of the samples under their own draft, without a run."""
    samples, skipped = read_samples([str(folder)], Settings())
    assert not skipped
    return tuple(map(dict, drafted_of(samples, "draft").answers))


def rows_right(truths: list[dict[str, Any]], records: Sequence[dict[str, Any]]) -> int:
    """In how many records a list has as many rows as the truth has items."""
    return sum(len(truth["line_items"]) in lists(record) for truth, record in zip(truths, records, strict=True))


def test_from_invoices_to_a_run(tmp_path: Path) -> None:
    truths = invoices(tmp_path / "in", "de", "window_letter")
    records = run(tmp_path / "in", drafted(tmp_path / "in", tmp_path), tmp_path / "out")
    assert share(truths, records) >= GOOD_SHARE
    assert rows_right(truths, records) > HOW_MANY / 2


def test_from_receipts_to_a_run(tmp_path: Path) -> None:
    truths = receipts(tmp_path / "in", "en")
    records = run(tmp_path / "in", drafted(tmp_path / "in", tmp_path), tmp_path / "out")
    assert share(truths, records) >= GOOD_SHARE
    assert rows_right(truths, records) > HOW_MANY / 2


def test_from_forms_to_a_run(tmp_path: Path) -> None:
    truths = forms(tmp_path / "in", "de", 2)
    records = run(tmp_path / "in", drafted(tmp_path / "in", tmp_path), tmp_path / "out")
    assert entries(truths, records) >= GOOD_SHARE


@pytest.mark.parametrize(
    ("language", "design"),
    [
        *(("en", "banner"), ("fr", "two_parties"), ("it", "summary_first")),
        *(("es", "reference_letter"), ("nl", "centred_head"), ("sv", "sidebar"), ("pt", "order_form")),
    ],
)
def test_invoices(language: str, design: str, tmp_path: Path) -> None:
    truths = invoices(tmp_path, language, design)
    records = read_of(tmp_path)
    assert share(truths, records) >= GOOD_SHARE
    assert rows_right(truths, records) > HOW_MANY / 2


@pytest.mark.parametrize("language", ["fr", "de", "it"])
def test_receipts(language: str, tmp_path: Path) -> None:
    truths = receipts(tmp_path, language)
    records = read_of(tmp_path)
    assert share(truths, records) >= GOOD_SHARE
    assert rows_right(truths, records) > HOW_MANY / 2


@pytest.mark.parametrize(("language", "seed"), [("fr", 3), ("nl", 4)])
def test_forms(language: str, seed: int, tmp_path: Path) -> None:
    truths = forms(tmp_path, language, seed)
    assert entries(truths, read_of(tmp_path)) >= GOOD_SHARE


def entries(truths: list[dict[str, Any]], records: Sequence[dict[str, Any]]) -> float:
    """Of the texts that were entered at keys of their own, the share that a record has."""
    read = [
        each["value"] in " ".join(values(record))
        for truth, record in zip(truths, records, strict=True)
        for each in truth["fields"]
        if each["value"] and "/" not in each["key"] and not any(char.isdigit() for char in each["value"])
    ]
    assert len(read) >= HOW_MANY
    return sum(read) / len(read)
