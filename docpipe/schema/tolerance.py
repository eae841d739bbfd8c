"""What a check's tolerance allows: a number, or so many of the smallest units of the record's currency."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from docpipe.literals.currencies import CENTS
from docpipe.schema.nodes import MAX_DIGITS, Check

_UNITS = re.compile(r"(\d{1,4}) minor units?\Z")


@lru_cache(maxsize=4_096)
def margin(tolerance: str, places: int = CENTS) -> Decimal:
    """What two sides may differ by, of amounts with `places` decimals. Raises ValueError for what is no tolerance."""
    units = _UNITS.match(tolerance)
    if units is not None:
        return Decimal(units[1]).scaleb(-places)
    try:
        found = Decimal(tolerance)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0 or len(tolerance) > MAX_DIGITS or abs(found.adjusted()) > MAX_DIGITS:
        raise ValueError('tolerance is a decimal in quotes, like "0.02", or like "2 minor units"')
    return found


def in_currency(checks: Iterable[Check], places: int) -> tuple[Check, ...]:
    """The checks with their tolerances as numbers, for a currency whose amounts have `places` decimals."""
    return tuple(
        replace(check, tolerance=str(margin(check.tolerance, places))) if _UNITS.match(check.tolerance) else check
        for check in checks
    )
