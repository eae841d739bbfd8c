"""What stands below the sums: terms, notes, bank details, regards; and the foot of every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from docpipe.synth import fonts
from docpipe.synth.invoice.draft import Draft, Piece
from docpipe.synth.invoice.parties import contact_pieces, tax_piece

Lines = Sequence[Sequence[Piece]]


def grouped(iban: str) -> str:
    """An IBAN in groups of four, as on paper."""
    return " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))


def bank_lines(draft: Draft) -> list[list[Piece]]:
    """Bank, IBAN and BIC, a line each; an account number instead where the country has no IBAN."""
    seller, words = draft.bill.seller, draft.words
    lines = [[Piece(f"{words('bank')} {seller.bank}")]]
    if seller.iban:
        lines.append([Piece(words("iban"), caption_of="iban"), Piece(" "), Piece(grouped(seller.iban), ("iban",))])
        lines.append([Piece(f"{words('bic')} {seller.bic}", ("bic",))])
    else:
        lines.append(
            [Piece(f"Routing 0{draft.rng.randint(10000000, 99999999)}  Acct {draft.rng.randint(10000000, 999999999)}")]
        )
    return lines


def _text(draft: Draft, x: float, y: float, limit: float, key: str, text: str) -> float:
    """One captioned paragraph, the caption above it or before its first words."""
    caption = draft.words(key)
    paths = (key, "payment_means") if key == "payment_terms" and draft.bill.means else (key,)
    above = draft.rng.random() < 0.5
    size = draft.size * 0.95
    start = 0.0 if above else draft.width(caption, size, True) + 5
    broken = fonts.wrap(text, draft.font(), size, limit - start)
    y = draft.room(y, size * 1.3 * (len(broken) + 1))
    draft.put(x, y + size, caption, size=size, bold=True, caption_of=key)
    if above:
        y += size * 1.35
    return draft.paragraph(x + start, y + size, text, limit - start, size=size, paths=paths) - size + draft.lead * 0.5


def remarks(draft: Draft, x: float, y: float, limit: float) -> float:
    """Payment terms, notes, the reason for no tax, the closing words, in an order of the document's own. Returns
    the y below.
    """
    bill = draft.bill
    parts = [("payment_terms", bill.terms), ("notes", bill.notes)]
    draft.rng.shuffle(parts)
    for key, text in parts:
        if text:
            y = _text(draft, x, y, limit, key, text)
    for text in (bill.facts.exempt, bill.facts.closing):
        if text:
            y = draft.room(y, draft.lead * 2.2)
            y = (
                draft.paragraph(x, y + draft.size, text, limit, italic=text == bill.facts.closing)
                - draft.size
                + draft.lead * 0.4
            )
    if bill.facts.fine_print:
        small = max(6.2, draft.size * 0.75)
        y = draft.room(y, small * 6)
        y = draft.paragraph(x, y + small, bill.facts.fine_print, limit, size=small) + 2
    return y


def payment(draft: Draft, x: float, y: float, limit: float, *, boxed: bool = False) -> float:
    """Bank details as a block in the body. Returns the y below it."""
    lines = bank_lines(draft)
    y = draft.room(y, draft.lead * (len(lines) + 1))
    if boxed:
        draft.sheet.area(x, y, x + limit, y + draft.lead * (len(lines) + 0.6), stroke=draft.look.gray)
    inset = 6.0 if boxed else 0.0
    return stack(draft, lines, x + inset, y + draft.lead * 1.05, limit - 2 * inset, draft.size) + (4 if boxed else 0)


def stack(draft: Draft, lines: Lines, x: float, y: float, limit: float, size: float, align: str = "left") -> float:
    """Lines of pieces under each other, each shrunk to `limit` where it must. Returns the y after the last baseline."""
    colour = draft.look.gray if size < draft.size else None
    for line in lines:
        fitted = draft.fit("".join(piece.text for piece in line), limit, size)
        if fitted < 6.0 and len(line) == 3:  # too small to read: the caption gets a line of its own
            draft.run(x, y, line[:1], size=draft.fit(line[0].text, limit, size), align=align, colour=colour)
            y += size * 1.32
            draft.run(x, y, line[2:], size=draft.fit(line[2].text, limit, size), align=align, colour=colour)
        elif fitted < 6.0 and len(line) == 1:
            for part in fonts.wrap(line[0].text, draft.font(line[0].bold), size, limit):
                small = draft.fit(part, limit, size, line[0].bold)
                draft.run(x, y, [replace(line[0], text=part)], size=small, align=align, colour=colour)
                y += size * 1.32
            continue
        else:
            draft.run(x, y, line, size=fitted, align=align, colour=colour)
        y += size * 1.32
    return y


def foot_columns(draft: Draft, *, address: bool) -> list[Lines]:
    """The groups of facts a foot may hold; `address` puts the seller's name and address among them."""
    seller, groups = draft.bill.seller, list[Lines]()
    if address:
        name = [Piece(seller.name, ("seller.name",), bold=True)]
        groups.append([name, *([Piece(line, ("seller.address",))] for line in seller.address)])
    groups.append(contact_pieces(draft))
    if draft.look.iban_place == "footer":
        groups.append(bank_lines(draft))
    legal = [[Piece(seller.register)]] if seller.register else []
    if draft.look.tax_place == "footer":
        legal.append(tax_piece(draft, "seller"))
    if legal:
        groups.append(legal)
    return groups


def foot(draft: Draft, groups: list[Lines], *, ruled: bool = True, centred: bool = False) -> None:
    """Print `groups` at the foot of every page, side by side or as centred lines, and the page numbers. Call it
    last.
    """
    size, sheet = max(6.2, min(7.2, draft.size * 0.8)), draft.sheet
    top = draft.floor + 14
    for page in range(len(sheet.pages)):
        sheet.turn(page)
        if ruled:
            sheet.rule(draft.left, top - 6, draft.right, top - 6, 0.5, draft.look.accent)
        if centred:
            _centred(draft, groups, top + size, size)
        else:
            wide = (draft.right - draft.left) / len(groups)
            for place, group in enumerate(groups):
                stack(draft, group, draft.left + place * wide, top + size, wide - 8, size)
        if len(sheet.pages) > 1 or draft.look.repeat_head:
            text = draft.words.plain("page").format(p=page + 1, n=len(sheet.pages))
            draft.put(draft.right, sheet.height - 14, text, size=size, align="right", colour=draft.look.gray)


def _centred(draft: Draft, groups: list[Lines], y: float, size: float) -> None:
    for group in groups[:4]:
        pieces = [piece for line in group for piece in (*line, Piece("  ·  "))][:-1]
        whole = "".join(piece.text for piece in pieces)
        fitted = draft.fit(whole, draft.right - draft.left, size)
        draft.run((draft.left + draft.right) / 2, y, pieces, size=fitted, align="centre", colour=draft.look.gray)
        y += size * 1.35
