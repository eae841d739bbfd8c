"""An item of a receipt in the lines that its till gives it."""

from __future__ import annotations

from typing import Any

from docpipe.synth.receipt.roll import Roll
from docpipe.synth.receipt.sale import Item


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


def put_amount(roll: Roll, item: Item, index: int) -> None:
    """The amount at its edge, the letter of its tax rate behind it, or the rate itself."""
    if "rates" in roll.traits:
        roll.pen.put(roll.x1, roll.y, roll.rate(item.rate), align="right")
    elif roll.letters:
        rates = [rate for rate, *_ in roll.sale.rates]
        roll.pen.put(roll.x1, roll.y, "ABC"[rates.index(item.rate)], align="right")
    text = roll.amount(item.amount)
    roll.pen.put(roll.edge, roll.y, text, align="right", paths=(f"line_items[{index}].amount",))


def put_line(roll: Roll, item: Item, index: int, style: str) -> None:
    """An item in the style of its till: below, above, two, count or apart."""
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
    put_amount(roll, item, index)
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
    put_amount(roll, item, index)
    _below(roll, item, index, before=True)
    tell(roll, item)


def tell(roll: Roll, item: Item) -> None:
    """Put a row with count and price into the label."""
    row = {"description": item.description, "quantity": float(item.quantity), "unit_price": float(item.price)}
    roll.label["line_items"].append({**row, "amount": float(item.amount)})
