"""Blanks that are typed: "Name: ______ Date: ...... "."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from docpipe.engine.layout.forms.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import Line, PageText, Segment, Token, around, segment

BLANK = re.compile(r"_{3,}|[.…]{5,}|…{2,}")


def without_blanks(page_text: PageText) -> tuple[PageText, list[Box]]:
    """(the page with its segments cut at blanks, the blanks themselves).

    What is glued to a blank stays: "___Smith___" is one blank with "Smith" on it.
    """
    blanks: list[Box] = []
    lines: list[Line] = []
    for line in page_text.lines:
        if not any(BLANK.search(token.text) for each in line.segments for token in each.tokens):
            lines.append(line)
            continue
        segments = tuple(part for each in line.segments for part in _parts(each, blanks))
        if segments:
            lines.append(replace(line, segments=segments, box=around(segments)))
    return (replace(page_text, lines=tuple(lines)), _joined(blanks)) if blanks else (page_text, [])


def _parts(whole: Segment, blanks: list[Box]) -> Iterator[Segment]:
    """The texts between the blanks of a segment; adds the blanks to `blanks`."""
    run: list[Token] = []
    for token in whole.tokens:
        found = list(BLANK.finditer(token.text))
        if not found:
            run.append(token)
            continue
        before, *glued, behind = _pieces(token, [0, *(edge for blank in found for edge in blank.span()), None])
        blanks.append(Box.around(piece.box for piece in glued))
        run += [before] if before.text else []
        if run:
            yield segment(run, whole.page, whole.line)
        for piece in glued[1::2]:  # what stands between two blanks is on one
            yield segment([piece], whole.page, whole.line)
        run = [behind] if behind.text else []
    if run:
        yield segment(run, whole.page, whole.line)


def _pieces(token: Token, edges: list[int | None]) -> list[Token]:
    """A word cut at these letters; some pieces may be empty."""
    letter, pieces = token.box.width / len(token.text), []
    for first, last in pairwise(edges):
        text = token.text[first:last]
        left = token.box.left + letter * (first or 0)
        box = token.box._replace(left=left, right=left + letter * len(text))
        pieces.append(replace(token, text=text, box=box))
    return pieces


def _joined(blanks: list[Box]) -> list[Box]:
    """Blanks that touch on one line, typed as several words, as one."""
    joined: list[Box] = []
    for blank in sorted(blanks, key=lambda box: (round(box.mid_y), box.left)):
        last = joined[-1] if joined else None
        near = PARAMS.input_fields.same_edge_pt
        if last is not None and blank.overlap_y(last) > 0 and blank.left - last.right <= near:
            joined[-1] = Box.around((last, blank))
        else:
            joined.append(blank)
    return joined
