"""Only what is certain is mended, with an edit; what the page does not support is left as it is."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.records import Page, Record, Reply
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import leaves
from tests.unit.resolve.pages import page

PRINTED = page("Order A-1", "Date 2026-01-31", "net 100.00", "tax 19.00", "total 119.00", "Bolt 4 25.00 100.00")
GOOD = {"number": "A-1", "ordered": "2026-01-31", "net": 100, "tax": 19, "total": 119}


def resolved(schema: Schema, answer: Any, *pages: Page) -> Record:
    part = resolve_window(schema, pages, Reply(json.dumps(answer), "stop", "test"))
    return resolve_document(schema, [part], [], 0.0)


def rules(record: Record) -> list[tuple[str, str]]:
    return [(edit.path, edit.rule) for edit in record.edits]


@pytest.mark.parametrize("name", ["net", "tax", "total"])
def test_a_number_that_two_grounded_ones_demand_and_the_page_prints_is_taken(order: Schema, name: str) -> None:
    bolt = {"text": "Bolt", "quantity": 4, "price": 25, "amount": 100}
    record = resolved(order, {**GOOD, name: 77, "lines": [bolt]}, PRINTED)
    assert rules(record) == [(name, "repair:arithmetic")]
    assert (record.value[name], record.status) == (Decimal(GOOD[name]), "repaired")  # type: ignore[arg-type]


def test_a_number_that_is_demanded_but_not_printed_is_not_made_to_fit(order: Schema) -> None:
    record = resolved(order, {**GOOD, "total": 110}, page("net 100.00", "tax 19.00", "total 77.00", "A-1 2026-01-31"))
    assert (record.edits, record.value["total"], record.status) == ((), Decimal(110), "needs_review")


def test_three_grounded_numbers_that_disagree_wait_for_a_person(order: Schema) -> None:
    record = resolved(order, {**GOOD, "total": 110}, page("net 100.00", "tax 19.00", "total 110.00", "119.00 A-1"))
    assert (record.edits, record.status) == ((), "needs_review")


def test_of_two_numbers_that_stand_nowhere_none_is_certain(order: Schema) -> None:
    record = resolved(order, {**GOOD, "total": 110, "tax": 20}, PRINTED)
    assert (record.edits, record.status) == ((), "needs_review")


def test_without_words_no_arithmetic_changes_a_number(order: Schema) -> None:
    record = resolved(order, {**GOOD, "total": 110}, Page(1, 595.0, 842.0))
    assert (record.edits, record.status) == ((), "needs_review")


def test_a_row_is_balanced_from_its_own_line(order: Schema) -> None:
    row = {"text": "Bolt", "quantity": 4, "price": 26, "amount": 100}
    record = resolved(order, {**GOOD, "lines": [row]}, PRINTED)
    assert rules(record) == [("lines[0].price", "repair:arithmetic")]
    assert record.value["lines"][0]["price"] == Decimal(25)


def test_a_repair_that_breaks_another_check_is_none(order_document: dict[str, Any]) -> None:
    order_document["x-docpipe"]["checks"].append({"name": "cap", "left": "total", "op": "<=", "right": "115"})
    record = resolved(parse_schema(order_document, "order"), {**GOOD, "total": 110}, PRINTED)
    assert record.edits == ()


@pytest.mark.parametrize("name", ["total", "net"])
def test_a_required_number_that_was_left_out_is_taken_if_it_is_printed(
    order_document: dict[str, Any], name: str
) -> None:
    order_document["required"] = [name]
    schema = parse_schema(order_document, "order")
    record = resolved(schema, {**GOOD, name: None}, PRINTED)
    assert rules(record) == [(name, "repair:arithmetic")]
    optional = resolved(parse_schema({**order_document, "required": []}, "order"), {**GOOD, name: None}, PRINTED)
    assert optional.edits == ()


@pytest.mark.parametrize(("text", "value"), [("1O0.00", 100), ("l00.00", 100), ("1OO,OO", 100), ("I0O", 100)])
def test_letters_in_a_number_are_settled_by_the_page(order: Schema, text: str, value: int) -> None:
    record = resolved(order, {**GOOD, "net": text}, PRINTED)
    assert rules(record) == [("net", "repair:confusable")]
    assert (record.value["net"], record.status) == (Decimal(value), "repaired")


def test_letters_in_a_number_are_settled_by_arithmetic_where_there_are_no_words(order: Schema) -> None:
    record = resolved(order, {**GOOD, "net": "1O0.00"}, Page(1, 595.0, 842.0))
    assert rules(record) == [("net", "repair:confusable")]
    apart = resolved(order, {**GOOD, "net": "1O1.00"}, Page(1, 595.0, 842.0))
    assert (apart.edits, apart.value["net"], apart.status) == ((), None, "needs_review")


def test_a_word_that_differs_by_one_confusable_character_is_read_off_the_page(order: Schema) -> None:
    record = resolved(order, {**GOOD, "number": "RE-2O24"}, page("RE-2024, of 31.01.2026"))
    assert rules(record)[0] == ("number", "repair:page_word")
    assert record.value["number"] == "RE-2024"


@pytest.mark.parametrize(
    "lines",
    [
        ("RE-2024 and RE-2O2A",),  # the second differs by more
        ("RE-2O24",),
    ],
)
def test_a_word_that_the_page_confirms_or_does_not_know_stays(order: Schema, lines: tuple[str, ...]) -> None:
    record = resolved(order, {"number": "RE-2O24" if "2O24" in lines[0] else "RE-3O24"}, page(*lines))
    assert record.edits == ()


def test_two_words_alike_settle_nothing(order: Schema) -> None:
    assert resolved(order, {"number": "A-1O"}, page("A-10 A-1Q")).edits == ()


def test_a_recogniser_is_not_believed_against_the_model(order: Schema) -> None:
    assert resolved(order, {"number": "RE-2O24"}, page("RE-2024", source="ocr")).edits == ()


def test_a_recogniser_is_believed_where_check_digits_agree() -> None:
    schema = parse_schema(
        {"type": "object", "properties": {"vat": {"type": ["string", "null"], "format": "vat-id"}}}, "tax"
    )
    record = resolved(schema, {"vat": "DE13669597G"}, page("DE136695976", source="ocr"))
    assert rules(record) == [("vat", "repair:check_digits")]


@pytest.mark.parametrize(("told", "printed"), [("ACME GMBH", "Acme GmbH"), ("A -1", "A-1")])
def test_case_and_spaces_are_those_of_the_page(told: str, printed: str) -> None:
    schema = parse_schema({"type": "object", "properties": {"name": {"type": ["string", "null"]}}}, "names")
    record = resolved(schema, {"name": told}, page(f"From {printed} to"))
    assert rules(record) == [("name", "repair:page_spelling")]
    assert record.value["name"] == printed


def test_two_spellings_on_the_page_settle_nothing(order_document: dict[str, Any]) -> None:
    schema = parse_schema({"type": "object", "properties": {"name": {"type": ["string", "null"]}}}, "names")
    assert resolved(schema, {"name": "ACME gmbh"}, page("Acme GmbH", "ACME GMBH")).edits == ()


def test_day_and_month_are_exchanged_where_the_page_leaves_no_doubt(order: Schema) -> None:
    record = resolved(order, {"ordered": "2026-03-04"}, page("Ordered 03.04.2026"))
    assert rules(record) == [("ordered", "repair:day_month")]
    assert record.value["ordered"] == dt.date(2026, 4, 3)


def test_day_and_month_of_an_ambiguous_print_are_marked_not_exchanged(order: Schema) -> None:
    for told in ("2026-03-04", "2026-04-03"):
        record = resolved(order, {"ordered": told}, page("Ordered 03/04/2026"))
        assert record.edits == ()
        assert [one.rule for one in record.violations] == ["ambiguous_date"]


def test_another_fields_date_is_no_reason_to_exchange(order: Schema) -> None:
    record = resolved(order, {"ordered": "2026-03-04", "due": "2026-04-03"}, page("Due 03.04.2026"))
    assert record.edits == ()


amounts = st.sampled_from(
    [Decimal("100.00"), Decimal("19.00"), Decimal("119.00"), Decimal("25.00"), Decimal(4), Decimal(7)]
)


@given(
    net=amounts,
    tax=amounts,
    total=amounts | st.sampled_from(["1O0.00", "II9.00", "about"]),
    number=st.sampled_from(["A-1", "A-l", "a-1", "B-9", "A- 1"]),
    ordered=st.sampled_from(["2026-01-31", "31/01/2026", "03/04/2026", "x"]),
)
def test_nothing_changes_without_a_rule_and_resolving_again_changes_nothing(
    order: Schema, net: Any, tax: Any, total: Any, number: str, ordered: str
) -> None:
    answer = {"net": float(net), "tax": float(tax), "number": number, "ordered": ordered, "total": str(total)}
    once = resolved(order, answer, PRINTED)
    edited = {edit.path for edit in once.edits}
    refused = {path for one in once.violations if one.rule in ("wrong_type", "invalid") for path in one.paths}
    for name, before in (("net", net), ("tax", tax), ("number", number)):
        assert once.value[name] == before or name in edited | refused
    assert all(edit.rule.partition(":")[0] in ("coerce", "repair", "invalid") for edit in once.edits)
    again = resolved(
        order,
        {path: str(leaf) if not isinstance(leaf, Decimal) else float(leaf) for path, leaf in leaves(once.value)},
        PRINTED,
    )
    assert (again.value, again.edits) == (once.value, ())
