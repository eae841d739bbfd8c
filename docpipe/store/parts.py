"""Parquet parts: the only place that writes and reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from docpipe.errors import StoreError
from docpipe.store.current import RETIRED, part_file
from docpipe.store.disk import sync_file
from docpipe.store.place import Place, Where, place_of

PART = re.compile(r"part-(?P<run>.+)-(?P<number>\d+)\.parquet\Z")


def part_name(run_id: str, number: int) -> str:
    """The file of the run's `number`th batch; every table's file of one batch has the same name."""
    return f"part-{run_id}-{number:06}.parquet"


def write_part(out: Place, table: str, name: str, rows: pa.Table) -> None:
    """Write a part and sync it, ready to be put in place; raises OSError or pyarrow's errors."""
    path = out.scratch(f"{table}/{name}")
    pq.write_table(rows, path, compression="zstd")
    sync_file(path)


def read_part(out: Place, table: str, name: str, columns: list[str] | None = None) -> pa.Table:
    """One live part of a table, or some of its columns. Raises StoreError if it is lost or damaged."""
    with _opened(out, table, name) as file:
        return file.read(columns=columns)


def read_types(where: Where | Place, table: str, name: str) -> pa.Schema:
    """The columns of one live part. Raises StoreError if it is lost or damaged."""
    with _opened(place_of(where), table, name) as file:
        return file.schema_arrow


def read_file(out: Place, name: str, columns: list[str] | None = None) -> pa.Table:
    """A part wherever it lies. Raises StoreError if it is lost or damaged."""
    with _file(out, name) as file:
        return file.read(columns=columns)


def read_any(path: Path) -> pa.Table:
    """A Parquet file of somebody else. Raises OSError where it cannot be read."""
    try:
        return pq.read_table(path)
    except pa.ArrowException as error:
        raise OSError(str(error)) from error


@contextmanager
def _opened(out: Place, table: str, name: str) -> Iterator[pq.ParquetFile]:
    with _file(out, part_file(out, table, name)) as file:
        yield file


@contextmanager
def _file(out: Place, name: str) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(out.open(name)) as file:
            yield file
    except (OSError, pa.ArrowException) as error:
        raise StoreError(
            f"{out}/{name} cannot be read: {error}",
            remedy="The file is damaged: restore it from a backup, or run again into a new --out.",
        ) from error


def read_about(out: Place, name: str) -> dict[str, str]:
    """What the part in file `name` says of itself in its footer; {} if it cannot be read."""
    try:
        metadata = pq.read_schema(out.open(name)).metadata or {}
    except (OSError, pa.ArrowException):
        return {}
    return {key.decode(): value.decode() for key, value in metadata.items() if key.startswith(b"docpipe.")}


def last_number(out: Place, run_id: str) -> int:
    """The highest number of a part of this run, live, retired or left over; 0 if it has none."""
    folders = [*out.entries(), *(f"{RETIRED}/{table}" for table in out.entries(RETIRED))]
    names = (PART.search(name) for folder in folders if "." not in folder for name in out.entries(folder))
    return max((int(match["number"]) for match in names if match and match["run"] == run_id), default=0)


def fitted(rows: pa.Table, wanted: pa.Schema) -> pa.Table:
    """`rows` with the columns and the footer of `wanted`: what it lacks is null, what is left over goes."""
    columns = [
        rows[field.name].cast(field.type) if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type)
        for field in wanted
    ]
    return pa.Table.from_arrays(columns, schema=wanted)
