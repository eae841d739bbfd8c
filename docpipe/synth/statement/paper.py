"""How a statement is printed: a head, then rows over as many pages as they take, the balance carried from page to
page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from docpipe.synth import fonts
from docpipe.synth.pen import Pen
from docpipe.synth.sheet import Colour, Sheet
from docpipe.synth.statement.account import Account, Row
from docpipe.synth.statement.look import Look, draw_look


@dataclass
class Print:
    """A statement being printed: edges of the columns, the next baseline, the label so far."""

    pen: Pen
    look: Look
    account: Account
    left: float
    right: float
    edges: dict[str, tuple[float, float]] = field(default_factory=dict)
    y: float = 0.0
    label: dict[str, Any] = field(default_factory=dict)

    @property
    def floor(self) -> float:
        """The lowest baseline of a row."""
        return self.pen.sheet.height - 72.0


def _iban(number: str, grouped: bool) -> str:
    return " ".join(number[place : place + 4] for place in range(0, len(number), 4)) if grouped else number


def head(work: Print, rng: Random) -> None:
    """The first page above the rows."""
    pen, account, look = work.pen, work.account, work.look
    pen.put(work.left, 52, account.bank_name, size=pen.size * 1.7, bold=True, colour=look.accent)
    pen.put(work.right, 52, look.captions["title"], size=pen.size * 1.5, align="right")
    y = 92.0
    for line in (account.holder.name, *account.holder.address):
        pen.put(work.left, y, line)
        y += pen.lead
    facts = [
        ("holder", "account_holder", account.holder.name),
        ("account", "iban", _iban(account.number, look.grouped)),
        ("period", "", ""),
        ("opening", "opening_balance", look.numbers.text(account.opening, 2)),
    ]
    top, place = 92.0, work.left + (work.right - work.left) * 0.52
    for key, path, text in facts:
        pen.put(place, top, look.captions[key], colour=(0.35, 0.35, 0.38), caption_of=path)
        if key == "period":
            dash = pen.width(" - ")
            last = pen.put(work.right, top, look.dates.text(account.end), align="right", paths=("period_end",))
            pen.put(work.right - last, top, " - ", align="right")
            pen.put(
                work.right - last - dash, top, look.dates.text(account.start), align="right", paths=("period_start",)
            )
        else:
            wide = pen.put(work.right, top, text, align="right", paths=(path,))
            if key == "opening":
                pen.put(work.right - wide - 4, top, account.currency, align="right", paths=("currency",))
        top += pen.lead * 1.15
    work.label = {
        "account_holder": account.holder.name,
        "iban": account.number,
        "period_start": account.start.isoformat(),
        "period_end": account.end.isoformat(),
        "currency": account.currency,
        "opening_balance": float(account.opening),
        "closing_balance": float(account.closing),
        "rows": [],
    }
    work.y = max(y, top) + rng.uniform(14, 40)


def place_columns(work: Print) -> None:
    """Give each column its edges: as wide as its widest text, the description what is left."""
    pen, look, account = work.pen, work.look, work.account
    biggest = max(
        (account.opening, *(row.balance for row in account.rows), *(row.amount for row in account.rows)), key=abs
    )
    money = pen.width(look.numbers.text(-abs(biggest), 2)) + 10
    days = max(pen.width(look.dates.text(row.day)) for row in account.rows[:: max(1, len(account.rows) // 60)]) + 16
    wants = {"serial": pen.width(str(account.rows[-1].serial)) + 12, "date": days, "value_date": days}
    widths = {key: max(wants.get(key, money), pen.width(look.captions[key], 0, True) + 8) for key in look.columns}
    rest = sum(wide for key, wide in widths.items() if key != "description")
    widths["description"] = work.right - work.left - rest
    if widths["description"] < 110 and pen.size > 5.6:
        pen.size *= 0.94
        place_columns(work)
        return
    edge = work.left
    for key in look.columns:
        work.edges[key] = (edge, edge + widths[key])
        edge += widths[key]


def column_heads(work: Print) -> None:
    """The captions of the columns, on every page."""
    pen, look = work.pen, work.look
    if look.filled:
        pen.sheet.area(work.left, work.y - pen.lead, work.right, work.y + pen.size * 0.5, fill=look.accent)
    ink: Colour = (1.0, 1.0, 1.0) if look.filled else look.accent
    fields = {"debit": "rows.amount", "credit": "rows.amount", "value_date": ""}
    for key, (x0, x1) in work.edges.items():
        right = key in ("debit", "credit", "amount", "balance")
        of = fields.get(key, f"rows.{key}")
        pen.put(
            x1 - 4 if right else x0 + 4,
            work.y,
            look.captions[key],
            bold=True,
            colour=ink,
            align="right" if right else "left",
            caption_of=of,
        )
    if not look.filled:
        pen.sheet.rule(work.left, work.y + pen.size * 0.5, work.right, work.y + pen.size * 0.5, 0.8, look.accent)
    work.y += pen.lead * 1.5


def sum_line(work: Print, key: str, value: Decimal, path: str = "") -> None:
    """A balance that is no row: opening, carried or brought forward, closing."""
    text = work.look.numbers.text(value, 2)
    work.pen.put(work.edges["description"][0] + 4, work.y, work.look.captions[key], bold=True, caption_of=path)
    work.pen.put(work.right - 4, work.y, text, bold=True, align="right", paths=(path,) if path else ())
    work.y += work.pen.lead * 1.25


def _cells(work: Print, row: Row, index: int) -> list[tuple[str, str, str]]:
    """(column, text, path) of a row's cells but the description."""
    look = work.look
    money = "amount" if "amount" in look.columns else "debit" if row.amount < 0 else "credit"
    shown = row.amount if money == "amount" else abs(row.amount)
    cells = [
        ("serial", str(row.serial), f"rows[{index}].serial"),
        ("date", look.dates.text(row.day), f"rows[{index}].date"),
        ("value_date", look.dates.text(row.value_day), ""),
        (money, look.numbers.text(shown, 2), f"rows[{index}].amount"),
    ]
    if look.balance_shown:
        cells.append(("balance", look.numbers.text(row.balance, 2), f"rows[{index}].balance"))
    return [cell for cell in cells if cell[0] in work.edges]


def print_row(work: Print, row: Row, index: int, lines: Sequence[str]) -> None:
    """One row and its truth."""
    pen, look = work.pen, work.look
    tall = pen.lead * len(lines)
    top = work.y - pen.lead * 0.95
    if look.ruling == "zebra" and index % 2:
        pen.sheet.area(work.left, top, work.right, top + tall + pen.size * 0.35, fill=(0.94, 0.95, 0.97))
    for key, text, path in _cells(work, row, index):
        x0, x1 = work.edges[key]
        right = key in ("debit", "credit", "amount", "balance")
        pen.put(
            x1 - 4 if right else x0 + 4, work.y, text, align="right" if right else "left", paths=(path,) if path else ()
        )
    for place, line in enumerate(lines):
        pen.put(
            work.edges["description"][0] + 4, work.y + place * pen.lead, line, paths=(f"rows[{index}].description",)
        )
    work.y += tall + pen.size * 0.35
    if look.ruling in ("lines", "grid"):
        bottom = work.y - pen.lead * 0.95
        pen.sheet.rule(work.left, bottom, work.right, bottom, 0.3, (0.6, 0.6, 0.6))
        if look.ruling == "grid":
            for edge in (work.left, *(x1 for _, x1 in work.edges.values())):
                pen.sheet.rule(edge, top, edge, bottom, 0.3, (0.6, 0.6, 0.6))
    entry = {
        "serial": row.serial,
        "date": row.day.isoformat(),
        "description": row.description,
        "amount": float(row.amount),
    }
    work.label["rows"].append({**entry, "balance": float(row.balance) if look.balance_shown else None})


def rows(work: Print) -> None:
    """All rows, page after page."""
    pen, account, look = work.pen, work.account, work.look
    limit = work.edges["description"][1] - work.edges["description"][0] - 8
    column_heads(work)
    for index, row in enumerate(account.rows):
        lines = pen.wrap(row.description, limit)
        if work.y + pen.lead * (len(lines) + 1.5) > work.floor:
            before = account.rows[index - 1].balance if index else account.opening
            if look.carried:
                sum_line(work, "carried", before)
            pen.sheet.new_page()
            work.y = 64.0
            column_heads(work)
            if look.carried:
                sum_line(work, "brought", before)
        print_row(work, row, index, lines)
    work.y += pen.lead * 0.3
    sum_line(work, "closing", account.closing, "closing_balance")


def feet(work: Print) -> None:
    """Page numbers, on every page."""
    sheet = work.pen.sheet
    for page in range(len(sheet.pages)):
        sheet.turn(page)
        text = work.look.captions["page"].format(p=page + 1, n=len(sheet.pages))
        work.pen.put(work.right, sheet.height - 34, text, size=work.pen.size * 0.85, align="right")
        if page:
            work.pen.put(
                work.left, 40, f"{work.account.bank_name}  {work.account.number[-6:]}", size=work.pen.size * 0.85
            )


def lay_out(account: Account, rng: Random) -> Print:
    """The printed statement."""
    size = (612.0, 792.0) if account.bank.country == "US" else (595.28, 841.89)
    family = fonts.draw_family(rng, rng.random() < 0.25, account.language)
    pen = Pen(Sheet(*size), family, rng.choice((7.0, 7.5, 8.0, 8.5, 9.0)) * family.scale)
    margin = rng.uniform(36, 60)
    work = Print(pen, draw_look(account, rng), account, margin, size[0] - margin)
    place_columns(work)
    head(work, rng)
    rows(work)
    feet(work)
    return work
