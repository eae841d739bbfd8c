"""Reviewed values put into a record in memory, with their evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from docpipe.errors import InvalidCorrections
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.run.corrections import WHOLE, Correction
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import parts
from docpipe.store.read import Stored
from docpipe.store.values import as_text

_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")
_ROW = re.compile(r"(?P<list>.+)\[(?P<index>\d+)\]\Z")


@dataclass(slots=True)
class Review:
    """One record under review; `evidence` are its rows, changed with `value`."""

    stored: Stored
    value: dict[str, Any]
    evidence: dict[str, dict[str, Any]]
    touched: dict[str, int]  # path -> line of the file
    approved: bool = False


def is_row(schema: Schema, path: str) -> bool:
    """Whether `path` is that of a row of a list of records."""
    return _ROW.match(path) is not None and bool((_node(schema.root, path) or schema.root).children)


def _node(root: Node, path: str) -> Node | None:
    """The field at `path`; of a list with an index, its item."""
    node: Node | None = root
    for part in parts(path):
        if node is not None:
            node = node.item if isinstance(part, int) else node.child(part)
    return node


def apply(schema: Schema, review: Review, one: Correction) -> None:
    """Put one correction into the record under review. Raises InvalidCorrections naming its line."""
    if one.path == WHOLE:
        review.approved = True
        return
    node = _node(schema.root, one.path)
    if node is None or (node.kind in ("object", "array") and not is_row(schema, one.path)):
        raise InvalidCorrections(f"line {one.line}: {one.path!r} is no value of schema {schema.name!r}")
    if is_row(schema, one.path):
        _take_row(review, one)
        return
    typed = _typed(node, one)
    at = _parent(schema, review, one)
    last = parts(one.path)[-1]
    if isinstance(last, int):
        at[last : last + 1] = [typed]
        before = None
    else:
        before, at[last] = at.get(last), typed
    held = review.evidence.get(one.path)
    review.touched[one.path] = one.line
    row = review.stored.row
    review.evidence[one.path] = {
        "_record_id": row["_record_id"],
        "_extraction_id": row["_extraction_id"],
        "path": one.path,
        "value": as_text(typed),
        "confidence": 1.0,
        "page": held["page"] if held and before == typed else None,
        "boxes": held["boxes"] if held and before == typed else [],
        "origin": "review",
        "before": as_text(before),
    }


def _typed(node: Node, one: Correction) -> Any:
    """The value as the schema declares it. A plain 1234.50 is read as such; other print must be open to one reading."""
    value = one.value
    if value is None:
        return None
    if node.kind in ("number", "integer") and isinstance(value, str) and _PLAIN_NUMBER.match(value.strip()):
        value = Decimal(value.strip())
    found = Coercion()
    typed = coerce(node, value if isinstance(value, str | int | Decimal) else as_text(value), found, one.path)
    if found.violations or typed is None:
        reason = found.violations[0].message if found.violations else f"{value!r} is no value"
        raise InvalidCorrections(f"line {one.line}: {reason}")
    return typed


def _parent(schema: Schema, review: Review, one: Correction) -> Any:
    """What the leaf lies in, made where it was null, and as a new row one past the last."""
    at: Any = review.value
    steps = parts(one.path)
    for depth, (part, following) in enumerate(pairwise(steps), 1):
        if isinstance(part, int):
            if part > len(at):
                raise InvalidCorrections(f"line {one.line}: {one.path!r}: there are {len(at)} rows, counted from 0")
            if part == len(at):
                at.append(_empty(_item(schema, steps[:depth])))
            at = at[part]
        else:
            if at.get(part) is None:
                at[part] = [] if isinstance(following, int) else {}
            at = at[part]
    if isinstance(steps[-1], int) and steps[-1] > len(at):
        raise InvalidCorrections(f"line {one.line}: {one.path!r}: there are {len(at)} values, counted from 0")
    return at


def _item(schema: Schema, steps: Sequence[str | int]) -> Node:
    node = schema.root
    for part in steps:
        below = node.item if isinstance(part, int) else node.child(part)
        assert below is not None  # the path was looked up before
        node = below
    return node


def _empty(node: Node) -> dict[str, Any]:
    return {child.name: [] if child.kind == "array" else None for child in node.children}


def _take_row(review: Review, one: Correction) -> None:
    found = _ROW.match(one.path)
    assert found is not None
    at: Any = review.value
    for part in parts(found["list"]):
        at = at[part] if isinstance(part, int) else (at.get(part) or [])
    index = int(found["index"])
    if one.value is not None or index >= len(at):
        raise InvalidCorrections(f"line {one.line}: {one.path!r} is a row: null takes it out, if it is there")
    del at[index]
    review.touched[one.path] = one.line
    kept: dict[str, dict[str, Any]] = {}
    for path, row in review.evidence.items():
        behind = re.match(rf"{re.escape(found['list'])}\[(\d+)\](.*)", path)
        number = int(behind[1]) if behind else -1
        if behind is None or number < index:
            kept[path] = row
        elif number > index:
            moved = f"{found['list']}[{number - 1}]{behind[2]}"
            kept[moved] = row | {"path": moved}
    review.evidence = kept
