"""How one company's paper looks: faces, sizes, colours, number formats, table ruling. Drawn once a document."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from docpipe.synth import fonts
from docpipe.synth.formats import Dates, Money, Numbers, draw_dates, draw_money, draw_numbers
from docpipe.synth.invoice.content import Setting
from docpipe.synth.sheet import Colour

_ACCENTS: Final[tuple[Colour, ...]] = (
    (0.11, 0.27, 0.53),
    (0.55, 0.09, 0.13),
    (0.06, 0.40, 0.27),
    (0.83, 0.40, 0.05),
    (0.25, 0.25, 0.28),
    (0.36, 0.17, 0.48),
    (0.0, 0.47, 0.60),
    (0.0, 0.0, 0.0),
    (0.45, 0.33, 0.12),
    (0.70, 0.10, 0.38),
)
_INKS: Final[tuple[Colour, ...]] = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.13, 0.13, 0.15), (0.2, 0.2, 0.22))

COLUMN_ORDERS: Final[tuple[tuple[str, ...], ...]] = (
    ("pos", "description", "quantity", "unit", "unit_price", "amount"),
    ("pos", "sku", "description", "quantity", "unit_price", "amount"),
    ("quantity", "unit", "description", "unit_price", "amount"),
    ("quantity", "sku", "description", "unit_price", "discount", "amount"),
    ("description", "quantity", "unit_price", "vat", "amount"),
    ("description", "unit_price", "quantity", "amount"),
    ("description", "amount"),
    ("sku", "description", "vat", "quantity", "unit", "unit_price", "amount"),
    ("date", "description", "quantity", "unit_price", "amount"),
    ("description", "quantity", "amount"),
    ("pos", "quantity", "unit", "sku", "description", "unit_price", "discount", "vat", "amount"),
    ("sku", "quantity", "description", "amount", "vat"),
    ("quantity", "description", "unit_price", "amount"),
    ("pos", "description", "vat", "unit_price", "quantity", "discount", "amount"),
)


@dataclass(frozen=True)
class Look:
    """The style of a document. Sizes are points; `soft` is the accent mixed with white for backgrounds."""

    family: fonts.Family
    size: float
    accent: Colour
    soft: Colour
    ink: Colour
    gray: Colour
    numbers: Numbers
    money: Money
    dates: Dates
    columns: tuple[str, ...]
    ruling: str
    head: str
    repeat_head: bool
    carry: bool
    unit_in_quantity: bool
    padded_quantity: bool
    percent: str
    bold_captions: bool
    tax_place: str
    iban_place: str
    currency_note: str
    tax_rows: str
    subtotal_shown: bool
    due_repeated: bool
    spacious: float


def _soft(colour: Colour) -> Colour:
    red, green, blue = (0.88 + 0.12 * part for part in colour)
    return red, green, blue


def draw_look(language: str, setting: Setting, mono: bool, rng: Random) -> Look:
    """A look for the paper of `setting`; `mono` asks for a fixed-pitch face."""
    accent, family = rng.choice(_ACCENTS), fonts.draw_family(rng, mono, language)
    gray = rng.choice((0.25, 0.35, 0.45))
    return Look(
        family=family,
        size=max(7.4, rng.choice((8.0, 8.5, 9.0, 9.0, 9.5, 10.0)) * family.scale),
        accent=accent,
        soft=_soft(accent),
        ink=rng.choice(_INKS),
        gray=(gray, gray, gray),
        numbers=draw_numbers(language, setting.seller.country, rng),
        money=draw_money(setting.currency, language, rng),
        dates=draw_dates(language, setting.seller.country, rng),
        columns=rng.choice(COLUMN_ORDERS),
        ruling=rng.choice(("lines", "grid", "zebra", "none", "columns", "dotted")),
        head=rng.choice(("fill", "bold", "plain", "soft")),
        repeat_head=rng.random() < 0.65,
        carry=rng.random() < 0.45,
        unit_in_quantity=rng.random() < 0.4,
        padded_quantity=rng.random() < 0.25,
        percent=rng.choice(("{} %", "{}%", "{}%", "{:.1f}%", "{:.2f} %")),
        bold_captions=rng.random() < 0.4,
        tax_place=rng.choice(("letterhead", "footer", "meta", "footer")),
        iban_place=rng.choice(("footer", "payment", "payment")),
        currency_note=rng.choice(("meta", "meta", "head", "head", "")),
        tax_rows=rng.choice(("rows", "rows", "rows", "breakdown", "both")),
        subtotal_shown=rng.random() < 0.88,
        due_repeated=rng.random() < 0.12,
        spacious=rng.choice((1.0, 1.1, 1.25)),
    )
