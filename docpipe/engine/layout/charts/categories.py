"""The labels of categories: level below the plot, leaning, turned up, wrapped, or in a column beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from docpipe.engine.layout.charts.picture import Phrase, Picture, is_turned, phrase
from docpipe.page.box import Box
from docpipe.page.lines import Token, token_lines

REACH_EM = 2.6  # white space between the plot and the first line of its labels
WRAP_EM = 0.5  # between the lines of one label
LEANING = 1.9  # of the type's height: a taller label leans


def below(picture: Picture, floor: float, sides: tuple[float, float], used: Collection[int]) -> list[Phrase]:
    """The labels under `floor`, from the left; `sides`: as far as they may stand."""
    em = picture.em
    words = [
        word
        for word in picture.words
        if word.index not in used and word.box.mid_y > floor and sides[0] - em <= word.box.mid_x <= sides[1] + em
    ]
    tall = [word for word in words if is_turned(word) or word.box.height > LEANING * em]
    leaning = [line for line in picture.recognised_lines(tall) if min(t.box.top for t in line) < floor + REACH_EM * em]
    if len(leaning) > 1:
        return sorted((_leaning(line) for line in leaning), key=lambda label: label.box.right)
    rows = token_lines([word for word in words if word not in tall])
    kept: list[tuple[Token, ...]] = []
    for row in rows:
        top = min(token.box.top for token in row)
        last = max((token.box.bottom for token in kept[-1]), default=0.0) if kept else floor
        if top - last > (WRAP_EM if kept else REACH_EM) * em:
            break
        kept.append(row)
    return [each for row in kept for each in _phrases(row, em)]


def _leaning(line: Sequence[Token]) -> Phrase:
    """A turned or leaning label; its words run up the page."""
    ordered = sorted(line, key=lambda token: (-token.box.bottom, token.box.left))
    return replace(phrase(ordered), turned=True)


def _phrases(row: Sequence[Token], em: float) -> list[Phrase]:
    runs = [[row[0]]]
    for before, token in pairwise(row):
        if token.box.left - before.box.right > 0.9 * em:
            runs.append([])
        runs[-1].append(token)
    return [phrase(run) for run in runs]


def anchor(label: Phrase, em: float) -> float:
    """Where a label points to: a leaning one with its upper end, others with their middle."""
    leaning = label.turned and label.box.width > LEANING * em
    return label.box.right - 0.5 * em if leaning else label.box.mid_x


def in_slots(labels: Sequence[Phrase], slot: Callable[[float], int], pitch: float, em: float) -> dict[int, Phrase]:
    """Number of a category -> its label; words that were read as one are parted where categories meet."""
    slots: dict[int, list[Token]] = defaultdict(list)
    turned: set[int] = set()
    for label in labels:
        if label.turned:
            slots[slot(anchor(label, em))] += label.tokens
            turned.add(slot(anchor(label, em)))
            continue
        if label.box.width < 1.1 * pitch:
            slots[slot(label.box.mid_x)] += label.tokens
            continue
        for token in label.tokens:
            for part in _parted(token, pitch):
                slots[slot(part.box.mid_x)].append(part)
    return {
        at: replace(phrase(tokens), turned=at in turned) if at in turned else phrase(tokens)
        for at, tokens in slots.items()
    }


def _parted(token: Token, pitch: float) -> list[Token]:
    """A word over several categories as their parts."""
    count = round(token.box.width / pitch + 0.15)
    if count < 2 or len(token.text) < 2 * count:
        return [token]
    cuts = [round(at * len(token.text) / count) for at in range(count + 1)]
    letter = token.box.width / len(token.text)
    return [
        replace(
            token,
            text=token.text[start:end],
            box=token.box._replace(left=token.box.left + start * letter, right=token.box.left + end * letter),
        )
        for start, end in pairwise(cuts)
    ]


def beside(picture: Picture, edge: float, sides: tuple[float, float], used: Collection[int]) -> list[Phrase]:
    """The labels left of `edge`, from the top: lines that end there."""
    em = picture.em
    words = [
        word
        for word in picture.level
        if word.index not in used and word.box.right <= edge + 0.6 * em and sides[0] - em <= word.box.mid_y <= sides[1] + em
    ]
    labels = [each for row in token_lines(words) for each in _phrases(row, em)]
    if not labels:
        return []
    end = median(sorted(label.box.right for label in labels)[len(labels) // 2 :])
    return [label for label in labels if label.box.right > end - 6 * em]


def rows_in_slots(labels: Sequence[Phrase], slot: Callable[[float], int]) -> dict[int, Phrase]:
    """Number of a category from the top -> its label, its lines joined."""
    slots: dict[int, list[Token]] = defaultdict(list)
    for label in labels:
        slots[slot(label.box.mid_y)] += label.tokens
    return {at: phrase(tokens) for at, tokens in slots.items()}


def around(labels: Sequence[Phrase]) -> Box | None:
    return Box.around(label.box for label in labels) if labels else None
