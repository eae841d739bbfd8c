"""A schema becomes tables: one for its records, one for each array of objects."""

from __future__ import annotations

from typing import Any

import pytest

from docpipe.errors import InvalidSchema
from docpipe.schema.columns import table_shapes
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema


def test_tables_and_columns_follow_the_tree(order: Schema) -> None:
    shapes = {shape.name: shape for shape in table_shapes(order)}
    assert list(shapes) == ["order", "order_lines", "order_lines_batches"]
    assert {"number", "shop_name", "tags"} <= {column.name for column in shapes["order"].columns}
    assert [column.name for column in shapes["order_lines"].columns] == ["text", "quantity", "price", "amount"]
    assert shapes["order_lines_batches"].parents == ("order_lines",)


@pytest.mark.parametrize("table", ["", "rows"])
def test_a_child_table_may_be_named(order_document: dict[str, Any], table: str) -> None:
    order_document["properties"]["lines"]["x-docpipe"] = {"table": table}
    shapes = table_shapes(parse_schema(order_document, "order"))
    assert shapes[1].name == (f"order_{table}" if table else "order_lines")


def test_tables_that_would_share_a_name_are_refused(order_document: dict[str, Any]) -> None:
    order_document["properties"]["rows"] = dict(
        order_document["properties"]["lines"], **{"x-docpipe": {"table": "Lines"}}
    )
    with pytest.raises(InvalidSchema, match="two tables"):
        parse_schema(order_document, "order")


def test_a_schema_may_not_take_the_ledgers_name(order_document: dict[str, Any]) -> None:
    with pytest.raises(InvalidSchema, match="sources"):
        parse_schema(order_document, "sources")
