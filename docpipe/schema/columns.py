"""Which tables and columns a schema becomes: names and paths only; store gives them Arrow types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from docpipe.schema.nodes import Node, Schema

LEDGER_TABLES = ("sources", "evidence", "pages", "replies", "runs", "current")


@dataclass(frozen=True, slots=True)
class Column:
    """One typed column: `path` is relative to the table's row ("seller.name"), `name` its SQL name."""

    name: str
    path: str
    node: Node


@dataclass(frozen=True, slots=True)
class TableShape:
    """One table: the records' own (`path` "") or a child's, whose `path` is its array's ("a.b").

    A nested child counts its `parents`: the tables of the arrays around it, outermost first.
    """

    name: str
    path: str
    columns: tuple[Column, ...]
    parents: tuple[str, ...] = ()


def table_shapes(schema: Schema) -> tuple[TableShape, ...]:
    """The record table first, then the children in the schema's order, parents before children."""
    return tuple(_shapes(schema.root, schema.name, "", (), schema.name))


def _shapes(node: Node, name: str, path: str, parents: tuple[str, ...], record_table: str) -> Iterator[TableShape]:
    scalars = [Column(_flat(leaf), leaf, found) for leaf, found in node.leaves()]
    lists: list[Column] = []
    below: list[tuple[str, Node]] = []
    for leaf, array in node.arrays():
        if array.item is not None and array.item.kind == "object":
            below.append((leaf, array))
        else:
            lists.append(Column(_flat(leaf), leaf, array))
    yield TableShape(name, path, tuple(scalars + lists), parents)
    inner = (*parents, name) if path else ()
    for leaf, array in below:
        assert array.item is not None
        here = f"{path}.{leaf}" if path else leaf
        table = f"{record_table}_{array.table or _flat(here)}"
        yield from _shapes(array.item, table, here, inner, record_table)


def _flat(path: str) -> str:
    return path.replace(".", "_")


def column_problems(schema: Schema) -> list[str]:
    """Names that collide once flattened; SQL engines fold case, so case does not tell names apart."""
    shapes = table_shapes(schema)
    names = [shape.name for shape in shapes] + list(LEDGER_TABLES)
    problems = [f"two tables would be named {name!r}; set x-docpipe.table" for name in _twice(names)]
    for shape in shapes:
        own = [column.name for column in shape.columns]
        own += ["position", *(f"{parent}_position" for parent in shape.parents)] if shape.path else []
        problems += [f"two columns of table {shape.name!r} would be named {name!r}" for name in _twice(own)]
    return problems


def _twice(names: list[str]) -> list[str]:
    counted = Counter(name.lower() for name in names)
    return sorted(name for name, times in counted.items() if times > 1)
