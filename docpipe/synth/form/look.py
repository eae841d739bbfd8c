"""How an office prints its forms, and how a person fills them in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Final

from docpipe.synth import fonts
from docpipe.synth.sheet import Colour
from docpipe.synth.traits import Traits

FIELD_STYLES: Final = ("boxed", "boxed", "lined", "lined", "comb", "under", "beside")
_TINTS: Final[tuple[Colour | None, ...]] = (
    None,
    None,
    (0.93, 0.96, 0.99),
    (0.99, 0.94, 0.92),
    (0.94, 0.98, 0.93),
    (0.95, 0.95, 0.95),
)
_LINES: Final[tuple[Colour, ...]] = ((0.0, 0.0, 0.0), (0.35, 0.35, 0.38), (0.1, 0.3, 0.55), (0.6, 0.15, 0.15))
_PENS: Final[tuple[Colour, ...]] = ((0.05, 0.1, 0.5), (0.08, 0.08, 0.1), (0.1, 0.2, 0.65))


@dataclass(frozen=True)
class Look:
    """One office's forms and one person's way of filling them in. `hand` is a face like handwriting, empty for type."""

    style: str
    tint: Colour | None
    line: Colour
    numbered: bool
    colon: str
    hand: str
    typed: str
    ink: Colour
    tick: str
    round_boxes: bool
    box_after: bool


def draw_look(language: str, rng: Random) -> Look:
    """A look, all parts drawn on their own."""
    by_hand = rng.random() < 0.5
    typed = fonts.draw_family(rng, rng.random() < 0.6, language).regular
    return Look(
        style=rng.choice(FIELD_STYLES),
        tint=rng.choice(_TINTS),
        line=rng.choice(_LINES),
        numbered=rng.random() < 0.25,
        colon=rng.choice(("", ":", "")),
        hand=fonts.draw_hand(rng, language) if by_hand else "",
        typed=typed,
        ink=rng.choice(_PENS) if by_hand else (0.0, 0.0, 0.0),
        tick=rng.choice(("cross", "cross", "tick", "filled", "typed")),
        round_boxes=rng.random() < 0.3,
        box_after=rng.random() < 0.15,
    )


def suited(look: Look, traits: Traits, rng: Random) -> Look:
    """`look` with the makes of field that `traits` are met with."""
    if "grouped_combs" in traits:
        look = replace(look, style="comb")
    elif "open_sides" in traits:
        look = replace(look, style="boxed")
    elif traits & {"two_columns", "low_entries"}:
        look = replace(look, style=rng.choice(("lined", "under")))
    return replace(look, numbered=True) if "tiny_keys" in traits else look
