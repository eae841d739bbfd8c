"""Values as data sets spell them: printed amounts, counts and dates."""

from __future__ import annotations

import datetime as dt
import re

_SIGNS = re.compile(r"[^\d.,\-]")
_DATE = re.compile(r"\s*(\d{1,4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{2,4})")


def amount(text: str) -> float | None:
    """The number that "RM 9.00", "75,000" or "1.591.600" prints; None if it prints none.

    The last of two different marks is the decimal one. A lone kind of mark before groups of exactly
    three digits separates thousands.
    """
    plain = _SIGNS.sub("", text).strip(".,")
    if not re.search(r"\d", plain):
        return None
    mark = max(plain.rfind("."), plain.rfind(","))
    if mark >= 0:
        other = "," if plain[mark] == "." else "."
        groups = plain.split(plain[mark])
        if other not in plain and all(len(group) == 3 for group in groups[1:]):
            plain = "".join(groups)
        else:
            plain = plain[:mark].replace(".", "").replace(",", "") + "." + plain[mark + 1 :]
    try:
        return float(plain)
    except ValueError:
        return None


def iso_date(text: str) -> str | None:
    """The date that a text begins with, day before month, as ISO; None if it is none or has its month in words."""
    found = _DATE.match(text)
    if not found:
        return None
    first, month, last = (int(part) for part in found.groups())
    year, day = (first, last) if len(found[1]) == 4 else (last, first)
    try:
        return dt.date(year + 2_000 if year < 100 else year, month, day).isoformat()
    except ValueError:
        return None
