"""`docpipe schemas draft` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.calling import docpipe
from tests.unit.draft.series import invoices, page


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    """Three sheets of a waterworks whose keys nobody knows."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number, (gauge, day, state) in enumerate([("K-118", "03.02.2024", "yes"), ("K-220", "14.02.2024", "no")] * 2):
        page(
            folder / f"{number}.pdf",
            "Waterworks Quellgrund",
            f"Gauge code: {gauge}{number}",
            f"Visited on: {day}",
            f"Seal intact: {state}",
            f"Pump pressure: {number + 3}.{number}5",
            f"Remark of the day: {'dry' if number else 'wet'} well",
            "Probe|Depth|Share",
            f"upper|{number + 1}.50|{number + 10} %",
            f"lower|{number + 7}.25|{number + 20} %",
        )
    return folder


def drafted(*arguments: object) -> dict[str, Any]:
    done = docpipe("schemas", "draft", *arguments, "--json")
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)
    return found


def test_unknown_keys_are_called_by_their_text_and_typed_by_their_values(readings: Path) -> None:
    properties = drafted(readings)["schema"]["properties"]
    assert properties["gauge_code"]["x-docpipe"]["type"] == "identifier"
    assert properties["visited_on"]["format"] == "date"
    assert properties["seal_intact"]["type"] == ["boolean", "null"]
    assert "number" in properties["pump_pressure"]["type"]
    assert properties["remark_of_the_day"]["type"] == ["string", "null"]
    assert list(properties["gauge_code"]["x-docpipe"]["labels"].values()) == [["Gauge code"]]
    assert properties["gauge_code"]["description"] == 'Printed in 4 of 4 samples as "Gauge code".'


def test_a_table_is_an_array_with_typed_columns(readings: Path) -> None:
    properties = drafted(readings)["schema"]["properties"]
    columns = next(each for each in properties.values() if each["type"] == "array")["items"]["properties"]
    assert list(columns) == ["probe", "depth", "share"]
    assert "number" in columns["depth"]["type"]
    assert columns["share"]["x-docpipe"]["type"] == "rate"


def test_nothing_is_required(readings: Path) -> None:
    schema = drafted(readings)["schema"]
    assert "required" not in schema
    assert all("null" in each["type"] for each in schema["properties"].values() if isinstance(each["type"], list))


def test_what_one_sample_prints_is_no_field(readings: Path) -> None:
    page(readings / "9.pdf", "Gauge code: K-9", "Key of nobody: 12.50")
    properties = drafted(readings)["schema"]["properties"]
    assert "gauge_code" in properties
    assert "key_of_nobody" not in properties


def test_what_stands_everywhere_in_the_same_words_is_no_entry(tmp_path: Path) -> None:
    for number in range(3):
        page(tmp_path / f"{number}.pdf", f"Gauge code: K-{number}4", "Motto: Clear water for all")
    assert list(drafted(tmp_path)["schema"]["properties"]) == ["gauge_code"]


def test_known_captions_become_concepts_and_sums_become_checks(tmp_path: Path) -> None:
    invoices(tmp_path, "de", "window_letter")
    found = drafted(tmp_path)
    properties = found["schema"]["properties"]
    assert properties["due_date"]["x-docpipe"]["labels"] == {"de": ["Zahlbar bis"]}
    assert properties["total"]["x-docpipe"]["type"] == "money"
    assert properties["seller"]["x-docpipe"]["role"] == "issuer"
    checks = found["schema"]["x-docpipe"]["checks"]
    assert {(each["left"], each["right"]) for each in checks} >= {("net_total + tax_amount", "total")}
    assert {each["severity"] for each in checks} == {"warning"}
    assert {each["path"]: each["read"] for each in found["fields"]}["total"] == 5


def test_without_out_stdout_has_the_schema_alone(readings: Path) -> None:
    done = docpipe("schemas", "draft", readings, "--name", "Readings")
    assert done.code == 0
    assert json.loads(done.out)["title"] == "Readings"
    assert "gauge_code" in done.err


def test_samples_that_cannot_be_read_are_told_and_skipped(readings: Path) -> None:
    (readings / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    page(readings / "empty.pdf")
    found = drafted(readings)
    assert {Path(each["name"]).name: each["code"] for each in found["skipped"]}.keys() == {"broken.pdf", "empty.pdf"}
    assert len(found["samples"]) == 4
    done = docpipe("schemas", "draft", readings)
    assert "skipped" in done.err
    assert "NO_TEXT" in done.err


def test_no_readable_sample_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    done = docpipe("schemas", "draft", tmp_path)
    assert (done.code, "NO_INPUTS" in done.err, done.out) == (2, True, "")


def test_nothing_in_common_is_an_error(tmp_path: Path) -> None:
    page(tmp_path / "a.pdf", "Dear all,", "nothing of note happened.")
    done = docpipe("schemas", "draft", tmp_path)
    assert (done.code, "nothing repeats" in done.err) == (2, True)


def test_a_file_that_is_there_is_left_alone(readings: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine.json"
    out.write_text("mine")
    done = docpipe("schemas", "draft", readings, "--out", out)
    assert (done.code, "OUTPUT_CONFLICT" in done.err, out.read_text()) == (2, True, "mine")


def test_a_folder_that_is_missing_for_the_output(readings: Path, tmp_path: Path) -> None:
    done = docpipe("schemas", "draft", readings, "--out", tmp_path / "no" / "mine.json")
    assert (done.code, "OUTPUT_UNWRITABLE" in done.err) == (2, True)
