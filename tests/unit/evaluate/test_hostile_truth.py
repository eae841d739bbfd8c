"""Labels and evaluations are files of others: each fault is one error with its line, and none goes further in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from docpipe.errors import InvalidTruth
from docpipe.evaluate.datasets import NAMES, read_truth
from docpipe.evaluate.drift import read_result
from docpipe.evaluate.result import FORMAT
from docpipe.evaluate.truth import read_labels

GOOD = {"file": "a.pdf", "label": {"number": "x"}}


def boxed(page: Any, box: Any) -> bytes:
    return json.dumps({**GOOD, "boxes": {"number": [{"page": page, "box": box}]}}).encode()


BAD: dict[str, bytes] = {
    "not UTF-8": b'\xff\xfe{"file"',
    "not JSON": b"{",
    "a list": b"[1]",
    "a number": b"5",
    "no file": b'{"label": {}}',
    "no label": b'{"file": "a"}',
    "a label that is a list": b'{"file": "a", "label": []}',
    "NaN": b'{"file": "a", "label": {"total": NaN}}',
    "minus infinity": b'{"file": "a", "label": {"total": -Infinity}}',
    "a number without end": b'{"file": "a", "label": {"total": 1e400}}',
    "an integer of 5,000 digits": b'{"file": "a", "label": {"total": ' + b"9" * 5_000 + b"}}",
    "nested 3,000 deep": b'{"file": "a", "label": {"x": ' + b"[" * 3_000 + b"]" * 3_000 + b"}}",
    "nested 100 deep": b'{"file": "a", "label": {"x": ' + b"[" * 100 + b"]" * 100 + b"}}",
    "page 10^20": boxed(10**20, [0, 0, 1, 1]),
    "page -3": boxed(-3, [0, 0, 1, 1]),
    "page 0": boxed(0, [0, 0, 1, 1]),
    "page one": boxed("one", [0, 0, 1, 1]),
    "a box of three": boxed(1, [0, 0, 1]),
    "a box that is no number": boxed(1, ["nan", "inf", 0, 1]),
    "boxes that are a list": b'{"file": "a", "label": {}, "boxes": [1]}',
    "a range of pages without end": b'{"file": "a", "label": {}, "page_range": [1, 1e20]}',
    "a range of one": b'{"file": "a", "label": {}, "page_range": [1]}',
    "a sum that is a list": b'{"file": "a", "label": {}, "sha256": ["x"]}',
    "a schema that is an object": b'{"file": "a", "label": {}, "schema": {}}',
    "accept that is a number": b'{"file": "a", "label": {}, "accept": {"x": 5}}',
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_line_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b"\n\n" + BAD[name] + b"\n")
    with pytest.raises(InvalidTruth, match=r"labels\.jsonl, line 3: "):
        list(read_labels(path))


def test_a_good_file_may_begin_with_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + boxed(1, [0, 0, 1, 1.0]) + b"\r\n")
    assert [truth.boxes for truth in read_labels(path)] == [{"number": [(1, (0.0, 0.0, 1.0, 1.0))]}]


GARBAGE = {
    "cord": ["json/a.json", "image/a.png"],
    "funsd": ["annotations/a.json", "images/a.png"],
    "docvqa": ["val_v1.0.json"],
    "chartqa": ["tables/a.csv", "png/a.png"],
    "pubtabnet": ["PubTabNet_2.0.0.jsonl"],
    "omnidocbench": ["OmniDocBench.json"],
}


@pytest.mark.parametrize("form", sorted(set(NAMES) - {"sroie"}))  # which passes over texts that are no labels
def test_a_data_set_of_garbage_is_one_error(tmp_path: Path, form: str) -> None:
    for name in GARBAGE[form]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"[" * 5_000 + b"\xff")
    with pytest.raises(InvalidTruth):
        list(read_truth(tmp_path, form))


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"[" * 5_000,
        b"[]",
        json.dumps({"docpipe_eval": FORMAT}).encode(),
        json.dumps({"docpipe_eval": FORMAT, "per_document": 5, "lists": []}).encode(),
        json.dumps({"docpipe_eval": FORMAT, "per_document": [{"id": "a"}], "lists": []}).encode(),
        json.dumps({"docpipe_eval": FORMAT, "per_document": [{"id": []}], "lists": []}).encode(),
        json.dumps(
            {"docpipe_eval": FORMAT, "per_document": [{"id": "a", "fields": {"x": [1]}, "measures": {}}], "lists": []}
        ).encode(),
    ],
)
def test_an_evaluation_that_is_none_is_one_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "monday.json"
    path.write_bytes(content)
    with pytest.raises(InvalidTruth, match=r"monday\.json"):
        read_result(path)
