"""Sums and products that hold on every sample, as checks: warnings, since a handful of samples proves no rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import combinations
from typing import Any

from docpipe.draft.read_back import Answer

LEAST_SAMPLES = 2  # that have all the numbers of a sum
MOST_FIELDS = 40  # amounts that sums are looked for among
MARGIN = Decimal("0.02")  # of rounding in a sum
TOLERANCE = "2 minor units"

Numbers = Sequence[Decimal | None]  # of one field, a number a sample


def checks(properties: Mapping[str, Any], answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """At most one check a field and one a table: the rules that the numbers of all samples keep, and not by chance."""
    lists = {name: each for name, each in properties.items() if each["type"] == "array"}
    amounts = [name for name, each in properties.items() if _is_amount(each)][:MOST_FIELDS]
    values = {name: [_number(answer.get(name)) for answer in answers] for name in amounts}
    found = list(_columns(lists, amounts, values, answers))
    found += _sums(values)
    found += (check for name, each in lists.items() for check in _products(name, each, answers))
    return found


def _is_amount(field: Mapping[str, Any]) -> bool:
    return bool(field.get("x-docpipe", {}).get("type") == "money")


def _number(value: Any) -> Decimal | None:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Decimal(value) if is_number else None


def _columns(
    lists: Mapping[str, Any], amounts: Iterable[str], values: Mapping[str, Numbers], answers: Sequence[Answer]
) -> Iterator[dict[str, Any]]:
    """The sum of a column is a field."""
    for name, each in lists.items():
        for column, field in each["items"]["properties"].items():
            if not _is_amount(field):
                continue
            totals = [_total(answer.get(name) or [], column) for answer in answers]
            fitting = (amount for amount in amounts if _hold(totals, values[amount]))
            if (amount := next(fitting, None)) is not None:
                yield _check(f"sum_of_{name}", f"sum({name}.{column})", amount)
                break


def _total(rows: Sequence[Mapping[str, Any]], column: str) -> Decimal | None:
    """The sum of a column without gaps; None for one with gaps, or without two rows: one row's sum says nothing."""
    numbers = [_number(row.get(column)) for row in rows]
    return sum(map(Decimal, filter(None, numbers)), Decimal()) if len(numbers) > 1 and None not in numbers else None


def _sums(values: Mapping[str, Numbers]) -> Iterator[dict[str, Any]]:
    """Two fields make a third: `net + tax == total`; one sum a field."""
    done: set[str] = set()
    for one, other in combinations(values, 2):
        added = [a + b if a and b else None for a, b in zip(values[one], values[other], strict=True)]
        for name in values:
            if name not in (one, other) and name not in done and _hold(added, values[name]):
                done.add(name)
                yield _check(f"sum_{name}", f"{one} + {other}", name)


def _products(name: str, each: Mapping[str, Any], answers: Sequence[Answer]) -> Iterator[dict[str, Any]]:
    """Two columns multiplied make a third in every row: `quantity * unit_price == line_total`."""
    columns = each["items"]["properties"]
    numeric = [column for column, field in columns.items() if set(field["type"]) & {"number", "integer"}]
    rows = [row for answer in answers for row in answer.get(name) or []]
    values = {column: [_number(row.get(column)) for row in rows] for column in numeric}
    for one, other in combinations(numeric, 2):
        product = [a * b if a and b else None for a, b in zip(values[one], values[other], strict=True)]
        telling = [a is not None and a != 1 and b != 1 for a, b in zip(values[one], values[other], strict=True)]
        for result in numeric:
            if result not in (one, other) and _is_amount(columns[result]):
                tell = any(map(lambda yes, c: yes and c is not None, telling, values[result]))
                if tell and _hold(product, values[result]):
                    yield {"each": name, **_check(f"product_of_{name}", f"{one} * {other}", result)}
                    return


def _check(name: str, left: str, right: str) -> dict[str, Any]:
    return {
        "name": name[:63],
        "left": left,
        "op": "==",
        "right": right,
        "tolerance": TOLERANCE,
        "severity": "warning",
    }


def _hold(left: Numbers, right: Numbers) -> bool:
    """Whether both are equal wherever both are known, which is so often enough, and not always the same number."""
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if a is not None and b is not None]
    return len(pairs) >= LEAST_SAMPLES and all(abs(a - b) <= MARGIN and b for a, b in pairs)
