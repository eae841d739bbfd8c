"""Parquet parts: the only place that writes and reads them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from docpipe.errors import StoreError
from docpipe.store.current import PART, RETIRED, Current, Stat, lost_part
from docpipe.store.disk import sync_file
from docpipe.store.place import Place, Where, place_of

BLOCK_BYTES = 8 * 1024**2  # of a file that is read through for its checksum
MARK = "docpipe.change"
"""The key in a footer under which the last sources part of a commit tells the whole commit."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What the footer of a part says of where it came from; "" and 0 where an older docpipe wrote it.

    `number` is that of the commit that brings the part in, `epoch` its writer's: see `Current`.
    """

    output: str
    number: int
    epoch: int

    @classmethod
    def of_next(cls, current: Current) -> Origin:
        """Of a part that the next commit after `current` brings in."""
        return cls(current.output, current.number + 1, current.epoch)

    @classmethod
    def in_footer(cls, footer: Mapping[str, str]) -> Origin:
        """What `read_about` gave, understood."""
        number, epoch = (footer.get(f"docpipe.{name}", "0") for name in ("number", "epoch"))
        return cls(
            footer.get("docpipe.output", ""), *(int(text) if text.isdecimal() else 0 for text in (number, epoch))
        )

    def as_footer(self) -> dict[str, str]:
        """As the footer keeps it."""
        return {
            "docpipe.output": self.output,
            "docpipe.number": str(self.number),
            "docpipe.epoch": str(self.epoch),
        }


def part_name(run_id: str, number: int) -> str:
    """The file of the run's `number`th batch; every table's file of one batch has the same name."""
    return f"part-{run_id}-{number:06}.parquet"


def write_part(out: Place, table: str, name: str, rows: pa.Table, origin: Origin, mark: str = "") -> Stat:
    """Write a part into scratch and sync it, ready to be put in place; returns what its file must be.

    Raises OSError or pyarrow's errors, and leaves nothing then.
    """
    path = out.scratch(f"{table}/{name}")
    old = {key: value for key, value in (rows.schema.metadata or {}).items() if key != MARK.encode()}
    footer = {**origin.as_footer(), **({MARK: mark} if mark else {})}
    rows = rows.replace_schema_metadata({**old, **{key.encode(): value.encode() for key, value in footer.items()}})
    try:
        pq.write_table(rows, path, compression="zstd", write_page_checksum=True)
        sync_file(path)
        return stat_of(path)
    except BaseException:
        with suppress(OSError):
            path.unlink(missing_ok=True)  # half a part on a full disk is in everybody's way
        raise


def stat_of(path: Path) -> Stat:
    """Size and checksum of a file on a local disk."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Stat(file.tell(), digest)


def file_stat(out: Place, name: str) -> Stat:
    """Size and checksum of a file of an output. Raises OSError."""
    file = out.open(name)
    if isinstance(file, str):
        return stat_of(Path(file))
    with file:
        digest = hashlib.sha256()
        size_bytes = 0
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
            size_bytes += len(block)
    return Stat(size_bytes, digest.hexdigest())


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
    """A live part, opened where it lies: it may be retired at any moment, while a writer is at work."""
    retired = f"{RETIRED}/{table}/{name}"
    for file_name in (f"{table}/{name}", retired, f"{table}/{name}", retired):
        try:
            file = pq.ParquetFile(out.open(file_name), page_checksum_verification=True)
        except FileNotFoundError:
            continue
        except (OSError, pa.ArrowException) as error:
            raise _damaged(out, file_name, error) from error
        with file, _told_as_damaged(out, file_name):
            yield file
        return
    raise lost_part(out, f"{table}/{name}")


@contextmanager
def _file(out: Place, name: str) -> Iterator[pq.ParquetFile]:
    with _told_as_damaged(out, name), pq.ParquetFile(out.open(name), page_checksum_verification=True) as file:
        yield file


@contextmanager
def _told_as_damaged(out: Place, name: str) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise _damaged(out, name, error) from error


def _damaged(out: Place, name: str, error: Exception) -> StoreError:
    return StoreError(
        f"{out}/{name} cannot be read: {error}",
        remedy=f"The file is damaged. Restore it from a backup, or run `docpipe verify {out} --repair`.",
    )


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
