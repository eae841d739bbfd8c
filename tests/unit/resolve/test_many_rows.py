"""An answer takes work in proportion to its length, however many of its rows are wrong. Calls are counted."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box
from docpipe.records import Page, Reply, Word
from docpipe.resolve.ground import _Search
from docpipe.resolve.page_index import PageIndex
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import parse_schema

AMOUNT = {"type": "number", "x-docpipe": {"scale": 2}}
ROW = {
    "name": {"type": "string"},
    "amount": AMOUNT,
    "day": {"type": "string", "format": "date"},
    "iban": {"type": "string", "format": "iban"},
    "tags": {"type": "array", "items": {"type": "string"}},
}
SCHEMA = parse_schema(
    {
        "title": "s",
        "type": "object",
        "properties": {"total": AMOUNT, "rows": {"type": "array", "items": {"type": "object", "properties": ROW}}},
        "x-docpipe": {
            "checks": [
                {"name": "sum", "left": "sum(rows.amount)", "op": "==", "right": "total"},
                {"name": "each", "each": "rows", "left": "amount", "op": "==", "right": "total"},
            ]
        },
    },
    "s",
)
MOST = 2.4  # times the calls for twice the rows


def calls(work: Callable[[], object]) -> int:
    """Python functions that `work` calls."""
    found = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal found
        found += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return found


def page(texts: list[str]) -> Page:
    """The words in a table of five columns."""
    height = 0.9 / (len(texts) / 5 + 1)
    words = []
    for at, text in enumerate(texts):
        left, top = 0.1 + at % 5 * 0.15, at // 5 * height
        words.append(Word(text, Box(left, top, left + 0.1, top + 0.8 * height), line=at // 5))
    return Page(1, 600, 800, words=tuple(words), text_source="layer")


def resolve(row: Any, rows: int, pages: list[Page]) -> Any:
    text = json.dumps({"total": 12, "rows": [row] * rows})
    return resolve_document(SCHEMA, [resolve_window(SCHEMA, pages, Reply(text, "stop", "x"))], [], 0.5)


WRONG: dict[str, Any] = {
    "of another type": {"name": 5, "amount": "zz"},
    "with letters for digits": {"amount": "1O.5"},
    "dates that can be read both ways": {"day": "03/04/2025"},
    "accounts": {"iban": "DE8937O400440532013000"},
    "no records": 5,
    "unknown": {"zz": 1},
    "tags": {"tags": [5, 5]},
    "words": {"name": "wOrd"},
}


@pytest.mark.parametrize("row", WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("pages", [[], [page(["w1", "12.00", "word", "5.00", "2.00"] * 20)]], ids=["bare", "paged"])
def test_twice_as_many_wrong_rows_are_twice_the_work(row: Any, pages: list[Page]) -> None:
    resolve(row, 10, pages)  # what is made once is made
    once, twice = (calls(lambda rows=rows: resolve(row, rows, pages)) for rows in (150, 300))
    assert twice < MOST * once


def test_rows_beyond_what_is_looked_for_stand_nowhere() -> None:
    """200 prints and 100 rows are 20,000 looks: with 10,000 the first half is found."""
    found = _Search([PageIndex(page(["12.00"] * 200), Conventions())], {}, looks=10_000)
    found.object(SCHEMA.root, {"rows": [{"amount": Decimal(12)}] * 100}, "")
    assert sorted(found.found, key=lambda path: int(path[5:-8])) == [f"rows[{at}].amount" for at in range(50)]


def test_an_account_of_a_million_characters_is_no_account_with_a_wrong_character() -> None:
    record = resolve({"iban": "DE" + "O" * 100_000}, 1, [])
    assert record.value["rows"][0]["iban"] is None
