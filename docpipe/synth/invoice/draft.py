"""A document being laid out: the sheet, the bill, the look and the wording in one place, with the few verbs every
block draws with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from docpipe.synth import fonts
from docpipe.synth.invoice.bill import Bill
from docpipe.synth.invoice.captions import Wording
from docpipe.synth.invoice.look import Look
from docpipe.synth.sheet import Colour, Sheet
from docpipe.synth.traits import NONE, Traits

LEADING: Final = 1.32  # of lines of an address, in type sizes


@dataclass(frozen=True)
class Piece:
    """Text within a line, with what it prints or captions."""

    text: str
    paths: tuple[str, ...] = ()
    caption_of: str = ""
    bold: bool = False


class Draft:
    """Blocks draw through this. `floor` is the lowest y the body may reach on any page, `head` draws the top of
    later pages. `traits` are the difficulties of the document; what they need of chance comes from `odd`, so that the
    rest of the page is drawn as if there were none.
    """

    def __init__(
        self, sheet: Sheet, bill: Bill, look: Look, words: Wording, rng: Random, traits: Traits = NONE
    ) -> None:
        self.sheet, self.bill, self.look, self.words, self.rng = sheet, bill, look, words, rng
        self.traits, self.odd = traits, Random(f"odd {bill.number}")
        self.leading = self.odd.uniform(1.5, 3.0) if "leading" in traits else LEADING
        self.left, self.right = 56.0, sheet.width - 50.0
        self.floor = sheet.height - 90.0
        self.head: Callable[[Draft], float] = plain_head

    @property
    def size(self) -> float:
        """Body size in points."""
        return self.look.size

    @property
    def lead(self) -> float:
        """Distance of two body lines in points."""
        return self.look.size * 1.32

    def font(self, bold: bool = False, italic: bool = False) -> str:
        """Name of a face of the family."""
        family = self.look.family
        return family.bold if bold else family.italic if italic else family.regular

    def width(self, text: str, size: float | None = None, bold: bool = False) -> float:
        """Width of `text` in points."""
        return fonts.width(text, self.font(bold), size or self.size)

    def fit(self, text: str, limit: float, size: float | None = None, bold: bool = False) -> float:
        """The size, `size` or smaller, at which `text` is no wider than `limit`."""
        wanted = size or self.size
        wide = self.width(text, wanted, bold)
        return wanted if wide <= limit else wanted * limit / wide

    def put(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float | None = None,
        bold: bool = False,
        italic: bool = False,
        align: str = "left",
        colour: Colour | None = None,
        paths: Sequence[str] = (),
        caption_of: str = "",
        limit: float = 0.0,
    ) -> float:
        """Print one line; shrunk where `limit` is given and it is wider. Returns its width."""
        points = self.fit(text, limit, size, bold) if limit else size or self.size
        ink = colour or self.look.ink
        return self.sheet.text(
            x, y, text, self.font(bold, italic), points, colour=ink, align=align, paths=paths, caption_of=caption_of
        )

    def run(
        self,
        x: float,
        y: float,
        pieces: Sequence[Piece],
        size: float | None = None,
        align: str = "left",
        colour: Colour | None = None,
    ) -> float:
        """Print pieces one after the other on a line, their spaces their own. Returns the width of all."""
        points = size or self.size
        widths = [self.width(piece.text, points, piece.bold) for piece in pieces]
        place = x - {"left": 0.0, "right": sum(widths), "centre": sum(widths) / 2}[align]
        for piece, wide in zip(pieces, widths, strict=True):
            self.put(
                place,
                y,
                piece.text,
                size=points,
                bold=piece.bold,
                paths=piece.paths,
                caption_of=piece.caption_of,
                colour=colour,
            )
            place += wide
        return sum(widths)

    def paragraph(
        self,
        x: float,
        y: float,
        text: str,
        limit: float,
        *,
        size: float | None = None,
        paths: Sequence[str] = (),
        italic: bool = False,
    ) -> float:
        """Print wrapped text, first baseline at y. Returns the baseline after the last."""
        points = size or self.size
        for line in fonts.wrap(text, self.font(italic=italic), points, limit):
            self.put(x, y, line, size=points, italic=italic, paths=paths)
            y += points * 1.3
        return y

    def amount(self, value: Decimal, mark: bool = True) -> str:
        """A money value as printed, with the currency mark where `mark` and the look say so."""
        text = self.look.numbers.text(value, 2)
        return self.look.money.with_mark(text) if mark else text

    def rate(self, value: Decimal) -> str:
        """A percentage as printed."""
        exact = f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
        pattern = self.look.percent if len(exact.partition(".")[2]) < 2 else "{}%"
        return pattern.format(exact if "{}" in pattern else value).replace(".", self.look.numbers.point)

    def next_page(self) -> float:
        """Begin another page with its head. Returns the first y of the body there."""
        self.sheet.new_page()
        return self.head(self)

    def room(self, y: float, height: float) -> float:
        """`y`, or the top of a new page where `height` points below it would pass the floor."""
        return y if y + height <= self.floor else self.next_page()


def plain_head(draft: Draft) -> float:
    """The top of a later page: the seller's name and the number, or nothing, as companies do."""
    if draft.look.repeat_head:
        title = draft.words.plain("title_credit" if draft.bill.credit else "title_invoice")
        pieces = [Piece(f"{title} "), Piece(draft.bill.number, ("invoice_number",))]
        draft.run(draft.right, 48, pieces, size=draft.size * 0.9, align="right", colour=draft.look.gray)
        draft.put(
            draft.left,
            48,
            draft.bill.seller.name,
            size=draft.size * 0.9,
            colour=draft.look.gray,
            paths=("seller.name",),
        )
        return 80.0
    return 64.0
