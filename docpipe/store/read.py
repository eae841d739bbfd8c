"""Reading an output through current.json: exact, whatever a writer is doing at the time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from docpipe.errors import PathNotFound
from docpipe.schema.paths import parts as path_parts
from docpipe.store.columns import Plan, position_columns
from docpipe.store.current import Current, load_current
from docpipe.store.ledger import LedgerRow, read_rows, uri_as_text
from docpipe.store.parts import read_part, read_types
from docpipe.store.place import Place, Where, place_of

Row = dict[str, Any]
Groups = dict[tuple[Any, ...], list[Row]]


def tables(out: Where | Place) -> list[str]:
    """Names of the tables of an output, sorted. Raises what `load_current` does."""
    return sorted(name for name, parts in load_current(place_of(out)).parts.items() if parts)


def read_table(out: Where | Place, name: str) -> pa.Table:
    """A whole table in memory, oldest part first.

    Raises PathNotFound if the output has no such table, and what `load_current` and parts raise.
    """
    out = place_of(out)
    parts = load_current(out).parts.get(name, ())
    if not parts:
        raise PathNotFound(f"no table {name!r} in {out}", remedy=f"There are {', '.join(tables(out)) or 'none'}.")
    read = [read_part(out, name, part) for part in parts]
    return pa.concat_tables([table.select(read[0].column_names).replace_schema_metadata() for table in read])


def read_outcomes(out: Where | Place, current: Current | None = None) -> Iterator[Row]:
    """What became of every source, in the order of the sources table; a part of it in memory at a time.

    Each is {source_uri, schema, doc_id, engine, status, confidence, pages, record, fields, violations,
    failure, notes}: the record nested as in its schema, with Decimals and dates, or None; a source of which
    several records were read comes once a record. Reads what is live, or what `current` says was.
    Raises what `load_current` and parts raise.
    """
    out = place_of(out)
    current = current or load_current(out)
    readers: dict[str, _Records] = {}
    for part in current.parts.get("sources", ()):
        rows = list(read_rows(out, part))
        for schema in {row.schema for row in rows}:
            reader = readers.setdefault(schema, _Records(out, current, schema))
            reader.load({row.extraction_id for row in rows if row.schema == schema})
        for row in rows:
            yield from _outcomes(row, readers[row.schema])


@dataclass(frozen=True, slots=True)
class Stored:
    """One record as it lies in the part of that name: its own row, its value nested, its rows of evidence."""

    part: str
    row: Row
    value: Row
    evidence: list[Row]


def stored_records(out: Place, current: Current, schema: str, extractions: set[str]) -> Iterator[Stored]:
    """The records of these extractions. Raises what parts raise."""
    return _Records(out, current, schema).stored(extractions)


def _outcomes(row: LedgerRow, records: _Records) -> Iterator[Row]:
    common: Row = {
        "source_uri": uri_as_text(row.uri),
        "schema": row.schema,
        "doc_id": row.doc_id,
        "engine": row.engine,
        "status": row.status,
        "confidence": None,
        "pages": [],
        "record": None,
        "fields": [],
        "violations": [],
        "failure": _failure(row),
        "notes": list(row.notes),
    }
    found = [common | recorded for recorded in records.of(row.extraction_id)]
    yield from found or [common]


def _failure(row: LedgerRow) -> Row | None:
    if row.failure_code is None:
        return None
    return {"code": row.failure_code, "message": row.failure_message, "remedy": row.failure_remedy}


class _Records:
    """The records of one schema that a part of sources speaks of, put together from their tables."""

    def __init__(self, out: Place, current: Current, schema: str) -> None:
        self._out = out
        self._current = current
        self._schema = schema
        self._part_of: dict[str, str] | None = None
        self._found: dict[str, list[Row]] = {}

    def of(self, extraction: str) -> list[Row]:
        """The records of an extraction that was loaded."""
        return self._found.get(extraction, [])

    def load(self, extractions: set[str]) -> None:
        """Read these extractions, and forget the ones before."""
        self._found = defaultdict(list)
        for record in self.stored(extractions):
            self._found[record.row["_extraction_id"]].append(_presented(record.row, record.value, record.evidence))

    def stored(self, extractions: set[str]) -> Iterator[Stored]:
        """The records of these extractions, part by part."""
        if self._part_of is None:
            self._part_of = self._locate()
        wanted = pa.array(sorted(extractions), pa.string())
        for part in sorted({self._part_of[extraction] for extraction in extractions if extraction in self._part_of}):
            plan = self._plan(part)
            rows = self._rows(self._schema, part, wanted)
            evidence = _grouped(self._rows("evidence", part, wanted))
            children = {table: _grouped(self._rows(table, part, wanted), place) for table, place in _array_tables(plan)}
            for row in rows:
                value = _Nested(row, children).value(plan, row, (), "")
                yield Stored(part, row, value, evidence.get(_key(row), []))

    def _locate(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for part in self._current.parts.get(self._schema, ()):
            ids = read_part(self._out, self._schema, part, ["_extraction_id"])["_extraction_id"]
            found.update(dict.fromkeys(ids.unique().to_pylist(), part))
        return found

    def _plan(self, part: str) -> Plan:
        plan: Plan = json.loads(read_types(self._out, self._schema, part).metadata[b"docpipe.plan"])
        return plan

    def _rows(self, table: str, part: str, wanted: pa.Array) -> list[Row]:
        if part not in self._current.parts.get(table, ()):
            return []
        read = read_part(self._out, table, part)
        rows: list[Row] = read.filter(pc.is_in(read["_extraction_id"], wanted)).to_pylist(maps_as_pydicts="strict")
        return rows


@dataclass(frozen=True, slots=True)
class _Nested:
    """Builds one record from its row and the rows of its arrays."""

    row: Row
    children: Mapping[str, Groups]

    def value(self, plan: Plan, row: Row, place: tuple[int, ...], path: str) -> Row:
        """The object that `plan` lays out in `row`; `place` and `path` say where in the record it is."""
        value: Row = {}
        for name, where in plan.items():
            here = f"{path}.{name}" if path else name
            if isinstance(where, str):
                value[name] = row[where]
            elif here in self.row["_absent"]:
                value[name] = None
            elif isinstance(where, dict):
                value[name] = self.value(where, row, place, here)
            else:
                table, item = where
                rows = self.children[table].get((*_key(self.row), *place), [])
                value[name] = [
                    self.value(item, one, (*place, index), f"{here}[{index}]") for index, one in enumerate(rows)
                ]
        return value


def _array_tables(plan: Plan, parents: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(child table, its columns of positions) of every array of objects in a plan."""
    for where in plan.values():
        if isinstance(where, dict):
            yield from _array_tables(where, parents)
        elif isinstance(where, list):
            table, item = where
            yield table, position_columns(parents)
            yield from _array_tables(item, (*parents, table))


def _grouped(rows: list[Row], place: tuple[str, ...] = ()) -> Groups:
    """Rows by record and by where the array stood that they are elements of, in their order."""
    groups: Groups = defaultdict(list)
    for row in rows:
        groups[(*_key(row), *(row[name] for name in place[:-1]))].append(row)
    return groups


def _key(row: Row) -> tuple[str, str]:
    return row["_record_id"], row["_extraction_id"]


def _presented(row: Row, value: Row, evidence: list[Row]) -> Row:
    return {
        "status": row["_status"],
        "confidence": row["_confidence"],
        "pages": row["_pages"],
        "record": value,
        "fields": [_field(row, value) for row in evidence],
        "violations": row["_violations"],
    }


def _field(row: Row, record: Row) -> Row:
    shown = ("path", "value", "confidence", "page", "boxes", "origin", "before")
    method = row.get("method") or ""  # an older output has no such column
    return {name: row[name] for name in shown} | {"value": _at(record, row["path"], row["value"]), "method": method}


def _at(record: Any, path: str, text: str | None) -> Any:
    """The typed value at `path`; its text if the record has no such place any more."""
    try:
        for part in path_parts(path):
            record = record[part]
    except (KeyError, IndexError, TypeError):
        return text
    return record
