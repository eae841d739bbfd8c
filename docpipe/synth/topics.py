"""What tables and charts are about: a measure, told by country, month, year or sector, in words of its language.

Names of countries and months are those of CLDR.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import Any, Final

from babel import Locale

from docpipe.synth.places import PLACES_OF, data

_COUNTRIES: Final = (
    *("AT", "BE", "BG", "BR", "CA", "CH", "CL", "CN", "CZ", "DE", "DK", "EE", "EG", "ES", "FI", "FR", "GB", "GR", "HR"),
    *("HU", "IE", "IN", "IS", "IT", "JP", "KE", "KR", "LT", "LU", "LV", "MA", "MX", "NL", "NO", "NZ", "PE", "PL", "PT"),
    *("RO", "SE", "SI", "SK", "TR", "UA", "US", "ZA"),
)


@dataclass(frozen=True)
class Measure:
    """A quantity: `unit` is empty where it is counted, values lie between `low` and `high` with `places` decimals."""

    name: str
    unit: str
    low: float
    high: float
    places: int

    def captioned(self, brackets: str) -> str:
        """The name with its unit, as "(unit)", ", unit" or "in unit" by `brackets`; the bare name where it is empty."""
        return f"{self.name}{brackets.format(self.unit)}" if self.unit and brackets else self.name


@lru_cache(maxsize=32)  # languages
def _locale(language: str) -> Any:
    return Locale.parse(language)


def words(language: str) -> Any:
    """The words tables and charts of `language` use."""
    return data("topics.json")[language]


def measures(language: str, count: int, rng: Random) -> list[Measure]:
    """`count` different measures."""
    drawn = rng.sample(words(language)["measures"], count)
    currency = {"pl": "PLN", "sv": "SEK", "da": "DKK"}.get(language, "EUR")
    return [
        Measure(name, currency if unit == "cur" else unit, low, high, places) for name, unit, low, high, places in drawn
    ]


def dimension(language: str, key: str, count: int, rng: Random) -> list[str]:
    """Up to `count` different values of a dimension, in the order they are told: key is one of country, month, year,
    quarter, city, sector and age.
    """
    locale = _locale(language)
    if key == "country":
        names = [locale.territories[code] for code in rng.sample(_COUNTRIES, min(count, len(_COUNTRIES)))]
        return sorted(names) if rng.random() < 0.6 else names
    if key == "month":
        form = rng.choice(("abbreviated", "wide"))
        start = rng.randint(0, max(0, 12 - count)) if count < 12 else 0
        names = [locale.months["stand-alone"][form][number] for number in range(1, 13)]
        return names[start : start + count]
    if key == "year":
        first, step = rng.randint(1985, 2025 - min(count, 30)), rng.choice((1, 1, 1, 5)) if count < 7 else 1
        return [str(first + place * step) for place in range(count) if first + place * step < 2027]
    if key == "quarter":
        first, shape = rng.randint(2012, 2022), rng.choice(("Q{q} {y}", "Q{q}/{yy}", "{y}Q{q}"))
        return [
            shape.format(q=place % 4 + 1, y=first + place // 4, yy=f"{(first + place // 4) % 100:02d}")
            for place in range(count)
        ]
    if key == "city":
        cities = sorted(
            {city.split("|")[0] for place in PLACES_OF[language] for city in data("places.json")[place]["cities"]}
        )
        return rng.sample(cities, min(count, len(cities)))
    if key == "age":
        edges = (0, 6, 15, 18, 25, 35, 45, 55, 65, 75, 85)[: count + 1]
        return [f"{low}–{high - 1}" for low, high in pairwise(edges)]
    return rng.sample(words(language)["sectors"], min(count, len(words(language)["sectors"])))
