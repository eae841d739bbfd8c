"""A file of reviewed values: CSV, JSON lines or Parquet with a row a value."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docpipe.errors import DecodeError, InvalidCorrections
from docpipe.resolve.numerals import integer, number, once
from docpipe.store.export.formulas import restored

RECORD_NAMES = ("_record_id", "record", "_doc_id", "doc_id", "_source_uri", "source_uri")
NULL = "null"
WHOLE = "*"
"""As a path: the record is right as it stands."""


@dataclass(frozen=True, slots=True)
class Correction:
    """One reviewed value of that `line`. `record`: a _record_id, doc_id or source_uri. None takes the value away."""

    line: int
    record: str
    path: str
    value: Any


def read_corrections(path: Path) -> list[Correction]:
    """Every row of the file, by its suffix: .csv, .jsonl, .parquet.

    In CSV a row without a value is one that nobody looked at and is passed over, the word null takes a value away, and
    the apostrophe that an export puts before what could begin a formula is taken off: `'=1+1` is =1+1, `''=1+1` '=1+1.
    Columns: one of `_record_id`, `_doc_id` and `_source_uri` (the first that is filled), `path` as in evidence, or
    "*", and `value`; others are passed over. Raises InvalidCorrections naming the line, also for a file without rows.
    """
    readers = {".csv": _csv, ".jsonl": _json_lines, ".parquet": _parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InvalidCorrections(f"{path.name}: a .csv, .jsonl or .parquet file is read")
    try:
        corrections = [_correction(line, row) for line, row in reader(path)]
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidCorrections(f"{path.name} cannot be read: {error}") from error
    if not corrections:
        raise InvalidCorrections(f"{path.name} has no rows")
    return corrections


def _csv(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        begun = 1
        try:
            _each_once(path, reader.fieldnames or ())
            begun = reader.line_num + 1
            for row in reader:
                begun = reader.line_num + 1
                if None in row:
                    raise InvalidCorrections(
                        f"line {reader.line_num} has more cells than the first: a value with a comma needs quotes"
                    )
                cells = {name: value or None for name, value in row.items()}
                if cells.get("value") is None and "value" in cells and cells.get("path") != WHOLE:
                    continue
                yield reader.line_num, cells | {name: _as_meant(cells[name]) for name in ("value",) if name in cells}
        except csv.Error as error:
            raise InvalidCorrections(f"line {begun} is no CSV: {error}") from error


def _as_meant(cell: str | None) -> str | None:
    """What a cell says: nothing by the word for it, and what an export put before a sign taken off again."""
    return None if cell is None or cell == NULL else restored(cell)


def _each_once(path: Path, columns: Sequence[str]) -> None:
    twice = [name for name in (*RECORD_NAMES, "path", "value") if list(columns).count(name) > 1]
    if twice:
        raise InvalidCorrections(f"{path.name} has two columns called {twice[0]!r}")


def _json_lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig") as file:
        for line_number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(
                    line, parse_float=number, parse_int=integer, parse_constant=str, object_pairs_hook=once
                )
            except (ValueError, RecursionError, DecodeError) as error:
                raise InvalidCorrections(f"line {line_number} is not JSON: {error}") from error
            if not isinstance(row, dict):
                raise InvalidCorrections(f"line {line_number} is no JSON object")
            yield line_number, row


def _parquet(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    from docpipe.store.parts import read_any

    table = read_any(path)
    _each_once(path, table.column_names)
    wanted = table.select([name for name in table.column_names if name in (*RECORD_NAMES, "path", "value")])
    for line in range(1, wanted.num_rows + 1):
        try:
            yield line, wanted.slice(line - 1, 1).to_pylist()[0]
        except (ValueError, OverflowError) as error:  # a moment that no calendar has, bytes called a text
            raise InvalidCorrections(f"line {line} cannot be read: {error}") from error


def _correction(line: int, row: Mapping[str, Any]) -> Correction:
    record = next((str(row[name]) for name in RECORD_NAMES if row.get(name)), "")
    path = str(row.get("path") or "").strip()
    if not record:
        raise InvalidCorrections(f"line {line} names no record: fill _record_id, _doc_id or _source_uri")
    if not path:
        raise InvalidCorrections(f"line {line} names no path")
    if path != WHOLE and "value" not in row:
        raise InvalidCorrections(f"line {line} has no value")
    for text in (record, path, row.get("value")):
        if isinstance(text, str) and not _is_text(text):
            raise InvalidCorrections(f"line {line} holds half of a surrogate pair")
    return Correction(line, record, path, row.get("value"))


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
