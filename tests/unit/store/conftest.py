"""A schema with every kind of field, and outcomes to store under it."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from docpipe.records import Failure, Field, Outcome, PageRow, Record, Reply, ReplyRow, Source, Violation
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema

MONEY = {"type": ["number", "null"], "x-docpipe": {"scale": 2}}
TEXT = {"type": ["string", "null"]}


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": ["object", "null"], "additionalProperties": False, "properties": properties}


def a_list(items: Any) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": items}


DOCUMENT = an_object(
    number=TEXT,
    count={"type": ["integer", "null"]},
    weight={"type": ["number", "null"]},
    total=MONEY,
    paid={"type": ["boolean", "null"]},
    issued={"type": ["string", "null"], "format": "date"},
    printed={"type": ["string", "null"], "format": "date-time"},
    currency={"type": ["string", "null"], "enum": ["EUR", "USD", None]},
    seller=an_object(name=TEXT, address=an_object(city=TEXT, codes=a_list(TEXT))),
    tags=a_list(TEXT),
    amounts=a_list(MONEY),
    kinds=a_list({"type": "string", "enum": ["a", "b"]}),
    lines=a_list(
        an_object(
            text=TEXT,
            amount=MONEY,
            unit=an_object(name=TEXT),
            taxes=a_list(an_object(rate=MONEY, days=a_list({"type": "string", "format": "date"}))),
        )
    ),
    bank=an_object(accounts=a_list(an_object(iban=TEXT))),
) | {"type": "object"}


@pytest.fixture(scope="session")
def schema() -> Schema:
    return parse_schema(DOCUMENT, "bill")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def outcome() -> Callable[..., Outcome]:
    """outcome("a.pdf", doc="1", total="1.50") -> an Outcome with one record; status="failed": with none."""
    return make_outcome


def make_outcome(
    uri: str,
    doc: str | None = "",
    *,
    total: str = "1.50",
    status: Any = "ok",
    engine: str = "layout",
    marks: str = "m1",
    mtime_ns: int = 1,
    **values: Any,
) -> Outcome:
    value = {"total": Decimal(total), "lines": [{"text": "a line", "amount": Decimal(total)}], **values}
    fields = (Field("total", Decimal(total), 0.9, 1, ((0.0, 0.0, 0.5, 1.0),), "rule:sum", "1,5"),)
    violations = (Violation("adds_up", "warning", "does not add up", ("total",), "1", "2"),)
    failed = status == "failed"
    return Outcome(
        source=Source(uri, 10, mtime_ns, doc_id=None if doc is None else doc or f"doc of {uri}"),
        schema="bill",
        engine=engine,
        fingerprints={"engine": engine, "marks": marks},
        status=status,
        records=() if failed else (Record(value, (1,), status, 0.9, fields, violations=violations),),
        pages=() if doc is None else (PageRow(1, 595.0, 842.0, 0, 0, 0.0, 0, 0, "layer", 9, "", 0.1),),
        replies=() if failed else (ReplyRow("key", (1,), Reply("{}", "stop", engine, logprobs=(-0.5,))),),
        failure=Failure("CORRUPT", "cut off", "fetch it again", retryable=True) if failed else None,
        media_type="application/pdf",
        seconds=0.5,
    )


def without_marks(out: Path) -> None:
    """Make `out` one of a docpipe whose parts and pointer bore no identity, number, size or checksum."""
    for path in out.glob("*/part-*.parquet"):
        rows = pq.read_table(path, partitioning=None)
        marks = {b"docpipe.output", b"docpipe.number", b"docpipe.epoch"}
        footer = {key: value for key, value in (rows.schema.metadata or {}).items() if key not in marks}
        pq.write_table(rows.replace_schema_metadata(footer), path)
    pointer = json.loads((out / "current.json").read_text())
    (out / "current.json").write_text(json.dumps({name: pointer[name] for name in ("docpipe", "tables")}))
