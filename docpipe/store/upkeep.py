"""Tending an output whatever its schemas: parts merged, a document erased, retired parts swept."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docpipe.errors import OutputUnwritable, PathNotFound, StoreError
from docpipe.store.current import PART, RETIRED, TABLE, Current, load_current
from docpipe.store.ledger import uri_as_text
from docpipe.store.parts import read_about, read_file
from docpipe.store.place import Lease, Place, Where, place_of
from docpipe.store.publish import Step, unwatched
from docpipe.store.rewrite import IDENTITY, tended
from docpipe.store.templates import forget_templates

PART_BYTES = 128 * 1024**2
"""What a part is merged up to: large enough for a scan to be a few files, small enough to be rewritten."""

FULL = (errno.ENOSPC, errno.EDQUOT)
RUNS = "runs"
FORGOTTEN = "(forgotten)"
MIN_PREFIX = 8  # characters of a doc_id that name it


@dataclass(frozen=True, slots=True)
class Compaction:
    """Parts of every table, before and after."""

    before: Mapping[str, int]
    after: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sweep:
    """What left the disk for good. `left`: files in _old/ that docpipe did not make, or that cannot be read."""

    parts: int
    size_bytes: int
    left: tuple[str, ...] = ()


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
    with tended(out, step) as rewriting:
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
    with tended(out, step) as rewriting:
        named = _rows_of(document, rewriting.source_rows())
        doc_ids = {row["doc_id"] for row in named} - {None}
        if len(doc_ids) > 1 and all(_names(document, doc_id) for doc_id in doc_ids):
            raise StoreError(f"{document!r} is the beginning of {len(doc_ids)} documents", remedy="Give more of it.")
        if not named and not _rows_of(document, _retired_rows(rewriting.out)):
            raise PathNotFound(f"no document {document!r} in {out}", remedy="sources/ has a doc_id for every path.")
        found = [row for row in rewriting.source_rows() if row in named or row["doc_id"] in doc_ids]
        rewriting.take_out({row["_extraction_id"] for row in found}, {row["source_uri"] for row in found})
        swept = _sweep(rewriting.out, rewriting.publish(), 0, rewriting.lease)
        forget_templates(rewriting.out)
        _leave_out_of_runs(rewriting.out, {row["source_uri"] for row in found} | {document})
    return Erasure(tuple(sorted(doc_ids)), tuple(sorted({row["source_uri"] for row in found})), swept)


def gc(out: Where | Place, older_than_s: float) -> Sweep:
    """Delete parts that were replaced more than `older_than_s` ago, and what a killed run left in _tmp/.

    A reader that took current.json before a part was replaced may still want it: leave it the time.
    Raises what `load_current` does, OutputLocked, OutputUnwritable.
    """
    try:
        with tended(out, unwatched) as rewriting:
            return _sweep(rewriting.out, rewriting.current, older_than_s, rewriting.lease)
    except OutputUnwritable as error:
        if not isinstance(error.__cause__, OSError) or error.__cause__.errno not in FULL:
            raise
    place = place_of(out)
    with place.for_deleting("gc"):  # there is no room to put anything right: what is in _old/ makes some
        place.sweep_scratch()
        return _sweep(place, load_current(place), older_than_s, None)


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


def _rows_of(document: str, rows: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """The sources at that path, or with that doc_id."""
    uris = {document, uri_as_text(document), uri_as_text(str(Path(document).absolute()))}
    return [row for row in rows if row["source_uri"] in uris or _names(document, row["doc_id"])]


def _names(document: str, doc_id: str | None) -> bool:
    return doc_id is not None and len(document) >= MIN_PREFIX and doc_id.startswith(document)


def _retired_rows(out: Place) -> Iterator[dict[str, str]]:
    for name in filter(PART.match, out.entries(f"{RETIRED}/sources")):
        yield from read_file(out, f"{RETIRED}/sources/{name}", list(IDENTITY)).to_pylist()


def _sweep(out: Place, current: Current, older_than_s: float, lease: Lease | None) -> Sweep:
    """Delete retired parts that docpipe made, by their own word; nothing that is live, whatever lies where.

    The lease is looked at once the files are listed: what a later writer retires is not ours to delete.
    """
    live = set(current.files())
    files = [
        f"{RETIRED}/{table}/{name}"
        for table in out.entries(RETIRED)
        if TABLE.match(table)
        for name in out.entries(f"{RETIRED}/{table}")
    ]
    if lease is not None:
        lease.check()
    parts = size_bytes = 0
    left: list[str] = []
    for file in files:
        if file.removeprefix(f"{RETIRED}/") in live or out.age_s(file) < older_than_s:
            continue
        if PART.match(file.rpartition("/")[2]) is None or not read_about(out, file):
            left.append(file)
            continue
        parts, size_bytes = parts + 1, size_bytes + out.size(file)
        out.delete(file)
    return Sweep(parts, size_bytes, tuple(left))


def _leave_out_of_runs(out: Place, names: Iterable[str]) -> None:
    """What runs/*.json tell of these paths goes, too: whoever was named outright stands among a run's inputs."""
    gone = {name for name in names if name}
    for file in (f"{RUNS}/{name}" for name in out.entries(RUNS) if name.endswith(".json")):
        try:
            document = json.loads(out.read(file))
        except ValueError:
            continue
        told = _without(document, gone)
        if told != document:
            out.replace(file, json.dumps(told, indent=1).encode())


def _without(value: Any, gone: set[str]) -> Any:
    """`value` (of JSON) with FORGOTTEN for every text that is one of `gone`, or ends with one as a path does."""
    if isinstance(value, dict):
        return {name: _without(below, gone) for name, below in value.items()}
    if isinstance(value, list):
        return [_without(below, gone) for below in value]
    if isinstance(value, str) and any(value == name or name.endswith(f"/{value.lstrip('./')}") for name in gone):
        return FORGOTTEN
    return value


def _counts(current: Current) -> dict[str, int]:
    return {table: len(parts) for table, parts in sorted(current.parts.items())}
