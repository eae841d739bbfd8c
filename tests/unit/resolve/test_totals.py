"""Items that do not come to the total printed right below them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docpipe.records import Page, Reply, Violation
from docpipe.resolve.record import resolve_window
from docpipe.schema.load import load_schema
from tests.unit.resolve.pages import page

ITEMS = [("Bread", 3.60), ("Milk", 1.20)]
LINES = ("Corner shop", "Bread _ _ 3.60", "Milk _ _ 1.20")


def unmet(*pages: Page, name: str = "receipt", whole: bool = True, **totals: float) -> list[Violation]:
    told: dict[str, Any] = {"line_items": [{"description": text, "amount": amount} for text, amount in ITEMS], **totals}
    part = resolve_window(load_schema(name), pages, Reply(json.dumps(told), "stop", "model"), whole=whole)
    return [violation for violation in part.violations if violation.rule == "unmet_total"]


@pytest.mark.parametrize("name", ["receipt", "invoice"])
@pytest.mark.parametrize("total", [8.40, 4.00])
def test_items_that_do_not_come_to_the_total_below_them_are_an_error(name: str, total: float) -> None:
    (found,) = unmet(page(*LINES, f"Total _ _ {total:.2f}"), name=name, total=total)
    assert (found.severity, found.paths) == ("error", ("line_items.amount", "total"))
    assert (float(found.left), float(found.right)) == (4.80, total)


def test_items_that_meet_their_total_are_left_in_peace() -> None:
    assert unmet(page(*LINES, "Total _ _ 4.80"), total=4.80) == []
    assert unmet(page(*LINES, "Total _ _ 4.85"), total=4.85) == [], "cash is rounded"
    assert unmet(page(*LINES, "Net _ _ 4.80", "Total _ _ 5.20"), subtotal=4.80, total=5.20) == []


@pytest.mark.parametrize("line", ["Tax _ _ 0.40", "Bag _ _ 0.40", "Less _ _ -0.40"])
def test_an_amount_between_may_explain_the_difference(line: str) -> None:
    assert unmet(page(*LINES, line, "Total _ _ 5.20"), total=5.20) == []


def test_an_amount_beside_the_total_in_a_strip_of_sums_may_explain_it_too() -> None:
    assert unmet(page(*LINES, "Bag _ Total", "0.40 _ 5.20"), total=5.20) == []
    assert unmet(page(*LINES, "Total _ Paid", "5.20 _ 6.00"), total=5.20)


def test_what_stands_below_the_total_explains_nothing() -> None:
    assert unmet(page(*LINES, "Total _ _ 5.20", "Tax _ _ 0.40"), total=5.20, tax=0.40)


def test_a_subtotal_right_below_is_met_as_well_although_a_check_warns_of_it() -> None:
    assert unmet(page(*LINES, "Net _ _ 9.00"), name="invoice", subtotal=9.00)
    assert unmet(page(*LINES, "Fee _ _ 4.20", "Net _ _ 9.00"), name="invoice", subtotal=9.00) == []


def test_the_next_page_is_below() -> None:
    assert unmet(page(*LINES), page("Total _ _ 5.20", number=2), total=5.20)
    assert unmet(page(*LINES), page("Bag _ _ 0.40", "Total _ _ 5.20", number=2), total=5.20) == []
    assert unmet(page(*LINES), page("Total _ _ 5.20", number=2), total=5.20, whole=False) == []


def test_a_total_above_the_items_says_nothing_of_what_is_between() -> None:
    assert unmet(page("Total _ _ 5.20", *LINES), total=5.20) == []
