"""How a receipt is printed: a roll of narrow paper, fixed pitch or not, and the order tills keep things in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from docpipe.synth import fonts
from docpipe.synth.formats import Numbers, draw_dates
from docpipe.synth.identifiers import digits
from docpipe.synth.pen import Pen
from docpipe.synth.places import person
from docpipe.synth.receipt.hardships import Hard
from docpipe.synth.receipt.items import items
from docpipe.synth.receipt.letterhead import above, name
from docpipe.synth.receipt.roll import Roll
from docpipe.synth.receipt.sale import Sale, noise
from docpipe.synth.sheet import Sheet

_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "PLN": "zł", "SEK": "kr", "DKK": "kr", "CHF": "CHF"}


def head(roll: Roll) -> None:
    """Shop, address, numbers."""
    sale, pen, rng = roll.sale, roll.pen, roll.rng
    seller: dict[str, Any] = {"name": sale.name}
    roll.label["seller"] = seller
    if roll.traits:
        above(roll)
    name(roll, pen.size * rng.choice((1.0, 1.3, 1.7)), rng.random() < 0.7)
    if rng.random() < 0.3 and roll.hard.region is None:
        roll.centred(sale.shop.name)
    if rng.random() < 0.9:
        seller["address"] = "\n".join(sale.shop.address)
        for line in sale.shop.address:
            roll.centred(line, paths=("seller.address",))
    if rng.random() < 0.6:
        roll.centred(f"{roll.captions['phone']} {sale.shop.phone}")
    caption, number = (
        (roll.captions["tax_id"], sale.shop.tax_id) if roll.hard.region is None else roll.hard.region.tax_id or ("", "")
    )
    if rng.random() < 0.7 and number:
        seller["tax_id"] = number
        caption, value = f"{caption} ", number
        start = (roll.x0 + roll.x1 - pen.width(caption + value)) / 2
        start += pen.put(start, roll.y, caption, caption_of="seller.tax_id")
        pen.put(start, roll.y, value, paths=("seller.tax_id",))
        roll.down()
    roll.down(0.4)
    if roll.hard.region and roll.hard.region.title:
        roll.centred(roll.hard.region.title, bold=True)


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


def layout(
    sale: Sale,
    pen: Pen,
    numbers: Numbers,
    rng: Random,
    foot: Callable[[Roll], None],
    hard: Hard,
) -> Roll:
    """Print `sale`; `foot` prints all below the lines."""
    region = hard.region
    captions = {key: rng.choice(_fitting(texts, sale.currency)) for key, texts in sale.words["captions"].items()}
    colon = rng.choice(("", ":", ""))
    captions = {
        key: text + colon if key in ("number", "date", "time", "till", "cashier") else text
        for key, text in captions.items()
    }
    mark = rng.choice((sale.currency, region.mark if region else _SYMBOLS[sale.currency], ""))
    dates = draw_dates(sale.language, sale.shop.country, rng)
    if region:
        captions["tax"] = hard.odd.choice(region.tax) if region.tax else captions["tax"]
        dates, numbers = region.dates, region.numbers
    margin = rng.uniform(8, 14)
    roll = Roll(
        pen, sale, rng, numbers, dates, captions, mark, len(sale.rates) > 1 or rng.random() < 0.2, margin,
        pen.sheet.width - margin, rng.uniform(20, 40), {}, hard,
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
