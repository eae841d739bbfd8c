"""Number, dates and references, and the five ways companies set them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from docpipe.synth.invoice.draft import Draft, Piece

_SMALLEST: Final = 6.5
# Caption key -> the fields of the label that the fact is.
META_FIELDS: Final = {
    "customer_no": ("customer_number",),
    "delivery_note": ("delivery_note",),
    "delivery_date": ("delivery_date",),
    "period": ("period_start", "period_end"),
    "refers_to": ("preceding_invoice",),
}


@dataclass(frozen=True)
class Entry:
    """A captioned fact: `key` names the caption, `paths` the fields it prints, the first of which the caption is of
    (none for a fact that is no field).
    """

    key: str
    text: str
    paths: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The field that the caption is of, empty if none."""
        return self.paths[0] if self.paths else ""


def entries(draft: Draft, *, number: bool = True) -> list[Entry]:
    """The facts of the head, number and date first or shuffled in with the others. `number` False leaves the number
    to the title.
    """
    bill, look = draft.bill, draft.look
    first = (
        [Entry("credit_number" if bill.credit else "invoice_number", bill.number, ("invoice_number",))]
        if number
        else []
    )
    first.append(Entry("invoice_date", look.dates.text(bill.day), ("invoice_date",)))
    rest = [Entry(key, text, META_FIELDS.get(key, ())) for key, text, _ in bill.facts.meta]
    if bill.due:
        rest.append(Entry("due_date", look.dates.text(bill.due), ("due_date",)))
    if bill.order_reference:
        rest.append(Entry("order_reference", bill.order_reference, ("order_reference",)))
    if look.tax_place == "meta":
        rest.append(Entry("seller_tax", bill.seller.tax_id, ("seller.tax_id",)))
    if look.money.place == "none" and look.currency_note == "meta":
        rest.append(Entry("currency", look.money.code, ("currency",)))
    draft.rng.shuffle(rest)
    if draft.rng.random() < 0.3:
        both = first + rest
        draft.rng.shuffle(both)
        return both
    return first + rest


def _caption(draft: Draft, entry: Entry) -> Piece:
    return Piece(draft.words(entry.key), caption_of=entry.path, bold=draft.look.bold_captions)


def column(draft: Draft, items: list[Entry], x0: float, x1: float, y: float, *, right: bool = False) -> float:
    """Captions left, values beside them (or right-aligned at x1), a line each. Returns the baseline after the last."""
    if "grid" in draft.traits:
        return ruled(draft, items, x0, x1, y)
    captions = [_caption(draft, item) for item in items]
    lead, size = draft.lead * draft.look.spacious, draft.size
    widest = max(draft.width(piece.text, size, piece.bold) for piece in captions)
    values = max(draft.width(item.text, size) for item in items)
    size *= min(1.0, (x1 - x0) / (widest + 8 + values))
    if size < _SMALLEST * 0.95:
        return stacked(draft, items, x0, y, x1 - x0)
    place = x0 + widest * size / draft.size + 8
    for item, caption in zip(items, captions, strict=True):
        draft.put(
            x0, y, caption.text, size=size, bold=caption.bold, caption_of=caption.caption_of, colour=draft.look.gray
        )
        draft.put(
            x1 if right else place,
            y,
            item.text,
            size=size,
            align="right" if right else "left",
            paths=item.paths,
        )
        y += lead
    return y


def ruled(draft: Draft, items: list[Entry], x0: float, x1: float, y: float) -> float:
    """A ruled grid: captions without colons in the left cells, values in the right ones; the first baseline at y.
    Returns the baseline after the last.
    """
    if not any(item.key == "contact" for item in items):  # a caption that is no field, among those that are
        items = [*items, Entry("contact", draft.bill.facts.contact)]
    captions, size = [draft.words.plain(item.key) for item in items], draft.size
    widest = max(draft.width(text, size) for text in captions) + 10
    values = max(draft.width(item.text, size) for item in items) + 10
    size *= min(1.0, (x1 - x0) / (widest + values))
    if size < _SMALLEST * 0.95:
        return stacked(draft, items, x0, y, x1 - x0)
    tall, middle = draft.lead * 1.25, x0 + widest * size / draft.size
    top = y - draft.lead * 0.92
    for place, (item, caption) in enumerate(zip(items, captions, strict=True)):
        base = y + place * tall
        draft.put(x0 + 4, base, caption, size=size, caption_of=item.path)
        draft.put(middle + 4, base, item.text, size=size, paths=item.paths)
        draft.sheet.rule(x0, top + place * tall, x1, top + place * tall, 0.4, draft.look.gray)
    end = top + len(items) * tall
    draft.sheet.rule(x0, end, x1, end, 0.4, draft.look.gray)
    for x in (x0, middle, x1):
        draft.sheet.rule(x, top, x, end, 0.4, draft.look.gray)
    return y + len(items) * tall


def stacked(draft: Draft, items: list[Entry], x: float, y: float, limit: float) -> float:
    """Each caption on a line above its value, downwards. Returns the baseline after the last."""
    for item in items:
        draft.put(
            x,
            y,
            draft.words(item.key),
            size=draft.size * 0.82,
            colour=draft.look.gray,
            caption_of=item.path,
            limit=limit,
        )
        draft.put(
            x,
            y + draft.lead,
            item.text,
            paths=item.paths,
            bold=item.path == "invoice_number",
            limit=limit,
        )
        y += draft.lead * 2.25
    return y


def grid(draft: Draft, items: list[Entry], x0: float, x1: float, y: float, across: int, *, head: bool = False) -> float:
    """Boxes of `across` columns, small caption above the value in each; `head` shades the captions. Returns the y
    below the boxes.
    """
    # A value shrunk to fit its box would not be legible: fewer boxes a row instead.
    widest = max(max(draft.width(item.text, _SMALLEST), draft.width(draft.words(item.key), 5.6)) for item in items)
    while across > 1 and widest > (x1 - x0) / across - 8:
        across -= 1
    wide, tall = (x1 - x0) / across, draft.lead * 2.35
    for start in range(0, len(items), across):
        row = items[start : start + across]
        for place, item in enumerate(row):
            left = x0 + place * wide
            if head:
                draft.sheet.area(left, y, left + wide, y + draft.lead * 1.12, draft.look.soft)
            draft.sheet.area(left, y, left + wide, y + tall, stroke=draft.look.gray, weight=0.5)
            caption = draft.words(item.key)
            draft.put(
                left + 4,
                y + draft.size * 0.96,
                caption,
                size=draft.size * 0.78,
                caption_of=item.path,
                colour=draft.look.gray,
                limit=wide - 8,
            )
            draft.put(left + 4, y + draft.lead * 1.9, item.text, paths=item.paths, limit=wide - 8)
        y += tall
    return y


def headed(draft: Draft, items: list[Entry], x0: float, x1: float, y: float) -> float:
    """A table of one row under its captions, ruled above and below, columns as wide as they need. Returns the y
    below it.
    """
    size = draft.size * 0.95
    need = sum(max(draft.width(draft.words(item.key), size, True), draft.width(item.text, size)) + 10 for item in items)
    if len(items) > 1 and need > (x1 - x0) * size / _SMALLEST:
        half = (len(items) + 1) // 2
        return headed(draft, items[half:], x0, x1, headed(draft, items[:half], x0, x1, y))
    wants = [max(draft.width(draft.words(item.key), size, True), draft.width(item.text, size)) + 10 for item in items]
    scale = min(1.0, (x1 - x0) / sum(wants))
    size *= scale
    spread = (x1 - x0 - sum(wants) * scale) / len(items)
    draft.sheet.rule(x0, y, x1, y, 0.6, draft.look.accent)
    place = x0
    for item, want in zip(items, wants, strict=True):
        draft.put(place, y + draft.lead, draft.words(item.key), size=size, bold=True, caption_of=item.path)
        draft.put(place, y + draft.lead * 2.3, item.text, size=size, paths=item.paths)
        place += want * scale + spread
    draft.sheet.rule(x0, y + draft.lead * 2.8, x1, y + draft.lead * 2.8, 0.6, draft.look.accent)
    return y + draft.lead * 2.8


def inline(draft: Draft, items: list[Entry], x0: float, x1: float, y: float) -> float:
    """Captions and values one after the other, wrapped to as many lines as they take. Returns the baseline after
    the last.
    """
    gap = draft.rng.choice(("   ", "  |  ", "  ·  ", "      "))
    place = x0
    for index, item in enumerate(items):
        pieces = [_caption(draft, item), Piece(" "), Piece(item.text, item.paths)]
        wide = sum(draft.width(piece.text, bold=piece.bold) for piece in pieces)
        if index and place + draft.width(gap) + wide > x1:
            place, y = x0, y + draft.lead
        elif index:
            place += draft.put(place, y, gap, colour=draft.look.gray)
        place += draft.run(place, y, pieces, size=draft.fit("".join(piece.text for piece in pieces), x1 - x0))
    return y + draft.lead


def title(
    draft: Draft, x: float, y: float, size: float, *, align: str = "left", numbered: bool = False, limit: float = 0.0
) -> float:
    """The word for the document, with its number where `numbered`. Returns the width printed."""
    word = draft.words.plain("title_credit" if draft.bill.credit else "title_invoice")
    pieces = [Piece(word, ("document_type",), "invoice_number" if numbered else "", bold=True)]
    if numbered:
        pieces += [
            Piece(draft.rng.choice((" ", " Nr. ", " no. ")) if draft.bill.language in ("de", "en") else " "),
            Piece(draft.bill.number, ("invoice_number",), bold=True),
        ]
    whole = "".join(piece.text for piece in pieces)
    points = draft.fit(whole, limit, size, True) if limit else size
    return draft.run(x, y, pieces, size=points, align=align, colour=draft.look.accent)
