"""What the parameters of all readers have in common: a length says its unit, and a wrong one is refused at once.

A reader's geometry is a frozen dataclass. The last word of a field's name is its unit:

pitches   the usual height of a line of type on the page
em        the height of the type that is looked at
letters   the usual width of a letter on the page
heights   the height of the box that is looked at
pt, px    points (1/72 inch), pixels
share     a part of a whole, at most 1; the comment says of what
ratio     the larger of two lengths over the smaller

A whole number is a count, a bound of work, or a grey of 0 to 255, unless its name ends with a unit. The values were set
by hand on labelled documents; where one has another source, the comment beside it says so.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise
from math import isfinite

UNITS = frozenset({"pitches", "em", "letters", "heights", "pt", "px", "share", "ratio"})


@dataclass(frozen=True, slots=True)
class Params:
    """Base of all: checks each field by the unit in its name. Raises ValueError for the first that is wrong.

    A tuple is a range, from its least value to its greatest.
    """

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not isinstance(value, Params):
                fault = _fault(field.name.rpartition("_")[2], value if isinstance(value, tuple) else (value,))
                if fault:
                    raise ValueError(f"{type(self).__name__}.{field.name} = {value}: {fault}")


def _fault(unit: str, values: tuple[float, ...]) -> str:
    """What is wrong with a value or a range; "" if nothing is."""
    if not all(isfinite(value) and value > 0 for value in values):
        return "must be a number above 0"
    if any(low >= high for low, high in pairwise(values)):
        return "a range must rise"
    if unit not in UNITS and not all(isinstance(value, int) for value in values):
        return f"the name of a length must end with its unit: {', '.join(sorted(UNITS))}"
    if unit == "share" and max(values) > 1:
        return "a share is at most 1"
    if unit == "ratio" and min(values) < 1:
        return "the larger over the smaller is at least 1"
    return ""
