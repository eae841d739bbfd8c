"""The title of a table: lines over it, or under it, that begin with the word for one, or are set in bold type."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from docpipe.engine.layout.grids.params import PARAMS
from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.text import folded
from docpipe.page.box import Box
from docpipe.page.lines import Line, PageText, Token

_CAPTION = re.compile(rf"{any_of(all_languages().table_captions)}\W*(?:\w?\d|[ivxlc]+\b)")


def begins_caption(text: str) -> bool:
    """Whether a line begins with the word for a table and its number: "Table 3", "Tab. IV"."""
    return _CAPTION.match(folded(text)) is not None


def caption(box: Box, page_text: PageText, taken: frozenset[int]) -> tuple[Token, ...]:
    """The words of the title of the table in `box`; () if nothing says that it has one. `taken`: cells of tables."""
    lines = [line for line in page_text.lines if _beside(line, box, page_text.pitch, taken)]
    above = _near([line for line in reversed(lines) if line.box.mid_y < box.top], box.top, page_text.pitch)[::-1]
    below = _near([line for line in lines if line.box.mid_y > box.bottom], box.bottom, page_text.pitch)
    for block in (above, below):
        for at, line in enumerate(block):
            if begins_caption(line.text):
                return _tokens(block[at:] if block is above else _same_type(block[at:]))
    for block in (above[::-1], below):
        bold = _same_type(block)
        if bold and all(token.bold for line in bold for token in _tokens([line])):
            return _tokens(bold[::-1] if block is not below else bold)
    return ()


def _beside(line: Line, box: Box, pitch: float, taken: frozenset[int]) -> bool:
    """Whether a line that is in no table stands over or under the box."""
    if any(token.index in taken for segment in line.segments for token in segment.tokens):
        return False
    indent = PARAMS.caption.beside_pitches * pitch
    return (
        line.box.left >= box.left - indent
        and line.box.left < box.right
        and len(line.text) <= PARAMS.caption.line_letters
    )


def _near(lines: Iterable[Line], edge: float, pitch: float) -> list[Line]:
    """The lines nearest to the edge, nearest first, as long as each is near the one before."""
    near: list[Line] = []
    params = PARAMS.caption
    for line in lines:
        gap = line.box.top - edge if line.box.top >= edge else edge - line.box.bottom
        if gap > (params.leading_pitches if near else params.reach_pitches) * pitch or len(near) == params.lines:
            break
        near.append(line)
        edge = line.box.bottom if line.box.top >= edge else line.box.top
    return near


def _same_type(lines: Sequence[Line]) -> list[Line]:
    """The first lines, as long as they are as bold as the first."""
    first = lines[0].segments[0].bold if lines else False
    count = next((at for at, line in enumerate(lines) if line.segments[0].bold != first), len(lines))
    return list(lines[:count])


def _tokens(lines: Iterable[Line]) -> tuple[Token, ...]:
    return tuple(token for line in lines for segment in line.segments for token in segment.tokens)
