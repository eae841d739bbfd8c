"""Lines without the words that stand upright in the margin: they are tall, and belong to no row."""

from __future__ import annotations

from dataclasses import replace

from docpipe.engine.layout.tables.params import PARAMS
from docpipe.page.lines import Line, PageText, Segment, around


def level_lines(page_text: PageText) -> PageText:
    """The page, its lines without turned words; a line of such words alone stays, so that lines keep their numbers."""
    if not any(_is_turned(segment) for line in page_text.lines for segment in line.segments):
        return page_text
    return replace(page_text, lines=tuple(map(_level, page_text.lines)))


def _level(line: Line) -> Line:
    level = tuple(segment for segment in line.segments if not _is_turned(segment))
    return line if not level or len(level) == len(line.segments) else replace(line, segments=level, box=around(level))


def _is_turned(segment: Segment) -> bool:
    """One word, higher than it is wide though it has several letters."""
    long = len(segment.tokens) == 1 and len(segment.text) >= PARAMS.cells.turned_chars
    return long and segment.box.height > PARAMS.cells.turned_ratio * segment.box.width
