"""The samples are not tuned to the reader: not all captions are in a schema, and the mix is what was promised."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docpipe.schema.load import load_schema, shipped_schemas
from docpipe.schema.nodes import Node
from docpipe.synth.generate import Order, make

FOLDER = Path(__file__).parents[2] / "samples" / "invoices"
LABELS: list[dict[str, Any]] = [json.loads(line) for line in (FOLDER / "labels.jsonl").read_text().splitlines()]


def folded(caption: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", caption).casefold())


def words(node: Node) -> Iterator[str]:
    yield from (folded(label) for label in node.all_labels())
    for child in (*node.children, *filter(None, [node.item])):
        yield from words(child)


def test_at_least_one_caption_in_ten_is_in_no_schema() -> None:
    """Ordinary documents mostly have captions that everybody uses; those made to measure with have three in ten."""
    known = {word for name in shipped_schemas() for word in words(load_schema(name).root)}
    printed = [folded(caption) for label in LABELS for caption in label["synthetic"]["captions"].values() if caption]
    strange = [caption for caption in printed if caption not in known]
    assert len(printed) > 300
    assert len(strange) / len(printed) >= 0.1


SYNTH = Path(__file__).parents[2] / "docpipe" / "synth"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["invoice", "receipt", "statement"])
def test_three_in_ten_captions_of_every_synthetic_kind_are_in_no_schema(kind: str) -> None:
    known = {word for name in shipped_schemas() for word in words(load_schema(name).root)}
    languages = ("en", "de", "fr", "es", "it", "nl", "pt")  # those that the schemas have words for
    made = [make(Order(kind, 71, languages), index).truth["synthetic"]["captions"] for index in range(60)]
    printed = [folded(caption) for captions in made for caption in captions.values() if caption]
    assert len(printed) > 300
    assert sum(caption not in known for caption in printed) / len(printed) >= 0.3


def test_the_generator_shares_no_word_list_with_the_reader() -> None:
    """It names no schema file and no room of the reader, in code or data; and nobody but it opens its data."""
    for path in SYNTH.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "x-docpipe" not in text, path
        assert "shipped" not in text, path
        rooms = re.findall(r"(?:from|import) docpipe\.(\w+)", text)
        assert set(rooms) <= {"synth", "errors"}, path
    for path in (SYNTH.parent).rglob("*.py"):
        if SYNTH not in path.parents:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"(?:from|import) docpipe\.synth", text) or path.parent.name == "cli", path
            assert "synth/data" not in text, path


def test_the_mix_is_what_was_promised() -> None:
    assert len(LABELS) >= 24
    assert len({label["synthetic"]["layout"] for label in LABELS}) >= 8
    assert len({label["language"] for label in LABELS}) >= 5
    kinds = {label["synthetic"]["kind"] for label in LABELS}
    assert {"plain", "long", "credit", "lump", "scan", "photo"} <= kinds
    assert any(label["pages"] > 1 and len(label["label"]["line_items"]) > 10 for label in LABELS)
    assert any(label["label"].get("document_type") == "credit_note" for label in LABELS)
    assert any(not label["label"].get("line_items") for label in LABELS)
    assert {label["text_layer"] for label in LABELS} == {True, False}


def test_every_sample_has_its_truth_and_nothing_else_lies_there() -> None:
    assert {label["file"] for label in LABELS} | {"labels.jsonl"} == {path.name for path in FOLDER.iterdir()}
