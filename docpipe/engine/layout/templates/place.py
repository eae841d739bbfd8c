"""One page laid on another of the same form: turned, scaled and shifted a little, and bent as paper is.

Words that both pages print once each say how. An affine map is fitted to them, those that lie off it are left out, and
what is left of their distance bends the map where they stand: a photographed page is not flat.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from docpipe.engine.layout.templates.params import PARAMS
from docpipe.literals.text import alphanumeric, folded
from docpipe.page.box import Box

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Print:
    """A word and its box in points."""

    text: str
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Where what stands on one page stands on another: an affine map, bent by what the seeds are off."""

    matrix: Points  # 3 x 2
    seeds: Points  # where they stand on the page
    off: Points  # how far beside the map they lie

    def boxes(self, boxes: Sequence[Box]) -> list[Box]:
        """The boxes as they lie on the other page."""
        if not boxes:
            return []
        corners = np.array(boxes, dtype=np.float64)
        first, last = self._moved(corners[:, :2]), self._moved(corners[:, 2:])
        return [Box(*map(float, (*a, *b))) for a, b in zip(first, last, strict=True)]

    def _moved(self, points: Points) -> Points:
        moved = np.column_stack((points, np.ones(len(points)))) @ self.matrix
        count = min(PARAMS.near_seeds, len(self.seeds))
        squares = ((points[:, None, :] - self.seeds[None, :, :]) ** 2).sum(axis=2)
        near = np.argsort(squares, axis=1, kind="stable")[:, :count]
        weights = 1.0 / (100.0 + np.take_along_axis(squares, near, axis=1))
        bent = (self.off[near] * weights[:, :, None]).sum(axis=1) / weights.sum(axis=1)[:, None]
        result: Points = moved + bent
        return result


@lru_cache(maxsize=16_384)  # the words of a few pages of one form
def plain(text: str) -> str:
    """A word by its letters and digits, without accents; a nought among letters is an O. Of signs alone as it is."""
    letters = alphanumeric(folded(text))
    return (letters.replace("0", "o") if any(char.isalpha() for char in letters) else letters) or text


def same_print(one: str, width: float, other: str, other_width: float) -> bool:
    """Whether two plain words at one place are one, misread perhaps; numbers must be equal.

    Words of one width may be misread further: what varies is hardly ever as wide and half the same letters.
    """
    if one == other:
        return True
    if min(len(one), len(other)) < 2 or abs(len(one) - len(other)) > 2 or not (one.isalpha() or other.isalpha()):
        return False
    as_wide = max(width, other_width) <= PARAMS.same_width_ratio * min(width, other_width)
    if min(len(one), len(other)) < 4 and not as_wide:
        return False
    least = PARAMS.same_print_share if as_wide else PARAMS.same_text_share
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= least


def misread(one: str, other: str) -> bool:
    """Whether two plain words at one place may be readings of one, or of parts of one."""
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= PARAMS.same_print_share


def same_text(one: str, other: str) -> bool:
    """Whether two plain words are one, misread perhaps, whatever their widths."""
    return same_print(one, 1.0, other, 2 * PARAMS.same_width_ratio)


def placed(page: Sequence[Print], on: Sequence[Print], scale: tuple[float, float]) -> Placement | None:
    """How `page` lies on `on`; None where too few words say so.

    `scale`: the sides of the other page over those of this one, for a first guess.
    """
    pairs = _seeds(page, on)
    if len(pairs) < PARAMS.seeds:
        return None
    here = np.array([[a.box.left, a.box.mid_y] for a, _ in pairs], dtype=np.float64)
    there = np.array([[b.box.left, b.box.mid_y] for _, b in pairs], dtype=np.float64)
    guess = here * np.array(scale)
    off = there - guess - np.median(there - guess, axis=0)
    kept = np.abs(off).max(axis=1) <= PARAMS.far_pt
    matrix: Any = None
    for within in (PARAMS.far_pt, (PARAMS.far_pt + PARAMS.bent_pt) / 2, PARAMS.bent_pt, PARAMS.bent_pt):
        if kept.sum() < PARAMS.seeds:
            return None
        rows = np.column_stack((here, np.ones(len(here))))
        matrix = np.linalg.lstsq(rows[kept], there[kept], rcond=None)[0]
        off = there - rows @ matrix
        kept = np.abs(off).max(axis=1) <= within
    if kept.sum() < max(PARAMS.seeds, len(pairs) / 2):
        return None
    return Placement(matrix, here[kept], off[kept])


def _seeds(page: Sequence[Print], on: Sequence[Print]) -> list[tuple[Print, Print]]:
    """The words that both print once, and those they print as often, in the order in which they stand."""
    ours, theirs = _by_text(page), _by_text(on)
    counts = Counter({text: len(words) for text, words in ours.items()})
    return [
        pair
        for text in sorted(counts)
        if len(text) >= PARAMS.least_letters and 0 < counts[text] == len(theirs.get(text, ())) <= 2
        for pair in zip(ours[text], theirs[text], strict=True)
    ]


def _by_text(words: Sequence[Print]) -> dict[str, list[Print]]:
    found: dict[str, list[Print]] = {}
    for word in sorted(words, key=lambda word: (word.box.top, word.box.left)):
        found.setdefault(plain(word.text), []).append(word)
    return found
