"""Text that spreadsheets and scripts read: CSV, JSON lines."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import simplejson

from docpipe.store.export.formulas import defused
from docpipe.store.export.snapshot import Snapshot
from docpipe.store.read import read_outcomes


class Bare(str):
    """A cell without quotes: a number, a date, nothing. To the csv module what has a float is a number."""

    __slots__ = ()

    def __float__(self) -> float:
        raise TypeError("only asked for whether it is there")


def write_csv(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    """A folder with a file a table: UTF-8, RFC 4180, texts in quotes. Lists and maps are JSON; null is empty."""
    target.mkdir()
    for table in snapshot.tables:
        with (target / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
            rows.writerow(map(defused, snapshot.types(table).names))
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


def cell(value: Any) -> str:
    """A value as a cell: text defused, amounts with all their digits, lists and maps as JSON without any ";"."""
    if isinstance(value, str):
        return defused(value)
    if isinstance(value, list | dict):
        return as_json(value).replace(";", "\\u003b")  # stands in strings alone, which mean the same with it
    if value is None:
        return Bare()
    if isinstance(value, bool):
        return Bare("true" if value else "false")
    if isinstance(value, Decimal):
        return Bare(f"{value:f}")
    return Bare(value.isoformat() if isinstance(value, dt.date) else value)


def as_json(value: Any) -> str:
    """Compact JSON; a Decimal is a number with its digits, a date its ISO text."""
    return simplejson.dumps(
        value, use_decimal=True, ensure_ascii=False, ignore_nan=True, default=_iso, separators=(",", ":")
    )


def _iso(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)
