"""The middle of a page: positions or one lump sum, then the sums and what follows them."""

from __future__ import annotations

from docpipe.synth.invoice import closing, totals
from docpipe.synth.invoice.draft import Draft
from docpipe.synth.invoice.items import Table


def positions(draft: Draft, x0: float, x1: float, y: float, *, intro: bool = True) -> float:
    """An opening sentence where there is one, then the table, or the text of a lump sum. Returns the y below."""
    if intro and draft.bill.facts.intro:
        y = draft.paragraph(x0, y + draft.size, draft.bill.facts.intro, x1 - x0) + draft.lead * 0.3
    if draft.bill.lines:
        return Table(draft, x0, x1, y).draw() + 8
    return draft.paragraph(x0, y + draft.lead, draft.bill.lump_text, (x1 - x0) * 0.9) + draft.lead


def sums_right(draft: Draft, x0: float, x1: float, y: float, frame: str, share: float = 0.44) -> float:
    """Sums on the right, the tax table left of them where there is one and both stay on the page. Returns the y
    below both.
    """
    page, left = len(draft.sheet.pages), x1 - (x1 - x0) * share
    end = totals.stack(draft, left, x1, y, frame)
    if not totals.breakdown_shown(draft):
        return end
    top = y if len(draft.sheet.pages) == page else end
    need = draft.lead * (len(draft.bill.sums.tax_rows) + 2)
    widest = max(mark.x for mark in draft.sheet.texts(draft.sheet.page) if "total" in mark.paths)
    room = min(left, widest) - x0 - 60
    if top == y and top + need <= draft.floor and room > 230:
        return max(end, totals.breakdown(draft, x0, x0 + min(room - 30, 210), y))
    return totals.breakdown(draft, x0, x0 + 210, end)


def after(draft: Draft, x0: float, x1: float, y: float, *, boxed: bool = False) -> float:
    """Terms, notes and closing words, and the bank details where they belong to the body. Returns the y below."""
    y = closing.remarks(draft, x0, y + draft.lead * 0.6, (x1 - x0) * 0.86)
    if draft.look.iban_place == "payment":
        y = closing.payment(draft, x0, y + draft.lead * 0.3, min(x1 - x0, 270.0), boxed=boxed)
    return y
