"""A page or more with one to three tables and some text between them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from docpipe.synth import fonts
from docpipe.synth.document import Document
from docpipe.synth.formats import draw_numbers
from docpipe.synth.pen import Pen
from docpipe.synth.places import PLACES_OF, data
from docpipe.synth.sheet import Sheet
from docpipe.synth.table.grid import draw_grid
from docpipe.synth.table.paper import Setting, label, measure, print_table
from docpipe.synth.table.style import draw_style
from docpipe.synth.topics import words


def _text(pen: Pen, language: str, x: float, y: float, limit: float, rng: Random) -> float:
    """A paragraph that is no table. Returns the y below it."""
    phrases = data("phrases.json")[language]
    text = " ".join(rng.sample([*phrases["lump"], *phrases["notes"], *phrases["fine"]], rng.randint(1, 3)))
    return pen.paragraph(x, y + pen.size, text, limit) + pen.size * rng.uniform(0.3, 1.2)


def _rows(rng: Random) -> int:
    """How many rows: a few; sometimes a page or several."""
    low, high = rng.choices(((2, 12), (12, 30), (40, 46)), (70, 24, 6))[0]
    return rng.randint(low, high)


def compose(index: int, seed: int, languages: Sequence[str]) -> Document:
    """Document of tables `index` of `seed`, in one of `languages`."""
    rng = Random(f"table {seed} {index}")
    language = languages[(index + seed) % len(languages)]
    sides = rng.choice(((595.28, 841.89), (595.28, 841.89), (841.89, 595.28), (612.0, 792.0)))
    family = fonts.draw_family(rng, rng.random() < 0.12, language)
    pen = Pen(Sheet(*sides), family, rng.choice((7.5, 8.0, 8.5, 9.0, 10.0)) * family.scale)
    numbers = draw_numbers(language, rng.choice(PLACES_OF[language]), rng)
    margin, tables, rulings = rng.uniform(42, 70), [], []
    size, y = pen.size, margin
    for number in range(rng.choice((1, 1, 1, 2, 2, 3))):
        pen.size = size
        if rng.random() < 0.6:
            y = _text(pen, language, margin, y, sides[0] - 2 * margin, rng)
        style = draw_style(rng)
        continued = f"({words(language)['words']['continued']})" if rng.random() < 0.5 else ""
        setting = Setting(pen, draw_grid(language, numbers, _rows(rng), rng), style, number, sides[1] - 60, continued)
        measure(setting, margin, sides[0] - margin)
        if y + sum(setting.heights[: setting.grid.heads + 2]) + 40 > setting.floor:
            pen.sheet.new_page()
            y = margin
        y = print_table(setting, y) + rng.uniform(8, 26)
        tables.append(label(setting))
        rulings.append(style.ruling)
        if y > sides[1] - 200:
            break
    story = {"rulings": rulings, "family": family.name}
    return Document(language, "table", pen.sheet, {"tables": tables}, story, title=tables[0]["title"] or "")
