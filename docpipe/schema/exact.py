"""The arithmetic of checks: exact decimals in one explicit context, dates by the day, and every result bounded.

Columns hold 38 digits (docpipe.schema.nodes.MAX_DIGITS); Decimal's default context would round at 28. Whoever
reckons with columns' values does it here, or within `decimal.localcontext(CONTEXT)`.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

MAX_PLACES = 12  # to which a check may round; as many as a column may have

CONTEXT = Context(
    prec=120,  # three columns' 38 digits, multiplied, and room to spare: exact; beyond it, rounded at the 120th digit
    Emin=-999,
    Emax=999,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
_DAY = dt.timedelta(days=1)
_MICROSECOND = dt.timedelta(microseconds=1)
_MICROSECONDS_A_DAY = _DAY // _MICROSECOND


def add(left: Any, right: Any) -> Any:
    """Two numbers, or a date and a number of days."""
    if isinstance(left, dt.date):
        return _shifted(left, right)
    return _shifted(right, left) if isinstance(right, dt.date) else CONTEXT.add(_number(left), _number(right))


def subtract(left: Any, right: Any) -> Any:
    """Of two numbers, of a date and a number of days, or the days between two dates."""
    if isinstance(left, dt.date) and isinstance(right, dt.date):
        return CONTEXT.divide(Decimal((left - right) // _MICROSECOND), Decimal(_MICROSECONDS_A_DAY))
    if isinstance(left, dt.date):
        return _shifted(left, negative(right))
    return CONTEXT.subtract(_number(left), _number(right))


def multiply(left: Any, right: Any) -> Decimal:
    return CONTEXT.multiply(_number(left), _number(right))


def divide(left: Any, right: Any) -> Decimal:
    """Raises ArithmeticError where `right` is zero."""
    divisor = _number(right)
    if not divisor:
        raise ZeroDivisionError("division by zero")
    return CONTEXT.divide(_number(left), divisor)


def negative(value: Any) -> Decimal:
    return CONTEXT.minus(_number(value))


def absolute(value: Any) -> Decimal:
    return CONTEXT.abs(_number(value))


def rounded(value: Any, places: Any = 2) -> Decimal:
    """Half away from zero, as invoices are rounded (EN 16931, 6.5.4), not half to even."""
    step = Decimal(1).scaleb(-int(places), context=CONTEXT)
    return _number(value).quantize(step, ROUND_HALF_UP, context=CONTEXT)


def or_zero(value: Any) -> Decimal:
    """The number, or 0 where there is none."""
    return Decimal(0) if value is None else _number(value)


def total(values: Any) -> Decimal:
    if not isinstance(values, list):
        raise TypeError("only a list has a sum")
    found = Decimal(0)
    for value in values:
        found = CONTEXT.add(found, _number(value))
    return found


def count(values: Any) -> int:
    if not isinstance(values, list):
        raise TypeError("only a list is counted")
    return len(values)


def reason(error: Exception) -> str:
    """What `error`, which an operation here has raised, means to a person."""
    if isinstance(error, ZeroDivisionError):
        return "a division by zero"
    if isinstance(error, ArithmeticError):
        return "a result is out of bounds"
    return f"a value is not of the schema's type ({error})"


def _number(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(f"{type(value).__name__} is no number")
    return Decimal(value)


def _shifted(date: dt.date, days: Any) -> dt.date:
    """Raises ArithmeticError beyond the years 1 to 9999, and for a part of a day where `date` has no time."""
    number = _number(days)
    if not isinstance(date, dt.datetime) and number != number.to_integral_value():
        raise ArithmeticError("a date takes whole days")
    microseconds = CONTEXT.multiply(number, Decimal(_MICROSECONDS_A_DAY)).to_integral_value()
    return date + dt.timedelta(microseconds=int(microseconds))
