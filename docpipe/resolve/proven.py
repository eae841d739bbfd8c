"""Amounts that a check proves, and which bear no blame where another check is broken."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from docpipe.records import Violation
from docpipe.schema.checks import field_at
from docpipe.schema.equations import equations_of
from docpipe.schema.nodes import Schema

LEAST = 3  # amounts that prove each other: two equal ones may be one print


def proven(schema: Schema, value: Mapping[str, Any]) -> frozenset[str]:
    """Paths of the amounts of each error check on the record that holds as it is stated, none of them 0.

    A sum over rows proves nothing here: it is what the rows are judged by.
    """
    found: set[str] = set()
    for equation in schema.made("proofs", lambda made: equations_of(made.checks)):
        check, names = equation.check, equation.names
        if check.each or check.severity != "error" or not equation.equality or len(names) < LEAST:
            continue
        known = {name: number for name in names if isinstance(number := field_at(value, name), Decimal) and number}
        if len(known) == len(names) and equation.holds_as_stated(known):
            found.update(names)
    return frozenset(found)


def blamed(violation: Violation, proofs: Collection[str]) -> Violation:
    """The violation without the amounts that are proven otherwise, where it names others besides: rows that do not
    come to a sum which tax and total agree with are wrong, and the sum is not.
    """
    rest = tuple(path for path in violation.paths if path not in proofs)
    return replace(violation, paths=rest) if rest and len(rest) < len(violation.paths) else violation
