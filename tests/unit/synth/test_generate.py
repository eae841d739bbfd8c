"""Files and labels: the same for the same seed, and what the samples hold."""

from __future__ import annotations

import ast
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from docpipe.errors import InvalidSettings, MissingLibrary, OutputConflict
from docpipe.synth import generate
from docpipe.synth.invoice.make import make
from docpipe.synth.invoice.plan import SAMPLED

ROOT = Path(__file__).parents[3]
SAMPLES = ROOT / "samples" / "invoices"
SAMPLE_SEED = 2026
LABEL_KEYS = set(json.loads((ROOT / "schemas" / "invoice.json").read_text(encoding="utf-8"))["properties"])


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
        assert truth["label"].keys() == LABEL_KEYS
        always = ("invoice_number", "invoice_date", "seller", "buyer", "document_type")
        assert all(truth["label"][name] is not None for name in always)
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
    first, again = generate("invoice", 8, 3, tmp_path / "a"), generate("invoice", 8, 3, tmp_path / "b", workers=2)
    for path in first.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name
    other = generate("invoice", 2, 4, tmp_path / "c")
    assert (other / "labels.jsonl").read_text() != (first / "labels.jsonl").read_text()


def test_a_document_does_not_depend_on_how_many_are_made(folder: Any, tmp_path: Path) -> None:
    fewer = generate("invoice", 2, 3, tmp_path, languages=SAMPLED, degrade="samples")
    assert json.loads((fewer / "labels.jsonl").read_text(encoding="utf-8").splitlines()[1]) == folder.labels[1]


@pytest.mark.parametrize(
    ("asked", "wrong"),
    [
        ({"kind": "letter"}, "unknown kind 'letter'"),
        ({"n": -1}, "-1"),
        ({"languages": ("de", "xx")}, "xx"),
        ({"languages": ()}, "language"),
        ({"degrade": "rain"}, "rain"),
        ({"kind": "form", "degrade": "samples"}, "samples"),
        ({"hard": 1.5}, "1.5"),
        ({"hard": -0.1}, "-0.1"),
    ],
)
def test_what_cannot_be_made_is_refused_before_anything_is_written(
    asked: dict[str, Any], wrong: str, tmp_path: Path
) -> None:
    with pytest.raises(InvalidSettings, match=wrong) as refused:
        generate(**{"kind": "invoice", "n": 1, "seed": 0, "out": tmp_path / "out", **asked})
    assert refused.value.what_to_do
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_anything_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    with pytest.raises(OutputConflict, match="not an empty folder"):
        generate("invoice", 1, 0, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_missing_library_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["docpipe.synth.generate"], "_NEEDED", ("no_such_library",))
    with pytest.raises(MissingLibrary, match="no_such_library") as refused:
        generate("invoice", 1, 0, tmp_path)
    assert "the extra 'synth'" in refused.value.what_to_do


def test_without_boxes_the_truth_is_the_same_and_says_no_places(tmp_path: Path) -> None:
    full, bare = (
        [
            json.loads(line)
            for line in (generate("receipt", 3, 1, tmp_path / str(boxes), boxes=boxes) / "labels.jsonl")
            .read_text(encoding="utf-8")
            .splitlines()
        ]
        for boxes in (True, False)
    )
    for one, other in zip(full, bare, strict=True):
        assert one["label"] == other["label"]
        assert one["boxes"]
        assert "boxes" not in other
        assert "printed" not in other["synthetic"]


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
                assert not name.startswith("docpipe") or name.startswith(("docpipe.synth", "docpipe.errors")), path
                assert name.split(".")[0] not in ("pymupdf", "fitz", "PIL"), f"{path}: {name}"
