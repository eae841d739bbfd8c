"""Seller and buyer on paper: names, address blocks, window positions, the small sender line, the numbers that go
with them.
"""

from __future__ import annotations

from dataclasses import replace

from docpipe.synth.invoice.draft import Draft, Piece
from docpipe.synth.places import Company
from docpipe.synth.sheet import Colour


def address_lines(draft: Draft, who: str) -> list[Piece]:
    """Name and address of "seller" or "buyer", a line a piece, with a department or the country where they are
    printed.
    """
    company: Company = draft.bill.seller if who == "seller" else draft.bill.buyer
    lines = [Piece(company.name, (f"{who}.name",), bold=True)]
    if who == "buyer" and draft.bill.facts.department and company.tax_id:
        lines.append(Piece(draft.bill.facts.department))
    lines += [Piece(line, (f"{who}.address",)) for line in company.address]
    if draft.bill.buyer_country and who == "buyer":
        lines.append(Piece(draft.bill.buyer_country, ("buyer.address",)))
    return lines


def tax_piece(draft: Draft, who: str) -> list[Piece]:
    """The tax number with its caption, or nothing where `who` has none."""
    company = draft.bill.seller if who == "seller" else draft.bill.buyer
    if not company.tax_id:
        return []
    field = f"{who}.tax_id"
    return [Piece(draft.words(f"{who}_tax"), caption_of=field), Piece(" "), Piece(company.tax_id, (field,))]


def block(
    draft: Draft,
    x: float,
    y: float,
    who: str,
    limit: float,
    *,
    size: float | None = None,
    align: str = "left",
    bold: bool = True,
) -> float:
    """Name and address downwards from baseline y. Returns the baseline after the last line."""
    for piece in _block_lines(draft, who):
        heavy = bold and piece.bold
        draft.put(x, y, piece.text, size=size, bold=heavy, align=align, paths=piece.paths, limit=limit)
        y += (size or draft.size) * draft.leading
    return y


def _block_lines(draft: Draft, who: str) -> list[Piece]:
    """The lines of an address block: a salutation before the buyer's name, and the name on two lines where the
    document has these difficulties.
    """
    name, *rest = address_lines(draft, who)
    lines = [Piece(draft.bill.salutation)] if who == "buyer" and draft.bill.salutation else []
    first, _, last = name.text.rpartition(" ")
    if "two_line_names" in draft.traits and " " in first:
        return [*lines, replace(name, text=first), replace(name, text=last), *rest]
    return [*lines, name, *rest]


def captioned(
    draft: Draft, x: float, y: float, who: str, limit: float, *, colour: Colour | None = None, tax: bool = True
) -> float:
    """A party under its caption; the buyer's tax number follows where `tax`. Returns the baseline after the last
    line.
    """
    caption = draft.words(who)
    draft.put(
        x,
        y,
        caption,
        size=draft.size * 0.92,
        bold=draft.look.bold_captions,
        colour=colour or draft.look.gray,
        caption_of=f"{who}.name",
        limit=limit,
    )
    y = block(draft, x, y + draft.lead * 1.1, who, limit)
    return tax_line(draft, x, y, who, limit) if tax else y


def ship_to(draft: Draft, x: float, y: float, limit: float) -> float:
    """Where the goods went, under its caption, if that is somewhere else. Returns the baseline after the last line."""
    place = draft.bill.ship_to
    if place is None:
        return y
    bold, gray = draft.look.bold_captions, draft.look.gray
    caption, field = draft.words("ship_to"), "delivery_address"
    draft.put(x, y, caption, size=draft.size * 0.92, bold=bold, colour=gray, caption_of=field, limit=limit)
    y += draft.lead * 1.1
    for line in (place.name, *place.address):
        draft.put(x, y, line, paths=(field,), limit=limit)
        y += draft.size * draft.leading
    return y


def tax_line(draft: Draft, x: float, y: float, who: str, limit: float, align: str = "left") -> float:
    """The tax number on a line of its own, if there is one. Returns the next baseline."""
    pieces = tax_piece(draft, who)
    if not pieces:
        return y
    whole = "".join(piece.text for piece in pieces)
    draft.run(x, y, pieces, size=draft.fit(whole, limit, draft.size * 0.94), align=align)
    return y + draft.lead


def sender_line(draft: Draft, x: float, y: float, limit: float) -> None:
    """The one small line above a window address: name and address of the seller, underlined."""
    seller, gap = draft.bill.seller, draft.rng.choice((" · ", " - ", ", ", " | "))
    pieces = [Piece(seller.name, ("seller.name",))]
    for line in seller.address:
        pieces += [Piece(gap), Piece(line, ("seller.address",))]
    size = draft.fit("".join(piece.text for piece in pieces), limit, 7.0)
    wide = draft.run(x, y, pieces, size=size, colour=draft.look.gray)
    draft.sheet.rule(x, y + size * 0.3, x + wide, y + size * 0.3, 0.3, draft.look.gray)


def window(draft: Draft, x: float, y: float, limit: float, *, sender: bool = True) -> float:
    """The buyer's address where an envelope window shows it. Returns the baseline after the last line."""
    if sender:
        sender_line(draft, x, y - draft.lead * 1.5, limit)
    return block(draft, x, y, "buyer", limit, size=max(draft.size, 9.0), bold=False)


def contact_pieces(draft: Draft) -> list[list[Piece]]:
    """Phone, fax, e-mail and website of the seller, a line each: none of them a field."""
    seller, words = draft.bill.seller, draft.words
    lines = [
        [Piece(f"{words('phone')} {seller.phone}")],
        [Piece(f"{words('email')} {seller.email}")],
        [Piece(seller.web)],
    ]
    if draft.look.numbers.group != ",":
        lines.insert(1, [Piece(f"{words('fax')} {seller.fax}")])
    return lines


def logo(draft: Draft, x: float, y: float, size: float) -> None:
    """A mark of simple shapes with its top left at (x, y)."""
    sheet, accent, soft = draft.sheet, draft.look.accent, draft.look.soft
    match draft.rng.randint(0, 3):
        case 0:
            sheet.area(x, y, x + size, y + size, accent, radius=size / 2)
            sheet.area(
                x + size * 0.3, y + size * 0.3, x + size * 0.7, y + size * 0.7, (1.0, 1.0, 1.0), radius=size * 0.2
            )
        case 1:
            sheet.area(x, y, x + size * 0.6, y + size * 0.6, accent)
            sheet.area(x + size * 0.4, y + size * 0.4, x + size, y + size, soft, accent)
        case 2:
            for step in range(3):
                sheet.area(
                    x + step * size * 0.36,
                    y + (2 - step) * size * 0.3,
                    x + step * size * 0.36 + size * 0.26,
                    y + size,
                    accent,
                )
        case _:
            sheet.area(x, y, x + size, y + size, accent, radius=size * 0.18)
            initial = draft.bill.seller.name[0]
            draft.put(
                x + size / 2,
                y + size * 0.72,
                initial,
                size=size * 0.62,
                bold=True,
                align="centre",
                colour=(1.0, 1.0, 1.0),
            )
