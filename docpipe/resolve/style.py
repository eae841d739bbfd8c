"""How a document writes its numbers, dates and currencies, and where it is from: read off its own words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache

from docpipe.literals.currencies import CURRENCY_HINT, currencies_of
from docpipe.literals.dates import PrintedDate, infer_day_first, parse_date
from docpipe.literals.identifiers import iban_valid, vat_id_shaped
from docpipe.literals.numbers import DecimalMark, decimal_mark
from docpipe.literals.text import LANGUAGES, MAX_CHARS, folded

MONTH_FIRST = frozenset({"US", "PH", "FM", "MH", "PW"})  # CLDR short dates M/d/y
MAX_NAME_WORDS = 4  # of a country: "Bosnia and Herzegovina", "États-Unis d'Amérique"
MAX_IBAN_WORDS = 9

_PUNCTUATED = re.compile(r"\d[.,]\d")


class Style:
    """What `texts` (words of the pages, or the strings of an answer) tell; each part is found when first asked for.

    `mark` and `day_first` overrule the texts where they are given.
    """

    def __init__(
        self, texts: Sequence[str] = (), mark: DecimalMark | None = None, day_first: bool | None = None
    ) -> None:
        self._texts = texts
        self._mark = mark
        self._day_first = day_first

    @cached_property
    def mark(self) -> DecimalMark | None:
        """The decimal mark, or None if nothing tells."""
        return self._mark or decimal_mark(text for text in self._texts if _PUNCTUATED.search(text))

    @cached_property
    def day_first(self) -> bool | None:
        """Whether the day stands before the month: by the other dates, else by country, else by currency."""
        if self._day_first is not None:
            return self._day_first
        told = infer_day_first(self._texts)
        if told is not None:
            return told
        orders = {country not in MONTH_FIRST for country in self.countries}
        if len(orders) != 1:  # none, or a seller and a buyer who write differently
            orders = {code not in ("USD", "PHP") for code in self.currencies}
        return orders.pop() if len(orders) == 1 else None

    @cached_property
    def countries(self) -> frozenset[str]:
        """ISO 3166 codes: of tax numbers, accounts and names of countries."""
        return frozenset(_countries(self._texts))

    @cached_property
    def currencies(self) -> frozenset[str]:
        """ISO 4217 codes that are printed, as codes or by a sign that only one currency has."""
        named = (currencies_of(hint) for text in self._texts for hint in CURRENCY_HINT.findall(text[:MAX_CHARS]))
        return frozenset(codes[0] for codes in named if len(codes) == 1)

    def date(self, text: str) -> PrintedDate | None:
        """The date printed in `text`; ambiguous only where the document leaves its order open."""
        found = parse_date(text)
        if found is None or not found.ambiguous or self.day_first is None:
            return found
        return parse_date(text, self.day_first)

    def currency(self, candidates: Sequence[str]) -> str | None:
        """The one of `candidates` that the document is about: its code is printed, or it is that of its countries."""
        printed = self.currencies.intersection(candidates)
        if len(printed) == 1:
            return next(iter(printed))
        local = {_money_of(country) for country in self.countries}.intersection(candidates)
        return next(iter(local)) if len(local) == 1 and not printed else None


def _countries(texts: Sequence[str]) -> Iterator[str]:
    names = country_names()
    words = [folded(text).strip(",.;:()") for text in texts]
    named = 0  # where the last name ends: the Guinea of Papua New Guinea is no country of its own
    for start, (text, word) in enumerate(zip(texts, words, strict=True)):
        if vat_id_shaped(text):
            yield {"EL": "GR", "XI": "GB"}.get(text[:2], text[:2])
        elif len(text) >= 4 and text[:2].isupper() and text[2:4].isdigit():
            if any(iban_valid("".join(texts[start : start + count])) for count in range(1, MAX_IBAN_WORDS + 1)):
                yield text[:2]
        elif start >= named and word in names.firsts:
            for count in range(MAX_NAME_WORDS, 0, -1):
                country = names.codes.get(" ".join(words[start : start + count]))
                if country:
                    yield country
                    named = start + count
                    break


class CountryNames:
    """Folded names of countries in LANGUAGES -> ISO 3166 code, and the words that such names begin with."""

    def __init__(self, codes: Mapping[str, str]) -> None:
        self.codes = codes
        self.firsts = frozenset(name.split()[0] for name in codes)


@lru_cache(maxsize=1)
def country_names() -> CountryNames:
    """The names of CLDR, with the short forms that addresses print."""
    from babel import Locale

    found = {"usa": "US", "u.s.a": "US", "uk": "GB", "u.k": "GB", "england": "GB", "scotland": "GB", "wales": "GB"}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and len(str(name)) > 3:
                found.setdefault(folded(str(name)), code)
                found.setdefault(folded(str(name).replace("&", "and")), code)
    del found["jersey"], found["georgia"]  # towns, states and cloth
    return CountryNames(found)


@lru_cache(maxsize=300)
def _money_of(country: str) -> str:
    from babel.numbers import get_territory_currencies

    return next(iter(get_territory_currencies(country)), "")
