"""The items of a receipt, each in the lines that its till gives it."""

from __future__ import annotations

from typing import Any, Final

from docpipe.synth.identifiers import digits
from docpipe.synth.receipt.hardships import words
from docpipe.synth.receipt.roll import Roll
from docpipe.synth.receipt.sale import Item

# Where the columns of counts and prices end, as parts of the width.
_COUNT: Final = 0.56
_PRICE: Final = 0.77


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


def _amount(roll: Roll, item: Item, index: int) -> None:
    """The amount at its edge, the letter of its tax rate behind it."""
    if roll.letters:
        rates = [rate for rate, *_ in roll.sale.rates]
        roll.pen.put(roll.x1, roll.y, "ABC"[rates.index(item.rate)], align="right")
    text = roll.amount(item.amount)
    roll.pen.put(roll.edge, roll.y, text, align="right", paths=(f"line_items[{index}].amount",))


def _line(roll: Roll, item: Item, index: int, style: str) -> None:
    pen, path = roll.pen, f"line_items[{index}]"
    row: dict[str, Any] = {"description": item.description}
    counted = not item.plain and (item.quantity != 1 or style in ("two", "count", "apart"))
    if style == "apart" and counted:
        _apart(roll, item, index)
        return
    if style == "above" and counted:
        _below(roll, item, index, before=True)
    left = roll.x0
    if style == "count" and counted and not item.unit:
        left += pen.put(left, roll.y, str(item.quantity), paths=(f"{path}.quantity",)) + pen.size * 0.8
        row["quantity"] = float(item.quantity)
    edge = roll.edge - pen.width(roll.amount(item.amount))
    lines = pen.wrap(item.description, edge - left - 6)
    for line in lines[:-1]:
        pen.put(left, roll.y, line, paths=(f"{path}.description",))
        roll.down()
    pen.put(left, roll.y, lines[-1], paths=(f"{path}.description",), limit=edge - left - 3)
    _amount(roll, item, index)
    roll.down()
    if counted and (style in ("below", "two", "above") or item.unit):
        if style != "above":
            _below(roll, item, index, before=False)
        row |= {"quantity": float(item.quantity), "unit_price": float(item.price)}
    roll.label["line_items"].append({**row, "amount": float(item.amount)})


def _apart(roll: Roll, item: Item, index: int) -> None:
    """The name on lines of its own, and on the next count, price and amount."""
    pen, path = roll.pen, f"line_items[{index}]"
    for line in pen.wrap(item.description, roll.x1 - roll.x0):
        pen.put(roll.x0, roll.y, line, paths=(f"{path}.description",))
        roll.down()
    _amount(roll, item, index)
    _below(roll, item, index, before=True)
    _tell(roll, item)


def _coded(roll: Roll, item: Item, index: int) -> None:
    """The name on a line, and below it the number of the article, count, price and amount."""
    pen, path = roll.pen, f"line_items[{index}]"
    for line in pen.wrap(item.description, roll.x1 - roll.x0):
        pen.put(roll.x0, roll.y, line, paths=(f"{path}.description",))
        roll.down()
    start = roll.x0 + pen.put(roll.x0, roll.y, digits(roll.odd, roll.odd.choice((6, 8, 10)))) + pen.size
    start += pen.put(
        start, roll.y, roll.numbers.text(item.quantity, 3 if item.unit else 0), paths=(f"{path}.quantity",)
    )
    start += pen.put(start, roll.y, roll.odd.choice((" x ", " @ ")))
    pen.put(start, roll.y, roll.amount(item.price), paths=(f"{path}.unit_price",))
    _amount(roll, item, index)
    roll.down()
    _tell(roll, item)


def _columned(roll: Roll, item: Item, index: int) -> None:
    """Name, count, price and amount in columns; a long name has lines of its own."""
    pen, path, wide = roll.pen, f"line_items[{index}]", roll.x1 - roll.x0
    count = roll.numbers.text(item.quantity, 3 if item.unit else 0)
    room = wide * _COUNT - pen.width(count) - pen.size * 0.7
    lines = pen.wrap(item.description, room if pen.width(item.description) < room * 2 else wide)
    for line in lines[:-1]:
        pen.put(roll.x0, roll.y, line, paths=(f"{path}.description",))
        roll.down()
    pen.put(roll.x0, roll.y, lines[-1], paths=(f"{path}.description",))
    if pen.width(lines[-1]) > room:
        roll.down()
    pen.put(roll.x0 + wide * _COUNT, roll.y, count, align="right", paths=(f"{path}.quantity",))
    pen.put(roll.x0 + wide * _PRICE, roll.y, roll.amount(item.price), align="right", paths=(f"{path}.unit_price",))
    _amount(roll, item, index)
    roll.down()
    _tell(roll, item)


def _tell(roll: Roll, item: Item) -> None:
    row = {"description": item.description, "quantity": float(item.quantity), "unit_price": float(item.price)}
    roll.label["line_items"].append({**row, "amount": float(item.amount)})


def _heads(roll: Roll) -> None:
    """The captions of the columns."""
    pen, wide = roll.pen, roll.x1 - roll.x0
    name, count, price, amount = roll.odd.choice(words(roll.sale.language)["heads"])
    pen.put(roll.x0, roll.y, name, limit=wide * (_COUNT - 0.14), caption_of="line_items.description")
    pen.put(roll.x0 + wide * _COUNT, roll.y, count, align="right", limit=wide * 0.13, caption_of="line_items.quantity")
    pen.put(
        roll.x0 + wide * _PRICE, roll.y, price, align="right", limit=wide * 0.17, caption_of="line_items.unit_price"
    )
    pen.put(roll.edge, roll.y, amount, align="right", limit=wide * 0.2, caption_of="line_items.amount")
    roll.down()


def _hard_items(roll: Roll) -> None:
    """The lines as tills print them that keep columns or number their articles."""
    columned = "columns" in roll.traits
    if columned:
        _heads(roll)
    for index, item in enumerate(roll.sale.items):
        _department(roll, index)
        if item.plain:
            _line(roll, item, index, "below")
        else:
            (_columned if columned else _coded)(roll, item, index)
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
    if roll.traits & {"columns", "codes"}:
        _hard_items(roll)
        return
    if headed:
        roll.pair(roll.captions["qty"] if style == "count" else " ", roll.captions["amount"])
    for index, item in enumerate(roll.sale.items):
        _department(roll, index)
        _line(roll, item, index, style)
        _modifier(roll, item, index)
    roll.rule()
