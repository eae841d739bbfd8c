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


def apply(schema: Schema, review: Review, correction: Correction) -> None:
    """Put one correction into the record under review. Raises InvalidCorrections naming its line."""
    if correction.path == WHOLE:
        review.approved = True
        return
    node = _node(schema.root, correction.path) if written(parts(correction.path)) == correction.path else None
    if node is None or (node.kind in ("object", "array") and not is_row(schema, correction.path)):
        raise InvalidCorrections(f"line {correction.line}: {correction.path!r} is no value of schema {schema.name!r}")
    if is_row(schema, correction.path):
        _take_row(review, correction)
        return
    if correction.path in review.touched:
        raise InvalidCorrections(
            f"line {correction.line}: {correction.path!r} was given on line {review.touched[correction.path]} already"
        )
    typed = _typed(node, correction)
    at = _parent(schema, review, correction)
    last = parts(correction.path)[-1]
    if isinstance(last, int):
        at[last : last + 1] = [typed]
        before = None
    else:
        before, at[last] = at.get(last), typed
    held = review.evidence.get(correction.path)
    same = {"page": held["page"], "boxes": held["boxes"]} if held and before == typed else {}
    _tell(review, correction, correction.path, as_text(typed), as_text(before), **same)


def _typed(node: Node, correction: Correction) -> Any:
    """The value as the schema declares it. A plain 1234.50 is read as such; other print must be open to one reading."""
    value = correction.value
    if value is None:
        return None
    if node.kind in ("number", "integer") and isinstance(value, str) and _PLAIN_NUMBER.match(value.strip()):
        value = Decimal(value.strip())
    if isinstance(value, list | dict | bytes):
        raise InvalidCorrections(f"line {correction.line}: {correction.path!r} is one value, not {value!r}")
    coercion = Coercion()
    typed = coerce(node, value if isinstance(value, str | int | Decimal) else as_text(value), coercion, correction.path)
    if coercion.violations or typed is None:
        reason = coercion.violations[0].message if coercion.violations else f"{value!r} is no value"
        raise InvalidCorrections(f"line {correction.line}: {reason}")
    try:
        column_value(typed, node, correction.path)
    except ValueMisfit as error:
        raise InvalidCorrections(f"line {correction.line}: {error.message}") from error
    return typed


def _parent(schema: Schema, review: Review, correction: Correction) -> Any:
    """What the leaf lies in, made where it was null, and as a new row one past the last."""
    at: Any = review.value
    steps = parts(correction.path)
    for depth, (part, following) in enumerate(pairwise(steps), 1):
        if isinstance(part, int):
            if part > len(at):
                raise InvalidCorrections(
                    f"line {correction.line}: {correction.path!r}: there are {len(at)} rows, counted from 0"
                )
            if part == len(at):
                _tell(review, correction, written(steps[: depth - 1]), f"{part + 1} rows", f"{part} rows")
                at.append(_empty(_item(schema, steps[:depth])))
            at = at[part]
        else:
            if at.get(part) is None:
                at[part] = [] if isinstance(following, int) else {}
            at = at[part]
    if isinstance(steps[-1], int) and steps[-1] > len(at):
        raise InvalidCorrections(
            f"line {correction.line}: {correction.path!r}: there are {len(at)} values, counted from 0"
        )
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


def _take_row(review: Review, correction: Correction) -> None:
    match = _ROW.match(correction.path)
    assert match is not None
    at = value_at(review.value, match["list"]) or []
    index = int(match["index"])
    if correction.value is not None or index >= len(at):
        raise InvalidCorrections(
            f"line {correction.line}: {correction.path!r} is a row: null takes it out, if it is there"
        )
    del at[index]
    _tell(review, correction, match["list"], f"{len(at)} rows", f"{len(at) + 1} rows")
    moved = {path: _moved(path, match["list"], index) for path in review.evidence}
    review.evidence = {new: review.evidence[old] | {"path": new} for old, new in moved.items() if new is not None}
    review.touched = {new: line for old, line in review.touched.items() if (new := _moved(old, match["list"], index))}
    moved_paths = [
        (row, [_moved(path, match["list"], index) for path in row["paths"] or ()]) for row in review.violations
    ]
    review.violations = [row | {"paths": paths} for row, paths in moved_paths if None not in paths]


def _moved(path: str, rows: str, gone: int) -> str | None:
    """What `path` is called once row `gone` of the list `rows` is out; None if it lay in that row."""
    behind = re.match(rf"{re.escape(rows)}\[(\d+)\](.*)", path)
    if behind is None or int(behind[1]) < gone:
        return path
    return f"{rows}[{int(behind[1]) - 1}]{behind[2]}" if int(behind[1]) > gone else None


def _tell(
    review: Review, correction: Correction, path: str, value: str | None, before: str | None, **where: Any
) -> None:
    """Put what a person said into evidence; `before` is what was there first."""
    row, held = review.stored.row, review.evidence.get(path)
    review.touched[path] = correction.line
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
