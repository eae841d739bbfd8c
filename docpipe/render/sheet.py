"""What the decoder knows how to do with one page, be it of a PDF or of an image file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from mmap import mmap
from typing import Protocol

from docpipe.page.box import Box
from docpipe.records import Word

WHOLE = Box(0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Pose:
    """How a page is shown to be read: first `turn` (0, 90, 180 or 270 degrees clockwise), then
    `skew` degrees counter-clockwise about its centre, the frame kept; then its levels from `black` to
    `white` spread to 0 to 255.
    """

    turn: int = 0
    skew: float = 0.0
    black: int = 0
    white: int = 255

    @property
    def swaps_sides(self) -> bool:
        return self.turn % 180 == 90

    @property
    def is_stretched(self) -> bool:
        return (self.black, self.white) != (0, 255)

    def sides(self, width: float, height: float) -> tuple[float, float]:
        """(width, height) of the page as shown."""
        return (height, width) if self.swaps_sides else (width, height)


AS_IS = Pose()


@dataclass(frozen=True, slots=True)
class TextLayer:
    """The words a file says its page has. `readable` is False where a person would not read them
    there: no words, none that shows, characters that mean nothing, a stamp on a scan. It is `doubtful`
    where only a look at the page can tell. `turn`: as of a `Pose`, where the lines do not run right.
    """

    words: Sequence[Word] = ()
    readable: bool = False
    doubtful: bool = False
    turn: int = 0


def word_row(word: Word) -> list[object]:
    """A word as the row that `untrusted.words` reads."""
    box = [round(min(2.0, max(-1.0, side)), 6) for side in word.box]  # off the page, but not far
    flags = [round(word.confidence, 4), int(word.visible), int(word.bold)]
    return [word.text, box, word.line, word.block, *flags, round(min(1.0, max(0.0, word.size)), 5)]


class Sheet(Protocol):
    """One page. Sizes in 1/72 inch after the file's own rotation; `dpi` at which it is natural."""

    width_pt: float
    height_pt: float
    rotation: int
    dpi: float

    def raster(self, width_px: int, height_px: int, pose: Pose = AS_IS, area: Box = WHOLE) -> bytes | mmap:
        """RGB bytes, exactly `width_px` x `height_px`, of `area` of the page as posed.

        A mapping is that of the decoder's canvas: valid until anything else is drawn.
        """

    def text_layer(self) -> TextLayer:
        """The text layer, empty where there is none."""

    def text_turn(self) -> int:
        """The `turn` that the text layer would have, for less."""

    def is_scan(self) -> bool:
        """Whether the page is a picture of a page."""

    def geometry(self) -> dict[str, list[object]]:
        """The object that `untrusted.geometry` reads."""

    def notes(self) -> list[str]:
        """What is worth knowing about how the page was read."""
