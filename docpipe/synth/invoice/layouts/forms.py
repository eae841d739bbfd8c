"""Layouts that are forms: boxes, listings, and the small sheet of a trade."""

from __future__ import annotations

from docpipe.synth.invoice import body, closing, meta, parties, totals
from docpipe.synth.invoice.draft import Draft, Piece


def _box(draft: Draft, x0: float, y0: float, x1: float, y1: float) -> None:
    draft.sheet.area(x0, y0, x1, y1, stroke=draft.look.gray, weight=0.6, radius=0.0)


def boxed_form(draft: Draft) -> None:
    """Everything in boxes: parties side by side, facts in a grid below them, sums as boxes across the page."""
    draft.left, draft.right, draft.floor = 40.0, draft.sheet.width - 40, draft.sheet.height - 80
    middle = (draft.left + draft.right) / 2
    flip = draft.rng.random() < 0.4
    title_x, name_x = (draft.left, draft.right) if flip else (draft.right, draft.left)
    word = meta.title(draft, title_x, 56, 15, align="left" if flip else "right")
    limit = draft.right - draft.left - word - 30
    draft.put(
        name_x,
        56,
        draft.bill.seller.name,
        size=14,
        bold=True,
        align="right" if flip else "left",
        paths=("seller.name",),
        colour=draft.look.accent,
        limit=limit,
    )
    low = 0.0
    order = ("buyer", "seller") if flip else ("seller", "buyer")
    for who, x in zip(order, (draft.left, middle + 4), strict=True):
        tax = who == "buyer" or draft.look.tax_place == "letterhead"
        low = max(low, parties.captioned(draft, x + 6, 84, who, middle - draft.left - 16, tax=tax))
    for x0, x1 in ((draft.left, middle - 4), (middle + 4, draft.right)):
        _box(draft, x0, 70, x1, low - draft.size * 0.4)
    y = meta.grid(
        draft,
        meta.entries(draft),
        draft.left,
        draft.right,
        low + 4,
        draft.rng.choice((3, 4, 5)),
        head=draft.rng.random() < 0.5,
    )
    y = body.positions(draft, draft.left, draft.right, y + 10)
    y = totals.strip(draft, draft.left, draft.right, y)
    if totals.breakdown_shown(draft):
        y = totals.breakdown(draft, draft.right - 240, draft.right, y + 6)
    body.after(draft, draft.left, draft.right, y, boxed=True)
    closing.foot(draft, closing.foot_columns(draft, address=False), ruled=draft.rng.random() < 0.5)


def order_form(draft: Draft) -> None:
    """Seller top left, a large title right; bill-to and ship-to; a captioned table of references; sums bottom right."""
    draft.left, draft.right, draft.floor = 48.0, draft.sheet.width - 48, draft.sheet.height - 80
    meta.title(draft, draft.right, 66, 24, align="right", limit=230)
    y = parties.block(draft, draft.left, 58, "seller", 260)
    for line in parties.contact_pieces(draft)[: draft.rng.randint(1, 3)]:
        draft.run(draft.left, y, line, size=draft.size * 0.9)
        y += draft.lead * 0.92
    if draft.look.tax_place == "letterhead":
        y = parties.tax_line(draft, draft.left, y, "seller", 260)
    items = meta.entries(draft)
    aside = [item for item in items if item.path in ("invoice_number", "invoice_date")]
    low = meta.column(draft, aside, draft.right - 190, draft.right, 92, right=True)
    y = max(y, low) + 18
    end = parties.captioned(draft, draft.left, y, "buyer", 225)
    end = max(end, parties.ship_to(draft, draft.left + 260, y, 225))
    rest = [item for item in items if item not in aside]
    y = meta.grid(draft, rest, draft.left, draft.right, end + 4, max(1, min(5, len(rest))), head=True) if rest else end
    y = body.positions(draft, draft.left, draft.right, y + 12, intro=False)
    y = body.sums_right(draft, draft.left, draft.right, y, draft.rng.choice(("box", "soft", "fill")))
    body.after(draft, draft.left, draft.right, y)
    closing.foot(draft, closing.foot_columns(draft, address=False), centred=True)


def listing(draft: Draft) -> None:
    """What a line printer or an old system prints: fixed pitch, dashed rules, facts in two columns, sums in the
    table's width.
    """
    draft.left, draft.right, draft.floor = 44.0, draft.sheet.width - 44, draft.sheet.height - 80
    y = 50.0
    seller_lines = parties.address_lines(draft, "seller")
    draft.put(draft.left, y, draft.bill.seller.name, bold=True, paths=("seller.name",), limit=330)
    address = [piece for line in seller_lines[1:] for piece in (line, Piece("  "))][:-1]
    draft.run(draft.left, y + draft.lead, address, size=draft.fit("".join(piece.text for piece in address), 360))
    if draft.look.tax_place == "letterhead":
        parties.tax_line(draft, draft.left, y + 2 * draft.lead, "seller", 330)
    meta.title(draft, draft.right, y, draft.size * 1.5, align="right", limit=180)
    draft.sheet.rule(draft.left, y + draft.lead * 2.6, draft.right, y + draft.lead * 2.6, 0.7, draft.look.ink, True)
    y += draft.lead * 4
    facts = meta.entries(draft)
    cut = (len(facts) + 1) // 2 if len(facts) > 6 else len(facts)
    address_right = draft.rng.random() < 0.5
    x_meta, x_party = (draft.left, draft.right - 205) if address_right else (draft.left + 270, draft.left)
    low = parties.captioned(draft, x_party, y, "buyer", 200)
    low = max(low, meta.column(draft, facts[:cut], x_meta, x_meta + 225, y))
    if facts[cut:]:
        low = meta.column(draft, facts[cut:], draft.left, draft.left + 260, low + 4)
    draft.sheet.rule(draft.left, low, draft.right, low, 0.7, draft.look.ink, True)
    y = body.positions(draft, draft.left, draft.right, low + 8)
    draft.sheet.rule(draft.left, y - 4, draft.right, y - 4, 0.7, draft.look.ink, True)
    y = (
        totals.stack(draft, draft.left + 6, draft.right, y, "plain")
        if draft.rng.random() < 0.6
        else totals.strip(draft, draft.left, draft.right, y)
    )
    if totals.breakdown_shown(draft):
        y = totals.breakdown(draft, draft.left, draft.left + 280, y + 2)
    body.after(draft, draft.left, draft.right, y)
    closing.foot(draft, closing.foot_columns(draft, address=False), ruled=False)


def half_sheet(draft: Draft) -> None:
    """The small sheet of a craftsman or shop: facts under the title, buyer right, little room for everything."""
    draft.left, draft.right, draft.floor = 34.0, draft.sheet.width - 34, draft.sheet.height - 72
    middle = draft.sheet.width / 2
    draft.put(
        draft.left,
        42,
        draft.bill.seller.name,
        size=12,
        bold=True,
        paths=("seller.name",),
        colour=draft.look.accent,
        limit=middle - draft.left + 40,
    )
    y = 54.0
    for line in draft.bill.seller.address:
        draft.put(
            draft.left, y, line, size=draft.size * 0.85, paths=("seller.address",), limit=middle - draft.left - 10
        )
        y += draft.lead * 0.88
    if draft.look.tax_place == "letterhead":
        y = parties.tax_line(draft, draft.left, y, "seller", middle - draft.left - 10)
    meta.title(draft, draft.left, y + 22, 15, limit=middle - draft.left - 20)
    low = meta.column(draft, meta.entries(draft), draft.left, middle + 10, y + 40)
    side = parties.captioned(draft, middle + 26, 66, "buyer", draft.right - middle - 30)
    draft.sheet.area(middle + 18, 53, draft.right, side - draft.size * 0.3, stroke=draft.look.gray, radius=5)
    y = body.positions(draft, draft.left, draft.right, max(low, side) + 8, intro=False)
    y = body.sums_right(draft, draft.left, draft.right, y, draft.rng.choice(("lines", "soft", "plain")), 0.55)
    body.after(draft, draft.left, draft.right, y)
    closing.foot(draft, closing.foot_columns(draft, address=False))
