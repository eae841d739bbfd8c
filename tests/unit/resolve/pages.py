"""Pages of words on a grid, for the tests of resolve."""

from __future__ import annotations

from collections.abc import Collection

from docpipe.page.box import Box
from docpipe.records import Page, TextSource, Word


def page(*lines: str, number: int = 1, hidden: Collection[str] = (), source: TextSource = "layer") -> Page:
    """Words of 0.05 width on lines of 0.02 height; "_" leaves its place on the line empty."""
    words = [
        Word(word, Box(0.06 * at, 0.03 * row, 0.06 * at + 0.05, 0.03 * row + 0.02), row, 0, visible=word not in hidden)
        for row, line in enumerate(lines)
        for at, word in enumerate(line.split())
        if word != "_"
    ]
    return Page(number, 595.0, 842.0, words=tuple(words), text_source=source)
