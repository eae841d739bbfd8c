"""The words of a PDF page as its text layer has them, and which of them an eye can see."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from docpipe.records import Word
from docpipe.render.mupdf import pymupdf

MIN_TYPE_PT = 1.5  # smaller type is a mark, not text
MIN_ALPHA = 26  # of 255
MIN_CONTRAST = 1.5  # mean step between neighbouring pixels of a word, in levels of 255
MAX_GARBAGE = 0.3  # share of characters that stand for nothing, in a layer that is still text
CONTRAST_DPI = 48

_ANYWHERE_PT = 1e6
_BOLD = 8  # mupdf/fitz/structured-text.h: FZ_STEXT_BOLD, FZ_STEXT_FILLED, FZ_STEXT_STROKED
_PAINTED = 16 | 32
# ZapfDingbats has its own code page (Adobe, zapfdingbats.txt): ticks, crosses and bullets of forms.
_DINGBATS = str.maketrans("345678lnu", "✓✔✕✖✗✘●■◆")

Style = Mapping[str, Any]


def words_of(display: pymupdf.DisplayList, size: tuple[float, float]) -> list[Word]:
    """The words drawn by `display` on a page of `size` in 1/72 inch, in the file's order."""
    page = pymupdf.TextPage(display.get_textpage(pymupdf.TEXT_PRESERVE_WHITESPACE))
    _keep_all(page)
    entries = page.extractWORDS()
    if not entries:
        return []
    styles = _styles(page)
    return _marked_visible(display, size, [_row(entry, _style_of(entry, styles), size) for entry in entries])


def is_garbage(rows: Sequence[Word]) -> bool:
    """Whether a layer is made of characters that stand for nothing: fonts without a mapping."""
    characters = [character for row in rows for character in row.text]
    useless = sum(
        character == "\ufffd" or unicodedata.category(character) in ("Co", "Cc", "Cn") for character in characters
    )
    return useless > MAX_GARBAGE * len(characters)


def _keep_all(page: pymupdf.TextPage) -> None:
    """Words off the page are kept, to be marked; else they would be dropped, but still counted."""
    edges = page.this.m_internal.mediabox
    edges.x0, edges.y0, edges.x1, edges.y1 = -_ANYWHERE_PT, -_ANYWHERE_PT, _ANYWHERE_PT, _ANYWHERE_PT


def _styles(page: pymupdf.TextPage) -> dict[tuple[int, int], list[Style]]:
    return {
        (block["number"], number): line["spans"]
        for block in page.extractDICT()["blocks"]
        for number, line in enumerate(block.get("lines", ()))
    }


def _style_of(entry: Sequence[Any], styles: Mapping[tuple[int, int], list[Style]]) -> Style:
    """The style of the span under the word's centre; most lines have but one."""
    spans = styles.get((entry[5], entry[6]), [])
    if len(spans) <= 1:
        return spans[0] if spans else {}
    x, y = (entry[0] + entry[2]) / 2, (entry[1] + entry[3]) / 2
    for span in spans:
        x0, y0, x1, y1 = span["bbox"]
        if x0 <= x <= x1 and y0 <= y <= y1:
            return span
    return spans[0]


def _row(entry: Sequence[Any], style: Style, size: tuple[float, float]) -> Word:
    x0, y0, x1, y1, text, block, line = entry[:7]
    width, height = size
    type_pt = style.get("size", 0.0)
    if "Dingbats" in style.get("font", ""):
        text = text.translate(_DINGBATS)
    return Word(
        text=text,
        box=(x0 / width, y0 / height, x1 / width, y1 / height),
        line=line,
        block=block,
        visible=type_pt >= MIN_TYPE_PT
        and style.get("alpha", 255) >= MIN_ALPHA
        and bool(style.get("char_flags", _PAINTED) & _PAINTED),
        bold=bool(style.get("char_flags", 0) & _BOLD) or bool(style.get("flags", 0) & 16),
        size=type_pt / height,
    )


def _marked_visible(display: pymupdf.DisplayList, size: tuple[float, float], rows: list[Word]) -> list[Word]:
    """Mark as invisible what leaves no contrast on the page: white on white, under a bar, off it.

    The mean horizontal step inside every box comes from one summed-area table of a small
    rendering (Crow 1984), so it costs the same for ten words and a thousand.
    """
    import numpy as np

    scale = CONTRAST_DPI / 72
    matrix = pymupdf.Matrix(scale, scale)
    image = display.get_pixmap(matrix, pymupdf.csGRAY, 0)
    gray = np.frombuffer(image.samples_mv, np.uint8).reshape(image.height, image.stride)
    gray = gray[:, : image.width].astype(np.int16)
    steps = np.zeros((image.height + 1, image.width), np.int32)
    np.cumsum(np.abs(np.diff(gray, axis=1)), axis=0, out=steps[1:, 1:])
    np.cumsum(steps, axis=1, out=steps)
    boxes = np.array([row.box for row in rows]) * (size * 2) * scale
    left, right = np.clip(np.rint(boxes[:, 0::2].T).astype(int), 0, image.width - 1)
    top, bottom = np.clip(np.rint(boxes[:, 1::2].T).astype(int), 0, image.height)
    total = steps[bottom, right] - steps[top, right] - steps[bottom, left] + steps[top, left]
    area = (right - left) * (bottom - top)
    seen = total > MIN_CONTRAST * np.maximum(area, 1)
    return [
        row if visible or not row.visible else replace(row, visible=False)
        for row, visible in zip(rows, seen.tolist(), strict=True)
    ]
