"""What a receipt says: what was bought, the tax in it, how it was paid. Sums hold by construction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any, Final

from docpipe.synth.identifiers import digits
from docpipe.synth.places import PLACES_OF, Company, company, data, fill

ZERO: Final = Decimal(0)
NUMBER_SIGN: Final = "# "  # before a number of the till's own, which is no field where a receipt number is printed
_CENT: Final = Decimal("0.01")
# The usual rate and the reduced one of food, in percent; None where tax comes on top of the prices.
_RATES: Final[dict[str, tuple[str, str]]] = {
    "DE": ("19", "7"), "AT": ("20", "10"), "CH": ("8.1", "2.6"), "FR": ("20", "5.5"), "BE": ("21", "6"),
    "LU": ("17", "3"), "ES": ("21", "10"), "IT": ("22", "10"), "NL": ("21", "9"), "PT": ("23", "6"), "GB": ("20", "0"),
    "IE": ("23", "13.5"), "PL": ("23", "5"), "SE": ("25", "12"), "DK": ("25", "25"), "US": ("8.25", "8.25"),
}  # fmt: skip
_CURRENCY: Final = {"GB": "GBP", "US": "USD", "CH": "CHF", "PL": "PLN", "SE": "SEK", "DK": "DKK"}
_NOTES: Final = (5, 10, 20, 50, 100, 200, 500, 1000)

Rates = tuple[tuple[Decimal, Decimal, Decimal, Decimal], ...]
"""Rate, net, tax and gross of every tax rate, highest rate first."""


def cents(value: Decimal) -> Decimal:
    """`value` rounded half up to two decimals."""
    return value.quantize(_CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Item:
    """A line. `unit` is "kg" for goods by weight, else empty; `plain` lines (discounts, deposits) have no quantity."""

    description: str
    quantity: Decimal
    unit: str
    price: Decimal
    rate: Decimal
    plain: bool = False

    @property
    def amount(self) -> Decimal:
        """quantity x price."""
        return cents(self.quantity * self.price)


@dataclass(frozen=True)
class Sale:
    """A receipt's content. `on_top` says that the prices are without tax. `card` is the kind of card, empty for cash.
    `tip` is added to the total, `service` and `rounding` are in it; each is zero where there is none. Money has
    `places` decimals.
    """

    language: str
    kind: str
    shop: Company
    name: str
    day: date
    time: str
    number: str
    currency: str
    items: tuple[Item, ...]
    rates: Rates
    on_top: bool
    total: Decimal
    tip: Decimal
    card: str
    cash: Decimal
    words: Any
    places: int = 2
    service: Decimal = ZERO
    rounding: Decimal = ZERO

    @property
    def net(self) -> Decimal:
        """The sum before tax."""
        return sum((net for _, net, _, _ in self.rates), ZERO)

    @property
    def tax(self) -> Decimal:
        """The tax of all rates."""
        return sum((tax for _, _, tax, _ in self.rates), ZERO)


def _price(low: str, high: str, rng: Random) -> Decimal:
    bottom, top = (Decimal(text.replace(",", ".")) for text in (low, high))
    drawn = bottom + (top - bottom) * Decimal(rng.randint(0, 100)) / 100
    if rng.random() < 0.6:  # shops like nines
        drawn = drawn.quantize(Decimal("0.1")) - _CENT if drawn > 1 else drawn
    return max(cents(drawn), _CENT * 9)


def _items(shop: Any, words: Any, rates: tuple[str, str], rng: Random) -> tuple[Item, ...]:
    count = rng.choice((1, 2, 3, 4, 5, 6, 8, 11, 15, 22, 30)) if shop["kind"] == "grocery" else rng.randint(1, 8)
    made: list[Item] = []
    pool = rng.sample(shop["items"], len(shop["items"]))
    for place in range(count):
        name, low, high, *weighed = pool[place % len(pool)]
        rate = Decimal(rates[1] if shop["kind"] == "grocery" and rng.random() < 0.75 else rates[0])
        quantity = Decimal(rng.choices((1, 2, 3, 4, 6), (70, 16, 6, 4, 4))[0])
        if weighed:
            quantity = Decimal(rng.randint(120, 2400)) / 1000
        item = Item(name, quantity, weighed[0] if weighed else "", _price(low, high, rng), rate)
        made.append(item)
        if rng.random() < 0.08 and item.amount > 1:
            off = cents(item.amount * Decimal(rng.choice((10, 20, 25, 50))) / 100)
            made.append(Item(rng.choice(words["captions"]["discount"]), Decimal(-1), "", off, rate, plain=True))
        elif rng.random() < 0.05:
            name = rng.choice(words["captions"]["deposit"])
            made.append(Item(name, Decimal(1), "", Decimal("0.25"), rate, plain=True))
    return tuple(made)


def tax_of(items: Sequence[Item], on_top: bool) -> Rates:
    """The tax rows of `items`, highest rate first; `on_top` where prices are without tax."""
    sums: dict[Decimal, Decimal] = {}
    for item in items:
        sums[item.rate] = sums.get(item.rate, ZERO) + item.amount
    rows = []
    for rate in sorted(sums, reverse=True):
        if on_top:
            tax = cents(sums[rate] * rate / 100)
            rows.append((rate, sums[rate], tax, sums[rate] + tax))
        else:
            tax = cents(sums[rate] * rate / (100 + rate))
            rows.append((rate, sums[rate] - tax, tax, sums[rate]))
    return tuple(rows)


def handed_over(total: Decimal, rng: Random) -> Decimal:
    """Cash for `total`: exact, or the next round sum."""
    if rng.random() < 0.2:
        return total
    note = Decimal(next((note for note in _NOTES if note >= total), 2000))
    return rng.choice((note, (total / 5).to_integral_value("ROUND_CEILING") * 5))


def draw_sale(language: str, rng: Random) -> Sale:
    """A sale in a shop of a country that speaks `language`."""
    words = data("receipt.json")[language]
    place, shop = rng.choice(PLACES_OF[language]), rng.choice(words["shops"])
    seller = company(place, rng.choice(shop["names"]).split(" ")[0], rng)
    on_top = seller.country == "US"
    items = _items(shop, words, _RATES[seller.country], rng)
    rates = tax_of(items, on_top)
    total = sum((gross for _, _, _, gross in rates), ZERO)
    card = rng.choice(words["cards"]) if rng.random() < 0.6 else ""
    tip = cents(total * rng.choice((5, 10, 15, 18)) / 100) if shop["kind"] == "cafe" and rng.random() < 0.25 else ZERO
    name = rng.choice(shop["names"])
    if rng.random() < 0.3:
        name = rng.choice((name.upper(), f"{name} {rng.choice(data('places.json')[place]['last'])}"))
    sale = Sale(
        language=language,
        kind=shop["kind"],
        shop=seller,
        name=name,
        day=date(2019, 1, 1) + timedelta(days=rng.randint(0, 2500)),
        time=f"{rng.randint(7, 22):02d}:{rng.randint(0, 59):02d}"
        + (f":{rng.randint(0, 59):02d}" if rng.random() < 0.3 else ""),
        number=fill(rng.choice(("{d4}", "{d6}", "{d3}/{d4}", "{d2}-{d3}-{d5}", "00{d4}", "{d4} {d4}")), rng),
        currency=_CURRENCY.get(seller.country, "EUR"),
        items=items,
        rates=rates,
        on_top=on_top,
        total=total,
        tip=tip,
        card=card,
        cash=ZERO,
        words=words,
    )
    return sale if card else replace(sale, cash=handed_over(total + tip, rng))


def noise(sale: Sale, rng: Random) -> list[str]:
    """Lines that are no field: loyalty schemes, signatures, surveys."""
    picked = rng.sample(sale.words["noise"], rng.choice((0, 0, 1, 2, 3)))
    return [fill(text, rng) for text in picked] + ([f"{NUMBER_SIGN}{digits(rng, 6)}"] if rng.random() < 0.2 else [])
