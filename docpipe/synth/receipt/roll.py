"""A roll of narrow paper: what is printed on it goes line by line down."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from docpipe.synth.formats import Dates, Numbers, names_currency
from docpipe.synth.pen import Pen
from docpipe.synth.receipt.hardships import Hard
from docpipe.synth.receipt.sale import Sale
from docpipe.synth.traits import Traits


@dataclass
class Roll:
    """A receipt being printed: `y` is the baseline of the next line, `label` what has been printed so far. `also`
    holds right values that the label has otherwise, by path.
    """

    pen: Pen
    sale: Sale
    rng: Random
    numbers: Numbers
    dates: Dates
    captions: dict[str, str]
    mark: str
    letters: bool
    x0: float
    x1: float
    y: float
    label: dict[str, Any]
    hard: Hard
    also: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def traits(self) -> Traits:
        """The difficulties of the receipt."""
        return self.hard.traits

    @property
    def odd(self) -> Random:
        """The chance that the difficulties draw from: the rest is drawn as if there were none."""
        return self.hard.odd

    @property
    def edge(self) -> float:
        """Where amounts end: before the tax rates or their letters, if there are any."""
        if "rates" in self.traits:
            return self.x1 - self.pen.width(f" {self.rate(Decimal('88.88'))}")
        return self.x1 - (self.pen.width(" A") if self.letters else 0.0)

    def rate(self, rate: Decimal) -> str:
        """A tax rate as tills print it beside an amount."""
        return f"{self.numbers.text(rate, 2)}%"

    def down(self, lines: float = 1.0) -> None:
        """Go down by so many lines."""
        self.y += self.pen.lead * lines

    def amount(self, value: Decimal) -> str:
        """`value` with the decimals of the currency, in the till's style."""
        return self.numbers.text(value, self.sale.places)

    def centred(self, text: str, *, size: float = 0.0, bold: bool = False, paths: tuple[str, ...] = ()) -> None:
        """Print centred lines."""
        for line in self.pen.wrap(text, self.x1 - self.x0, size, bold):
            middle = (self.x0 + self.x1) / 2
            self.pen.put(
                middle, self.y, line, size=size, bold=bold, align="centre", paths=paths, limit=self.x1 - self.x0
            )
            self.y += (size or self.pen.size) * 1.3

    def names_currency(self, caption: str) -> tuple[str, ...]:
        """The path of the currency where `caption` names it, which labels it, else nothing."""
        if not names_currency(caption, self.sale.currency):
            return ()
        self.label["currency"] = self.sale.currency
        return ("currency",)

    def rule(self) -> None:
        """A line across, drawn or typed."""
        style = self.rng.choice(("-", "=", "*", "line", ""))
        if style == "line":
            self.pen.sheet.rule(
                self.x0, self.y - self.pen.size * 0.3, self.x1, self.y - self.pen.size * 0.3, dashed=True
            )
        elif style:
            count = int((self.x1 - self.x0) / self.pen.width(style))
            self.pen.put(self.x0, self.y, style * count)
        self.down(1.0 if style else 0.5)

    def pair(
        self, left: str, right: str, path: str = "", *, field: str = "", size: float = 0.0, bold: bool = False
    ) -> None:
        """A caption and the value at the right edge, on a line of their own."""
        wide = self.pen.put(self.x1, self.y, right, size=size, bold=bold, align="right", paths=(path,) if path else ())
        room = self.x1 - self.x0 - wide - 4
        self.pen.put(
            self.x0, self.y, left, size=size, bold=bold, limit=room, caption_of=field or path,
            paths=self.names_currency(left),
        )  # fmt: skip
        self.y += (size or self.pen.size) * 1.3
