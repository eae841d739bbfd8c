"""The life of a document: render a window, ask, resolve, join. The same functions under Ray or not."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from docpipe.engine.base import Engine
from docpipe.engine.prompt import instruction
from docpipe.engine.thread import watched
from docpipe.errors import EngineError
from docpipe.extract.failures import failed
from docpipe.extract.fingerprints import JUDGING
from docpipe.extract.follow_ups import Asking, Second
from docpipe.extract.pages import ANSWER_TOKENS, Pages
from docpipe.extract.reading import read_in_time
from docpipe.extract.workbench import Workbench
from docpipe.records import Outcome, Page, Record, Replay, Reply, ReplyRow, Request, Source, Template, Violation
from docpipe.render.stopwatch import kept_waiting_s
from docpipe.resolve.merge import Part
from docpipe.resolve.record import resolve_document, resolve_window

_NOT_STORED = Reply("", "error", "", error="nobody asked this before")


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
        source, content = await read_in_time(source, bench.settings.limits)
        outcome = replace(outcome, source=source, media_type=content.media_type, notes=content.notes)
        async with await bench.renderer.open(content) as document:
            outcome = replace(outcome, notes=(*outcome.notes, *document.notes))
            kept = partial(bench.kept.take, content.doc_id) if bench.kept is not None else None
            most = bench.engine.info.max_visual_tokens
            pages = Pages(document, bench.settings, bench.needs, most, bench.answer_tokens, kept)
            record = await _read(outcome, pages, bench, replies, stored)
        outcome = replace(outcome, status=record.status, records=(record,))
    except Exception as error:  # noqa: BLE001  a worker outlives whatever one document brings up
        outcome = failed(outcome, error, bench.settings)
        if pages is not None and outcome.failure is not None:
            pages.leave_unread(outcome.failure.code)
    rows = tuple(pages.rows) if pages is not None else ()
    asked = tuple(row for row in replies if row.reply is not _NOT_STORED)
    return replace(outcome, pages=rows, replies=asked, seconds=time.perf_counter() - started)


async def _read(
    outcome: Outcome, pages: Pages, bench: Workbench, replies: list[ReplyRow], stored: Mapping[str, Reply]
) -> Record:
    answer = partial(_answer, engine=bench.engine, pages=pages)
    heard = partial(_heard, bench.second, pages, stored) if bench.second else None
    second = Second(bench.second, heard, bench.review_confidence) if bench.second and heard else None
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
    reasons = dict.fromkeys(f"{fault.code}: {fault.message}" for fault in pages.faults)
    return resolve_document(
        bench.schema,
        parts or [_resolve(bench, [], Reply("{}", "stop", bench.engine.info.name))],  # every page is blank
        [Violation("unread_page", "error", reason) for reason in reasons],
        bench.review_confidence,
    )


async def _answer(request: Request, engine: Engine, pages: Pages) -> Reply:
    """The engine's reply, within what is left of the document's time.

    Of an engine that computes in a thread of this process the seconds of that thread count, of any other those that
    pass, but for this thread's wait for a CPU.
    """
    left_s, started, stint = pages.left_s(), time.perf_counter() - kept_waiting_s(), watched()

    def took_s() -> float:
        worked_s = stint.seconds
        return time.perf_counter() - kept_waiting_s() - started if worked_s is None else worked_s

    answering = asyncio.ensure_future(engine.answer(request))
    try:
        while not answering.done():
            if (more_s := left_s - took_s()) <= 0:
                raise TimeoutError
            await asyncio.wait((answering,), timeout=more_s)
        return answering.result()
    finally:
        answering.cancel()
        await asyncio.wait((answering,))
        pages.engine_s += took_s()


async def _recalled(request: Request, stored: Mapping[str, Reply]) -> Reply:
    return stored.get(request.key, _NOT_STORED)


async def _heard(engine: Engine, pages: Pages, stored: Mapping[str, Reply], request: Request) -> Reply:
    """The second engine's reply: light as it is, it is asked also about a document whose first replies are stored."""
    return stored.get(request.key) or await _answer(request, engine, pages)


def _resolve(bench: Workbench, pages: list[Page], reply: Reply, whole: bool = True) -> Part:
    if reply.finish == "error":
        kinds: list[type[EngineError]] = [EngineError, *EngineError.__subclasses__()]
        kind = next((error for error in kinds if error.code == reply.error_code), EngineError)
        raise kind(reply.error or "the engine gave no reason")
    grounded = bench.settings.extraction.ground != "off"
    return resolve_window(bench.schema, pages, reply, grounded=grounded, whole=whole)


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
        max_tokens=bench.settings.extraction.max_tokens or bench.engine.info.slot_tokens or ANSWER_TOKENS,
        first=numbers[0] == 1,
        last=numbers[-1] == page_count,
        templates=_templates(bench, pages),
    )


def _templates(bench: Workbench, pages: list[Page]) -> Mapping[int, tuple[Template, ...]]:
    """What each page may have in common with other documents."""
    if bench.library is None:
        return {}
    like = ((page.number, bench.library.like(page)) for page in pages)
    return {number: templates for number, templates in like if templates}


def _empty(source: Source, bench: Workbench) -> Outcome:
    return Outcome(source, bench.schema.name, bench.engine.info.name, bench.marks, "failed")
