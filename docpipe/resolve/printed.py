"""Words and forms that documents print for nothing, yes and no, for amounts and for moments."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import currencies_of
from docpipe.literals.numbers import DecimalMark, parse_number

NOTHING = frozenset(
    {"", "-", "--", "---", "—", "–", "/", "./.", "n/a", "na", "n.a.", "n.a", "none", "null", "nil", "k.a.", "k. a.",
     "entfällt", "n.v.t.", "nvt", "s.o.", "s/o", "n/d", "n.d.", "sin datos", "néant", "not applicable", "not available",
     "nicht zutreffend", "sans objet", "no aplica", "non applicabile", "niet van toepassing", "não aplicável"}
)  # fmt: skip
BOOLEANS = {
    **dict.fromkeys(
        (
            "true",
            "yes",
            "y",
            "x",
            "[x]",
            "(x)",
            "ja",
            "oui",
            "sí",
            "si",
            "sì",
            "sim",
            "wahr",
            "vrai",
            "verdadero",
            "vero",
            "waar",
            "verdadeiro",
            "☑",
            "☒",
            "✓",
            "✔",
            "🗹",
            "🗸",
            "on",
        ),
        True,
    ),
    **dict.fromkeys(
        (
            "false",
            "no",
            "n",
            "[]",
            "[ ]",
            "( )",
            "nein",
            "non",
            "nee",
            "não",
            "falsch",
            "faux",
            "falso",
            "onwaar",
            "☐",
            "□",
            "off",
        ),
        False,
    ),
}  # fmt: skip  (a lone cross "✗" means yes in a box and no in a list: it stays unread)

_OPEN_GROUP = re.compile(r"\d{1,3}[.,]\d{3}(?!\d)")
_MOMENT = re.compile(r"(.*\d)(?:,?\s+(?:at|um|à|a las|alle|om|às)?\s*|T)(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?\s*(.*)\Z")
_HALVES = {"am": 0, "a.m.": 0, "pm": 12, "p.m.": 12}


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
    match = _MOMENT.match(text[:64])
    date = conventions.date(match[1].rstrip(",")) if match else None
    if match is None or date is None or date.ambiguous:
        return None
    half = match[5].strip().lower()
    if half not in ("", "uhr", "h", "utc", "z", *_HALVES):
        return None
    hour = int(match[2])
    if half in _HALVES:
        hour = hour % 12 + _HALVES[half] if 1 <= hour <= 12 else 24
    try:
        return dt.datetime(
            date.date.year, date.date.month, date.date.day, hour, int(match[3]), int(match[4] or 0), tzinfo=dt.UTC
        )
    except ValueError:
        return None
