"""Rows that do not come to the total below them, where nothing is printed between that would explain it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from docpipe.literals.numbers import WITH_CENTS
from docpipe.records import Violation
from docpipe.resolve.ground import Evidence
from docpipe.resolve.page_index import PageIndex
from docpipe.schema import exact
from docpipe.schema.checks import check_paths, field_at, summed
from docpipe.schema.expressions import compile_expression
from docpipe.schema.nodes import Check, Schema

CENT = Decimal("0.05")  # cash totals are rounded to as much

Spot = tuple[int, float]  # number of a page, height on it


def unmet_totals(
    schema: Schema, value: Mapping[str, Any], evidence: Mapping[str, Evidence], pages: Sequence[PageIndex]
) -> list[Violation]:
    """One `unmet_total` violation for each column of amounts whose sum is not the total printed next below it.

    Only where no amount stands between the last row and the total: a tax, an allowance or a charge would be one. A
    check of the schema cannot know that, and warns.
    """
    violations = []
    for column, targets in schema.made("totals_of_columns", _totals_of_columns).items():
        amounts = field_at(value, column)
        totals = {path: total for path in targets if isinstance(total := field_at(value, path), Decimal)}
        if not amounts or None in amounts or not totals:
            continue
        summed = exact.total(amounts)
        if any(abs(summed - total) <= CENT for total in totals.values()):
            continue
        below = _next_below(column, totals, evidence, pages)
        if below is not None:
            message = f"{column} adds up to {summed}, and {below}, right below the rows, is {totals[below]}"
            sides_told = str(summed), str(totals[below])
            violations.append(Violation("unmet_total", "error", message, (column, below), *sides_told))
    return violations


def _totals_of_columns(schema: Schema) -> dict[str, list[str]]:
    """Column that a check sums -> the amounts that checks compare with its sum, or with what it is part of.

    Items are all of the total where nothing else is printed; what other lists sum may be a part of anything.
    """
    checks = [check for check in schema.checks if not check.each]
    roles = {path: array.role for path, array in schema.root.arrays()}
    found: dict[str, list[str]] = {}
    for column in dict.fromkeys(column for check in checks for column in summed(check)):
        role = roles.get(column.rpartition(".")[0], "")
        known = [column]
        rounds = len(checks) if role.endswith("_items") else not role
        for _ in range(rounds):
            known += [total for check in checks for total in _compared(check, known) if total not in known]
        found[column] = known[1:]
    return found


def _compared(check: Check, known: Sequence[str]) -> Iterator[str]:
    """The amount that stands alone on one side of a check, if the other side has one of `known`."""
    for one, other in ((check.left, check.right), (check.right, check.left)):
        alone = one.strip()
        others = compile_expression(other).paths.values()
        if alone in check_paths(check) and known[0] != alone and not set(known).isdisjoint(others):
            yield alone


def _next_below(
    column: str, totals: Mapping[str, Decimal], evidence: Mapping[str, Evidence], pages: Sequence[PageIndex]
) -> str | None:
    """The total that stands next below the rows, with no amount between; None if there is none."""
    array, _, name = column.rpartition(".")
    rows = {path: found for path, found in evidence.items() if path.startswith(f"{array}[") and found.boxes}
    spots = {path: _spot(evidence[path]) for path in totals if path in evidence and evidence[path].boxes}
    last = max((_spot(found) for path, found in rows.items() if path.endswith(f"].{name}")), default=None)
    if last is None:
        return None
    below = min((path for path, spot in spots.items() if spot > last), key=spots.__getitem__, default=None)
    if below is None or any(_amounts_between(last, evidence[below], list(rows.values()), pages)):
        return None
    return below


def _spot(found: Evidence) -> Spot:
    return found.page, found.boxes[-1].mid_y


def _amounts_between(
    first: Spot, total: Evidence, rows: Sequence[Evidence], pages: Sequence[PageIndex]
) -> Iterator[bool]:
    """True for each amount that is no row's own on the lines between a place and a total, or left of the total.

    Where the rows are printed without decimals, any number may be an amount.
    """
    decimals = any(WITH_CENTS.search(found.text) for found in rows)
    own = {(found.page, at) for found in rows if found.place for at in range(found.place.start, found.place.end)}
    last = _spot(total)
    for page in pages:
        for at in page.numbers:
            middle, height = page.levels[at]
            beside = page.number == total.page and abs(middle - last[1]) <= height / 2
            before = page.words[at].box.right <= total.boxes[-1].left if beside else (page.number, middle) < last
            if before and first < (page.number, middle - height / 2) and (page.number, at) not in own:
                yield WITH_CENTS.search(page.words[at].text) is not None or not decimals
