"""Checks count with the digits that columns hold, and no expression outgrows its bounds or lies about it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from docpipe.errors import InvalidSchema
from docpipe.schema.checks import evaluate, sides
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Check

MONEY = {"type": "number", "x-docpipe": {"scale": 2}}
TAGS = {"type": "array", "items": {"type": "string"}}
ROWS = {"type": "array", "items": {"type": "object", "properties": {"amount": MONEY, "tags": TAGS}}}
PROPERTIES = {
    "number": {"type": "string"},
    "paid": {"type": "boolean"},
    "n": {"type": "integer"},
    "d1": {"type": "string", "format": "date"},
    "d2": {"type": "string", "format": "date"},
    "at": {"type": "string", "format": "date-time"},
    "a": MONEY,
    "b": MONEY,
    "total": MONEY,
    "rows": ROWS,
    "seller": {"type": "object", "properties": {"rows": ROWS}},
}


def checks(left: str, op: str, right: str, **more: Any) -> tuple[Check, ...]:
    entry = {"name": "c", "left": left, "op": op, "right": right, **more}
    document = {"type": "object", "properties": PROPERTIES, "x-docpipe": {"checks": [entry]}}
    return parse_schema(document, "bill").checks


@pytest.mark.parametrize(
    ("left", "op", "right", "said"),
    [
        ("number * 400000000", "==", "number", "needs numbers, and this is text"),
        ("count(rows.amount * 100000000)", "==", "1", "needs numbers, and this is a list"),
        ("abs(number)", "==", "1", "needs numbers, and this is text"),
        ("paid + 1", "==", "1", "true or false"),
        ("rows.amount", "<=", "total", "use sum() or count()"),
        ("sum(rows.tags)", "==", "1", "a list within a list"),
        ("sum(total)", "==", "1", "adds up a list of numbers"),
        ("count(total)", "==", "1", "counts a list"),
        ("seller", "==", "total", "an object"),
        ("number", "==", "total", "cannot be compared"),
        ("d1", "<=", "at", "cannot be compared"),
        ("d1 + d2", "==", "d1", "needs numbers"),
        ("number", "<", "number", "only be compared by =="),
        ("round(total, 999999999999)", "==", "total", "places, 12 at most"),
        ("round(total, n)", "==", "total", "places, 12 at most"),
        ("sum(rows.amount, 1)", "==", "total", "takes one value"),
        ("-" * 400 + "n", "==", "1", "deep"),
        ("9" * 39, "==", "n", "more than 38 digits"),
        ("1e999999", "==", "n", "more than 38 digits"),
    ],
)
def test_an_expression_without_a_meaning_or_a_bound_is_refused(left: str, op: str, right: str, said: str) -> None:
    with pytest.raises(InvalidSchema) as refused:
        checks(left, op, right)
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"tolerance": "NaN"}, "tolerance"),
        ({"tolerance": "Infinity"}, "tolerance"),
        ({"tolerance": "1e999"}, "tolerance"),
        ({"name": 1}, "name is a text"),
        ({"each": "rows.tags"}, "each names no array of objects"),
    ],
)
def test_a_check_itself_is_held_to_its_shape(more: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidSchema) as refused:
        checks("n", "==", "n", **more)
    assert said in refused.value.message


def test_a_schema_has_at_most_a_hundred_checks() -> None:
    entries = [{"name": f"c{at}", "left": "n", "op": "==", "right": "n"} for at in range(101)]
    document = {"type": "object", "properties": PROPERTIES, "x-docpipe": {"checks": entries}}
    with pytest.raises(InvalidSchema, match="at most 100 checks"):
        parse_schema(document, "bill")


A = Decimal("12345678901234567890123456789.01")


@pytest.mark.parametrize(
    ("left", "record", "broken"),
    [
        ("a + b", {"a": A, "b": Decimal("0.50"), "total": Decimal("12345678901234567890123456789.51")}, 0),
        ("a + b", {"a": A, "b": Decimal("0.50"), "total": Decimal("12345678901234567890123456790.00")}, 1),
        ("a - b", {"a": A, "b": Decimal("0.01"), "total": A}, 1),
        ("abs(-a)", {"a": A.copy_negate(), "total": A}, 0),
        ("round(a)", {"a": A, "total": A}, 0),
        ("sum(rows.amount)", {"rows": [{"amount": A}, {"amount": Decimal("0.50")}], "total": A}, 1),
        ("a", {"a": A, "total": A}, 0),
        ("a * 1", {"a": A, "total": A}, 0),
        ("a + 12345678901234567890.25", {"a": Decimal(0), "total": Decimal("12345678901234567890.25")}, 0),
    ],
)
@pytest.mark.parametrize("tolerance", ["0", "0.001"])
def test_checks_count_with_all_digits_of_a_column(
    left: str, record: dict[str, Any], broken: int, tolerance: str
) -> None:
    found = evaluate(checks(left, "==", "total", tolerance=tolerance), record)
    assert [one.severity for one in found] == ["error"] * broken


BIG = 2**63 - 1


@pytest.mark.parametrize(
    ("left", "right", "record", "said"),
    [
        ("*".join(["n"] * 100), "1", {"n": BIG}, "out of bounds"),
        ("d1 + n", "d1", {"d1": dt.date(2024, 1, 1), "n": BIG}, "out of bounds"),
        ("d1 - (d2 - d1) * 99999", "d1", {"d1": dt.date(2024, 1, 1), "d2": dt.date(2024, 3, 1)}, "out of bounds"),
        ("d1 + 0.5", "d1", {"d1": dt.date(2024, 1, 1)}, "out of bounds"),
        ("total / n", "1", {"total": Decimal(1), "n": 0}, "division by zero"),
        ("total / total", "1", {"total": Decimal(0)}, "division by zero"),
    ],
)
def test_what_cannot_be_reckoned_is_said_and_neither_true_nor_a_crash(
    left: str, right: str, record: dict[str, Any], said: str
) -> None:
    (check,) = checks(left, "==", right)
    (found,) = evaluate([check], record)
    assert (found.severity, found.rule) == ("warning", "c")
    assert "was not evaluated" in found.message
    assert said in found.message
    assert sides(check, record) is None


def test_a_value_of_another_type_than_the_schema_s_is_said() -> None:
    (found,) = evaluate(checks("a + b", "==", "total"), {"a": "12", "b": Decimal(1), "total": Decimal(5)})
    assert "not of the schema's type" in found.message


@pytest.mark.parametrize(
    ("left", "op", "right", "tolerance", "broken"),
    [
        ("d2 - d1", "==", "60", "0", 0),
        ("d2 - d1", "<=", "30", "0", 1),
        ("d1 + 60", "==", "d2", "0", 0),
        ("d2", "==", "d1", "60", 0),
        ("d2", "==", "d1", "59", 1),
    ],
)
def test_the_difference_of_dates_is_a_number_of_days(
    left: str, op: str, right: str, tolerance: str, broken: int
) -> None:
    record = {"d1": dt.date(2024, 1, 1), "d2": dt.date(2024, 3, 1)}
    assert len(evaluate(checks(left, op, right, tolerance=tolerance), record)) == broken
