"""The life of a document: windows by pages and context, budgets by schema and engine, pages that cannot be read."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import pymupdf
import pytest

from docpipe.engine.layout import engine as layout_engine
from docpipe.engine.layout.compiled import CompiledSchema
from docpipe.engine.layout.engine import LayoutEngine
from docpipe.engine.scripted import ScriptedEngine
from docpipe.errors import RenderKilled
from docpipe.extract.document import extract
from docpipe.extract.fingerprints import fingerprints
from docpipe.extract.pages import Pages
from docpipe.extract.workbench import Workbench, workbench
from docpipe.intake.content import read_content
from docpipe.passwords import Passwords
from docpipe.records import Outcome, Page, Reply, Request, Source, Span
from docpipe.render.renderer import Document
from docpipe.schema.load import load_schema, parse_schema
from docpipe.schema.nodes import Schema
from docpipe.settings import Extraction, Limits, Render, Settings
from tests.faults.hostile.pdfs import hanging, locked, pages, root_with


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

    def __call__(
        self,
        schema: Schema,
        settings: Settings | None = None,
        answer: Any = MappingProxyType({"number": "A-1"}),
        **info: Any,
    ) -> Workbench:
        scripted = ScriptedEngine([dict(answer)], needs=frozenset({"pixels"}))
        scripted.info = replace(scripted.info, **info)
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


@pytest.fixture
def long_table(tmp_path: Path) -> Path:
    """Four pages of 40 rows."""
    with pymupdf.open() as document:
        for number in range(4):
            page = document.new_page(width=595, height=842)
            for row in range(40):
                text = f"Part{number}-{row} {row + 2} 5.00 {(row + 2) * 5}.00"
                page.insert_text((72, 60 + 18 * row), text, fontsize=9)
        document.save(tmp_path / "long.pdf")
    return tmp_path / "long.pdf"


@pytest.mark.parametrize(
    ("max_tokens", "looks_again", "shards"),
    [
        (4_096, True, [(1, 2, 3), (4,)]),
        (8_192, True, [(1, 2, 3, 4)]),
        (100, True, [(1,), (2,), (3,), (4,)]),  # no page is cut: the rest of its list is asked for
        (100, False, [(1, 2, 3, 4)]),  # an engine whose answers have no limit
    ],
)
async def test_a_long_table_is_asked_for_in_windows_that_an_answer_holds(
    order: Schema, bench: Benches, long_table: Path, max_tokens: int, looks_again: bool, shards: Any
) -> None:
    settings = Settings(extraction=Extraction(max_tokens=max_tokens, follow_ups=0))
    outcome = await extract(
        Source(str(long_table)), bench(order, settings, writes_tokens=looks_again, looks_again=looks_again)
    )
    assert windows(outcome) == shards


@pytest.mark.parametrize(
    ("told", "slot_tokens", "budget"),
    [
        (None, 16_384, 16_384),  # the engine takes off what the question itself has
        (None, None, 4_096),
        (500, 16_384, 500),
        (20_000, 16_384, 20_000),
    ],
)
async def test_an_answer_may_be_as_long_as_the_engine_has_room_for(
    order: Schema, bench: Benches, long_table: Path, told: int | None, slot_tokens: int | None, budget: int
) -> None:
    settings = Settings(extraction=Extraction(max_tokens=told, follow_ups=0))
    made = bench(order, settings, writes_tokens=True, slot_tokens=slot_tokens)
    asked = list[int]()
    engine, answer = made.engine, made.engine.answer

    async def noted(request: Request) -> Reply:
        asked.append(request.max_tokens)
        return await answer(request)

    engine.answer = noted  # type: ignore[method-assign]
    outcome = await extract(Source(str(long_table)), made)
    assert {*asked} == {budget}
    assert told is not None or windows(outcome) == [(1, 2, 3), (4,)], "windows are planned for what any slot holds"


async def test_what_would_go_to_review_is_read_by_the_second_engine_too(invoices: Path, bench: Benches) -> None:
    told = json.loads((invoices / "labels.jsonl").read_text().splitlines()[0])
    label = told["label"]
    wrong = {"invoice_number": label["invoice_number"], "total": "a lot", "currency": label["currency"]}
    source = Source(str(invoices / told["file"]))
    alone = await extract(source, bench(load_schema("invoice"), answer=wrong))
    both = await extract(source, bench(load_schema("invoice"), Settings(second_engine="layout"), wrong))
    assert alone.status == "needs_review"
    assert [row.reply.engine for row in both.replies] == ["scripted", "layout"]
    fields = {one.path: one for one in both.records[0].fields}
    assert "total" not in {one.path for one in alone.records[0].fields if one.value is not None}
    assert fields["total"].value == Decimal(str(label["total"]))
    assert (fields["total"].origin, fields["total"].before) == ("rule:asked:layout", "a lot")
    assert fields["total"].page == 1
    before = {one.path: one.confidence for one in alone.records[0].fields}
    assert fields["currency"].confidence > before["currency"], "the two say the same"
    assert both.engine == "scripted"


async def test_a_second_engine_that_is_the_first_is_none(order: Schema, bench: Benches, pdf: Path) -> None:
    named = Settings(second_engine="layout")
    assert bench(order, named, fingerprint="layout/x").second is not None
    assert bench(order, named, fingerprint=LayoutEngine.info.fingerprint).second is None
    marks = fingerprints(order, LayoutEngine.info.fingerprint, Settings())
    assert fingerprints(order, LayoutEngine.info.fingerprint, named) == marks
    assert fingerprints(order, "vlm", named) == {**marks, "engine": "vlm", "second": LayoutEngine.info.fingerprint}


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


async def test_an_engine_that_a_busy_machine_keeps_waiting_is_not_ended(
    order: Schema, bench: Benches, pdf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("docpipe.extract.document.kept_waiting_s", time.perf_counter)
    made = bench(order, Settings(limits=Limits(document_timeout_s=2.0)))
    made.engine._delay_s = 2.5  # type: ignore[attr-defined]
    assert (await extract(Source(str(pdf)), made)).failure is None


@pytest.mark.slow
async def test_a_page_that_the_layout_engine_does_not_get_done_with_costs_its_document_alone(
    order: Schema, pdf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end, read, asked = threading.Event(), layout_engine.read_request, list[Request]()

    def slow(schema: CompiledSchema, request: Request) -> tuple[str, tuple[Span, ...]]:
        asked.append(request)
        while len(asked) == 1 and not end.is_set():
            pass
        return read(schema, request)

    monkeypatch.setattr(layout_engine, "read_request", slow)
    made = workbench(order, LayoutEngine(), Settings(limits=Limits(document_timeout_s=3.0)))
    try:
        outcomes = await asyncio.gather(*(extract(Source(str(pdf)), made) for _ in range(2)))
    finally:
        end.set()
        made.close()
    codes = {outcome.failure.code if outcome.failure else "" for outcome in outcomes}
    assert codes == {"", "RENDER_TIMEOUT"}


async def test_a_page_whose_decoder_others_killed_leaves_the_document_to_the_next_run(
    order: Schema, bench: Benches, pdf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Document.page

    async def killed(self: Document, number: int, *arguments: Any, **named: Any) -> Page:
        if number == 2:
            raise RenderKilled("8 times")
        return await page(self, number, *arguments, **named)

    monkeypatch.setattr(Document, "page", killed)
    outcome = await extract(Source(str(pdf)), bench(order))
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.failure.retryable) == ("RENDER_KILLED", True)
    assert [row.skipped for row in outcome.pages] == ["", *["RENDER_KILLED"] * 4]


async def test_a_source_that_does_not_arrive_is_tried_again(
    order: Schema, bench: Benches, pdf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("docpipe.extract.reading.read_source", lambda *_: time.sleep(0.5))
    outcome = await extract(Source(str(pdf)), bench(order, Settings(limits=Limits(document_timeout_s=0.1))))
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.failure.retryable) == ("UNREADABLE", True)


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


def hanging_pdf(path: Path, pages: int, good_pages: int = 0) -> Source:
    path.write_bytes(hanging(pages, good_pages)(Random(path.name)))
    return Source(str(path))


@pytest.mark.slow
async def test_a_document_that_hangs_costs_its_neighbours_nothing_but_patience(
    order: Schema, bench: Benches, pdf: Path, tmp_path: Path
) -> None:
    limits = Limits(page_timeout_s=1.0, document_timeout_s=3.5)
    made = bench(order, Settings(limits=limits))
    sources = [hanging_pdf(tmp_path / "hang.pdf", 5), *[Source(str(pdf))] * 7]
    hung, *others = await asyncio.gather(*(extract(source, made) for source in sources))
    assert (hung.status, hung.failure.code if hung.failure else "") == ("failed", "RENDER_TIMEOUT")
    assert [row.skipped for row in hung.pages] == ["RENDER_TIMEOUT"] * 5
    assert [other.failure for other in others] == [None] * 7
    assert hung.seconds > 3.5  # as long as a document may take


async def test_a_document_whose_pages_hang_one_after_the_other_is_given_up(
    order: Schema, bench: Benches, tmp_path: Path
) -> None:
    made = bench(order, Settings(limits=Limits(page_timeout_s=0.7, max_page_timeouts=2)))
    outcome = await extract(hanging_pdf(tmp_path / "hang.pdf", pages=20, good_pages=1), made)
    assert [row.skipped for row in outcome.pages] == ["", *["RENDER_TIMEOUT"] * 20]
    assert outcome.status == "needs_review"
    unread = [one.message for one in outcome.records[0].violations if one.rule == "unread_page"]
    assert len(unread) == 2
    assert "not tried" in unread[1]


async def test_every_page_has_a_row_though_the_engine_fails(order: Schema, bench: Benches, pdf: Path) -> None:
    made = bench(order, Settings(extraction=Extraction(window_pages=1)))
    made.engine._answers = ["not json"]  # type: ignore[attr-defined]
    outcome = await extract(Source(str(pdf)), made)
    assert outcome.failure is not None
    assert [row.number for row in outcome.pages] == [1, 2, 3, 4, 5]
    assert [row.skipped for row in outcome.pages] == ["", "", *[outcome.failure.code] * 3]


@pytest.fixture(scope="module")
def thick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hundred pages."""
    path = tmp_path_factory.mktemp("thick") / "thick.pdf"
    path.write_bytes(pages(300)(Random(1)))
    return path


async def test_a_document_over_the_page_cap_fails(order: Schema, bench: Benches, thick: Path) -> None:
    outcome = await extract(Source(str(thick)), bench(order, Settings(limits=Limits(max_pages=100))))
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.pages) == ("TOO_MANY_PAGES", ())
    assert "--over-max-pages" in outcome.failure.remedy


async def test_a_document_over_the_page_cap_is_read_in_windows_if_asked(
    order: Schema, bench: Benches, thick: Path
) -> None:
    limits = Limits(max_pages=100, over_max_pages="window")
    made = bench(order, Settings(limits=limits, render=Render(min_pixels=40_000, max_pixels=50_000)))
    outcome = await extract(Source(str(thick)), made)
    assert outcome.failure is None
    assert [row.number for row in outcome.pages] == list(range(1, 301))
    assert [page for window in windows(outcome) for page in window] == list(range(1, 301))
    assert max(map(len, windows(outcome))) <= Extraction().window_pages


@pytest.mark.parametrize(("max_pages", "allowed_s"), [(300, 10.0), (100, 30.0), (299, 20.0)])
async def test_a_document_over_the_page_cap_has_the_time_of_several(
    order: Schema, bench: Benches, thick: Path, max_pages: int, allowed_s: float
) -> None:
    limits = Limits(max_pages=max_pages, over_max_pages="window", document_timeout_s=10)
    made = bench(order, Settings(limits=limits))
    async with await made.renderer.open(read_content(thick, limits)) as document:
        left_s = Pages(document, made.settings, frozenset(), None).left_s()
    assert allowed_s - 3 < left_s < allowed_s


async def test_a_lie_about_the_number_of_pages_is_found_out(order: Schema, bench: Benches, tmp_path: Path) -> None:
    (tmp_path / "lie.pdf").write_bytes(root_with("/Kids [5 0 R] /Count 5000000")(Random(1)))
    limits = Limits(max_pages=100, over_max_pages="window")
    outcome = await extract(Source(str(tmp_path / "lie.pdf")), bench(order, Settings(limits=limits)))
    assert outcome.failure is not None
    assert (outcome.failure.code, len(outcome.pages)) == ("CORRUPT", 0)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["geheim", "Grüße", "Gru\u0308ße", "geheim "])
async def test_a_locked_document_opens_by_any_of_many_passwords(
    order: Schema, bench: Benches, tmp_path: Path, form: str
) -> None:
    meant = {"Gru\u0308ße": "Grüße", "geheim ": "geheim"}.get(form, form)
    (tmp_path / "locked.pdf").write_bytes(locked(meant, "owner", pymupdf.PDF_ENCRYPT_AES_256)(Random(1)))
    source = Source(str(tmp_path / "locked.pdf"))
    closed = await extract(source, bench(order))
    assert closed.failure is not None
    assert (closed.failure.code, "--password" in closed.failure.remedy) == ("ENCRYPTED", True)
    wrong = Passwords(f"wrong-{number}" for number in range(60))
    still = await extract(source, bench(order, Settings(passwords=wrong)))
    assert still.failure is not None
    assert "wrong-" not in str(still.failure)
    made = bench(order, Settings(passwords=wrong + Passwords([form]), limits=Limits(page_timeout_s=2)))
    opened = await extract(source, made)
    assert opened.failure is None
    assert opened.fingerprints == closed.fingerprints
    assert len(opened.pages) == 1
