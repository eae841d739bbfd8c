"""The sums below the positions, and the tax table: what is shown, in which order, framed how."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from docpipe.synth.formats import names_currency
from docpipe.synth.invoice.bill import TaxRow
from docpipe.synth.invoice.draft import Draft


@dataclass(frozen=True)
class Row:
    """One sum. `caption_paths` are fields the caption itself prints (a tax rate, the currency); `strong` rows are set
    in bold.
    """

    caption: str
    text: str
    paths: tuple[str, ...]
    caption_of: str
    caption_paths: tuple[str, ...] = ()
    strong: bool = False


def _row(draft: Draft, key: str, value: Decimal, path: str, *, strong: bool = False) -> Row:
    marked = draft.look.money.place != "none"
    paths = (path, "currency") if marked and path == "total" else (path,) if path else ()
    caption = draft.words(key)
    named = path == "total" and names_currency(caption, draft.bill.currency)
    return Row(caption, draft.amount(value), paths, path, ("currency",) if named else (), strong)


def _tax_row(draft: Draft, index: int, row: TaxRow, alone: bool) -> Row:
    """A tax row. Its rate is printed in the caption where the phrasing has room for it, or where several rows must
    be told apart.
    """
    pattern, rate = draft.words.plain("tax"), draft.rate(row.rate)
    if "{rate}" not in pattern and (not alone or draft.rng.random() < 0.5):
        pattern += " {rate}"
    named = "{rate}" in pattern
    caption = pattern.replace("{rate}", rate) + draft.words.colon
    paths = (("tax",) if alone else ()) + ((f"tax_breakdown[{index}].amount",) if named else ())
    return Row(
        caption,
        draft.amount(row.amount),
        paths,
        "tax" if alone else "tax_breakdown.amount",
        (f"tax_breakdown[{index}].rate",) if named else (),
    )


def breakdown_shown(draft: Draft) -> bool:
    """Whether a table of the tax rates is printed beside the sums."""
    return bool(draft.bill.sums.tax_rows) and draft.look.tax_rows in ("breakdown", "both")


def rows(draft: Draft) -> list[Row]:
    """The sums in printing order. With a tax table the sums hold the whole tax, else a row a rate."""
    sums, look = draft.bill.sums, draft.look
    made = []
    if sums.allowance or sums.charge:
        made.append(_row(draft, "sum_lines", sums.lines, ""))
    if sums.allowance:
        rate = f" {draft.rate(sums.allowance_rate)}"
        made.append(
            Row(
                draft.words.plain("allowance") + rate + draft.words.colon,
                draft.amount(-sums.allowance),
                ("allowances_total",),
                "allowances_total",
            )
        )
    if sums.charge:
        made.append(_row(draft, "charge", sums.charge, "charges_total"))
    if (look.subtotal_shown and sums.tax_rows) or sums.allowance:
        made.append(_row(draft, "subtotal", sums.subtotal, "subtotal"))
    if breakdown_shown(draft):
        made.append(_row(draft, "tax_total", sums.tax, "tax"))
    else:
        made += [_tax_row(draft, index, row, len(sums.tax_rows) == 1) for index, row in enumerate(sums.tax_rows)]
    made.append(_row(draft, "total", sums.total, "total", strong=True))
    if sums.prepaid:
        made.append(_row(draft, "prepaid", -sums.prepaid, "prepaid_amount"))
    if sums.prepaid or (look.due_repeated and not draft.bill.credit):
        made.append(_row(draft, "amount_due", sums.due, "amount_due", strong=True))
    return made


def stack(draft: Draft, x0: float, x1: float, y: float, frame: str) -> float:
    """Sums one under another, captions at x0, amounts right-aligned at x1. `frame`: plain, lines, box, soft or
    fill. Returns the y below.
    """
    made, size = rows(draft), draft.size
    need = (
        max(draft.width(row.caption, size, row.strong) + draft.width(row.text, size, row.strong) for row in made) + 14
    )
    x0 = min(x0, max(draft.left, x1 - need))
    lead = draft.lead * 1.18
    y = draft.room(y, lead * (len(made) + 0.9))
    top = y
    if frame == "soft":
        draft.sheet.area(x0 - 6, y, x1, y + lead * len(made) + 5, draft.look.soft)
    for row in made:
        light = frame == "fill" and row.strong
        if light:
            draft.sheet.area(x0 - 6, y + 1, x1, y + lead + 2, draft.look.accent)
        elif frame in ("lines", "fill") or (row.strong and frame == "plain"):
            draft.sheet.rule(x0 - 6, y + 1, x1, y + 1, 0.8 if row.strong else 0.3, draft.look.gray)
        colour = (1.0, 1.0, 1.0) if light else None
        base = y + lead * 0.82
        limit = x1 - x0 - 14 - draft.width(row.text, size, row.strong)
        draft.put(
            x0,
            base,
            row.caption,
            bold=row.strong,
            paths=row.caption_paths,
            caption_of=row.caption_of,
            colour=colour,
            limit=limit,
        )
        draft.put(x1 - 5, base, row.text, bold=row.strong, align="right", paths=row.paths, colour=colour)
        y += lead
    if frame == "box":
        draft.sheet.area(x0 - 6, top, x1, y + 4, stroke=draft.look.gray, weight=0.6)
    return y + 6


def strip(draft: Draft, x0: float, x1: float, y: float) -> float:
    """Sums side by side in boxes over the whole width, caption above amount; one under another where captions are too
    long for that. Returns the y below.
    """
    made = rows(draft)
    need = sum(draft.width(row.caption, 5.6) + 12 for row in made)
    if need > x1 - x0:
        return stack(draft, (x0 + x1) / 2, x1, y, "box")
    y = draft.room(y, draft.lead * 2.6)
    weights = [
        max(draft.width(row.text, bold=row.strong), draft.width(row.caption, draft.size * 0.8)) + 12 for row in made
    ]
    left = x0
    for row, weight in zip(made, weights, strict=True):
        wide = (x1 - x0) * weight / sum(weights)
        draft.sheet.area(
            left, y, left + wide, y + draft.lead * 2.5, draft.look.soft if row.strong else None, draft.look.gray
        )
        draft.put(
            left + 4,
            y + draft.lead * 0.85,
            row.caption,
            size=draft.size * 0.8,
            paths=row.caption_paths,
            caption_of=row.caption_of,
            limit=wide - 8,
        )
        draft.put(
            left + wide - 5,
            y + draft.lead * 2.05,
            row.text,
            bold=row.strong,
            align="right",
            paths=row.paths,
            limit=wide - 9,
        )
        left += wide
    return y + draft.lead * 2.5


def breakdown(draft: Draft, x0: float, x1: float, y: float) -> float:
    """The tax table: rate, base and tax of each rate under small captions. Returns the y below it."""
    taxes = draft.bill.sums.tax_rows
    y = draft.room(y, draft.lead * (len(taxes) + 2))
    order = draft.rng.choice((("rate", "base", "rate_tax"), ("base", "rate", "rate_tax"), ("rate", "rate_tax", "base")))
    field = {"rate": "rate", "base": "base", "rate_tax": "amount"}
    size, edge = draft.size * 0.9, x0
    wants = [draft.width(draft.words.plain(key), size, True) + 26 for key in order]
    for key, want in zip(order, wants, strict=True):
        wide = (x1 - x0) * want / sum(wants)
        edge += wide
        caption, path = draft.words.plain(key), field[key]
        of, top = f"tax_breakdown.{path}", y + draft.lead * 0.85
        draft.put(edge - 4, top, caption, size=size, bold=True, align="right", caption_of=of, limit=wide - 8)
        for index, row in enumerate(taxes):
            value = row.base if key == "base" else row.amount
            text = draft.rate(row.rate) if key == "rate" else draft.amount(value, False)
            base, paths = y + draft.lead * (index + 2), (f"tax_breakdown[{index}].{path}",)
            draft.put(edge - 4, base, text, size=size, align="right", paths=paths, limit=wide - 8)
    draft.sheet.rule(x0, y + draft.lead * 1.15, x1, y + draft.lead * 1.15, 0.4, draft.look.gray)
    return y + draft.lead * (len(taxes) + 1.6)
