"""What has become of every source, read from the sources table itself: the tables are the ledger."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote_from_bytes

import pyarrow as pa
import pyarrow.compute as pc

from docpipe.records import Source, Status
from docpipe.store.current import check_free, load_current
from docpipe.store.parts import read_part
from docpipe.store.place import Place, Where, place_of
from docpipe.store.types import SOURCES

_FILE = "file://"
_LATER: Mapping[str, Any] = {"notes": (), "reviewed": False}


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of sources/, in the order of its columns. What a source is, and what became of it."""

    uri: str
    schema: str
    size: int
    mtime_ns: int
    etag: str
    metadata: Mapping[str, str]
    doc_id: str | None
    media_type: str
    notes: tuple[str, ...]
    status: Status
    engine: str
    fingerprints: Mapping[str, str]
    failure_code: str | None
    failure_message: str | None
    failure_remedy: str | None
    failure_retryable: bool
    pages: int
    records: int
    seconds: float
    vanished: bool
    reviewed: bool
    extraction_id: str
    run_id: str
    processed_at: datetime

    def at(self, source: Source) -> LedgerRow:
        """The same outcome for another source, or for the same one as it is now."""
        return replace(
            self,
            uri=source.uri,
            size=source.size,
            mtime_ns=source.mtime_ns,
            etag=source.etag,
            metadata=dict(source.metadata),
            vanished=False,
        )

    @property
    def source(self) -> Source:
        """The source as it was when it was last looked at."""
        return Source(self.uri, self.size, self.mtime_ns, self.etag, self.doc_id, tuple(self.metadata.items()))


def read_ledger(out: Where | Place, schema_name: str) -> dict[str, LedgerRow]:
    """uri -> its row, for every source of the schema; {} if `out` is empty or absent.

    Raises OutputConflict if `out` is no docpipe output, StoreError if it cannot be read.
    """
    out = place_of(out)
    if not check_free(out):
        return {}
    parts = load_current(out).parts.get("sources", ())
    return {row.uri: row for name in parts for row in read_rows(out, name, schema_name)}


def unchanged(row: LedgerRow, source: Source) -> bool:
    """Whether `source` holds the bytes that `row` tells of, as far as can be seen without reading it."""
    if source.doc_id is not None:
        return source.doc_id == row.doc_id
    if source.size != row.size or source.etag != row.etag:
        return False
    return source.mtime_ns == row.mtime_ns and bool(source.mtime_ns or source.etag)


def engines(ledger: Mapping[str, LedgerRow]) -> frozenset[str]:
    """The engines whose records are in the dataset; failures name none."""
    return frozenset(row.engine for row in ledger.values() if row.status != "failed")


def read_rows(out: Place, name: str, schema_name: str | None = None) -> Iterator[LedgerRow]:
    """The rows of one part of sources/, of one schema or of all. Raises StoreError."""
    table = read_part(out, "sources", name)
    if schema_name is not None:
        table = table.filter(pc.equal(table["schema"].cast(pa.string()), schema_name))
    columns = [_column(table, column) for column in SOURCES.names]
    for values in zip(*columns, strict=True):
        yield LedgerRow(*values)


def _column(table: pa.Table, name: str) -> list[Any]:
    """A column as Python values; equal maps are one object, for most rows share them.

    Parts of an older docpipe may lack what came later.
    """
    if name in _LATER and name not in table.column_names:
        return [_LATER[name]] * table.num_rows
    column = table[name]
    if pa.types.is_list(column.type):
        return [tuple(items or ()) for items in column.to_pylist()]
    if not pa.types.is_map(column.type):
        values: list[Any] = column.to_pylist()
        return values
    seen: dict[tuple[tuple[str, str], ...], dict[str, str]] = {}
    return [seen.setdefault(tuple(pairs), dict(pairs)) for pairs in column.to_pylist()]


def rows_table(rows: Iterable[LedgerRow], types: pa.Schema) -> pa.Table:
    """The rows as an Arrow table of sources/."""
    columns = list(zip(*map(_values, rows), strict=True)) or [()] * len(types)
    return pa.Table.from_arrays(
        [pa.array(values, field.type) for values, field in zip(columns, types, strict=True)], schema=types
    )


def _values(row: LedgerRow) -> tuple[Any, ...]:
    values = [getattr(row, field.name) for field in fields(row)]
    values[0] = uri_as_text(row.uri)
    return tuple(list(value.items()) if isinstance(value, Mapping) else value for value in values)


def uri_as_text(uri: str) -> str:
    """`uri` as Unicode, which those of intake are: a path that is none becomes a file: URI of its bytes."""
    try:
        uri.encode("utf-8")
    except UnicodeEncodeError:
        return _FILE + quote_from_bytes(os.fsencode(uri))
    return uri
