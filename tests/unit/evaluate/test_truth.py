"""Labels are read line by line, partial, with what is equally right, and cut to what a schema has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from docpipe.errors import InvalidTruth, PathNotFound
from docpipe.evaluate.truth import Truth, read_labels, within


def write(path: Path, *entries: Any) -> Path:
    path.write_text("".join(f"{json.dumps(entry)}\n" for entry in entries), encoding="utf-8")
    return path


def test_a_line_is_read_with_all_that_it_says(tmp_path: Path) -> None:
    entry = {
        "id": "one", "file": "in/a.pdf", "sha256": "abc", "label": {"total": 5.0}, "accept": {"total": [4.0]},
        "boxes": {"total": [{"page": 2, "box": [0, 0.1, 0.2, 0.3]}]}, "complete": False, "page_range": [2, 3], "x": 1,
        "schema": "bill",
    }  # fmt: skip
    (truth,) = read_labels(write(tmp_path / "labels.jsonl", entry))
    assert truth == Truth(
        id="one", file="in/a.pdf", label={"total": 5.0}, doc_id="abc", accept={"total": [4.0]},
        boxes={"total": [(2, (0.0, 0.1, 0.2, 0.3))]}, complete=False, page_range=(2, 3), schema="bill",
    )  # fmt: skip
    assert list(read_labels(tmp_path)) == [truth]


def test_a_key_that_is_our_name_for_a_field_is_not_compared(tmp_path: Path) -> None:
    rows = [
        {"key": "Name", "value": "A", "key_kind": "printed"},
        {"key": "PayerName", "value": "B", "key_kind": "semantic"},
    ]
    (truth,) = read_labels(write(tmp_path / "labels.jsonl", {"file": "a", "label": {"fields": rows}}))
    assert truth.label["fields"] == [{"key": "Name", "value": "A"}, {"value": "B"}]


@pytest.mark.parametrize(
    "line",
    [
        "{", "[]", '{"file": "a"}', '{"label": {}}', '{"file": "a", "label": []}',
        '{"file": "a", "label": {}, "boxes": {"x": [{}]}}',
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"file": "a", "label": {}}\n\n' + line + "\n")
    with pytest.raises(InvalidTruth, match="line 3"):
        list(read_labels(path))


def test_labels_that_are_not_there_are_not_found(tmp_path: Path) -> None:
    with pytest.raises(PathNotFound):
        list(read_labels(tmp_path))


def test_labels_are_cut_to_what_the_schema_has() -> None:
    label = {
        "total": 1.0, "unknown": 2, "shop": {"name": "x", "fax": "y"}, "rows": [{"a": 1, "b": 2}],
        "tags": ["t"], "tables": [{"header": [], "rows": [["1"]], "cells": []}],
    }  # fmt: skip
    plan = {"total": "total", "shop": {"name": "shop_name"}, "rows": ["rows", {"a": "a"}], "tags": "tags",
            "tables": ["tables", {"header": "header", "rows": ["rows", {}]}]}  # fmt: skip
    truth, left_out = within(Truth("1", "f", label), plan)
    assert truth.label == {
        "total": 1.0, "shop": {"name": "x"}, "rows": [{"a": 1}], "tags": ["t"], "tables": label["tables"]
    }  # fmt: skip
    assert left_out == {"unknown", "shop.fax", "rows.b"}
