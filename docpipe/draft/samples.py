"""Sample documents as text: what the words of their first pages print, and which of them could not be read."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from docpipe.errors import DocumentError, InternalError, NoInputs
from docpipe.intake.discover import discover
from docpipe.intake.names import shown
from docpipe.intake.read import read_source
from docpipe.literals.conventions import Conventions
from docpipe.page.lines import PageText, read_pages
from docpipe.records import Page, Source
from docpipe.render.renderer import Renderer
from docpipe.settings import Settings

MOST_SAMPLES = 50  # that a proposal is made from: more of them say nothing new
MOST_PAGES = 4  # of a sample: its keys and tables begin there

_NEEDS = frozenset({"words", "geometry"})


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One document that could be read: its first pages, as lines, and how it writes numbers and dates."""

    name: str
    pages: tuple[Page, ...] = field(repr=False)
    texts: tuple[PageText, ...] = field(repr=False)
    conventions: Conventions = field(repr=False)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A document that no proposal was made from, and why."""

    name: str
    code: str
    reason: str


def sample_of(name: str, pages: Sequence[Page]) -> Sample:
    """The sample that these pages are."""
    return Sample(name, tuple(pages), tuple(read_pages(pages)), Conventions.of_pages(pages))


def read_samples(inputs: Sequence[str], settings: Settings) -> tuple[list[Sample], list[Skipped]]:
    """(samples that have words, others with their reasons), the first `MOST_SAMPLES` documents of `inputs`.

    Raises PathNotFound for an input that does not exist, and NoInputs where none of them can be read.
    """
    sources = list(islice(discover(inputs, limits=settings.limits), MOST_SAMPLES))
    samples, skipped = asyncio.run(_read(sources, settings)) if sources else ([], [])
    if not samples:
        reasons = "".join(f"\n  - {each.name}: {each.code}: {each.reason}" for each in skipped)
        raise NoInputs(
            f"none of {len(sources)} sample documents can be read{reasons}",
            remedy="Name PDFs or images with text; a handful of one kind is best.",
        )
    return samples, skipped


async def _read(sources: Sequence[Source], settings: Settings) -> tuple[list[Sample], list[Skipped]]:
    samples: list[Sample] = []
    skipped: list[Skipped] = []
    with Renderer(settings) as renderer:
        for source in sources:
            name = shown(source.uri)
            try:
                pages = await _pages(source, renderer, settings)
            except DocumentError as error:
                skipped.append(Skipped(name, error.code, error.message))
                continue
            except Exception as error:  # noqa: BLE001  one document ends no proposal
                skipped.append(Skipped(name, InternalError.code, f"{type(error).__name__}: {error}"))
                continue
            if any(page.words for page in pages):
                samples.append(sample_of(name, pages))
            else:
                skipped.append(Skipped(name, "NO_TEXT", "no words on its first pages"))
    return samples, skipped


async def _pages(source: Source, renderer: Renderer, settings: Settings) -> list[Page]:
    """The first pages that can be read. Raises the first fault where there are none."""
    content = await asyncio.to_thread(read_source, source, settings.limits)
    pages: list[Page] = []
    first: DocumentError | None = None
    async with await renderer.open(content) as document:
        for number in range(1, min(document.page_count, MOST_PAGES) + 1):
            try:
                pages.append(await document.page(number, _NEEDS))
            except DocumentError as error:
                first = first or error
    if first is not None and not pages:
        raise first
    return pages
