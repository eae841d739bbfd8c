"""A file of reviewed values: CSV, JSON lines or Parquet with a row a value."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from docpipe.errors import InvalidCorrections

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

    In CSV a row without a value is one that nobody looked at and is passed over, and the word null takes a value away.
    Columns: one of `_record_id`, `_doc_id` and `_source_uri` (the first that is filled), `path` as in evidence, or
    "*", and `value`; others are passed over. Raises InvalidCorrections naming the line, also for a file without rows.
    """
    readers = {".csv": _csv, ".jsonl": _json_lines, ".parquet": _parquet}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise InvalidCorrections(f"{path.name}: a .csv, .jsonl or .parquet file is read")
    try:
        found = [_correction(line, row) for line, row in reader(path)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidCorrections(f"{path.name} cannot be read: {error}") from error
    if not found:
        raise InvalidCorrections(f"{path.name} has no rows")
    return found


def _csv(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        for row in reader:
            told = {name: value or None for name, value in row.items() if isinstance(name, str)}
            if told.get("value") is None and "value" in told and told.get("path") != WHOLE:
                continue
            yield reader.line_num, told | ({"value": None} if told.get("value") == NULL else {})


def _json_lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line, parse_float=Decimal, parse_constant=str)
            except (ValueError, RecursionError) as error:
                raise InvalidCorrections(f"line {number} is not JSON: {error}") from error
            if not isinstance(row, dict):
                raise InvalidCorrections(f"line {number} is no JSON object")
            yield number, row


def _parquet(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    from docpipe.store.parts import read_any

    yield from enumerate(read_any(path).to_pylist(), 1)


def _correction(line: int, row: Mapping[str, Any]) -> Correction:
    record = next((str(row[name]) for name in RECORD_NAMES if row.get(name)), "")
    path = str(row.get("path") or "").strip()
    if not record:
        raise InvalidCorrections(f"line {line} names no record: fill _record_id, _doc_id or _source_uri")
    if not path:
        raise InvalidCorrections(f"line {line} names no path")
    if path != WHOLE and "value" not in row:
        raise InvalidCorrections(f"line {line} has no value")
    return Correction(line, record, path, row.get("value"))
