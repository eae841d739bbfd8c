"""Layouts built from coloured panels: a banner, a side column, two parties level, a summary before everything."""

from __future__ import annotations

from docpipe.synth.fonts import wrap
from docpipe.synth.invoice import body, closing, meta, parties, totals
from docpipe.synth.invoice.draft import Draft, Piece
from docpipe.synth.invoice.meta import Entry

_WHITE = (1.0, 1.0, 1.0)


def banner(draft: Draft) -> None:
    """A coloured band over the whole width with the name in it, then the facts as a strip and the parties beside
    each other.
    """
    draft.left, draft.right, draft.floor = 46.0, draft.sheet.width - 46, draft.sheet.height - 80
    draft.sheet.area(0, 0, draft.sheet.width, 84, draft.look.accent)
    draft.put(
        draft.left, 44, draft.bill.seller.name, size=19, bold=True, paths=("seller.name",), colour=_WHITE, limit=310
    )
    if draft.bill.facts.slogan:
        draft.put(draft.left, 62, draft.bill.facts.slogan, size=9, italic=True, colour=_WHITE)
    word = draft.words.plain("title_credit" if draft.bill.credit else "title_invoice")
    draft.put(
        draft.right, 50, word, size=20, bold=True, align="right", colour=_WHITE, limit=180, paths=("document_type",)
    )
    items = meta.entries(draft)
    across = min(4, len(items))
    y = meta.grid(draft, items, draft.left, draft.right, 98, across)
    y += 24
    middle = (draft.left + draft.right) / 2
    parties_order = ("buyer", "seller") if draft.rng.random() < 0.5 else ("seller", "buyer")
    low = 0.0
    for who, x in zip(parties_order, (draft.left, middle + 10), strict=True):
        tax = who == "buyer" or draft.look.tax_place == "letterhead"
        low = max(low, parties.captioned(draft, x, y, who, middle - draft.left - 20, colour=draft.look.accent, tax=tax))
    y = body.positions(draft, draft.left, draft.right, low + 10)
    y = body.sums_right(draft, draft.left, draft.right, y, draft.rng.choice(("fill", "soft")))
    body.after(draft, draft.left, draft.right, y)
    closing.foot(draft, closing.foot_columns(draft, address=False))


def sidebar(draft: Draft) -> None:
    """A shaded column down the first page with seller, facts and bank; the document beside it."""
    wide = 158.0
    left_side = draft.rng.random() < 0.7
    draft.floor = draft.sheet.height - 70
    edge = 0.0 if left_side else draft.sheet.width - wide
    draft.left, draft.right = (
        (wide + 22, draft.sheet.width - 36) if left_side else (40.0, draft.sheet.width - wide - 18)
    )
    draft.sheet.area(edge, 0, edge + wide, draft.sheet.height, draft.look.soft)
    _side(draft, edge + 16, wide - 28)
    meta.title(draft, draft.left, 70, 22, limit=draft.right - draft.left)
    low = parties.captioned(draft, draft.left, 108, "buyer", 250)
    if draft.bill.ship_to and draft.rng.random() < 0.5:
        draft.put(
            draft.left,
            low + 6,
            f"{draft.words('ship_to')} {draft.bill.ship_to.name}, {draft.bill.ship_to.address[-1]}",
            size=draft.size * 0.9,
            paths=("delivery_address",),
            limit=330,
        )
        low += draft.lead * 1.5
    y = body.positions(draft, draft.left, draft.right, low + 18)
    y = totals.stack(draft, draft.left + 90, draft.right, y, draft.rng.choice(("lines", "fill", "plain")))
    if totals.breakdown_shown(draft):
        y = totals.breakdown(draft, draft.left, draft.left + 230, y + 4)
    closing.remarks(draft, draft.left, y + 8, draft.right - draft.left)
    if len(draft.sheet.pages) > 1 or draft.look.repeat_head:
        for page in range(len(draft.sheet.pages)):
            draft.sheet.turn(page)
            text = draft.words.plain("page").format(p=page + 1, n=len(draft.sheet.pages))
            draft.put(draft.right, draft.sheet.height - 24, text, size=7, align="right", colour=draft.look.gray)


def _side(draft: Draft, x: float, limit: float) -> None:
    parties.logo(draft, x, 40, 34)
    lines = parties.address_lines(draft, "seller")
    y = 94.0
    for word_line in _split(draft, lines[0].text, limit):
        draft.put(x, y, word_line, size=draft.size * 1.15, bold=True, paths=("seller.name",), limit=limit)
        y += draft.lead * 1.1
    for line in lines[1:]:
        draft.put(x, y, line.text, paths=line.paths, limit=limit)
        y += draft.lead
    y = parties.tax_line(draft, x, y, "seller", limit) + 16
    items = [item for item in meta.entries(draft) if item.key != "seller_tax"]
    y = meta.stacked(draft, items, x, y, limit) + 8
    y = closing.stack(draft, parties.contact_pieces(draft), x, y, limit, draft.size * 0.85) + 10
    closing.stack(draft, closing.bank_lines(draft), x, y, limit, draft.size * 0.9)


def _split(draft: Draft, text: str, limit: float) -> list[str]:
    return wrap(text, draft.font(True), draft.size * 1.15, limit)


def two_parties(draft: Draft) -> None:
    """Seller and buyer level with each other under the title; the facts as a captioned row; sums left or right of
    the bank details.
    """
    draft.left, draft.right, draft.floor = 54.0, draft.sheet.width - 54, draft.sheet.height - 76
    middle = (draft.left + draft.right) / 2
    draft.sheet.rule(draft.left, 40, draft.right, 40, 3, draft.look.accent)
    meta.title(draft, draft.left, 72, 20, numbered=draft.rng.random() < 0.4, limit=330)
    parties.logo(draft, draft.right - 32, 50, 32)
    low = parties.captioned(
        draft, draft.left, 108, "seller", middle - draft.left - 20, tax=draft.look.tax_place != "footer"
    )
    low = max(low, parties.captioned(draft, middle + 10, 108, "buyer", draft.right - middle - 10))
    numbered = any("invoice_number" in mark.paths for mark in draft.sheet.texts(0))
    items = [item for item in meta.entries(draft, number=not numbered) if item.key != "seller_tax"]
    y = meta.headed(draft, items, draft.left, draft.right, low + 8)
    y = body.positions(draft, draft.left, draft.right, y + 16)
    y = draft.room(y, draft.lead * 1.18 * (len(draft.bill.sums.tax_rows) + 6))
    if draft.look.iban_place == "payment":
        bank = closing.payment(draft, draft.left, y + 2, 215, boxed=True)
        page = draft.sheet.page
        end = totals.stack(draft, middle + 20, draft.right, y, "lines")
        y = max(end, bank) if draft.sheet.page == page else end
    else:
        y = totals.stack(draft, middle + 10, draft.right, y, "box")
    if totals.breakdown_shown(draft):
        y = totals.breakdown(draft, draft.left, draft.left + 230, y + 6)
    closing.remarks(draft, draft.left, y + 8, draft.right - draft.left)
    closing.foot(draft, closing.foot_columns(draft, address=False))


def summary_first(draft: Draft) -> None:
    """What a supplier to many households sends: a box with the amount and its date on top, the reckoning below, a
    slip to cut off.
    """
    draft.left, draft.right, draft.floor = 50.0, draft.sheet.width - 50, draft.sheet.height - 80
    bill, x = draft.bill, draft.sheet.width - 50 - 214
    draft.put(
        draft.left,
        54,
        bill.seller.name,
        size=16,
        bold=True,
        paths=("seller.name",),
        colour=draft.look.accent,
        limit=250,
    )
    parties.logo(draft, draft.right - 30, 32, 30)
    pieces = [piece for line in bill.seller.address for piece in (Piece(line, ("seller.address",)), Piece(", "))][:-1]
    draft.run(draft.left, 68, pieces, size=draft.fit("".join(piece.text for piece in pieces), 290, draft.size * 0.9))
    if draft.look.tax_place == "letterhead":
        parties.tax_line(draft, draft.left, 80, "seller", 250)
    low = parties.window(draft, draft.left, 132, 240, sender=False)
    low = parties.tax_line(draft, draft.left, low, "buyer", 240)
    facts = meta.entries(draft)
    y = 112 + draft.lead
    meta.title(draft, x + 10, 106, 14, limit=190)
    panel_end = meta.column(draft, facts, x + 10, draft.right - 10, y + 4)
    draft.sheet.area(x, 84, draft.right, panel_end, draft.look.soft, radius=6, behind=True)
    y = max(low, panel_end, 200.0) + 12
    y = _headline(draft, y)
    y = body.positions(draft, draft.left, draft.right, y)
    y = body.sums_right(draft, draft.left, draft.right, y, "plain", 0.5)
    y = closing.remarks(draft, draft.left, y + 8, (draft.right - draft.left) * 0.9)
    if draft.look.iban_place == "payment":
        _slip(draft, y)
    closing.foot(draft, closing.foot_columns(draft, address=False))


def _headline(draft: Draft, y: float) -> float:
    """The total, and the day it is due, in large type across the page."""
    bill = draft.bill
    key, value = ("amount_due", bill.sums.due) if bill.sums.prepaid else ("total", bill.sums.total)
    paths = (key, "currency") if draft.look.money.place != "none" else (key,)
    draft.sheet.rule(draft.left, y, draft.right, y, 1.2, draft.look.accent)
    pieces = [Piece(draft.words(key), caption_of=key), Piece("  "), Piece(draft.amount(value), paths, bold=True)]
    draft.run(draft.left, y + 22, pieces, size=13)
    if bill.due:
        entry = Entry("due_date", draft.look.dates.text(bill.due), ("due_date",))
        draft.run(
            draft.right,
            y + 22,
            [Piece(draft.words("due_date")), Piece(" "), Piece(entry.text, entry.paths)],
            align="right",
        )
    draft.sheet.rule(draft.left, y + 34, draft.right, y + 34, 1.2, draft.look.accent)
    return y + 46


def _slip(draft: Draft, y: float) -> None:
    """The part to cut off and pay with, at the bottom of the last page."""
    tall = draft.lead * 5.6
    y = max(draft.room(y, tall), draft.floor - tall)
    draft.sheet.rule(0, y, draft.sheet.width, y, 0.5, draft.look.gray, True)
    closing.payment(draft, draft.left, y + 8, 250)
    x = (draft.left + draft.right) / 2 + 20
    number = draft.words("credit_number" if draft.bill.credit else "invoice_number")
    pieces = [Piece(number, caption_of="invoice_number"), Piece(" "), Piece(draft.bill.number, ("invoice_number",))]
    draft.run(
        x, y + 8 + draft.lead * 1.05, pieces, size=draft.fit("".join(piece.text for piece in pieces), draft.right - x)
    )
    draft.put(
        draft.right,
        y + 8 + draft.lead * 3,
        draft.amount(draft.bill.sums.due),
        size=13,
        bold=True,
        align="right",
        paths=("amount_due",) if draft.bill.sums.prepaid else ("total",),
    )
