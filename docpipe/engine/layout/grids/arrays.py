"""What an array of the role "tables" asks for: title, pages, header, and rows as cells or as typed columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docpipe.engine.layout.keys.fields import Field, type_of_kind
from docpipe.schema.nodes import Node, Schema


@dataclass(frozen=True, slots=True)
class RowsPart:
    """A list of rows in the table: `cells` is the path of its list of texts, "" without one; `columns` are the values
    that its rows have by name.
    """

    path: str
    cells: str
    columns: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class GridArray:
    """An array of the schema whose items are tables. Paths are "" for what it does not ask."""

    path: str
    title: str
    pages: str
    header: str
    rows: tuple[RowsPart, ...]


def grid_arrays(schema: Schema, paths: Sequence[str]) -> tuple[GridArray, ...]:
    """The arrays at `paths`."""
    nodes = dict(schema.root.arrays())
    return tuple(_array(path, item) for path in paths if (item := nodes[path].item) is not None)


def _array(path: str, item: Node) -> GridArray:
    strings = [leaf for leaf, node in item.leaves(path) if node.kind == "string"]
    lists = [(inner, array.item) for inner, array in item.arrays(path) if array.item is not None]
    return GridArray(
        path,
        next(iter(strings), ""),
        next((inner for inner, node in lists if node.kind == "integer"), ""),
        next((inner for inner, node in lists if node.kind == "string"), ""),
        tuple(_rows(inner, node) for inner, node in lists if node.kind == "object"),
    )


def _rows(path: str, item: Node) -> RowsPart:
    cells = next((inner for inner, array in item.arrays(path) if array.item and array.item.kind == "string"), "")
    return RowsPart(path, cells, tuple(_columns(path, item)))


def _columns(path: str, item: Node) -> Iterator[Field]:
    for leaf, node in item.leaves(path):
        yield Field(leaf, node, array=path, type=node.type or type_of_kind(node))
