"""However a document is degraded, the ink of a value lies in the box that went the same way."""

from __future__ import annotations

from random import Random
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
import pytest

from docpipe.synth.degrade import wear
from docpipe.synth.degrade.chain import WAYS, degraded, draw_way
from docpipe.synth.generate import KINDS, Order, make
from docpipe.synth.sheet import Sheet
from docpipe.synth.write import pdf

BLOCKS = {"a": (60.0, 80.0), "b": (330.0, 90.0), "c": (70.0, 500.0), "d": (300.0, 520.0)}


def document(pages: int) -> tuple[bytes, dict[str, Any]]:
    """Pages with four black blocks each, and the boxes of the blocks."""
    sheet, boxes = Sheet(420, 595), dict[str, Any]()
    for page in range(pages):
        if page:
            sheet.new_page()
        for name, (x, y) in BLOCKS.items():
            sheet.area(x, y, x + 30, y + 14, fill=(0.0, 0.0, 0.0))
            box = [x / 420, y / 595, (x + 30) / 420, (y + 14) / 595]
            boxes.setdefault(name, []).append({"page": page + 1, "box": box})
    return pdf(sheet, "t"), boxes


def pictures(content: bytes, suffix: str) -> list[Any]:
    if suffix == "pdf":
        opened = pdfium.PdfDocument(content)
        return [page.render(scale=2, grayscale=True).to_numpy().squeeze().astype(float) for page in opened]
    return [cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE).astype(float)]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("way", [way for way in WAYS if way != "none"])
def test_the_ink_lies_in_the_moved_box(way: str, seed: int) -> None:
    pages = 1 + seed % 2
    content, boxes = document(pages)
    worn = degraded(content, boxes, way, Random(seed))
    seen = pictures(worn.content, worn.suffix)
    assert len(seen) == pages
    for name, places in worn.boxes.items():
        for place in places:
            picture = seen[place["page"] - 1]
            high, wide = picture.shape
            x0, y0, x1, y1 = place["box"]
            x, y, across, down = (x0 + x1) / 2 * wide, (y0 + y1) / 2 * high, (x1 - x0) * wide / 2, (y1 - y0) * high / 2
            middle = picture[
                int(y - down * 0.4) : int(y + down * 0.4) + 1, int(x - across * 0.4) : int(x + across * 0.4) + 1
            ]
            ring = picture[int(y - down * 2) : int(y + down * 2) + 1, int(x - across * 2) : int(x + across * 2) + 1]
            assert np.median(middle) < np.percentile(ring, 75) - 30, f"{way} {seed} {worn.steps}: no ink in {name}"


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_sheet_turns_its_boxes(degrees: int) -> None:
    page = np.full((60, 40), 255, np.uint8)
    page[5:10, 30:38] = 0
    turned, matrix = wear.turned(degrees)(page)
    corners = np.array([[30, 5, 1], [38, 10, 1]]) @ matrix.T
    x0, x1 = sorted(corners[:, 0].astype(int))
    y0, y1 = sorted(corners[:, 1].astype(int))
    assert (turned == 0).sum() == 40
    assert (turned[y0:y1, x0:x1] == 0).all()
    assert turned[y0:y1, x0:x1].size == 40


def test_a_fax_is_black_or_white() -> None:
    worn, _ = wear.telephone(Random(1))(np.full((80, 60), 200, np.uint8))
    assert set(np.unique(worn)) <= {0, 255}


def test_mixed_takes_every_way_and_photographs_no_long_document() -> None:
    rng = Random(3)
    assert {draw_way("mixed", 1, rng) for _ in range(200)} == set(WAYS)
    assert "photo" not in {draw_way("mixed", 30, rng) for _ in range(200)}
    assert draw_way("fax", 30, rng) == "fax"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_degraded_documents_have_no_text_layer_and_say_what_was_done(kind: str) -> None:
    for index in range(6):
        clean = make(Order(kind, 5), index)
        if clean.truth["pages"] > 5:
            continue
        worn = make(Order(kind, 5, degrade=("scan", "photo", "fax", "jpeg")[index % 4]), index)
        assert worn.truth["label"] == clean.truth["label"]
        assert worn.truth["boxes"].keys() == clean.truth["boxes"].keys()
        assert worn.truth["degraded"]
        assert worn.truth["text_layer"] is False
        assert worn.content == make(Order(kind, 5, degrade=("scan", "photo", "fax", "jpeg")[index % 4]), index).content
        if worn.suffix == "pdf":
            pages = pdfium.PdfDocument(worn.content)
            assert len(pages) == clean.truth["pages"]
            assert not any(page.get_textpage().get_text_range().strip() for page in pages)


def test_stamps_and_notes_come_with_degradation_only() -> None:
    done = [step for index in range(40) for step in make(Order("receipt", 2, degrade="jpeg"), index).truth["degraded"]]
    assert any(step.startswith("stamp") for step in done)
    assert any(step.startswith("note") for step in done)
    assert any(step.startswith("faint") for step in done)
    assert any(step.startswith("turned") for step in done)
