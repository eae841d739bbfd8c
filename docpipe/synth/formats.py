"""How a company prints numbers, money and dates. One style is drawn a document and kept throughout it, as in real
life.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import Final

from babel.dates import get_month_names


@lru_cache(maxsize=32)  # languages
def months(language: str) -> tuple[str, ...]:
    """The twelve months as they stand beside a day (CLDR)."""
    names = get_month_names("wide", context="format", locale=language)
    return tuple(str(names[number]) for number in range(1, 13))


_SYMBOLS: Final = {
    "EUR": "€", "GBP": "£", "USD": "$", "CHF": "Fr.", "PLN": "zł", "SEK": "kr", "DKK": "kr.",
    "MYR": "RM", "SGD": "$", "INR": "Rs", "PHP": "P", "HKD": "HK$", "AUD": "$", "NZD": "$", "CAD": "$", "JPY": "¥",
    "TWD": "NT$", "AED": "AED", "ZAR": "R", "MXN": "$", "COP": "$", "CLP": "$", "ARS": "$", "PEN": "S/", "BRL": "R$",
}  # fmt: skip


def names_currency(text: str, code: str) -> bool:
    """Whether `text` names the currency `code`: by the code, its sign, or "euro" in words."""
    names = [code, _SYMBOLS[code].rstrip("."), *(("EURO", "EUROS") if code == "EUR" else ())]
    marks = "|".join(re.escape(name) for name in names)
    return re.search(rf"(?<![^\W\d])(?:{marks})(?![^\W\d])", text) is not None


@dataclass(frozen=True)
class Numbers:
    """Separators of a number and the way a negative one is marked: front "-5", back "5-", or brackets "(5)"."""

    group: str
    point: str
    minus: str

    def text(self, value: Decimal, places: int) -> str:
        """`value` with exactly `places` decimals."""
        whole, _, rest = f"{abs(value):,.{places}f}".partition(".")
        body = whole.replace(",", self.group) + (self.point + rest if rest else "")
        if value >= 0:
            return body
        return {"front": f"-{body}", "back": f"{body}-", "brackets": f"({body})"}[self.minus]

    def quantity(self, value: Decimal, padded: bool) -> str:
        """`value` with its own decimals, or with at least two where `padded`."""
        exponent = value.normalize().as_tuple().exponent
        own = max(0, -exponent) if isinstance(exponent, int) else 0
        return self.text(value, max(2, own) if padded else own)


def draw_numbers(language: str, country: str, rng: Random) -> Numbers:
    """A number style that companies of `country` use; Swiss ones group with an apostrophe."""
    common = {
        "en": ((",", "."), ("", ".")),
        "fr": ((" ", ","), ("\u00a0", ","), (".", ","), ("", ",")),
        "de": ((".", ","), ("", ",")),
        "pl": ((" ", ","), ("\u00a0", ","), ("", ",")),
        "sv": ((" ", ","), ("\u00a0", ","), ("", ",")),
    }
    pairs = common.get(language, ((".", ","), (".", ","), ("", ",")))
    if country == "CH":
        pairs = (("'", "."), ("’", "."), (" ", "."))
    group, point = rng.choice(pairs)
    return Numbers(
        group,
        point,
        rng.choices(("front", "back", "brackets"), (8, 1 if language == "de" else 0, 1 if language == "en" else 0))[0],
    )


@dataclass(frozen=True)
class Money:
    """Currency beside the amounts: `mark` is the text, `place` before, after or none, `gap` what stands between."""

    code: str
    mark: str
    place: str
    gap: str
    in_cells: bool

    def with_mark(self, amount: str) -> str:
        """`amount` with the currency mark in its place."""
        if self.place == "none":
            return amount
        if self.place == "after":
            return amount + self.gap + self.mark
        if not self.gap and amount.startswith("-"):
            return f"-{self.mark}{amount[1:]}"
        return self.mark + self.gap + amount


def draw_money(code: str, language: str, rng: Random) -> Money:
    """A way to print the currency `code`. With place "none" the currency has to be said elsewhere, and may not be."""
    symbol = rng.random() < 0.6
    mark = _SYMBOLS[code] if symbol else code
    before = {"en": 0.9, "nl": 0.8, "it": 0.5}.get(language, 0.15) > rng.random()
    if rng.random() < 0.14:
        return Money(code, mark, "none", "", False)
    gap = "" if before and symbol and language == "en" and code != "CHF" else " "
    return Money(code, mark, "before" if before else "after", gap, rng.random() < 0.4)


@dataclass(frozen=True)
class Dates:
    """A date format: `pattern` is one of the names in `text`."""

    pattern: str
    language: str

    def text(self, day: date) -> str:
        """`day` as printed."""
        month = months(self.language)[day.month - 1]
        match self.pattern:
            case "long":
                return self._long(day, month)
            case "us_long":
                return f"{month} {day.day}, {day.year}"
            case "us_short":
                return f"{month[:3]} {day.day}, {day.year}"
            case "dashed":
                return f"{day.day:02d}-{month[:3].upper() if self.language == 'en' else month[:3]}-{day.year}"
            case "plain":
                return f"{day.day}.{day.month}.{day.year}"
        return day.strftime(self.pattern)

    def _long(self, day: date, month: str) -> str:
        if self.language in ("de", "da"):
            return f"{day.day}. {month} {day.year}"
        if self.language in ("es", "pt"):
            return f"{day.day} de {month} de {day.year}"
        return f"{'1er' if self.language == 'fr' and day.day == 1 else day.day} {month} {day.year}"


def draw_dates(language: str, country: str, rng: Random) -> Dates:
    """A date format usual in `country`; ambiguous orders follow the country, so a reader who knows it can tell."""
    slashed, dotted, hyphens = "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"
    by_country = {"US": ("%m/%d/%Y", "%m/%d/%Y", "us_long", "us_short", "%m-%d-%Y", "%Y-%m-%d")}
    by_language = {
        "en": (slashed, "long", dotted, "dashed", "%d %b %Y", "%Y-%m-%d"),
        "de": (dotted, dotted, "plain", "long", "%d.%m.%y", "%Y-%m-%d"),
        "fr": (slashed, slashed, "long", dotted, "%d/%m/%y", "%Y-%m-%d"),
        "es": (slashed, slashed, hyphens, "long", "%d/%m/%y"),
        "it": (slashed, slashed, hyphens, "long", dotted),
        "nl": (hyphens, hyphens, "long", slashed, "%d-%m-%y"),
        "pt": (slashed, hyphens, "%Y-%m-%d", "long", dotted),
        "pl": (dotted, dotted, "%Y-%m-%d", hyphens, "long"),
        "sv": ("%Y-%m-%d", "%Y-%m-%d", "%y%m%d", "long"),
        "da": (hyphens, dotted, "plain", "long", slashed),
    }
    return Dates(rng.choice(by_country.get(country, by_language[language])), language)
