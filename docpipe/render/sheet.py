"""What the decoder knows how to do with one page, be it of a PDF or of an image file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from docpipe.records import Box, Word

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Pose:
    """How a page is turned to be read: first `turn` (0, 90, 180 or 270 degrees clockwise), then
    `skew` degrees counter-clockwise about its centre, the frame kept.
    """

    turn: int = 0
    skew: float = 0.0

    @property
    def swaps_sides(self) -> bool:
        return self.turn % 180 == 90


AS_IS = Pose()


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The words a file says its page has. `readable` is False where a person would not read them
    there: no words, none that shows, characters that mean nothing, a stamp on a scan.
    """

    words: Sequence[Word] = ()
    readable: bool = False


def word_row(word: Word) -> list[object]:
    """A word as the row that `untrusted.words` reads."""
    box = [round(min(2.0, max(-1.0, side)), 6) for side in word.box]  # off the page, but not far
    flags = [round(word.confidence, 4), int(word.visible), int(word.bold)]
    return [word.text, box, word.line, word.block, *flags, round(word.size, 5)]


class Sheet(Protocol):
    """One page. Sizes in 1/72 inch after the file's own rotation; `dpi` at which it is natural."""

    width_pt: float
    height_pt: float
    rotation: int
    dpi: float

    def raster(self, width_px: int, height_px: int, pose: Pose = AS_IS, area: Box = WHOLE) -> bytes:
        """RGB bytes, exactly `width_px` x `height_px`, of `area` of the page as posed."""

    def text_layer(self) -> TextLayer:
        """The text layer, empty where there is none."""

    def geometry(self) -> dict[str, list[object]]:
        """The object that `untrusted.geometry` reads."""

    def notes(self) -> list[str]:
        """What is worth knowing about how the page was read."""
