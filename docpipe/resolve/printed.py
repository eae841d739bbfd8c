"""Amounts and moments as documents print them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import CENTS, currencies_of
from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.text import MAX_CHARS, folded
from docpipe.literals.times import HALVES, undotted
from docpipe.schema.nodes import Node

_WORDS = all_languages()
_MOMENT = re.compile(
    rf"(.*\d)(?:,?\s+(?:{any_of(_WORDS.at_time)}\.?)?\s*|t)(\d{{1,2}})[:.h](\d{{2}})(?:[:.](\d{{2}}))?\s*(.*)\Z"
)
_O_CLOCK = frozenset(("", "utc", "z", *map(folded, _WORDS.o_clock)))


@dataclass(frozen=True, slots=True)
class Amount:
    """A printed number; `other` is its second reading where nothing tells a group from decimals."""

    value: Decimal
    other: Decimal | None = None
    currency: str = ""


def printed_number(text: str, conventions: Conventions, node: Node) -> Amount | None:
    """The number printed in `text`, or None.

    "1.234" has two readings where nothing settles whether its mark is a decimal one and the field takes three decimals.
    """
    value = conventions.number(text, money=node.type == "money")
    if value is None:
        return None
    codes = currencies_of("".join(re.findall(r"[^\d\s.,'()+%-]+", text)))
    currency = codes[0] if len(codes) == 1 else ""
    fine = node.scale is None or node.scale > CENTS
    return Amount(value, conventions.other_reading(text, money=node.type == "money") if fine else None, currency)


def printed_datetime(text: str, conventions: Conventions) -> dt.datetime | None:
    """A printed date with its time of day, taken as UTC as a bare ISO one is; None without a time or in doubt."""
    match = _MOMENT.match(folded(text[:MAX_CHARS]))
    date = conventions.date(match[1].rstrip(",")) if match else None
    if match is None or date is None or date.ambiguous:
        return None
    half = undotted(match[5])
    if half not in _O_CLOCK and half not in HALVES:
        return None
    hour = int(match[2])
    if half in HALVES:
        hour = hour % 12 + HALVES[half] if 1 <= hour <= 12 else 24
    try:
        return dt.datetime(
            date.date.year, date.date.month, date.date.day, hour, int(match[3]), int(match[4] or 0), tzinfo=dt.UTC
        )
    except ValueError:
        return None
