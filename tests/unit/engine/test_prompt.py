"""The instruction holds what the schema says and nothing of any document."""

from __future__ import annotations

from docpipe.engine.prompt import instruction
from docpipe.schema.load import load_schema


def test_every_field_and_description_is_in_the_instruction() -> None:
    schema = load_schema("invoice")
    text = instruction(schema)
    for path, node in schema.root.leaves():
        assert path.split(".")[-1] in text
        assert node.description in text


def test_types_are_told_in_words(order) -> None:  # type: ignore[no-untyped-def]
    text = instruction(order)
    assert "standard | call_off" in text
    assert "YYYY-MM-DD" in text
    assert "at most 2 decimals" in text
