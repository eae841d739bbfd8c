"""Files and labels: the same for the same seed, and what the samples hold."""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from docpipe.synth import generate
from docpipe.synth.__main__ import main
from docpipe.synth.invoice.make import make

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "samples" / "invoices"
SAMPLE_SEED = 2024
LABEL_KEYS = {
    *("document_type", "invoice_number", "invoice_date", "due_date", "seller", "buyer", "currency", "subtotal", "tax"),
    *("total", "amount_due", "order_reference", "iban", "payment_terms", "notes", "tax_breakdown", "allowances"),
    "line_items",
}


def test_labels_describe_the_files_beside_them(folder: Any) -> None:
    assert len(folder.labels) == 24
    assert {path.name for path in folder.path.iterdir()} == {
        "labels.jsonl",
        *(truth["file"] for truth in folder.labels),
    }
    for truth in folder.labels:
        content = (folder.path / truth["file"]).read_bytes()
        assert truth["bytes"] == len(content)
        assert truth["sha256"] == hashlib.sha256(content).hexdigest()
        assert truth["label"].keys() <= LABEL_KEYS
        assert {"invoice_number", "invoice_date", "seller", "buyer", "document_type"} <= truth["label"].keys()
        assert None not in truth["label"].values()
        assert {"seed", "layout", "degradation", "captions"} <= truth["synthetic"].keys()


def test_boxes_are_on_their_page_and_the_right_way_round(folder: Any) -> None:
    for truth in folder.labels:
        for places in truth["boxes"].values():
            for place in places:
                x0, y0, x1, y1 = place["box"]
                assert 0 <= x0 < x1 <= 1
                assert 0 <= y0 < y1 <= 1
                assert 1 <= place["page"] <= truth["pages"]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first, again = generate("invoice", 8, 3, tmp_path / "a"), generate("invoice", 8, 3, tmp_path / "b")
    for path in first.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name
    other = generate("invoice", 2, 4, tmp_path / "c")
    assert (other / "labels.jsonl").read_text() != (first / "labels.jsonl").read_text()


def test_a_document_does_not_depend_on_how_many_are_made(folder: Any, tmp_path: Path) -> None:
    fewer = generate("invoice", 2, 3, tmp_path)
    assert json.loads((fewer / "labels.jsonl").read_text(encoding="utf-8").splitlines()[1]) == folder.labels[1]


def test_unknown_kinds_and_negative_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown kind 'letter'"):
        generate("letter", 1, 0, tmp_path)
    with pytest.raises(ValueError, match="-1"):
        generate("invoice", -1, 0, tmp_path)


def test_the_command_writes_what_generate_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["invoice", "1", "--seed", "3", "--out", str(tmp_path / "new" / "folder")]) == 0
    assert Path(capsys.readouterr().out.strip()) == tmp_path / "new" / "folder" / "labels.jsonl"


def test_samples_are_what_their_seed_gives() -> None:
    """Digital ones come out again byte for byte; scans depend on image libraries, so only their truth is compared."""
    for line in (SAMPLES / "labels.jsonl").read_text(encoding="utf-8").splitlines()[:9]:
        truth = json.loads(line)
        made = make(int(truth["id"].rsplit("-", 1)[1]), SAMPLE_SEED)
        file = {key: truth.pop(key) for key in ("id", "file", "sha256", "bytes")}
        assert json.loads(json.dumps(made.truth)) == truth, file["id"]
        assert not truth["text_layer"] or hashlib.sha256(made.content).hexdigest() == file["sha256"], file["id"]


def test_samples_are_complete_and_small() -> None:
    lines = (SAMPLES / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    names = {json.loads(line)["file"] for line in lines}
    assert len(lines) == 30
    assert {path.name for path in SAMPLES.iterdir()} == names | {"labels.jsonl"}
    assert sum(path.stat().st_size for path in SAMPLES.iterdir()) < 6_000_000


def test_this_room_knows_nothing_of_the_extractor_and_decodes_nothing() -> None:
    for path in (ROOT / "docpipe" / "synth").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert not name.startswith("docpipe") or name.startswith("docpipe.synth"), f"{path}: {name}"
                assert name.split(".")[0] not in ("pymupdf", "fitz", "PIL"), f"{path}: {name}"
