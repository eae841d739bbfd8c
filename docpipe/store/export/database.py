"""A DuckDB file: every table, and views for what people ask first."""

from __future__ import annotations

from pathlib import Path

from docpipe.store.export.snapshot import Snapshot
from docpipe.store.types import RECORD


def write_database(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    """One file with every table and the views of `views`; needs the duckdb library. Raises OSError."""
    import duckdb

    try:
        with duckdb.connect(target) as database:
            for table in snapshot.tables:
                for number, part in enumerate(snapshot.read_plain(table)):
                    database.register("part", part)
                    verb = f"INSERT INTO {quoted(table)}" if number else f"CREATE TABLE {quoted(table)} AS"
                    database.execute(f"{verb} SELECT * FROM part")  # noqa: S608  (names are quoted)
                    database.unregister("part")
            for statement in views(snapshot):
                database.execute(statement)
            database.execute("CHECKPOINT")  # closing would do it too, but not say that it failed
    except duckdb.Error as error:
        raise OSError(str(error)) from error
    return ()


def views(snapshot: Snapshot) -> list[str]:
    """CREATE VIEW statements over the tables of a snapshot, as far as it has them.

    current_SCHEMA       a record whose document is still there, once however many paths hold its bytes
    CHILD_joined         rows of a child table beside the scalar columns of their current record
    review_queue         what a person should look at: records to review and failed sources, with reasons
    quality_by_source    how the documents of each folder came out
    """
    records = snapshot.records()
    if not {"sources", *records} <= set(snapshot.tables):
        return []
    made = []
    for schema, children in records.items():
        made.append(_current(schema))
        made += [_joined(snapshot, schema, child) for child in children if child in snapshot.tables]
    return [*made, _review_queue(list(records)), _quality(list(records))]


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _current(schema: str) -> str:
    return f"""CREATE VIEW {quoted(f"current_{schema}")} AS
        SELECT r.*, s.source_uris FROM {quoted(schema)} r JOIN (
            SELECT _extraction_id, list(source_uri ORDER BY source_uri) AS source_uris
            FROM sources WHERE schema = {_text(schema)} AND NOT vanished GROUP BY _extraction_id
        ) s USING (_extraction_id)"""  # noqa: S608


def _joined(snapshot: Snapshot, schema: str, child: str) -> str:
    """The record's columns keep their names unless the child has the same."""
    own = snapshot.types(child).names
    typed = [name for name in snapshot.types(schema).names if name not in RECORD]
    shown = ["_source_uri", "_status", *typed]
    columns = [
        f"r.{quoted(name)} AS {quoted(f'{schema}_{name}' if name in own else name)}"
        for name in shown
        if f"{schema}_{name}" not in own or name not in own
    ]
    return f"""CREATE VIEW {quoted(f"{child}_joined")} AS
        SELECT c.*, {", ".join(columns)} FROM {quoted(child)} c
        JOIN {quoted(f"current_{schema}")} r USING (_record_id, _extraction_id)"""  # noqa: S608


def _review_queue(schemas: list[str]) -> str:
    records = [
        f"""SELECT {_text(schema)} AS schema, unnest(source_uris) AS source_uri, _record_id, _status AS status,
            _confidence AS confidence, list_transform(_violations, lambda v: v.rule) AS rules,
            list_transform(_violations, lambda v: v.message) AS reasons
            FROM {quoted(f"current_{schema}")} WHERE _status = 'needs_review'"""  # noqa: S608
        for schema in schemas
    ]
    failed = """SELECT schema, source_uri, NULL, status, NULL, [failure_code],
        [failure_message] FROM sources WHERE status = 'failed' AND NOT vanished"""
    return f"CREATE VIEW review_queue AS {' UNION ALL '.join([*records, failed])}"


def _quality(schemas: list[str]) -> str:
    records = " UNION ALL ".join(
        f"SELECT _extraction_id, _confidence FROM {quoted(schema)}"  # noqa: S608
        for schema in schemas
    )
    confidences = f"(SELECT _extraction_id, avg(_confidence) AS confidence FROM ({records}) GROUP BY ALL)"  # noqa: S608
    return f"""CREATE VIEW quality_by_source AS
        SELECT regexp_replace(source_uri, '/[^/]*$', '') AS folder, schema,
            engine, count(*) AS documents,
            count(*) FILTER (status = 'ok') AS ok, count(*) FILTER (status = 'repaired') AS repaired,
            count(*) FILTER (status = 'needs_review') AS needs_review, count(*) FILTER (status = 'failed') AS failed,
            round(avg(confidence), 3) AS mean_confidence, round(avg(seconds), 3) AS mean_seconds
        FROM sources LEFT JOIN {confidences} USING (_extraction_id) WHERE NOT vanished GROUP BY ALL"""  # noqa: S608
