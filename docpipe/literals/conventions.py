"""How a document writes its numbers, dates and currencies, and where it is from: one judge for every room.

Whoever reads a document and whoever checks what was read ask this judge of the same pages, so that the two cannot
disagree. See docs/decisions/0011-one-judge-of-conventions.md for the order of the evidence.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property, lru_cache

from docpipe.literals.amounts import Amounts
from docpipe.literals.currencies import CODES_THAT_ARE_WORDS, Sign, currencies_of, signs_in
from docpipe.literals.dates import PrintedDate, infer_day_first, parse_date
from docpipe.literals.identifiers import iban_valid, vat_id_shaped
from docpipe.literals.lexicon import all_languages
from docpipe.literals.numbers import DecimalMark, parse_number
from docpipe.literals.origins import american, reached, shaped
from docpipe.literals.text import KEY_GLUED_TO_VALUE, LANGUAGES, folded
from docpipe.records import Page

AMOUNT_WEIGHT = 5  # a currency beside an amount counts this much more than one in other text
MONTH_FIRST_COUNTRIES = frozenset({"US", "PH", "FM", "MH", "PW"})  # CLDR short dates M/d/y
MONTH_FIRST_CURRENCIES = frozenset({"USD", "PHP"})
CENTS_WORDS = 3  # amounts with two decimals show that amounts have them
MONEY_YEARS = (dt.date(2012, 1, 1), dt.date(2030, 1, 1))  # a country that changes its money in them had two
MAX_NAME_WORDS = 4  # of a country: "Bosnia and Herzegovina", "États-Unis d'Amérique"
MAX_IBAN_WORDS = 9

_AMOUNT_WITH_CENTS = re.compile(r"[^\d%]{0,4}\d{1,3}(?:[.,' ]?\d{3})*[.,]\d\d[^\d%]{0,4}")
_DOLLAR_CODE = re.compile(r"\(([A-Z]{3})\$?\)|\b([A-Z]{3}) ?\$? ?\d+[.,]\d\d\b")
_CENTS = re.compile(r"\d[.,]\d{2}(?![\d.,])")
_MILLS = re.compile(r"(?<!\d)\d{1,3}[.,]\d{3}(?!\d)")


class Conventions:
    """What the words of `lines` tell; each part is found when first asked for.

    `mark` and `day_first` overrule the words where they are given.
    """

    def __init__(
        self, lines: Sequence[Sequence[str]] = (), mark: DecimalMark | None = None, day_first: bool | None = None
    ) -> None:
        self._lines = lines
        self._texts = [text for line in lines for text in line]
        self._mark = mark
        self._day_first = day_first

    @classmethod
    def of_pages(cls, pages: Iterable[Page]) -> Conventions:
        """What the visible words of `pages` tell; a key glued to its value ("Date:12.03.2024") counts as two words."""
        return cls([line for page in pages for line in _lines(page)])

    @cached_property
    def _amounts(self) -> Amounts:
        """How numbers and amounts are written."""
        return Amounts(self._lines, self._money, self._mark)

    @property
    def mark(self) -> DecimalMark | None:
        """The decimal mark: by the numbers that have one reading, else by the currency; None if nothing tells."""
        return self._amounts.mark

    @property
    def places(self) -> int:
        """How many decimals the amounts have."""
        return self._amounts.places

    def number(self, text: str, *, money: bool = False) -> Decimal | None:
        """The number printed in `text`; `money`: an amount, whose decimals are those of its currency."""
        return self._amounts.number(text, money=money)

    def other_reading(self, text: str, *, money: bool) -> Decimal | None:
        """The second reading of a number such as "1.234"; None where the document settles it."""
        return self._amounts.other_reading(text, money=money)

    def is_money(self, value: Decimal, scale: int | None) -> bool:
        """Whether `value` is printed with the decimals of an amount, in a field of that scale."""
        return self._amounts.is_money(value, scale)

    @property
    def are_whole(self) -> bool:
        """Whether amounts have no decimals here."""
        return self._amounts.are_whole

    def shows_decimals(self, text: str) -> bool:
        """Whether `text` prints the decimals of an amount."""
        return self._amounts.shows_decimals(text)

    @cached_property
    def prints_cents(self) -> bool:
        """Whether amounts have two decimals here: a whole number before other words is then a count of something."""
        return sum(1 for text in self._texts if _AMOUNT_WITH_CENTS.fullmatch(text)) >= CENTS_WORDS

    @cached_property
    def day_first(self) -> bool | None:
        """Whether the day stands before the month: by the other dates, else by country, else by currency."""
        if self._printed_order is not None:
            return self._printed_order
        orders = {code not in MONTH_FIRST_CURRENCIES for code in self._leading_currencies}
        return orders.pop() if len(orders) == 1 else None

    @cached_property
    def countries(self) -> frozenset[str]:
        """ISO 3166 codes: of tax numbers, accounts, names of countries and American states with their ZIP code; else of
        other postal codes; else of telephones and web addresses.
        """
        told = frozenset([*_countries(self._texts), *american(self._lines)])
        return told or frozenset(shaped(self._lines)) or frozenset(reached(self._lines))

    @cached_property
    def currencies(self) -> frozenset[str]:
        """ISO 4217 codes that are printed, as codes or by a sign that only one currency has."""
        return frozenset(sign.codes[0] for sign, _ in self._signs if len(sign.codes) == 1)

    @cached_property
    def currency(self) -> str | None:
        """The ISO 4217 code of the document's amounts: the one named most, those beside amounts first; None if none."""
        return self._leading_currencies[0] if self._leading_currencies else None

    @property
    def home_currency(self) -> str | None:
        """The ISO 4217 code of the money of the countries; None where there is none, or more than one, or a country
        that changed its money within the years that documents are from.
        """
        changed = any(_money_changed(country) for country in self.countries)
        return next(iter(self._local)) if len(self._local) == 1 and not changed else None

    @cached_property
    def _named_dollar(self) -> str | None:
        """Whose dollars a bare "$" means: those of a code at an amount, of the only dollar that a word names, or of the
        country where there is but one; None if nothing tells.
        """
        dollars = currencies_of("$")
        codes = (match[1] or match[2] for line in self._lines for match in _DOLLAR_CODE.finditer(" ".join(line)))
        at_amount = next((code for code in codes if code in dollars), None)
        if at_amount is not None:
            return at_amount
        words = (text.strip("()[],.:;") for text in self._texts)  # "D/AUD/PA-A" names no currency
        alone = {word for word in words if word in dollars}
        alone |= {sign.codes[0] for sign, _ in self._signs if len(sign.codes) == 1 and "$" in sign.text}
        if alone:
            return alone.pop() if len(alone) == 1 else None
        local = self._local.intersection(dollars)
        foreign = len(self._local) > 1 and "USD" not in local  # whoever has no dollars bills in those of America
        return next(iter(local)) if len(local) == 1 and not foreign else None

    def date(self, text: str) -> PrintedDate | None:
        """The date printed in `text`; ambiguous where the document leaves its order open, or a bare "$" alone tells."""
        found = parse_date(text)
        if found is None or not found.ambiguous or self.day_first is None:
            return found
        read = parse_date(text, self.day_first)
        return read and read._replace(ambiguous=self._is_guessed)

    def settled(self, candidates: Sequence[str]) -> str | None:
        """The one of `candidates`, the currencies of a shared sign, that the document is about; None if nothing tells.

        Its code or its own sign is printed, or it is the money of the countries.
        """
        if tuple(candidates) == currencies_of("$"):
            return self._named_dollar
        printed = self.currencies.intersection(candidates)
        if len(printed) == 1:
            return next(iter(printed))
        local = self._local.intersection(candidates)
        return next(iter(local)) if len(local) == 1 and not printed else None

    @cached_property
    def signs(self) -> frozenset[Sign]:
        """The codes and signs of currencies that are printed; those that are words elsewhere, beside amounts only."""
        return frozenset(sign for sign, _ in self._signs)

    @cached_property
    def _money(self) -> str | None:
        """The currency of the amounts where there is one: the one that is named, else that of the only country."""
        if self._leading_currencies:
            return self._leading_currencies[0] if len(self._leading_currencies) == 1 else None
        return next(iter(self._local)) if len(self._local) == 1 else None

    @cached_property
    def _signs(self) -> Sequence[tuple[Sign, bool]]:
        """Every code and sign of a currency, and whether an amount stands beside it."""
        signs = {text: found for text in set(self._texts) if (found := signs_in(text))}
        if not signs:
            return ()
        return [
            (sign, beside)
            for line in self._lines
            for at, text in enumerate(line)
            if text in signs
            for sign in signs[text]
            if (beside := _at_amount(line, at))
            or not sign.at_amount
            or sign.text in self._local
            or self._names_dinars(line, at)
            if sign.text not in CODES_THAT_ARE_WORDS or sign.text in self._local or self._names_dinars(line, at)
        ]

    def _names_dinars(self, line: Sequence[str], at: int) -> bool:
        """Whether "BHD" is money, and not the legal form "Sdn. Bhd.": numbers have three decimals, and none has two."""
        sdn = at > 0 and folded(line[at - 1]).startswith("sdn")
        return line[at].strip("()[].,:") == "BHD" and not sdn and self._prints_mills

    @cached_property
    def _prints_mills(self) -> bool:
        return not any(map(_CENTS.search, self._texts)) and any(map(_MILLS.search, self._texts))

    @cached_property
    def _local(self) -> frozenset[str]:
        """The money of the countries."""
        return frozenset(filter(None, map(_money_of, self.countries)))

    @cached_property
    def _is_guessed(self) -> bool:
        """Whether the order of day and month rests on a "$" that might be anybody's."""
        return self._printed_order is None and "USD" in self._leading_currencies and self._named_dollar is None

    @cached_property
    def _printed_order(self) -> bool | None:
        """`day_first` as it was given, by the other dates, or by the countries; None if none of them tells."""
        if self._day_first is not None:
            return self._day_first
        told = infer_day_first(self._texts)
        orders = {country not in MONTH_FIRST_COUNTRIES for country in self.countries} if told is None else {told}
        return orders.pop() if len(orders) == 1 else None  # none, or a seller and a buyer who write differently

    @cached_property
    def _leading_currencies(self) -> Sequence[str]:
        """The currencies with the most votes, in the order of their first print."""
        votes: Counter[str] = Counter()
        for sign, at_amount in self._signs:
            code = sign.codes[0] if len(sign.codes) == 1 else self.settled(sign.codes) or sign.codes[0]
            votes[code] += AMOUNT_WEIGHT if at_amount else 1
        most = max(votes.values(), default=0)
        return [code for code, count in votes.items() if count == most]


def _lines(page: Page) -> Iterator[list[str]]:
    line: list[str] = []
    block = number = -1
    for word in page.words:
        text = word.text
        if not word.visible or not text.strip():
            continue
        if word.line != number or word.block != block:
            if line:
                yield line
            line, block, number = [], word.block, word.line
        glued = KEY_GLUED_TO_VALUE.fullmatch(text) if ":" in text else None
        if glued is None:
            line.append(text)
        else:
            line += glued.groups()
    if line:
        yield line


def _at_amount(line: Sequence[str], at: int) -> bool:
    """Whether the word holds an amount, or stands before or behind one."""
    beside = (line[at], " ".join(line[at : at + 2]), " ".join(line[max(0, at - 1) : at + 1]))
    return any(parse_number(text) is not None for text in beside)


def _countries(texts: Sequence[str]) -> Iterator[str]:
    names = country_names()
    named = 0  # where the last name ends: the Guinea of Papua New Guinea is no country of its own
    for start, text in enumerate(texts):
        if text[:1].isdigit():
            continue
        if not text.isalpha() and vat_id_shaped(text):
            yield {"EL": "GR", "XI": "GB"}.get(text[:2], text[:2])
        elif text[2:4].isdigit() and len(text) >= 4 and text[:2].isupper():
            if any(iban_valid("".join(texts[start : start + count])) for count in range(1, MAX_IBAN_WORDS + 1)):
                yield text[:2]
        elif start >= named and _word_of_name(text) in names.firsts:
            words = [_word_of_name(word) for word in texts[start : start + MAX_NAME_WORDS]]
            for count in range(len(words), 0, -1):
                country = names.codes.get(" ".join(words[:count]))
                if country:
                    yield country
                    named = start + count
                    break


def _word_of_name(text: str) -> str:
    return folded(text).strip(",.;:()")


class CountryNames:
    """Folded names of countries in LANGUAGES -> ISO 3166 code, and the words that such names begin with."""

    def __init__(self, codes: Mapping[str, str]) -> None:
        self.codes = codes
        self.firsts = frozenset(name.split()[0] for name in codes)


@lru_cache(maxsize=1)
def country_names() -> CountryNames:
    """The names of CLDR, with the short forms that addresses print."""
    from babel import Locale

    words = all_languages()
    found = {folded(name).rstrip("."): code for name, code in words.countries.items()}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and len(str(name)) > 3:
                found.setdefault(folded(str(name)), code)
                found.setdefault(folded(str(name).replace("&", "and")), code)
    for name in set(map(folded, words.not_countries)):
        del found[name]
    return CountryNames(found)


@lru_cache(maxsize=300)
def _money_of(country: str) -> str:
    from babel.numbers import get_territory_currencies

    return next(iter(get_territory_currencies(country)), "")


@lru_cache(maxsize=300)
def _money_changed(country: str) -> bool:
    from babel.numbers import get_territory_currencies

    return len(get_territory_currencies(country, *MONEY_YEARS)) > 1
