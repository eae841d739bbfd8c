"""What people and machines put on paper after it was printed: stamps, notes by hand, the line at the head of a fax."""

from __future__ import annotations

from datetime import date, timedelta
from math import cos, radians, sin
from random import Random
from typing import Final

from docpipe.synth import fonts
from docpipe.synth.places import data
from docpipe.synth.sheet import Colour, Sheet

_INKS: Final[tuple[Colour, ...]] = ((0.75, 0.1, 0.12), (0.12, 0.2, 0.6), (0.1, 0.45, 0.25), (0.25, 0.25, 0.3))
_PENS: Final[tuple[Colour, ...]] = ((0.08, 0.13, 0.5), (0.1, 0.1, 0.12), (0.6, 0.08, 0.1), (0.15, 0.3, 0.6))


def overlay(sheet: Sheet, language: str, way: str, rng: Random) -> list[str]:
    """Put stamps and notes on `sheet` as its way through the world has it. Returns what was put there."""
    done: list[str] = []
    if way == "fax":
        _fax_line(sheet, rng)
    if rng.random() < 0.22:
        done.append(_stamp(sheet, language, rng))
    if rng.random() < 0.2:
        done.append(_note(sheet, language, rng))
    return done


def _stamp(sheet: Sheet, language: str, rng: Random) -> str:
    """A rubber stamp over the first or last page: a word, framed, and sometimes a date."""
    word = rng.choice(data("marks.json")[language]["stamps"])
    sheet.turn(rng.choice((0, len(sheet.pages) - 1)))
    face, ink, angle = "Ubuntu_Bold", rng.choice(_INKS), rng.uniform(-25, 25)
    size = min(sheet.width * rng.uniform(0.04, 0.065), 34.0)
    wide, tall = fonts.width(word, face, size) + size * 0.8, size * (2.3 if rng.random() < 0.5 else 1.5)
    x = rng.uniform(0.1, max(0.12, 0.85 - wide / sheet.width)) * sheet.width
    y = rng.uniform(0.2, 0.75) * sheet.height
    lean = radians(angle)

    def at(right: float, down: float) -> tuple[float, float]:
        return x + right * cos(lean) + down * sin(lean), y - right * sin(lean) + down * cos(lean)

    frame = [at(0, 0), at(wide, 0), at(wide, tall), at(0, tall)]
    sheet.outline(frame, stroke=ink, weight=size * 0.09, closed=True, alpha=0.75)
    sheet.text(*at(size * 0.4, size * 1.12), word, face, size, colour=ink, angle=angle, alpha=0.7)
    if tall > size * 2:
        day = date(2019, 1, 1) + timedelta(days=rng.randint(0, 2500))
        sheet.text(
            *at(size * 0.4, size * 1.95), f"{day:%d %m %Y}", face, size * 0.6, colour=ink, angle=angle, alpha=0.7
        )
    return f"stamp {word}"


def _note(sheet: Sheet, language: str, rng: Random) -> str:
    """A few words by hand at the edge of the first page."""
    words = rng.choice(data("marks.json")[language]["notes"])
    face = fonts.draw_hand(rng, language)
    size = min(sheet.width * 0.035, 19.0) * fonts.HAND_SCALE[face]
    sheet.turn(0)
    limit = sheet.width * 0.86 - fonts.width(words, face, size)
    place = (max(4.0, rng.uniform(0.05 * sheet.width, max(limit, 5.0))), rng.choice((0.03, 0.5, 0.93)) * sheet.height)
    sheet.text(
        *place, words, face, size, colour=rng.choice(_PENS), angle=rng.uniform(-6, 8), hand=rng.getrandbits(30) + 1
    )
    return "note by hand"


def _fax_line(sheet: Sheet, rng: Random) -> None:
    """The sender's line that a machine prints at the head of each page."""
    day = date(2019, 1, 1) + timedelta(days=rng.randint(0, 2500))
    clock = f"{rng.randint(7, 19):02d}:{rng.randint(0, 59):02d}"
    start = f"{day:%d/%m/%y} {clock}  +{rng.randint(30, 49)}{rng.randint(10**8, 10**9)}"
    for page in range(len(sheet.pages)):
        sheet.turn(page)
        sheet.text(12, 11, f"{start}   P.{page + 1:03d}/{len(sheet.pages):03d}", "Courier", min(8.0, sheet.width / 50))
