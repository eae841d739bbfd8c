"""A manifest: a file that lists the documents, one a line, and what is known of each besides.

.txt has a path a line and "#" comments; .csv, .tsv and .parquet have a column called path, uri or
file, and every other column is metadata that travels to the output. Text is UTF-8.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docpipe.errors import InvalidManifest
from docpipe.intake.names import shown

PATH_COLUMNS = ("path", "uri", "file")

Metadata = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One document: its path as written, and (name, value) for every other column that says something."""

    path: str
    metadata: Metadata = ()


def check_manifest(path: Path) -> None:
    """Read the manifest to its end; raises InvalidManifest, saying where and which columns it has."""
    for _ in read_manifest(path):
        pass


def read_manifest(path: Path) -> Iterator[Entry]:
    """The entries in their order, a few in memory at a time. Raises what `check_manifest` does."""
    reader = _READERS.get(path.suffix.lower())
    name = shown(str(path))
    if reader is None:
        raise InvalidManifest(f"{name}: a manifest ends in {', '.join(_READERS)}")
    try:
        yield from reader(path)
    except OSError as error:
        raise InvalidManifest(f"{name}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InvalidManifest(f"{name}: not UTF-8 ({error.reason} at byte {error.start} of a block)") from error
    except (csv.Error, ValueError) as error:
        raise InvalidManifest(f"{name}: {shown(str(error))}") from error


def _lines(path: Path) -> Iterator[Entry]:
    with path.open(encoding="utf-8-sig") as file:
        for line in file:
            text = line.rstrip("\n")
            if text.strip() and not text.startswith("#"):
                yield Entry(text)


def _commas(path: Path) -> Iterator[Entry]:
    return _table(path, ",")


def _tabs(path: Path) -> Iterator[Entry]:
    return _table(path, "\t")


def _table(path: Path, delimiter: str) -> Iterator[Entry]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=delimiter, strict=True)
        names = next(rows, [])
        at = _path_column(names)
        for row in rows:
            if row:
                if len(row) != len(names):
                    raise ValueError(f"line {rows.line_num} has {len(row)} fields, the first line {len(names)}")
                yield _entry(names, row, at, f"line {rows.line_num}")


def _parquet(path: Path) -> Iterator[Entry]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            names = file.schema_arrow.names
            at, number = _path_column(names), 0
            for batch in file.iter_batches(batch_size=10_000):
                for row in zip(*map(_texts, batch.columns), strict=True):
                    number += 1
                    yield _entry(names, row, at, f"row {number}")
    except pa.ArrowException as error:
        raise ValueError(f"no Parquet that can be read: {error}") from error


def _texts(column: Any) -> list[str | None]:
    """A column as text: numbers, dates and booleans as Arrow writes them, lists and structs as JSON."""
    import pyarrow as pa

    try:
        texts: list[str | None] = column.cast(pa.string()).to_pylist()
    except pa.ArrowException:
        values = column.to_pylist()
        texts = [None if value is None else json.dumps(value, ensure_ascii=False, default=str) for value in values]
    return texts


def _path_column(names: Sequence[str]) -> int:
    found = [name for name in PATH_COLUMNS if name in names]
    if not found:
        raise ValueError(f"no column {', '.join(PATH_COLUMNS)} among {', '.join(names) or 'none'}")
    if len(set(names)) != len(names):
        raise ValueError(f"two columns have the same name among {', '.join(names)}")
    return names.index(found[0])


def _entry(names: Sequence[str], row: Sequence[str | None], at: int, where: str) -> Entry:
    path = row[at]
    if not path:
        raise ValueError(f"{where} has no {names[at]}")
    pairs = zip(names, row, strict=True)
    return Entry(path, tuple((name, text) for index, (name, text) in enumerate(pairs) if text and index != at))


_READERS: dict[str, Callable[[Path], Iterator[Entry]]] = {
    ".txt": _lines,
    ".csv": _commas,
    ".tsv": _tabs,
    ".parquet": _parquet,
}
