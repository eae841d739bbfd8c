"""Scans and photographs keep their truth: the ink of a value is inside the box that went through the same geometry."""

from __future__ import annotations

from random import Random
from typing import Any

import cv2
import numpy as np
import pypdfium2 as pdfium
import pytest

from docpipe.synth.degrade.photo import photograph
from docpipe.synth.degrade.scan import scan
from docpipe.synth.sheet import Sheet
from docpipe.synth.write import pdf


def _picture(content: bytes, suffix: str) -> Any:
    if suffix == "pdf":
        return pdfium.PdfDocument(content)[0].render(scale=2, grayscale=True).to_numpy().squeeze()
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("wear", [scan, photograph])
def test_the_ink_lies_in_the_moved_box(wear: Any, seed: int) -> None:
    sheet = Sheet(420, 595)
    boxes = {}
    for name, (x, y) in {"a": (60.0, 80.0), "b": (360.0, 80.0), "c": (60.0, 520.0), "d": (360.0, 520.0)}.items():
        sheet.area(x, y, x + 24, y + 10, fill=(0.0, 0.0, 0.0))
        boxes[name] = [{"page": 1, "box": [x / 420, y / 595, (x + 24) / 420, (y + 10) / 595]}]
    worn = wear(pdf(sheet, "t"), boxes, Random(seed))
    picture = _picture(worn.content, worn.suffix).astype(float)
    high, wide = picture.shape
    for name, places in worn.boxes.items():
        x0, y0, x1, y1 = places[0]["box"]
        inside = picture[int(y0 * high) : int(y1 * high) + 1, int(x0 * wide) : int(x1 * wide) + 1]
        middle = inside[len(inside) // 4 : -len(inside) // 4, inside.shape[1] // 6 : -inside.shape[1] // 6]
        grown = picture[
            max(0, int(y0 * high) - 8) : int(y1 * high) + 9, max(0, int(x0 * wide) - 8) : int(x1 * wide) + 9
        ]
        dark = np.median(grown) * 0.5 + middle.mean() * 0.5
        assert (grown < dark).sum() <= inside.size * 1.02, f"{name}: ink outside its box"
        assert middle.mean() < 0.55 * grown.max(), f"{name}: no ink in its box"


def test_a_scanned_pdf_has_no_text_and_the_pages_of_its_document() -> None:
    sheet = Sheet(420, 595)
    sheet.text(60, 80, "first", "Helvetica", 12)
    sheet.new_page()
    sheet.text(60, 80, "second", "Helvetica", 12)
    worn = scan(pdf(sheet, "t"), {}, Random(1))
    document = pdfium.PdfDocument(worn.content)
    assert worn.suffix == "pdf"
    assert len(document) == 2
    assert all(not page.get_textpage().get_text_range().strip() for page in document)
