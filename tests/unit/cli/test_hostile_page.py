"""`schemas check` tries a schema on hostile pages: what hangs, raises or does not fit is said in words."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from docpipe.cli import hostile_page
from docpipe.cli.hostile_page import hostile_page_problems
from docpipe.schema.load import load_schema, parse_schema
from docpipe.schema.nodes import Schema

pytestmark = pytest.mark.slow  # each reads nine pages and answers in a child: some five seconds of CPU

FIELDS = {
    "number": {"type": "string", "pattern": "^([A-Za-z0-9]+[-/]?)+$", "x-docpipe": {"labels": {"en": ["Number"]}}},
    "at": {"type": "string", "format": "date-time"},
    "total": {"type": "number", "x-docpipe": {"scale": 2, "labels": {"en": ["Total"]}}},
    "copies": {"type": "integer"},
    "rows": {"type": "array", "items": {"type": "object", "properties": {"amount": {"type": "number"}}}},
}
CHECK = {"name": "sum", "left": "sum(rows.amount)", "op": "==", "right": "total"}
SCHEMA = {"type": "object", "properties": FIELDS, "x-docpipe": {"checks": [CHECK]}}

LOOPS = """
from pydantic import BaseModel, field_validator
class Bill(BaseModel):
    number: str | None = None
    @field_validator("number")
    @classmethod
    def slow(cls, value):
        {body}
"""


def of_class(folder: Path, body: str) -> Schema:
    path = folder / "bill.py"
    path.write_text(LOOPS.format(body=body))
    return load_schema(f"{path}:Bill")


def test_a_bounded_schema_is_fine_on_a_hostile_page() -> None:
    assert hostile_page_problems(parse_schema(SCHEMA, "bill")) == []


def test_what_does_not_end_is_said_and_ended_by_cpu_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostile_page, "MAX_CPU_S", 3)
    (problem,) = hostile_page_problems(of_class(tmp_path, "while True: pass"))
    assert "not done within 3 seconds of CPU time" in problem


def test_a_class_that_raises_is_said_with_its_own_line(tmp_path: Path) -> None:
    problems = hostile_page_problems(of_class(tmp_path, "return value and 1 / 0"))
    assert any("USER_CODE_ERROR" in problem and "bill.py" in problem for problem in problems)


def test_a_class_that_is_gone_is_said(tmp_path: Path) -> None:
    schema = parse_schema(SCHEMA, "bill")
    lost = dataclasses.replace(schema, python_class=f"{tmp_path}/gone.py:Bill")
    assert any("UNKNOWN_SCHEMA" in problem for problem in hostile_page_problems(lost))
