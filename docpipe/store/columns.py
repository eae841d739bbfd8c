"""Schema -> Arrow: the types of every table. They depend on the schema alone, never on the data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from docpipe import __version__
from docpipe.errors import InvalidSchema
from docpipe.schema.columns import Column, TableShape, column_problems, table_shapes
from docpipe.schema.nodes import Node, Schema

DECIMAL_DIGITS = 38
"""Precision of every exact decimal: no value that validates is refused, and no sum overflows."""

CLOSED = pa.dictionary(pa.int32(), pa.string())
UTC_TIME = pa.timestamp("us", tz="UTC")
STRINGS = pa.list_(pa.string())
PAIRS = pa.map_(pa.string(), pa.string())
BOXES = pa.list_(pa.list_(pa.float32(), 4))

VIOLATIONS = pa.list_(
    pa.struct(
        {
            "rule": pa.string(),
            "severity": pa.string(),
            "message": pa.string(),
            "paths": STRINGS,
            "left": pa.string(),
            "right": pa.string(),
        }
    )
)
SPANS = pa.list_(
    pa.struct(
        {
            "path": pa.string(),
            "page": pa.int32(),
            "boxes": BOXES,
            "score": pa.float64(),
            "text": pa.string(),
        }
    )
)

SOURCES = pa.schema(
    {
        "source_uri": pa.string(),
        "schema": CLOSED,
        "size": pa.int64(),
        "mtime_ns": pa.int64(),
        "etag": pa.string(),
        "metadata": PAIRS,
        "doc_id": pa.string(),
        "media_type": CLOSED,
        "notes": STRINGS,
        "status": CLOSED,
        "engine": CLOSED,
        "fingerprints": PAIRS,
        "failure_code": CLOSED,
        "failure_message": pa.string(),
        "failure_remedy": pa.string(),
        "failure_retryable": pa.bool_(),
        "pages": pa.int32(),
        "records": pa.int32(),
        "seconds": pa.float64(),
        "vanished": pa.bool_(),
        "_extraction_id": pa.string(),
        "run_id": CLOSED,
        "processed_at": UTC_TIME,
    }
)
RECORD = {
    "_record_id": pa.string(),
    "_doc_id": pa.string(),
    "_source_uri": pa.string(),
    "_extraction_id": pa.string(),
    "_status": CLOSED,
    "_confidence": pa.float64(),
    "_violations": VIOLATIONS,
    "_pages": pa.list_(pa.int32()),
    "_engine": CLOSED,
    "_fingerprints": PAIRS,
    "_run_id": CLOSED,
    "_processed_at": UTC_TIME,
    "_absent": STRINGS,  # objects and arrays of objects that are null, not empty: no column tells
}
EVIDENCE = pa.schema(
    {
        "_record_id": pa.string(),
        "_extraction_id": pa.string(),
        "path": pa.string(),
        "value": pa.string(),
        "confidence": pa.float64(),
        "page": pa.int32(),
        "boxes": BOXES,
        "origin": CLOSED,
        "before": pa.string(),
    }
)
PAGES = pa.schema(
    {
        "_extraction_id": pa.string(),
        "_doc_id": pa.string(),
        "_source_uri": pa.string(),
        "schema": CLOSED,
        "page": pa.int32(),
        "width_pt": pa.float64(),
        "height_pt": pa.float64(),
        "width_px": pa.int32(),
        "height_px": pa.int32(),
        "dpi": pa.float64(),
        "rotation": pa.int32(),
        "visual_tokens": pa.int32(),
        "text_source": CLOSED,
        "words": pa.int32(),
        "skipped": pa.string(),
        "seconds": pa.float64(),
        "notes": STRINGS,
    }
)
REPLIES = pa.schema(
    {
        "_extraction_id": pa.string(),
        "_doc_id": pa.string(),
        "schema": CLOSED,
        "key": pa.string(),
        "pages": pa.list_(pa.int32()),
        "engine": CLOSED,
        "text": pa.string(),
        "finish": CLOSED,
        "error": pa.string(),
        "prompt_tokens": pa.int32(),
        "output_tokens": pa.int32(),
        "seconds": pa.float64(),
        "logprobs": pa.list_(pa.float32()),
        "spans": SPANS,
    }
)

SIDE_TABLES: Mapping[str, pa.Schema] = {"evidence": EVIDENCE, "pages": PAGES, "replies": REPLIES}
"""Tables that all schemas of an output share, besides sources."""

_SCALARS = {
    "string": pa.string(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "datetime": UTC_TIME,
}

Plan = dict[str, Any]
"""How a nested record lies in tables, in the schema's order: a property's name -> its column's name,
the plan of an object, or [table, plan of its rows] for an array of objects. Plain JSON."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Every table of a schema. `tables` lists them in the order in which parts are put in place."""

    schema: Schema
    tables: Mapping[str, pa.Schema]
    plan: Plan
    fields: Mapping[str, Mapping[str, Node]]  # table -> typed column -> what it holds
    positions: Mapping[str, tuple[str, ...]]  # child table -> see position_columns

    @property
    def name(self) -> str:
        """The schema's name, which is the record table's."""
        return self.schema.name


def layout(schema: Schema) -> Layout:
    """The tables of `schema`; raises InvalidSchema if two columns or tables would share a name."""
    problems = column_problems(schema)
    if problems:
        raise InvalidSchema(f"schema {schema.name!r} cannot be stored: {'; '.join(problems)}")
    shapes = {shape.name: shape for shape in table_shapes(schema)}
    columns = {shape.path: {column.path: column.name for column in shape.columns} for shape in shapes.values()}
    names = {shape.path: shape.name for shape in shapes.values()}
    plan = _plan(schema.root, columns, names, "", "")
    record, *children = shapes.values()
    tables = {shape.name: _child(shape) for shape in reversed(children)}
    tables |= {**SIDE_TABLES, record.name: _record(record), "sources": SOURCES}
    about = {
        "docpipe.version": __version__,
        "docpipe.schema": schema.name,
        "docpipe.schema_fingerprint": schema.fingerprint,
        "docpipe.structure_fingerprint": schema.structure_fingerprint,
        "docpipe.plan": json.dumps(plan),
    }
    return Layout(
        schema,
        {name: table.with_metadata(about) for name, table in tables.items()},
        plan,
        fields={name: {column.name: column.node for column in shape.columns} for name, shape in shapes.items()},
        positions={name: position_columns(shape.parents) for name, shape in shapes.items()},
    )


def arrow_type(node: Node) -> pa.DataType:
    """The column type of a scalar or of an array of scalars.

    A number with a scale is exact, one without is a double: it was never money.
    """
    if node.kind == "array" and node.item is not None:
        return pa.list_(arrow_type(node.item))
    if node.enum:
        return CLOSED
    if node.kind == "number":
        return pa.float64() if node.scale is None else pa.decimal128(DECIMAL_DIGITS, node.scale)
    return _SCALARS[node.kind]


def position_columns(parents: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that say where in its arrays a child's row stood, from 0; `parents` are tables."""
    return (*(f"{parent}_position" for parent in parents), "position")


def _record(shape: TableShape) -> pa.Schema:
    return pa.schema(RECORD | _typed(shape.columns))


def _child(shape: TableShape) -> pa.Schema:
    keys = {"_record_id": pa.string(), "_extraction_id": pa.string()}
    return pa.schema(keys | dict.fromkeys(position_columns(shape.parents), pa.int32()) | _typed(shape.columns))


def _typed(columns: tuple[Column, ...]) -> dict[str, pa.DataType]:
    return {column.name: arrow_type(column.node) for column in columns}


def _plan(
    node: Node, columns: Mapping[str, Mapping[str, str]], tables: Mapping[str, str], table: str, prefix: str
) -> Plan:
    """`table` is the path of the array whose rows these are, `prefix` the way from such a row to `node`."""
    plan: Plan = {}
    for child in node.children:
        here = f"{prefix}{child.name}"
        if child.kind == "object":
            plan[child.name] = _plan(child, columns, tables, table, f"{here}.")
        elif here in columns[table]:
            plan[child.name] = columns[table][here]
        elif child.item is not None:
            path = f"{table}.{here}" if table else here
            plan[child.name] = [tables[path], _plan(child.item, columns, tables, path, "")]
    return plan
