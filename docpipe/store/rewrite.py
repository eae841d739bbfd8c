"""One commit over parts that lie in an output already, whatever their schemas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from docpipe.errors import OutputUnwritable
from docpipe.store.current import Current, load_current, part_file
from docpipe.store.parts import fitted, last_number, part_name, read_about, read_part, write_part
from docpipe.store.place import Place, Where, place_of
from docpipe.store.publish import MARK, Change, Step, publish, recover

IDENTITY = ("source_uri", "doc_id", "_extraction_id")  # of a row of sources


@contextmanager
def tended(where: Where | Place, step: Step) -> Iterator[Rewriting]:
    """The output at rest, and ours alone. Part names begin with the time, as those of runs do."""
    out = place_of(where)
    load_current(out)  # what is no output is told so before anything is made in it
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-upkeep"
    try:
        lease = out.acquire(run_id)
        try:
            yield Rewriting(out, recover(out, (), step), run_id, step)
        finally:
            lease.release()
    except OSError as error:
        raise OutputUnwritable(f"{out}: {error.strerror or error}") from error


class Rewriting:
    """One commit over parts that are there already."""

    def __init__(self, out: Place, current: Current, run_id: str, step: Step) -> None:
        self.current = current
        self.out, self._run_id, self._step = out, run_id, step
        self._number = last_number(out, run_id)
        self._adds: dict[str, list[str]] = defaultdict(list)
        self._drops: dict[str, list[str]] = defaultdict(list)
        self._marked: tuple[str, pa.Table] | None = None

    def owners(self, kind: str) -> dict[str, list[str]]:
        """Schema -> names of its parts, oldest first: of "sources", or of all other tables together."""
        found: dict[str, set[str]] = defaultdict(set)
        for table, parts in self.current.parts.items():
            if (table == "sources") == (kind == "sources"):
                for part in parts:
                    found[self._owner(table, part)].add(part)
        return {owner: sorted(parts) for owner, parts in found.items()}

    def size(self, table: str, part: str) -> int:
        return self.out.size(part_file(self.out, table, part))

    def data_bytes(self, part: str) -> int:
        """Of the largest of the tables' files of that name."""
        return max(self.size(table, part) for table in self._tables_of(part))

    def merge_data(self, bundle: list[str]) -> None:
        """One part a table in place of those named; what shared a name goes on sharing one."""
        name = self._name()
        for table in sorted({table for part in bundle for table in self._tables_of(part)}):
            old = [part for part in bundle if part in self.current.parts[table]]
            self._replace(table, old, name, _joined([read_part(self.out, table, part) for part in old]))

    def merge_sources(self, bundles: list[list[str]]) -> None:
        """As `merge_data`; the last one will carry the mark of the commit."""
        if not bundles and self._adds:
            bundles = [[self.current.parts["sources"][-1]]]
        for bundle in bundles:
            rows = _joined([read_part(self.out, "sources", part) for part in bundle])
            self._replace_sources(bundle, rows)

    def take_out(self, extractions: Collection[str], uris: Collection[str]) -> None:
        """Leave these extractions and these sources out of every part that has them."""
        gone = pa.array(sorted(extractions), pa.string())
        for part in sorted({part for parts in self.owners("data").values() for part in parts}):
            name = self._name()
            for table in self._tables_of(part):
                rows = read_part(self.out, table, part)
                kept = rows.filter(pc.invert(pc.is_in(rows["_extraction_id"], gone)))
                if kept.num_rows < rows.num_rows:
                    self._replace(table, [part], name, kept)
        texts = pa.array(sorted(uris), pa.string())
        for part in self.current.parts.get("sources", ()):
            rows = read_part(self.out, "sources", part)
            kept = rows.filter(pc.invert(pc.is_in(rows["source_uri"], texts)))
            if kept.num_rows < rows.num_rows:
                self._replace_sources([part], kept)

    def source_rows(self) -> Iterator[dict[str, str]]:
        """uri, doc_id and extraction of every source."""
        for part in self.current.parts.get("sources", ()):
            yield from read_part(self.out, "sources", part, list(IDENTITY)).to_pylist()

    def publish(self) -> Current:
        """Make it all visible at once; what is live then. Does nothing if nothing is to be changed."""
        if self._marked is None:
            return self.current
        name, rows = self._marked
        self._adds["sources"].append(name)
        change = Change(_frozen(self._adds), _frozen(self._drops))
        metadata = {**(rows.schema.metadata or {}), MARK.encode(): change.to_json().encode()}
        write_part(self.out, "sources", name, rows.replace_schema_metadata(metadata))
        self._step("written")
        return publish(self.out, self.current, change, self._step)

    def _replace(self, table: str, old: Iterable[str], name: str, rows: pa.Table) -> None:
        """An empty part stays where a table would be left without one: its columns stay readable."""
        self._drops[table] += old
        left = set(self.current.parts[table]) - set(self._drops[table])
        if rows.num_rows or not (left or self._adds[table]):
            write_part(self.out, table, name, rows)
            self._adds[table].append(name)

    def _replace_sources(self, old: list[str], rows: pa.Table) -> None:
        if self._marked is not None:
            name, before = self._marked
            write_part(self.out, "sources", name, before)
            self._adds["sources"].append(name)
        self._drops["sources"] += old
        self._marked = self._name(), rows

    def _tables_of(self, part: str) -> list[str]:
        return [table for table, parts in self.current.parts.items() if table != "sources" and part in parts]

    def _owner(self, table: str, part: str) -> str:
        return read_about(self.out, part_file(self.out, table, part)).get("docpipe.schema", "")

    def _name(self) -> str:
        self._number += 1
        return part_name(self._run_id, self._number)


def _joined(tables: list[pa.Table]) -> pa.Table:
    """One table with the newest one's columns and footer; what an older one lacks is null."""
    return pa.concat_tables([fitted(table, tables[-1].schema) for table in tables]).combine_chunks()


def _frozen(parts: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {table: tuple(names) for table, names in parts.items() if names}
