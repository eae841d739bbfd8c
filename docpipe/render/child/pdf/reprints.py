"""Bold type and shadows that a printer made by drawing the same words twice, a hair apart: each is read once.

A neighbour that says the same ("10 10") stands farther away than that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from docpipe.page.box import Box
from docpipe.records import Word

HAIR_EM = 0.2  # of the type's height: a second print stands no farther from the first
ROUGH_PT = 4.0  # places are looked up by squares of this side and their neighbours: a second print is no farther away
HAIR_SHARE = 0.75  # and of the word's or letter's width: an honest neighbour begins where the first ends
MOST_ALIKE = 0.8  # share of a word's letters that stand in pairs, from which it may have been drawn letter by letter
TIGHT_EM = 0.42  # of the type's size a letter: pairs set wider are honest

Letter = tuple[str, Box]


def once(words: Sequence[Word], size: tuple[float, float]) -> list[Word]:
    """`words` of a page of `size`, without those that an earlier one, as visible, prints at the same place."""
    width, height = size
    prints = Counter(word.text for word in words)
    kept: list[Word] = []
    printed: dict[tuple[str, bool, int, int], Box] = {}  # text and rough place -> where it was printed
    for word in words:
        if prints[word.text] > 1:
            box = word.box.scaled(width, height)
            hair = min(HAIR_EM * box.height, ROUGH_PT)
            across, down = round(box.left / ROUGH_PT), round(box.top / ROUGH_PT)
            near = (
                printed.get((word.text, word.visible, across + right, down + below))
                for right in (0, -1, 1)
                for below in (0, -1, 1)
            )
            if any(other is not None and _same_place(box, other, hair) for other in near):
                continue
            printed[word.text, word.visible, across, down] = box
        kept.append(word)
    return kept


def _same_place(box: Box, other: Box, hair: float) -> bool:
    aside, below = abs(box.left - other.left), abs(box.top - other.top)
    return aside <= min(hair, HAIR_SHARE * box.width) and below <= hair


def any_doubled(words: Iterable[Word], size: tuple[float, float]) -> bool:
    """Whether some word may be one whose letters were each drawn twice."""
    return any(_is_doubled(word, size) for word in words)


def undoubled(words: Sequence[Word], size: tuple[float, float], lines: Iterable[Mapping[str, Any]]) -> list[Word]:
    """`words` with "TToottaall" read as "Total" where each letter was drawn a second time before the next one.

    `lines` of the page with the place of every character.
    """
    letters = [(each["c"], Box(*each["bbox"])) for line in lines for span in line["spans"] for each in span["chars"]]
    return [_undoubled(word, size, letters) if _is_doubled(word, size) else word for word in words]


def _is_doubled(word: Word, size: tuple[float, float]) -> bool:
    """Whether most letters follow their like, closer than letters are set."""
    text = word.text
    if word.box.width * size[0] >= TIGHT_EM * word.size * size[1] * len(text):
        return False
    return 2 * sum(one == two for one, two in pairwise(text)) >= MOST_ALIKE * len(text)


def _undoubled(word: Word, size: tuple[float, float], letters: Iterable[Letter]) -> Word:
    """The word from its letters, those left out that were drawn a second time."""
    box = word.box.scaled(*size)
    inside = sorted(
        (x, y, text, at) for text, at in letters if text.strip() and box.holds(x := at.mid_x, y := at.mid_y)
    )
    kept: list[Letter] = []
    for _, _, text, at in inside:
        hair = min(HAIR_EM * word.size * size[1], ROUGH_PT)
        if not any(text == other and _same_place(at, where, hair) for other, where in kept[-2:]):
            kept.append((text, at))
    return replace(word, text="".join(text for text, _ in kept) or word.text)
