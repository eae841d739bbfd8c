"""From what the strips of a page say to its words: where each one lies, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from docpipe.page.box import Box
from docpipe.records import Word
from docpipe.render.child.ocr.models import Quad, Transcript
from docpipe.render.child.ocr.quads import length, thickness

TYPE_HEIGHT = 0.9  # type size over the height of a word's box
WORD_GAP = 1.1  # distance between characters, in heights of the line, that parts words
INSET = 0.1  # of a detected line's height, above and below the type: lines must not overlap


def words_of(quad: Quad, transcript: Transcript, line: int, size: tuple[int, int]) -> list[Word]:
    """The line's words, each box from half a step before its first character to after its last."""
    characters, places, scores = transcript.characters, transcript.places, transcript.scores
    words = []
    step = _step(transcript)
    widest = WORD_GAP * thickness(quad) / max(length(quad), 1.0)
    for first, last in _spans(characters, places, widest):
        start = (places[first] + places[first - 1]) / 2 if first else 0.0
        start = max(start, places[first] - step)
        stop = (places[last] + places[last + 1]) / 2 if last + 1 < len(places) else 1.0
        stop = min(stop, places[last] + step)
        box = _box(quad, start, stop, size)
        words.append(
            Word(
                text=characters[first : last + 1],
                box=box,
                line=line,
                confidence=sum(scores[first : last + 1]) / (last + 1 - first),
                size=TYPE_HEIGHT * box.height,
            )
        )
    return words


def reading_order(quads: Sequence[Quad]) -> list[int]:
    """Indices from top to bottom; within a row, which its highest line opens, left to right."""
    middle = [float(quad[:, 1].mean()) for quad in quads]
    rows: list[list[int]] = []
    for index in sorted(range(len(quads)), key=lambda index: middle[index]):
        if rows and middle[index] - middle[rows[-1][0]] < 0.5 * thickness(quads[rows[-1][0]]):
            rows[-1].append(index)
        else:
            rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda i: float(quads[i][0, 0]))]


def _step(transcript: Transcript) -> float:
    """The median distance between characters, as a fraction of the line."""
    if len(transcript.places) < 2:
        return 1.0
    return float(np.median(np.diff(transcript.places)))


def _spans(characters: str, places: Sequence[float], widest: float) -> list[tuple[int, int]]:
    """(first, last) character of each word: parted by spaces, and by gaps over `widest`."""
    spans: list[tuple[int, int]] = []
    previous = -1
    for index, character in enumerate(characters):
        if character.isspace():
            continue
        joined = previous >= 0 and previous == index - 1
        if joined and places[index] - places[previous] <= widest:
            spans[-1] = (spans[-1][0], index)
        else:
            spans.append((index, index))
        previous = index
    return spans


def _box(quad: Quad, start: float, stop: float, size: tuple[int, int]) -> Box:
    """The upright box around the part [start, stop] of a line, as fractions of the page."""
    inset = INSET * (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    top_left, top_right = quad[0] + inset, quad[1] + inset
    bottom_right, bottom_left = quad[2] - inset, quad[3] - inset
    corners = np.stack(
        [
            top_left + (top_right - top_left) * start,
            top_left + (top_right - top_left) * stop,
            bottom_left + (bottom_right - bottom_left) * start,
            bottom_left + (bottom_right - bottom_left) * stop,
        ]
    )
    x0, y0 = (corners.min(axis=0) / size).tolist()
    x1, y1 = (corners.max(axis=0) / size).tolist()
    return Box(x0, y0, x1, y1)
