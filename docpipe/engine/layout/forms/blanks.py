"""Blanks that are typed: "Name: ______ Date: ...... "."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from docpipe.engine.layout.forms.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import Line, PageText, Segment, Token, around, segment

BLANK = re.compile(r"_{3,}|[.…]{5,}|…{2,}")


def without_blanks(page_text: PageText) -> tuple[PageText, list[Box]]:
    """(the page with its segments cut at blanks, the blanks themselves).

    What is glued to a blank stays: "__Smith__" is "Smith".
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
        for part, blank in _pieces(token):
            if not blank:
                run.append(part)
                continue
            blanks.append(part.box)
            if run:
                yield segment(run, whole.page, whole.line)
            run = []
    if run:
        yield segment(run, whole.page, whole.line)


def _pieces(token: Token) -> Iterator[tuple[Token, bool]]:
    """(piece, whether it is a blank) of one word, from the left."""
    if not BLANK.search(token.text):
        yield token, False
        return
    letter, at = token.box.width / len(token.text), 0
    while at < len(token.text):
        found = BLANK.search(token.text, at)
        start, end = found.span() if found else (len(token.text), len(token.text))
        for first, last, blank in ((at, start, False), (start, end, True)):
            if last > first:
                left = token.box.left + letter * first
                box = token.box._replace(left=left, right=left + letter * (last - first))
                yield replace(token, text=token.text[first:last], box=box), blank
        at = end


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
