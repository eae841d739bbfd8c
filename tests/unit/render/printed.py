"""Pages of print to be scanned, turned and spoilt: what tests of reading start from."""

from __future__ import annotations

import random
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pymupdf

from docpipe.records import Page, Word

Pixels = npt.NDArray[np.uint8]

TEXTS = {
    "en": "Goods delivered on time and in good order. Please pay the amount due within thirty days of this invoice.",
    "de": "Vielen Dank für Ihren Auftrag. Bitte überweisen Sie den Rechnungsbetrag innerhalb von vierzehn Tagen.",
    "fr": "Nous vous remercions de votre commande. Le règlement est exigible à réception de la facture jointe.",
    "zh": "感谢 您的订购 请在收到 本发票后 三十天内 付款 货物在全部 付款之前 仍属 本公司所有",
}


def letter(language: str = "en", *, size: tuple[float, float] = (595, 842), seed: int = 0) -> pymupdf.Document:
    """A page full of lines of text."""
    return _page(size, seed, language, lambda put, words, rng: [
        put(60, y, " ".join(rng.choices(words, k=5)), 11) for y in range(80, int(size[1]) - 80, 18)
    ])  # fmt: skip


def table(language: str = "en", *, seed: int = 0) -> pymupdf.Document:
    """Ruled rows of a word or two and three numbers."""
    file = _page((595, 842), seed, language, _rows)
    for y in range(130, 491, 20):
        file[0].draw_line((60, y), (535, y))
    for x in (60, 250, 340, 430, 535):
        file[0].draw_line((x, 130), (x, 490))
    return file


def receipt(language: str = "en", *, seed: int = 0) -> pymupdf.Document:
    """A narrow page with a few short lines."""
    return _page((226, 420), seed, language, lambda put, words, rng: [
        (put(14, y, rng.choice(words)[:18], 9), put(170, y, f"{rng.randint(99, 9999) / 100:.2f}", 9))
        for y in range(60, 160, 16)
    ])  # fmt: skip


def _rows(put: Callable[[float, float, str, float], object], words: list[str], rng: random.Random) -> None:
    for y in range(130, 490, 20):
        put(64, y + 14, " ".join(rng.choices(words, k=2)), 9)
        for x in (258, 348, 438):
            put(x, y + 14, f"{rng.randint(1, 9999) / 7:,.2f}", 9)


def _page(size: tuple[float, float], seed: int, language: str, fill: Callable[..., object]) -> pymupdf.Document:
    file = pymupdf.open()
    page = file.new_page(width=size[0], height=size[1])
    writer = pymupdf.TextWriter(page.rect)
    font = pymupdf.Font("china-s" if language == "zh" else "helv")

    def put(x: float, y: float, text: str, points: float) -> None:
        writer.append((x, y), text, font=font, fontsize=points)

    fill(put, TEXTS[language].split(), random.Random(f"{language} {seed}"))
    writer.write_text(page)
    return file


def pixels(file: pymupdf.Document, dpi: int = 110) -> Pixels:
    """The first page in RGB, to be written to."""
    pixmap = file[0].get_pixmap(dpi=dpi)
    return np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3).copy()


def scanned(page: Pixels, *, falling: float = 0.0, ink: int = 40, paper: int = 240, grain: float = 3.0) -> Pixels:
    """As from a flatbed: turned clockwise by some degrees, soft, of those levels, with noise."""
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -falling, 1.0)
    page = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    soft = cv2.GaussianBlur(page, (0, 0), 0.7).astype(np.float32) * ((paper - ink) / 255) + ink
    soft += np.random.default_rng(7).normal(0, grain, soft.shape[:2])[..., None]
    return soft.clip(0, 255).astype(np.uint8)


def png(page: Pixels, dpi: int = 110) -> bytes:
    """A PNG file of RGB pixels that says at which resolution they were taken."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(page).save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


def darkest(page: Page, word: Word) -> int:
    """How far the darkest pixel inside a word's box is below white."""
    assert page.pixels is not None
    x0, y0, x1, y1 = word.box
    rows = slice(int(y0 * page.height_px), int(y1 * page.height_px) + 1)
    columns = slice(int(x0 * page.width_px), int(x1 * page.width_px) + 1)
    return 255 - int(page.pixels[rows, columns].min())


def ink_outside(page: Page) -> float:
    """The share of dark pixels that lie in no word's box, each widened by half its height."""
    assert page.pixels is not None
    dark = page.pixels.min(axis=2) < 128
    total = dark.sum()
    for word in page.words:
        x0, y0, x1, y1 = word.box
        pad = (y1 - y0) / 2
        rows = slice(max(0, int((y0 - pad) * page.height_px)), int((y1 + pad) * page.height_px) + 1)
        columns = slice(max(0, int((x0 - pad) * page.width_px)), int((x1 + pad) * page.width_px) + 1)
        dark[rows, columns] = False
    return float(dark.sum() / max(1, total))
