"""A page whose text runs in two independent columns: a sidebar beside the letter."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from docpipe.literals.numbers import WITH_CENTS
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
ROWS = 2  # lines of amounts that make a table
CROSSED = 0.6  # share of these lines that have words in the sidebar as well: they are rows that go on beyond the band


def gutter(words: Sequence[Word], boxes: Sequence[Box], across: float, down: float) -> float | None:
    """The x that parts a sidebar from the letter, in widths of the page, or None: no word crosses it, and lines do not
    match across it. `boxes`: those of `words`; `across` and `down`: the sides of the page in points.

    The white band between the columns of a table is no gutter: its rows go on beyond it.
    """
    for x in _bands(boxes, GUTTER_PT / across):
        left = [at for at, box in enumerate(boxes) if box.right <= x]
        if min(len(left), len(boxes) - len(left)) < LEAST_WORDS:
            continue
        right = [at for at, box in enumerate(boxes) if box.left >= x]
        narrow, wide = (left, right) if x < MIDDLE else (right, left)
        if not _flush([boxes[at] for at in narrow], across, down):
            continue
        feet = {at: _foot(boxes[at], down) for at in (*narrow, *wide)}
        theirs = {feet[at] for at in wide}
        numbers = [at for at in narrow if any(char.isdigit() for char in words[at].text)]
        shared = (_shared([feet[at] for at in side], theirs) for side in (narrow, numbers))
        if all(share < ALIGNED for share in shared) and not _rows_cross(words, feet, narrow, wide):
            return x
    return None


def _rows_cross(words: Sequence[Word], feet: Mapping[int, int], narrow: Iterable[int], wide: Iterable[int]) -> bool:
    """Whether lines of several numbers, an amount among them, begin on the narrow side: they are rows of a table."""
    lines: dict[int, list[str]] = defaultdict(list)
    for at in wide:
        if any(char.isdigit() for char in words[at].text):
            lines[feet[at]].append(words[at].text)
    rows = [foot for foot, texts in lines.items() if len(texts) > 1 and any(map(WITH_CENTS.search, texts))]
    return len(rows) >= ROWS and _shared(rows, {feet[at] for at in narrow}) >= CROSSED


def _bands(boxes: Sequence[Box], least: float) -> list[float]:
    """Middles of the white bands, wider than `least`, that no word enters and that could bound a sidebar."""
    lefts, rights = sorted([left for left, _, _, _ in boxes]), sorted([right for _, _, right, _ in boxes])
    # a band has as many ends of words before it as starts
    middles = [(end + start) / 2 for end, start in zip(rights, lefts[1:], strict=False) if start - end >= least]
    return [middle for middle in middles if not WIDEST < middle < 1 - WIDEST]


def _foot(box: Box, down: float) -> int:
    """The base line that a word stands on, counted from the top of the page."""
    return round(box.bottom * down / SAME_BASE_PT)


def _flush(side: Sequence[Box], across: float, down: float) -> bool:
    """True if nearly all lines of a side begin at one x: a sidebar is set flush left."""
    starts: dict[int, float] = {}
    for box in side:
        foot = _foot(box, down)
        starts[foot] = min(box.left, starts.get(foot, box.left))
    common = Counter([round(x * across / FLUSH_PT) for x in starts.values()]).most_common(1)
    return bool(common) and common[0][1] >= FLUSH * len(starts)


def _shared(feet: Sequence[int], theirs: Collection[int]) -> float:
    """Share of the words of one side that stand on a base line of the other."""
    return sum(foot in theirs for foot in feet) / len(feet) if feet else 0.0
