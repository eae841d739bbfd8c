"""One commit over parts that lie in an output already, whatever their schemas."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from docpipe.errors import OutputUnwritable, PartLost
from docpipe.store.current import Current, Stat, load_current, part_file
from docpipe.store.parts import Origin, fitted, last_number, part_name, read_about, read_part, write_part
from docpipe.store.place import Lease, Place, Where, place_of
from docpipe.store.publish import Change, Step, publish
from docpipe.store.recover import recover
from docpipe.store.rows import Row
from docpipe.store.types import SOURCES

IDENTITY = ("source_uri", "doc_id", "_extraction_id")  # of a row of sources


@contextmanager
def tended(where: Where | Place, step: Step, tables: Iterable[str] = ()) -> Iterator[Rewriting]:
    """The output at rest, knowing `tables`, and ours alone. Part names begin with the time, as those of runs do."""
    out = place_of(where)
    load_current(out)  # what is no output is told so before anything is made in it
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-upkeep-{secrets.token_hex(4)}"  # clocks go back, names do not
    try:
        lease = out.acquire(run_id)
        try:
            yield Rewriting(out, recover(out, tables, lease, run_id), run_id, lease, step)
        finally:
            lease.release()
    except OSError as error:
        raise OutputUnwritable(f"{out}: {error.strerror or error}") from error


class Rewriting:
    """One commit over parts that are there already."""

    def __init__(self, out: Place, current: Current, run_id: str, lease: Lease, step: Step) -> None:
        self.current = current
        self.out, self.lease = out, lease
        self._run_id, self._step = run_id, step
        self._origin = Origin.of_next(current)
        self._stats: dict[str, Stat] = {}
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
        name = self.new_name()
        for table in sorted({table for part in bundle for table in self._tables_of(part)}):
            old = [part for part in bundle if part in self.current.parts[table]]
            self._replace(table, old, name, _joined([read_part(self.out, table, part) for part in old]))

    def merge_sources(self, bundles: list[list[str]]) -> None:
        """As `merge_data`; the last one will carry the mark of the commit."""
        for bundle in bundles:
            rows = _joined([read_part(self.out, "sources", part) for part in bundle])
            self._replace_sources(bundle, rows)

    def take_out(self, extractions: Collection[str], uris: Collection[str], spare: Collection[str] = ()) -> None:
        """Leave these extractions, but in the tables to `spare`, and their rows at `uris` out of every part.

        A path is in sources/ once a schema, and may have been read from other bytes for another one: that row stays.
        """
        gone = pa.array(sorted(extractions), pa.string())
        for part in sorted({part for parts in self.owners("data").values() for part in parts}):
            held = {table: read_part(self.out, table, part) for table in self._tables_of(part)}
            kept = {
                table: rows if table in spare else rows.filter(pc.invert(pc.is_in(rows["_extraction_id"], gone)))
                for table, rows in held.items()
            }
            if any(kept[table].num_rows < held[table].num_rows for table in held):
                name = self.new_name()  # for all of them: what shares a name belongs together
                for table, rows in kept.items():
                    self._replace(table, [part], name, rows)
        texts = pa.array(sorted(uris), pa.string())
        for part in self.current.parts.get("sources", ()) if uris else ():
            rows = read_part(self.out, "sources", part)
            going = pc.and_(pc.is_in(rows["source_uri"], texts), pc.is_in(rows["_extraction_id"], gone))
            kept = rows.filter(pc.invert(going))
            if kept.num_rows < rows.num_rows:
                self._replace_sources([part], kept)

    def put(self, part: str, records: Collection[str], rows: Mapping[str, list[Row]]) -> None:
        """In place of these records of a part the `rows`, by table; pages and replies stay as they are."""
        name, gone = self.new_name(), pa.array(sorted(records), pa.string())
        for table in dict.fromkeys((*self._tables_of(part), *(table for table in rows if rows[table]))):
            old = [part] if part in self.current.parts[table] else []
            held = read_part(self.out, table, (old or self.current.parts[table])[-1])
            kept = held if old else held.slice(0, 0)
            if table in rows:
                kept = kept.filter(pc.invert(pc.is_in(kept["_record_id"], gone)))
                new = pa.Table.from_pylist(rows[table], kept.schema)
                kept = pa.concat_tables([kept.unify_dictionaries(), new]).unify_dictionaries().combine_chunks()
            self._replace(table, old, name, kept)

    def mark_sources(self, statuses: Mapping[str, str]) -> None:
        """Give the sources of these extractions their status, and say of them that they were reviewed."""
        for part in self.current.parts.get("sources", ()):
            rows = read_part(self.out, "sources", part)
            touched = [statuses.get(identity) for identity in rows["_extraction_id"].to_pylist()]
            if not any(touched):
                continue
            for name, values in (
                ("status", [new or old for new, old in zip(touched, rows["status"].to_pylist(), strict=True)]),
                (
                    "reviewed",
                    [new is not None or old for new, old in zip(touched, rows["reviewed"].to_pylist(), strict=True)],
                ),
            ):
                at = rows.column_names.index(name)
                rows = rows.set_column(at, rows.schema.field(at), pa.array(values, rows.schema.field(at).type))
            self._replace_sources([part], rows)

    def mark_lost(self, extractions: Collection[str]) -> int:
        """Say of the sources of these extractions that what was read is lost; returns how many had been reviewed."""
        lost, reviewed = pa.array(sorted(extractions), pa.string()), 0
        said = {
            "status": "failed",
            "failure_code": PartLost.code,
            "failure_message": "a part of the output that held what was read of it is lost",
            "failure_remedy": PartLost.remedy,
            "failure_retryable": True,
            "pages": 0,
            "records": 0,
            "reviewed": False,
        }
        for part in self.current.parts.get("sources", ()):
            rows = read_part(self.out, "sources", part)
            touched = pc.is_in(rows["_extraction_id"], lost)
            if not pc.any(touched).as_py():
                continue
            reviewed += pc.sum(pc.and_(touched, rows["reviewed"])).as_py() or 0
            for name, value in said.items():
                at = rows.column_names.index(name)
                kind = rows.schema.field(at).type
                plain = rows[name].to_pylist()
                values = [value if hit else old for hit, old in zip(touched.to_pylist(), plain, strict=True)]
                rows = rows.set_column(at, rows.schema.field(at), pa.array(values, kind))
            self._replace_sources([part], rows)
        return reviewed

    def source_rows(self) -> Iterator[dict[str, str]]:
        """uri, doc_id and extraction of every source."""
        for part in self.current.parts.get("sources", ()):
            yield from read_part(self.out, "sources", part, list(IDENTITY)).to_pylist()

    def extractions_of(self, schema: str, names: Collection[str]) -> set[str]:
        """The extractions that a path, a doc_id or a _record_id among `names` is of."""
        told = pa.array(sorted(names), pa.string())
        found = {row["_extraction_id"] for row in self.source_rows() if {row["source_uri"], row["doc_id"]} & set(names)}
        for part in self.current.parts.get(schema, ()):
            rows = read_part(self.out, schema, part, ["_record_id", "_extraction_id"])
            found.update(rows.filter(pc.is_in(rows["_record_id"], told))["_extraction_id"].to_pylist())
        return found

    def publish(self) -> Current:
        """Make it all visible at once; what is live then. Does nothing if nothing is to be changed."""
        if self._marked is None and not self._drops:
            return self.current
        if self._marked is None:  # some part of sources carries the mark of every commit
            newest = self.current.parts.get("sources", ())[-1:]
            rows = read_part(self.out, "sources", newest[0]) if newest else SOURCES.empty_table()
            self._marked = self.new_name(), rows
            self._drops["sources"] += newest
        name, rows = self._marked
        self._adds["sources"].append(name)
        change = Change(_frozen(self._adds), _frozen(self._drops), dict(self._stats))
        self._write("sources", name, rows, change.to_json())
        return publish(self.out, self.current, replace(change, stats=self._stats), self.lease, self._step)

    def _write(self, table: str, name: str, rows: pa.Table, mark: str = "") -> None:
        self._stats[f"{table}/{name}"] = write_part(self.out, table, name, rows, self._origin, mark)

    def _replace(self, table: str, old: Iterable[str], name: str, rows: pa.Table) -> None:
        """An empty part stays where a table would be left without one: its columns stay readable."""
        self._drops[table] += old
        left = set(self.current.parts[table]) - set(self._drops[table])
        if rows.num_rows or not (left or self._adds[table]):
            self._write(table, name, rows)
            self._adds[table].append(name)

    def _replace_sources(self, old: list[str], rows: pa.Table) -> None:
        if self._marked is not None:
            name, before = self._marked
            self._write("sources", name, before)
            self._adds["sources"].append(name)
        self._drops["sources"] += old
        self._marked = self.new_name(), rows

    def _tables_of(self, part: str) -> list[str]:
        return [table for table, parts in self.current.parts.items() if table != "sources" and part in parts]

    def _owner(self, table: str, part: str) -> str:
        return read_about(self.out, part_file(self.out, table, part)).get("docpipe.schema", "")

    def new_name(self) -> str:
        """The name of another part."""
        self._number += 1
        return part_name(self._run_id, self._number)


def _joined(tables: list[pa.Table]) -> pa.Table:
    """One table with the newest one's columns and footer; what an older one lacks is null."""
    return pa.concat_tables([fitted(table, tables[-1].schema) for table in tables]).combine_chunks()


def _frozen(parts: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {table: tuple(names) for table, names in parts.items() if names}
