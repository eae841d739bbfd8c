"""The life of a document: render a window, ask, resolve, join. The same functions under Ray or not."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter

from docpipe import __version__
from docpipe.asking import Asking, Second
from docpipe.engine.base import Engine
from docpipe.engine.choose import build_engine, choose_second, engine_fingerprint
from docpipe.engine.prompt import instruction
from docpipe.errors import DocpipeError, DocumentError, EngineError, InternalError, RenderTimeout, Unreadable
from docpipe.intake.content import Content
from docpipe.intake.read import read_source
from docpipe.records import Failure, Outcome, Page, Record, Replay, Reply, ReplyRow, Request, Source, Violation
from docpipe.render.renderer import Renderer
from docpipe.render.stopwatch import kept_waiting_s
from docpipe.resolve.length import answer_tokens
from docpipe.resolve.merge import Part
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.nodes import Schema
from docpipe.settings import Render, Settings
from docpipe.windows import Pages

RESOLVE_VERSION = "5"  # raise it when resolve gives other records for the same replies
JUDGING = frozenset({"schema", "resolve", "second"})  # fingerprints on which no first reply depends
_NOT_STORED = Reply("", "error", "", error="nobody asked this before")


@dataclass(frozen=True, slots=True)
class Workbench:
    """What a document needs to become an Outcome; made once a process.

    `settings` have a visual budget that fits the engine; `marks` are the fingerprints of what was asked for.
    `second`: the engine that is asked about what would go to review, if the settings name one.
    """

    schema: Schema
    engine: Engine
    renderer: Renderer
    settings: Settings
    marks: Mapping[str, str]
    second: Engine | None = None

    def close(self) -> None:
        """End the renderer's children and the engines."""
        self.renderer.close()
        self.engine.close()
        if self.second is not None:
            self.second.close()


def workbench(schema: Schema, engine: Engine, settings: Settings) -> Workbench:
    """The bench for `schema`: pages get the visual budget that it states, as far as the engine's context goes.

    A budget that the user set wins over the schema's. Raises UsageError where settings.second_engine names none
    that can be had.
    """
    square = engine.info.grid_px**2
    least, most = settings.render.min_pixels, settings.render.max_pixels
    if schema.visual_tokens is not None and (least, most) == (Render().min_pixels, Render().max_pixels):
        least, most = (tokens * square for tokens in schema.visual_tokens)
    if settings.render.dpi is not None and engine.info.grid_px == 1:  # no grid: the resolution alone decides
        least, most = 1, settings.limits.max_image_pixels
    if engine.info.max_visual_tokens is not None:
        most = min(most, engine.info.max_visual_tokens * square)
    budget = replace(settings.render, min_pixels=min(least, most), max_pixels=most, grid_px=engine.info.grid_px)
    fitted = replace(settings, render=budget)
    marks = fingerprints(schema, engine.info.fingerprint, settings)
    second = choose_second(settings.second_engine) if "second" in marks else None
    return Workbench(schema, engine, Renderer(fitted), fitted, marks, build_engine(second) if second else None)


async def extract(work: Source | Replay, bench: Workbench) -> Outcome:
    """The Outcome of one source; never raises for what the document or the engine does.

    A Replay is answered from its replies: pages are rendered again, the engine is asked only about a
    window that has no stored reply.

    Pages that cannot be read leave the rest standing, with an error violation; a document of which no
    page can be read has failed with the first page's error. Every page of a document that could be
    opened has a row. `document_timeout_s` is the document's own: what its neighbours take, or a busy
    machine withholds, is not in it.
    """
    started = time.perf_counter()
    source, known = (work.source, work.replies) if isinstance(work, Replay) else (work, ())
    stored = {row.key: row.reply for row in known}
    outcome, pages, replies = _empty(source, bench), None, list[ReplyRow]()
    try:
        content = await _read_in_time(source, bench.settings)
        source = replace(source, doc_id=content.doc_id, size=content.size, mtime_ns=content.mtime_ns, etag=content.etag)
        outcome = replace(outcome, source=source, media_type=content.media_type, notes=content.notes)
        async with await bench.renderer.open(content) as document:
            pages = Pages(document, bench.settings, _needs(bench), bench.engine.info.max_visual_tokens, _length(bench))
            record = await _read(outcome, pages, bench, replies, stored)
        outcome = replace(outcome, status=record.status, records=(record,))
    except Exception as error:  # noqa: BLE001  a worker outlives whatever one document brings up
        outcome = failed(outcome, error, bench.settings)
        if pages is not None and outcome.failure is not None:
            pages.leave_unread(outcome.failure.code)
    rows = tuple(pages.rows) if pages is not None else ()
    asked = tuple(row for row in replies if row.reply is not _NOT_STORED)
    return replace(outcome, pages=rows, replies=asked, seconds=time.perf_counter() - started)


async def _read_in_time(source: Source, settings: Settings) -> Content:
    """What `read_source` gives. A disk or a network that does not answer may do so in the next run."""
    try:
        async with asyncio.timeout(settings.limits.document_timeout_s):
            return await asyncio.to_thread(read_source, source, settings.limits)
    except TimeoutError:
        raise Unreadable(
            "the source could not be read within limits.document_timeout_s",
            remedy="Check the disk or the network that it lies on, then run the same command again.",
        ) from None


async def _read(
    outcome: Outcome, pages: Pages, bench: Workbench, replies: list[ReplyRow], stored: Mapping[str, Reply]
) -> Record:
    answer = partial(_answer, engine=bench.engine, pages=pages)
    second = Second(bench.second, partial(_heard, bench.second, pages, stored)) if bench.second else None
    parts: list[Part] = []
    async for window in pages.windows():
        request = _request(outcome, bench, pages.count, window)
        reply = stored.get(request.key) or await answer(request)
        again = partial(_recalled, stored=stored) if request.key in stored else answer
        replies.append(ReplyRow(request.key, tuple(page.number for page in window), reply))
        part = _resolve(bench, [replace(page, pixels=None) for page in window], reply, request.first and request.last)
        asking = Asking(bench.schema, bench.engine, bench.settings, pages, again, replies, second)
        parts.append(await asking.better(request, reply, part))
    if len(pages.faults) == pages.count:
        raise pages.faults[0]
    reasons = dict.fromkeys(f"{one.code}: {one.message}" for one in pages.faults)
    return resolve_document(
        bench.schema,
        parts or [_resolve(bench, [], Reply("{}", "stop", bench.engine.info.name))],  # every page is blank
        [Violation("unread_page", "error", reason) for reason in reasons],
        bench.settings.extraction.review_confidence,
    )


async def _answer(request: Request, engine: Engine, pages: Pages) -> Reply:
    """The engine's reply, within what is left of the document's time.

    What this thread waited for a CPU does not count: an engine that computes here is not ended for it.
    """
    left_s, started = pages.left_s(), time.perf_counter() - kept_waiting_s()
    answering = asyncio.ensure_future(engine.answer(request))
    try:
        while not answering.done():
            took_s = time.perf_counter() - kept_waiting_s() - started
            if took_s >= left_s:
                raise TimeoutError
            await asyncio.wait((answering,), timeout=left_s - took_s)
        return answering.result()
    finally:
        answering.cancel()
        await asyncio.wait((answering,))
        pages.engine_s += time.perf_counter() - kept_waiting_s() - started


async def _recalled(request: Request, stored: Mapping[str, Reply]) -> Reply:
    return stored.get(request.key, _NOT_STORED)


async def _heard(engine: Engine, pages: Pages, stored: Mapping[str, Reply], request: Request) -> Reply:
    """The second engine's reply: light as it is, it is asked also about a document whose first replies are stored."""
    return stored.get(request.key) or await _answer(request, engine, pages)


def _resolve(bench: Workbench, pages: list[Page], reply: Reply, whole: bool = True) -> Part:
    if reply.finish == "error":
        kinds: list[type[EngineError]] = [EngineError, *EngineError.__subclasses__()]
        kind = next((one for one in kinds if one.code == reply.error_code), EngineError)
        raise kind(reply.error or "the engine gave no reason")
    grounded = bench.settings.extraction.ground != "off"
    return resolve_window(bench.schema, pages, reply, grounded=grounded, whole=whole)


def _needs(bench: Workbench) -> frozenset[str]:
    """What the engine asks of render, and the words that grounding wants."""
    ground = bench.settings.extraction.ground
    return bench.engine.needs_of(bench.schema) | ({ground} - {"off"})


def _length(bench: Workbench) -> Callable[[Page], int] | None:
    """How long the answer about a page will be, for an engine that writes token by token."""
    return partial(answer_tokens, bench.schema) if bench.engine.info.writes_tokens else None


def _request(outcome: Outcome, bench: Workbench, page_count: int, pages: list[Page]) -> Request:
    doc_id = outcome.source.doc_id or ""
    numbers = [page.number for page in pages]
    asked = [mark for name, mark in sorted(outcome.fingerprints.items()) if name not in JUDGING]
    text = "/".join([doc_id, outcome.schema, *asked, str(numbers)])
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
        last=numbers[-1] == page_count,
    )


def fingerprints(schema: Schema, engine: str, settings: Settings) -> Mapping[str, str]:
    """What an outcome depends on besides the bytes; equal ones mean that the work is done.

    A second engine that is the first (`engine` is its fingerprint) would say the same: there is none then.
    """
    seen = replace(settings.render, ocr_threads=1)  # how fast, not what
    rendering = hashlib.sha256(repr((seen, settings.extraction)).encode()).hexdigest()[:16]
    spec = choose_second(settings.second_engine)
    second = engine_fingerprint(spec) if spec else engine
    return {
        "schema": schema.fingerprint,
        "question": schema.question_fingerprint,
        "engine": engine,
        "render": rendering,
        "resolve": f"{__version__}/{RESOLVE_VERSION}",
        **({"second": second} if second != engine else {}),
    }


def _empty(source: Source, bench: Workbench) -> Outcome:
    return Outcome(source, bench.schema.name, bench.engine.info.name, bench.marks, "failed")


def failed(outcome: Outcome, error: BaseException, settings: Settings) -> Outcome:
    """`outcome` as failed with what `error` says; an error nobody foresaw is INTERNAL_ERROR."""
    if isinstance(error, TimeoutError):
        error = _document_timeout()
    if not isinstance(error, DocpipeError):
        error = InternalError(f"{type(error).__name__}: {error}"[:500])
    failure = Failure(error.code, error.message, error.what_to_do, error.retryable)
    marks = {**outcome.fingerprints, **failure_fingerprints(error.code, settings)}
    return replace(outcome, fingerprints=marks, status="failed", records=(), failure=failure)


def failure_fingerprints(code: str | None, settings: Settings) -> Mapping[str, str]:
    """The settings that a failure with this code depends on besides, under "limits"; {} if on none."""
    kinds = [*DocumentError.__subclasses__(), *EngineError.__subclasses__()]
    names = next((kind.depends_on for kind in kinds if kind.code == code), ())
    return {"limits": " ".join(f"{name}={attrgetter(name)(settings)}" for name in names)} if names else {}


def _document_timeout() -> DocpipeError:
    return RenderTimeout(
        "the document took longer than limits.document_timeout_s",
        remedy="Raise limits.document_timeout_s, or split the document.",
    )
