"""Outcomes as an output tells them, made by hand."""

from __future__ import annotations

from typing import Any

import pytest


def make_outcome(uri: str, record: dict[str, Any] | None, doc_id: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "source_uri": uri,
        "schema": "bill",
        "doc_id": doc_id,
        "engine": "layout",
        "status": "failed" if record is None else "ok",
        "confidence": None if record is None else 0.9,
        "pages": [1],
        "record": record,
        "fields": [],
        "violations": [],
        "failure": None,
        **more,
    }


@pytest.fixture
def outcome() -> Any:
    """outcome("in/a.pdf", {"total": 1}, doc_id) -> a row of `docpipe show --json`; record None: it failed."""
    return make_outcome
