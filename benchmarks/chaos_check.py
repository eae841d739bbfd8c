"""What is wrong with an output at rest, told from its files alone.

Written from what docs/ promises of the tables, without docpipe's store, so that the two can disagree.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, Any]
SIDE = ("evidence", "pages", "replies")  # tables that all schemas share, besides sources


@dataclass(frozen=True)
class Fault:
    """`kind`: lost, doubled or stray."""

    kind: str
    text: str


@dataclass(frozen=True)
class State:
    """The live rows of every table, and what is wrong with them."""

    tables: Mapping[str, list[Row]]
    faults: tuple[Fault, ...]

    def rows(self, table: str) -> list[Row]:
        """None for a table that is not there."""
        return self.tables.get(table, [])


def check(files: Mapping[str, bytes]) -> State:
    """The state of an output of which these are the files, by their names below it. Nobody writes at the time."""
    if "current.json" not in files:
        return State({}, (Fault("lost", "current.json"),))
    tables: dict[str, list[Row]] = defaultdict(list)
    faults = list(_leftovers(files))
    pointer = json.loads(files["current.json"])
    live = pointer["tables"]
    faults += _changed_bytes(files, pointer.get("files", {}))
    for table, parts in live.items():
        faults += [Fault("doubled", f"{table}/{part} is named twice") for part in _repeated(parts)]
        for part in parts:
            try:
                tables[table] += pq.read_table(io.BytesIO(files[f"{table}/{part}"])).to_pylist()
            except (KeyError, pa.ArrowException) as error:
                faults.append(Fault("lost", f"{table}/{part}: {type(error).__name__}"))
        here = {name.split("/")[1] for name in files if name.startswith(f"{table}/part-")}
        faults += [Fault("stray", f"{table}/{part} is not live") for part in sorted(here - set(parts))]
    faults += [*_sources(tables), *_side_tables(tables)]
    for schema in {row["schema"] for row in tables["sources"]}:
        faults += _records(tables, schema)
    return State(tables, tuple(faults))


def doc_ids(files: Mapping[str, bytes]) -> set[str]:
    """Every doc_id in any part, live or retired."""
    found: set[str] = set()
    for name, content in files.items():
        if name.endswith(".parquet"):
            part = pq.ParquetFile(io.BytesIO(content))
            columns = [column for column in ("doc_id", "_doc_id") if column in part.schema_arrow.names]
            for column in part.read(columns=columns).columns:
                found.update(column.unique().to_pylist())
    return found


def _leftovers(files: Mapping[str, bytes]) -> Iterator[Fault]:
    for name in files:
        if name.startswith(("_tmp/", "_lease.json")):
            yield Fault("stray", f"{name} is left")


def _changed_bytes(files: Mapping[str, bytes], told: Mapping[str, Any]) -> Iterator[Fault]:
    """What the pointer says of its parts, where it does."""
    for name, stat in told.items():
        content = files.get(name, b"")
        if (len(content), hashlib.sha256(content).hexdigest()) != (stat["bytes"], stat["sha256"]):
            yield Fault("lost", f"{name} has other bytes than current.json says")


def _sources(tables: Mapping[str, list[Row]]) -> Iterator[Fault]:
    for row in _repeated((row["source_uri"], row["schema"]) for row in tables["sources"]):
        yield Fault("doubled", f"source {row}")


def _records(tables: Mapping[str, list[Row]], schema: str) -> Iterator[Fault]:
    """Each source has as many records as it says, each record one source at least, each child row its record."""
    records = tables.get(schema, [])
    count = Counter(row["_extraction_id"] for row in records)
    sources = {row["_extraction_id"]: row for row in tables["sources"] if row["schema"] == schema}
    for extraction, row in sources.items():
        told = 0 if row["status"] == "failed" else row["records"]
        if count[extraction] != told:
            kind = "lost" if count[extraction] < told else "doubled"
            yield Fault(kind, f"{row['source_uri']} ({row['status']}): {count[extraction]} records for {told}")
    for extraction in count.keys() - sources.keys():
        yield Fault("stray", f"{schema}: a record of extraction {extraction}, which is no source's")
    for record in _repeated(row["_record_id"] for row in records):
        yield Fault("doubled", f"{schema}: record {record}")
    held = {(row["_record_id"], row["_extraction_id"]) for row in records}
    for table, rows in tables.items():
        if not table.startswith(f"{schema}_"):
            continue
        lone = [row for row in rows if (row["_record_id"], row["_extraction_id"]) not in held]
        if lone:
            yield Fault("stray", f"{table}: {len(lone)} rows without a record")
        for place in _repeated((row["_record_id"], row["position"]) for row in rows):
            yield Fault("doubled", f"{table}: {place}")


def _side_tables(tables: Mapping[str, list[Row]]) -> Iterator[Fault]:
    extractions = {row["_extraction_id"] for row in tables["sources"]}
    for table in SIDE:
        lone = {row["_extraction_id"] for row in tables.get(table, [])} - extractions
        if lone:
            yield Fault("stray", f"{table}: rows of {len(lone)} extractions that are no source's")
    records = {row["_record_id"] for schema in {row["schema"] for row in tables["sources"]} for row in tables[schema]}
    for row in tables.get("evidence", []):
        if row["_record_id"] not in records:
            yield Fault("stray", f"evidence of {row['path']} of a record that is not there")
    for place in _repeated((row["_record_id"], row["path"]) for row in tables.get("evidence", [])):
        yield Fault("doubled", f"evidence {place}")
    for page in _repeated((row["_extraction_id"], row["page"]) for row in tables.get("pages", [])):
        yield Fault("doubled", f"page {page}")


def _repeated(keys: Iterable[Hashable]) -> list[Any]:
    return [key for key, times in Counter(keys).items() if times > 1]
