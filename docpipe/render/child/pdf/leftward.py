"""Words of lines whose script runs to the left, by where their characters stand.

A file stores such a line in the order in which it is read, or from left to right, and in forms that its letters have in
a word only. What is stored is not asked: characters are taken from left to right as they stand, and put in order again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from docpipe.page.direction import ARABIC, EASTERN_DIGIT, LEFTWARD, as_read, mostly_left, reading_order, written
from docpipe.render.child.pdf.mupdf import pymupdf

LEVEL = 0.99  # cosine of a line that runs across; others keep the order of the file
APART = 0.2  # of the type's height: a gap between two words
NEAR = 0.75  # of the type's height: words of one text stand no farther apart
NO_WIDTH_PT = 0.01  # a letter of a ligature that stands in its first letter's width

Entry = tuple[float, float, float, float, str, int, int, int]


class _Piece(NamedTuple):
    """A character, or all letters of a ligature, as it stands on the page."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


class _Line(NamedTuple):
    """A line of MuPDF's, by the numbers of its block and its own."""

    block: int
    number: int
    pieces: Sequence[_Piece]
    box: tuple[float, float, float, float]


def has_leftward(text: str) -> bool:
    """Whether a page with `text` has lines to be put in order."""
    return LEFTWARD.search(text) is not None or EASTERN_DIGIT.search(text) is not None


def in_reading_order(page: pymupdf.TextPage, entries: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """The words `entries` of `page`, those of every line that has letters which run left, or their digits, made anew.

    MuPDF begins a line where the direction changes: what stands side by side is put together first.
    """
    lines = [
        _Line(block["number"], number, _pieces(line), line["bbox"])
        for block in page.extractRAWDICT()["blocks"]
        for number, line in enumerate(block.get("lines", ()))
        if line["dir"][0] > LEVEL
    ]
    leftward = mostly_left(piece.text for line in lines for piece in line.pieces)
    anew: dict[tuple[int, int], list[Entry]] = {}
    for run in _side_by_side(lines):
        text = "".join(piece.text for line in run for piece in line.pieces)
        if has_leftward(text):
            anew |= {(line.block, line.number): [] for line in run}
            anew[run[0].block, run[0].number] = list(_entries(run, leftward=leftward))
    kept: list[Sequence[Any]] = []
    for entry in entries:
        line = entry[5], entry[6]
        if line not in anew:
            kept.append(entry)
        else:
            kept += anew[line]
            anew[line] = []
    return kept


def _side_by_side(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """The lines that continue each other across the page, each run in the order of the file."""
    runs: list[list[int]] = []
    for at in sorted(range(len(lines)), key=lambda at: lines[at].box[0]):
        left, top, _, bottom = lines[at].box
        for run in reversed(runs):
            _, other_top, right, other_bottom = lines[run[-1]].box
            height = min(bottom - top, other_bottom - other_top)
            level = abs(top + bottom - other_top - other_bottom) < height
            if level and -height < left - right < NEAR * height:
                run.append(at)
                break
        else:
            runs.append([at])
    for run in runs:
        yield [lines[at] for at in sorted(run)]


def _entries(run: Sequence[_Line], *, leftward: bool) -> Iterator[Entry]:
    words = list(_words(sorted(piece for line in run for piece in line.pieces)))
    arabic = any(ARABIC.search(piece.text) for word in words for piece in word)
    texts = [as_read([piece.text for piece in word], arabic=arabic) for word in words]
    near = [
        after[0].left - before[-1].right < NEAR * (before[-1].bottom - before[-1].top)
        for before, after in pairwise(words)
    ]
    for place, at in enumerate(reading_order(texts, near, leftward=leftward or mostly_left(texts))):
        if text := written(texts[at]).strip():
            pieces = words[at]
            yield (
                pieces[0].left,
                min(piece.top for piece in pieces),
                pieces[-1].right,
                max(piece.bottom for piece in pieces),
                text,
                run[0].block,
                run[0].number,
                place,
            )


def _pieces(line: Mapping[str, Any]) -> list[_Piece]:
    """The characters of a line; those without a width belong to the one that has theirs, before them or behind."""
    pieces: list[_Piece] = []
    waiting = ""
    for char in (char for span in line["spans"] for char in span["chars"]):
        left, top, right, bottom = char["bbox"]
        if right - left > NO_WIDTH_PT:
            pieces.append(_Piece(left, top, right, bottom, char["c"] + waiting[::-1]))
            waiting = ""
        elif pieces and abs(pieces[-1].right - left) < NO_WIDTH_PT and not char["c"].isspace():
            pieces[-1] = pieces[-1]._replace(text=pieces[-1].text + char["c"])
        else:
            waiting += char["c"]
    return pieces


def _words(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """The pieces, from left to right, as words."""
    word: list[_Piece] = []
    for piece in pieces:
        if piece.text.isspace():
            if word:
                yield word
            word = []
            continue
        if word and piece.left - word[-1].right > APART * (piece.bottom - piece.top):
            yield word
            word = []
        word.append(piece)
    if word:
        yield word
