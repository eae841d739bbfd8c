"""A document's pages in windows: as many at once as the engine takes, each with a row, within the document's time."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from docpipe.errors import DocpipeError, RenderKilled, RenderTimeout
from docpipe.records import Page, PageRow
from docpipe.render.renderer import Document
from docpipe.settings import Settings

ANSWER_TOKENS = 4_096  # about a window of pages, where nobody says more: an engine keeps as many free beside full ones


@dataclass(slots=True)
class Pages:
    """The pages of one open document, and what became of each so far.

    `needs`: what to render of a page. `max_visual_tokens`: what the engine's context holds, None for
    any number. `answer_tokens`: how long the answer about a page will be, None where that has no limit.
    `kept`: a page by its number, if it was rendered before.
    `engine_s`: the seconds that the document spent at the engine, but for waits for a CPU; its user counts them.
    """

    document: Document
    settings: Settings
    needs: frozenset[str]
    max_visual_tokens: int | None
    answer_tokens: Callable[[Page], int] | None = None
    kept: Callable[[int], Page | None] | None = None
    rows: list[PageRow] = field(default_factory=list)
    faults: list[DocpipeError] = field(default_factory=list)
    engine_s: float = 0.0
    _timed_out: int = 0

    @property
    def count(self) -> int:
        """Pages of the document."""
        return self.document.page_count

    def left_s(self) -> float:
        """What is left of the document's own seconds: those that children and the engine worked on it.

        The wait for a neighbour's page in the same child is the neighbour's, the wait for a CPU the machine's.
        """
        limits = self.settings.limits
        shares = math.ceil(self.count / limits.max_pages)  # more than one if over_max_pages is "window"
        return limits.document_timeout_s * shares - self.document.work_s - self.engine_s

    async def windows(self) -> AsyncIterator[list[Page]]:
        """Windows of readable pages, as many as the settings, the engine's context and its longest answer allow.

        Every page leaves a row, every unreadable one a fault. Raises TimeoutError when the document's
        time is used up, RenderKilled where it is no fault of the document that a page cannot be read.
        """
        window: list[Page] = []
        written = 0  # tokens of the answer about the window
        for number in range(1, self.count + 1):
            page = await self.page(number)
            self.rows.append(_page_row(page, self.settings))
            if not page.skipped:
                tokens = self.answer_tokens(page) if self.answer_tokens is not None else 0
                if window and not self._fits([*window, page], written + tokens):
                    yield window
                    window, written = [], 0
                window.append(page)
                written += tokens
        if window:
            yield window

    def leave_unread(self, code: str) -> None:
        """Give every page that was not reached a row that says why."""
        unread = range(len(self.rows) + 1, self.count + 1)
        self.rows.extend(_page_row(Page(number, 0.0, 0.0, skipped=code), self.settings) for number in unread)

    async def again(self, number: int, needs: frozenset[str]) -> Page:
        """A page that was read before, with what `needs` names, within what is left of the document's time.

        Raises the DocumentError that names what is wrong, TimeoutError when the time is used up.
        """
        if self.left_s() <= 0:
            raise TimeoutError
        return await self.document.page(number, needs, within_s=self.left_s())

    async def page(self, number: int) -> Page:
        """A page with what the engine needs of it; one that cannot be read is skipped, and leaves a fault.

        Raises TimeoutError when the document's time is used up, RenderKilled where it is no fault of the document.
        """
        known = await asyncio.to_thread(self.kept, number) if self.kept is not None else None
        if known is not None:
            return known
        if self.left_s() <= 0:
            raise TimeoutError
        most = self.settings.limits.max_page_timeouts
        try:
            if self._timed_out >= most:
                raise RenderTimeout(f"not tried: {most} pages of the document had timed out")
            return await self.document.page(number, self.needs, within_s=self.left_s())
        except RenderKilled:
            raise
        except DocpipeError as error:
            if isinstance(error, RenderTimeout) and self.left_s() <= 0:  # ended by the document's time, not the page's
                raise TimeoutError from error
            self._timed_out += isinstance(error, RenderTimeout)
            self.faults.append(error)
            return Page(number, 0.0, 0.0, skipped=error.code)

    def _fits(self, pages: list[Page], written: int) -> bool:
        extraction, most = self.settings.extraction, self.max_visual_tokens
        if len(pages) > extraction.window_pages or written > (extraction.max_tokens or ANSWER_TOKENS):
            return False
        return most is None or sum(_visual_tokens(page, self.settings) for page in pages) <= most


def _visual_tokens(page: Page, settings: Settings) -> int:
    grid = settings.render.grid_px
    return (page.width_px // grid) * (page.height_px // grid) if page.pixels is not None else 0


def _page_row(page: Page, settings: Settings) -> PageRow:
    """The row of pages/ for a page."""
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
