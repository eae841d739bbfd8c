"""Confidence comes from signals that exist; one that is missing is no good one."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest

from docpipe.records import Field, Reply, Violation
from docpipe.resolve.confidence import (
    UNKNOWN_SCORE,
    after_violations,
    field_confidence,
    record_confidence,
    reply_score,
)
from docpipe.resolve.ground import Evidence
from docpipe.schema.load import parse_schema


def fields(**confidence: float) -> list[Field]:
    return [Field(path.replace("__", "."), Decimal(1), one) for path, one in confidence.items()]


def test_a_reply_without_probabilities_is_not_a_sure_one() -> None:
    assert reply_score(Reply("{}", "stop", "e")) == UNKNOWN_SCORE < 1
    assert reply_score(Reply("{}", "stop", "e", logprobs=(math.nan,))) == UNKNOWN_SCORE
    assert reply_score(Reply("{}", "stop", "e", logprobs=(math.log(0.9), math.log(0.4), math.nan))) == pytest.approx(
        0.6
    )


def test_what_the_page_says_orders_the_confidence_of_a_field() -> None:
    exact, read = Evidence(1, ()), Evidence(1, (), exact=False)
    ranked = [
        field_confidence(0.9, searched, found)
        for searched, found in ((True, exact), (True, read), (False, None), (True, None))
    ]
    assert ranked == sorted(ranked, reverse=True)
    assert ranked[0] == 0.9 > ranked[1] > ranked[2] > ranked[3] > 0


def test_the_worst_violation_counts_once_and_for_every_row_of_its_path() -> None:
    broken = [Violation("a", "warning", "", ("net",)), Violation("b", "error", "", ("net", "rows.amount"))]
    found = after_violations(fields(net=0.8, tax=0.8, **{"rows[3].amount": 0.8}), broken)
    assert found == {"net": pytest.approx(0.4), "tax": 0.8, "rows[3].amount": pytest.approx(0.4)}


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ([], 0.9),  # only what is required matters
        ([{"left": "net", "right": "total", "severity": "error"}], 0.5),
        ([{"left": "net", "right": "total", "severity": "warning"}], 0.9),
        ([{"left": "amount", "right": "amount", "severity": "error", "each": "rows"}], 0.9),
    ],
)
def test_a_record_is_as_sure_as_the_least_sure_field_that_matters(checks: list[Any], expected: float) -> None:
    number = {"type": ["number", "null"]}
    row = {"type": "object", "properties": {"amount": number}}
    schema = parse_schema(
        {
            "type": "object",
            "required": ["total"],
            "properties": {"net": number, "total": number, "rows": {"type": "array", "items": row}},
            "x-docpipe": {"checks": [{"name": f"c{at}", "op": "==", **one} for at, one in enumerate(checks)]},
        },
        "bill",
    )
    assert record_confidence(schema, fields(net=0.5, total=0.9, **{"rows[0].amount": 0.2})) == expected
    assert record_confidence(schema, []) == 0.0
