"""The name of a shop on its receipt, and what stands above it: remarks of the till, a logo's words, a note by hand."""

from __future__ import annotations

from docpipe.synth import fonts
from docpipe.synth.places import data, person
from docpipe.synth.receipt.hardships import words
from docpipe.synth.receipt.roll import Roll


def above(roll: Roll) -> None:
    """What a hard receipt has above the name of the shop."""
    known, rng, pen = words(roll.sale.language), roll.odd, roll.pen
    if "above" in roll.traits:
        if rng.random() < 0.4:
            _by_hand(roll)
        else:
            roll.centred(rng.choice(known["above"]), bold=rng.random() < 0.4)
    if "logo" in roll.traits:
        side = pen.size * rng.uniform(2.0, 3.5)
        x, top = (roll.x0 + roll.x1 - side) / 2, roll.y - pen.size
        pen.sheet.area(x, top, x + side, top + side, pen.ink, radius=side / 5)
        roll.y += side + pen.size * 0.4
        roll.centred(rng.choice(known["logo"]), size=pen.size * rng.choice((0.85, 1.0, 1.2)))


def _by_hand(roll: Roll) -> None:
    """A name or a note that somebody wrote above the head."""
    rng, language = roll.odd, roll.sale.language
    text = rng.choice((person(roll.sale.shop.place, rng), rng.choice(data("marks.json")[language]["notes"])))
    face = fonts.draw_hand(rng, language)
    size = roll.pen.size * 1.7 * fonts.HAND_SCALE[face]
    size *= min(1.0, (roll.x1 - roll.x0) * 0.9 / fonts.width(text, face, size))
    roll.y += size * 0.5
    roll.pen.sheet.text(
        roll.x0 + rng.uniform(0, 0.1) * (roll.x1 - roll.x0), roll.y, text, face, size, colour=(0.1, 0.15, 0.45),
        hand=rng.getrandbits(30) + 1,
    )  # fmt: skip
    roll.y += size * 0.9


def name(roll: Roll, size: float, bold: bool) -> None:
    """The name of the shop: on a line, on two, or with its letters apart."""
    text, path = roll.sale.name, ("seller.name",)
    if roll.traits & {"above", "logo"}:
        roll.y += size - roll.pen.size
    lines = [text]
    if "two_line_names" in roll.traits and " " in text:
        parts = text.split(" ")
        cut = max(1, len(parts) // 2)
        lines = [" ".join(parts[:cut]), " ".join(parts[cut:])]
    for line in lines:
        if "spaced" in roll.traits:
            apart = "   ".join(" ".join(word) for word in line.split(" "))
            middle, limit = (roll.x0 + roll.x1) / 2, roll.x1 - roll.x0
            roll.pen.put(middle, roll.y, apart, size=size, bold=bold, align="centre", paths=path, limit=limit)
            roll.y += size * 1.3
        else:
            roll.centred(line, size=size, bold=bold, paths=path)
