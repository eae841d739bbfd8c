"""Outcomes as JSON: the shape of `docpipe extract` and of each line of `docpipe show --json`."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

import simplejson

from docpipe.intake.names import harmless
from docpipe.records import Field, Outcome, Violation


def dumps(value: Any, indent: int | None = None) -> str:
    """JSON text of `value`: Decimals as exact numbers, dates as ISO 8601.

    What a terminal would obey, and half characters, are escaped: they stand in strings only.
    """
    text: str = simplejson.dumps(value, use_decimal=True, ensure_ascii=False, indent=indent, default=_iso)
    return harmless(text)


def outcome_document(outcome: Outcome) -> dict[str, Any]:
    """{source_uri, doc_id, schema, engine, status, confidence, record, fields, violations, failure, pages, notes,
    seconds}.

    `pages`: the numbers of the pages that the record was read from, as `store.read.read_outcomes` has them.
    `notes`: what is odd about the source itself.
    """
    record = outcome.records[0] if outcome.records else None
    return {
        "source_uri": outcome.source.uri,
        "doc_id": outcome.source.doc_id,
        "schema": outcome.schema,
        "engine": outcome.engine,
        "status": outcome.status,
        "confidence": round(record.confidence, 4) if record else None,
        "record": record.value if record else None,
        "fields": [_field(leaf) for leaf in record.fields] if record else [],
        "violations": [_violation(violation) for violation in record.violations] if record else [],
        "failure": asdict(outcome.failure) if outcome.failure else None,
        "pages": list(record.pages) if record else [],
        "notes": list(outcome.notes),
        "seconds": round(outcome.seconds, 3),
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "path": field.path,
        "value": field.value,
        "confidence": field.confidence,
        "page": field.page,
        "boxes": [[round(side, 5) for side in box] for box in field.boxes],
        "origin": field.origin,
        "method": field.method,
        **({"before": field.before} if field.before is not None else {}),
    }


def _violation(violation: Violation) -> dict[str, Any]:
    return {**asdict(violation), "paths": list(violation.paths)}


def _iso(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
