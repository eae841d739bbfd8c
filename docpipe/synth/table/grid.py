"""What a table says: a grid of cells with spans, drawn from a topic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any, Final

from docpipe.synth.formats import Numbers
from docpipe.synth.identifiers import digits
from docpipe.synth.places import data
from docpipe.synth.topics import Measure, dimension, measures, words

_MISSING: Final = ("–", "-", "..", "n/a", "")


@dataclass(frozen=True)
class Cell:
    """A cell at (row, col) of the grid; `text` is empty for an empty cell."""

    row: int
    col: int
    text: str
    rowspan: int = 1
    colspan: int = 1
    kind: str = "value"  # head, label, group, value, total


@dataclass(frozen=True)
class Grid:
    """A table: `heads` rows of the grid name the columns, `numeric` tells which columns hold numbers."""

    title: str
    cells: tuple[Cell, ...]
    rows: int
    cols: int
    heads: int
    numeric: tuple[bool, ...]
    notes: tuple[str, ...]

    def texts(self) -> list[list[str | None]]:
        """The grid as rows of texts: a merged cell's text is in its first place, None elsewhere and where empty."""
        rows: list[list[str | None]] = [[None] * self.cols for _ in range(self.rows)]
        for cell in self.cells:
            rows[cell.row][cell.col] = cell.text or None
        return rows


@dataclass
class Drawing:
    """What all shapes of tables draw from."""

    language: str
    numbers: Numbers
    rng: Random
    words: Any
    hole: str
    marked: bool

    def number(self, measure: Measure) -> str:
        """A value of `measure` as printed; seldom missing, negative or marked with a note sign."""
        if self.rng.random() < 0.03:
            return self.hole
        value = Decimal(str(round(self.rng.uniform(measure.low, measure.high), measure.places)))
        if measure.unit == "%" and self.rng.random() < 0.15:
            value = -value
        text = self.numbers.text(value, measure.places)
        return f"{text}*" if self.marked and self.rng.random() < 0.04 else text


def _title(draw: Drawing, measure: Measure, dim: str) -> str:
    rng = draw.rng
    text = rng.choice(draw.words["titles"]).format(measure=measure.name, dim=draw.words["dims"][dim])
    number = rng.choice(
        (
            "",
            f"{draw.words['words']['table']} {rng.randint(1, 30)}: ",
            f"{draw.words['words']['table']} {rng.randint(1, 9)}.{rng.randint(1, 9)}  ",
        )
    )
    return f"{number}{text}" if rng.random() < 0.85 else ""


def _body(
    draw: Drawing, labels: Sequence[str], kinds: Sequence[Measure], heads: int, grouped: bool
) -> tuple[list[Cell], int]:
    """Cells below the heads: a label and a number a measure in each row, with group rows and a total where drawn."""
    rng, row, cells = draw.rng, heads, list[Cell]()
    every = rng.randint(3, 6) if grouped else 0
    groups = iter(rng.sample(draw.words["sectors"], len(draw.words["sectors"])))
    for place, label in enumerate(labels):
        if every and place % every == 0 and (name := next(groups, "")):
            cells.append(Cell(row, 0, name, colspan=len(kinds) + 1, kind="group"))
            row += 1
        cells.append(Cell(row, 0, label, kind="label"))
        cells += [Cell(row, col, draw.number(kind)) for col, kind in enumerate(kinds, 1)]
        row += 1
    if rng.random() < 0.4:
        cells.append(Cell(row, 0, draw.words["words"][rng.choice(("total", "average"))], kind="total"))
        cells += [Cell(row, col, draw.number(kind), kind="total") for col, kind in enumerate(kinds, 1)]
        row += 1
    return cells, row


def crossed(draw: Drawing, count: int) -> Grid:
    """One or two measures by two dimensions; two measures stand under a head that spans their columns."""
    rng = draw.rng
    dim, across = rng.choice(
        (("country", "year"), ("city", "year"), ("sector", "quarter"), ("age", "year"), ("country", "month"))
    )
    kinds = measures(draw.language, rng.choice((1, 1, 2, 2, 3)), rng)
    columns = dimension(draw.language, across, rng.randint(2, 4) if len(kinds) > 1 else rng.randint(2, 7), rng)
    labels = dimension(draw.language, dim, count, rng)
    corner = draw.words["dims"][dim] if rng.random() < 0.8 else ""
    spanned = len(kinds) > 1 or rng.random() < 0.3
    cells = [Cell(0, 0, corner, rowspan=2 if spanned else 1, kind="head")]
    if spanned:
        unit = rng.choice((" ({})", ", {}", " [{}]"))
        cells += [
            Cell(0, 1 + place * len(columns), kind.captioned(unit), colspan=len(columns), kind="head")
            for place, kind in enumerate(kinds)
        ]
    flat = [kind for kind in kinds for _ in columns]
    cells += [Cell(int(spanned), 1 + place, columns[place % len(columns)], kind="head") for place in range(len(flat))]
    body, rows = _body(draw, labels, flat, 1 + spanned, rng.random() < 0.25)
    return Grid(
        _title(draw, kinds[0], dim), tuple(cells + body), rows, len(flat) + 1, 1 + spanned,
        (False, *(True for _ in flat)), (),
    )  # fmt: skip


def listed(draw: Drawing, count: int) -> Grid:
    """Several measures of one dimension."""
    rng = draw.rng
    dim = rng.choice(("country", "city", "sector", "month", "year", "quarter"))
    kinds, labels = measures(draw.language, rng.randint(2, 5), rng), dimension(draw.language, dim, count, rng)
    unit = rng.choice((" ({})", ", {}", " [{}]", ""))
    heads = [draw.words["dims"][dim], *(kind.captioned(unit) for kind in kinds)]
    cells = [Cell(0, col, text, kind="head") for col, text in enumerate(heads)]
    body, rows = _body(draw, labels, kinds, 1, rng.random() < 0.25)
    numeric = (False, *(True for _ in kinds))
    return Grid(_title(draw, kinds[0], dim), tuple(cells + body), rows, len(heads), 1, numeric, ())


def catalogue(draw: Drawing, count: int) -> Grid:
    """Goods with a code, a long description and a price; the trade stands once beside its rows."""
    rng, goods = draw.rng, data("goods.json")[draw.language]
    captions = data(f"captions/{draw.language}.json")
    heads = [rng.choice(captions[key]["usual"]) for key in ("c_sku", "c_description", "c_unit", "c_unit_price")]
    banded = rng.random() < 0.5
    cells = [
        Cell(0, col, text, kind="head")
        for col, text in enumerate([draw.words["dims"]["sector"], *heads] if banded else heads)
    ]
    row, left = 1, int(banded)
    trades = rng.sample(goods["trades"], len(goods["trades"]))
    for trade in trades:
        items = rng.sample(trade["items"], min(len(trade["items"]), rng.randint(2, 6), max(0, count - row + 1)))
        if not items:
            break
        if banded:
            cells.append(Cell(row, 0, trade["words"][0], rowspan=len(items), kind="label"))
        for text, unit, low, high, _ in items:
            plain = text.replace("{", "").replace("}", "").replace("|", " / ")
            price = Decimal(str(round(rng.uniform(low, high), 2)))
            texts = (digits(rng, 5), plain, goods["units"][unit][0], draw.numbers.text(price, 2))
            cells += [Cell(row, left + col, value) for col, value in enumerate(texts)]
            row += 1
    numeric = (*((False,) * banded), False, False, False, True)
    return Grid(rng.choice(goods["trades"])["words"][0], tuple(cells), row, left + 4, 1, numeric, ())


SHAPES: Final[tuple[Callable[[Drawing, int], Grid], ...]] = (crossed, crossed, listed, listed, catalogue)


def draw_grid(language: str, numbers: Numbers, count: int, rng: Random) -> Grid:
    """A table of about `count` rows, with its notes."""
    marked = rng.random() < 0.25
    draw = Drawing(language, numbers, rng, words(language), rng.choice(_MISSING), marked)
    grid = rng.choice(SHAPES)(draw, count)
    notes = [f"* {rng.choice(draw.words['notes'])}"] if marked else []
    if rng.random() < 0.4:
        author = rng.choice(data("places.json")["DE"]["last"])
        notes.append(f"{draw.words['words']['source']}: {author} {rng.randint(1999, 2025)}")
    return Grid(grid.title, grid.cells, grid.rows, grid.cols, grid.heads, grid.numeric, tuple(notes))
