"""Looks an output through: every file, every pointer, every row. Changes nothing; `repair` mends what is certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import pyarrow as pa

from docpipe.errors import OutputConflict, StoreError
from docpipe.store.current import NAME, PART, TABLE, Current, load_current
from docpipe.store.integrity import file_faults
from docpipe.store.parts import read_types
from docpipe.store.place import Place, Where, place_of
from docpipe.store.recover import find_strangers, refuse_foreign
from docpipe.store.relations import row_faults

REPAIR = "`docpipe verify OUT --repair` mends it."
READ_AGAIN = "`docpipe verify OUT --repair` takes out what is lost; the next run reads those documents again."
NEXT_RUN = "The next run, or `docpipe verify OUT --repair`, puts it aside in _old/."
BY_HAND = "Move it out of the folder; whoever reads the folder counts its rows."
REPORT = "Keep a copy of the output and report it: docpipe should never write this."


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `code` is stable; `where` is a table, or a file of the output."""

    code: str
    where: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Report:
    """What an output is like. `number` is that of its last commit; `parts` and `rows` are counted by table."""

    out: str
    number: int
    parts: Mapping[str, int] = field(default_factory=dict)
    rows: Mapping[str, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def verify(where: Where | Place) -> Report:
    """Look at every part of an output, at existence, size, checksum, columns; at strangers; at how the rows fit.

    An output that is being written may look unfinished: strangers, of a commit that is under way.
    Raises PathNotFound, OutputConflict where there is no output, OSError.
    """
    out = place_of(where)
    try:
        current = load_current(out)
    except StoreError as error:
        return Report(str(out), 0, findings=(Finding("pointer_damaged", NAME, error.message, REPAIR),))
    findings = list(_strangers(out, current))
    faults = file_faults(out, current, checksums=True)
    for fault in faults:
        remedy = REPAIR if fault.retired else READ_AGAIN
        findings.append(Finding("part_retired" if fault.retired else "part_damaged", fault.file, fault.what, remedy))
    whole = without(current, {fault.file for fault in faults})
    findings += _columns(out, whole)
    rows, misfits = row_faults(out, whole)
    for code, table, message in misfits:
        findings.append(Finding(code, table, message, READ_AGAIN if code in _MENDED else REPORT))
    counts = {table: len(parts) for table, parts in sorted(current.parts.items())}
    return Report(str(out), current.number, counts, rows, tuple(findings))


_MENDED = frozenset({"records_missing", "rows_orphaned"})


def without(current: Current, files: set[str]) -> Current:
    """The same, less the parts in `files` ("TABLE/PART")."""
    parts = {
        table: tuple(name for name in names if f"{table}/{name}" not in files) for table, names in current.parts.items()
    }
    return replace(current, parts=parts)


def _strangers(out: Place, current: Current) -> Iterator[Finding]:
    strangers = find_strangers(out, current)
    for stranger in strangers:
        try:
            refuse_foreign(out, current, [stranger])
        except OutputConflict as error:
            yield Finding("part_foreign", stranger.file, error.message, BY_HAND)
        except StoreError as error:
            yield Finding("pointer_older", NAME, error.message, REPAIR)
        else:
            what = stranger.why or "is named by no pointer: what a killed run left, or a part that was replaced"
            yield Finding("part_stray", stranger.file, what, NEXT_RUN)
    for table in sorted(current.parts):
        for name in out.entries(table):
            if name.endswith(".parquet") and not PART.match(name):
                yield Finding("file_unknown", f"{table}/{name}", "docpipe did not write it", BY_HAND)
    for table in out.entries():
        if TABLE.match(table) and table not in current.parts and any(map(PART.match, out.entries(table))):
            yield Finding("table_unknown", table, f"holds parts, and {NAME} knows no such table", BY_HAND)


def _columns(out: Place, current: Current) -> Iterator[Finding]:
    """Parts of one table whose columns have other types than those of the newest."""
    for table, parts in current.parts.items():
        types = {part: read_types(out, table, part) for part in parts}
        newest = types[parts[-1]] if parts else pa.schema([])
        for part, found in types.items():
            wrong = [
                column.name
                for column in found
                if column.name in newest.names and newest.field(column.name).type != column.type
            ]
            if wrong:
                yield Finding("columns_differ", f"{table}/{part}", f"other types of {', '.join(wrong)}", REPORT)
