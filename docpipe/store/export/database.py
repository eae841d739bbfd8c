"""A DuckDB file: every table, and views for what people ask first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from docpipe.errors import OutputUnwritable
from docpipe.store.export.names import Names
from docpipe.store.export.snapshot import Snapshot
from docpipe.store.types import RECORD


def write_database(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    """One file with every table and the views of `views`; needs the duckdb library. Notes say what has another name.

    Raises OutputUnwritable where the library cannot write it.
    """
    import duckdb

    made = views(snapshot)
    try:
        with duckdb.connect(target) as database:
            tables, incoming = _tables(snapshot), Names(snapshot.tables).free("incoming")
            for table, name in tables.items():
                for number, part in enumerate(snapshot.read_plain(table)):
                    database.register(incoming, part)
                    verb = f"INSERT INTO {quoted(name)}" if number else f"CREATE TABLE {quoted(name)} AS"
                    database.execute(f"{verb} SELECT * FROM {quoted(incoming)}")  # noqa: S608  (names are quoted)
                    database.unregister(incoming)
            for view in made:
                database.execute(f"CREATE VIEW {quoted(view.name)} AS {view.query}")
            database.execute("CHECKPOINT")  # closing would do it too, but not say that it failed
    except duckdb.Error as error:
        raise OutputUnwritable(f"{target.name}: {str(error).splitlines()[0]}") from error
    called = [*tables.items(), *((column.wanted, column.name) for column in made)]
    return tuple(f"{wanted} is called {name}: its name was taken" for wanted, name in called if wanted != name)


@dataclass(frozen=True, slots=True)
class View:
    """A view by the `name` that was free for it."""

    wanted: str
    name: str
    query: str


def _tables(snapshot: Snapshot) -> dict[str, str]:
    """Table -> what it is called in a database, where names that differ in case alone are one."""
    names = Names()
    return {table: names.free(table) for table in snapshot.tables}


def views(snapshot: Snapshot) -> list[View]:
    """The views over the tables of a snapshot, as far as it has them.

    current_SCHEMA       a record whose document is still there, once however many paths hold its bytes
    CHILD_joined         rows of a child table beside the scalar columns of their current record
    review_queue         what a person should look at: records to review and failed sources, with reasons
    quality_by_source    how the documents of each folder came out

    Tables keep their names; a view whose name one of them has gets a number: `review_queue_2`.
    """
    records = snapshot.records()
    if not {"sources", *records} <= set(snapshot.tables):
        return []
    tables = _tables(snapshot)
    names = Names(tables.values())
    made: list[View] = []

    def add(wanted: str, query: str) -> str:
        made.append(View(wanted, names.free(wanted), query))
        return made[-1].name

    current = {record: add(f"current_{record}", _current(snapshot, record, tables[record])) for record in records}
    for schema, children in records.items():
        for child in children:
            if child in snapshot.tables:
                add(f"{child}_joined", _joined(snapshot, schema, child, tables[child], current[schema]))
    add("review_queue", _review_queue(snapshot, current))
    add("quality_by_source", _quality([tables[record] for record in records]))
    return made


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _uris(snapshot: Snapshot, schema: str) -> str:
    """The column with the paths of a record: `source_uris`, unless the schema has one of that name."""
    return Names(snapshot.types(schema).names).free("source_uris")


def _current(snapshot: Snapshot, schema: str, table: str) -> str:
    uris = quoted(_uris(snapshot, schema))
    return f"""SELECT r.*, s.{uris} FROM {quoted(table)} r JOIN (
            SELECT _extraction_id, list(source_uri ORDER BY source_uri) AS {uris}
            FROM sources WHERE schema = {_text(schema)} AND NOT vanished GROUP BY _extraction_id
        ) s USING (_extraction_id)"""  # noqa: S608


def _joined(snapshot: Snapshot, schema: str, child: str, table: str, current: str) -> str:
    """The record's columns keep their names unless the child has the same."""
    own = snapshot.types(child).names
    names = Names(own)
    typed = [name for name in snapshot.types(schema).names if name not in RECORD]
    free = Names([*own, *typed])
    columns = [
        f"r.{quoted(name)} AS {quoted(free.free(f'{schema}_{name}') if name in own else names.free(name))}"
        for name in ["_source_uri", "_status", *typed]
    ]
    return f"""SELECT c.*, {", ".join(columns)} FROM {quoted(table)} c
        JOIN {quoted(current)} r USING (_record_id, _extraction_id)"""  # noqa: S608


def _review_queue(snapshot: Snapshot, current: Mapping[str, str]) -> str:
    records = [
        f"""SELECT {_text(schema)} AS schema, unnest({quoted(_uris(snapshot, schema))}) AS source_uri, _record_id,
            _status AS status, _confidence AS confidence, list_transform(_violations, lambda v: v.rule) AS rules,
            list_transform(_violations, lambda v: v.message) AS reasons
            FROM {quoted(view)} WHERE _status = 'needs_review'"""  # noqa: S608
        for schema, view in current.items()
    ]
    failed = """SELECT schema, source_uri, NULL, status, NULL, [failure_code],
        [failure_message] FROM sources WHERE status = 'failed' AND NOT vanished"""
    return " UNION ALL ".join([*records, failed])


def _quality(tables: list[str]) -> str:
    records = " UNION ALL ".join(
        f"SELECT _extraction_id, _confidence FROM {quoted(table)}"  # noqa: S608
        for table in tables
    )
    confidences = f"(SELECT _extraction_id, avg(_confidence) AS confidence FROM ({records}) GROUP BY ALL)"  # noqa: S608
    return f"""SELECT regexp_replace(source_uri, '/[^/]*$', '') AS folder, schema,
            engine, count(*) AS documents,
            count(*) FILTER (status = 'ok') AS ok, count(*) FILTER (status = 'repaired') AS repaired,
            count(*) FILTER (status = 'needs_review') AS needs_review, count(*) FILTER (status = 'failed') AS failed,
            round(avg(confidence), 3) AS mean_confidence, round(avg(seconds), 3) AS mean_seconds
        FROM sources LEFT JOIN {confidences} USING (_extraction_id) WHERE NOT vanished GROUP BY ALL"""  # noqa: S608
