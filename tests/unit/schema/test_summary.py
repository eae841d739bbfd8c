"""x-docpipe.summary names what is shown of a record: fields that there are, and nothing that is read depends on it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from docpipe.errors import InvalidSchema
from docpipe.schema.load import load_schema, parse_schema, shipped_schemas


def with_summary(document: dict[str, Any], summary: Any) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    changed["x-docpipe"] = {**changed.get("x-docpipe", {}), "summary": summary}
    return changed


@pytest.mark.parametrize("summary", [["number", "total", "shop.name"], ["kind"], []])
def test_a_summary_lists_fields(order_document: dict[str, Any], summary: list[str]) -> None:
    assert parse_schema(with_summary(order_document, summary), "order").summary == tuple(summary)


@pytest.mark.parametrize(
    ("summary", "fault"),
    [
        (["nummer"], "no field 'nummer'"),
        (["shop"], "no field 'shop'"),
        (["lines.amount"], "outside lists"),
        (["tags"], "outside lists"),
        ("number", "must look like"),
        ([1], "must look like"),
        ({"a": 1}, "must look like"),
    ],
)
def test_what_is_no_field_is_refused(order_document: dict[str, Any], summary: Any, fault: str) -> None:
    with pytest.raises(InvalidSchema, match=fault):
        parse_schema(with_summary(order_document, summary), "order")


@pytest.mark.parametrize("extension", [True, False])
def test_a_summary_makes_no_document_be_read_again(order_document: dict[str, Any], extension: bool) -> None:
    if not extension:
        del order_document["x-docpipe"]
    before = parse_schema(order_document, "order")
    for summary in (["number"], ["total", "number"]):
        after = parse_schema(with_summary(order_document, summary), "order")
        assert after.summary == tuple(summary)
        assert (after.fingerprint, after.question_fingerprint, after.structure_fingerprint) == (
            before.fingerprint, before.question_fingerprint, before.structure_fingerprint,
        )  # fmt: skip


def test_the_shipped_schemas_say_what_tells_a_record() -> None:
    found = {name: load_schema(name).summary for name in shipped_schemas()}
    assert found["invoice"] == ("invoice_number", "invoice_date", "total", "currency", "seller.name")
    assert found["receipt"][:4] == ("receipt_number", "date", "total", "currency")
    assert found["form"] == ("title",)
