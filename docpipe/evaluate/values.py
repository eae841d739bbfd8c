"""When two values are one: amounts by their number, dates as ISO 8601, text by its letters and digits."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

AMOUNT_TOLERANCE = Decimal("0.01")
_NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


def same(truth: Any, found: Any) -> bool:
    """Whether two values are one: amounts to 0.01, dates as ISO, text by its letters and digits.

    Text is compared after NFKC and case folding without anything but letters and digits; text that
    has neither (a lone currency sign) is compared as it is. True and False equal only themselves.
    """
    if isinstance(truth, bool) or isinstance(found, bool):
        return truth is found
    if isinstance(truth, int | float | Decimal):
        number = _number(found)
        return number is not None and abs(Decimal(str(truth)) - number) <= AMOUNT_TOLERANCE
    wanted, text = as_text(truth), as_text(found)
    return wanted == text or folded(wanted) == folded(text)


def as_text(value: Any) -> str:
    """A value as a reader would type it: ISO dates, numbers without trailing zeros, text as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        number = _number(value)
        return str(value) if number is None else format(number.normalize() + 0, "f")
    return str(value)


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@lru_cache(maxsize=65_536)
def folded(text: str) -> str:
    """The letters and digits of `text` after NFKC and case folding; its other signs if it has neither."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return _NOT_ALPHANUMERIC.sub("", plain) or plain.strip()
