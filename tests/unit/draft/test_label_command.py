"""`docpipe schemas label` as a user calls it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.calling import docpipe
from tests.unit.draft.series import invoices, page

TEXT: dict[str, Any] = {"type": ["string", "null"]}
NUMBER: dict[str, Any] = {"type": ["number", "null"]}
BILL: dict[str, Any] = {
    "title": "Bill",
    "type": "object",
    "properties": {
        "invoice_no": TEXT,
        "issued": {**TEXT, "format": "date"},
        "net": {**NUMBER, "x-docpipe": {"scale": 2}},
        "total": {"$ref": "#/$defs/Money"},
        "vat_id": {**TEXT, "x-docpipe": {"labels": {"en": ["VAT"]}}},
        "buyer": {"type": "object", "properties": {"name": TEXT}},
        "items": {
            "type": "array",
            "items": {"type": "object", "properties": {"description": TEXT, "unit_price": NUMBER}},
        },
    },
    "$defs": {"Money": {**NUMBER, "x-docpipe": {"scale": 3}}},
}


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    path = tmp_path / "bill.json"
    path.write_text(json.dumps(BILL, indent=2), encoding="utf-8")
    return path


def label(*arguments: object) -> dict[str, Any]:
    """What the command proposes: path -> its labels, as --json has them."""
    done = docpipe("schemas", "label", *arguments, "--json")
    assert done.code == 0, done.err
    found: dict[str, Any] = {each["path"]: each["labels"] for each in json.loads(done.out)["fields"]}
    return found


def texts(labels: list[dict[str, str]], language: str) -> list[str]:
    return [each["text"] for each in labels if each["language"] == language]


def without_labels(node: Any) -> Any:
    """A schema as it was before any field had labels, and of those that had nothing else no extension."""
    if isinstance(node, dict):
        kept = {name: without_labels(each) for name, each in node.items() if name != "labels"}
        return {name: each for name, each in kept.items() if (name, each) != ("x-docpipe", {})}
    return [without_labels(each) for each in node] if isinstance(node, list) else node


def test_names_and_captions_without_samples(bill: Path) -> None:
    found = label(bill)
    assert "Inv no" in texts(found["invoice_no"], "en")
    assert {each["language"] for labels in found.values() for each in labels} == {"en"}
    assert "vat_id" not in found
    sources = {each["text"]: each["source"] for each in found["invoice_no"]}
    assert sources["Invoice no"] == "its name"
    assert sources["Inv no"] == "a caption of invoice_number"


def test_languages_that_are_asked_for(bill: Path) -> None:
    found = label(bill, "--language", "de,pl")
    assert "Rechnungsnummer" in texts(found["invoice_no"], "de")
    assert texts(found["invoice_no"], "pl")
    assert "Einzelpreis" in texts(found["items.unit_price"], "de")


def test_what_samples_print_comes_first(bill: Path, tmp_path: Path) -> None:
    invoices(tmp_path / "in", "de", "window_letter")
    found = label(bill, "--samples", tmp_path / "in")
    first = found["issued"][0]
    assert (first["language"], first["text"]) == ("de", "Belegdatum")
    assert first["source"] == "printed in 5 of 5 samples"
    assert found["total"][0]["text"] == "Endbetrag"
    assert not texts(found["issued"], "fr")
    assert texts(found["net"], "de")[0] == "Netto"
    assert "Nettolohn" not in texts(found["net"], "de")  # what samples print for it is no pay


def test_the_only_date_left_is_the_only_field_of_dates(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3):
        page(tmp_path / "in" / f"{number}.pdf", f"Gauge code: K-{number}17", f"Swept through: 1{number}.03.2024")
    path = tmp_path / "odd.json"
    day, code = {**TEXT, "format": "date"}, TEXT
    path.write_text(json.dumps({"type": "object", "properties": {"zeta": day, "eta": code}}))
    found = label(path, "--samples", tmp_path / "in")
    assert found["zeta"][0]["text"] == "Swept through"
    assert found["zeta"][0]["source"] == "the only date left, printed in 3 of 3 samples"
    assert [each["text"] for each in found["eta"]] == ["Eta"]  # a text may be anything


def test_nothing_is_written_unless_asked(bill: Path) -> None:
    before = bill.read_bytes()
    done = docpipe("schemas", "label", bill)
    assert done.code == 0
    assert "  + en  Invoice no" in done.out
    assert "nothing is written" in done.out
    assert bill.read_bytes() == before


def test_in_place_changes_nothing_but_labels(bill: Path) -> None:
    bill.chmod(0o640)
    assert docpipe("schemas", "label", bill, "--in-place").code == 0
    assert bill.stat().st_mode & 0o777 == 0o640
    after = json.loads(bill.read_text("utf-8"))
    assert after["properties"]["vat_id"] == BILL["properties"]["vat_id"]
    assert after["properties"]["total"]["x-docpipe"]["scale"] == 3  # what stands behind the $ref still counts
    del after["properties"]["total"]["x-docpipe"]
    assert without_labels(after) == without_labels(BILL)
    assert list(after["properties"]) == list(BILL["properties"])
    assert docpipe("schemas", "check", bill).code == 0
    done = docpipe("schemas", "label", bill)
    assert "invoice_no" not in done.out  # what has labels is left alone
    assert not list(bill.parent.glob(".bill*"))


def test_two_fields_with_one_declaration_share_what_both_are_called(tmp_path: Path) -> None:
    party = {"type": "object", "properties": {"iban": TEXT, "phone": TEXT}}
    both = {name: {"$ref": "#/$defs/Party"} for name in ("seller", "buyer")}
    path = tmp_path / "two.json"
    path.write_text(json.dumps({"type": "object", "properties": both, "$defs": {"Party": party}}))
    assert docpipe("schemas", "label", path, "--in-place").code == 0
    after = json.loads(path.read_text())["$defs"]["Party"]["properties"]
    written = [text for each in after.values() for text in each.get("x-docpipe", {}).get("labels", {}).get("en", [])]
    assert not [text for text in written if "eller" in text or "uyer" in text]
    assert docpipe("schemas", "check", path).code == 0


def test_a_new_file_is_written_once(bill: Path, tmp_path: Path) -> None:
    out = tmp_path / "labelled.json"
    assert docpipe("schemas", "label", bill, "--out", out).code == 0
    assert docpipe("schemas", "check", out).code == 0
    done = docpipe("schemas", "label", bill, "--out", out)
    assert (done.code, "OUTPUT_CONFLICT" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--in-place", "--out", "x.json"), "INVALID_SETTINGS"),
        (("--language", "xx"), "INVALID_SETTINGS"),
        (("--out", "x.txt"), "INVALID_SETTINGS"),
        (("--samples", "nowhere.pdf"), "PATH_NOT_FOUND"),
    ],
)
def test_errors_are_typed(bill: Path, arguments: tuple[str, ...], code: str) -> None:
    before = bill.read_bytes()
    done = docpipe("schemas", "label", bill, *arguments)
    assert (done.code, code in done.err) == (2, True), done.err
    assert bill.read_bytes() == before


def test_a_shipped_schema_is_not_written(tmp_path: Path) -> None:
    done = docpipe("schemas", "label", "receipt", "--in-place")
    assert (done.code, "USAGE" in done.err) == (2, True)
    assert docpipe("schemas", "label", "receipt").code == 0


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_takes_no_file(bill: Path) -> None:
    bill.parent.chmod(0o500)
    try:
        done = docpipe("schemas", "label", bill, "--in-place")
    finally:
        bill.parent.chmod(0o700)
    assert (done.code, "OUTPUT_UNWRITABLE" in done.err) == (2, True)
