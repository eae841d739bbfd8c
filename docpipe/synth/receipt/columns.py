"""Items in columns, a long name on lines of its own; or with count and price behind the number of the article."""

from __future__ import annotations

from typing import Final

from docpipe.synth.identifiers import digits
from docpipe.synth.receipt.hardships import words
from docpipe.synth.receipt.lines import put_amount, tell
from docpipe.synth.receipt.roll import Roll
from docpipe.synth.receipt.sale import Item

# Where the two columns before the amounts end, as parts of the width that amounts end at.
_FIRST: Final = 0.54
_SECOND: Final = 0.77


def _edges(roll: Roll) -> tuple[float, float]:
    """Where counts and prices end."""
    first, second = (roll.x0 + (roll.edge - roll.x0) * part for part in (_FIRST, _SECOND))
    return (second, first) if "price_first" in roll.traits else (first, second)


def put_columns(roll: Roll, item: Item, index: int) -> None:
    """One item."""
    pen, path = roll.pen, f"line_items[{index}]"
    padded = "price_first" in roll.traits
    count = roll.numbers.text(item.quantity, 3 if item.unit else 2 if padded else 0)
    price, (count_x, price_x) = roll.amount(item.price), _edges(roll)
    left = min(count_x, price_x)
    room = left - roll.x0 - max(pen.width(count), pen.width(price)) - pen.size * 0.7
    lines = pen.wrap(item.description, room if pen.width(item.description) < room * 2 else roll.x1 - roll.x0)
    for line in lines[:-1]:
        pen.put(roll.x0, roll.y, line, paths=(f"{path}.description",))
        roll.down()
    pen.put(roll.x0, roll.y, lines[-1], paths=(f"{path}.description",))
    if pen.width(lines[-1]) > room:
        roll.down()
    pen.put(count_x, roll.y, count, align="right", paths=(f"{path}.quantity",))
    pen.put(price_x, roll.y, price, align="right", paths=(f"{path}.unit_price",))
    put_amount(roll, item, index)
    roll.down()
    tell(roll, item)


def put_heads(roll: Roll) -> None:
    """The captions of the columns."""
    pen, wide = roll.pen, roll.edge - roll.x0
    name, count, price, amount = roll.odd.choice(words(roll.sale.language)["heads"])
    count_x, price_x = _edges(roll)
    room = wide * 0.17
    pen.put(roll.x0, roll.y, name, limit=wide * (_FIRST - 0.2), caption_of="line_items.description")
    pen.put(count_x, roll.y, count, align="right", limit=room, caption_of="line_items.quantity")
    pen.put(price_x, roll.y, price, align="right", limit=room, caption_of="line_items.unit_price")
    pen.put(roll.edge, roll.y, amount, align="right", limit=room, caption_of="line_items.amount")
    roll.down()


def put_numbered(roll: Roll, item: Item, index: int) -> None:
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
    put_amount(roll, item, index)
    roll.down()
    tell(roll, item)
