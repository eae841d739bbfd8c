"""What a column can hold: the last word of validation, whatever a schema or a user's class lets pass."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from math import isfinite
from typing import Any

from docpipe.schema.nodes import INT64, MAX_DIGITS, MAX_STRING_CHARS, Node

MAX_EXPONENT = 309  # of a double: 1.8e308

_WIDE = Context(prec=2 * MAX_DIGITS)  # a quantized number of a column has fewer digits


def misfit(node: Node, value: Any) -> str:
    """Why the column of the scalar `node` cannot hold `value` exactly, in words; "" if it can, or if it is null."""
    return "" if value is None else _MISFIT[node.kind](node, value)


def in_utc(value: dt.datetime) -> dt.datetime:
    """`value` in UTC, a moment without a zone taken as UTC. Raises ValueError beyond the years 1 to 9999."""
    try:
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)
    except (OverflowError, ValueError):
        raise ValueError("lies beyond the years 1 to 9999 in UTC") from None


def _string(node: Node, value: Any) -> str:
    if not isinstance(value, str):
        return _not(node)
    if node.enum and value not in node.enum:
        return "is none of the allowed values"
    if len(value) > MAX_STRING_CHARS:
        return f"is longer than {MAX_STRING_CHARS} characters"
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return "holds half of a character (a lone surrogate)"
    return ""


def _integer(node: Node, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int):
        return _not(node)
    return "" if INT64[0] <= value <= INT64[1] else "lies beyond the numbers of 64 bits"


def _number(node: Node, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | float):
        return _not(node)
    number = Decimal(value)
    if not number.is_finite():
        return "is no finite number"
    if node.scale is None:
        return "" if number == 0 or (number.adjusted() < MAX_EXPONENT and isfinite(float(number))) else "is too large"
    if isinstance(value, float):
        return "is no exact number"
    if number and number.adjusted() >= MAX_DIGITS - node.scale:
        return f"has more than {MAX_DIGITS} digits with its {node.scale} decimal places"
    if number and number != number.quantize(Decimal(1).scaleb(-node.scale), context=_WIDE):
        return f"has more than {node.scale} decimal places"
    return ""


def _boolean(node: Node, value: Any) -> str:
    return "" if isinstance(value, bool) else _not(node)


def _date(node: Node, value: Any) -> str:
    return "" if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else _not(node)


def _datetime(node: Node, value: Any) -> str:
    if not isinstance(value, dt.datetime):
        return _not(node)
    try:
        in_utc(value)
    except ValueError as error:
        return str(error)
    return ""


def _not(node: Node) -> str:
    return f"is no {node.kind}"


_MISFIT: Mapping[str, Callable[[Node, Any], str]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}
