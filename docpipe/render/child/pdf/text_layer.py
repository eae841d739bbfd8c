"""The words of a PDF page as its text layer has them, which way they run, and what they are worth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from docpipe.errors import PageTooLarge
from docpipe.page.box import Box
from docpipe.records import Word
from docpipe.render.child.pdf.leftward import has_leftward, in_reading_order
from docpipe.render.child.pdf.mupdf import pymupdf
from docpipe.render.child.pdf.reprints import any_doubled, once, undoubled
from docpipe.render.child.pdf.visibility import MIN_TYPE_PT, visible
from docpipe.render.legibility import garbage

MAX_CHARACTERS = 1_000_000  # a book or two; what is known of each takes a few hundred bytes
MIN_ALPHA = 26  # of 255
MOST = 0.6  # share of a page's characters that run one way: it is read that way

_ANYWHERE_PT = 1e6
_LEVEL = 0.75  # cosine of a line that runs right rather than up or down
_BOLD = 8  # mupdf/fitz/structured-text.h: FZ_STEXT_BOLD, FZ_STEXT_FILLED, FZ_STEXT_STROKED
_PAINTED = 16 | 32
# ZapfDingbats has its own code page (Adobe, zapfdingbats.txt): ticks, crosses and bullets of forms.
_DINGBATS = str.maketrans("345678lnu", "✓✔✕✖✗✘●■◆")

Style = Mapping[str, Any]
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Layer:
    """`turn`: degrees clockwise, 0, 90, 180 or 270, after which most of its lines run to the right.

    `garbage`: why its characters are not what the page shows, or "" (see `legibility.garbage`).
    """

    words: Sequence[Word] = ()
    turn: int = 0
    garbage: str = ""


def layer_of(display: pymupdf.DisplayList, size: tuple[float, float]) -> Layer:
    """The words drawn by `display` on a page of `size` in 1/72 inch, in the file's order.

    Raises PageTooLarge for more than `MAX_CHARACTERS`.
    """
    page = pymupdf.TextPage(display.get_textpage(pymupdf.TEXT_PRESERVE_WHITESPACE))
    _keep_all(page)
    text = page.extractText()
    if len(text) > MAX_CHARACTERS:
        raise PageTooLarge(f"a page with a text of {len(text):,} characters, {MAX_CHARACTERS:,} allowed")
    entries = page.extractWORDS()
    if not entries:
        return Layer()
    if not text.isascii() and has_leftward(text):
        # a ligature that MuPDF takes apart has its letters in the order of a line that runs right
        flags = pymupdf.TEXT_PRESERVE_WHITESPACE | pymupdf.TEXT_PRESERVE_LIGATURES
        whole = pymupdf.TextPage(display.get_textpage(flags))
        _keep_all(whole)
        entries = in_reading_order(whole, entries)
    lines = _lines(page)
    styles = [_style_of(entry, lines) for entry in entries]
    words = [_word(_set_right(entry, style, lines), style, size) for entry, style in zip(entries, styles, strict=True)]
    seen = visible(display, size, words)
    words = [
        word if is_seen or not word.visible else replace(word, visible=False)
        for word, is_seen in zip(words, seen, strict=True)
    ]
    illegible = garbage(_by_font(words, styles))
    if any_doubled(words, size):
        words = undoubled(words, size, _raw_lines(page))
    return Layer(once(words, size), _turn(lines.values()), illegible)


def turn_of(display: pymupdf.DisplayList) -> int:
    """`Layer.turn` alone; characters are looked at only where some line does not run to the right."""
    page = pymupdf.TextPage(display.get_textpage(pymupdf.TEXT_PRESERVE_WHITESPACE))
    return 0 if _all_run_right(page) else _turn(_lines(page).values())


def _all_run_right(page: pymupdf.TextPage) -> bool:
    texts = (block for block in page.this if block.m_internal.type == pymupdf.mupdf.FZ_STEXT_BLOCK_TEXT)
    return all(line.m_internal.dir.x > _LEVEL for block in texts for line in block)


def _keep_all(page: pymupdf.TextPage) -> None:
    """Words off the page are kept, to be marked; else they would be dropped, but still counted."""
    edges = page.this.m_internal.mediabox
    edges.x0, edges.y0, edges.x1, edges.y1 = -_ANYWHERE_PT, -_ANYWHERE_PT, _ANYWHERE_PT, _ANYWHERE_PT


def _lines(page: pymupdf.TextPage) -> dict[tuple[int, int], Line]:
    return {
        (block["number"], number): line
        for block in page.extractDICT()["blocks"]
        for number, line in enumerate(block.get("lines", ()))
    }


def _raw_lines(page: pymupdf.TextPage) -> list[Line]:
    """Every line with its characters, each with its place."""
    return [line for block in page.extractRAWDICT()["blocks"] for line in block.get("lines", ())]


def _style_of(entry: Sequence[Any], lines: Mapping[tuple[int, int], Line]) -> Style:
    """The style of the span under the word's centre; most lines have but one."""
    line = lines.get((entry[5], entry[6]))
    spans: list[Style] = line["spans"] if line else []
    if len(spans) <= 1:
        return spans[0] if spans else {}
    x, y = (entry[0] + entry[2]) / 2, (entry[1] + entry[3]) / 2
    for span in spans:
        x0, y0, x1, y1 = span["bbox"]
        if x0 <= x <= x1 and y0 <= y <= y1:
            return span
    return spans[0]


def _set_right(entry: Sequence[Any], style: Style, lines: Mapping[tuple[int, int], Line]) -> Sequence[Any]:
    """PyMuPDF takes a line that runs to the left for a mirrored one; it is upside down, and its words
    lie on the other side of its base line.
    """
    line = lines.get((entry[5], entry[6]))
    if line is None or round(line["dir"][0]) != -1 or "origin" not in style:
        return entry
    x0, y0, x1, y1 = entry[:4]
    base = style["origin"][1]
    return (x0, 2 * base - y1, x1, 2 * base - y0, *entry[4:])


def _word(entry: Sequence[Any], style: Style, size: tuple[float, float]) -> Word:
    """Visible as far as its style says; whether the page shows it is for `visibility`."""
    x0, y0, x1, y1, text, block, line = entry[:7]
    width, height = size
    type_pt = style.get("size", 0.0)
    if "Dingbats" in style.get("font", ""):
        text = text.translate(_DINGBATS)
    return Word(
        text=text,
        box=Box(x0 / width, y0 / height, x1 / width, y1 / height),
        line=line,
        block=block,
        visible=type_pt >= MIN_TYPE_PT
        and style.get("alpha", 255) >= MIN_ALPHA
        and bool(style.get("char_flags", _PAINTED) & _PAINTED),
        bold=bool(style.get("char_flags", 0) & _BOLD) or bool(style.get("flags", 0) & 16),
        size=type_pt / height,
    )


def _turn(lines: Iterable[Line]) -> int:
    """By the direction of the painted lines, those of the file's own vertical writing left out."""
    characters = dict.fromkeys((0, 90, 180, 270), 0)
    for line in lines:
        right, down = (0.0, 0.0) if line["wmode"] else line["dir"]
        quarter = {(1, 0): 0, (0, -1): 90, (-1, 0): 180, (0, 1): 270}.get((round(right), round(down)), 0)
        painted = (span for span in line["spans"] if span.get("char_flags", _PAINTED) & _PAINTED)
        characters[quarter] += sum(len(span["text"].strip()) for span in painted)
    turn = max(characters, key=lambda quarter: characters[quarter])
    return turn if characters[turn] > MOST * sum(characters.values()) else 0


def _by_font(words: Sequence[Word], styles: Sequence[Style]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for word, style in zip(words, styles, strict=True):
        if word.visible:  # what nobody sees is not read anyway
            texts.setdefault(style.get("font", ""), []).append(word.text)
    return texts
