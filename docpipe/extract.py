"""The life of a document: render a window, ask, resolve, join. The same functions under Ray or not."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace

from docpipe import __version__
from docpipe.engine.base import Engine
from docpipe.engine.prompt import instruction
from docpipe.errors import DocpipeError, EngineError, InternalError, RenderTimeout
from docpipe.intake.content import read_content
from docpipe.records import Failure, Outcome, Page, PageRow, Record, Reply, ReplyRow, Request, Source, Violation
from docpipe.render.renderer import Document, Renderer
from docpipe.resolve.merge import Part
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.nodes import Schema
from docpipe.settings import Render, Settings

RESOLVE_VERSION = "1"  # raise it when resolve gives other records for the same replies


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a document needs to become an Outcome; made once a process."""

    schema: Schema
    engine: Engine
    renderer: Renderer
    settings: Settings

    def close(self) -> None:
        """End the renderer's children and the engine."""
        self.renderer.close()
        self.engine.close()


@dataclass(slots=True)
class _Journal:
    """What happened to a document so far; kept whatever happens next."""

    pages: list[PageRow] = field(default_factory=list)
    replies: list[ReplyRow] = field(default_factory=list)
    faults: list[DocpipeError] = field(default_factory=list)


def workbench(schema: Schema, engine: Engine, settings: Settings) -> Workbench:
    """The bench for `schema`: pages get the visual budget that it states, as far as the engine's context goes.

    A budget that the user set wins over the schema's.
    """
    square = engine.grid_px**2
    least, most = settings.render.min_pixels, settings.render.max_pixels
    if schema.visual_tokens is not None and (least, most) == (Render().min_pixels, Render().max_pixels):
        least, most = (tokens * square for tokens in schema.visual_tokens)
    if engine.max_visual_tokens is not None:
        most = min(most, engine.max_visual_tokens * square)
    budget = replace(settings.render, min_pixels=min(least, most), max_pixels=most, grid_px=engine.grid_px)
    fitted = replace(settings, render=budget)
    return Workbench(schema, engine, Renderer(fitted), fitted)


async def extract(source: Source, bench: Workbench) -> Outcome:
    """The Outcome of one source; never raises for what the document or the engine does.

    Pages that cannot be read leave the rest standing, with an error violation; a document of which no
    page can be read has failed with the first page's error.
    """
    started = time.perf_counter()
    outcome, journal = _empty(source, bench), _Journal()
    try:
        content = await asyncio.to_thread(read_content, source.uri, bench.settings.limits)
        source = replace(source, doc_id=content.doc_id, size=content.size, mtime_ns=content.mtime_ns)
        outcome = replace(outcome, source=source, media_type=content.media_type)
        async with asyncio.timeout(bench.settings.limits.document_timeout_s):
            async with await bench.renderer.open(content) as document:
                record = await _read(outcome, document, bench, journal)
        outcome = replace(outcome, status=record.status, records=(record,))
    except Exception as error:  # noqa: BLE001  a worker outlives whatever one document brings up
        outcome = failed(outcome, error)
    seconds = time.perf_counter() - started
    return replace(outcome, pages=tuple(journal.pages), replies=tuple(journal.replies), seconds=seconds)


async def _read(outcome: Outcome, document: Document, bench: Workbench, journal: _Journal) -> Record:
    parts: list[Part] = []
    async for pages in _windows(document, bench, journal):
        request = _request(outcome, bench, document, pages)
        reply = await bench.engine.answer(request)
        journal.replies.append(ReplyRow(request.key, tuple(page.number for page in pages), reply))
        parts.append(_resolve(bench, [replace(page, pixels=None) for page in pages], reply))
    if len(journal.faults) == document.page_count:
        raise journal.faults[0]
    return resolve_document(
        bench.schema,
        parts or [_resolve(bench, [], Reply("{}", "stop", bench.engine.name))],  # every page is blank
        [Violation("unread_page", "error", f"{one.code}: {one.message}") for one in journal.faults],
        bench.settings.extraction.review_confidence,
    )


def _resolve(bench: Workbench, pages: list[Page], reply: Reply) -> Part:
    if reply.finish == "error":
        kinds: list[type[EngineError]] = [EngineError, *EngineError.__subclasses__()]
        kind = next((one for one in kinds if one.code == reply.error_code), EngineError)
        raise kind(reply.error or "the engine gave no reason")
    return resolve_window(bench.schema, pages, reply, grounded=bench.settings.extraction.ground != "off")


async def _windows(document: Document, bench: Workbench, journal: _Journal) -> AsyncIterator[list[Page]]:
    """Windows of readable pages, as many as the settings and the engine's context allow.

    Every page leaves a row, every unreadable one a fault.
    """
    window: list[Page] = []
    needs = _needs(bench)
    for number in range(1, document.page_count + 1):
        try:
            page = await document.page(number, needs)
        except DocpipeError as error:
            journal.faults.append(error)
            page = Page(number, 0.0, 0.0, skipped=error.code)
        journal.pages.append(_page_row(page, bench.settings))
        if not page.skipped:
            if window and not _fits([*window, page], bench):
                yield window
                window = []
            window.append(page)
    if window:
        yield window


def _needs(bench: Workbench) -> frozenset[str]:
    """What the engine asks of render, and the words that grounding wants."""
    ground = bench.settings.extraction.ground
    return frozenset(bench.engine.needs) | ({ground} - {"off"})


def _fits(pages: list[Page], bench: Workbench) -> bool:
    tokens = sum(_visual_tokens(page, bench.settings) for page in pages)
    most = bench.engine.max_visual_tokens
    return len(pages) <= bench.settings.extraction.window_pages and (most is None or tokens <= most)


def _visual_tokens(page: Page, settings: Settings) -> int:
    grid = settings.render.grid_px
    return (page.width_px // grid) * (page.height_px // grid) if page.pixels is not None else 0


def _request(outcome: Outcome, bench: Workbench, document: Document, pages: list[Page]) -> Request:
    doc_id = outcome.source.doc_id or ""
    numbers = [page.number for page in pages]
    text = "/".join([doc_id, outcome.schema, *outcome.fingerprints.values(), str(numbers)])
    return Request(
        key=hashlib.sha256(text.encode()).hexdigest()[:32],
        doc_id=doc_id,
        pages=tuple(pages),
        schema=bench.schema.document,
        schema_name=bench.schema.name,
        schema_fingerprint=bench.schema.fingerprint,
        instruction=instruction(bench.schema),
        max_tokens=bench.settings.extraction.max_tokens,
        first=numbers[0] == 1,
        last=numbers[-1] == document.page_count,
    )


def fingerprints(schema: Schema, engine: str, settings: Settings) -> Mapping[str, str]:
    """What an outcome depends on besides the bytes; equal ones mean that the work is done."""
    seen = replace(settings.render, ocr_threads=1)  # how fast, not what
    rendering = hashlib.sha256(repr((seen, settings.extraction)).encode()).hexdigest()[:16]
    return {
        "schema": schema.fingerprint,
        "engine": engine,
        "render": rendering,
        "resolve": f"{__version__}/{RESOLVE_VERSION}",
    }


def _empty(source: Source, bench: Workbench) -> Outcome:
    marks = fingerprints(bench.schema, bench.engine.fingerprint, bench.settings)
    return Outcome(source, bench.schema.name, bench.engine.name, marks, "failed")


def failed(outcome: Outcome, error: BaseException) -> Outcome:
    """`outcome` as failed with what `error` says; an error nobody foresaw is INTERNAL_ERROR."""
    if isinstance(error, TimeoutError):
        error = _document_timeout()
    if not isinstance(error, DocpipeError):
        error = InternalError(f"{type(error).__name__}: {error}"[:500])
    failure = Failure(error.code, error.message, error.what_to_do, error.retryable)
    return replace(outcome, status="failed", records=(), failure=failure)


def _document_timeout() -> DocpipeError:
    return RenderTimeout(
        "the document took longer than limits.document_timeout_s",
        remedy="Raise limits.document_timeout_s, or split the document.",
    )


def _page_row(page: Page, settings: Settings) -> PageRow:
    return PageRow(
        number=page.number,
        width_pt=page.width_pt,
        height_pt=page.height_pt,
        width_px=page.width_px,
        height_px=page.height_px,
        dpi=page.dpi,
        rotation=page.rotation,
        visual_tokens=_visual_tokens(page, settings),
        text_source=page.text_source,
        words=len(page.words),
        skipped=page.skipped,
        render_s=page.seconds,
        notes=page.notes,
    )
