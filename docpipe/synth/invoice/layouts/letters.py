"""Layouts that are letters: an address for the envelope window, then the document below it."""

from __future__ import annotations

from docpipe.synth.invoice import body, closing, meta, parties, totals
from docpipe.synth.invoice.draft import Draft, Piece


def _contact_right(draft: Draft, y: float) -> None:
    size = draft.size * 0.85
    groups = parties.contact_pieces(draft)
    if draft.look.tax_place == "letterhead":
        groups.append(parties.tax_piece(draft, "seller"))
    closing.stack(draft, groups, draft.right, y, 220, size, align="right")


def window_letter(draft: Draft) -> None:
    """Letterhead on one side, window address left, facts as a column right, sums on the right, a foot of columns."""
    draft.left, draft.floor = 62.0, draft.sheet.height - 84
    seller = draft.bill.seller
    logo_left = draft.rng.random() < 0.5
    parties.logo(draft, draft.left if logo_left else draft.right - 38, 34, 38)
    name_x = draft.left + 48 if logo_left else draft.right - 48
    draft.put(
        name_x,
        56,
        seller.name,
        size=15,
        bold=True,
        align="left" if logo_left else "right",
        paths=("seller.name",),
        colour=draft.look.accent,
        limit=260,
    )
    if draft.bill.facts.slogan:
        draft.put(
            name_x,
            69,
            draft.bill.facts.slogan,
            size=8,
            italic=True,
            align="left" if logo_left else "right",
            colour=draft.look.gray,
        )
    low = parties.window(draft, draft.left, 148, 240)
    if draft.rng.random() < 0.6:
        low = parties.tax_line(draft, draft.left, low, "buyer", 240)
    items = meta.entries(draft)
    if draft.look.tax_place == "letterhead":
        items.append(meta.Entry("seller_tax", seller.tax_id, ("seller.tax_id",)))
    side = meta.column(draft, items, draft.right - 205, draft.right, 148, right=draft.rng.random() < 0.5)
    y = max(low, side, 232) + 22
    meta.title(draft, draft.left, y, draft.rng.choice((14, 16, 18)), numbered=False)
    y = body.positions(draft, draft.left, draft.right, y + 14)
    y = body.sums_right(draft, draft.left, draft.right, y, draft.rng.choice(("plain", "lines")))
    body.after(draft, draft.left, draft.right, y)
    closing.foot(draft, closing.foot_columns(draft, address=draft.rng.random() < 0.6))


def reference_letter(draft: Draft) -> None:
    """A line of references, captions over values, between the address and a subject line that holds the number."""
    draft.left, draft.floor = 66.0, draft.sheet.height - 84
    seller = draft.bill.seller
    draft.put(
        draft.right,
        54,
        seller.name,
        size=17,
        bold=True,
        align="right",
        paths=("seller.name",),
        colour=draft.look.accent,
        limit=330,
    )
    y = 68.0
    for line in seller.address:
        draft.put(draft.right, y, line, size=draft.size * 0.9, align="right", paths=("seller.address",))
        y += draft.lead * 0.9
    _contact_right(draft, y + 4)
    low = parties.window(draft, draft.left, 160, 245, sender=draft.rng.random() < 0.5)
    y = meta.headed(draft, meta.entries(draft, number=False), draft.left, draft.right, max(262, low))
    meta.title(draft, draft.left, y + 34, 13, numbered=True, limit=draft.right - draft.left)
    y = body.positions(draft, draft.left, draft.right, y + 48)
    y = body.sums_right(draft, draft.left, draft.right, y, "lines", 0.5)
    y = body.after(draft, draft.left, draft.right, y)
    if draft.rng.random() < 0.5:
        y = draft.room(y, 60)
        draft.put(draft.left, y + 40, draft.bill.facts.contact, italic=True)
    closing.foot(draft, closing.foot_columns(draft, address=False))


def footer_only(draft: Draft) -> None:
    """A bare page: large title, facts in running text, no rules; who sells stands in the foot alone."""
    draft.left, draft.right, draft.floor = 72.0, draft.sheet.width - 72, draft.sheet.height - 96
    meta.title(draft, draft.left, 92, 26)
    parties.logo(draft, draft.right - 30, 62, 30)
    y = meta.inline(draft, meta.entries(draft), draft.left, draft.right, 118)
    low = parties.captioned(draft, draft.left, y + 26, "buyer", 220)
    if draft.rng.random() < 0.7 or "beside" in draft.traits:
        low = max(low, parties.ship_to(draft, (draft.left + draft.right) / 2 + 20, y + 26, 200))
    y = body.positions(draft, draft.left, draft.right, low + 18)
    y = totals.stack(draft, draft.left + 180, draft.right, y, "plain")
    if totals.breakdown_shown(draft):
        y = totals.breakdown(draft, draft.right - 230, draft.right, y + 4)
    body.after(draft, draft.left, draft.right, y + 6)
    groups = closing.foot_columns(draft, address=True)
    if draft.look.tax_place == "letterhead":
        groups[-1] = [*groups[-1], parties.tax_piece(draft, "seller")]
    closing.foot(draft, groups, ruled=False)


def centred_head(draft: Draft) -> None:
    """Letterhead in the middle over a double rule, title in the middle, facts in a boxed grid, sums closing the
    table.
    """
    draft.left, draft.right, draft.floor = 50.0, draft.sheet.width - 50, draft.sheet.height - 84
    seller, middle = draft.bill.seller, draft.sheet.width / 2
    draft.put(
        middle,
        56,
        seller.name,
        size=20,
        bold=True,
        align="centre",
        paths=("seller.name",),
        colour=draft.look.accent,
        limit=420,
    )
    pieces = [piece for line in seller.address for piece in (Piece(line, ("seller.address",)), Piece(", "))][:-1]
    draft.run(middle, 72, pieces, size=draft.size * 0.95, align="centre")
    facts = [piece for line in parties.contact_pieces(draft)[:2] for piece in (*line, Piece("   "))][:-1]
    draft.run(middle, 84, facts, size=draft.size * 0.85, align="centre", colour=draft.look.gray)
    if draft.look.tax_place == "letterhead":
        draft.run(middle, 96, parties.tax_piece(draft, "seller"), size=draft.size * 0.85, align="centre")
    for y in (102.0, 104.5):
        draft.sheet.rule(draft.left, y, draft.right, y, 0.8, draft.look.accent)
    meta.title(draft, middle, 132, 17, align="centre")
    low = parties.captioned(draft, draft.left, 160, "buyer", 220)
    side = meta.grid(draft, meta.entries(draft), draft.right - 250, draft.right, 150, 2)
    y = body.positions(draft, draft.left, draft.right, max(low, side) + 16)
    if draft.rng.random() < 0.5:
        y = totals.stack(draft, draft.left + 6, draft.right, y - 8, "lines")
        if totals.breakdown_shown(draft):
            y = totals.breakdown(draft, draft.left, draft.left + 220, y)
    else:
        y = body.sums_right(draft, draft.left, draft.right, y, "box")
    body.after(draft, draft.left, draft.right, y)
    closing.foot(draft, closing.foot_columns(draft, address=False), centred=True)
