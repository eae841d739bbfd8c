"""Tending an output whatever its schemas: parts merged, a document erased, retired parts swept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from docpipe.errors import OutputUnwritable, PathNotFound, StoreError
from docpipe.store.current import RETIRED, Current, load_current, part_file
from docpipe.store.ledger import uri_as_text
from docpipe.store.parts import (
    fitted,
    last_number,
    part_name,
    read_about,
    read_file,
    read_part,
    write_part,
)
from docpipe.store.place import Place, Where, place_of
from docpipe.store.publish import MARK, Change, Step, publish, recover, unwatched

PART_BYTES = 128 * 1024**2
"""What a part is merged up to: large enough for a scan to be a few files, small enough to be rewritten."""

MIN_PREFIX = 8  # characters of a doc_id that name it


@dataclass(frozen=True, slots=True)
class Compaction:
    """Parts of every table, before and after."""

    before: Mapping[str, int]
    after: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sweep:
    """What left the disk for good."""

    parts: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Erasure:
    """A document that is no longer in the output, and the paths from which a run would read it again."""

    doc_ids: tuple[str, ...]
    sources: tuple[str, ...]
    swept: Sweep


def compact(out: Where | Place, part_bytes: int = PART_BYTES, *, step: Step = unwatched) -> Compaction:
    """Merge neighbouring parts of less than `part_bytes` into parts of about that size, in one commit.

    Rows and their order stay. Raises what `load_current` does, OutputLocked, OutputUnwritable, StoreError.
    """
    with _tended(out, step) as rewriting:
        before = rewriting.current
        for parts in rewriting.owners("data").values():
            for bundle in _bundles(parts, rewriting.data_bytes, part_bytes):
                rewriting.merge_data(bundle)
        sources = [
            bundle
            for parts in rewriting.owners("sources").values()
            for bundle in _bundles(parts, lambda part: rewriting.size("sources", part), part_bytes)
        ]
        rewriting.merge_sources(sources)
        after = rewriting.publish()
    return Compaction(_counts(before), _counts(after))


def forget(out: Where | Place, document: str, *, step: Step = unwatched) -> Erasure:
    """Erase a document from every table, replies included, and sweep every retired part.

    `document` is a doc_id, at least its first 8 characters, or a path as `sources` has it; all
    paths that hold the same bytes go. Raises PathNotFound if nothing in the output is of that
    document, StoreError if a prefix fits several.
    """
    with _tended(out, step) as rewriting:
        named = _rows_of(document, rewriting.source_rows())
        doc_ids = {row["doc_id"] for row in named} - {None}
        if len(doc_ids) > 1 and all(_names(document, doc_id) for doc_id in doc_ids):
            raise StoreError(f"{document!r} is the beginning of {len(doc_ids)} documents", remedy="Give more of it.")
        if not named and not _rows_of(document, _retired_rows(rewriting.out)):
            raise PathNotFound(f"no document {document!r} in {out}", remedy="sources/ has a doc_id for every path.")
        found = [row for row in rewriting.source_rows() if row in named or row["doc_id"] in doc_ids]
        rewriting.take_out({row["_extraction_id"] for row in found}, {row["source_uri"] for row in found})
        rewriting.publish()
        swept = _sweep(rewriting.out, older_than_s=0)
    return Erasure(tuple(sorted(doc_ids)), tuple(sorted({row["source_uri"] for row in found})), swept)


def gc(out: Where | Place, older_than_s: float) -> Sweep:
    """Delete parts that were replaced more than `older_than_s` ago, and what a killed run left in _tmp/.

    A reader that took current.json before a part was replaced may still want it: leave it the time.
    Raises what `load_current` does, OutputLocked, OutputUnwritable.
    """
    with _tended(out, unwatched) as rewriting:
        return _sweep(rewriting.out, older_than_s)


class _Rewriting:
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
            yield from read_part(self.out, "sources", part, list(_IDENTITY)).to_pylist()

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


_IDENTITY = ("source_uri", "doc_id", "_extraction_id")


@contextmanager
def _tended(where: Where | Place, step: Step) -> Iterator[_Rewriting]:
    """The output at rest, and ours alone. Part names begin with the time, as those of runs do."""
    out = place_of(where)
    load_current(out)  # what is no output is told so before anything is made in it
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-upkeep"
    try:
        lease = out.acquire(run_id)
        try:
            yield _Rewriting(out, recover(out, (), step), run_id, step)
        finally:
            lease.release()
    except OSError as error:
        raise OutputUnwritable(f"{out}: {error.strerror or error}") from error


def _bundles(parts: list[str], size_of: Callable[[str], int], part_bytes: int) -> Iterator[list[str]]:
    """Runs of neighbours that together come to `part_bytes`; nothing where there is one to merge."""
    bundle: list[str] = []
    total = 0
    for part in [*parts, None]:
        size = part_bytes if part is None else size_of(part)
        if part is None or total + size > part_bytes:
            if len(bundle) > 1:
                yield bundle
            bundle, total = [], 0
        if part is not None and size < part_bytes:
            bundle.append(part)
            total += size


def _joined(tables: list[pa.Table]) -> pa.Table:
    """One table with the newest one's columns and footer; what an older one lacks is null."""
    return pa.concat_tables([fitted(table, tables[-1].schema) for table in tables]).combine_chunks()


def _rows_of(document: str, rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """The sources at that path, or with that doc_id."""
    uris = {document, uri_as_text(document), uri_as_text(str(Path(document).absolute()))}
    return [row for row in rows if row["source_uri"] in uris or _names(document, row["doc_id"])]


def _names(document: str, doc_id: str | None) -> bool:
    return doc_id is not None and len(document) >= MIN_PREFIX and doc_id.startswith(document)


def _retired_rows(out: Place) -> Iterator[dict[str, str]]:
    for name in out.entries(f"{RETIRED}/sources"):
        yield from read_file(out, f"{RETIRED}/sources/{name}", list(_IDENTITY)).to_pylist()


def _sweep(out: Place, older_than_s: float) -> Sweep:
    parts = size_bytes = 0
    for folder in [f"{RETIRED}/{table}" for table in out.entries(RETIRED)]:
        for file in [f"{folder}/{name}" for name in out.entries(folder)]:
            if out.age_s(file) >= older_than_s:
                parts, size_bytes = parts + 1, size_bytes + out.size(file)
                out.delete(file)
    return Sweep(parts, size_bytes)


def _counts(current: Current) -> dict[str, int]:
    return {table: len(parts) for table, parts in sorted(current.parts.items())}


def _frozen(parts: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {table: tuple(names) for table, names in parts.items() if names}
