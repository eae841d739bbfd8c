"""The table of positions: columns in the order the look asks for, wrapped descriptions, over as many pages as it takes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from docpipe.synth import fonts
from docpipe.synth.invoice.bill import ZERO, Line
from docpipe.synth.invoice.draft import Draft

_LEFT = ("description", "sku", "unit", "date", "pos")
_PAD = 5.0


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


def _paths(key: str, index: int) -> tuple[str, ...]:
    return (f"line_items[{index}].{key}",) if key in ("description", "quantity", "unit_price", "amount") else ()


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
    return f"{caption} {money.mark}" if key == "amount" and money.place == "none" and draft.look.currency_note == "head" else caption


def _narrow(draft: Draft, keys: list[str], size: float, span: float) -> dict[str, float] | None:
    """Widths of the columns at `size`, or None where the description would be left with too little."""
    widths: dict[str, float] = {}
    for key in keys:
        words = _head_text(draft, key).split(" ")
        cells = [draft.width(_cell(draft, key, index, line), size) for index, line in enumerate(draft.bill.lines)]
        widths[key] = max(*cells, *(draft.width(word, size, True) for word in words), 12.0) + 2 * _PAD
    rest = span - sum(wide for key, wide in widths.items() if key != "description")
    longest = max(fonts.width(word, draft.font(), size) for line in draft.bill.lines for word in line.description.split(" "))
    widths["description"] = rest
    return widths if rest >= max(span * 0.27, longest + 2 * _PAD) else None


def columns(draft: Draft, x0: float, x1: float) -> tuple[list[Column], float]:
    """The columns between x0 and x1 and the size they are set at. Columns nobody must have go first, then the size, until all fits."""
    keys, size, spare = _keys(draft), draft.size, ["vat", "unit", "pos", "sku", "date"]
    widths = _narrow(draft, keys, size, x1 - x0)
    while widths is None:
        if size > draft.size * 0.86:
            size -= 0.25
        elif extra := next((key for key in spare if key in keys), None):
            keys.remove(extra)
        else:
            size -= 0.25
        widths = _narrow(draft, keys, size, x1 - x0)
    made, place = [], x0
    for key in keys:
        head = fonts.wrap(_head_text(draft, key), draft.font(True), size, widths[key] - 2 * _PAD)
        texts = tuple(_cell(draft, key, index, line) for index, line in enumerate(draft.bill.lines))
        made.append(Column(key, tuple(head), texts, place, place + widths[key]))
        place += widths[key]
    return made, size


class Table:
    """Draws the positions downwards from a y; `bottom` is where the last row ended, `columns` where the columns are."""

    def __init__(self, draft: Draft, x0: float, x1: float, y: float) -> None:
        self.draft, self.x0, self.x1, self.bottom = draft, x0, x1, y
        self.columns, self.size = columns(draft, x0, x1)
        self.lead = self.size * 1.28
        self._top = y
        self._sum = Decimal(0)

    def draw(self) -> float:
        """Print header and rows. Returns the y below the last row."""
        self._head()
        for index, line in enumerate(self.draft.bill.lines):
            self._row(index, line)
        self._close_page()
        return self.bottom

    def _text(self, column: Column, y: float, text: str, paths: tuple[str, ...] = (), caption_of: str = "", bold: bool = False, light: bool = False) -> None:
        left = column.key in _LEFT
        x = column.x0 + _PAD if left else column.x1 - _PAD
        colour = (1.0, 1.0, 1.0) if light else None
        self.draft.put(x, y, text, size=self.size, bold=bold, align="left" if left else "right", paths=paths, caption_of=caption_of, colour=colour)

    def _head(self) -> None:
        draft, look = self.draft, self.draft.look
        tall = max(len(column.head) for column in self.columns) * self.lead + 6
        if look.head in ("fill", "soft"):
            draft.sheet.area(self.x0, self.bottom, self.x1, self.bottom + tall, look.accent if look.head == "fill" else look.soft)
        y = self.bottom + self.lead
        for column in self.columns:
            field = f"line_items.{column.key}" if _paths(column.key, 0) else ""
            for place, text in enumerate(column.head):
                marked = column.key == "amount" and look.money.place == "none" and look.currency_note == "head" and place == len(column.head) - 1
                paths = ("currency",) if marked else ()
                self._text(column, y + place * self.lead, text, paths, field, bold=look.head != "plain", light=look.head == "fill")
        self.bottom += tall
        if look.head in ("bold", "plain"):
            draft.sheet.rule(self.x0, self.bottom, self.x1, self.bottom, 0.9, look.accent)
        self._top = self.bottom - tall

    def _row(self, index: int, line: Line) -> None:
        draft, gap = self.draft, 3.2 * self.draft.look.spacious
        wraps = {c.key: fonts.wrap(c.texts[index], draft.font(), self.size, c.x1 - c.x0 - 2 * _PAD) if c.key == "description" else [c.texts[index]] for c in self.columns}
        tall = max(len(lines) for lines in wraps.values()) * self.lead + 2 * gap
        titled = bool(line.section) and draft.look.ruling not in ("grid", "columns")  # upright rules would cut the words
        section = self.lead + 2 * gap if titled else 0.0
        carry = self.lead + 2 * gap if draft.look.carry else 0.0
        if self.bottom + section + tall + carry > draft.floor:
            self._turn_page()
        if titled:
            draft.put(self.x0 + _PAD, self.bottom + gap + self.size, line.section, size=self.size, italic=True, colour=draft.look.gray)
            self.bottom += section
        if draft.look.ruling == "zebra" and index % 2 == 1:
            draft.sheet.area(self.x0, self.bottom, self.x1, self.bottom + tall, draft.look.soft)
        for column in self.columns:
            for place, text in enumerate(wraps[column.key]):
                self._text(column, self.bottom + gap + self.size + place * self.lead, text, _paths(column.key, index))
        self.bottom += tall
        self._sum += line.amount
        if draft.look.ruling in ("lines", "grid", "dotted") and index + 1 < len(draft.bill.lines):
            draft.sheet.rule(self.x0, self.bottom, self.x1, self.bottom, 0.35, draft.look.gray, draft.look.ruling == "dotted")

    def _carry(self, key: str) -> None:
        last = next(column for column in self.columns if column.key == "amount")
        y = self.bottom + self.lead
        text = self.draft.amount(self._sum, self.draft.look.money.in_cells)
        end = self.draft.width(text, self.size) + _PAD + 8
        self.draft.put(last.x1 - _PAD, y, text, size=self.size, align="right", bold=False)
        caption = self.draft.words.plain(key)
        self.draft.put(last.x1 - end, y, caption, size=self.size, align="right", italic=True)
        self.bottom += self.lead + 6

    def _turn_page(self) -> None:
        self._close_page()
        if self.draft.look.carry:
            self._carry("carry_out")
        self._top = self.bottom = self.draft.next_page()
        if self.draft.look.carry:
            self._carry("carry_in")
            self._top = self.bottom
        if self.draft.look.repeat_head:
            self._head()

    def _close_page(self) -> None:
        sheet, look = self.draft.sheet, self.draft.look
        if look.ruling == "none":
            return
        sheet.rule(self.x0, self.bottom, self.x1, self.bottom, 0.7, look.accent)
        if look.ruling in ("grid", "columns"):
            for x in sorted({column.x0 for column in self.columns} | {self.x1}):
                sheet.rule(x, self._top, x, self.bottom, 0.4, look.gray)
            sheet.rule(self.x0, self._top, self.x1, self._top, 0.4, look.gray)
