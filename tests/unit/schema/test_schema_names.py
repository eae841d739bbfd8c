"""What becomes a folder or a column is held to one rule where it is parsed."""

from __future__ import annotations

from typing import Any

import pytest

from docpipe.errors import InvalidSchema
from docpipe.schema.columns import table_shapes
from docpipe.schema.load import parse_schema
from docpipe.schema.names import is_joined_name, is_name

TEXT = {"type": "string"}
ROWS = {"type": "array", "items": {"type": "object", "properties": {"a": TEXT}}}


@pytest.mark.parametrize(
    "name", ["/../../victim/sources", "..", "a/b", "a\\b", "a.b", "a b", "a\x00b", "1a", "_tmp", "a" * 64, 5, None, [],
             "\u00e4", "a\n", "-x"]
)  # fmt: skip
def test_a_table_s_name_cannot_lead_anywhere(name: Any) -> None:
    document = {"type": "object", "properties": {"rows": {**ROWS, "x-docpipe": {"table": name}}}}
    with pytest.raises(InvalidSchema, match=r"x-docpipe\.table is a name"):
        parse_schema(document, "some")
    assert not is_name(name)


def test_only_an_array_of_objects_has_a_table_to_name() -> None:
    document = {"type": "object", "properties": {"a": {**TEXT, "x-docpipe": {"table": "rows"}}}}
    with pytest.raises(InvalidSchema, match="array of objects, and of nothing else"):
        parse_schema(document, "some")


@pytest.mark.parametrize("name", ["../x", "", "a.b", "x/y", "a" * 64])
def test_a_schema_s_name_is_held_to_it_too(name: str) -> None:
    with pytest.raises(InvalidSchema, match="it names a table"):
        parse_schema({"type": "object", "properties": {"a": TEXT}}, name)


def test_a_path_that_joins_to_a_longer_name_than_engines_take_is_refused() -> None:
    inner: dict[str, Any] = {"type": "object", "properties": {"a": TEXT}}
    for _ in range(3):
        inner = {"type": "object", "properties": {"x" * 60: inner}}
    with pytest.raises(InvalidSchema, match="names joined by _ at most 128"):
        parse_schema(inner, "some")


def test_every_table_and_column_of_a_schema_is_such_a_name() -> None:
    document = {"type": "object", "properties": {"seller": {"type": "object", "properties": {"rows": ROWS}}}}
    shapes = table_shapes(parse_schema(document, "bill"))
    assert [shape.name for shape in shapes] == ["bill", "bill_seller_rows"]
    assert all(is_joined_name(name) for shape in shapes for name in (shape.name, *(c.name for c in shape.columns)))
    assert not any(map(is_joined_name, ["../x", "a/b", "", "_a", "a" * 129, "a\n", None]))
