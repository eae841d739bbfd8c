"""How a receipt is printed: a roll of narrow paper, fixed pitch or not, and the order tills keep things in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from docpipe.synth import fonts
from docpipe.synth.formats import Dates, Numbers, draw_dates
from docpipe.synth.identifiers import digits
from docpipe.synth.pen import Pen
from docpipe.synth.places import person
from docpipe.synth.receipt.sale import Item, Sale, noise
from docpipe.synth.sheet import Sheet

_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "PLN": "zł", "SEK": "kr", "DKK": "kr", "CHF": "CHF"}


@dataclass
class Roll:
    """A receipt being printed: `y` is the baseline of the next line, `label` what has been printed so far."""

    pen: Pen
    sale: Sale
    rng: Random
    numbers: Numbers
    dates: Dates
    captions: dict[str, str]
    mark: str
    letters: bool
    x0: float
    x1: float
    y: float
    label: dict[str, Any]

    def down(self, lines: float = 1.0) -> None:
        """Go down by so many lines."""
        self.y += self.pen.lead * lines

    def amount(self, value: Decimal) -> str:
        """`value` with two decimals, in the till's style."""
        return self.numbers.text(value, 2)

    def centred(self, text: str, *, size: float = 0.0, bold: bool = False, paths: tuple[str, ...] = ()) -> None:
        """Print centred lines."""
        for line in self.pen.wrap(text, self.x1 - self.x0, size, bold):
            middle = (self.x0 + self.x1) / 2
            self.pen.put(
                middle, self.y, line, size=size, bold=bold, align="centre", paths=paths, limit=self.x1 - self.x0
            )
            self.y += (size or self.pen.size) * 1.3

    def rule(self) -> None:
        """A line across, drawn or typed."""
        style = self.rng.choice(("-", "=", "*", "line", ""))
        if style == "line":
            self.pen.sheet.rule(
                self.x0, self.y - self.pen.size * 0.3, self.x1, self.y - self.pen.size * 0.3, dashed=True
            )
        elif style:
            count = int((self.x1 - self.x0) / self.pen.width(style))
            self.pen.put(self.x0, self.y, style * count)
        self.down(1.0 if style else 0.5)

    def pair(
        self, left: str, right: str, path: str = "", *, field: str = "", size: float = 0.0, bold: bool = False
    ) -> None:
        """A caption and the value at the right edge, on a line of their own."""
        wide = self.pen.put(self.x1, self.y, right, size=size, bold=bold, align="right", paths=(path,) if path else ())
        room = self.x1 - self.x0 - wide - 4
        self.pen.put(self.x0, self.y, left, size=size, bold=bold, limit=room, caption_of=field or path)
        self.y += (size or self.pen.size) * 1.3


def head(roll: Roll) -> None:
    """Shop, address, numbers."""
    sale, pen, rng = roll.sale, roll.pen, roll.rng
    seller: dict[str, Any] = {"name": sale.name}
    roll.label["seller"] = seller
    roll.centred(
        sale.name, size=pen.size * rng.choice((1.0, 1.3, 1.7)), bold=rng.random() < 0.7, paths=("seller.name",)
    )
    if rng.random() < 0.3:
        roll.centred(sale.shop.name)
    if rng.random() < 0.9:
        seller["address"] = "\n".join(sale.shop.address)
        for line in sale.shop.address:
            roll.centred(line, paths=("seller.address",))
    if rng.random() < 0.6:
        roll.centred(f"{roll.captions['phone']} {sale.shop.phone}")
    if rng.random() < 0.7:
        seller["tax_id"] = sale.shop.tax_id
        caption, value = f"{roll.captions['tax_id']} ", sale.shop.tax_id
        start = (roll.x0 + roll.x1 - pen.width(caption + value)) / 2
        start += pen.put(start, roll.y, caption, caption_of="seller.tax_id")
        pen.put(start, roll.y, value, paths=("seller.tax_id",))
        roll.down()
    roll.down(0.4)


def meta(roll: Roll) -> None:
    """Date, time, number, till and cashier: captioned or bare, on one line or several."""
    sale, pen, rng = roll.sale, roll.pen, roll.rng
    roll.label |= {"date": sale.day.isoformat(), "time": sale.time}
    day = roll.dates.text(sale.day)
    if rng.random() < 0.5:
        start = roll.x0 + pen.put(roll.x0, roll.y, day, paths=("date",)) + pen.size * 1.2
        pen.put(start, roll.y, sale.time, paths=("time",))
        roll.down()
    else:
        roll.pair(roll.captions["date"], day, "date")
        roll.pair(roll.captions["time"], sale.time, "time")
    if rng.random() < 0.85:
        roll.label["receipt_number"] = sale.number
        roll.pair(roll.captions["number"], sale.number, "receipt_number")
    if rng.random() < 0.5:
        roll.pair(roll.captions["till"], str(rng.randint(1, 12)))
    if rng.random() < 0.5:
        roll.pair(roll.captions["cashier"], rng.choice((person(sale.shop.place, rng).split(" ")[0], digits(rng, 3))))
    if sale.kind == "cafe" and rng.random() < 0.6:
        roll.pair(roll.captions["table"], str(rng.randint(1, 40)))
    roll.rule()


def _below(roll: Roll, item: Item, index: int, before: bool) -> None:
    """The line "2 x 1.99", with both numbers as values of their own."""
    pen, path = roll.pen, f"line_items[{index}]"
    count = roll.numbers.text(item.quantity, 3 if item.unit else 0)
    unit = f" {item.unit} x " if item.unit else " x "
    start = roll.x0 + pen.size * (0.8 if before else 1.6)
    start += pen.put(start, roll.y, count, paths=(f"{path}.quantity",))
    start += pen.put(start, roll.y, unit)
    pen.put(start, roll.y, roll.amount(item.price), paths=(f"{path}.unit_price",))
    roll.down()


def _line(roll: Roll, item: Item, index: int, style: str) -> None:
    pen, path = roll.pen, f"line_items[{index}]"
    row: dict[str, Any] = {"description": item.description}
    counted = not item.plain and (item.quantity != 1 or style in ("two", "count"))
    if style == "above" and counted:
        _below(roll, item, index, before=True)
    edge = roll.x1 - (pen.width(" A") if roll.letters else 0.0)
    if roll.letters:
        rates = [rate for rate, *_ in roll.sale.rates]
        pen.put(roll.x1, roll.y, "ABC"[rates.index(item.rate)], align="right")
    left = roll.x0
    if style == "count" and counted and not item.unit:
        left += pen.put(left, roll.y, str(item.quantity), paths=(f"{path}.quantity",)) + pen.size * 0.8
        row["quantity"] = float(item.quantity)
    text = roll.amount(item.amount)
    lines = pen.wrap(item.description, edge - left - pen.width(text) - 6)
    for line in lines[:-1]:
        pen.put(left, roll.y, line, paths=(f"{path}.description",))
        roll.down()
    pen.put(left, roll.y, lines[-1], paths=(f"{path}.description",), limit=edge - left - pen.width(text) - 3)
    pen.put(edge, roll.y, text, align="right", paths=(f"{path}.amount",))
    roll.down()
    if counted and (style in ("below", "two", "above") or item.unit):
        if style != "above":
            _below(roll, item, index, before=False)
        row |= {"quantity": float(item.quantity), "unit_price": float(item.price)}
    roll.label["line_items"].append({**row, "amount": float(item.amount)})


def items(roll: Roll) -> None:
    """The lines, all in one style."""
    roll.label["line_items"] = []
    style = roll.rng.choice(("below", "below", "above", "two", "count"))
    if roll.rng.random() < 0.3:
        roll.pair(roll.captions["qty"] if style == "count" else " ", roll.captions["amount"])
    for index, item in enumerate(roll.sale.items):
        _line(roll, item, index, style)
    roll.rule()


def layout(sale: Sale, pen: Pen, numbers: Numbers, rng: Random, foot: Callable[[Roll], None]) -> Roll:
    """Print `sale`; `foot` prints all below the lines."""
    captions = {key: rng.choice(_fitting(texts, sale.currency)) for key, texts in sale.words["captions"].items()}
    colon = rng.choice(("", ":", ""))
    captions = {
        key: text + colon if key in ("number", "date", "time", "till", "cashier") else text
        for key, text in captions.items()
    }
    mark = rng.choice((sale.currency, _SYMBOLS[sale.currency], ""))
    dates = draw_dates(sale.language, sale.shop.country, rng)
    margin = rng.uniform(8, 14)
    roll = Roll(
        pen, sale, rng, numbers, dates, captions, mark, len(sale.rates) > 1 or rng.random() < 0.2, margin,
        pen.sheet.width - margin, rng.uniform(20, 40), {},
    )  # fmt: skip
    top = rng.random() < 0.55
    head(roll)
    if top:
        meta(roll)
    else:
        roll.rule()
    items(roll)
    foot(roll)
    if not top:
        meta(roll)
    ending(roll)
    pen.sheet.height = roll.y + rng.uniform(12, 60)
    return roll


def _fitting(texts: Sequence[str], currency: str) -> list[str]:
    """The captions that name no other currency."""
    others = _SYMBOLS.keys() - {currency}
    return [text for text in texts if not others.intersection(text.split(" "))]


def ending(roll: Roll) -> None:
    """Thanks, noise and a bar code."""
    rng = roll.rng
    for text in noise(roll.sale, rng):
        roll.centred(text)
    if rng.random() < 0.8:
        roll.down(0.3)
        roll.centred(roll.captions["thanks"])
    if rng.random() < 0.35:
        x = roll.x0 + (roll.x1 - roll.x0) * 0.15
        while x < roll.x0 + (roll.x1 - roll.x0) * 0.85:
            wide = rng.choice((0.6, 0.6, 1.2, 1.8))
            roll.pen.sheet.area(x, roll.y, x + wide, roll.y + 26, fill=(0.0, 0.0, 0.0))
            x += wide + rng.choice((0.6, 1.2, 1.8))
        roll.y += 36
        roll.centred(digits(rng, 13))


def new_pen(language: str, rng: Random) -> Pen:
    """A pen on a fresh roll of 58 or 80 mm."""
    wide = rng.choice((164.0, 204.0, 204.0, 226.0))
    family = fonts.draw_family(rng, rng.random() < 0.75, language)
    size = wide / rng.choice((36, 40, 42)) / 0.6 * (1.0 if family.mono else 1.05) * family.scale
    gray = rng.choice((0.0, 0.05, 0.15, 0.25))
    return Pen(Sheet(wide, 100.0), family, size, (gray, gray, gray))
