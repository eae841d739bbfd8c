"""JSON's numbers and objects held to limits: exact, finite, bounded, each name once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NoReturn

from docpipe.errors import DecodeError

MAX_DEPTH = 64
MAX_DIGITS = 60  # of one number; decimal128 holds 38
MAX_EXPONENT = 60


def number(digits: str) -> Decimal:
    """A JSON number with a point or an exponent. Raises DecodeError beyond MAX_DIGITS or MAX_EXPONENT."""
    mantissa, _, exponent = digits.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or len(exponent) > 4 or abs(int(exponent or 0)) > MAX_EXPONENT:
        raise DecodeError(f"a number of {len(digits)} characters is out of bounds: {digits[:20]}...")
    return Decimal(digits)


def integer(digits: str) -> int:
    """A JSON number of digits only. Raises DecodeError beyond MAX_DIGITS."""
    if len(digits) > MAX_DIGITS:
        raise DecodeError(f"a number of {len(digits)} digits is out of bounds: {digits[:20]}...")
    return int(digits)


def refuse(constant: str) -> NoReturn:
    """NaN and the infinities. Raises DecodeError."""
    raise DecodeError(f"{constant} is not a JSON number")


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of one object. Raises DecodeError for a name that stands twice."""
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise DecodeError(f"{name!r} stands twice in one object")
        members[name] = value
    return members


def plain(value: Decimal) -> Decimal:
    """Without an exponent and without zeros that say nothing: 1.230 and 1.23 are one value."""
    text = f"{value:f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
