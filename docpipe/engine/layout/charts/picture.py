"""A page as charts are read from it: its pixels, its words in pixels, and the panel that holds the chart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from statistics import median

import cv2
import numpy as np
import numpy.typing as npt

from docpipe.engine.layout.charts.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import PARTS, PageText, Token, token_lines
from docpipe.records import Page

Pixels = npt.NDArray[np.int16]
Mask = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

TYPE_SHARE = 0.9  # size of the type over the height of a word's box
LARGEST_EM = 4.0  # no letter of a chart is as large
UNPRINTED = -1  # index of the token that stands for a mark: no word of the page


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that say one thing, in their order. `turned`: they run up the page."""

    tokens: tuple[Token, ...]
    box: Box
    turned: bool = False

    @property
    def text(self) -> str:
        return " ".join(token.text for token in self.tokens)


@dataclass(frozen=True, eq=False)
class Picture:
    """Boxes are in pixels. `across`, `down`: points a pixel. `line_of`: index of a word -> its line as recognised.
    `em`: the usual height of a word's box.
    """

    pixels: Pixels
    words: tuple[Token, ...]
    line_of: Mapping[int, tuple[int, int]]
    em: float
    across: float
    down: float

    @classmethod
    def of(cls, page: Page, page_text: PageText) -> Picture | None:
        """The page in pixels; None where it has none."""
        if page.pixels is None or not page.width_pt or not page.height_pt:
            return None
        height, width = page.pixels.shape[:2]
        across, down = page.width_pt / width, page.height_pt / height
        tokens = [token for line in page_text.lines for segment in line.segments for token in segment.tokens]
        source = {token.index: page.words[(token.index - page_text.first) // PARTS] for token in tokens}
        lines = {index: (word.block, word.line) for index, word in source.items()}
        sizes = [word.size * height / TYPE_SHARE for word in source.values() if word.size > 0]
        em = median(sizes or [12.0])
        words = (replace(token, box=token.box.scaled(1 / across, 1 / down)) for token in tokens)
        return cls(
            page.pixels.astype(np.int16), tuple(w for w in words if not _is_drawn(w, em)), lines, em, across, down
        )

    def mark(self, box: Box) -> Token:
        """What stands for a mark without words, in points."""
        return Token(UNPRINTED, "", box.scaled(self.across, self.down), bold=False, size=0.0)

    def printed(self, tokens: Iterable[Token]) -> tuple[Token, ...]:
        """The tokens in points."""
        return tuple(replace(token, box=token.box.scaled(self.across, self.down)) for token in tokens)

    @cached_property
    def _ground(self) -> tuple[Colour, Box]:
        """The paper and the panel: of the commonest colours the one whose largest stretch has the most words around."""
        found = [
            (colour, self._stretch(colour))
            for colour in commonest(self.pixels.reshape(-1, 3), PARAMS.picture.most_papers)
        ]
        height, width = self.pixels.shape[:2]
        large = [
            each for each in found if each[1].width * each[1].height > PARAMS.picture.least_panel_share * width * height
        ]
        if not large:
            return found[0][0], Box(0, 0, width, height)
        return max(large, key=lambda each: sum(each[1].holds(word.box.mid_x, word.box.mid_y) for word in self.words))

    def _stretch(self, colour: Colour) -> Box:
        """The box of the largest stretch of a colour."""
        near = (np.abs(self.pixels - np.array(colour)).max(axis=2) <= PARAMS.colours.paper).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(near, connectivity=4)
        x, y, wide, high, _ = max(stats[1:].tolist(), key=lambda stat: stat[4], default=[0, 0, 0, 0, 0])
        return Box(x, y, x + wide, y + high)

    @property
    def paper(self) -> Colour:
        return self._ground[0]

    @property
    def panel(self) -> Box:
        """What holds the chart: a frame around it, and what lies beyond, is no part of it."""
        return self._ground[1]

    @cached_property
    def level(self) -> tuple[Token, ...]:
        return tuple(word for word in self.words if word.index not in self.turned)

    @cached_property
    def turned(self) -> frozenset[int]:
        """The words of lines that run up or down the page, the short ones among them too."""
        found: set[int] = set()
        found.update(word.index for word in self.words if runs_up(word))
        tall = [word for word in self.words if word.index in found]
        grown = True
        while grown:  # short words between tall ones
            more = [
                word
                for word in self.words
                if word.index not in found and any(_continues(word.box, other.box, self.em) for other in tall)
            ]
            grown = bool(more)
            tall += more
            found.update(word.index for word in more)
        return frozenset(found)

    @cached_property
    def phrases(self) -> tuple[Phrase, ...]:
        """Neighbouring words of one line, and words that run up the page in one column."""
        found = []
        for row in token_lines(self.level):
            run = [row[0]]
            for before, token in pairwise(row):
                if token.box.left - before.box.right > PARAMS.picture.phrase_gap_em * self.em:
                    found.append(phrase(run))
                    run = []
                run.append(token)
            found.append(phrase(run))
        return (*found, *self._upward())

    def _upward(self) -> Iterable[Phrase]:
        columns: list[list[Token]] = []
        turned = [word for word in self.words if word.index in self.turned]
        for token in sorted(turned, key=lambda token: (round(token.box.mid_x / self.em), -token.box.bottom)):
            last = columns[-1][-1].box if columns else None
            near = last is not None and abs(last.mid_x - token.box.mid_x) < last.width
            if last is not None and near and -self.em < last.top - token.box.bottom < self.em:
                columns[-1].append(token)
            else:
                columns.append([token])
        return (replace(phrase(column), turned=True) for column in columns)

    def recognised_lines(self, words: Iterable[Token]) -> list[list[Token]]:
        """The words by the line that they were recognised in."""
        lines: dict[tuple[int, int], list[Token]] = defaultdict(list)
        for word in words:
            lines[self.line_of[word.index]].append(word)
        return list(lines.values())


def phrase(tokens: Sequence[Token]) -> Phrase:
    """Words as one phrase."""
    return Phrase(tuple(tokens), Box.around(token.box for token in tokens))


def _is_drawn(word: Token, em: float) -> bool:
    """Whether a word is a mark that was read as a letter: a ring as an O, a sample of the legend as a sign."""
    if not any(char.isalnum() or char == "%" for char in word.text):
        return True
    return len(word.text) <= 2 and min(word.box.width, word.box.height) > LARGEST_EM * em


def _continues(box: Box, tall: Box, em: float) -> bool:
    """Whether a short word stands right above or below a tall one, as wide as it is."""
    gap = max(tall.top - box.bottom, box.top - tall.bottom)
    same = abs(box.mid_x - tall.mid_x) < 0.3 * em and 0.6 * tall.width < box.width < 1.4 * tall.width
    return same and -0.3 * em < gap < 0.6 * em


def runs_up(word: Token) -> bool:
    """Whether a word is so tall that it runs up or down the page."""
    return len(word.text) > 1 and word.box.height > PARAMS.picture.turned_ratio * word.box.width


def commonest(colours: npt.NDArray[np.int16], most: int) -> list[Colour]:
    """The colours that most pixels are near to, commonest first."""
    codes = (colours >> 4).astype(np.int64) @ np.array([256, 16, 1])
    counts = np.bincount(codes, minlength=1)
    found: list[Colour] = []
    for code in np.argsort(counts)[::-1][:most].tolist():
        if counts[code]:
            red, green, blue = np.median(colours[codes == code], axis=0).astype(int).tolist()
            found.append((red, green, blue))
    return found
