"""An Excel workbook: a sheet a table, text always text, amounts numbers."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from docpipe.errors import OutputUnwritable
from docpipe.store.export.flat import as_json
from docpipe.store.export.snapshot import Snapshot

MAX_ROWS = 1_048_576  # Excel's specifications and limits
MAX_CHARS = 32_767  # of UTF-16
MAX_COLUMNS = 16_384
MAX_NAME_CHARS = 31
FIRST_YEAR = 1900
EXACT_DIGITS = 15  # of a double, which is what a cell holds
_NO_FORMULAS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}
_LEFT_OUT = ("replies", "pages")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\]|^'|'$")
_RESERVED = "history"  # by Excel, for itself


def write_workbook(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    """One .xlsx; a table of more rows than a sheet holds goes on in a next sheet. Needs XlsxWriter.

    Returns notes on what a cell could not hold: text that was cut, amounts left as text for their digits, days before
    1900. Raises OutputUnwritable where the library cannot write it.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import XlsxWriterException

    packed = io.BytesIO()  # the library leaves a file that it cannot write open, and its end tells so on stderr
    writer = _Writer(xlsxwriter.Workbook(packed, _NO_FORMULAS))
    try:
        for table in snapshot.tables:
            if table not in _LEFT_OUT:
                writer.add(table, snapshot.types(table).names, _rows(snapshot, table))
        writer.book.close()
    except XlsxWriterException as error:
        raise OutputUnwritable(f"{target.name}: {error}") from error
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
        self._cut = self._as_text = self._days = self._columns = 0

    def add(self, table: str, columns: list[str], rows: Iterator[tuple[Any, ...]]) -> None:
        """The table in as many sheets as it needs, at least one."""
        self._columns += max(0, len(columns) - MAX_COLUMNS)
        columns = columns[:MAX_COLUMNS]
        sheet, at = self._sheet(table, columns), 0
        for row in rows:
            at += 1
            if at == MAX_ROWS:
                sheet, at = self._sheet(table, columns), 1
            for column, value in enumerate(row[:MAX_COLUMNS]):
                self._write(sheet, at, column, value)

    def notes(self) -> list[str]:
        """What is not in the workbook as it is in the tables."""
        notes = [f"{self._cut} texts were cut at {MAX_CHARS:,} characters"] if self._cut else []
        if self._as_text:
            notes.append(f"{self._as_text} amounts of more than {EXACT_DIGITS} digits are text")
        if self._days:
            notes.append(f"{self._days} dates before 1900, which Excel does not have, are text")
        if self._columns:
            notes.append(f"{self._columns} columns are left out: a sheet has {MAX_COLUMNS:,}")
        return notes

    def _sheet(self, table: str, columns: list[str]) -> Any:
        sheet = self.book.add_worksheet(self._name(table))
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(columns):
            sheet.write_string(0, column, name, self._head)
        return sheet

    def _name(self, table: str) -> str:
        table = _NOT_IN_NAMES.sub("_", table)
        table = f"{table}_" if table.casefold() == _RESERVED else table
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
        elif isinstance(value, int | Decimal) and _digits(value) > EXACT_DIGITS:
            self._as_text += 1
            sheet.write_string(row, column, f"{value:f}" if isinstance(value, Decimal) else str(value))
        elif isinstance(value, int | float | Decimal):
            self._number(sheet, row, column, value)
        elif isinstance(value, dt.date):
            self._day(sheet, row, column, value)
        else:
            text = value if isinstance(value, str) else as_json(value)
            fitting = _fitting(text)
            self._cut += fitting != text
            sheet.write_string(row, column, fitting)

    def _number(self, sheet: Any, row: int, column: int, value: float | Decimal) -> None:
        number = float(value)
        if number - number == 0 and (number or not value):
            sheet.write_number(row, column, number)
        else:  # not finite, or too small for a double
            self._as_text += 1
            sheet.write_string(row, column, str(value))

    def _day(self, sheet: Any, row: int, column: int, value: dt.date) -> None:
        if value.year < FIRST_YEAR:
            self._days += 1
            sheet.write_string(row, column, value.isoformat())
        elif isinstance(value, dt.datetime):
            sheet.write_datetime(row, column, value, self._time)
        else:
            sheet.write_datetime(row, column, dt.datetime(value.year, value.month, value.day), self._date)  # noqa: DTZ001


def _digits(value: int | Decimal) -> int:
    """How many digits a number has to be shown with, but for zeros at its ends."""
    digits = "".join(map(str, Decimal(value).as_tuple().digits))
    return len(digits.strip("0"))


def _fitting(text: str) -> str:
    """As much of `text` as a cell holds: what is not in the basic plane counts twice."""
    if len(text) * 2 <= MAX_CHARS:
        return text
    return text.encode("utf-16-le")[: MAX_CHARS * 2].decode("utf-16-le", "ignore")
