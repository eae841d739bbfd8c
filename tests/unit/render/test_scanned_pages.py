"""What is only a picture of text is read: with accents, tilted, lying on its side."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from PIL import Image

from docpipe.errors import OcrUnavailable
from docpipe.intake.content import Content
from docpipe.records import Page, Word
from docpipe.render.renderer import Renderer
from docpipe.settings import Limits, Render, Settings

MakeContent = Callable[..., Content]
ALL = frozenset({"pixels", "words", "geometry"})
WORDS = frozenset({"words"})
DPI = 130
LINES = ("Rechnung Nr. 2024-117", "Müller & Söhne GmbH, Straße 5", "Ça coûte 1.234,56 € à payer", "Señor Peña: £19.99")


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer(Settings(render=Render(ocr_threads=2))) as renderer:
        yield renderer


def letter(lines: tuple[str, ...] = LINES) -> pymupdf.Document:
    """A small page of real text; the others are pictures of it."""
    file = pymupdf.open()
    page = file.new_page(width=420, height=300)
    writer = pymupdf.TextWriter(page.rect)
    for row, line in enumerate(lines):
        writer.append((50, 80 + 40 * row), line, font=pymupdf.Font("helv"), fontsize=16)
    writer.write_text(page)
    return file


def picture(file: pymupdf.Document, angle: float = 0.0) -> bytes:
    """A PNG of the first page at `DPI`, its content turned clockwise about the centre."""
    pixmap = file[0].get_pixmap(dpi=DPI)
    image = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    image = image.rotate(-angle, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    out = io.BytesIO()
    image.save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def scanned(image: bytes, rotation: int = 0) -> bytes:
    """A PDF that holds nothing but the picture."""
    file = pymupdf.open()
    page = file.new_page(width=420, height=300)
    page.insert_image(page.rect, stream=image)
    page.set_rotation(rotation)
    data: bytes = file.tobytes()
    return data


async def rendered(renderer: Renderer, content: Content, needs: frozenset[str] = ALL) -> Page:
    async with await renderer.open(content) as document:
        return await document.page(1, needs)


def text(page: Page) -> list[str]:
    return [word.text for word in page.words]


def ink(page: Page, word: Word) -> float:
    """Share of dark pixels inside the word's box."""
    assert page.pixels is not None
    x0, y0, x1, y1 = word.box
    rows = slice(int(y0 * page.height_px), int(y1 * page.height_px) + 1)
    columns = slice(int(x0 * page.width_px), int(x1 * page.width_px) + 1)
    return float((page.pixels[rows, columns] < 128).mean())


async def test_words_accents_and_currencies(renderer: Renderer, content: MakeContent) -> None:
    page = await rendered(renderer, content(scanned(picture(letter()))))
    assert text(page) == " ".join(LINES).split()
    assert page.text_source == "ocr"
    assert all(word.confidence > 0.8 for word in page.words)


async def test_boxes_are_where_the_text_layer_has_them(renderer: Renderer, content: MakeContent) -> None:
    file = letter()
    layer = await rendered(renderer, content(file.tobytes(), "layer.pdf"), WORDS)
    seen = await rendered(renderer, content(picture(file), "seen.png"), WORDS)
    assert (layer.text_source, seen.text_source) == ("layer", "ocr")
    assert (seen.width_pt, seen.height_pt) == pytest.approx((420, 300), abs=0.5)
    for expected, word in zip(layer.words, seen.words, strict=True):
        assert word.text == expected.text
        assert np.allclose(word.box, expected.box, atol=0.025)
        assert word.size == pytest.approx(expected.size, rel=0.35)
    assert [word.line for word in seen.words] == sorted(word.line for word in seen.words)
    for left, right in pairwise(seen.words):
        assert left.line != right.line or left.box[2] <= right.box[0] + 1e-6


@pytest.mark.parametrize(("kind", "angle"), [("png", 2.0), ("pdf", -3.5)])
async def test_a_tilted_scan_is_straightened_pixels_and_boxes_alike(
    renderer: Renderer, content: MakeContent, kind: str, angle: float
) -> None:
    data = picture(letter(), angle)
    page = await rendered(renderer, content(data if kind == "png" else scanned(data), f"tilted.{kind}"))
    assert text(page) == " ".join(LINES).split()
    assert abs(float(page.notes[-1].removeprefix("deskewed ")) - angle) < 0.2
    assert all(ink(page, word) > 0.05 for word in page.words)
    first_line = [word.box[3] for word in page.words if word.line == 0]
    assert max(first_line) - min(first_line) < 0.01


@pytest.mark.parametrize("quarters", [1, 2, 3])
async def test_a_page_on_its_side_is_turned(renderer: Renderer, content: MakeContent, quarters: int) -> None:
    async with await renderer.open(content(scanned(picture(letter()), rotation=90 * quarters))) as document:
        page = await document.page(1, ALL)
        again = await document.page(1, frozenset({"pixels"}))
        crop = await document.crop(1, (0.0, 0.0, 1.0, 1.0), 10_000)
    assert text(page) == " ".join(LINES).split()
    assert again.pixels is not None
    assert page.pixels is not None
    assert (again.pixels == page.pixels).all()
    assert (again.rotation, again.dpi) == (page.rotation, page.dpi)
    assert crop.shape[1] > crop.shape[0]
    assert f"upright {360 - 90 * quarters}" in page.notes
    assert (page.width_pt, page.height_pt, page.rotation) == (420, 300, 0)
    assert all(ink(page, word) > 0.05 for word in page.words)


async def test_a_hidden_layer_is_not_believed_over_the_picture(renderer: Renderer, content: MakeContent) -> None:
    file = pymupdf.open(stream=scanned(picture(letter())))
    file[0].insert_text((50, 80), "Total 1,000,000.00", render_mode=3)
    page = await rendered(renderer, content(file.tobytes()), WORDS)
    assert text(page) == " ".join(LINES).split()
    assert "text layer is hidden" in page.notes


async def test_a_stamp_on_a_scan_is_not_its_text(renderer: Renderer, content: MakeContent) -> None:
    file = pymupdf.open(stream=scanned(picture(letter())))
    file[0].insert_text((300, 280), "RECEIVED", fontsize=16)
    page = await rendered(renderer, content(file.tobytes()), WORDS)
    assert text(page) == [*" ".join(LINES).split(), "RECEIVED"]


async def test_dust_is_not_text(renderer: Renderer, content: MakeContent) -> None:
    file = pymupdf.open()
    page = file.new_page()
    for place in ((100, 90), (300, 500), (480, 700)):
        page.draw_circle(place, 2, fill=(0, 0, 0))
    got = await rendered(renderer, content(file.tobytes()))
    assert (got.skipped, got.words) == ("blank", ())
    assert got.pixels is not None


async def test_pixels_alone_never_wake_the_recogniser(content: MakeContent) -> None:
    """A model that reads images itself does not pay for OCR."""
    limits = Limits(ocr_memory_bytes=1024)  # it could not even start
    with Renderer(Settings(limits=limits)) as renderer:
        page = await rendered(renderer, content(picture(letter()), "a.png"), frozenset({"pixels", "geometry"}))
    assert page.pixels is not None
    assert (page.text_source, page.words) == ("none", ())


@pytest.mark.slow
async def test_ocr_that_is_not_installed_says_so(
    content: MakeContent, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "onnxruntime.py").write_text("raise ImportError('no onnxruntime')")
    monkeypatch.setattr("docpipe.render.sandbox._environment", lambda: _poorer(tmp_path))
    with Renderer(Settings()) as renderer:
        with pytest.raises(OcrUnavailable, match="no onnxruntime"):
            await rendered(renderer, content(picture(letter()), "a.png"))


def _poorer(folder: Path) -> dict[str, str]:
    root = Path(__file__).parents[3]
    return {"PYTHONPATH": f"{folder}:{root}", "PATH": "/usr/bin:/bin"}
