"""Parquet parts: the only place that writes and reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from docpipe.errors import StoreError
from docpipe.store.current import RETIRED, SCRATCH, part_path
from docpipe.store.disk import sync_file

PART = re.compile(r"part-(?P<run>.+)-(?P<number>\d+)\.parquet\Z")


def part_name(run_id: str, number: int) -> str:
    """The file of the run's `number`th batch; every table's file of one batch has the same name."""
    return f"part-{run_id}-{number:06}.parquet"


def scratch_path(out: Path, table: str, name: str) -> Path:
    """Where a part is written before it is put in place."""
    return out / SCRATCH / f"{table}.{name}"


def write_part(path: Path, table: pa.Table) -> None:
    """Write `table` to `path` and sync it; raises OSError or pyarrow's errors."""
    pq.write_table(table, path, compression="zstd")
    sync_file(path)


def read_part(out: Path, table: str, name: str, columns: list[str] | None = None) -> pa.Table:
    """One live part of a table, or some of its columns. Raises StoreError if it is lost or damaged."""
    with _opened(out, table, name) as file:
        return file.read(columns=columns)


def read_types(out: Path, table: str, name: str) -> pa.Schema:
    """The columns of one live part. Raises StoreError if it is lost or damaged."""
    with _opened(out, table, name) as file:
        return file.schema_arrow


@contextmanager
def _opened(out: Path, table: str, name: str) -> Iterator[pq.ParquetFile]:
    path = part_path(out, table, name)
    try:
        with pq.ParquetFile(path) as file:
            yield file
    except (OSError, pa.ArrowException) as error:
        raise StoreError(
            f"{path} cannot be read: {error}",
            remedy="The file is damaged: restore it from a backup, or run again into a new --out.",
        ) from error


def read_about(path: Path) -> dict[str, str]:
    """What the part at `path` says of itself in its footer; {} if it cannot be read."""
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (OSError, pa.ArrowException):
        return {}
    return {key.decode(): value.decode() for key, value in metadata.items() if key.startswith(b"docpipe.")}


def last_number(out: Path, run_id: str) -> int:
    """The highest number of a part of this run, live, retired or left over; 0 if it has none."""
    found = [out.glob("*/part-*.parquet"), out.glob(f"{SCRATCH}/*"), out.glob(f"{RETIRED}/*/part-*.parquet")]
    names = (PART.search(path.name) for paths in found for path in paths)
    return max((int(match["number"]) for match in names if match and match["run"] == run_id), default=0)
