"""A tax that no page prints whole stands where its parts do; no other sum is taken for printed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from docpipe.records import Reply
from docpipe.resolve.merge import Part
from docpipe.resolve.record import resolve_window
from docpipe.schema.load import load_schema
from tests.unit.resolve.pages import page

PAGE = page("Subtotal 200.00", "GST 5% 10.00", "PST 7% 14.00", "Total 224.00")


def told(answer: str) -> Part:
    return resolve_window(load_schema("invoice"), [PAGE], Reply(answer, "stop", "scripted"))


def ungrounded(part: Part) -> list[tuple[str, ...]]:
    return [violation.paths for violation in part.violations if violation.rule == "ungrounded"]


def test_a_tax_is_where_its_parts_are() -> None:
    part = told('{"tax": 24.00, "tax_breakdown": [{"rate": 5, "amount": 10.00}, {"rate": 7, "amount": 14.00}]}')
    tax = next(field for field in part.fields if field.path == "tax")
    assert (tax.value, tax.page, len(tax.boxes)) == (Decimal(24), 1, 2)
    assert ungrounded(part) == []


@pytest.mark.parametrize(
    "answer",
    [
        '{"tax": 25.00, "tax_breakdown": [{"amount": 10.00}, {"amount": 14.00}]}',  # no sum of them
        '{"tax": 25.00, "tax_breakdown": [{"amount": 10.00}, {"amount": 15.00}]}',  # a part stands nowhere
        '{"tax": 25.00, "tax_breakdown": [{"amount": 25.00}]}',  # one is no sum
        '{"tax": 24.00}',
    ],
)
def test_a_sum_needs_all_its_parts(answer: str) -> None:
    assert ("tax",) in ungrounded(told(answer))


def test_lines_are_no_parts() -> None:
    part = told('{"subtotal": 24.00, "line_items": [{"amount": 10.00}, {"amount": 14.00}]}')
    assert ("subtotal",) in ungrounded(part)
