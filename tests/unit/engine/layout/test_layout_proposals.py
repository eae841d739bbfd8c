"""What a schema does not declare is proposed from its labels, checks and parts; what it declares stands."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from docpipe.engine.layout.compiled import compile_schema
from docpipe.engine.layout.keys.proposals import Proposal, proposals, with_proposals
from docpipe.schema.load import load_schema, parse_schema, shipped_schemas
from docpipe.schema.nodes import Schema

TEXT: dict[str, Any] = {"type": ["string", "null"]}
NUMBER: dict[str, Any] = {"type": ["number", "null"]}


def labelled(field: dict[str, Any], *labels: str) -> dict[str, Any]:
    return {**field, "x-docpipe": {"labels": {"en": list(labels)}}}


def rows(**properties: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "properties": properties}}


def schema(*checks: dict[str, Any], **properties: Any) -> Schema:
    named = [{"name": f"check_{at}", "op": "==", **check} for at, check in enumerate(checks)]
    return parse_schema({"type": "object", "properties": properties, "x-docpipe": {"checks": named}}, "bill")


def proposed(found: Schema) -> dict[str, str]:
    return {one.path: one.value for one in proposals(found)}


ITEMS = rows(
    item=labelled(TEXT, "Item"),
    count=labelled(NUMBER, "Quantity", "Qty"),
    price=labelled(NUMBER, "Price"),
    amount=labelled(NUMBER, "Amount"),
)
PRODUCT = {"each": "items", "left": "count * price", "right": "amount"}
TAXES = rows(rate=labelled(NUMBER, "Tax rate"), base=labelled(NUMBER, "Net"), tax=labelled(NUMBER, "Tax"))
SHARE = {"each": "taxes", "left": "base * rate / 100", "right": "tax"}
BUYER = {"type": "object", "x-docpipe": {"role": "recipient"}, "properties": {"name": TEXT}}


@pytest.mark.parametrize("name", shipped_schemas())
def test_the_shipped_schemas_declare_all(name: str) -> None:
    assert proposals(load_schema(name)) == ()


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (labelled(NUMBER, "Quantity", "Qty"), "quantity"),
        (labelled(NUMBER, "VAT rate"), "rate"),
        (labelled(NUMBER, "Amount"), None),
        (labelled(TEXT, "Order no."), "identifier"),
        (labelled(TEXT, "Customer name"), "name"),
        (labelled(TEXT, "Shipping address"), "address"),
        (labelled(TEXT, "Remarks"), None),
        (labelled({"enum": ["a", "b"]}, "Name"), None),
        (labelled({**TEXT, "format": "date"}, "Address"), None),
    ],
)
def test_labels_propose_a_type(field: dict[str, Any], kind: str | None) -> None:
    assert proposed(schema(x=field)).get("x") == kind


def test_a_party_has_a_name_whatever_it_is_called() -> None:
    party = {"type": "object", "x-docpipe": {"role": "issuer"}, "properties": {"shop": labelled(TEXT, "Store")}}
    assert proposed(schema(seller=party)) == {"seller.shop": "name"}


@pytest.mark.parametrize(
    ("found", "role"),
    [
        (schema(PRODUCT, items=ITEMS), "receipt_items"),
        (schema(PRODUCT, items=ITEMS, buyer=BUYER), "line_items"),
        (schema(items=ITEMS), None),
        (schema(SHARE, taxes=TAXES), "tax_breakdown"),
        (schema(items=rows(key=TEXT, value=TEXT)), "key_values"),
        (schema(items=rows(key=labelled(TEXT, "Caption"), value=TEXT)), None),
        (schema(items=rows(text=TEXT, ticked={"type": "boolean"})), "checkboxes"),
        (schema(items=rows(text=TEXT, ticked={"type": "boolean"}, a=TEXT, b=TEXT)), None),
    ],
    ids=["receipt", "invoice", "no check", "taxes", "pairs", "a table of two", "boxes", "too many texts"],
)
def test_parts_and_checks_propose_a_role(found: Schema, role: str | None) -> None:
    roles = [one.value for one in proposals(found) if one.key == "role"]
    assert roles == ([] if role is None else [role])


def test_what_is_declared_is_never_proposed_otherwise() -> None:
    count = {**NUMBER, "x-docpipe": {"type": "quantity", "labels": {"en": ["Rate", "VAT rate", "Tax rate"]}}}
    pairs = {**rows(key=labelled(TEXT, "Caption"), value=TEXT), "x-docpipe": {"role": "key_values"}}
    found = schema(count=count, pairs=pairs)
    assert proposals(found) == ()
    compiled = compile_schema(found)
    assert [one.type for one in compiled.index.fields if one.path == "count"] == ["quantity"]
    assert [one.path for one in compiled.pairs] == ["pairs"]
    assert compiled.index.matches("Caption") == ()  # the keys of pairs are the page's own


def test_declaring_one_thing_leaves_the_other_proposals_as_they_are() -> None:
    before = proposed(schema(PRODUCT, SHARE, items=ITEMS, taxes=TAXES))
    items = copy.deepcopy(ITEMS) | {"x-docpipe": {"role": "line_items"}}
    after = proposed(schema(PRODUCT, SHARE, items=items, taxes=TAXES))
    assert before.pop("items") == "receipt_items"
    assert after == before


def test_a_compiled_schema_reads_and_keeps_what_is_proposed() -> None:
    found = schema(PRODUCT, SHARE, items=ITEMS, taxes=TAXES)
    compiled = compile_schema(found)
    assert compiled.proposed == proposals(found) != ()
    assert [one.path for one in compiled.receipts] == ["items"]
    assert [one.path for one in compiled.summaries] == ["taxes"]
    assert proposals(with_proposals(found, compiled.proposed)) == ()


def test_the_items_of_a_receipt_are_known_by_their_types_where_no_check_computes_them() -> None:
    def typed(field: dict[str, Any], kind: str) -> dict[str, Any]:
        return {**field, "x-docpipe": {"type": kind}}

    items = rows(item=TEXT, pieces=typed(NUMBER, "quantity"), amount=typed(NUMBER, "money"))
    (receipt,) = compile_schema(schema(items={**items, "x-docpipe": {"role": "receipt_items"}})).receipts
    assert (receipt.name.path, receipt.amount.path) == ("items.item", "items.amount")
    assert receipt.count is not None
    assert (receipt.count.path, receipt.price) == ("items.pieces", None)


def test_proposals_are_of_one_path_each() -> None:
    found = proposals(schema(PRODUCT, items=ITEMS))
    assert found == (Proposal("items.count", "type", "quantity"), Proposal("items", "role", "receipt_items"))
