"""The life of a document: windows by pages and context, budgets by schema and engine, pages that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pymupdf
import pytest

from docpipe.engine.scripted import ScriptedEngine
from docpipe.extract import Workbench, extract, fingerprints, workbench
from docpipe.records import Outcome, Source
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.settings import Extraction, Limits, Render, Settings


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """Five A4 pages, the third blank."""
    with pymupdf.open() as document:
        for number in range(1, 6):
            page = document.new_page(width=595, height=842)
            if number != 3:
                page.insert_text((72, 72), f"Order A-{number} total {number}0.00")
        document.save(tmp_path / "five.pdf")
    return tmp_path / "five.pdf"


class Benches:
    """Makes workbenches and closes them."""

    def __init__(self) -> None:
        self.made: list[Workbench] = []

    def __call__(self, schema: Schema, settings: Settings | None = None, **engine: Any) -> Workbench:
        scripted = ScriptedEngine([{"number": "A-1"}], needs=frozenset({"pixels"}))
        for name, value in engine.items():
            setattr(scripted, name, value)
        self.made.append(workbench(schema, scripted, settings or Settings()))
        return self.made[-1]


@pytest.fixture
def bench() -> Iterator[Benches]:
    benches = Benches()
    yield benches
    for made in benches.made:
        made.close()


def windows(outcome: Outcome) -> list[tuple[int, ...]]:
    return [row.pages for row in outcome.replies]


async def test_every_page_has_a_row_and_blank_ones_are_not_asked_about(
    order: Schema, bench: Benches, pdf: Path
) -> None:
    outcome = await extract(Source(str(pdf)), bench(order))
    assert [(row.number, row.skipped) for row in outcome.pages] == [(1, ""), (2, ""), (3, "blank"), (4, ""), (5, "")]
    assert windows(outcome) == [(1, 2, 4, 5)]


async def test_a_window_holds_no_more_pages_than_the_settings_say(order: Schema, bench: Benches, pdf: Path) -> None:
    settings = Settings(extraction=Extraction(window_pages=3))
    assert windows(await extract(Source(str(pdf)), bench(order, settings))) == [(1, 2, 4), (5,)]


async def test_a_window_holds_no_more_than_the_engines_context(order: Schema, bench: Benches, pdf: Path) -> None:
    outcome = await extract(Source(str(pdf)), bench(order, max_visual_tokens=2_600))
    tokens = [row.visual_tokens for row in outcome.pages if not row.skipped]
    assert all(1_000 < one <= 1_300 for one in tokens)
    assert windows(outcome) == [(1, 2), (4, 5)]


async def test_a_page_fits_the_engines_context_by_itself(order: Schema, bench: Benches, pdf: Path) -> None:
    outcome = await extract(Source(str(pdf)), bench(order, max_visual_tokens=300))
    assert all(0 < row.visual_tokens <= 300 for row in outcome.pages if not row.skipped)
    assert len(windows(outcome)) == 4


async def test_pages_come_at_the_engines_grid(order: Schema, bench: Benches, pdf: Path) -> None:
    outcome = await extract(Source(str(pdf)), bench(order, grid_px=32))
    assert all(row.width_px % 32 == row.height_px % 32 == 0 for row in outcome.pages)


def test_a_schema_states_what_its_pages_deserve_and_the_user_wins(
    order_document: dict[str, Any], bench: Benches
) -> None:
    order_document["x-docpipe"]["visual_tokens"] = [512, 4_096]
    schema = parse_schema(order_document, "order")
    render = bench(schema).settings.render
    assert (render.min_pixels, render.max_pixels) == (512 * 784, 4_096 * 784)
    own = Settings(render=Render(max_pixels=100_000, min_pixels=50_000))
    assert bench(schema, own).settings.render.max_pixels == 100_000


async def test_a_page_that_cannot_be_read_leaves_the_rest_standing(
    order: Schema, bench: Benches, tmp_path: Path
) -> None:
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "Order A-1")
        document.new_page(width=14_000, height=20).insert_text((10, 15), "long")
        document.save(tmp_path / "odd.pdf")
    outcome = await extract(Source(str(tmp_path / "odd.pdf")), bench(order))
    assert [row.skipped for row in outcome.pages] == ["", "BAD_ASPECT"]
    assert outcome.status == "needs_review"
    assert "unread_page" in {one.rule for one in outcome.records[0].violations}


async def test_a_document_without_a_readable_page_fails_as_its_first_page_did(
    order: Schema, bench: Benches, tmp_path: Path
) -> None:
    with pymupdf.open() as document:
        document.new_page(width=14_000, height=20)
        document.save(tmp_path / "long.pdf")
    outcome = await extract(Source(str(tmp_path / "long.pdf")), bench(order))
    assert (outcome.status, outcome.failure.code if outcome.failure else "") == ("failed", "BAD_ASPECT")
    assert len(outcome.pages) == 1


async def test_a_document_has_a_time_limit(order: Schema, bench: Benches, pdf: Path) -> None:
    made = bench(order, Settings(limits=Limits(document_timeout_s=0.2)))
    made.engine._delay_s = 5.0  # type: ignore[attr-defined]
    outcome = await extract(Source(str(pdf)), made)
    assert outcome.failure is not None
    assert (outcome.failure.code, "document_timeout_s" in outcome.failure.remedy) == ("RENDER_TIMEOUT", True)


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        (Settings(running=replace(Settings().running, workers=7)), True),
        (Settings(render=Render(ocr_threads=4)), True),
        (Settings(render=Render(ocr_dpi=300)), False),
        (Settings(extraction=Extraction(window_pages=2)), False),
    ],
)
def test_fingerprints_follow_what_changes_an_outcome(order: Schema, changed: Settings, same: bool) -> None:
    assert (fingerprints(order, "e", changed) == fingerprints(order, "e", Settings())) is same
