"""How a table is ruled and set."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from docpipe.synth.sheet import Colour

RULINGS: Final = ("grid", "grid", "rows", "booktabs", "booktabs", "zebra", "columns", "none", "outer")
_HEADS: Final[tuple[Colour, ...]] = ((0.86, 0.89, 0.94), (0.9, 0.9, 0.9), (0.16, 0.27, 0.45), (0.93, 0.89, 0.8))


@dataclass(frozen=True)
class Style:
    """How one table looks; `repeated` says that the head is printed again on later pages."""

    ruling: str
    head: Colour | None
    bold_head: bool
    align: str
    repeated: bool
    title_below: bool
    loose: float


def draw_style(rng: Random) -> Style:
    """A style, all parts drawn on their own."""
    return Style(
        ruling=rng.choice(RULINGS),
        head=rng.choice((*_HEADS, None, None, None)),
        bold_head=rng.random() < 0.75,
        align=rng.choice(("right", "right", "right", "centre", "left")),
        repeated=rng.random() < 0.8,
        title_below=rng.random() < 0.15,
        loose=rng.choice((1.35, 1.6, 1.9)),
    )
