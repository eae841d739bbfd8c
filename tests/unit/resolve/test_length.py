"""How long an answer will be, judged by the page."""

from __future__ import annotations

from typing import Any

from docpipe.records import Page
from docpipe.resolve.length import AROUND, CHARS_PER_TOKEN, answer_tokens
from docpipe.schema.load import load_schema, parse_schema
from docpipe.schema.nodes import Schema
from tests.unit.resolve.pages import page

STRING: dict[str, Any] = {"type": ["string", "null"]}


def test_every_line_with_an_amount_is_a_row_with_its_names(order: Schema) -> None:
    names = sum(len(name) + AROUND for name in ("text", "quantity", "price", "amount", "code"))
    shown = page("Order A-1", "Bolt 2 5.00 10.00", "Nut 3 1.00 3.00", "wrapped words")
    texts = len("Bolt 2 5.00 10.00") + len("Nut 3 1.00 3.00")
    assert answer_tokens(order, shown) == int((2 * names + texts) / CHARS_PER_TOKEN)


def test_a_row_of_an_invoice_is_about_seventy_tokens() -> None:
    """As measured on compact JSON with the tokenizer of Qwen2: 2.8 characters of names and print to a token."""
    shown = page("1 A4627 Azulejo 30x60 cm rejuntado 39 m2 25,75 21,00 1004,25")
    assert 60 <= answer_tokens(load_schema("invoice"), shown) <= 80


def test_cells_of_one_height_are_one_row_whatever_their_blocks(order: Schema) -> None:
    shown = page("Bolt 5.00 _ _ 10.00")
    apart = [word if at else word.__class__(word.text, word.box, 7, 3) for at, word in enumerate(shown.words)]
    assert answer_tokens(order, Page(1, 595.0, 842.0, words=tuple(apart))) == answer_tokens(order, shown)


def test_nothing_is_known_of_a_page_without_visible_words_or_a_schema_without_lists(order: Schema) -> None:
    assert answer_tokens(order, page()) == 0
    assert answer_tokens(order, page("Bolt 5.00", hidden={"Bolt", "5.00"})) == 0
    flat = parse_schema({"type": "object", "properties": {"total": STRING}}, "flat")
    assert answer_tokens(flat, page("Bolt 5.00")) == 0
    words = parse_schema({"type": "object", "properties": {"tags": {"type": "array", "items": STRING}}}, "words")
    assert answer_tokens(words, page("Bolt 5.00")) == 0
