"""The engine answers any schema from its labels, kinds and checks, and never from its names."""

from __future__ import annotations

import ast
import copy
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from types import FrameType
from typing import Any

import pytest

from docpipe.engine.base import Engine
from docpipe.engine.layout.engine import LayoutEngine
from docpipe.schema.nodes import Schema
from tests.unit.engine.layout.conftest import Print, page_of, reply_of, table_of

Ask = Callable[..., dict[str, Any]]

HEAD: list[Print] = [
    (50, 40, "Aldrin Instruments Ltd"),
    (50, 52, "14 Harbour Road"),
    (50, 64, "Bristol BS1 4ZZ"),
    (50, 76, "VAT No: GB123456789"),
    (400, 40, "INVOICE"),
    (400, 60, "Invoice No: A-2041"),
    (400, 74, "Invoice date: 3 May 2024"),
    (400, 88, "Due date: 2 June 2024"),
    (50, 130, "Bill to:"),
    (50, 142, "Marlow Surveyors LLP"),
    (50, 154, "2 Castle Street"),
    (50, 166, "Leeds LS1 2AB"),
]
COLUMNS = (50, 300, 380, 480)
LINES = [
    ("Description", "Quantity", "Unit price", "Amount"),
    ("Theodolite hire", "2", "140.00", "280.00"),
    ("Tripod", "1", "45.50", "45.50"),
    ("Calibration", "3", "20.00", "60.00"),
]
TOTALS: list[Print] = [
    (380, 300, "Subtotal"),
    (480, 300, "385.50 GBP"),
    (380, 314, "VAT 20 %"),
    (480, 314, "77.10 GBP"),
    (380, 328, "Total"),
    (480, 328, "462.60 GBP"),
]
INVOICE = [*HEAD, *table_of(220, COLUMNS, LINES), *TOTALS]


def test_it_is_an_engine() -> None:
    engine = LayoutEngine()
    assert isinstance(engine, Engine)
    assert engine.info.needs == {"words", "geometry"}
    engine.close()


def test_a_plain_invoice_is_read(ask: Ask, invoice: Schema) -> None:
    found = ask(invoice.document, page_of(INVOICE))
    assert found["document_type"] == "invoice"
    assert found["invoice_number"] == "A-2041"
    assert found["invoice_date"] == "2024-05-03"
    assert found["due_date"] == "2024-06-02"
    assert found["currency"] == "GBP"
    assert (found["subtotal"], found["tax"], found["total"]) == (Decimal("385.50"), Decimal("77.10"), Decimal("462.60"))
    assert found["buyer"]["name"] == "Marlow Surveyors LLP"
    assert found["buyer"]["address"] == "2 Castle Street\nLeeds LS1 2AB"
    assert found["seller"]["name"] == "Aldrin Instruments Ltd"
    assert found["seller"]["tax_id"] == "GB123456789"
    assert [row["amount"] for row in found["line_items"]] == [Decimal("280.00"), Decimal("45.50"), Decimal("60.00")]
    assert found["line_items"][0]["description"] == "Theodolite hire"
    assert found["tax_breakdown"][0]["rate"] == 20


def test_numbers_keep_their_digits(invoice: Schema) -> None:
    text = reply_of(invoice.document, [page_of(INVOICE)]).text
    assert '"subtotal":385.50' in text


def test_absent_fields_are_null_and_the_shape_is_whole(ask: Ask, invoice: Schema) -> None:
    found = ask(invoice.document, page_of([]))
    assert set(found) == set(invoice.document["properties"])
    assert found["total"] is None
    assert found["line_items"] == []
    assert found["seller"] == {"name": None, "address": None, "tax_id": None}


def test_renaming_every_property_changes_no_value(ask: Ask, invoice: Schema) -> None:
    names: dict[str, str] = {}
    renamed = _renamed(copy.deepcopy(dict(invoice.document)), names)
    del renamed["x-docpipe"]["summary"]
    page = page_of(INVOICE)
    assert _values(ask(renamed, page)) == _values(ask(invoice.document, page))


def _renamed(node: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The schema with its properties called f1..fn and its checks speaking of those."""
    if "properties" in node:
        node["properties"] = {
            names.setdefault(name, f"f{len(names) + 1}"): _renamed(below, names)
            for name, below in node["properties"].items()
        }
        node["required"] = [names[name] for name in node.get("required", [])]
    if "items" in node:
        node["items"] = _renamed(node["items"], names)
    for check in node.get("x-docpipe", {}).get("checks", []):
        for side in ("left", "right", "each"):
            if side in check:
                check[side] = _renamed_expression(check[side], names)
        check["alternatives"] = [_renamed_expression(text, names) for text in check.get("alternatives", [])]
    return node


def _renamed_expression(text: str, names: dict[str, str]) -> str:
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        elif isinstance(node, ast.Attribute):
            node.attr = names[node.attr]
    return ast.unparse(tree)


def _values(value: Any) -> Any:
    if isinstance(value, dict):
        return [_values(below) for below in value.values()]
    return [_values(below) for below in value] if isinstance(value, list) else value


def _property(kind: str, *labels: str, **more: Any) -> dict[str, Any]:
    extension = {"labels": {"en": list(labels)}, **({"scale": more.pop("scale")} if "scale" in more else {})}
    return {"type": [kind, "null"], "description": labels[0], **more, "x-docpipe": extension}


STATEMENT = {
    "title": "Bank statement",
    "type": "object",
    "properties": {
        "account": _property("string", "Account", format="iban"),
        "closed_on": _property("string", "Statement date", format="date"),
        "pages": _property("integer", "Number of sheets"),
        "opening": _property("number", "Opening balance", scale=2),
        "closing": _property("number", "Closing balance", scale=2),
        "bookings": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "serial": _property("integer", "Serial"),
                    "day": _property("string", "Booked", format="date"),
                    "purpose": _property("string", "Purpose"),
                    "amount": _property("number", "Moved", scale=2),
                },
            },
        },
    },
    "x-docpipe": {
        "checks": [{"name": "adds", "left": "opening + sum(bookings.amount)", "op": "==", "right": "closing"}]
    },
}  # fmt: skip


def test_a_users_own_schema_is_read_from_its_labels(ask: Ask) -> None:
    rows = [
        ("Serial", "Booked", "Purpose", "Moved"),
        ("17", "01.03.2024", "Rent March", "-900.00"),
        ("18", "04.03.2024", "Salary", "2,100.00"),
    ]
    prints = [
        (50, 40, "Account: DE89 3704 0044 0532 0130 00"),
        (50, 60, "Statement date: 31.03.2024"),
        (50, 80, "Number of sheets: 3"),
        (50, 100, "Opening balance"),
        (250, 100, "500.00"),
        (50, 120, "Closing balance"),
        (250, 120, "1,700.00"),
        *table_of(180, (50, 120, 220, 420), rows),
    ]
    assert ask(STATEMENT, page_of(prints)) == {
        "account": "DE89370400440532013000",
        "closed_on": "2024-03-31",
        "pages": 3,
        "opening": Decimal("500.00"),
        "closing": Decimal("1700.00"),
        "bookings": [
            {"serial": 17, "day": "2024-03-01", "purpose": "Rent March", "amount": Decimal("-900.00")},
            {"serial": 18, "day": "2024-03-04", "purpose": "Salary", "amount": Decimal("2100.00")},
        ],
    }


def test_keys_that_no_schema_knows_leave_nulls_or_doubt(invoice: Schema) -> None:
    prints = [(50, 40, "Frobnication: 12.5"), (50, 60, "Quux"), (200, 60, "Z-9"), (50, 80, "Gleeb date: 1 May 2024")]
    reply = reply_of(invoice.document, [page_of(prints)])
    assert all(span.score < 0.9 for span in reply.spans)


def test_an_unusable_schema_is_an_error_reply() -> None:
    assert reply_of({"type": "string"}, [page_of([])]).finish == "error"


def test_a_schema_without_labels_gives_an_empty_answer(ask: Ask) -> None:
    bare = {"type": "object", "properties": {"x": {"type": ["number", "null"]}, "y": {"type": ["string", "null"]}}}
    assert ask(bare, page_of(INVOICE)) == {"x": None, "y": None}


@pytest.mark.parametrize(
    "words",
    [
        ["Total:"],
        ["Seller:"],
        ["12.00"],
        ["10115 Berlin", "Str. 5"],
        ["Description", "Quantity", "2", "Amount", "6.00"],
    ],
)
def test_twice_the_words_take_little_over_twice_the_steps(invoice: Schema, words: list[str]) -> None:
    """Lines of code that run, not seconds: fifty thousand words take bounded time on any machine."""
    took = []
    for count in (3_000, 6_000):
        texts = (words * count)[:count]
        prints = [(590.0 * (at % 20) / 20, 840.0 * (at // 20) / (count / 20), text) for at, text in enumerate(texts)]
        with counted_steps() as steps:
            reply_of(invoice.document, [page_of(prints, size=0.5)])
        took.append(next(steps))
    assert took[1] < 2.6 * took[0]


@contextmanager
def counted_steps() -> Iterator[Iterator[int]]:
    """Counts the lines of Python that threads begun within run; twice in a loop counts two."""
    steps = itertools.count()

    def traced(_frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            next(steps)
        return traced

    threading.settrace(traced)
    try:
        yield steps
    finally:
        threading.settrace(None)  # type: ignore[arg-type]
