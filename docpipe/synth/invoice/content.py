"""Draws what an invoice says. How it looks is drawn elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from docpipe.synth.formats import Dates
from docpipe.synth.identifiers import digits
from docpipe.synth.invoice.bill import ZERO, Bill, Facts, Line, add_up, cents
from docpipe.synth.places import PLACES_OF, Company, company, data, fill, person, private_person, street

_RATES: Final[dict[str, tuple[str, ...]]] = {
    "DE": ("19", "7"),
    "AT": ("20", "10"),
    "CH": ("8.1", "2.6"),
    "FR": ("20", "10", "5.5"),
    "BE": ("21", "6"),
    "ES": ("21", "10"),
    "IT": ("22", "10", "4"),
    "NL": ("21", "9"),
    "PT": ("23", "13", "6"),
    "GB": ("20", "5"),
    "IE": ("23", "13.5"),
    "LU": ("17", "8"),
    "PL": ("23", "8", "5"),
    "SE": ("25", "12", "6"),
    "DK": ("25",),
}
# Where foreign buyers sit.
_ABROAD: Final = tuple(
    place for language in ("en", "de", "fr", "es", "it", "nl", "pt") for place in PLACES_OF[language]
)
_CURRENCY: Final = {"GB": "GBP", "US": "USD", "CH": "CHF", "PL": "PLN", "SE": "SEK", "DK": "DKK"}


@dataclass(frozen=True)
class Wish:
    """What the plan asks of a bill: its language, number of lines (0: one lump sum), and whether it is a credit
    note and a negative one.
    """

    language: str
    lines: int
    credit: bool
    negative: bool


@dataclass(frozen=True)
class Setting:
    """Who sells where, drawn before anything else because the look depends on the country."""

    place: str
    trade: Any
    seller: Company
    currency: str


def draw_setting(language: str, rng: Random) -> Setting:
    """A seller of a country that speaks `language`."""
    place = rng.choice(PLACES_OF[language])
    trade = rng.choice(data("goods.json")[language]["trades"])
    seller = company(place, rng.choice(trade["words"]), rng)
    currency = _CURRENCY.get(seller.country, "EUR")
    if place in ("GB", "IE") and rng.random() < 0.15:
        currency = rng.choice(("EUR", "USD"))
    return Setting(place, trade, seller, currency)


def _buyer(setting: Setting, language: str, rng: Random) -> Company:
    if rng.random() < 0.12:
        return private_person(setting.place, rng)
    abroad = rng.random() < 0.08
    place = rng.choice(_ABROAD) if abroad else setting.place
    tongue = next((key for key, places in PLACES_OF.items() if place in places), language)
    trade = rng.choice(rng.choice(data("goods.json")[tongue]["trades"])["words"])
    buyer = company(place, trade, rng)
    while buyer.name == setting.seller.name:
        buyer = company(place, trade, rng)
    return buyer


def _expand(text: str, rng: Random) -> str:
    return re.sub(r"\{([^{}]*)\}", lambda found: rng.choice(found[1].split("|")), text)


def _quantity(unit: str, most: int, rng: Random) -> Decimal:
    if unit in ("h", "kg", "m", "m2", "l", "day") and rng.random() < 0.45:
        return max(Decimal("0.5"), Decimal(rng.randint(2, max(3, most * 4))) / 4).quantize(Decimal("0.01"))
    if unit == "kg" and rng.random() < 0.4:
        return Decimal(rng.randint(300, most * 1000)) / 1000
    return Decimal(rng.randint(1, most))


def _price(low: float, high: float, rng: Random) -> Decimal:
    price = Decimal(str(low)) + (Decimal(str(high)) - Decimal(str(low))) * Decimal(rng.randint(0, 1000)) / 1000
    ending = rng.choice((Decimal("0.05"), Decimal("0.1"), Decimal("0.5"), Decimal(1))) if price > 5 else Decimal("0.01")
    return cents(max(Decimal("0.05"), (price / ending).to_integral_value() * ending))


def _lines(
    setting: Setting, wish: Wish, rates: list[Decimal], day: date, dates: Dates, rng: Random
) -> tuple[Line, ...]:
    units = {key: rng.choice(names) for key, names in data("goods.json")[wish.language]["units"].items()}
    discounted, sign = rng.random() < 0.3, Decimal(-1 if wish.negative else 1)
    made: list[Line] = []
    seen: set[str] = set()
    while len(made) < wish.lines:
        text, unit, low, high, most = rng.choice(setting.trade["items"])
        description = _expand(text, rng)
        if description in seen and rng.random() < 0.8 and len(made) < 25:
            continue
        seen.add(description)
        made.append(
            Line(
                description=description,
                sku=rng.choice(("{d5}", "{d3}-{d2}", "A{d4}", "{d2}.{d3}")).format(
                    **{f"d{n}": digits(rng, n) for n in (2, 3, 4, 5)}
                ),
                day=day - timedelta(days=rng.randint(2, 29)),
                quantity=_quantity(unit, most, rng) * sign,
                unit=units[unit],
                unit_price=_price(low, high, rng),
                discount=Decimal(rng.choice((0, 0, 5, 10, 15))) if discounted else ZERO,
                rate=rng.choice(rates),
                **_section(setting, wish, day, dates, rng) if wish.lines > 3 and rng.random() < 0.06 else {},
            )
        )
    return tuple(made)


def _section(setting: Setting, wish: Wish, day: date, dates: Dates, rng: Random) -> dict[str, str]:
    """A heading above a line, and the number of the delivery note if it names one."""
    pattern = rng.choice(data("phrases.json")[wish.language]["section"])
    then, number = day - timedelta(days=rng.randint(3, 20)), digits(rng, 5)
    heading = pattern.format(doc=number, date=dates.text(then), street=street(setting.place, rng))
    return {"section": heading, "note": number if "{doc}" in pattern else ""}


def _number(day: date, rng: Random) -> str:
    shapes = (
        "{y}-{d4}",
        "{d6}",
        "RE{d5}",
        "{yy}/{d3}",
        "INV-{y}-{d3}",
        "{d4}.{d2}",
        "F{yy}{d5}",
        "{y}{m}{d3}",
        "{d3}/{y}",
        "A-{d5}",
        "{d8}",
        "{d2}-{d4}-{d1}",
    )
    return rng.choice(shapes).format(
        y=day.year, yy=f"{day.year % 100:02d}", m=f"{day.month:02d}", **{f"d{n}": digits(rng, n) for n in range(1, 9)}
    )


def _meta(
    setting: Setting, wish: Wish, day: date, dates: Dates, rng: Random
) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Facts beside the fields, each with its own caption."""
    before = [day - timedelta(days=count) for count in sorted(rng.sample(range(1, 40), 3))]
    customer = fill(rng.choice(("{d5}", "D{d4}", "{d3}-{d2}")), rng)
    note = fill(rng.choice(("{d6}", "LS{d4}", "{d4}/{d2}")), rng)
    choices = [
        ("customer_no", customer, (customer,)),
        ("delivery_note", note, (note,)),
        ("delivery_date", dates.text(before[0]), (before[0].isoformat(),)),
        ("order_date", dates.text(before[2]), ()),
        (
            "period",
            f"{dates.text(before[2])} - {dates.text(before[0])}",
            (before[2].isoformat(), before[0].isoformat()),
        ),
        ("contact", person(setting.place, rng), ()),
    ]
    if wish.credit:
        first = _number(day, rng)
        return (("refers_to", first, (first,)), *rng.sample(choices, rng.randint(0, 3)))
    return tuple(rng.sample(choices, rng.choice((0, 1, 2, 2, 3, 4))))


def _facts(setting: Setting, wish: Wish, day: date, dates: Dates, exempt: bool, rng: Random) -> Facts:
    words = data("phrases.json")[wish.language]
    who = f"{rng.choice(words['person'])} {person(setting.place, rng)}"
    return Facts(
        meta=_meta(setting, wish, day, dates, rng),
        contact=person(setting.place, rng),
        slogan=rng.choice(words["slogan"]) if rng.random() < 0.35 else "",
        intro=rng.choice(words["intro"]) if not wish.credit and rng.random() < 0.4 else "",
        closing=rng.choice(words["closing"]) if rng.random() < 0.5 else "",
        department=rng.choice(words["dept"]).format(person=who) if rng.random() < 0.2 else "",
        exempt=rng.choice(words["exempt"]) if exempt else "",
        fine_print=rng.choice(words["fine"]) if rng.random() < 0.3 else "",
    )


def _terms(wish: Wish, days: int, rng: Random) -> str:
    pattern = rng.choice(data("phrases.json")[wish.language]["terms"])
    return str(pattern.format(days=days, disc=rng.choice((2, 3)), short=rng.choice((7, 8, 10))))


def _rates(country: str, mixed: bool, rng: Random) -> list[Decimal]:
    if country == "US":
        return [Decimal(rng.choice(("6", "7.25", "8.25", "8.875", "5.5", "6.35")))]
    known = [Decimal(rate) for rate in _RATES[country]]
    return (
        known[: rng.choice((2, 2, 3))] if mixed else [known[0] if rng.random() < 0.9 else known[min(1, len(known) - 1)]]
    )


def draw_bill(setting: Setting, wish: Wish, dates: Dates, rng: Random) -> Bill:
    """A bill as `wish` asks. Dates in its texts are printed by `dates`."""
    day = date(2019, 1, 1) + timedelta(days=rng.randint(0, 2500))
    days = rng.choice((7, 10, 14, 14, 20, 30, 30, 45, 60))
    buyer = _buyer(setting, wish.language, rng)
    exempt = rng.random() < 0.06 and setting.seller.country != "US"
    rates = _rates(setting.seller.country, rng.random() < 0.3, rng)
    lines = _lines(setting, wish, rates, day, dates, rng)
    lump = cents(Decimal(rng.randint(15000, 980000)) / 100) * (-1 if wish.negative else 1)
    extras = not wish.credit
    sums = add_up(
        [(line.rate, line.amount) for line in lines] or [(rates[0], lump)],
        allowance_rate=Decimal(rng.choice((2, 3, 5, 10))) if extras and rng.random() < 0.2 else ZERO,
        charge=cents(Decimal(rng.randint(390, 4900)) / 100) if extras and rng.random() < 0.2 else ZERO,
        prepaid_share=Decimal(rng.choice(("0.2", "0.3", "0.5"))) if extras and rng.random() < 0.16 else ZERO,
        taxed=not exempt,
    )
    ship = company(setting.place, setting.trade["words"][0], rng) if rng.random() < 0.2 else None
    phrases = data("phrases.json")[wish.language]
    return Bill(
        language=wish.language,
        credit=wish.credit,
        number=_number(day, rng),
        day=day,
        due=day + timedelta(days=days) if not wish.credit and rng.random() < 0.65 else None,
        seller=setting.seller,
        buyer=buyer,
        ship_to=ship,
        currency=setting.currency,
        order_reference=fill(rng.choice(("{d7}", "PO-{d5}", "B{d4}/{d2}", "45000{d5}", "{d3}-{d3}")), rng)
        if rng.random() < 0.55
        else "",
        lines=lines,
        lump_text="" if lines else rng.choice(phrases["lump"]),
        sums=sums,
        terms=_terms(wish, days, rng) if not wish.credit and rng.random() < 0.75 else "",
        notes=rng.choice(phrases["notes"]).format(short=rng.choice((7, 8))) if rng.random() < 0.4 else "",
        facts=_facts(setting, wish, day, dates, exempt, rng),
    )
