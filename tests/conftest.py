"""What every room's tests share: a small schema with every kind of field."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema

ORDER: dict[str, Any] = {
    "type": "object",
    "title": "Order",
    "description": "A purchase order.",
    "additionalProperties": False,
    "x-docpipe": {
        "checks": [
            {"name": "sum", "left": "net + tax", "op": "==", "right": "total", "tolerance": "0.02"},
            {"name": "rows", "left": "sum(lines.amount)", "op": "==", "right": "net", "severity": "warning"},
            {
                "name": "row",
                "left": "quantity * price",
                "op": "==",
                "right": "amount",
                "tolerance": "0.01",
                "each": "lines",
            },
            {"name": "dates", "left": "due", "op": ">=", "right": "ordered"},
        ]
    },
    "properties": {
        "number": {"type": ["string", "null"], "maxLength": 20, "pattern": "^[A-Z0-9-]+$"},
        "ordered": {"type": ["string", "null"], "format": "date"},
        "due": {"type": ["string", "null"], "format": "date"},
        "sent_at": {"type": ["string", "null"], "format": "date-time"},
        "currency": {"type": ["string", "null"], "format": "currency"},
        "net": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
        "tax": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
        "total": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
        "weight": {"type": ["number", "null"]},
        "copies": {"type": ["integer", "null"], "minimum": 0},
        "urgent": {"type": ["boolean", "null"]},
        "kind": {"enum": ["standard", "call_off", None]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "shop": {
            "type": "object",
            "properties": {"name": {"type": ["string", "null"]}, "tax_id": {"type": ["string", "null"]}},
        },
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": ["string", "null"]},
                    "quantity": {"type": ["number", "null"], "x-docpipe": {"scale": 3}},
                    "price": {"type": ["number", "null"], "x-docpipe": {"scale": 4}},
                    "amount": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
                    "batches": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"code": {"type": ["string", "null"]}}},
                    },
                },
            },
        },
    },
}


@pytest.fixture
def order_document() -> dict[str, Any]:
    """A JSON Schema to change at will."""
    return copy.deepcopy(ORDER)


@pytest.fixture(scope="session")
def order() -> Schema:
    """A schema with every kind of field, nested arrays, and four checks."""
    return parse_schema(ORDER, "order")
