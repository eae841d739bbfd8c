"""Chosen values -> the answer's JSON under the schema, and one span for every leaf that is not null."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import prod

from docpipe.engine.layout.readings import Value
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Token
from docpipe.records import Span
from docpipe.schema.nodes import Node
from docpipe.schema.paths import generic

MAX_BOXES = 40  # of one value; an address or a note has a few lines


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of the answer, where it was printed, how sure that is, and the name of the rule that found it."""

    value: Value
    tokens: tuple[Token, ...]
    page: int
    score: float
    method: str


Row = Mapping[str, Leaf]  # path of the field, without an index -> its leaf


def to_json(root: Node, leaves: Mapping[str, Leaf], tables: Mapping[str, Sequence[Row]]) -> str:
    """The answer as JSON text: every property of the schema, absent ones null, numbers exact.

    `tables`: path of an array -> its rows; of an array in a row, the path with that row's index.
    """
    return _object(root, "", leaves, tables)


def _object(node: Node, path: str, leaves: Mapping[str, Leaf], tables: Mapping[str, Sequence[Row]]) -> str:
    parts = []
    for child in node.children:
        here = f"{path}.{child.name}" if path else child.name
        parts.append(f"{json.dumps(child.name, ensure_ascii=False)}:{_node(child, here, leaves, tables)}")
    return "{" + ",".join(parts) + "}"


def _node(node: Node, path: str, leaves: Mapping[str, Leaf], tables: Mapping[str, Sequence[Row]]) -> str:
    if node.kind == "object":
        return _object(node, path, leaves, tables)
    if node.kind == "array":
        item = node.item
        rows = tables.get(path, ()) if item is not None and item.kind == "object" else ()
        objects = (_object(item, f"{path}[{at}]", row, tables) for at, row in enumerate(rows) if item is not None)
        return "[" + ",".join(objects) + "]"
    leaf = leaves.get(generic(path))
    return "null" if leaf is None else scalar(leaf.value)


def scalar(value: Value) -> str:
    """One JSON scalar: numbers digit for digit as printed, dates in ISO 8601."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return json.dumps(value.isoformat() if isinstance(value, dt.date) else value, ensure_ascii=False)


def to_spans(
    leaves: Mapping[str, Leaf], tables: Mapping[str, Sequence[Row]], page_texts: Sequence[PageText]
) -> tuple[Span, ...]:
    """A span for every leaf of the answer, boxes as fractions of their page."""
    spans = [_span(path, leaf, page_texts) for path, leaf in leaves.items()]
    for array, rows in tables.items():
        for index, row in enumerate(rows):
            for path, leaf in row.items():
                spans.append(_span(f"{array}[{index}]{path.removeprefix(generic(array))}", leaf, page_texts))
    return tuple(spans)


def _span(path: str, leaf: Leaf, page_texts: Sequence[PageText]) -> Span:
    page_text = page_texts[leaf.page]
    boxes = tuple(_fractions(box, page_text) for box in _line_boxes(leaf.tokens))[:MAX_BOXES]
    text = " ".join(token.text for token in leaf.tokens)
    read = prod(token.sure for token in leaf.tokens)  # one wrong letter makes a wrong value
    return Span(path, page_text.number, boxes, round(min(1.0, max(0.0, leaf.score * read)), 4), text, leaf.method)


def _line_boxes(tokens: Iterable[Token]) -> Iterable[Box]:
    """One box a run of words on one height."""
    box: Box | None = None
    for token in tokens:
        if box is not None and token.box.left >= box.left and abs(token.box.top - box.top) < token.box.height / 2:
            box = Box.around((box, token.box))
            continue
        if box is not None:
            yield box
        box = token.box
    if box is not None:
        yield box


def _fractions(box: Box, page_text: PageText) -> Box:
    across, down = page_text.width or 1.0, page_text.height or 1.0
    sides = (box.left / across, box.top / down, box.right / across, box.bottom / down)
    return Box(*(max(0.0, min(1.0, side)) for side in sides))
