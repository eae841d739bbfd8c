"""A total that nothing proves, and below which a greater amount stands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docpipe.records import Reply, Violation
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import load_schema
from tests.unit.resolve.pages import page


def told(*lines: str, name: str = "invoice", **values: Any) -> list[Violation]:
    schema = load_schema(name)
    part = resolve_window(schema, [page(*lines)], Reply(json.dumps(values), "stop", "model"))
    return [each for each in resolve_document(schema, [part], [], 0.5).violations if each.rule == "outgrown"]


@pytest.mark.parametrize(
    "below",
    [
        ("Mehrwertsteuer _ 155.55", "Netto _ 1656.05"),
        ("MwSt. _ 115.55", "Rechnungstotal _ 1616.05"),
        ("Moms _ 375.13", "Betales _ 1875.63"),
        ("Total _ 1501.00",),
    ],
)
def test_a_sum_before_tax_that_is_told_as_the_total_is_marked(below: tuple[str, ...]) -> None:
    (found,) = told("Bau _ 1500.50", "Brutto _ 1500.50", *below, total=1500.50)
    assert (found.severity, found.paths, found.left) == ("error", ("total",), "1500.5")


def test_a_total_that_tax_and_sum_before_tax_prove_is_none_of_it() -> None:
    lines = ("Net _ 100.00", "VAT _ 20.00", "Total _ 120.00", "Balance _ 620.00")
    assert told(*lines, subtotal=100.0, tax=20.0, total=120.0) == []
    assert told(*lines, total=120.0)


def test_what_another_field_holds_explains_a_greater_amount() -> None:
    lines = ("Bread _ 3.60", "Total _ 3.60", "Cash _ 5.00")
    assert told(*lines, name="receipt", total=3.60, cash_paid=5.00) == []


def test_a_tip_makes_more_of_a_total_that_was_right() -> None:
    assert told("Menú _ 37.00", "Total _ 37.00", "Propina _ 3.70", "_ _ 40.70", name="receipt", total=37.00) == []
    assert told("Lunch _ 37.00", "Total _ 37.00", "Service _ 3.70", "_ _ 40.70", name="receipt", total=37.00) == []


def test_money_that_was_handed_over_is_told_by_the_change_below_it() -> None:
    assert told("Brot _ 3.00", "Summe _ 3.00", "Bar _ 5.00", "Zurück _ 2.00", name="receipt", total=3.00) == []
    assert told("Brot _ 3.00", "Summe _ 3.00", "USt _ 2.00", "Bar _ 5.00", name="receipt", total=3.00)


def test_sums_in_other_languages() -> None:
    lines = ("Suma _ 200.00", "VAT _ 46.00", "Razem _ 246.00")
    assert told(*lines, total=200.0)
    assert told(*lines, total=246.0) == []
    assert told("Base _ 50.00", "IVA _ 10.50", "Importe _ 60.50", total=50.0)
    assert told("Totaal _ 80.00", "Korting _ 5.00", "Saldo _ 85.00", total=80.0) == []


@pytest.mark.parametrize("line", ["_ _ _ _ 990.00", "No _ 990", "Net _ 80.00"])
def test_amounts_elsewhere_whole_numbers_and_smaller_ones_say_nothing(line: str) -> None:
    assert told("Total _ 120.00", line, total=120.0) == []
