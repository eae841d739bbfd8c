"""Text that spreadsheets and scripts read: CSV, JSON lines."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import simplejson

from docpipe.store.export.snapshot import Snapshot
from docpipe.store.read import read_outcomes

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    """A folder with a file a table: UTF-8, RFC 4180. Lists and maps are JSON; null is an empty cell."""
    target.mkdir()
    for table in snapshot.tables:
        with (target / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(map(harmless, snapshot.types(table).names))
            for part in snapshot.read(table):
                for batch in part.to_batches(max_chunksize=10_000):
                    columns = (map(cell, column.to_pylist(maps_as_pydicts="strict")) for column in batch.columns)
                    rows.writerows(zip(*columns, strict=True))
    snapshot.sign(target)
    return ()


def write_jsonl(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    """An object a line for every source and record, nested as in the schema; amounts with all their digits."""
    with target.open("w", encoding="utf-8") as file:
        for outcome in read_outcomes(snapshot.out, snapshot.current):
            file.write(as_json(outcome) + "\n")
    return ()


def cell(value: Any) -> Any:
    """A value as a cell: text harmless, amounts with all their digits, lists and maps as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | dict):
        return as_json(value)
    return value


def harmless(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula: an apostrophe before what could begin one.

    OWASP, "CSV Injection": = + - @, tab and carriage return; a line feed too, which some strip.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_json(value: Any) -> str:
    """Compact JSON; a Decimal is a number with its digits, a date its ISO text."""
    return simplejson.dumps(
        value, use_decimal=True, ensure_ascii=False, ignore_nan=True, default=_iso, separators=(",", ":")
    )


def _iso(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
