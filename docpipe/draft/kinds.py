"""The type that printed values have in common: dates, amounts, whole numbers, codes, ... or plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from docpipe.literals.captions import ConceptKind
from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import iso_codes
from docpipe.literals.dates import parse_date
from docpipe.literals.identifiers import compact, iban_valid
from docpipe.literals.phrases import parse_boolean

ValueKind = Literal[
    "boolean", "currency", "date", "email", "iban", "identifier", "integer", "money", "number", "rate", "string"
]

MOSTLY = 0.8  # of the values have the type; the others are misread, or parts of something else
CODE_DIGITS = 5  # a whole number of so many digits and no marks is a number of something
MOST_CODE_WORDS = 3

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_WHOLE = re.compile(r"-?\d+")
_CODE = re.compile(r"[#]?[\w./-]*\d[\w./-]*")
_UNIT = re.compile(r"(.*\d) ?[^\W\d]{1,4}[23²³]?")  # "748 kWh"

_FITTING: dict[ConceptKind, frozenset[ValueKind]] = {
    "date": frozenset(("date",)),
    "money": frozenset(("money", "number", "integer")),
    "number": frozenset(("integer", "number", "money")),
    "rate": frozenset(("rate", "number", "integer", "money")),
    "year": frozenset(("integer", "identifier")),
    "iban": frozenset(("iban", "identifier")),
    "email": frozenset(("email",)),
    "name": frozenset(("string",)),
    "address": frozenset(("string",)),
    "phone": frozenset(("string", "identifier", "integer", "number")),
    "time": frozenset(("string", "identifier")),
    "identifier": frozenset(("identifier", "integer", "string")),
    "account": frozenset(("identifier", "integer", "iban", "string")),
    "code": frozenset(("identifier", "integer", "string", "currency")),
}
_TEXTS: frozenset[ValueKind] = frozenset(("string", "identifier", "integer", "boolean", "currency", "date", "number"))


def kind_of(values: Sequence[tuple[str, Conventions]]) -> ValueKind:
    """The narrowest type that most of the values have, each read as its own document writes."""
    for kind, is_one in _TESTS:
        if _share(is_one(text.strip(), style) for text, style in values) >= MOSTLY:
            return kind
    return "string"


def fits(concept: ConceptKind, kind: ValueKind) -> bool:
    """Whether values of a type may be those of a concept of that kind."""
    return kind in _FITTING.get(concept, _TEXTS)


def in_concept(concept: ConceptKind, kind: ValueKind) -> ValueKind:
    """The type that values have that are known to be of a concept: a number of something is text."""
    if concept in ("identifier", "account"):
        return "iban" if kind == "iban" else "identifier"
    if concept in ("code", "phone", "time", "text", "name", "address"):
        stays = ("currency", "identifier") if concept == "code" else ("iban", "email", "currency")
        return kind if kind in stays else "string"
    if concept == "rate":
        return "rate"
    if concept == "year":
        return "integer" if kind == "integer" else "string"
    return "number" if concept == "number" and kind == "money" else kind


def _share(verdicts: Iterable[bool]) -> float:
    found = list(verdicts)
    return sum(found) / len(found) if found else 0.0


def _is_date(text: str, _: Conventions) -> bool:
    return any(char.isdigit() for char in text) and parse_date(text) is not None


def _is_rate(text: str, style: Conventions) -> bool:
    return text.endswith("%") and style.number(text) is not None


def _is_money(text: str, style: Conventions) -> bool:
    return style.shows_decimals(text) and _amount(text, style)


def _amount(text: str, style: Conventions) -> bool:
    return not text.endswith("%") and style.number(text, money=True) is not None


def _is_integer(text: str, _: Conventions) -> bool:
    whole = _without_unit(text)
    plain = whole.lstrip("-")
    leading_zero = len(plain) > 1 and plain.startswith("0")
    return _WHOLE.fullmatch(whole) is not None and not leading_zero and len(plain) < CODE_DIGITS


def _is_number(text: str, style: Conventions) -> bool:
    whole = _without_unit(text)
    long_code = whole.isdigit() and (len(whole) >= CODE_DIGITS or whole.startswith("0"))
    return not long_code and not text.endswith("%") and style.number(whole) is not None


def _without_unit(text: str) -> str:
    found = _UNIT.fullmatch(text)
    return found[1].strip() if found else text


def _is_code(text: str, _: Conventions) -> bool:
    words = text.split()
    if not 0 < len(words) <= MOST_CODE_WORDS or not any(char.isdigit() for char in text):
        return False
    return all(_CODE.fullmatch(word) or (word.isupper() and word.isalnum()) for word in words)


_TESTS: tuple[tuple[ValueKind, Callable[[str, Conventions], bool]], ...] = (
    ("iban", lambda text, _: iban_valid(compact(text))),
    ("email", lambda text, _: _EMAIL.fullmatch(text) is not None),
    ("currency", lambda text, _: text in iso_codes()),
    ("boolean", lambda text, _: parse_boolean(text) is not None and not any(char.isdigit() for char in text)),
    ("date", _is_date),
    ("rate", _is_rate),
    ("money", _is_money),
    ("integer", _is_integer),
    ("number", _is_number),
    ("identifier", _is_code),
)
