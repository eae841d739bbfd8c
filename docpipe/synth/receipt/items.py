"""The items of a receipt one below the other, and what tills print between them."""

from __future__ import annotations

from docpipe.synth.receipt.columns import put_columns, put_heads, put_numbered
from docpipe.synth.receipt.hardships import words
from docpipe.synth.receipt.lines import put_line
from docpipe.synth.receipt.roll import Roll
from docpipe.synth.receipt.sale import Item


def _hard_items(roll: Roll) -> None:
    """The lines as tills print them that keep columns or number their articles."""
    columned = bool(roll.traits & {"columns", "price_first"})
    if columned:
        put_heads(roll)
    for index, item in enumerate(roll.sale.items):
        _department(roll, index)
        if item.plain:
            put_line(roll, item, index, "below")
        else:
            (put_columns if columned else put_numbered)(roll, item, index)
        _modifier(roll, item, index)
    roll.rule()


def _department(roll: Roll, index: int) -> None:
    """Now and then a heading between the lines: where in the shop, or whose order."""
    if "departments" in roll.traits and (index == 0 or roll.odd.random() < 0.3):
        roll.pen.put(roll.x0, roll.y, roll.odd.choice(words(roll.sale.language)["departments"]))
        roll.down()


def _modifier(roll: Roll, item: Item, index: int) -> None:
    """A line below an item that says how it was wanted, without an amount."""
    if "modifiers" in roll.traits and not item.plain and roll.odd.random() < 0.4:
        path = f"line_items[{index}].description"
        text = roll.odd.choice(words(roll.sale.language)["modifiers"])
        roll.pen.put(roll.x0 + roll.pen.size * 1.2, roll.y, text)
        roll.also.setdefault(path, []).append(f"{item.description} {text}")
        roll.down()


def items(roll: Roll) -> None:
    """The lines, all in one style."""
    roll.label["line_items"] = []
    style = roll.rng.choice(("below", "below", "above", "two", "count", "apart"))
    headed = roll.rng.random() < 0.3
    if roll.traits & {"columns", "price_first", "codes"}:
        _hard_items(roll)
        return
    if headed:
        roll.pair(roll.captions["qty"] if style == "count" else " ", roll.captions["amount"])
    for index, item in enumerate(roll.sale.items):
        _department(roll, index)
        put_line(roll, item, index, style)
        _modifier(roll, item, index)
    roll.rule()
