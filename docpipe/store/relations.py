"""How the rows of an output fit together: each source once, its records there, nothing that belongs to nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from docpipe.schema.paths import value_at
from docpipe.store.current import Current, part_file
from docpipe.store.parts import read_about, read_part, read_types
from docpipe.store.place import Place
from docpipe.store.read import stored_records
from docpipe.store.types import SIDE_TABLES

EXTRACTION = "_extraction_id"
RECORD = "_record_id"
_SOURCE = ("source_uri", "schema", "status", "records", EXTRACTION)

Misfit = tuple[str, str, str]
"""(code, table, what is wrong)."""


def row_faults(out: Place, current: Current) -> tuple[dict[str, int], list[Misfit]]:
    """Rows of every table, and what does not fit among them. In memory are one part, and the keys of a table.

    codes: source_twice, records_missing, rows_orphaned, record_twice, rows_twice, evidence_nowhere. Raises what
    parts raise.
    """
    sources = _gathered(out, current, "sources", _SOURCE)
    rows = {"sources": sources.num_rows}
    faults = list(_twice("source_twice", "sources", sources.select(["source_uri", "schema"])))
    known = sources[EXTRACTION]
    owners = {table: _owner(out, current, table) for table in current.parts if table not in ("sources", *SIDE_TABLES)}
    records: dict[str, pa.Table] = {}
    for schema in sorted({owner for owner in owners.values() if owner in current.parts}):
        records[schema] = _gathered(out, current, schema, (RECORD, EXTRACTION))
        rows[schema] = records[schema].num_rows
        faults += _twice("record_twice", schema, records[schema].select([RECORD]))
        faults += _missing(sources, schema, records[schema][EXTRACTION])
        faults += _orphans(schema, records[schema][EXTRACTION], known)
        faults += _nowhere(out, current, schema, records[schema][EXTRACTION])
    all_records = pa.concat_tables(list(records.values())) if records else None
    for table in sorted(set(current.parts) - {"sources", *records}):
        keys = _key_columns(out, current, table)
        found = _gathered(out, current, table, keys)
        rows[table] = found.num_rows
        if table in ("pages", "replies") or all_records is None:
            faults += _orphans(table, found[EXTRACTION], known)
        elif found.num_rows:
            faults += _orphans(table, found[RECORD], all_records[RECORD])
        if table != "replies":  # a question may be asked twice
            faults += _twice("rows_twice", table, found)
    return rows, faults


def lost_extractions(out: Place, current: Current) -> set[str]:
    """Extractions of which `sources` tells more records than there are."""
    sources = _gathered(out, current, "sources", _SOURCE)
    lost: set[str] = set()
    for schema in set(sources["schema"].unique().to_pylist()):
        there = _gathered(out, current, schema, (EXTRACTION,)) if current.parts.get(schema) else None
        lost |= _short(sources, schema, there[EXTRACTION] if there is not None else pa.chunked_array([], pa.string()))
    return lost


def orphaned_extractions(out: Place, current: Current) -> set[str]:
    """Extractions that have rows somewhere and no source."""
    known = _gathered(out, current, "sources", (EXTRACTION,))[EXTRACTION]
    orphans: set[str] = set()
    for table in current.parts:
        if table != "sources":
            found = _gathered(out, current, table, (EXTRACTION,))[EXTRACTION]
            orphans.update(found.filter(pc.invert(pc.is_in(found, known))).unique().to_pylist())
    return orphans


def _gathered(out: Place, current: Current, table: str, columns: Sequence[str]) -> pa.Table:
    """Some columns of a whole table, as plain text and numbers."""
    found = [read_part(out, table, part, list(columns)) for part in current.parts.get(table, ())]
    if not found:
        return pa.table({name: pa.array([], pa.string()) for name in columns})
    return pa.concat_tables(
        [
            pa.table({name: _plain(part[name]) if name in part.column_names else None for name in columns})
            for part in found
        ]
    )


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def _owner(out: Place, current: Current, table: str) -> str:
    """The schema whose table it is, by the newest part's footer."""
    parts = current.parts[table]
    return read_about(out, part_file(out, table, parts[-1])).get("docpipe.schema", "") if parts else ""


def _key_columns(out: Place, current: Current, table: str) -> tuple[str, ...]:
    """What tells the rows of a table apart."""
    if table == "pages":
        return EXTRACTION, "page"
    if table == "replies":
        return EXTRACTION, "key"
    if table == "evidence":
        return EXTRACTION, RECORD, "path"
    parts = current.parts[table]
    names = read_types(out, table, parts[-1]).names if parts else []
    return EXTRACTION, RECORD, *(name for name in names if name == "position" or name.endswith("_position"))


def _twice(code: str, table: str, keys: pa.Table) -> Iterator[Misfit]:
    if not keys.num_rows:
        return
    counted = keys.group_by(keys.column_names, use_threads=False).aggregate([([], "count_all")])
    twice = counted.filter(pc.greater(counted["count_all"], 1))
    if twice.num_rows:
        example = " ".join(str(twice[name][0].as_py()) for name in keys.column_names)
        yield code, table, f"{twice.num_rows} keys stand there more than once, the first: {example}"


def _missing(sources: pa.Table, schema: str, found: pa.ChunkedArray) -> Iterator[Misfit]:
    short = _short(sources, schema, found)
    if short:
        yield "records_missing", schema, f"of {len(short)} documents records are missing that sources tells of"


def _short(sources: pa.Table, schema: str, found: pa.ChunkedArray) -> set[str]:
    """Extractions of a schema with another number of records than their sources say; a failed one has none."""
    counted = {entry["values"]: entry["counts"] for entry in pc.value_counts(found).to_pylist()}
    own = sources.filter(pc.equal(sources["schema"], schema)).to_pylist()
    return {
        row[EXTRACTION]
        for row in own
        if counted.get(row[EXTRACTION], 0) != (0 if row["status"] == "failed" else row["records"])
    }


def _orphans(table: str, found: pa.ChunkedArray, known: pa.ChunkedArray) -> Iterator[Misfit]:
    orphans = found.filter(pc.invert(pc.is_in(found, known.combine_chunks()))).unique()
    if len(orphans):
        yield "rows_orphaned", table, f"rows of {len(orphans)} extractions or records that nothing else knows"


def _nowhere(out: Place, current: Current, schema: str, extractions: pa.ChunkedArray) -> Iterator[Misfit]:
    """Values in evidence that their record has nowhere."""
    lost, example = 0, ""
    for stored in stored_records(out, current, schema, set(extractions.unique().to_pylist())):
        for row in stored.evidence:
            if row["value"] is not None and value_at(stored.value, row["path"]) is None:
                lost, example = lost + 1, example or f"{row['path']} of record {row[RECORD]}"
    if lost:
        yield "evidence_nowhere", "evidence", f"{lost} values point at no place of their record, the first: {example}"
