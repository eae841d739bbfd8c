"""What a bank statement says: an account, a period, and rows whose balances follow from one another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from docpipe.synth import identifiers
from docpipe.synth.places import PLACES_OF, Company, company, data, fill, person, private_person

_CURRENCY: Final = {"GB": "GBP", "US": "USD", "CH": "CHF", "PL": "PLN", "SE": "SEK", "DK": "DKK"}


@dataclass(frozen=True)
class Row:
    """One booking; `amount` is negative for money out, `balance` is what the account holds after it."""

    serial: int
    day: date
    value_day: date
    description: str
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True)
class Account:
    """An account over a period. `number` is an IBAN where the country has them."""

    language: str
    bank: Company
    bank_name: str
    holder: Company
    number: str
    currency: str
    start: date
    end: date
    opening: Decimal
    rows: tuple[Row, ...]
    words: Any

    @property
    def closing(self) -> Decimal:
        """Balance after the last row."""
        return self.rows[-1].balance


def _count(rng: Random) -> int:
    """Rows: most statements have a page or two, some have dozens of pages."""
    low, high = rng.choices(((4, 30), (30, 90), (90, 400), (400, 3000)), (45, 35, 15, 5))[0]
    return rng.randint(low, high)


def _amount(rng: Random) -> Decimal:
    low, high = rng.choices(((100, 9900), (1000, 60000), (20000, 480000)), (5, 4, 1))[0]
    return Decimal(rng.randint(low, high)) / 100


def _text(place: str, pattern: str, names: list[str], rng: Random) -> str:
    people = person(place, rng)
    city = rng.choice(data("places.json")[place]["cities"]).split("|")[0]
    made = pattern[1:].format_map(
        {**{f"d{n}": f"{{d{n}}}" for n in range(1, 8)}, "company": rng.choice(names), "person": people, "city": city}
    )
    return fill(made.upper() if pattern[1:].isupper() else made, rng)


def draw_account(language: str, rng: Random) -> Account:
    """An account at a bank of a country that speaks `language`."""
    words, place = data("statement.json")[language], rng.choice(PLACES_OF[language])
    trades = [word for trade in data("goods.json")[language]["trades"] for word in trade["words"]]
    names = [company(place, rng.choice(trades), rng).name for _ in range(12)]
    bank, holder = company(place, "Bank", rng), private_person(place, rng)
    if rng.random() < 0.4:
        holder = company(place, rng.choice(trades), rng)
    count, start = _count(rng), date(2019, 1, 1) + timedelta(days=rng.randint(0, 2400))
    days = max(28, min(365, count // 4))
    balance = opening = Decimal(rng.randint(-80000, 900000)) / 100
    serial, rows = rng.choice((1, 1, rng.randint(2, 9000))), list[Row]()
    for index, offset in enumerate(sorted(rng.randint(0, days) for _ in range(count))):
        pattern = rng.choice(words["texts"])
        amount = _amount(rng) * (1 if pattern[0] == "+" else -1)
        if balance + amount < -5000:
            pattern, amount = next(text for text in words["texts"] if text[0] == "+"), abs(amount) * 2
        balance += amount
        day = start + timedelta(days=offset)
        text = _text(place, pattern, names, rng)
        rows.append(Row(serial + index, day, day - timedelta(days=rng.choice((0, 0, 1))), text, amount, balance))
    iban = identifiers.iban(bank.country, "BANK", rng)
    return Account(
        language=language, bank=bank, bank_name=rng.choice(data("places.json")[place]["banks"]).split("|")[0],
        holder=holder, number=iban or identifiers.digits(rng, 10), currency=_CURRENCY.get(bank.country, "EUR"),
        start=start, end=start + timedelta(days=days), opening=opening, rows=tuple(rows), words=words,
    )  # fmt: skip
