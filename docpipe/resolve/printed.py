"""Amounts and moments as documents print them."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import currencies_of
from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.numbers import DecimalMark, parse_number
from docpipe.literals.text import MAX_CHARS, folded
from docpipe.literals.times import HALVES, undotted

_WORDS = all_languages()
_OPEN_GROUP = re.compile(r"\d{1,3}[.,]\d{3}(?!\d)")
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


def printed_number(text: str, mark: DecimalMark | None, scale: int | None) -> Amount | None:
    """The number printed in `text`, or None.

    "1.234" without a decimal mark to go by is a thousand; two readings remain only if `scale` would
    take three decimals.
    """
    value = parse_number(text, mark)
    if value is None:
        return None
    codes = currencies_of("".join(re.findall(r"[^\d\s.,'()+%-]+", text)))
    currency = codes[0] if len(codes) == 1 else ""
    group = _OPEN_GROUP.search(text) if mark is None and (scale is None or scale > 2) else None
    if group is None or value != value.to_integral_value() or len(re.findall(r"[.,]", text)) > 1:
        return Amount(value, None, currency)
    return Amount(value, parse_number(text, "," if "," in group[0] else "."), currency)


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
