"""Pictures of the pages that a report shows, rendered in the same children as everything else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from docpipe.errors import DocpipeError
from docpipe.evaluate.judge import Judged
from docpipe.evaluate.png import png
from docpipe.evaluate.report import Picture
from docpipe.intake.names import is_stored
from docpipe.intake.read import read_source
from docpipe.records import Source
from docpipe.render.renderer import Renderer
from docpipe.settings import Settings

PICTURE_PIXELS = 1_000_000  # A4 at about 100 dpi: readable, 20 to 200 kB


def pictured(documents: Iterable[tuple[Judged, frozenset[int]]]) -> Iterator[tuple[Judged, Picture | None]]:
    """Each document with the page that has most of its errors; None if its file is gone or has changed.

    The sets are the pages that were turned to be read: they are read again, so that boxes fit.
    """
    settings = Settings()
    smaller = replace(settings.render, max_pixels=PICTURE_PIXELS, min_pixels=PICTURE_PIXELS // 4)
    with Renderer(replace(settings, render=smaller)) as renderer, asyncio.Runner() as runner:
        for document, turned in documents:
            number = page_of(document)
            try:
                yield document, runner.run(_picture(document, number, renderer, posed=number in turned))
            except DocpipeError:
                yield document, None


def page_of(document: Judged) -> int:
    """The page with most of the errors, by where values were found and by where the truth has them; or 1."""
    evidence = {leaf["path"]: leaf["page"] for leaf in (document.outcome or {}).get("fields") or ()}
    pages: Counter[int] = Counter()
    for error in document.errors:
        pages.update({page for page, _ in document.truth.boxes.get(error.truth_path, ())})
        if evidence.get(error.path):
            pages[evidence[error.path]] += 1
    return pages.most_common(1)[0][0] if pages else 1


async def _picture(judged: Judged, number: int, renderer: Renderer, *, posed: bool) -> Picture | None:
    if judged.outcome is None or judged.outcome.get("doc_id") is None:
        return None
    uri = judged.outcome["source_uri"]
    source = Source(uri, root=uri if is_stored(uri) else "")
    content = await asyncio.to_thread(read_source, source, renderer.settings.limits)
    if content.doc_id != judged.outcome["doc_id"]:
        return None
    async with await renderer.open(content) as document:
        number = min(number, document.page_count)
        page = await document.page(number, frozenset({"pixels", "words"} if posed else {"pixels"}))
    return None if page.pixels is None else Picture(number, png(page.pixels))
