"""What a right document may print instead of what a check states, and what counts as 0 where it is absent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from docpipe.errors import InvalidSchema
from docpipe.schema.checks import check_paths, evaluate
from docpipe.schema.equations import Equation, equations_of
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Check

MONEY = {"type": ["number", "null"], "x-docpipe": {"scale": 2}}
TOTAL = Check(
    "total", "net + tax", "==", "total", "0.01", alternatives=("total - freight", "total - or_zero(freight) + discount")
)


def broken(check: Check, **record: Any) -> list[tuple[str, ...]]:
    numbers = {name: Decimal(value) if isinstance(value, str) else value for name, value in record.items()}
    return [violation.paths for violation in evaluate([check], numbers)]


def equation(check: Check) -> Equation:
    (found,) = equations_of([check])
    return found


def known(**numbers: str) -> Mapping[str, Decimal]:
    return {name: Decimal(number) for name, number in numbers.items()}


@pytest.mark.parametrize(
    "extra",
    [
        {"total": "119"},
        {"total": "129", "freight": "10"},
        {"total": "119", "freight": "10"},  # above the net sum, and in it
        {"total": "114", "discount": "5"},
        {"total": "124", "freight": "10", "discount": "5"},
    ],
)
def test_a_check_holds_as_stated_or_by_an_alternative(extra: dict[str, str]) -> None:
    record = {"freight": None, "discount": None, "net": "100", "tax": "19"} | extra
    assert broken(TOTAL, **record) == []
    assert equation(TOTAL).holds(known(**{name: value for name, value in record.items() if value})) is True


def test_an_alternative_excuses_nothing_else() -> None:
    assert broken(TOTAL, net="100", tax="19", total="129", freight=None, discount=None) == [("net", "tax", "total")]
    assert broken(TOTAL, net="100", tax="19", total="130", freight="10", discount=None) == [
        ("net", "tax", "total", "freight")
    ]


def test_what_the_check_states_has_to_be_known() -> None:
    assert broken(TOTAL, net="100", tax=None, total="129", freight="10", discount=None) == []
    assert check_paths(TOTAL) == ("net", "tax", "total")
    assert equation(TOTAL).names == ("net", "tax", "total")
    assert set(equation(TOTAL).reads) == {"net", "tax", "total", "freight", "discount"}
    assert equation(TOTAL).holds(known(net="100", total="129", freight="10")) is None


def test_an_alternative_that_cannot_be_reckoned_explains_nothing() -> None:
    check = Check("price", "amount", "==", "price", alternatives=("price / count",))
    assert broken(check, amount="5", price="10", count="2") == []
    assert broken(check, amount="5", price="10", count="0") == [("amount", "price", "count")]


def test_null_is_zero_where_the_check_says_so() -> None:
    check = Check("due", "total - or_zero(paid)", "==", "due")
    assert broken(check, total="10", paid=None, due="10") == []
    assert broken(check, total="10", paid="4", due="6") == []
    assert broken(check, total="10", paid=None, due="6") == [("total", "due")]
    assert check_paths(check) == ("total", "due")


def test_two_equal_prints_confirm_nothing() -> None:
    check = Check("total", "net + tax", "==", "total", alternatives=("total + tax", "total + tax - tip"))
    equal = known(net="10", tax="1", total="10")
    assert equation(check).holds(equal) is True
    assert equation(check).confirms(equal) is False
    assert equation(check).confirms(known(net="10", tax="1", total="12", tip="2")) is True
    assert equation(check).confirms(known(net="10", tax="1", total="11")) is True


@pytest.mark.parametrize(
    ("check", "fault"),
    [
        ({"alternatives": "total"}, "alternatives is a list of texts"),
        ({"alternatives": [1]}, "alternatives is a list of texts"),
        ({"alternatives": ["total - nothing"]}, "no field 'nothing'"),
        ({"alternatives": ["name"]}, "cannot be compared"),
        ({"right": "total + or_zero(1)"}, "or_zero() takes one field"),
        ({"right": "total + or_zero(net + tax)"}, "or_zero() takes one field"),
        ({"right": "total + or_zero(name)"}, "needs numbers"),
    ],
)
def test_faults_are_named(check: dict[str, Any], fault: str) -> None:
    stated = {"name": "it", "left": "net + tax", "op": "==", "right": "total", **check}
    names = dict.fromkeys(("net", "tax", "total"), MONEY) | {"name": {"type": ["string", "null"]}}
    document = {"type": "object", "properties": names, "x-docpipe": {"checks": [stated]}}
    with pytest.raises(InvalidSchema, match=re.escape(fault)):
        parse_schema(document, "it")
