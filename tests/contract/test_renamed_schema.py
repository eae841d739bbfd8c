"""The layout engine reads by labels, types and checks: a schema with other property names gives the same values."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from docpipe.engine.layout.engine import LayoutEngine
from docpipe.intake.discover import discover
from docpipe.run.pool import LocalPool
from docpipe.schema.load import load_schema, parse_schema
from docpipe.schema.nodes import Schema
from docpipe.settings import Settings


def renamed(schema: Schema) -> Schema:
    """The schema with properties f1..fn, in `required` and checks too; labels and all else as they were."""
    document = json.loads(json.dumps(schema.document))
    names: dict[str, str] = {}

    def walk(node: dict[str, Any]) -> None:
        for name in node.get("properties", {}):
            names.setdefault(name, f"f{len(names) + 1}")
        for below in [*node.get("properties", {}).values(), *filter(None, [node.get("items")])]:
            walk(below)
        if "properties" in node:
            node["properties"] = {names[name]: below for name, below in node["properties"].items()}
        node["required"] = [names[name] for name in node.get("required", [])]

    walk(document)
    del document["x-docpipe"]["summary"]
    for check in document["x-docpipe"]["checks"]:
        for side in {"left", "right", "each"} & set(check):
            check[side] = renamed_expression(check[side], names)
        check["alternatives"] = [renamed_expression(text, names) for text in check.get("alternatives", [])]
    return parse_schema(document, "renamed")


def renamed_expression(text: str, names: dict[str, str]) -> str:
    return re.sub(r"[a-z_]\w*", lambda word: names.get(word[0], word[0]), text)


def values(value: Any) -> Any:
    if isinstance(value, dict):
        return [values(below) for below in value.values()]
    return [values(below) for below in value] if isinstance(value, list) else value


def read(schema: Schema, folder: Path) -> dict[str, Any]:
    with closing(LocalPool(schema, LayoutEngine(), Settings())) as pool:
        return {
            one.source.uri: (values(one.records[0].value), one.records[0].confidence)
            for one in pool.outcomes(discover([str(folder)]))
        }


@pytest.mark.parametrize("name", ["invoice", "receipt"])
def test_other_property_names_give_the_same_values(name: str, invoices: Path) -> None:
    schema = load_schema(name)
    other = renamed(schema)
    assert not {node.name for node in schema.root.children} & {node.name for node in other.root.children}
    found = read(schema, invoices)
    assert read(other, invoices) == found
    assert any(value is not None for record, _ in found.values() for value in record)
