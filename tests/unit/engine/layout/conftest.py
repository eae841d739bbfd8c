"""Pages written as text at places, and a way to ask the engine about them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from docpipe.engine.layout.engine import LayoutEngine
from docpipe.engine.layout.templates.siblings import LayoutSiblings
from docpipe.page.box import Box
from docpipe.records import Geometry, Page, Reply, Request, Word
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema

WIDTH, HEIGHT = 595.0, 842.0  # A4, points
LETTER = 5.0  # points: every letter of the test pages is as wide
SPACE = 2.5

Print = tuple[float, float, str]  # x and y of the line's top left, and its text


def page_of(prints: Sequence[Print], number: int = 1, size: float = 10.0, rules: Sequence[Any] = ()) -> Page:
    """A page with each text printed at its place; words are split at spaces, "|" ends a print."""
    words = []
    for line, (x, y, text) in enumerate(prints):
        at = x
        for part in text.split(" "):
            width = LETTER * len(part)
            box = Box(at / WIDTH, y / HEIGHT, (at + width) / WIDTH, (y + size) / HEIGHT)
            words.append(Word(part, box, line, size=size / HEIGHT))
            at += width + SPACE
    drawn = tuple(Box(x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT) for x0, y0, x1, y1 in rules)
    return Page(number, WIDTH, HEIGHT, words=tuple(words), geometry=Geometry(rules=drawn), text_source="layer")


def table_of(top: float, columns: Sequence[float], rows: Sequence[Sequence[str]], step: float = 14.0) -> list[Print]:
    """Rows of cells, each cell's text beginning at its column; empty cells print nothing."""
    return [
        (x, top + step * line, text)
        for line, row in enumerate(rows)
        for x, text in zip(columns, row, strict=True)
        if text
    ]


def reply_of(document: Mapping[str, Any], pages: Sequence[Page], siblings: Sequence[Page] = ()) -> Reply:
    """The engine's reply; `siblings` are pages of other documents that print the same form."""
    learnt = LayoutSiblings().learn(siblings)
    templates = {page.number: learnt for page in pages if learnt}
    request = Request("key", "doc", tuple(pages), document, "schema", "", "", 4096, templates=templates)
    return asyncio.run(LayoutEngine().answer(request))


@pytest.fixture
def invoice() -> Schema:
    return load_schema("invoice")


@pytest.fixture
def ask() -> Callable[..., dict[str, Any]]:
    """ask(document, page, ...) -> the engine's answer, numbers as Decimal; checks that every leaf has a span."""

    def answer(document: Mapping[str, Any], *pages: Page) -> dict[str, Any]:
        reply = reply_of(document, pages)
        assert reply.finish == "stop", reply.error
        found: dict[str, Any] = json.loads(reply.text, parse_float=Decimal, parse_int=Decimal)
        spans = {span.path: span for span in reply.spans}
        assert set(spans) == {path for path, _ in _leaves(found, "")}
        assert all(0.0 <= span.score <= 1.0 and span.boxes and span.text for span in spans.values())
        return found

    return answer


def _leaves(value: Any, path: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        return [leaf for name, below in value.items() for leaf in _leaves(below, f"{path}.{name}" if path else name)]
    if isinstance(value, list):
        return [leaf for at, below in enumerate(value) for leaf in _leaves(below, f"{path}[{at}]")]
    return [] if value is None else [(path, value)]
