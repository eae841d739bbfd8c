"""Checks compare exactly, skip what is null, and can do nothing but arithmetic."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.schema.checks import check_paths, compile_expression, evaluate, sides
from docpipe.schema.nodes import Check, Schema


def check(left: str, op: str, right: str, **more: Any) -> Check:
    return Check("check", left, op, right, **more)  # type: ignore[arg-type]


RECORD = {
    "net": Decimal("19.99"),
    "tax": Decimal("3.80"),
    "total": Decimal("23.79"),
    "ordered": dt.date(2026, 1, 31),
    "due": dt.date(2026, 1, 30),
    "shop": {"rate": Decimal("19")},
    "lines": [
        {"quantity": Decimal(3), "price": Decimal("0.10"), "amount": Decimal("0.30")},
        {"quantity": Decimal(1), "price": Decimal("19.69"), "amount": Decimal("19.70")},
    ],
}


@pytest.mark.parametrize(
    ("one", "broken"),
    [
        (check("net + tax", "==", "total"), 0),
        (check("net + tax", "==", "total + 0.01"), 1),
        (check("net + tax", "==", "total + 0.01", tolerance="0.01"), 0),
        (check("net + tax", "==", "total + 0.011", tolerance="0.01"), 1),
        (check("round(net * shop.rate / 100)", "==", "tax"), 0),
        (check("sum(lines.amount)", "<=", "net"), 1),
        (check("sum(lines.amount)", "<=", "net", tolerance="0.01"), 0),
        (check("count(lines.amount)", "==", "2"), 0),
        (check("quantity * price", "==", "amount", each="lines"), 1),
        (check("quantity * price", "==", "amount", each="lines", tolerance="0.02"), 0),
        (check("due", ">=", "ordered"), 1),
        (check("-net", "<", "0"), 0),
    ],
)
def test_a_check_holds_or_breaks_by_exact_arithmetic(one: Check, broken: int) -> None:
    assert len(evaluate([one], RECORD)) == broken


def test_a_violation_names_the_fields_and_both_values() -> None:
    (found,) = evaluate([check("quantity * price", "==", "amount", each="lines")], RECORD)
    assert found.paths == ("lines[1].quantity", "lines[1].price", "lines[1].amount")
    assert (Decimal(found.left), Decimal(found.right)) == (Decimal("19.69"), Decimal("19.70"))
    assert "lines[1]" in found.message


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"net": None, "tax": Decimal(1), "total": Decimal(5)},
        {"net": Decimal(1), "tax": Decimal(1)},
    ],
)
def test_a_null_operand_skips_the_check(record: dict[str, Any]) -> None:
    assert evaluate([check("net + tax", "==", "total")], record) == []


def test_a_list_with_a_gap_has_no_sum() -> None:
    assert sides(check("sum(lines.amount)", "==", "1"), {"lines": [{"amount": Decimal(1)}, {"amount": None}]}) is None
    assert sides(check("sum(lines.amount)", "==", "1"), {"lines": []}) is None


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os')",
        "net.__class__()",
        "[n for n in lines]",
        "net if tax else 1",
        "'x' * 9",
        "9 ** 9",
        "lambda: 1",
    ],
)
def test_nothing_but_arithmetic_parses(text: str) -> None:
    with pytest.raises(ValueError, match=r"allowed|called|number|parse"):
        compile_expression(text)


@given(st.text(max_size=60))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        compile_expression(text)
    except ValueError:
        return
    sides(check(text, "==", "1"), RECORD)


def test_paths_are_reported_as_written(order: Schema) -> None:
    assert check_paths(order.checks[0]) == ("net", "tax", "total")
