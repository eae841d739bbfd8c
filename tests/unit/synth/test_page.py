"""What is printed is whole, legible, where the truth says it is, and not under something else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest

from docpipe.synth.invoice.make import lay_out
from docpipe.synth.invoice.plan import plan
from docpipe.synth.sheet import Sheet, Text
from docpipe.synth.write import pdf

Box = tuple[float, float, float, float]
PLACES = [(seed, index) for seed in (3, 4, 11) for index in range(24)]
TOUCH = 0.7  # points by which boxes may touch: glyphs of tight lines do
ASIDE = 2.0  # the same sideways: viewers bring their own euro sign to the base-14 faces, wider than its metrics say


def _composed(seed: int, index: int) -> Sheet:
    return lay_out(plan(index, seed), seed).sheet


def _objects(page: Any, kind: int) -> Iterator[Box]:
    for thing in page.get_objects(filter=(kind,)):
        yield thing.get_bounds()


def _meet(a: Box, b: Box) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > ASIDE and min(a[3], b[3]) - max(a[1], b[1]) > TOUCH


def _crosses(path: Box, text: Box) -> bool:
    """Whether a line runs through the text, or the text leaves the area it begins in."""
    inner = (text[0] + TOUCH, text[1] + TOUCH, text[2] - TOUCH, text[3] - TOUCH)
    apart = path[2] <= inner[0] or path[0] >= inner[2] or path[3] <= inner[1] or path[1] >= inner[3]
    around = path[0] <= inner[0] and path[1] <= inner[1] and path[2] >= inner[2] and path[3] >= inner[3]
    return not apart and not around


@pytest.mark.parametrize("seed", [3, 4, 11])
def test_no_text_lies_on_other_text_or_on_a_rule_or_leaves_the_page(seed: int) -> None:
    for index in range(24):
        document = pdfium.PdfDocument(pdf(_composed(seed, index), "t"))
        for number, page in enumerate(document):
            wide, high = page.get_size()
            texts = [box for box in _objects(page, raw.FPDF_PAGEOBJ_TEXT) if box[2] - box[0] > TOUCH]
            paths = list(_objects(page, raw.FPDF_PAGEOBJ_PATH))
            where = f"seed {seed} index {index} page {number + 1}"
            for place, box in enumerate(texts):
                assert min(box[0], box[1], wide - box[2], high - box[3]) >= 0, where
                assert not [other for other in texts[:place] if _meet(box, other)], f"{where}: text at {box}"
                assert not [path for path in paths if _crosses(path, box)], f"{where}: rule through {box}"
        document.close()


def test_every_labelled_value_of_a_digital_document_can_be_read_in_its_boxes(folder: Any) -> None:
    for truth in folder.labels:
        if not truth["text_layer"]:
            continue
        document = pdfium.PdfDocument(str(folder.path / truth["file"]))
        pages = [(page.get_textpage(), page.get_size()) for page in document]
        for path, places in truth["boxes"].items():
            for place, printed in zip(places, truth["synthetic"]["printed"][path], strict=True):
                text, (wide, high) = pages[place["page"] - 1]
                x0, y0, x1, y1 = place["box"]
                found = text.get_text_bounded(x0 * wide - 1, high - y1 * high - 1, x1 * wide + 1, high - y0 * high + 1)
                assert "".join(printed.split()) in "".join(found.split()), f"{truth['id']} {path}"
        document.close()


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def test_the_printed_text_of_a_number_date_or_name_is_that_of_the_label(folder: Any) -> None:
    for truth in folder.labels:
        label, printed = truth["label"], truth["synthetic"]["printed"]
        for key in ("subtotal", "total", "amount_due", "allowances_total"):
            if label[key] is not None:
                assert all(_digits(text) == _digits(f"{label[key]:.2f}") for text in printed[key]), (
                    f"{truth['id']} {key}"
                )
        for index, line in enumerate(label["line_items"]):
            shown = printed[f"line_items[{index}].amount"][0]
            assert _digits(shown) == _digits(f"{line['amount']:.2f}"), f"{truth['id']} line {index}"
            assert (line["amount"] < 0) == any(mark in shown for mark in "-("), f"{truth['id']} line {index}"
            assert " ".join(printed[f"line_items[{index}].description"]) == line["description"]
        for key in ("invoice_date", "due_date"):
            if label[key] is not None:
                year, _, day = label[key].split("-")
                assert all(year[2:] in text and str(int(day)) in text for text in printed[key]), f"{truth['id']} {key}"
        assert label["invoice_number"] in printed["invoice_number"]
        assert " ".join(printed["seller.name"]).startswith(label["seller"]["name"])


def _valued(sheet: Sheet) -> list[Text]:
    return [mark for page in range(len(sheet.pages)) for mark in sheet.texts(page) if mark.paths or mark.caption_of]


@pytest.mark.parametrize(("seed", "index"), PLACES)
def test_no_labelled_value_or_caption_is_too_small_to_read(seed: int, index: int) -> None:
    sheet = _composed(seed, index)
    smallest = min(_valued(sheet), key=lambda mark: mark.size)
    assert smallest.size >= 5.4, f"{smallest.text!r} at {smallest.size:.1f} pt"
