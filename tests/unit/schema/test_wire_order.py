"""Lists stand last in an answer, and what is written after one is known from the schema."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.engine.grammar import json_grammar
from docpipe.schema.load import load_schema, parse_schema, shipped_schemas
from docpipe.schema.nodes import Node
from docpipe.schema.wire import following, on_wire

TEXT: dict[str, Any] = {"type": "string"}


def shaped(shapes: Any) -> dict[str, Any]:
    """A field of a schema: a number is a text, a list [x] a list of x, a dict an object."""
    if isinstance(shapes, list):
        return {"type": "array", "items": shaped(shapes[0])}
    if isinstance(shapes, dict):
        return {"type": "object", "properties": {name: shaped(below) for name, below in shapes.items()}}
    return TEXT


def root_of(shapes: dict[str, Any]) -> Node:
    return parse_schema(shaped(shapes), "x").root


shapes = st.dictionaries(
    st.sampled_from("abcdef"),
    st.recursive(
        st.just(0),
        lambda below: (
            below.filter(lambda one: not isinstance(one, list)).map(lambda one: [one])
            | st.dictionaries(st.sampled_from("abcd"), below, min_size=1, max_size=3)
        ),
        max_leaves=6,
    ),
    min_size=1,
    max_size=5,
)


def order(node: Node, prefix: str = "") -> list[str]:
    """The paths of leaves and lists in the order that an answer writes them; lists are entered once."""
    found = []
    for child in on_wire(node):
        path = f"{prefix}{child.name}"
        if child.kind == "object":
            found += order(child, f"{path}.")
        else:
            found += [path, *(order(child.item, f"{path}[0].") if child.item is not None else [])]
    return found


@given(shapes)
def test_the_grammar_and_the_schema_agree_and_no_value_follows_a_list_that_is_beside_it(made: Any) -> None:
    def check(node: Node, written: dict[str, Any]) -> None:
        below = written["anyOf"][0] if "anyOf" in written else written
        children = on_wire(node)
        assert sorted(child.name for child in children) == sorted(child.name for child in node.children)
        assert list(below["properties"]) == [child.name for child in children]
        kinds = [child.kind == "array" for child in children]
        assert kinds == sorted(kinds)
        for child in children:
            inner = below["properties"][child.name]
            inner = inner["anyOf"][0] if "anyOf" in inner else inner
            record = child.item or child
            if record.kind == "object":
                check(record, inner.get("items", inner))

    check(root_of(made), json_grammar(shaped(made)).json_schema)


@given(shapes)
def test_what_follows_a_list_is_what_the_answer_writes_after_it(made: Any) -> None:
    root = root_of(made)
    paths = order(root)
    for at, path in enumerate(paths):
        later = following(root, path)
        if later is None:
            continue
        own_lists = [one for one in later if path.startswith(f"{one}[")]
        assert len(own_lists) == path.count("[")
        assert [one for one in later if "[" not in one and one not in own_lists] == [
            one for one in paths[at + 1 :] if "[" not in one
        ]


@pytest.mark.parametrize(
    ("path", "later"),
    [
        ("lines", ["taxes"]),
        ("taxes", []),
        ("lines[3].batches", ["lines[3].marks", "lines", "taxes"]),
        ("shop.phones", ["bank.name", "bank.accounts", "lines", "taxes"]),
        ("bank.accounts", ["lines", "taxes"]),
        ("bank.name", None),
        ("lines[3].text", None),
        ("nothing", None),
        ("shop.nothing", None),
        ("lines.batches", None),
        ("shop", None),
        ("", None),
    ],
)
def test_what_follows_a_list(path: str, later: list[str] | None) -> None:
    lines = [{"batches": [{"code": 0}], "marks": [0], "text": 0}]
    root = root_of(
        {"lines": lines, "net": 0, "taxes": [{"rate": 0}], "shop": {"phones": [0], "name": 0},
         "bank": {"accounts": [0], "name": 0}, "buyer": {"name": 0}}
    )  # fmt: skip
    assert [child.name for child in on_wire(root)] == ["net", "buyer", "shop", "bank", "lines", "taxes"]
    assert following(root, path) == later


@pytest.mark.parametrize("name", shipped_schemas())
def test_the_record_keeps_the_order_of_its_schema(name: str) -> None:
    schema = load_schema(name)
    assert [child.name for child in schema.root.children] == list(schema.document["properties"])
