"""Column types come from the schema alone."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from docpipe.errors import InvalidSchema
from docpipe.schema.load import load_schema, shipped_schemas
from docpipe.schema.nodes import Node, Schema
from docpipe.store.columns import layout
from docpipe.store.types import CLOSED


def test_every_kind_has_its_type(schema: Schema) -> None:
    types = {field.name: field.type for field in layout(schema).tables["bill"] if not field.name.startswith("_")}
    assert types == {
        "number": pa.string(),
        "count": pa.int64(),
        "weight": pa.float64(),
        "total": pa.decimal128(38, 2),
        "paid": pa.bool_(),
        "issued": pa.date32(),
        "printed": pa.timestamp("us", "UTC"),
        "currency": CLOSED,
        "seller_name": pa.string(),
        "seller_address_city": pa.string(),
        "seller_address_codes": pa.list_(pa.string()),
        "tags": pa.list_(pa.string()),
        "amounts": pa.list_(pa.decimal128(38, 2)),
        "kinds": pa.list_(CLOSED),
    }


def test_arrays_of_objects_are_tables_that_know_their_place(schema: Schema) -> None:
    tables = layout(schema).tables
    assert tables["bill_lines"].names == ["_record_id", "_extraction_id", "position", "text", "amount", "unit_name"]
    assert tables["bill_lines_taxes"].names == [
        "_record_id", "_extraction_id", "bill_lines_position", "position", "rate", "days",
    ]  # fmt: skip
    assert "bill_bank_accounts" in tables


def test_children_are_put_in_place_first_and_sources_last(schema: Schema) -> None:
    order = list(layout(schema).tables)
    assert order.index("bill_lines_taxes") < order.index("bill_lines") < order.index("evidence")
    assert order[-2:] == ["bill", "sources"]


def test_names_that_collide_are_refused(schema: Schema) -> None:
    seller = Node("seller", "object", children=(Node("name", "string"),))
    root = replace(schema.root, children=(Node("seller_name", "string"), seller))
    with pytest.raises(InvalidSchema, match="seller_name"):
        layout(replace(schema, root=root))


@pytest.mark.parametrize("name", shipped_schemas())
def test_every_shipped_schema_can_be_stored(name: str) -> None:
    assert name in layout(load_schema(name)).tables
