"""Reviewed values put into a record in memory, with their evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from docpipe.errors import InvalidCorrections, ValueMisfit
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.review.corrections import WHOLE, Correction
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import parts, value_at, written
from docpipe.store.read import Stored
from docpipe.store.values import as_text, column_value

_PLAIN_NUMBER = re.compile(r"-?\d{1,60}(\.\d{1,60})?\Z", re.ASCII)
_ROW = re.compile(r"(?P<list>.+)\[(?P<index>\d+)\]\Z")


@dataclass(slots=True)
class Review:
    """One record under review; `evidence` are its rows, changed with `value`."""

    stored: Stored
    value: dict[str, Any]
    evidence: dict[str, dict[str, Any]]
    touched: dict[str, int]  # path -> line of the file; of a list whose rows came or went, its own
    violations: list[dict[str, Any]]
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
    node = _node(schema.root, one.path) if written(parts(one.path)) == one.path else None
    if node is None or (node.kind in ("object", "array") and not is_row(schema, one.path)):
        raise InvalidCorrections(f"line {one.line}: {one.path!r} is no value of schema {schema.name!r}")
    if is_row(schema, one.path):
        _take_row(review, one)
        return
    if one.path in review.touched:
        raise InvalidCorrections(f"line {one.line}: {one.path!r} was given on line {review.touched[one.path]} already")
    typed = _typed(node, one)
    at = _parent(schema, review, one)
    last = parts(one.path)[-1]
    if isinstance(last, int):
        at[last : last + 1] = [typed]
        before = None
    else:
        before, at[last] = at.get(last), typed
    held = review.evidence.get(one.path)
    same = {"page": held["page"], "boxes": held["boxes"]} if held and before == typed else {}
    _tell(review, one, one.path, as_text(typed), as_text(before), **same)


def _typed(node: Node, one: Correction) -> Any:
    """The value as the schema declares it. A plain 1234.50 is read as such; other print must be open to one reading."""
    value = one.value
    if value is None:
        return None
    if node.kind in ("number", "integer") and isinstance(value, str) and _PLAIN_NUMBER.match(value.strip()):
        value = Decimal(value.strip())
    if isinstance(value, list | dict | bytes):
        raise InvalidCorrections(f"line {one.line}: {one.path!r} is one value, not {value!r}")
    found = Coercion()
    typed = coerce(node, value if isinstance(value, str | int | Decimal) else as_text(value), found, one.path)
    if found.violations or typed is None:
        reason = found.violations[0].message if found.violations else f"{value!r} is no value"
        raise InvalidCorrections(f"line {one.line}: {reason}")
    try:
        column_value(typed, node, one.path)
    except ValueMisfit as error:
        raise InvalidCorrections(f"line {one.line}: {error.message}") from error
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
                _tell(review, one, written(steps[: depth - 1]), f"{part + 1} rows", f"{part} rows")
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
    at = value_at(review.value, found["list"]) or []
    index = int(found["index"])
    if one.value is not None or index >= len(at):
        raise InvalidCorrections(f"line {one.line}: {one.path!r} is a row: null takes it out, if it is there")
    del at[index]
    _tell(review, one, found["list"], f"{len(at)} rows", f"{len(at) + 1} rows")
    moved = {path: _moved(path, found["list"], index) for path in review.evidence}
    review.evidence = {new: review.evidence[old] | {"path": new} for old, new in moved.items() if new is not None}
    review.touched = {new: line for old, line in review.touched.items() if (new := _moved(old, found["list"], index))}
    told = [(row, [_moved(path, found["list"], index) for path in row["paths"] or ()]) for row in review.violations]
    review.violations = [row | {"paths": paths} for row, paths in told if None not in paths]


def _moved(path: str, rows: str, gone: int) -> str | None:
    """What `path` is called once row `gone` of the list `rows` is out; None if it lay in that row."""
    behind = re.match(rf"{re.escape(rows)}\[(\d+)\](.*)", path)
    if behind is None or int(behind[1]) < gone:
        return path
    return f"{rows}[{int(behind[1]) - 1}]{behind[2]}" if int(behind[1]) > gone else None


def _tell(review: Review, one: Correction, path: str, value: str | None, before: str | None, **where: Any) -> None:
    """Put what a person said into evidence; `before` is what was there first."""
    row, held = review.stored.row, review.evidence.get(path)
    review.touched[path] = one.line
    review.evidence[path] = {
        "_record_id": row["_record_id"],
        "_extraction_id": row["_extraction_id"],
        "path": path,
        "value": value,
        "confidence": 1.0,
        "page": None,
        "boxes": [],
        "origin": "review",
        "method": "",
        "before": held["before"] if held and held["origin"] == "review" else before,
    } | where
