"""Whether the files of the live parts are there and are what they were: the cheap look, and the whole one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from docpipe.errors import StoreError
from docpipe.store.current import RETIRED, Current, Stat
from docpipe.store.parts import file_stat
from docpipe.store.place import Place

LOOKS = 16  # files looked at at once: in a bucket each look is a request or two
SHOWN = 3  # faults that an error message lists


@dataclass(frozen=True, slots=True)
class FileFault:
    """What is wrong with the file of a live part, "TABLE/PART". `retired`: it lies in _old/, whole or not."""

    file: str
    what: str
    retired: bool = False


def file_faults(out: Place, current: Current, *, checksums: bool = False) -> list[FileFault]:
    """Live parts that are missing, have another size, or no footer that can be read; with `checksums`, other bytes.

    Raises OSError where the place itself cannot be asked.
    """
    files = current.files()
    with ThreadPoolExecutor(LOOKS, "docpipe-parts") as threads:
        looked = threads.map(lambda file: _fault(out, file, current.stats.get(file), checksums), files)
        return [fault for fault in looked if fault is not None]


def refuse_damaged(out: Place, current: Current) -> None:
    """Raises StoreError, naming the first faults, where a live part is missing or damaged."""
    faults = file_faults(out, current)
    if faults:
        listed = "; ".join(f"{fault.file} {fault.what}" for fault in faults[:SHOWN])
        more = f"; and {len(faults) - SHOWN} more" if len(faults) > SHOWN else ""
        raise StoreError(
            f"{out}: of {len(current.files())} live parts {len(faults)} are missing or damaged: {listed}{more}",
            remedy=f"Restore them from a backup, or run `docpipe verify {out} --repair`: it takes out what is lost, "
            "and the next run reads those documents again.",
        )


def readable(out: Place, file: str) -> str:
    """Why a file is no whole Parquet file, or ""."""
    try:
        with pq.ParquetFile(out.open(file)) as part:
            _ = part.metadata.num_rows
    except (OSError, pa.ArrowException) as error:
        return f"is no whole Parquet file: {str(error).splitlines()[0]}"
    return ""


def _fault(out: Place, file: str, stat: Stat | None, checksums: bool) -> FileFault | None:
    try:
        size_bytes = out.size(file)
    except FileNotFoundError:
        if out.has(f"{RETIRED}/{file}"):
            return FileFault(file, f"lies in {RETIRED}/", retired=True)
        return FileFault(file, "is missing")
    if stat is not None and size_bytes != stat.size_bytes:
        return FileFault(file, f"has {size_bytes} bytes, not {stat.size_bytes}")
    if stat is not None and checksums and file_stat(out, file).sha256 != stat.sha256:
        return FileFault(file, "has other bytes than were written")
    why = readable(out, file)
    return FileFault(file, why) if why else None
