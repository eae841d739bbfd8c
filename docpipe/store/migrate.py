"""Brings what lies in an output to the columns of the schema as it is now."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from docpipe.errors import OutputConflict
from docpipe.store.batch import Batch
from docpipe.store.columns import SIDE_TABLES, Layout
from docpipe.store.current import Current
from docpipe.store.parts import read_types
from docpipe.store.place import Place
from docpipe.store.publish import Step, publish


def conform(out: Place, current: Current, layout: Layout, name: Callable[[], str], step: Step) -> Current:
    """Give the schema's tables its columns, so that old and new parts read as one; returns what is live.

    New columns are null in old rows, columns and child tables that the schema has no more go; the
    fingerprints make the documents be done again. Raises OutputConflict if a column would change its
    type, or a table is another schema's. All parts of a table have the same columns at rest. `sources`,
    which all schemas share, grows with docpipe.
    """
    batch = Batch(out, current, layout, name)
    stale: set[str] = set()
    for table, parts in current.parts.items():
        if table in SIDE_TABLES or table == "sources" or not parts:
            continue
        found = read_types(out, table, parts[-1])
        owner = found.metadata[b"docpipe.schema"].decode()
        if table not in layout.tables and owner == layout.name:
            for part in parts:
                batch.drop(table, part)
        elif table in layout.tables and owner != layout.name:
            raise OutputConflict(f"table {table!r} in {out} belongs to schema {owner!r}")
        elif table in layout.tables and _differs(found, layout.tables[table], f"table {table!r} in {out}"):
            stale.update(parts)
    for part in sorted(stale):
        batch.rewrite(part, (), {})
    for part in current.parts.get("sources", ()):
        if _differs(read_types(out, "sources", part), layout.tables["sources"], f"table 'sources' in {out}"):
            batch.rewrite_sources(part, ())
    if not batch.begun:
        return current
    _, change = batch.finish((), ())
    return publish(out, current, change, step)


def _differs(found: pa.Schema, wanted: pa.Schema, where: str) -> bool:
    """Whether columns came or went; raises OutputConflict if one changed its type."""
    for field in wanted:
        index = found.get_field_index(field.name)
        if index >= 0 and found.field(index).type != field.type:
            raise OutputConflict(
                f"column {field.name!r} of {where} is {found.field(index).type}; the schema makes it {field.type}",
                remedy="Choose another --out, or give the field or the schema another name.",
            )
    return set(found.names) != set(wanted.names)
