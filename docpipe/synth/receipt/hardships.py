"""What a hard receipt says beside a plain one: another part of the world, service and rounding, more discounts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any, Final

from docpipe.synth.formats import Dates, Numbers
from docpipe.synth.places import data, fill
from docpipe.synth.receipt.sale import ZERO, Item, Rates, Sale, cents, handed_over, tax_of
from docpipe.synth.traits import Traits

_SERVICE: Final = Decimal("0.1")
_COIN: Final = Decimal("0.05")  # the smallest one, to which cash is rounded


def words(language: str) -> dict[str, Any]:
    """The words of hard receipts in `language`."""
    known: dict[str, Any] = data("receipt_hard.json")[language]
    return known


@dataclass(frozen=True)
class Region:
    """How tills of a part of the world print: the currency's mark, the caption and the number of the tax office
    (None where shops print none), what the receipt calls itself, and the words for its tax.
    """

    mark: str
    tax_id: tuple[str, str] | None
    title: str
    tax: tuple[str, ...]
    dates: Dates
    numbers: Numbers


@dataclass(frozen=True)
class Hard:
    """The difficulties of a receipt, the part of the world it comes from if that is another, and their chance."""

    traits: Traits
    region: Region | None
    odd: Random


def _rescaled(items: Sequence[Item], known: dict[str, Any], rng: Random) -> Iterator[Item]:
    """The items at the prices of a region; goods are sold by weight only where money has cents."""
    unit, step = Decimal(1).scaleb(-known["places"]), Decimal(known["factor"])
    rates = [Decimal(rate) for rate in known["rates"]]
    highest = max(item.rate for item in items)
    for item in items:
        price = max(unit, (item.price * step).quantize(unit, ROUND_HALF_UP))
        weighed = item.unit and known["places"] < 2
        quantity = Decimal(rng.randint(1, 3)) if weighed else item.quantity
        rate = rates[0] if item.rate == highest else rates[-1]
        yield replace(item, price=price, quantity=quantity, unit="" if weighed else item.unit, rate=rate)


def _relocated(sale: Sale, rng: Random) -> tuple[Sale, Region | None]:
    """The same sale in a shop of another part of the world that speaks the language, if any does."""
    regions = data("regions.json").get(sale.language)
    if not regions:
        return sale, None
    known = regions[rng.choice(sorted(regions))]
    tax_id = rng.choice(known["ids"]) if known["ids"] else None
    region = Region(
        mark=known["mark"],
        tax_id=(tax_id[0], fill(tax_id[1], rng)) if tax_id else None,
        title=rng.choice(known["titles"]),
        tax=tuple(known["tax"]),
        dates=Dates(rng.choice(known["dates"]), sale.language),
        numbers=Numbers(known["group"], known["point"], "front"),
    )
    shop = replace(sale.shop, address=tuple(rng.choice(known["addresses"])))
    moved = replace(
        sale,
        shop=shop,
        name=fill(rng.choice(known["names"]), rng),
        currency=known["currency"],
        on_top=known["on_top"],
        items=tuple(_rescaled(sale.items, known, rng)),
        places=known["places"],
    )
    return moved, region


def _discounted(sale: Sale, rng: Random) -> tuple[Item, ...]:
    """The items, many with a discount on the line below."""
    made: list[Item] = []
    for item in sale.items:
        made.append(item)
        if not item.plain and item.amount > 1 and rng.random() < 0.35:
            percent = rng.choice((5, 10, 15, 20, 25))
            unit = Decimal(1).scaleb(-sale.places)
            off = (item.amount * percent / 100).quantize(unit, ROUND_HALF_UP)
            if off:
                name = f"{rng.choice(sale.words['captions']['discount'])} {percent}%"
                made.append(Item(name, Decimal(-1), "", off, item.rate, plain=True))
    return tuple(made)


def _rounded(rates: Rates, places: int, on_top: bool) -> Rates:
    """The tax rows of a currency of `places` decimals."""
    unit, made = Decimal(1).scaleb(-places), []
    for rate, net, tax, gross in rates:
        whole = tax.quantize(unit, ROUND_HALF_UP)
        made.append((rate, net, whole, net + whole) if on_top else (rate, gross - whole, whole, gross))
    return tuple(made)


def harden(sale: Sale, traits: Traits, rng: Random) -> tuple[Sale, Region | None]:
    """`sale` with those of `traits` that change what it says, and the part of the world it moved to, if it did."""
    region = None
    if "region" in traits:
        sale, region = _relocated(sale, rng)
    elif "no_code" in traits:
        kept = tuple(line for line in sale.shop.address if sale.shop.city not in line)
        sale = replace(sale, shop=replace(sale.shop, address=(*kept, sale.shop.city)))
    if "two_line_names" in traits and region is None and " " not in sale.name:
        sale = replace(sale, name=f"{sale.name} {sale.shop.name.split(' ', 1)[-1]}")
    if "discounts" in traits:
        sale = replace(sale, items=_discounted(sale, rng))
    rates = _rounded(tax_of(sale.items, sale.on_top), sale.places, sale.on_top)
    total, service = sum((gross for _, _, _, gross in rates), ZERO), ZERO
    if "service" in traits:
        unit = Decimal(1).scaleb(-sale.places)
        service = (sum((item.amount for item in sale.items), ZERO) * _SERVICE).quantize(unit, ROUND_HALF_UP)
        total += service
    sale = replace(sale, rates=rates, total=total, service=service, tip=ZERO if service else sale.tip)
    if "rounding" in traits and sale.places == 2:
        near = cents((total / _COIN).to_integral_value(ROUND_HALF_UP) * _COIN)
        sale = replace(sale, total=near, rounding=near - total, card="", tip=ZERO)
    return (sale if sale.card else replace(sale, cash=handed_over(sale.total + sale.tip, rng))), region
