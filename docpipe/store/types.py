"""The columns that every output has, whatever its schemas."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

DECIMAL_DIGITS = 38
"""Precision of every exact decimal: no value that validates is refused, and no sum overflows."""

CLOSED = pa.dictionary(pa.int32(), pa.string())
UTC_TIME = pa.timestamp("us", tz="UTC")
STRINGS = pa.list_(pa.string())
PAIRS = pa.map_(pa.string(), pa.string())
BOXES = pa.list_(pa.list_(pa.float32(), 4))

VIOLATIONS = pa.list_(
    pa.struct(
        {
            "rule": pa.string(),
            "severity": pa.string(),
            "message": pa.string(),
            "paths": STRINGS,
            "left": pa.string(),
            "right": pa.string(),
        }
    )
)
SPANS = pa.list_(
    pa.struct(
        {
            "path": pa.string(),
            "page": pa.int32(),
            "boxes": BOXES,
            "score": pa.float64(),
            "text": pa.string(),
        }
    )
)

SOURCES = pa.schema(
    {
        "source_uri": pa.string(),
        "schema": CLOSED,
        "size": pa.int64(),
        "mtime_ns": pa.int64(),
        "etag": pa.string(),
        "metadata": PAIRS,
        "doc_id": pa.string(),
        "media_type": CLOSED,
        "notes": STRINGS,
        "status": CLOSED,
        "engine": CLOSED,
        "fingerprints": PAIRS,
        "failure_code": CLOSED,
        "failure_message": pa.string(),
        "failure_remedy": pa.string(),
        "failure_retryable": pa.bool_(),
        "pages": pa.int32(),
        "records": pa.int32(),
        "seconds": pa.float64(),
        "vanished": pa.bool_(),
        "reviewed": pa.bool_(),
        "_extraction_id": pa.string(),
        "run_id": CLOSED,
        "processed_at": UTC_TIME,
    }
)
RECORD = {
    "_record_id": pa.string(),
    "_doc_id": pa.string(),
    "_source_uri": pa.string(),
    "_extraction_id": pa.string(),
    "_status": CLOSED,
    "_confidence": pa.float64(),
    "_violations": VIOLATIONS,
    "_pages": pa.list_(pa.int32()),
    "_engine": CLOSED,
    "_fingerprints": PAIRS,
    "_run_id": CLOSED,
    "_processed_at": UTC_TIME,
    "_absent": STRINGS,  # objects and arrays of objects that are null, not empty: no column tells
}
EVIDENCE = pa.schema(
    {
        "_record_id": pa.string(),
        "_extraction_id": pa.string(),
        "path": pa.string(),
        "value": pa.string(),
        "confidence": pa.float64(),
        "page": pa.int32(),
        "boxes": BOXES,
        "origin": CLOSED,
        "method": CLOSED,
        "before": pa.string(),
    }
)
PAGES = pa.schema(
    {
        "_extraction_id": pa.string(),
        "_doc_id": pa.string(),
        "_source_uri": pa.string(),
        "schema": CLOSED,
        "page": pa.int32(),
        "width_pt": pa.float64(),
        "height_pt": pa.float64(),
        "width_px": pa.int32(),
        "height_px": pa.int32(),
        "dpi": pa.float64(),
        "rotation": pa.int32(),
        "visual_tokens": pa.int32(),
        "text_source": CLOSED,
        "words": pa.int32(),
        "skipped": pa.string(),
        "seconds": pa.float64(),
        "notes": STRINGS,
    }
)
REPLIES = pa.schema(
    {
        "_extraction_id": pa.string(),
        "_doc_id": pa.string(),
        "schema": CLOSED,
        "key": pa.string(),
        "pages": pa.list_(pa.int32()),
        "engine": CLOSED,
        "text": pa.string(),
        "finish": CLOSED,
        "error": pa.string(),
        "prompt_tokens": pa.int32(),
        "output_tokens": pa.int32(),
        "seconds": pa.float64(),
        "logprobs": pa.list_(pa.float32()),
        "spans": SPANS,
        "methods": STRINGS,  # of the spans, in their order: a column of its own, which outputs can gain
    }
)

SIDE_TABLES: Mapping[str, pa.Schema] = {"evidence": EVIDENCE, "pages": PAGES, "replies": REPLIES}
"""Tables that all schemas of an output share, besides sources."""
