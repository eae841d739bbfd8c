"""What is found out about documents before they are read: which pages look alike, and what alike ones share."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from docpipe.extract.pages import Pages
from docpipe.extract.reading import read_in_time
from docpipe.extract.workbench import Workbench
from docpipe.records import Learn, Learnt, Page, Source, Survey, Surveyed

MOST_PAGES = 8  # of a document that are compared with others; those behind them are read as they stand


async def surveyed(work: Survey, bench: Workbench) -> Surveyed:
    """Sketches of the first pages of a source; never raises: what is wrong with it, extracting it says."""
    source, sketches = work.source, list[tuple[int, bytes]]()
    try:
        if bench.siblings is not None:
            source, pages = await _rendered(source, bench, range(1, MOST_PAGES + 1))
            for page in pages:
                sketched = await asyncio.to_thread(bench.siblings.sketch, page)
                if sketched:
                    sketches.append((page.number, sketched))
    except Exception:  # noqa: BLE001  a worker outlives whatever one document brings up
        return Surveyed(source)
    return Surveyed(source, tuple(sketches))


async def learnt(work: Learn, bench: Workbench) -> Learnt:
    """What pages that look alike have in common; never raises."""
    try:
        if bench.siblings is None:
            return Learnt()
        pages = [page for source, number in work.pages for page in await _again(source, number, bench)]
        return Learnt(await asyncio.to_thread(bench.siblings.learn, pages))
    except Exception:  # noqa: BLE001  without a template the documents are read alone
        return Learnt()


async def _again(source: Source, number: int, bench: Workbench) -> Sequence[Page]:
    """A page that was surveyed, if its source can still be read and holds the same bytes."""
    kept = bench.kept.get(source.doc_id or "", number) if bench.kept is not None else None
    if kept is not None:
        return [kept]
    read, pages = await _rendered(source, bench, range(number, number + 1))
    return pages if read.doc_id == source.doc_id else ()


async def _rendered(source: Source, bench: Workbench, numbers: range) -> tuple[Source, list[Page]]:
    """The source as it was read, and those of its pages that can be rendered; they are kept until it is read."""
    source, content = await read_in_time(source, bench.settings.limits)
    found: list[Page] = []
    async with await bench.renderer.open(content) as document:
        pages = Pages(document, bench.settings, bench.needs, bench.engine.info.max_visual_tokens)
        for number in numbers:
            if number > pages.count:
                break
            page = await pages.page(number)
            if not pages.faults or pages.faults[-1].code != page.skipped:
                found.append(page)
                if bench.kept is not None:
                    await asyncio.to_thread(bench.kept.put, content.doc_id, page)
    return source, found
