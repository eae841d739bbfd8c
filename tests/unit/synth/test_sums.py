"""The arithmetic of the labels, worked out again from the labels and bills."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docpipe.synth.invoice.bill import add_up, cents
from docpipe.synth.invoice.make import lay_out
from docpipe.synth.invoice.plan import plan
from docpipe.synth.invoice.truth import label

money = st.decimals(min_value=-5000, max_value=5000, places=2, allow_nan=False)


@given(
    st.lists(st.tuples(st.sampled_from([Decimal(19), Decimal(7), Decimal("5.5")]), money), min_size=1, max_size=8),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_sums_hold_for_any_lines(parts: list[tuple[Decimal, Decimal]], taxed: bool) -> None:
    sums = add_up(parts, Decimal(3), Decimal("4.90"), Decimal("0.3"), taxed)
    assert sums.subtotal == sum(amount for _, amount in parts) - sums.allowance + sums.charge
    assert sums.total == sums.subtotal + sums.tax
    assert sums.due == sums.total - sums.prepaid
    assert sums.tax == sum((row.amount for row in sums.tax_rows), Decimal(0))
    assert not taxed or sum(row.base for row in sums.tax_rows) == sums.subtotal


def test_cents_round_half_up_not_to_even() -> None:
    assert cents(Decimal("0.125")) == Decimal("0.13")
    assert cents(Decimal("0.135")) == Decimal("0.14")


@pytest.mark.parametrize("seed", [3, 8])
def test_labels_add_up_as_printed(seed: int) -> None:
    for index in range(24):
        paper = lay_out(plan(index, seed), seed)
        bill, truth = paper.bill, label(paper.bill, paper.sheet)
        for line, shown in zip(bill.lines, truth["line_items"], strict=True):
            exact = line.quantity * line.unit_price * (100 - line.discount) / 100
            assert Decimal(str(shown["amount"])) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
        if truth["subtotal"] is not None and bill.lines:
            whole = sum(Decimal(str(line["amount"])) for line in truth["line_items"])
            expected = whole - Decimal(str(truth["allowances_total"] or 0)) + bill.sums.charge
            assert Decimal(str(truth["subtotal"])) == expected
        if truth["subtotal"] is not None and truth["tax"] is not None:
            assert cents(Decimal(str(truth["subtotal"])) + Decimal(str(truth["tax"]))) == cents(
                Decimal(str(truth["total"]))
            )
        for row in truth["tax_breakdown"]:
            if row["base"] is not None:
                exact = Decimal(str(row["base"])) * Decimal(str(row["rate"])) / 100
                assert Decimal(str(row["amount"])) == cents(exact)
        assert truth["total"] is not None
