"""Outcome -> the rows of every table but sources. A value that a column cannot hold stops it here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from docpipe.errors import ValueMisfit
from docpipe.records import Outcome, PageRow, Record, ReplyRow, Span, Violation
from docpipe.store.columns import Layout, Plan
from docpipe.store.ledger import LedgerRow, uri_as_text
from docpipe.store.types import RECORD
from docpipe.store.values import as_text, clean, column_value, number_in

Row = dict[str, Any]
Rows = dict[str, list[Row]]


def ledger_row(outcome: Outcome, extraction_id: str, run_id: str, at: datetime) -> LedgerRow:
    """The row of sources/ that says what became of the outcome's source."""
    source, failure = outcome.source, outcome.failure
    return LedgerRow(
        uri=source.uri,
        schema=outcome.schema,
        size=source.size,
        mtime_ns=source.mtime_ns,
        etag=source.etag,
        metadata={clean(name): clean(value) for name, value in source.metadata},
        doc_id=source.doc_id,
        media_type=outcome.media_type,
        notes=tuple(clean(note) for note in outcome.notes),
        status=outcome.status,
        engine=outcome.engine,
        fingerprints=dict(outcome.fingerprints),
        failure_code=failure.code if failure else None,
        failure_message=clean(failure.message) if failure else None,
        failure_remedy=clean(failure.remedy) if failure else None,
        failure_retryable=failure.retryable if failure else False,
        pages=len(outcome.pages),
        records=len(outcome.records),
        seconds=outcome.seconds,
        vanished=False,
        reviewed=False,
        extraction_id=extraction_id,
        run_id=run_id,
        processed_at=at,
    )


def outcome_rows(outcome: Outcome, of: LedgerRow, layout: Layout) -> Rows:
    """Table -> its rows; raises ValueMisfit if a value does not fit its column exactly."""
    rows: Rows = {name: [] for name in layout.tables if name != "sources"}
    seen: dict[tuple[int, ...], int] = {}
    for record in outcome.records:
        seen[record.pages] = nth = seen.get(record.pages, 0) + 1
        _record_rows(record, record_id(of, record.pages, nth), of, layout, rows)
    rows["pages"] = [_page_row(page, of) for page in outcome.pages]
    rows["replies"] = [_reply_row(reply, of) for reply in outcome.replies]
    return rows


def record_id(of: LedgerRow, pages: tuple[int, ...], nth: int = 1) -> str:
    """The same for the same bytes, schema and pages, whoever extracts them; `nth` on those pages."""
    text = "\0".join([of.doc_id or of.uri, of.schema, ",".join(map(str, pages)), str(nth)])
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _record_rows(record: Record, identity: str, of: LedgerRow, layout: Layout, rows: Rows) -> None:
    keys = {"_record_id": identity, "_extraction_id": of.extraction_id}
    flattener = _Flattener(layout, keys, rows)
    row = flattener.row(layout.name, layout.plan, record.value, {}, "")
    row |= {
        "_doc_id": of.doc_id,
        "_source_uri": uri_as_text(of.uri),
        "_status": record.status,
        "_confidence": record.confidence,
        "_violations": [violation_row(violation) for violation in record.violations],
        "_pages": list(record.pages),
        "_engine": of.engine,
        "_fingerprints": list(of.fingerprints.items()),
        "_run_id": of.run_id,
        "_processed_at": of.processed_at,
        "_absent": flattener.absent,
    }
    rows["evidence"] += [keys | one for one in _evidence(record)]


def rewritten(value: Mapping[str, Any], held: Row, layout: Layout) -> Rows:
    """The rows of the record tables for `value`, with all that the `held` row tells of the record besides."""
    keys = {name: held[name] for name in ("_record_id", "_extraction_id")}
    rows: Rows = {name: [] for name in layout.positions}
    flattener = _Flattener(layout, keys, rows)
    row = flattener.row(layout.name, layout.plan, value, {}, "")
    row |= {name: held[name] for name in RECORD if name not in keys}
    row |= {"_fingerprints": list(held["_fingerprints"].items()), "_absent": flattener.absent}
    return rows


class _Flattener:
    """Walks one record along the plan of its schema; rows of arrays of objects go to their tables."""

    def __init__(self, layout: Layout, keys: Row, rows: Rows) -> None:
        self.layout = layout
        self.keys = keys
        self.rows = rows
        self.absent: list[str] = []

    def row(self, table: str, plan: Plan, value: Any, place: Mapping[str, int], path: str) -> Row:
        """One more row of `table`; `place` are its positions, `path` the way to it in the record."""
        row = {**self.keys, **place}
        self.rows[table].append(row)
        self.fill(row, table, plan, value, place, path)
        return row

    def fill(self, row: Row, table: str, plan: Plan, value: Any, place: Mapping[str, int], path: str) -> None:
        """Put the properties of the object `value` into `row`."""
        if not isinstance(value, Mapping) or not value.keys() <= plan.keys():
            raise ValueMisfit(f"{path or 'record'}: not an object with the properties of the schema")
        for name, where in plan.items():
            inner, here = value.get(name), f"{path}.{name}" if path else name
            if isinstance(where, str):
                node = self.layout.fields[table][where]
                row[where] = column_value(inner, node, here)
                if node.mixed:
                    row[f"{where.removesuffix('_text')}_number"] = None if inner is None else number_in(inner)
            elif inner is None:
                self.absent.append(here)
            elif isinstance(where, dict):
                self.fill(row, table, where, inner, place, here)
            else:
                below, item = where
                self.items(below, item, inner, place, here)

    def items(self, table: str, plan: Plan, values: Any, place: Mapping[str, int], path: str) -> None:
        """A row of `table` for each of an array's objects."""
        if not isinstance(values, list | tuple):
            raise ValueMisfit(f"{path}: not an array")
        names = self.layout.positions[table]
        for index, value in enumerate(values):
            self.row(table, plan, value, dict(zip(names, (*place.values(), index), strict=True)), f"{path}[{index}]")


def _evidence(record: Record) -> Iterator[Row]:
    """A row for every leaf value, and for every value that an edit took away."""
    for field in record.fields:
        yield {
            "path": field.path,
            "value": as_text(field.value),
            "confidence": field.confidence,
            "page": field.page,
            "boxes": list(field.boxes),
            "origin": field.origin,
            "method": field.method,
            "before": as_text(field.before),
        }
    told = {field.path for field in record.fields}
    for edit in record.edits:
        if edit.path not in told:
            yield {
                "path": edit.path,
                "value": as_text(edit.after),
                "confidence": None,
                "page": None,
                "boxes": [],
                "origin": f"rule:{edit.rule}",
                "method": "",
                "before": as_text(edit.before),
            }


def violation_row(violation: Violation) -> Row:
    """A violation as `_violations` holds it."""
    return {
        "rule": violation.rule,
        "severity": violation.severity,
        "message": clean(violation.message),
        "paths": list(violation.paths),
        "left": clean(violation.left),
        "right": clean(violation.right),
    }


def _page_row(page: PageRow, of: LedgerRow) -> Row:
    return {
        "_extraction_id": of.extraction_id,
        "_doc_id": of.doc_id,
        "_source_uri": uri_as_text(of.uri),
        "schema": of.schema,
        "page": page.number,
        "width_pt": page.width_pt,
        "height_pt": page.height_pt,
        "width_px": page.width_px,
        "height_px": page.height_px,
        "dpi": page.dpi,
        "rotation": page.rotation,
        "visual_tokens": page.visual_tokens,
        "text_source": page.text_source,
        "words": page.words,
        "skipped": clean(page.skipped),
        "seconds": page.render_s,
        "notes": [clean(note) for note in page.notes],
    }


def _reply_row(row: ReplyRow, of: LedgerRow) -> Row:
    reply = row.reply
    return {
        "_extraction_id": of.extraction_id,
        "_doc_id": of.doc_id,
        "schema": of.schema,
        "key": row.key,
        "pages": list(row.pages),
        "engine": reply.engine,
        "text": clean(reply.text),
        "finish": reply.finish,
        "error": clean(reply.error),
        "prompt_tokens": reply.prompt_tokens,
        "output_tokens": reply.output_tokens,
        "seconds": reply.seconds,
        "logprobs": list(reply.logprobs),
        "spans": [_span(span) for span in reply.spans],
        "methods": [span.method for span in reply.spans],
    }


def _span(span: Span) -> Row:
    return {
        "path": span.path,
        "page": span.page,
        "boxes": list(span.boxes),
        "score": span.score,
        "text": clean(span.text),
    }
