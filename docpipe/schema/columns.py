"""Which tables and columns a schema becomes: names and paths only; store gives them Arrow types."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from docpipe.schema.names import MAX_JOINED_CHARS
from docpipe.schema.nodes import Node, Schema

MAX_FORMER = 64  # paths that one field may have had

LEDGER_TABLES = ("sources", "evidence", "pages", "replies", "runs", "current")


@dataclass(frozen=True, slots=True)
class Column:
    """One typed column: `path` is relative to the table's row ("seller.name"), `name` its SQL name.

    `derived`: a second column of the same value, for those of its values that are numbers.
    """

    name: str
    path: str
    node: Node
    derived: bool = False


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
    scalars = [column for leaf, found in node.leaves() for column in _columns(leaf, found)]
    lists: list[Column] = []
    below: list[tuple[str, Node]] = []
    for leaf, array in node.arrays():
        if array.item is not None and array.item.kind == "object":
            below.append((leaf, array))
        else:
            lists.append(Column(flat(leaf), leaf, array))
    yield TableShape(name, path, tuple(scalars + lists), parents)
    inner = (*parents, name) if path else ()
    for leaf, array in below:
        assert array.item is not None
        here = f"{path}.{leaf}" if path else leaf
        table = f"{record_table}_{array.table or flat(here)}"
        yield from _shapes(array.item, table, here, inner, record_table)


def _columns(path: str, node: Node) -> tuple[Column, ...]:
    """One column, or two of a value that may be text or a number: no column has two types."""
    if not node.mixed:
        return (Column(flat(path), path, node),)
    number = Node(node.name, "number")
    return Column(f"{flat(path)}_text", path, node), Column(f"{flat(path)}_number", path, number, derived=True)


def former_paths(schema: Schema) -> dict[str, str]:
    """Path that a field had under an earlier name, its own or that of what it lies in -> its path now.

    Every field counts, objects and arrays too. A path that some field has now is nobody's former one.
    """
    now: set[str] = set()
    found: dict[str, str] = {}
    for path, former in _named(schema.root, "", ("",)):
        now.add(path)
        for name in former:
            found.setdefault(name, path)
    return {former: path for former, path in found.items() if former not in now}


def _named(node: Node, path: str, former: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(path, every path that it may have had) of each field below `node`."""
    for child in (node.item or node).children:
        here = f"{path}.{child.name}" if path else child.name
        names = (child.name, *child.renamed_from)
        ways = tuple(f"{way}.{name}" if way else name for way in former for name in names)[:MAX_FORMER]
        yield here, tuple(way for way in ways if way != here)
        yield from _named(child, here, ways)


def flat(path: str) -> str:
    """The column, or the end of the table's name, that a path becomes."""
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
        names += own
    problems += [
        f"{name[:40]}... has {len(name)} characters, names joined by _ at most {MAX_JOINED_CHARS}: shorten its parts"
        for name in names
        if len(name) > MAX_JOINED_CHARS
    ]
    return problems


def _twice(names: list[str]) -> list[str]:
    counted = Counter(name.lower() for name in names)
    return sorted(name for name, times in counted.items() if times > 1)
