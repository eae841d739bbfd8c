"""Folders of public data sets are recognised and read into the shipped schemas' names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from docpipe.errors import InvalidTruth, PathNotFound
from docpipe.evaluate.datasets import NAMES, data_set, detected, read_truth
from docpipe.evaluate.datasets.printed import amount, iso_date
from docpipe.evaluate.grids import grid
from docpipe.evaluate.truth import Truth
from docpipe.schema.load import load_schema


def put(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def sroie(folder: Path) -> None:
    entities = {"company": "BOOK TA .K SDN BHD", "date": "25/12/2018", "address": "NO.53", "total": "RM 9.00"}
    put(folder / "train/entities/X51005200931.txt", entities)
    put(folder / "train/img/X51005200931.jpg", "")
    put(folder / "train/entities/none.txt", entities)  # its image is not there


def cord(folder: Path) -> None:
    def line(category: str, group: int, *words: str) -> dict[str, Any]:
        return {"category": category, "group_id": group, "words": [{"text": word, "is_key": 0} for word in words]}

    lines = [
        line("menu.nm", 3, "Nasi", "Campur"), line("menu.cnt", 3, "1", "x"), line("menu.price", 3, "75,000"),
        line("menu.nm", 4, "Teh"), line("menu.price", 4, "5.000"),
        line("total.total_price", 5, "80,000"), line("sub_total.tax_price", 6, "free"),
    ]  # fmt: skip
    lines[0]["words"].insert(0, {"text": "Item", "is_key": 1})
    put(folder / "dev/json/receipt_00000.json", {"valid_line": lines})
    put(folder / "dev/image/receipt_00000.png", "")
    parsed = {
        "gt_parse": {"menu": {"nm": "Kopi", "price": "1,500"}, "total": {"total_price": "1,500", "cashprice": "2.000"}}
    }
    put(folder / "v2/metadata.jsonl", json.dumps({"file_name": "a.png", "ground_truth": json.dumps(parsed)}))


def funsd(folder: Path) -> None:
    def entity(number: int, label: str, text: str, top: int, *linked: int) -> dict[str, Any]:
        return {"id": number, "label": label, "text": text, "box": [0, top, 9, top + 9],
                "linking": [[number, other] for other in linked]}  # fmt: skip

    form = [
        entity(0, "header", "FORM", 0), entity(1, "question", "Name:", 10, 3, 2), entity(3, "answer", "second", 30),
        entity(2, "answer", "first", 20), entity(4, "question", "Empty :", 40), entity(5, "other", "x", 50),
    ]  # fmt: skip
    put(folder / "training_data/annotations/0000971160.json", {"form": form})
    put(folder / "training_data/images/0000971160.png", "")


def docvqa(folder: Path) -> None:
    def question(image: str, *answers: str) -> dict[str, Any]:
        return {"questionId": 1, "question": "?", "image": image, "answers": list(answers)}

    rows = [
        question("documents/a.png", "12", "twelve"),
        question("documents/a.png", "x"),
        question("documents/b.png", "y"),
    ]
    put(folder / "val/val_v1.0.json", {"dataset_name": "docvqa", "data": rows})
    put(folder / "test/test_v1.0.json", {"data": [{"questionId": 2, "question": "?", "image": "documents/c.png"}]})


def chartqa(folder: Path) -> None:
    put(folder / "val/tables/two.csv", "Year,Argentina,Brazil\n1999,200,158\n2000,-,1.5\n")
    put(folder / "val/tables/one.csv", "Kind,Share\nA,40%\nB,60%\n")
    put(folder / "val/annotations/one.json", {"type": "v_bar"})
    put(folder / "val/png/two.png", "")


def pubtabnet(folder: Path) -> None:
    tokens = ["<thead>", "<tr>", "<td", ' colspan="2"', ">", "</td>", "</tr>", "</thead>", "<tbody>", "<tr>", "<td>",
              "</td>", "<td>", "</td>", "</tr>", "</tbody>"]  # fmt: skip
    cells = [{"tokens": ["<b>", "T", "o", "p", "</b>"]}, {"tokens": ["1"]}, {"tokens": []}]
    html = {"structure": {"tokens": tokens}, "cells": cells}
    lines = [{"filename": "a.png", "split": "val", "html": html}, {"filename": "b.png", "split": "test"}]
    put(folder / "PubTabNet_2.0.0.jsonl", "".join(json.dumps(line) + "\n" for line in lines))


def omnidocbench(folder: Path) -> None:
    table = {"category_type": "table", "html": "<table><tr><td>second</td></tr></table>", "order": 2}
    first = {"category_type": "table", "html": "<table><tr><td>first</td></tr></table>", "order": 1}
    text = {"category_type": "text_block", "text": "x", "order": 0}
    pages = [
        {"page_info": {"image_path": "p1.jpg"}, "layout_dets": [text, table, first]},
        {"page_info": {"image_path": "p2.jpg"}, "layout_dets": [text]},
    ]
    put(folder / "OmniDocBench.json", pages)


MAKERS: dict[str, Callable[[Path], None]] = {
    "sroie": sroie, "cord": cord, "funsd": funsd, "docvqa": docvqa, "chartqa": chartqa, "pubtabnet": pubtabnet,
    "omnidocbench": omnidocbench,
}  # fmt: skip
EXPECTED: dict[str, dict[str, Any]] = {
    "sroie": {
        "train/img/X51005200931.jpg": {
            "seller": {"name": "BOOK TA .K SDN BHD", "address": "NO.53"}, "date": "2018-12-25", "total": 9.0
        }
    },
    "cord": {
        "dev/image/receipt_00000.png": {
            "line_items": [{"description": "Nasi Campur", "quantity": 1.0, "amount": 75_000.0},
                           {"description": "Teh", "amount": 5_000.0}],
            "total": 80_000.0,
        },
        "v2/a.png": {
            "line_items": [{"description": "Kopi", "amount": 1_500.0}], "total": 1_500.0, "cash_paid": 2_000.0
        },
    },
    "funsd": {
        "training_data/images/0000971160.png": {
            "fields": [{"key": "Name", "value": "first\nsecond"}, {"key": "Empty", "value": None}]
        }
    },
    "docvqa": {
        "val/documents/a.png": {"fields": [{"value": "12"}, {"value": "x"}]},
        "val/documents/b.png": {"fields": [{"value": "y"}]},
    },
    "chartqa": {
        "val/png/one.png": {
            "series": [{"name": None, "points": [{"x": "A", "y": 40.0}, {"x": "B", "y": 60.0}]}], "chart_type": "bar"
        },
        "val/png/two.png": {
            "series": [{"name": "Argentina", "points": [{"x": "1999", "y": 200.0}]},
                       {"name": "Brazil", "points": [{"x": "1999", "y": 158.0}, {"x": "2000", "y": 1.5}]}]
        },
    },
    "pubtabnet": {
        "val/a.png": {"tables": [{"html": '<table><thead><tr><td colspan="2"><b>Top</b></td></tr></thead><tbody><tr>'
                                          "<td>1</td><td></td></tr></tbody></table>"}]}
    },
    "omnidocbench": {
        "images/p1.jpg": {"tables": [{"html": "<table><tr><td>first</td></tr></table>"},
                                     {"html": "<table><tr><td>second</td></tr></table>"}]}
    },
}  # fmt: skip


@pytest.fixture(params=NAMES)
def downloaded(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path, list[Truth]]:
    MAKERS[request.param](tmp_path)
    return request.param, tmp_path, list(read_truth(tmp_path))


def test_a_folder_is_recognised_and_read_into_our_names(downloaded: tuple[str, Path, list[Truth]]) -> None:
    name, folder, truths = downloaded
    assert detected(folder) == name
    assert {truth.file: truth.label for truth in truths} == EXPECTED[name]
    assert [truth.label for truth in read_truth(folder, name)] == [truth.label for truth in truths]


def test_every_label_has_a_place_in_the_schema_that_is_named(downloaded: tuple[str, Path, list[Truth]]) -> None:
    name, _, truths = downloaded
    known = {node.name: node for node in load_schema(data_set(name).SCHEMA).root.children}
    for truth in truths:
        assert truth.label.keys() <= known.keys()
        rows = [(key, row) for key, value in truth.label.items() if isinstance(value, list) for row in value]
        for key, row in rows:
            item = known[key].item
            assert item is not None
            assert row.keys() <= {node.name for node in item.children} | {"html"}


def test_answers_that_are_equally_right_are_kept_for_their_row(tmp_path: Path) -> None:
    docvqa(tmp_path)
    truth = next(iter(read_truth(tmp_path)))
    assert truth.accept == {"fields[0].value": ["12", "twelve"]}
    assert truth.complete is False


def test_a_tables_tokens_become_its_grid(tmp_path: Path) -> None:
    pubtabnet(tmp_path)
    (truth,) = read_truth(tmp_path)
    one = grid(truth.label["tables"][0])
    assert [(cell.text, cell.column_span) for cell in one.cells] == [("Top", 2), ("1", 1), ("", 1)]
    assert one.header_rows == 1


def test_what_is_no_data_set_is_refused(tmp_path: Path) -> None:
    put(tmp_path / "notes.txt", "hello")
    with pytest.raises(InvalidTruth, match="no data set"):
        list(read_truth(tmp_path))
    with pytest.raises(InvalidTruth, match="unknown format"):
        list(read_truth(tmp_path, "mnist"))
    with pytest.raises(PathNotFound):
        list(read_truth(tmp_path / "none"))


@pytest.mark.parametrize("name", ["funsd", "cord", "docvqa", "pubtabnet", "omnidocbench"])
def test_a_damaged_file_is_named_and_no_traceback(tmp_path: Path, name: str) -> None:
    MAKERS[name](tmp_path)
    for path in sorted(tmp_path.rglob("*.json*")):
        path.write_text('{"valid_line": 5, "form": [5], "linking": 0, "data": [5], "html": 5}')
    with pytest.raises(InvalidTruth, match=f"cannot be read as {name}"):
        list(read_truth(tmp_path, name))


@pytest.mark.parametrize(
    ("text", "value"),
    [("9.00", 9.0), ("RM 9.00", 9.0), ("75,000", 75_000.0), ("1.591.600", 1_591_600.0), ("1,234.50", 1_234.5),
     ("1.234,50", 1_234.5), ("40%", 40.0), ("-5", -5.0), ("12,5", 12.5), ("x 2", 2.0), ("free", None), ("-", None)],
)  # fmt: skip
def test_amounts_are_read_as_they_are_printed(text: str, value: float | None) -> None:
    assert amount(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("25/12/2018", "2018-12-25"), ("30-03-18", "2018-03-30"), ("2018-03-30 12:00", "2018-03-30"),
     ("31/02/2018", None), ("March 3", None), ("", None)],
)  # fmt: skip
def test_dates_are_read_day_first(text: str, value: str | None) -> None:
    assert iso_date(text) == value
