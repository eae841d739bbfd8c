"""Brings what lies in an output to the columns of the schema as it is now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from docpipe.errors import OutputConflict, PathNotFound
from docpipe.schema.nodes import Schema
from docpipe.store.batch import Batch
from docpipe.store.columns import Layout, layout
from docpipe.store.current import Current, load_current, part_file
from docpipe.store.parts import read_about, read_types
from docpipe.store.place import Lease, Place, Where, place_of
from docpipe.store.publish import Step, publish, unwatched
from docpipe.store.rewrite import tended
from docpipe.store.types import SIDE_TABLES


@dataclass(frozen=True, slots=True)
class Evolution:
    """What the schema makes of one table: columns that come, go, are called otherwise, or take more.

    `renamed`: old name -> new one; `widened`: name -> the types, as text. `was`: the table's own former name.
    `gone`: the schema has the table no more.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    widened: Mapping[str, str] = field(default_factory=dict)
    was: str = ""
    gone: bool = False

    def told(self) -> str:
        """In words."""
        said = [f"was {self.was}"] if self.was else ["goes"] if self.gone else []
        said += [f"+ {name}" for name in self.added] + [f"- {name}" for name in self.removed]
        said += [f"{old} is {new} now" for old, new in self.renamed.items()]
        return ", ".join([*said, *(f"{name}: {types}" for name, types in self.widened.items())])


def migrate(
    where: Where | Place, schema: Schema, *, dry_run: bool = False, step: Step = unwatched
) -> dict[str, Evolution]:
    """Rewrite what lies in an output to the columns of `schema`, in one commit; table -> what changed.

    A run does the same before it begins. With `dry_run` nothing is written. Raises OutputConflict where a
    column cannot take its old values, and what `load_current` does, OutputLocked, OutputUnwritable.
    """
    out, tables = place_of(where), layout(schema)
    check_stored(out, schema.name)
    if dry_run:
        return evolution(out, load_current(out), tables)
    with tended(out, step, tables.tables) as rewriting:
        changes = evolution(out, rewriting.current, tables)
        conform(out, rewriting.current, tables, rewriting.new_name, rewriting.lease, step)
    return changes


def check_stored(out: Place, schema_name: str) -> None:
    """Raises PathNotFound where the output has no record of a schema of that name."""
    parts = load_current(out).parts
    if not parts.get(schema_name):
        raise PathNotFound(f"{out} has no table {schema_name!r}", remedy=f"There are {', '.join(sorted(parts))}.")


def evolution(out: Place, current: Current, layout: Layout) -> dict[str, Evolution]:
    """Table, as it is called now -> what the schema of `layout` changes about it; {} if nothing.

    All parts of a table have the same columns at rest, so that the newest tells; of the tables that all
    schemas share, the newest of this one. Raises OutputConflict if a column would change its type to
    one that does not take all old values, or a table is another schema's.
    """
    found: dict[str, Evolution] = {}
    for table, parts in current.parts.items():
        own = _own_parts(out, table, parts, layout) if table in SIDE_TABLES else parts
        if not own:
            continue
        types = read_types(out, table, own[-1])
        owner = (types.metadata or {}).get(b"docpipe.schema", b"").decode()
        if table == "sources" or table in SIDE_TABLES or owner == layout.name:
            now = layout.former.tables.get(table, table) if table not in layout.tables else table
            if now not in layout.tables or (now != table and current.parts.get(now)):
                found[table] = Evolution(gone=True)
                continue
            change = _compared(types, layout, now, f"table {table!r} in {out}", "" if now == table else table)
            if change != Evolution():
                found[now] = change
        elif table in layout.tables:
            raise OutputConflict(f"table {table!r} in {out} belongs to schema {owner!r}")
    return found


def conform(out: Place, current: Current, layout: Layout, name: Callable[[], str], lease: Lease, step: Step) -> Current:
    """Give the schema's tables its columns, so that old and new parts read as one; returns what is live.

    New columns are null in old rows, columns and child tables that the schema has no more go; the
    fingerprints make the documents be done again. Raises what `evolution` does. `sources`, which all
    schemas share, grows with docpipe.
    """
    changes = evolution(out, current, layout)
    if not changes:
        return current
    batch = Batch(out, current, layout, name)
    stale: set[str] = set()
    for table, change in changes.items():
        held = change.was or table
        if change.gone:
            for part in current.parts[table]:
                batch.drop(table, part)
        elif table == "sources":
            for part in current.parts["sources"]:
                batch.rewrite_sources(part, ())
        else:
            parts = current.parts[held]
            stale.update(_own_parts(out, held, parts, layout) if table in SIDE_TABLES else parts)
    for part in sorted(stale):
        batch.rewrite(part, (), {})
    _, commit = batch.finish((), ())
    return publish(out, current, commit, lease, step)


def _own_parts(out: Place, table: str, parts: tuple[str, ...], layout: Layout) -> list[str]:
    """Those of a shared table's `parts` that this schema wrote, if the newest part is not as it should be at all."""
    if not parts or set(read_types(out, table, parts[-1]).names) == set(layout.tables[table].names):
        return []
    owners = ((part, read_about(out, part_file(out, table, part)).get("docpipe.schema")) for part in parts)
    return [part for part, owner in owners if owner == layout.name]


def _compared(found: pa.Schema, layout: Layout, table: str, where: str, was: str) -> Evolution:
    wanted, former = layout.tables[table], layout.former.columns.get(table, {})
    renamed = {
        old: new for old, new in former.items() if old in found.names and new not in found.names and new in wanted.names
    }
    widened = {}
    held = {renamed.get(column.name, column.name): column.type for column in found}
    for column in wanted:
        old = held.get(column.name)
        if old is None or old == column.type:
            continue
        if not _takes(column.type, old):
            raise OutputConflict(
                f"column {column.name!r} of {where} is {old}; the schema makes it {column.type}",
                remedy="Choose another --out, or give the field or the schema another name.",
            )
        widened[column.name] = f"{old} -> {column.type}"
    return Evolution(
        added=tuple(name for name in wanted.names if name not in held),
        removed=tuple(name for name in found.names if renamed.get(name, name) not in wanted.names),
        renamed=renamed,
        widened=widened,
        was=was,
    )


def _takes(new: pa.DataType, old: pa.DataType) -> bool:
    """Whether every value of the `old` type is one of the `new` type: nothing is rounded, nothing guessed.

    A closed set of words may become any words, but not the other way round; a double was never exact.
    """
    if pa.types.is_list(new) and pa.types.is_list(old):
        return new.value_type == old.value_type or _takes(new.value_type, old.value_type)
    if pa.types.is_decimal(new):
        return bool(pa.types.is_integer(old) or (pa.types.is_decimal(old) and old.scale <= new.scale))
    return bool(pa.types.is_string(new) and pa.types.is_dictionary(old))
