"""A row that is printed and not told is missed; a list that is whole, or that adds up, is left in peace."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from docpipe.intake.content import read_content
from docpipe.records import Page, Reply, Violation
from docpipe.render.renderer import Renderer
from docpipe.resolve.record import resolve_window
from docpipe.schema.load import load_schema, parse_schema
from docpipe.settings import Settings
from tests.unit.resolve.pages import page

NUMBER = {"type": ["number", "null"], "x-docpipe": {"scale": 2}}


def labelled(kind: dict[str, Any], *labels: str) -> dict[str, Any]:
    return {**kind, "x-docpipe": {**kind.get("x-docpipe", {}), "labels": {"en": list(labels)}}}


SCHEMA = parse_schema(
    {
        "type": "object",
        "x-docpipe": {"checks": [{"name": "sum", "left": "sum(rows.amount)", "op": "==", "right": "net"}]},
        "properties": {
            "rows": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "text": labelled({"type": ["string", "null"]}, "Item"),
                        "price": labelled(NUMBER, "Price"),
                        "amount": labelled(NUMBER, "Amount"),
                    },
                },
            },
            "net": labelled(NUMBER, "Net"),
            "total": labelled(NUMBER, "Total"),
        },
    },
    "bill",
)
ROWS = [("Bolt", "1.50", "3.00"), ("Nut", "2.00", "4.00"), ("Nut", "2.00", "4.00"), ("Gear", "9.00", "9.00")]
HEAD, SUMS = "Item Price Amount", ("Net _ 20.00", "Total _ 23.80")


def printed(*rows: tuple[str, str, str], head: str = HEAD, sums: Sequence[str] = SUMS) -> Page:
    return page("Bill 7", head, *(" ".join(row) for row in rows), *sums)


def short(rows: Sequence[tuple[str, str, str]], *pages: Page, finish: Any = "stop") -> list[Violation]:
    told = [{"text": text, "price": float(price), "amount": float(amount)} for text, price, amount in rows]
    answer = {"rows": told, "net": 20.0, "total": 23.8}
    part = resolve_window(SCHEMA, pages, Reply(json.dumps(answer), finish, "test"))
    return [one for one in part.violations if one.rule in ("incomplete_rows", "incomplete")]


def test_a_whole_list_is_left_in_peace() -> None:
    assert short(ROWS, printed(*ROWS)) == []


@pytest.mark.parametrize("gone", range(4))
def test_any_row_that_is_left_out_is_missed(gone: int) -> None:
    kept = [row for index, row in enumerate(ROWS) if index != gone]
    (violation,) = short(kept, printed(*ROWS))
    assert (violation.rule, violation.severity, violation.paths) == ("incomplete_rows", "error", ("rows",))
    assert (violation.left, violation.right) == ("3", "4")


def test_of_equal_rows_one_that_is_left_out_is_missed() -> None:
    assert short([ROWS[0], ROWS[1], ROWS[3]], printed(*ROWS)) != []


def test_no_rows_at_all_under_the_keys_of_a_table_are_missed() -> None:
    (violation,) = short([], printed(*ROWS))
    assert (violation.left, violation.right) == ("0", "4")


def test_no_rows_under_keys_that_nobody_knows_are_missed_by_their_amounts() -> None:
    spread = printed(*ROWS, head="Ding Preis Betrag", sums=("_", "_", *SUMS))
    assert short([], spread) != []


def test_a_page_without_a_table_lacks_no_rows() -> None:
    assert short([], page("Bill 7", "For advice as agreed", *SUMS)) == []


def test_sums_and_discounts_below_the_rows_are_no_rows() -> None:
    assert short(ROWS, printed(*ROWS, sums=("Goods _ 20.00", "Discount _ 1.00", *SUMS))) == []


def test_a_row_that_is_left_out_on_the_second_page_is_missed() -> None:
    pages = [printed(*ROWS[:2], sums=()), page("Bill 7", HEAD, *(" ".join(row) for row in ROWS[2:]), *SUMS, number=2)]
    assert short(ROWS, *pages) == []
    assert short(ROWS[:3], *pages) != []


def test_a_cut_answer_is_incomplete_whatever_the_page_prints() -> None:
    assert [one.rule for one in short(ROWS, printed(*ROWS), finish="length")] == ["incomplete"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[dict[str, Any], list[Page]]]:
    """60 digital invoices: the label, and the pages as they are rendered."""
    from docpipe.synth import generate

    folder = generate("invoice", 80, 61_007, tmp_path_factory.mktemp("bills"))
    known = {child.name for child in load_schema("invoice").root.children}
    labels = [json.loads(line) for line in (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    settings = Settings()

    async def pages(path: Path) -> list[Page]:
        content = read_content(str(path), settings.limits)
        async with await renderer.open(content) as document:
            return [await document.page(number, frozenset({"layer"})) for number in range(1, document.page_count + 1)]

    async def all_pages() -> list[tuple[dict[str, Any], list[Page]]]:
        return [
            ({name: value for name, value in one["label"].items() if name in known}, await pages(folder / one["file"]))
            for one in labels
            if one["text_layer"]
        ]

    with Renderer(settings) as renderer:
        return asyncio.run(all_pages())


@pytest.mark.slow
def test_dropped_rows_of_synthetic_invoices_are_flagged_and_whole_ones_are_not(shown: Any) -> None:
    """The bounds are those promised; benchmarks/resolve.py measures them on more documents."""
    schema, chance = load_schema("invoice"), random.Random(3)

    def flagged(label: dict[str, Any], pages: list[Page]) -> bool:
        part = resolve_window(schema, pages, Reply(json.dumps(label), "stop", "test"))
        return any(one.rule == "incomplete_rows" for one in part.violations)

    listed = [(label, pages) for label, pages in shown if label.get("line_items")]
    dropped = []
    for label, pages in listed:
        rows = label["line_items"]
        gone = set(chance.sample(range(len(rows)), chance.randint(1, len(rows))))
        kept = [row for index, row in enumerate(rows) if index not in gone]
        dropped.append(flagged({**label, "line_items": kept}, pages))
    assert len(listed) > 40
    assert sum(dropped) >= 0.95 * len(dropped)
    assert sum(flagged(label, pages) for label, pages in shown) < 0.05 * len(shown)


def test_an_amount_without_the_only_row_that_it_comes_from_is_missed() -> None:
    """No caption is known here: that the record has a net amount and no rows is what tells."""
    only = printed(("Bolt", "each", "20.00"), head="Vara Enhet Belopp", sums=("_", *SUMS))
    assert [one.rule for one in short([], only)] == ["incomplete_rows"]
    assert short([], page("Bill 7", "For services in May", *SUMS)) == [], "a lump sum has no rows"
