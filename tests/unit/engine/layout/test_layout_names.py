"""A field without labels is looked for by its name: less sure than by a label, and never at a label's expense."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from docpipe.engine.layout.keys.field_names import named, spoken
from docpipe.records import Page
from docpipe.schema.load import load_schema, parse_schema
from tests.unit.engine.layout.conftest import Print, page_of, reply_of, table_of

TEXT: dict[str, Any] = {"type": ["string", "null"]}
NUMBER: dict[str, Any] = {"type": ["number", "null"]}
DATE: dict[str, Any] = {**TEXT, "format": "date"}


def labelled(kind: Mapping[str, Any], *labels: str) -> dict[str, Any]:
    return {**kind, "x-docpipe": {"labels": {"en": list(labels)}}}


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def read(document: Mapping[str, Any], *prints: Print) -> tuple[dict[str, Any], dict[str, float]]:
    """(the answer, the score of each value)."""
    reply = reply_of(document, [page_of(prints)])
    assert reply.finish == "stop", reply.error
    return json.loads(reply.text), {span.path: span.score for span in reply.spans}


def lines(*texts: str) -> list[Print]:
    return [(50.0, 60.0 + 20.0 * at, text) for at, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("invoice_number", "invoice number"),
        ("invoiceNumber", "invoice number"),
        ("InvoiceNumber", "invoice number"),
        ("VATNumber", "vat number"),
        ("usage_kwh", "usage kwh"),
        ("line2", "line 2"),
        ("__", ""),
    ],
)
def test_a_name_is_read_as_words(name: str, words: str) -> None:
    assert spoken(name) == words


@pytest.mark.parametrize(
    ("name", "field", "line", "value"),
    [
        ("meter_number", TEXT, "Meter number: MX-8841", "MX-8841"),
        ("meterNumber", TEXT, "Meter no. MX-8841", "MX-8841"),
        ("due_date", DATE, "Due date: 2024-05-03", "2024-05-03"),
        ("total_due", NUMBER, "Total due 123.45", 123.45),
        ("usage_kwh", NUMBER, "Usage (kWh): 432.50", 432.5),
        ("usage_kwh", NUMBER, "Usage: 432.50", 432.5),
        ("net_weight_kg", NUMBER, "Net weight: 12.50", 12.5),
        ("acct", {**TEXT, "title": "Contract account"}, "Contract account: AB-12", "AB-12"),
        (
            "acct",
            {**TEXT, "description": "Contract account: as printed on the bill."},
            "Contract account: AB-12",
            "AB-12",
        ),
        ("acct", {**TEXT, "description": "The contract account."}, "Contract account: AB-12", "AB-12"),
        ("acct", {**TEXT, "description": "Copy the contract account"}, "Copy the contract account: AB-12", None),
        (
            "acct",
            {**TEXT, "description": "What the customer calls his contract account"},
            "Contract account: AB-12",
            None,
        ),
        ("paid", {"type": ["boolean", "null"]}, "Paid: yes", True),
        ("tariff_kind", {"enum": ["day", "night", None]}, "Tariff kind: night", "night"),
    ],
)
def test_a_value_is_found_by_name_title_or_a_short_description(
    name: str, field: dict[str, Any], line: str, value: Any
) -> None:
    answer, _ = read(schema(**{name: field}), *lines("City Power", line))
    assert answer[name] == value


@pytest.mark.parametrize(
    ("name", "field", "label", "line"),
    [
        ("meter_number", TEXT, "Meter number", "Meter number: MX-8841"),
        ("due_date", DATE, "Due date", "Due date: 2024-05-03"),
        ("total_due", NUMBER, "Total due", "Total due: 123.45"),
    ],
)
def test_a_name_is_less_sure_than_the_same_words_as_a_label(
    name: str, field: dict[str, Any], label: str, line: str
) -> None:
    by_name, scores = read(schema(**{name: field}), *lines("City Power", line))
    by_label, sure = read(schema(**{name: labelled(field, label)}), *lines("City Power", line))
    assert by_name == by_label
    assert 0.5 < scores[name] < sure[name]


@pytest.mark.parametrize(
    ("name", "field", "line", "value"),
    [
        ("name", TEXT, "Name: Jo Field", "Jo Field"),
        ("number", TEXT, "Number: 4711", "4711"),
        ("id", TEXT, "ID: 4711", None),
        ("description", TEXT, "Description: Blue paint", "Blue paint"),
        ("date", DATE, "Date: 2024-05-03", "2024-05-03"),
        ("amount", NUMBER, "Amount: 123.45", 123.45),
        ("total", NUMBER, "Total: 123.45", 123.45),
    ],
)
def test_a_word_for_many_things_gives_null_or_a_value_for_review(
    name: str, field: dict[str, Any], line: str, value: Any
) -> None:
    answer, scores = read(schema(**{name: field}), *lines("City Power", line))
    assert answer[name] == value
    assert all(score < 0.5 for score in scores.values())


def test_a_date_that_only_stands_there_is_not_the_date_of_a_field_called_date() -> None:
    assert read(schema(date=DATE), *lines("City Power", "Leipzig, 2024-05-03"))[0]["date"] is None


SHOP = schema(customer={"type": "object", "properties": {"name": TEXT, "meter_point": TEXT}})


@pytest.mark.parametrize(
    ("prints", "name"),
    [
        (lines("Customer", "Name: Jo Field"), "Jo Field"),
        (lines("Customer name: Jo Field"), "Jo Field"),
        (lines("Name: Jo Field"), None),
        ([*lines("Name: Someone Else"), (50.0, 300.0, "Customer"), (50.0, 314.0, "Name: Jo Field")], "Jo Field"),
    ],
    ids=["under the heading", "with it in the caption", "without a heading", "the one under the heading"],
)
def test_a_general_name_in_an_object_counts_under_its_heading(prints: list[Print], name: str | None) -> None:
    assert read(SHOP, *prints)[0]["customer"]["name"] == name


def test_a_telling_name_in_an_object_needs_no_heading() -> None:
    assert read(SHOP, *lines("Meter point: MP-17"))[0]["customer"]["meter_point"] == "MP-17"


def test_a_name_that_two_objects_have_counts_under_their_headings_only() -> None:
    party = {"type": "object", "properties": {"tax_number": TEXT}}
    document = schema(seller=party, buyer=party)
    assert read(document, *lines("Tax number: 12/345"))[0] == {
        "seller": {"tax_number": None},
        "buyer": {"tax_number": None},
    }
    answer, _ = read(document, *lines("Buyer", "Tax number: 12/345"))
    assert answer == {"seller": {"tax_number": None}, "buyer": {"tax_number": "12/345"}}


def test_the_columns_of_a_table_are_found_by_name() -> None:
    row = {"type": "object", "properties": {"description": TEXT, "quantity": NUMBER, "amount": NUMBER}}
    rows = [("Description", "Quantity", "Amount"), ("Energy", "432.5", "100.00"), ("Standing charge", "1", "23.45")]
    prints = table_of(200.0, (50.0, 250.0, 400.0), rows)
    answer, scores = read(schema(readings={"type": "array", "items": row}), *prints)
    assert answer["readings"] == [
        {"description": "Energy", "quantity": 432.5, "amount": 100.0},
        {"description": "Standing charge", "quantity": 1, "amount": 23.45},
    ]
    assert max(scores.values()) < 0.9


def test_a_label_of_another_field_is_nobodys_name() -> None:
    document = schema(account=labelled(TEXT, "Meter number"), meter_number=TEXT)
    assert read(document, *lines("Meter number: MX-8841"))[0] == {"account": "MX-8841", "meter_number": None}
    document = schema(sum_due=labelled(NUMBER, "Total"), total=NUMBER)
    assert read(document, *lines("Total: 12.50"))[0] == {"sum_due": 12.5, "total": None}


def test_what_two_fields_are_called_is_neithers() -> None:
    titled = {**TEXT, "title": "Contract account"}
    assert read(schema(a=titled, b=titled), *lines("Contract account: AB-12"))[0] == {"a": None, "b": None}


BILL = lines(
    "Invoice", "Invoice number: RE-2024-17", "Invoice date: 2024-03-05", "Order number: PO-99",
    "Subtotal: 100.00", "VAT 19 %: 19.00", "Total: 119.00", "Delivery window: morning",
)  # fmt: skip


def test_what_labels_find_is_the_same_beside_fields_without_labels() -> None:
    document = json.loads(json.dumps(load_schema("invoice").document))
    before, sure = read(document, *BILL)
    extra = {"delivery_window": TEXT, "invoice_reference": TEXT, "order_date": DATE, "subtotal_amount": NUMBER}
    document["properties"] |= extra
    after, scores = read(document, *BILL)
    assert after["delivery_window"] == "morning"
    assert {name: after[name] for name in before} == before
    assert {path: score for path, score in scores.items() if path in sure} == sure


@pytest.mark.parametrize("name", ["form", "invoice", "receipt"])
def test_the_shipped_schemas_of_this_engine_need_no_names(name: str) -> None:
    found = load_schema(name)
    open_lists = {path for path, _ in found.root.arrays()} if name == "form" else set()
    assert named(found, open_lists)[1] == {}


def test_open_pairs_of_a_form_keep_every_key() -> None:
    pairs = {"type": "array", "items": {"type": "object", "properties": {"key": TEXT, "value": TEXT}}}
    answer, _ = read(schema(entries=pairs), *lines("Colour: blue", "Size: large"))
    assert answer["entries"] == [{"key": "Colour", "value": "blue"}, {"key": "Size", "value": "large"}]


def test_names_are_no_part_of_what_the_schema_is() -> None:
    before = parse_schema(schema(meter_number=TEXT), "bill")
    after, names = named(before, ())
    assert names["meter_number"].keys[0] == "meter number"
    assert before.root.children[0].labels == {}
    assert after.root.children[0].all_labels() == names["meter_number"].keys


def test_a_page_without_words_is_no_error() -> None:
    reply = reply_of(schema(meter_number=TEXT), [Page(1, 595.0, 842.0)])
    assert json.loads(reply.text) == {"meter_number": None}
