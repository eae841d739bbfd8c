"""A bank statement of 80 pages under a user's own schema: every row, in order, by the layout engine."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from docpipe.engine.layout.engine import LayoutEngine
from docpipe.extract.document import extract
from docpipe.extract.workbench import workbench
from docpipe.records import Source
from docpipe.schema.load import parse_schema
from docpipe.settings import Settings

PAGES, ROWS_A_PAGE = 80, 40


def field(kind: str, *labels: str, **more: Any) -> dict[str, Any]:
    return {"type": [kind, "null"], "x-docpipe": {"labels": {"en": list(labels)}, **more}}


SCHEMA = parse_schema(
    {
        "type": "object",
        "properties": {
            "account": field("string", "Account"),
            "rows": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "serial": field("integer", "No."),
                        "text": field("string", "Details"),
                        "amount": field("number", "Amount", scale=2),
                        "balance": field("number", "Balance", scale=2),
                    },
                },
            },
        },
    },
    "bank",
)


def statement(path: Path) -> list[tuple[int, Decimal, Decimal]]:
    """Writes the PDF; gives its rows: serial, amount, balance."""
    chance, balance, rows = random.Random(1), Decimal(1000), []
    with pymupdf.open() as document:
        for number in range(PAGES):
            page = document.new_page(width=595, height=842)
            page.insert_text((60, 60), f"Account: DE-4711    page {number + 1}", fontsize=9)
            for x, caption in ((60, "No."), (150, "Details"), (400, "Amount"), (490, "Balance")):
                page.insert_text((x, 100), caption, fontsize=9)
            for line in range(ROWS_A_PAGE):
                amount = Decimal(chance.randint(-90_000, 99_900)) / 100
                balance += amount
                rows.append((len(rows) + 1, amount, balance))
                y = 117 + 17 * line
                page.insert_text((60, y), str(len(rows)), fontsize=9)
                page.insert_text((150, y), chance.choice(["Card payment", "Salary", "Grocery store"]), fontsize=9)
                for right, value in ((440, amount), (540, balance)):
                    text = f"{value:,.2f}"
                    page.insert_text((right - pymupdf.get_text_length(text, fontsize=9), y), text, fontsize=9)
        document.save(path)
    return rows


@pytest.mark.slow
async def test_3200_rows_come_in_order_and_none_is_lost(tmp_path: Path) -> None:
    printed = statement(tmp_path / "statement.pdf")
    bench = workbench(SCHEMA, LayoutEngine(), Settings())
    try:
        outcome = await extract(Source(str(tmp_path / "statement.pdf")), bench)
    finally:
        bench.close()
    (record,) = outcome.records
    found = [(row["serial"], row["amount"], row["balance"]) for row in record.value["rows"]]
    assert found == printed
    assert len(found) == 3_200
    assert (outcome.status, len(outcome.replies)) == ("ok", PAGES // bench.settings.extraction.window_pages)
