"""Check boxes that are typed: "[ ]", "[x]", "( )", glued to their text or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from docpipe.page.box import Box
from docpipe.page.lines import Line, Token

TYPED = re.compile(r"\[(?P<square>[xX✓✔✗✘*■●√]?)\]|\((?P<round>[xX✓✔✗✘■●√]?)\)")
MOST_WORDS = 3  # "[", "x", "]"


@dataclass(frozen=True, slots=True)
class TypedBox:
    """One box, in points. `letters` of `last`, its last word, are the box; the others are its text."""

    box: Box
    checked: bool
    last: Token
    letters: int


def typed_boxes(line: Line) -> Iterator[TypedBox]:
    """The boxes of a line, from the left."""
    tokens = [token for segment in line.segments for token in segment.tokens]
    at = 0
    while at < len(tokens):
        box = next((box for n in range(1, MOST_WORDS + 1) if (box := _typed_box(tokens[at : at + n]))), None)
        if box is not None:
            yield box
        at += 1 if box is None else tokens[at:].index(box.last) + 1


def _typed_box(tokens: list[Token]) -> TypedBox | None:
    """The box that words begin with, if the last of them ends it."""
    text, last = "".join(token.text for token in tokens), tokens[-1]
    typed = TYPED.match(text)
    if typed is None:
        return None
    rest = len(text) - typed.end()
    right = last.box.right - last.box.width * rest / len(last.text)
    box = Box.around(token.box for token in tokens)._replace(right=right)
    return TypedBox(box, bool(typed["square"] or typed["round"]), last, len(last.text) - rest)
