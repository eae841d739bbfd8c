"""The labels of categories: level below the plot, leaning, turned up, wrapped, or in a column beside it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

from docpipe.engine.layout.charts.picture import Phrase, Picture, phrase
from docpipe.page.box import Box
from docpipe.page.lines import Token, token_lines

REACH_EM = 2.6  # white space between the plot and the first line of its labels
WRAP_EM = 1.32  # from the middle of one line of a label to that of the next
TITLE_EM = 1.22  # a line farther below than this, in the middle of the axis, is the axis's title
CENTRED = 0.08  # of the axis: so near to its middle
LEANING = 1.9  # of the type's height: a taller label leans
GAPS_EM = (0.9, 0.3, 0.5, 1.4)  # that may part two labels, the usual one first
_TICK_MARK = "-–—|"


def below(
    picture: Picture, floor: float, sides: tuple[float, float], used: Collection[int], reach: float = 0.0
) -> list[Phrase]:
    """The labels under `floor`, from the left; `sides`: as far as they may stand; `reach`: how far below, at least."""
    em = picture.em
    reach = max(reach, REACH_EM * em)
    words = [
        word
        for word in picture.words
        if word.index not in used
        and word.box.mid_y > floor
        and sides[0] - em <= word.box.right
        and word.box.mid_x <= sides[1] + em
    ]
    tall = [word for word in words if word.index in picture.turned or word.box.height > LEANING * em]
    near = [line for line in picture.recognised_lines(tall) if min(t.box.top for t in line) < floor + reach]
    if len(near) > 1:
        head = min(token.box.top for line in near for token in line)
        leaning = [line for line in picture.recognised_lines(words) if min(t.box.top for t in line) < head + 1.2 * em]
        return sorted((_leaning(line) for line in leaning), key=lambda label: label.box.right)
    rows = token_lines([word for word in words if word not in tall])
    kept: list[list[Phrase]] = []
    for row in rows:
        line = Box.around(token.box for token in row)
        if not kept:
            if line.top - floor > reach:
                break
            kept.append(_phrases(row, em))
            continue
        step = line.mid_y - Box.around(label.box for label in kept[-1]).mid_y
        middle = (sides[0] + sides[1]) / 2
        narrow = max((each.box.width for each in kept[0]), default=0.0) * 1.6
        phrases = _split(row, 0.9 * em)
        is_title = (
            len(phrases) == 1 and step > TITLE_EM * em and abs(line.mid_x - middle) < CENTRED * (sides[1] - sides[0])
        )
        if step > WRAP_EM * em or is_title or max(each.box.width for each in phrases) > max(narrow, 4 * em):
            break
        kept.append(phrases)
    return [each for row in kept for each in row]


def _leaning(line: Sequence[Token]) -> Phrase:
    """A turned or leaning label; its words run up the page."""
    ordered = sorted(line, key=lambda token: (-token.box.bottom, token.box.left))
    return replace(phrase(ordered), turned=True)


def _phrases(row: Sequence[Token], em: float) -> list[Phrase]:
    """A line cut into labels where that makes them stand most evenly."""
    ways = [_split(row, gap * em) for gap in GAPS_EM]
    return min(ways, key=lambda labels: (round(_unevenness(labels), 1), ways.index(labels)))


def _split(row: Sequence[Token], gap: float) -> list[Phrase]:
    runs = [[row[0]]]
    for before, token in pairwise(row):
        if token.box.left - before.box.right > gap:
            runs.append([])
        runs[-1].append(token)
    return [phrase(run) for run in runs]


def _unevenness(labels: Sequence[Phrase]) -> float:
    """How much the distances of labels differ, as a share of the usual one; large for fewer than three."""
    steps = [after.box.mid_x - before.box.mid_x for before, after in pairwise(labels)]
    if len(steps) < 2:
        return 2.0
    usual = median(steps)
    return sum(min(abs(step - usual), abs(step - 2 * usual)) for step in steps) / len(steps) / max(usual, 1.0)


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
    return {at: replace(bare(tokens), turned=at in turned) for at, tokens in slots.items()}


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
        if word.index not in used
        and word.box.right <= edge + 0.6 * em
        and sides[0] - em <= word.box.mid_y <= sides[1] + em
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
    return {at: bare(tokens) for at, tokens in slots.items()}


def bare(tokens: Sequence[Token]) -> Phrase:
    """Words of one label without the mark of the axis that was read with the last or the first."""
    clean = [replace(token, text=token.text.strip(_TICK_MARK) or token.text) for token in tokens]
    return phrase(clean)
