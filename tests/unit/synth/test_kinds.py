"""What holds for every kind of document: its label follows its schema, and each value stands in its box."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pymupdf
import pytest

from docpipe.synth import KINDS, generate
from docpipe.synth.generate import Order, lines, make
from docpipe.synth.languages import LANGUAGES
from docpipe.synth.traits import hard_kinds

ROOT = Path(__file__).parents[3]
COUNT, SEED = 20, 17
# Values that are told of a whole document and printed nowhere as such.
TOLD = ("document_type", "chart_type", "pages")


SLOW = ("bundle", "statement")  # of many pages


HARD = tuple(f"hard {kind}" for kind in hard_kinds())


@pytest.fixture(
    scope="module",
    params=[*(pytest.param(kind, marks=pytest.mark.slow) if kind in SLOW else kind for kind in KINDS), *HARD],
)
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """Some documents of each kind, clean; and of the kinds that can be hard, some that all are."""
    kind = request.param.removeprefix("hard ")
    hard = float(kind != request.param)
    out = generate(kind, COUNT, SEED, tmp_path_factory.mktemp(kind), hard=hard)
    return out, [json.loads(line) for line in (out / "labels.jsonl").read_text(encoding="utf-8").splitlines()]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def schema(name: str) -> dict[str, Any]:
    """The schema of a label, without what it requires: labels are partial."""
    shipped = ROOT / "schemas" / f"{name}.json"
    own = ROOT / "docpipe" / "synth" / name / f"{name}.json"
    document: dict[str, Any] = json.loads((shipped if shipped.exists() else own).read_text(encoding="utf-8"))
    return {**document, "required": []}


def unstated(properties: dict[str, Any], label: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """The paths of a schema that a label says nothing of, rows' cells included."""
    for name, node in properties.items():
        path = f"{prefix}{name}"
        if name not in label:
            yield path
            continue
        below = node if node["type"] == "object" else node.get("items", {})
        for inner in label[name] if node["type"] == "array" else [label[name]]:
            if "properties" in below:
                yield from unstated(below["properties"], inner, f"{path}.")


def without_spans(record: dict[str, Any]) -> dict[str, Any]:
    """The record without the cells that tell of spans, which no schema knows."""
    if "tables" not in record:
        return record
    tables = [{key: value for key, value in table.items() if key != "cells"} for table in record["tables"]]
    return {**record, "tables": tables}


def test_every_line_names_its_file_and_where_it_comes_from(made: Any) -> None:
    out, truths = made
    assert len({truth["file"] for truth in truths}) == COUNT
    assert len({truth["id"] for truth in truths}) == len(truths)
    assert {truth["file"] for truth in truths} | {"labels.jsonl"} == {path.name for path in out.iterdir()}
    for truth in truths:
        assert truth["sha256"] == hashlib.sha256((out / truth["file"]).read_bytes()).hexdigest()
        assert truth["source"]["seed"] == SEED
        assert truth["licence"] == "Apache-2.0"
        assert truth["label_source"]
        assert truth["degraded"] == []


FEWEST_LANGUAGES = {"copies": 1, "siblings": 2}  # of COUNT documents: one form is filled in again and again


def test_all_languages_are_written(made: Any) -> None:
    _, truths = made
    assert len({truth["language"] for truth in truths}) >= FEWEST_LANGUAGES.get(truths[0]["doc_type"], 8)


def test_every_label_follows_the_schema_it_names(made: Any) -> None:
    for truth in made[1]:
        validator = jsonschema.Draft202012Validator(schema(truth["schema"]))
        assert all(table["cells"] for table in truth["label"].get("tables", []))
        problems = [
            f"{error.json_path}: {error.message}" for error in validator.iter_errors(without_spans(truth["label"]))
        ]
        assert not problems, f"{truth['id']}: {problems[:3]}"
        assert truth["label"]


def test_every_field_of_the_schema_has_its_value_or_is_stated_null(made: Any) -> None:
    """What a label leaves out could be called neither right nor wrong: precision would be too high."""
    for truth in made[1]:
        lacking = set(unstated(schema(truth["schema"])["properties"], without_spans(truth["label"])))
        assert not lacking, f"{truth['id']}: nothing is said of {sorted(lacking)}"


def test_what_is_stated_null_is_printed_nowhere(made: Any) -> None:
    for truth in made[1]:
        printed = [path for path, value in leaves(truth["label"]) if value is None and truth["boxes"].get(path)]
        # An empty field or axis has a place to be filled in or read off, nothing in it.
        assert not printed, f"{truth['id']}: {printed}"


def test_every_shipped_schema_has_documents_to_measure_it_with() -> None:
    named = {make(Order(kind, SEED), 0).truth["schema"] for kind in KINDS}
    assert {path.stem for path in (ROOT / "schemas").glob("*.json")} <= named


def test_every_value_has_a_box_on_its_page(made: Any) -> None:
    for truth in made[1]:
        for path, value in leaves(truth["label"]):
            told = path.split(".")[-1].split("[")[0] in TOLD or (".cells[" in path and ".rows[" not in path)
            if value is None or told:
                continue
            assert truth["boxes"].get(path), f"{truth['id']}: no box for {path}"
        for places in truth["boxes"].values():
            for place in places:
                x0, y0, x1, y1 = place["box"]
                assert 0 <= x0 < x1 <= 1, truth["id"]
                assert 0 <= y0 < y1 <= 1, truth["id"]
                assert 1 <= place["page"] <= truth["pages"]


def characters(page: Any) -> list[tuple[float, float, str]]:
    """The middle of each character as parts of the page, and the character."""
    found = []
    for block in page.get_text("rawdict", flags=pymupdf.TEXT_PRESERVE_WHITESPACE)["blocks"]:
        for line in block.get("lines", []):
            for span in line["spans"]:
                for char in span["chars"]:
                    x0, y0, x1, y1 = char["bbox"]
                    found.append(((x0 + x1) / 2 / page.rect.width, (y0 + y1) / 2 / page.rect.height, char["c"]))
    return found


def test_mupdf_reads_in_each_box_what_is_printed_there(made: Any) -> None:
    out, truths = made
    read = 0
    for truth in truths:
        if not truth["text_layer"] or truth["pages"] > 12:
            continue
        with pymupdf.open(out / truth["file"]) as document:
            pages = [characters(page) for page in document]
        for path, texts in truth["synthetic"]["printed"].items():
            if truth["synthetic"].get("slanted") and path.endswith(".x"):
                continue  # the upright box around a leaning text holds parts of its neighbours
            if path == "seller.name" and "picture_name" in truth["synthetic"].get("traits", ()):
                continue  # it holds a picture
            for place, text in zip(truth["boxes"][path], texts, strict=True):
                x0, y0, x1, y1 = place["box"]
                inside = [char for x, y, char in pages[place["page"] - 1] if x0 <= x <= x1 and y0 <= y <= y1]
                assert "".join("".join(inside).split()) == "".join(text.split()), f"{truth['id']} {path}"
                read += 1
    assert read > 40


def test_document_k_is_the_same_however_many_are_made(made: Any) -> None:
    out, truths = made
    kind = truths[0]["source"]["kind"]
    order = Order(kind, SEED, hard=float(any("traits" in truth["synthetic"] for truth in truths)))
    last = make(order, COUNT - 1)
    assert last.content == (out / truths[-1]["file"]).read_bytes()
    assert json.loads(json.dumps(lines(order, last)[-1]["label"])) == truths[-1]["label"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_language_alone_can_be_asked_for(language: str) -> None:
    for kind in KINDS:
        assert make(Order(kind, 1, (language,)), 0).truth["language"] == language
