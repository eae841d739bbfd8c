"""The words of human languages that docpipe reads by, one JSON file a language.

Each file has the keys of `Lexicon`, in its order, and spells words as documents print them; whoever uses a list folds
it as it folds the page. What the library of locales (CLDR) knows is not repeated here: names of months, days and
countries. Signs, codes and units are no language and stay with the code that reads them. How to add a language is
told in CONTRIBUTING.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from docpipe.literals.text import LANGUAGES, folded

Words = tuple[str, ...]

_FOLDER = Path(__file__).parent
_GAP = re.compile(r"[\s-]+|\.\s*|'")
_GAPS = {"'": r"\W?", ".": r"\.?\s*"}  # an apostrophe and a dot may be missing; so may the space or hyphen of a phrase


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of one language, or of all of them together. A list is empty where the language has no such word."""

    yes: Words
    no: Words
    nothing: Words  # in the place of a value: there is none
    months: Mapping[str, int]  # spellings that CLDR has not -> 1..12
    date_fillers: Words  # between day, month and year: "5 de marzo de 2024", "March 5th"
    at_time: Words  # between a date and its time of day
    o_clock: Words  # behind a time of day
    before_noon: Words
    after_noon: Words
    countries: Mapping[str, str]  # short names that CLDR has not -> ISO 3166 code
    not_countries: Words  # names of countries that are towns, states or cloth more often
    carried_forward: Words  # a sum carried from page to page, whatever the figures say
    running_sum: Words  # a sum of what stands above, or a charge or a document: the figures decide
    other_sums: Words  # what an amount is named that is no price, tax or total: a fee, a discount, a tip
    suggested: Words  # of amounts that nobody has paid yet: "Suggested tips"
    paid: Words  # before how an amount was paid, or alone: "Amount paid", "Paid by Visa"
    your: Words  # whose number a key says it is: the recipient's
    our: Words  # the issuer's
    street_after_number: Words  # "12 rue Haute": what such a line begins with is no postal code
    street: Words  # and other words of an address that say where in a town
    street_endings: Words  # "Hauptstraße"
    post_boxes: Words  # where mail waits for its addressee: a line of an address that a number follows
    papers: Words  # what a document calls itself or its sheets: no name of a party
    salutations: Words  # a letter begins with
    courtesies: Words  # stand in front of a name, or on the line above it
    contact: Words
    attention: Words  # "for the attention of"
    legal_forms: Words  # of companies, without dots
    connectives: Words  # a name does not end with one, nor does it begin with one
    slips: Words  # what a receipt calls itself, or which of its copies it is
    greetings: Words  # how a remark to customers begins
    registers: Words  # before the number of a company or of its tax
    accounts: Words  # words for an account, with a customer or at a bank
    bank_details: Words  # stand beside the number of an account at a bank
    banks: Words  # the word in a bank's name; also the end of a longer one
    durations: Words  # units of time: "14 days" is how long, and no number of anything
    times: Words  # between a count and a price: "3 à 4,50"
    number: Words  # "No.", of an identifier's key
    number_endings: Words  # "Rechnungsnummer"
    label_fillers: Words  # "Total in EUR"
    date_labels: Words  # the bare word for a date
    total_labels: Words  # the bare word for a total
    identifier_labels: Words  # words in labels of fields that the schema says no type of
    rate_labels: Words  # here and below: also parts of such words
    name_labels: Words
    address_labels: Words
    address_parts: Words  # keys of the lines of an address that is printed as a form
    quantity_labels: Words
    general_names: Words  # names of fields that documents print for many things
    unit_words: Words  # at the end of a field's name
    sentence_words: Words  # make a description an instruction or a condition
    articles: Words
    credit_marks: Words  # behind an amount: it is in favour of whom the document is for; one letter in statements only
    debit_marks: Words  # behind an amount: it is owed
    account_statement: Words  # calls a document a statement of a bank account
    table_captions: Words  # a table's caption begins with one, before its number: "Table 3"


@lru_cache(maxsize=len(LANGUAGES))
def lexicon(language: str) -> Lexicon:
    """The words of one of LANGUAGES."""
    stored: dict[str, Any] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    typed: dict[str, Any] = {key: words if isinstance(words, dict) else tuple(words) for key, words in stored.items()}
    return Lexicon(**typed)


@lru_cache(maxsize=1)
def all_languages() -> Lexicon:
    """The words of all LANGUAGES together, each once: documents do not say which language they are in."""
    each = [lexicon(language) for language in LANGUAGES]
    return Lexicon(**{key.name: _together([getattr(words, key.name) for words in each]) for key in fields(Lexicon)})


def _together(lists: Iterable[Any]) -> Any:
    first, *others = lists
    if isinstance(first, Mapping):
        return {word: meaning for words in (first, *others) for word, meaning in words.items()}
    return tuple(dict.fromkeys(word for words in (first, *others) for word in words))


def any_of(words: Iterable[str], *, inside: bool = False) -> str:
    """A regular expression for any of `words` in text that is `folded`; `inside`: also as the end of a longer word.

    Dots, apostrophes, and the spaces and hyphens of a phrase may be missing.
    """
    patterns = sorted({_pattern(folded(word)) for word in words}, key=len, reverse=True)
    whole = "|".join(pattern + (r"\b" if pattern[-1].isalnum() else "") for pattern in patterns)
    return rf"(?:{whole})" if inside else rf"\b(?:{whole})"


def _pattern(word: str) -> str:
    plain = word.rstrip(".")
    parts = _GAP.split(plain)
    gaps = (_GAPS.get(gap[0], r"[\s-]*") for gap in _GAP.findall(plain))
    return "".join(re.escape(part) + gap for part, gap in zip(parts, (*gaps, ""), strict=True))
