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
from docpipe.schema.names import is_joined_name
from docpipe.schema.nodes import Node, Schema
from docpipe.store.former import Former, former
from docpipe.store.types import CLOSED, DECIMAL_DIGITS, RECORD, SIDE_TABLES, SOURCES, UTC_TIME

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
    former: Former

    @property
    def name(self) -> str:
        """The schema's name, which is the record table's."""
        return self.schema.name


def layout(schema: Schema) -> Layout:
    """The tables of `schema`; raises InvalidSchema if two columns or tables would share a name."""
    shapes = {shape.name: shape for shape in table_shapes(schema)}
    problems = column_problems(schema)
    problems += [f"{name!r} is no name of a table" for name in shapes if not is_joined_name(name)]
    if problems:
        raise InvalidSchema(f"schema {schema.name!r} cannot be stored: {'; '.join(problems)}")
    columns = {
        shape.path: {column.path: column.name for column in shape.columns if not column.derived}
        for shape in shapes.values()
    }
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
        "docpipe.summary": json.dumps(schema.summary),
    }
    return Layout(
        schema,
        {name: table.with_metadata(about) for name, table in tables.items()},
        plan,
        fields={name: {column.name: column.node for column in shape.columns} for name, shape in shapes.items()},
        positions={name: position_columns(shape.parents) for name, shape in shapes.items()},
        former=former(schema, list(shapes.values())),
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
