"""The columns of the table of positions: which, in what order, how wide, and what stands in each cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from docpipe.synth import fonts
from docpipe.synth.invoice.bill import ZERO, Line
from docpipe.synth.invoice.draft import Draft
from docpipe.synth.invoice.hardships import words

LEFT = ("description", "sku", "unit", "date", "pos")
PAD = 5.0
TIGHT: Final = 1.3  # captions stand closer than a letter and a half


@dataclass(frozen=True)
class Column:
    """A column from x0 to x1: `texts` holds one cell a line, `key` names it, `head` holds the lines of its caption."""

    key: str
    head: tuple[str, ...]
    texts: tuple[str, ...]
    x0: float
    x1: float


def _cell(draft: Draft, key: str, index: int, line: Line) -> str:
    look, numbers = draft.look, draft.look.numbers
    match key:
        case "pos":
            return str(index + 1)
        case "sku":
            return line.sku
        case "date":
            return look.dates.text(line.day)
        case "description":
            return line.description
        case "unit":
            return line.unit
        case "quantity":
            text = numbers.quantity(line.quantity, look.padded_quantity)
            return f"{text} {line.unit}" if look.unit_in_quantity and "unit" not in look.columns else text
        case "unit_price":
            return draft.amount(line.unit_price, look.money.in_cells)
        case "discount":
            return draft.rate(line.discount) if line.discount else "-"
        case "vat":
            return draft.rate(line.rate)
    return draft.amount(line.amount, look.money.in_cells)


# Column -> the field of a line that it prints.
_FIELDS: Final = {
    "sku": "item_number", "description": "description", "quantity": "quantity", "unit": "unit",
    "unit_price": "unit_price", "discount": "discount", "vat": "tax_rate", "amount": "amount",
}  # fmt: skip


def field_of(key: str) -> str:
    """The field of a line that a column prints, empty if none."""
    return _FIELDS.get(key, "")


def paths_of(key: str, index: int, line: Line, text: str) -> tuple[str, ...]:
    """The label paths of a cell that prints `text`. A dash where there is no discount prints nothing."""
    if key not in _FIELDS or (key == "discount" and not line.discount):
        return ()
    unit = (f"line_items[{index}].unit",) if key == "quantity" and text.endswith(f" {line.unit}") else ()
    return (f"line_items[{index}].{_FIELDS[key]}", *unit)


def pad(draft: Draft) -> float:
    """Points between the text of a cell and the edge of its column."""
    return TIGHT if "tight_head" in draft.traits else PAD


def stacked(draft: Draft) -> bool:
    """Whether captions take several lines and say that prices are without tax."""
    return "stacked_head" in draft.traits


def _keys(draft: Draft) -> list[str]:
    """The look's columns without those that would be empty or, for a discount, missing though it changes amounts."""
    lines, keys = draft.bill.lines, list(draft.look.columns)
    if "discount" in keys and all(line.discount == ZERO for line in lines):
        keys.remove("discount")
    if "discount" not in keys and any(line.discount for line in lines) and "unit_price" in keys:
        keys.insert(keys.index("amount"), "discount")
    if not draft.bill.sums.tax_rows and "vat" in keys:
        keys.remove("vat")
    return keys


def _head_text(draft: Draft, key: str) -> str:
    caption = draft.words.plain(f"c_{key}")
    money = draft.look.money
    if stacked(draft):
        return caption
    return (
        f"{caption} {money.mark}"
        if key == "amount" and money.place == "none" and draft.look.currency_note == "head"
        else caption
    )


def _below(draft: Draft, untaxed: str) -> dict[str, tuple[str, ...]]:
    """The lines below the captions of prices, by column: that they are without tax, and in which currency."""
    if not stacked(draft):
        return {}
    return {"unit_price": (untaxed,), "amount": (untaxed, draft.look.money.code)}


def _head(draft: Draft, key: str, below: dict[str, tuple[str, ...]]) -> list[str]:
    """The parts of a caption that stay whole: its words, or all of it where captions stand close."""
    text, lines = _head_text(draft, key), below.get(key, ())
    return [*([text] if "tight_head" in draft.traits and not stacked(draft) else text.split(" ")), *lines]


def _narrow(
    draft: Draft, keys: list[str], size: float, span: float, below: dict[str, tuple[str, ...]]
) -> dict[str, float] | None:
    """Widths of the columns at `size`, or None where the description would be left with too little."""
    widths: dict[str, float] = {}
    inset = pad(draft)
    for key in keys:
        words = _head(draft, key, below)
        cells = [draft.width(_cell(draft, key, index, line), size) for index, line in enumerate(draft.bill.lines)]
        widths[key] = max(*cells, *(draft.width(word, size, True) for word in words), 12.0) + 2 * inset
    rest = span - sum(wide for key, wide in widths.items() if key != "description")
    longest = max(
        fonts.width(word, draft.font(), size) for line in draft.bill.lines for word in line.description.split(" ")
    )
    widths["description"] = rest
    return widths if rest >= max(span * 0.27, longest + 2 * inset) else None


def columns(draft: Draft, x0: float, x1: float) -> tuple[list[Column], float]:
    """The columns between x0 and x1 and the size they are set at. Columns nobody must have go first, then the size,
    until all fits.
    """
    keys, size, spare = _keys(draft), draft.size, ["vat", "unit", "pos", "sku", "date"]
    below = _below(draft, draft.odd.choice(words(draft.bill.language)["untaxed"]))
    widths = _narrow(draft, keys, size, x1 - x0, below)
    while widths is None:
        if size > draft.size * 0.86:
            size -= 0.25
        elif extra := next((key for key in spare if key in keys), None):
            keys.remove(extra)
        else:
            size -= 0.25
        widths = _narrow(draft, keys, size, x1 - x0, below)
    made, place = [], x0
    for key in keys:
        head = fonts.wrap(_head_text(draft, key), draft.font(True), size, widths[key] - 2 * pad(draft) + 0.01)
        head += below.get(key, ())
        texts = tuple(_cell(draft, key, index, line) for index, line in enumerate(draft.bill.lines))
        made.append(Column(key, tuple(head), texts, place, place + widths[key]))
        place += widths[key]
    return made, size
