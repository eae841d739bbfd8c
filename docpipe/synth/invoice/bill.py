"""What an invoice says: lines, taxes, totals. Money is Decimal, rounded half up to the cent; the sums hold by
construction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from docpipe.synth.places import Company, data

CENT = Decimal("0.01")
ZERO = Decimal(0)


def cents(value: Decimal) -> Decimal:
    """`value` rounded half up to two decimals."""
    return value.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    """One position. `discount` and `rate` are percentages; `section` is a heading printed above the line, empty for
    none, and `note` the number of the delivery note in it. `serial` is a line of serial numbers below the description,
    `part` the caption of a sum of the section below the line; both are empty for none.
    """

    description: str
    sku: str
    day: date
    quantity: Decimal
    unit: str
    unit_price: Decimal
    discount: Decimal
    rate: Decimal
    section: str = ""
    note: str = ""
    serial: str = ""
    part: str = ""

    @property
    def amount(self) -> Decimal:
        """quantity x unit price, less the discount of the line."""
        return cents(self.quantity * self.unit_price * (100 - self.discount) / 100)


@dataclass(frozen=True)
class TaxRow:
    """Tax of one rate (a percentage) on its base."""

    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Sums:
    """Everything below the lines. `allowance` and `charge` are zero where there is none; `tax_rows` is empty where
    no tax is charged.
    """

    lines: Decimal
    allowance: Decimal
    allowance_rate: Decimal
    charge: Decimal
    subtotal: Decimal
    tax_rows: tuple[TaxRow, ...]
    tax: Decimal
    total: Decimal
    prepaid: Decimal
    due: Decimal


def add_up(
    parts: Sequence[tuple[Decimal, Decimal]],
    allowance_rate: Decimal,
    charge: Decimal,
    prepaid_share: Decimal,
    taxed: bool,
) -> Sums:
    """The sums of `parts`, each (rate, amount). The allowance (a percentage) lowers every rate's base, the charge
    joins the first rate.
    """
    lines = sum((amount for _, amount in parts), ZERO)
    bases: dict[Decimal, Decimal] = {}
    for rate, amount in parts:
        bases[rate] = bases.get(rate, ZERO) + amount
    cuts = {rate: cents(base * allowance_rate / 100) for rate, base in bases.items()}
    allowance = sum(cuts.values(), ZERO)
    nets = {rate: base - cuts[rate] for rate, base in bases.items()}
    first = max(nets)
    nets[first] += charge
    subtotal = sum(nets.values(), ZERO)
    rows = (
        tuple(TaxRow(rate, nets[rate], cents(nets[rate] * rate / 100)) for rate in sorted(nets, reverse=True))
        if taxed
        else ()
    )
    tax = sum((row.amount for row in rows), ZERO)
    total = subtotal + tax
    prepaid = cents(total * prepaid_share)
    return Sums(lines, allowance, allowance_rate, charge, subtotal, rows, tax, total, prepaid, total - prepaid)


@dataclass(frozen=True)
class Facts:
    """The numbers and dates around an invoice, as real pages are full of them. `meta` holds (caption key, text as
    printed, values): there are none for a fact that is no field.
    """

    meta: tuple[tuple[str, str, tuple[str, ...]], ...]
    contact: str
    slogan: str
    intro: str
    closing: str
    department: str
    exempt: str
    fine_print: str


@dataclass(frozen=True)
class Bill:
    """One invoice or credit note. Optional parts are empty strings, None, or an empty tuple of lines. `salutation`
    stands before the buyer's name; `told` are the first and last day that the opening sentence names.
    """

    language: str
    credit: bool
    number: str
    day: date
    due: date | None
    seller: Company
    buyer: Company
    ship_to: Company | None
    currency: str
    order_reference: str
    lines: tuple[Line, ...]
    lump_text: str
    sums: Sums
    terms: str
    notes: str
    facts: Facts
    salutation: str = ""
    told: tuple[str, ...] = ()

    @property
    def buyer_country(self) -> str:
        """The country as printed below the address of a buyer abroad, empty for one of the seller's country."""
        abroad = self.buyer.country != self.seller.country
        return str(data("places.json")[self.buyer.place]["country"]).upper() if abroad else ""

    @property
    def means(self) -> tuple[str, ...]:
        """What the terms call the way to pay, in words that are equally right; empty where they name none."""
        known = data("meanings.json")["payment_means"][self.language]
        return tuple(next((texts for texts in known if texts[0] in self.terms), ()))
