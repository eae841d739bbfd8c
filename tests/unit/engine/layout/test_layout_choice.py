"""Checks become equations, and equations decide between prints."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from docpipe.schema.equations import equations_of
from docpipe.schema.nodes import Check, Schema
from tests.unit.engine.layout.conftest import page_of, reply_of, table_of

Ask = Callable[..., dict[str, Any]]


def _equation(left: str, op: Any, right: str) -> Any:
    (found,) = equations_of([Check("it", left, op, right, "0.01")])
    return found


def test_a_check_is_a_polynomial() -> None:
    equation = _equation("amount", "==", "base * rate / 100")
    assert equation.names == ("amount", "base", "rate")
    assert equation.holds({"amount": Decimal(19), "base": Decimal(100), "rate": Decimal(19)}) is True
    assert equation.holds({"amount": Decimal(18), "base": Decimal(100), "rate": Decimal(19)}) is False
    assert equation.holds({"amount": Decimal(18), "base": Decimal(100)}) is None
    assert equation.solve("base", {"amount": Decimal(19), "rate": Decimal(19)}) == Decimal(100)


def test_orders_are_tested_and_not_solved() -> None:
    equation = _equation("due", ">=", "issued")
    assert equation.holds({"due": Decimal(2), "issued": Decimal(3)}) is False
    assert equation.solve("due", {"issued": Decimal(3)}) is None


def test_what_is_no_polynomial_is_left_to_the_checks() -> None:
    assert equations_of([Check("it", "abs(a)", "==", "b"), Check("it", "count(a)", "==", "b")]) == ()


def test_arithmetic_decides_between_two_totals(ask: Ask, invoice: Schema) -> None:
    prints = [
        (300, 100, "Subtotal"), (480, 100, "100.00"), (300, 114, "VAT"), (480, 114, "20.00"),
        (300, 128, "Total"), (480, 128, "120.00"), (50, 300, "Total"), (150, 300, "999.00"),
    ]  # fmt: skip
    assert ask(invoice.document, page_of(prints))["total"] == Decimal("120.00")


def test_an_amount_without_a_key_gets_the_one_role_left(ask: Ask, invoice: Schema) -> None:
    rows = [
        ("Description", "Quantity", "Unit price", "Amount"),
        ("Hose", "2", "50.00", "100.00"),
        ("Valve", "1", "10.00", "10.00"),
    ]
    prints = [
        *table_of(100, (50, 300, 380, 480), rows),
        (300, 170, "Zwork"), (480, 170, "110.00 EUR"), (300, 184, "VAT"), (480, 184, "22.00 EUR"),
        (300, 198, "Blarg"), (480, 198, "132.00 EUR"),
    ]  # fmt: skip
    found = ask(invoice.document, page_of(prints))
    assert (found["subtotal"], found["total"]) == (Decimal("110.00"), Decimal("132.00"))


@pytest.mark.slow
def test_the_answer_does_not_depend_on_the_order_of_hashes() -> None:
    """Two amounts on no key, one of them zero: which of two open names is tried first decides."""
    program = """
from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import page_of, reply_of
prints = [(300, 100, "Amount due"), (480, 100, "49.69"), (300, 300, "Zwork"), (480, 300, "0.00"), (480, 340, "49.69")]
print(reply_of(load_schema("invoice").document, [page_of(prints)]).text)
"""
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(6)
    }
    assert len(answers) == 1


def test_agreement_makes_a_value_surer(invoice: Schema) -> None:
    agreeing = [
        (300, 100, "Subtotal"),
        (480, 100, "100.00"),
        (300, 114, "VAT"),
        (480, 114, "20.00"),
        (300, 128, "Total"),
        (480, 128, "120.00"),
    ]
    alone = agreeing[-2:]
    scores = []
    for prints in (agreeing, alone):
        reply = reply_of(invoice.document, [page_of(prints)])
        scores.append(next(span.score for span in reply.spans if span.path == "total"))
    assert scores[0] > scores[1]
    assert scores[0] >= 0.9


def score_of(document: Any, path: str, prints: Any) -> float:
    return next(span.score for span in reply_of(document, [page_of(prints)]).spans if span.path == path)


def test_a_rival_of_like_standing_makes_a_value_doubtful(invoice: Schema) -> None:
    alone = [(50, 100, "Billing period:"), (180, 100, "01.03.2024 - 31.03.2024")]
    rival = [*alone, (50, 130, "Service period:"), (180, 130, "04.03.2024 - 27.03.2024")]
    assert score_of(invoice.document, "period_start", alone) >= 0.9
    assert score_of(invoice.document, "period_start", rival) < 0.75


def test_a_second_block_that_adds_up_as_well_makes_the_first_doubtful(invoice: Schema) -> None:
    heads = [(200, 100, "Subtotal"), (300, 100, "VAT"), (400, 100, "Total")]
    old = [(200, 114, "100.00"), (300, 114, "20.00"), (400, 114, "120.00")]
    new = [(200, 128, "90.00"), (300, 128, "18.00"), (400, 128, "108.00")]
    assert score_of(invoice.document, "total", [*heads, *old]) >= 0.97
    assert score_of(invoice.document, "total", [*heads, *old, *new]) < 0.93


def test_words_at_a_key_are_less_sure_than_a_value_that_its_type_proves(invoice: Schema) -> None:
    prints = [(50, 100, "Payment terms:"), (180, 100, "Net of all"), (50, 130, "Due date:"), (180, 130, "31.03.2024")]
    assert score_of(invoice.document, "due_date", prints) > score_of(invoice.document, "payment_terms", prints)


def test_a_word_of_the_key_is_no_part_of_a_number(ask: Ask, invoice: Schema) -> None:
    assert ask(invoice.document, page_of([(50, 100, "Invoice immediate 4711-08")]))["invoice_number"] == "4711-08"
    assert ask(invoice.document, page_of([(50, 100, "Invoice No. RE 4711-08")]))["invoice_number"] == "RE 4711-08"


def test_no_rate_reaches_a_hundred_percent(ask: Ask, invoice: Schema) -> None:
    rows = [("VAT %", "Net", "VAT"), ("436.61", "100.00", "20.00")]
    found = ask(invoice.document, page_of(table_of(100, (50, 200, 350), rows)))
    assert all(row["rate"] is None for row in found["tax_breakdown"])


def test_amounts_that_are_all_negative_may_mean_amounts_without_the_sign(invoice: Schema) -> None:
    sums = [("Subtotal", "100.00"), ("VAT", "19.00"), ("Total", "119.00")]
    owed = page_of([(50, 300 + 14 * at, f"{word}: {amount}") for at, (word, amount) in enumerate(sums)])
    given = page_of([(50, 300 + 14 * at, f"{word}: -{amount}") for at, (word, amount) in enumerate(sums)])
    sure = {span.path: span.score for span in reply_of(invoice.document, [owed]).spans}
    doubtful = {span.path: span.score for span in reply_of(invoice.document, [given]).spans}
    assert all(doubtful[path] < 0.9 <= sure[path] for path in ("subtotal", "tax", "total"))


@pytest.mark.parametrize(
    ("prints", "total"),
    [
        ([(300, 100, "Total"), (480, 100, "- 357,00 €")], "-357.00"),  # the minus stands in the amount's column
        ([(300, 100, "Total"), (480, 100, "\u2013 $ 97.43")], "-97.43"),
        ([(300, 100, "Total"), (480, 100, "-- $97.43")], "-97.43"),
        ([(300, 100, "Total - 97.43")], "97.43"),  # a dash behind a key parts it from its value
        ([(300, 100, "Total: 97.43")], "97.43"),
    ],
)
def test_a_minus_apart_from_its_amount_is_its_sign(ask: Ask, invoice: Schema, prints: list[Any], total: str) -> None:
    assert ask(invoice.document, page_of(prints))["total"] == Decimal(total)


def test_a_date_and_a_number_are_values_though_they_look_like_keys(ask: Ask, invoice: Schema) -> None:
    prints = [
        (50, 100, "Invoice No"), (200, 100, "Invoice date"), (50, 114, "INV-1"), (200, 114, "March 14 2024"),
    ]  # fmt: skip
    found = ask(invoice.document, page_of(prints))
    assert (found["invoice_number"], found["invoice_date"]) == ("INV-1", "2024-03-14")
    assert found["contract_reference"] is None  # "marché" is one


def test_the_sum_before_tax_is_the_one_below_the_allowances(ask: Ask, invoice: Schema) -> None:
    rows = [("Description", "Quantity", "Unit price", "Amount"), ("Hose", "2", "100.00", "200.00")]
    prints = [
        *table_of(100, (50, 300, 380, 480), rows),
        (300, 170, "Subtotal"), (480, 170, "200.00 EUR"), (300, 184, "Discount"), (480, 184, "-20.00 EUR"),
        (300, 198, "Net"), (480, 198, "180.00 EUR"), (300, 212, "VAT"), (480, 212, "36.00 EUR"),
        (300, 226, "Total"), (480, 226, "216.00 EUR"),
    ]  # fmt: skip
    assert ask(invoice.document, page_of(prints))["subtotal"] == Decimal("180.00")


def test_a_sum_printed_above_a_total_does_not_make_it_a_part(ask: Ask, invoice: Schema) -> None:
    prints = [
        (300, 156, "Zwork"), (480, 156, "300.00 EUR"), (300, 170, "Total"), (480, 170, "250.00 EUR"),
        (300, 184, "VAT"), (480, 184, "50.00 EUR"),
    ]  # fmt: skip
    assert ask(invoice.document, page_of(prints))["total"] == Decimal("250.00")
    below = [*prints[2:], (300, 198, "Zwork"), (480, 198, "300.00 EUR")]
    assert ask(invoice.document, page_of(below))["total"] == Decimal("300.00")
