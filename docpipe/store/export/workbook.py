"""An Excel workbook: a sheet a table, text always text, amounts numbers."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from docpipe.store.export.flat import cell
from docpipe.store.export.snapshot import Snapshot

MAX_ROWS = 1_048_576  # Excel's specifications and limits
MAX_CHARS = 32_767
MAX_NAME_CHARS = 31
EXACT_DIGITS = 15  # of a double, which is what a cell holds
_NO_FORMULAS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}
_LEFT_OUT = ("replies", "pages")


def write_workbook(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    """One .xlsx; a table of more rows than a sheet holds goes on in a next sheet. Needs XlsxWriter.

    Returns notes on what a cell could not hold: text that was cut, amounts left as text for their digits.
    Raises OSError.
    """
    import xlsxwriter

    packed = io.BytesIO()  # the library leaves a file that it cannot write open, and its end tells so on stderr
    writer = _Writer(xlsxwriter.Workbook(packed, _NO_FORMULAS))
    for table in snapshot.tables:
        if table not in _LEFT_OUT:
            writer.add(table, snapshot.types(table).names, _rows(snapshot, table))
    writer.book.close()
    target.write_bytes(packed.getbuffer())
    return (*writer.notes(), *(f"{table} is left out" for table in _LEFT_OUT if table in snapshot.tables))


def _rows(snapshot: Snapshot, table: str) -> Iterator[tuple[Any, ...]]:
    for part in snapshot.read(table):
        for batch in part.to_batches(max_chunksize=10_000):
            yield from zip(*(column.to_pylist(maps_as_pydicts="strict") for column in batch.columns), strict=True)


class _Writer:
    def __init__(self, book: Any) -> None:
        self.book = book
        self._head = book.add_format({"bold": True})
        self._date = book.add_format({"num_format": "yyyy-mm-dd"})
        self._time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._names: set[str] = set()
        self._cut = self._as_text = 0

    def add(self, table: str, columns: list[str], rows: Iterator[tuple[Any, ...]]) -> None:
        """The table in as many sheets as it needs, at least one."""
        sheet, at = self._sheet(table, columns), 0
        for row in rows:
            at += 1
            if at == MAX_ROWS:
                sheet, at = self._sheet(table, columns), 1
            for column, value in enumerate(row):
                self._write(sheet, at, column, value)

    def notes(self) -> list[str]:
        """What is not in the workbook as it is in the tables."""
        notes = [f"{self._cut} texts were cut at {MAX_CHARS:,} characters"] if self._cut else []
        if self._as_text:
            notes.append(f"{self._as_text} amounts of more than {EXACT_DIGITS} digits are text")
        return notes

    def _sheet(self, table: str, columns: list[str]) -> Any:
        sheet = self.book.add_worksheet(self._name(table))
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(columns):
            sheet.write_string(0, column, name, self._head)
        return sheet

    def _name(self, table: str) -> str:
        for number in count(1):
            tail = "" if number == 1 else f"~{number}"
            name = table[: MAX_NAME_CHARS - len(tail)] + tail
            if name.casefold() not in self._names:
                break
        self._names.add(name.casefold())
        return name

    def _write(self, sheet: Any, row: int, column: int, value: Any) -> None:
        if value is None:
            return
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, Decimal) and len(value.as_tuple().digits) > EXACT_DIGITS:
            self._as_text += 1
            sheet.write_string(row, column, f"{value:f}")
        elif isinstance(value, int | float | Decimal):
            self._number(sheet, row, column, value)
        elif isinstance(value, dt.datetime):
            sheet.write_datetime(row, column, value, self._time)
        elif isinstance(value, dt.date):
            self._day(sheet, row, column, value)
        else:
            text = value if isinstance(value, str) else str(cell(value))
            self._cut += len(text) > MAX_CHARS
            sheet.write_string(row, column, text[:MAX_CHARS])

    def _number(self, sheet: Any, row: int, column: int, value: float | Decimal) -> None:
        number = float(value)
        if number - number == 0 and (not isinstance(value, int) or int(number) == value):
            sheet.write_number(row, column, number)
        else:
            self._as_text += 1
            sheet.write_string(row, column, str(value))

    def _day(self, sheet: Any, row: int, column: int, value: dt.date) -> None:
        if value.year >= 1900:
            sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), self._date)  # noqa: DTZ001
        else:  # before Excel's first day
            sheet.write_string(row, column, value.isoformat())
