"""Pages whose text runs left: captions stand right of their values, or over them, and a table begins at the right."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from docpipe.records import Page
from tests.unit.engine.layout.conftest import LETTER, SPACE, Print, page_of, reply_of

Ask = Callable[..., dict[str, Any]]

NUMBER, DATE = "\u0631\u0642\u0645 \u0627\u0644\u0641\u0627\u062a\u0648\u0631\u0629", "\u062a\u0627\u0631\u064a\u062e"
SUM, TOTAL = "\u0627\u0644\u0645\u062c\u0645\u0648\u0639", "\u0627\u0644\u0625\u062c\u0645\u0627\u0644\u064a"
WHAT, COUNT, PRICE = (
    "\u0627\u0644\u0648\u0635\u0641",
    "\u0627\u0644\u0643\u0645\u064a\u0629",
    "\u0627\u0644\u0633\u0639\u0631",
)
AMOUNT, CHAIR, TABLE = (
    "\u0627\u0644\u0645\u0628\u0644\u063a",
    "\u0643\u0631\u0633\u064a",
    "\u0637\u0627\u0648\u0644\u0629",
)


def field(kind: str, label: str, **more: Any) -> dict[str, Any]:
    scale = {"scale": 2} if kind == "number" else {}
    return {"type": [kind, "null"], "x-docpipe": {"labels": {"ar": [label]}, **scale}, **more}


SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "number": field("string", NUMBER),
        "issued": field("string", DATE, format="date"),
        "subtotal": field("number", SUM),
        "total": field("number", TOTAL),
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "what": field("string", WHAT),
                    "count": field("number", COUNT),
                    "price": field("number", PRICE),
                    "sum": field("number", AMOUNT),
                },
            },
        },
    },
}


def leftward(right: float, y: float, text: str) -> list[Print]:
    """The words of `text` from the right edge on, each left of the one before."""
    prints = []
    for word in text.split():
        prints.append((right - LETTER * len(word), y, word))
        right -= LETTER * len(word) + SPACE
    return prints


def page_leftward(*lines: tuple[float, float, str]) -> Page:
    return page_of([one for line in lines for one in leftward(*line)])


@pytest.mark.parametrize("gap", [0.0, 160.0], ids=["behind its caption", "in a column of its own"])
def test_a_value_stands_left_of_its_caption(ask: Ask, gap: float) -> None:
    rows = [(NUMBER, "A-7712"), (DATE, "2024-06-02"), (SUM, "900.00"), (TOTAL, "1,035.00")]
    lines = []
    for at, (caption, value) in enumerate(rows):
        y = 100.0 + 20 * at
        lines += [(540.0, y, f"{caption}: {value}")] if not gap else [(540.0, y, caption), (540.0 - gap, y, value)]
    found = ask(SCHEMA, page_leftward(*lines))
    assert found["number"] == "A-7712"
    assert found["issued"] == "2024-06-02"
    assert found["subtotal"] == Decimal("900.00")
    assert found["total"] == Decimal("1035.00")


def test_a_table_begins_at_the_right(ask: Ask) -> None:
    columns = (540.0, 350.0, 250.0, 150.0)
    rows = [(WHAT, COUNT, PRICE, AMOUNT), (CHAIR, "2", "150.00", "300.00"), (TABLE, "1", "700.00", "700.00")]
    cells = [(x, 100.0 + 16 * at, cell) for at, row in enumerate(rows) for x, cell in zip(columns, row, strict=True)]
    found = ask(SCHEMA, page_leftward(*cells, (250.0, 180.0, f"{TOTAL}: 1000.00")))
    assert [row["what"] for row in found["lines"]] == [CHAIR, TABLE]
    assert [row["sum"] for row in found["lines"]] == [Decimal("300.00"), Decimal("700.00")]


def test_captions_in_two_scripts_have_their_value_between_them(ask: Ask) -> None:
    prints = [
        *leftward(540, 100, NUMBER), (250, 100, "SA-555"), (50, 100, "Invoice number of the seller"),
        *leftward(540, 120, TOTAL), (250, 120, "115.00"), (50, 120, "Grand total with all taxes"),
    ]  # fmt: skip
    found = ask(SCHEMA, page_of(prints))
    assert found["number"] == "SA-555"
    assert found["total"] == Decimal("115.00")


def test_spans_say_where_the_values_stand_on_the_page_itself() -> None:
    page = page_leftward((540, 100, f"{TOTAL}: 1,035.00"))
    (span,) = [span for span in reply_of(SCHEMA, [page]).spans if span.path == "total"]
    assert span.boxes[0] == pytest.approx(page.words[1].box, abs=1e-6)


def test_a_page_that_runs_right_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("docpipe.engine.layout.reader.mirrored", lambda page: asked.append(page) or page)
    reply_of(SCHEMA, [page_of([(50, 100, "Total: 12.00")])])
    assert not asked
