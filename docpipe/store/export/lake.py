"""Folders of Parquet for other engines: Delta tables, or the live parts as they are."""

from __future__ import annotations

from pathlib import Path

from docpipe.errors import OutputUnwritable
from docpipe.store.export.snapshot import Snapshot


def write_delta(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    """A Delta table for every table; needs the deltalake library. Raises OutputUnwritable where it cannot write."""
    from deltalake import write_deltalake
    from deltalake.exceptions import DeltaError

    target.mkdir()
    try:
        for table in snapshot.tables:
            for number, part in enumerate(snapshot.read_plain(table)):
                write_deltalake(str(target / table), part, mode="append" if number else "overwrite")
    except DeltaError as error:
        raise OutputUnwritable(f"{target.name}: {str(error).splitlines()[0]}") from error
    snapshot.sign(target)
    return ("dictionary columns are plain strings, boxes plain lists: Delta has neither",)


def write_parquet(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    """The live parts, byte for byte, without what a run keeps beside them: a folder read of it is exact."""
    target.mkdir()
    for table in snapshot.tables:
        (target / table).mkdir()
        for name, file in snapshot.files(table):
            (target / table / name).write_bytes(snapshot.out.read(file))
    snapshot.sign(target)
    return ()
