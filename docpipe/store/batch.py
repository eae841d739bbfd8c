"""Writes the parts of one commit: new rows, and the rows that stay of parts that lose some."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from docpipe.store.columns import Layout
from docpipe.store.current import Current, Stat
from docpipe.store.former import with_names_of_now
from docpipe.store.ledger import LedgerRow, rows_table, uri_as_text
from docpipe.store.parts import Origin, fitted, read_part, write_part
from docpipe.store.place import Place
from docpipe.store.publish import Change
from docpipe.store.rows import Rows

WRITERS = 4  # a disk takes several syncs in the time of one


class Batch:
    """The parts of a commit while they are written into _tmp/. `name` gives a new part's name."""

    def __init__(self, out: Place, current: Current, layout: Layout, name: Callable[[], str]) -> None:
        self._out = out
        self._current = current
        self._layout = layout
        self._name = name
        self._origin = Origin.of_next(current)
        self._adds: dict[str, list[str]] = {table: [] for table in layout.tables}
        self._drops: dict[str, list[str]] = defaultdict(list)
        self._writers = ThreadPoolExecutor(WRITERS, "docpipe-parts")
        self._writing: dict[str, Future[Stat]] = {}  # "TABLE/PART" -> what becomes of it

    def rewrite(self, part: str, freed: Collection[str], homes: Mapping[str, str]) -> tuple[str, list[str]]:
        """Replace the data parts of that name by ones without the `freed` extractions.

        `homes` gives extractions another _source_uri. The new parts have the schema's columns as they
        are now. Returns their name and the extractions that are in them.
        """
        name, kept = self._name(), set[str]()
        gone = pa.array(sorted(freed), pa.string())
        for table, types in self._layout.tables.items():
            held = self._held(table, part)
            if held is None:
                continue
            rows = read_part(self._out, held, part)
            rows = rows.filter(pc.invert(pc.is_in(rows["_extraction_id"], gone)))
            self.drop(held, part)
            if rows.num_rows:
                former = self._layout.former
                rows = with_names_of_now(_rehomed(rows, homes), former, former.columns.get(table, {}))
                self._add(table, name, fitted(rows, types))
                kept |= set(rows["_extraction_id"].unique().to_pylist())
        return name, sorted(kept)

    def _held(self, table: str, part: str) -> str | None:
        """The table that has the part: `table`, or one that is called so now; None if it has none."""
        names = (table, *(old for old, now in self._layout.former.tables.items() if now == table))
        return next((name for name in names if table != "sources" and part in self._current.parts.get(name, ())), None)

    def rewrite_sources(self, part: str, uris: Collection[str]) -> tuple[str, list[str]]:
        """Replace a part of sources/ by one without these uris; returns its name and the uris in it.

        A part has rows of one schema only, so the uri alone names a row.
        """
        rows = read_part(self._out, "sources", part)
        gone = pa.array([uri_as_text(uri) for uri in uris], pa.string())
        rows = rows.filter(pc.invert(pc.is_in(rows["source_uri"], gone)))
        self.drop("sources", part)
        name = self._name()
        if rows.num_rows:
            self._add("sources", name, fitted(rows, self._footed(rows.schema)))
        return name, rows["source_uri"].to_pylist()

    def _footed(self, found: pa.Schema) -> pa.Schema:
        """The columns of sources/; the rows of another schema stay marked as its own."""
        types = self._layout.tables["sources"]
        own = found.metadata or {}
        if own.get(b"docpipe.schema", types.metadata[b"docpipe.schema"]) == types.metadata[b"docpipe.schema"]:
            return types
        return types.with_metadata(own)

    def drop(self, table: str, part: str) -> None:
        """Take a part out."""
        self._drops[table].append(part)

    @property
    def begun(self) -> bool:
        """Whether there is anything to commit yet."""
        return bool(self._drops)

    def finish(self, extractions: Iterable[Rows], sources: Collection[LedgerRow]) -> tuple[str, Change]:
        """Write the new rows, `sources` last and marked; returns their part's name and the commit.

        A table that would be left without a part gets an empty one: its columns stay readable.
        """
        name = self._name()
        extractions = list(extractions)
        for table, types in self._layout.tables.items():
            rows = [row for extraction in extractions for row in extraction.get(table, ())]
            if table != "sources" and (rows or self._bare(table)):
                self._add(table, name, pa.Table.from_pylist(rows, types))
        self._adds["sources"].append(name)
        change = Change(
            {table: tuple(names) for table, names in self._adds.items() if names},
            {table: tuple(names) for table, names in self._drops.items()},
            self._written(),
        )
        rows = rows_table(sources, self._layout.tables["sources"])
        stat = write_part(self._out, "sources", name, rows, self._origin, change.to_json())
        return name, replace(change, stats={**change.stats, f"sources/{name}": stat})

    def _add(self, table: str, name: str, rows: pa.Table) -> None:
        written = self._writers.submit(write_part, self._out, table, name, rows, self._origin)
        self._writing[f"{table}/{name}"] = written
        self._adds[table].append(name)

    def _written(self) -> dict[str, Stat]:
        """Waits until all that was begun is on the disk; raises what went wrong with any of it."""
        with self._writers:
            return {file: part.result() for file, part in self._writing.items()}

    def _bare(self, table: str) -> bool:
        return not self._adds[table] and set(self._current.parts[table]) <= set(self._drops[table])


def _rehomed(rows: pa.Table, homes: Mapping[str, str]) -> pa.Table:
    if not homes or "_source_uri" not in rows.column_names:
        return rows
    pairs = zip(rows["_extraction_id"].to_pylist(), rows["_source_uri"].to_pylist(), strict=True)
    uris = pa.array([homes.get(extraction, uri) for extraction, uri in pairs], pa.string())
    return rows.set_column(rows.column_names.index("_source_uri"), "_source_uri", uris)
