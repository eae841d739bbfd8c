"""A page whose text runs in two independent columns: a sidebar beside the letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from docpipe.page.box import Box
from docpipe.records import Word

WIDEST = 0.33  # of the page's width: a sidebar is narrower than this
LEAST_WORDS = 12  # on either side; fewer are a logo or a margin note
GUTTER_PT = 8.0  # the white band between sidebar and letter is at least this wide
MIDDLE = 0.5  # of the page's width: the sidebar is on the side where its gutter is
SAME_BASE_PT = 0.8  # feet that differ less were set on one base line, which is more than to stand on one line
FLUSH_PT = 4.0  # starts that differ less are one
FLUSH = 0.75  # share of a sidebar's lines that begin at its edge
ALIGNED = 0.5  # share of a side's words on lines of the other from which both are one table


def gutter(words: Sequence[Word], across: float, down: float) -> float | None:
    """The x that parts a sidebar from the letter, in widths of the page, or None: no word crosses it, and lines do not
    match across it. `across` and `down`: the sides of the page in points.

    The white band between the columns of a table is no gutter: its rows go on beyond it.
    """
    for x in _bands(words, GUTTER_PT / across):
        left = [word for word in words if word.box.right <= x]
        right = [word for word in words if word.box.left >= x]
        if min(len(left), len(right)) < LEAST_WORDS:
            continue
        narrow, wide = (_placed(side, across, down) for side in ((left, right) if x < MIDDLE else (right, left)))
        numbers = [(box, text) for box, text in narrow if any(char.isdigit() for char in text)]
        if _flush(narrow) and _shared(narrow, wide) < ALIGNED and _shared(numbers, wide) < ALIGNED:
            return x
    return None


def _bands(words: Sequence[Word], least: float) -> list[float]:
    """Middles of the white bands, wider than `least`, that no word enters and that could bound a sidebar."""
    middles = []
    reach = 0.0
    for left, right in sorted([(word.box.left, word.box.right) for word in words]):
        if left - reach >= least and reach and not WIDEST < (reach + left) / 2 < 1 - WIDEST:
            middles.append((reach + left) / 2)
        reach = max(reach, right)
    return middles


def _placed(words: Sequence[Word], across: float, down: float) -> list[tuple[Box, str]]:
    """Boxes in points, with what stands in them."""
    return [(word.box.scaled(across, down), word.text) for word in words]


def _flush(side: Sequence[tuple[Box, str]]) -> bool:
    """True if nearly all lines of a side begin at one x: a sidebar is set flush left."""
    starts: dict[int, float] = {}
    for box, _ in side:
        line = round(box.bottom / SAME_BASE_PT)
        starts[line] = min(box.left, starts.get(line, box.left))
    common = Counter(round(x / FLUSH_PT) for x in starts.values()).most_common(1)
    return bool(common) and common[0][1] >= FLUSH * len(starts)


def _shared(side: Sequence[tuple[Box, str]], other: Sequence[tuple[Box, str]]) -> float:
    """Share of the words of one side that stand on a line of the other."""
    feet = {round(box.bottom / SAME_BASE_PT) for box, _ in other}
    near = sum(round(box.bottom / SAME_BASE_PT) in feet for box, _ in side)
    return near / len(side) if side else 0.0
