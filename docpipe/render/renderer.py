"""Documents to pages, from asyncio: what extract uses, and all it needs to know of render."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any

from docpipe.errors import Corrupt, DocumentError, Encrypted, RenderKilled
from docpipe.intake.content import Content, Descriptor
from docpipe.page.box import Box
from docpipe.records import Page, Table, Word
from docpipe.render import untrusted as believe
from docpipe.render import wire
from docpipe.render.legibility import agree, may_shine_through, shines_through
from docpipe.render.posing import posed
from docpipe.render.sandbox import Answer, Child, Meter
from docpipe.render.sheet import WHOLE, Pose
from docpipe.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

DECODER = "docpipe.render.child.decoder"
RECOGNISER = "docpipe.render.child.recogniser"
TABULATOR = "docpipe.render.child.tabulator"
TABLE_PIXELS = 2_000_000  # of a scan for the tabulator, which looks at type about 12 pixels high
TABLE_FAILURES = 2  # of one document; its other pages are then read without the tabulator
PASSWORDS_A_JOB = 25  # AES-256 wants 10-20 ms each: a job stays far from its time limit


class Renderer:
    """Opens documents, any number at once. One decoder child, one for OCR and one for tables serve them in turn.

    The decoder starts with the renderer, the others with the first page that needs them.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._decoder = Child(DECODER, settings.limits.decoder_memory_bytes, settings)
        self._decoder.start()
        limits = settings.limits
        threads = settings.render.ocr_threads
        memory = limits.ocr_memory_bytes, settings, limits.ocr_resident_bytes, threads
        self._recogniser = Child(RECOGNISER, *memory)
        self._tabulator = Child(TABULATOR, *memory)

    async def open(self, content: Content) -> Document:
        """The document in `content`. Raises Encrypted where no password of the settings opens it,
        Corrupt, EmptyDocument, TooManyPages, RenderTimeout or RenderCrash.
        """
        identity: wire.Message = {"doc": content.doc_id, "media_type": content.media_type, "passwords": []}
        meter = Meter()
        try:
            untrusted, _ = await self.decode({"op": "open", **identity}, content, meter)
        except Encrypted:
            identity["passwords"], untrusted = await self._unlocked(identity, content, meter)
        page_count = believe.whole(untrusted.get("page_count"), 1, self.settings.limits.openable_pages)
        scanned = untrusted.get("scanned") is True
        notes = believe.notes(untrusted.get("notes"))
        return Document(self, content, identity, page_count, meter, scanned=scanned, notes=notes)

    async def decode(self, job: wire.Message, content: Content, meter: Meter) -> Answer:
        """An unvalidated reply of the decoder."""
        timeout_s = self.settings.limits.page_timeout_s
        return await self._decoder.ask(job, content.memory, document=content.doc_id, timeout_s=timeout_s, meter=meter)

    async def recognise(self, pixels: npt.NDArray[np.uint8], what: str, doc_id: str, meter: Meter) -> wire.Message:
        """An unvalidated reply of the recogniser to RGB pixels (height, width, 3): "words" or "pose"."""
        height, width, _ = pixels.shape
        job, scan = {"width": width, "height": height, "what": what}, wire.sealed(pixels.data)
        timeout_s = self.settings.limits.ocr_timeout_s
        untrusted, _ = await self._recogniser.ask(job, scan, document=doc_id, timeout_s=timeout_s, meter=meter)
        return untrusted

    async def tabulate(self, job: wire.Message, memory: Descriptor, doc_id: str, meter: Meter) -> wire.Message:
        """An unvalidated reply of the tabulator: "tables", or why it is "unavailable"."""
        timeout_s = self.settings.limits.page_timeout_s
        untrusted, _ = await self._tabulator.ask(job, memory, document=doc_id, timeout_s=timeout_s, meter=meter)
        return untrusted

    async def _unlocked(self, identity: wire.Message, content: Content, meter: Meter) -> tuple[list[str], wire.Message]:
        """(the password that fits, the decoder's reply). Only a locked document is shown any."""
        words = self.settings.passwords.revealed()
        for first in range(0, len(words), PASSWORDS_A_JOB):
            some = list(words[first : first + PASSWORDS_A_JOB])
            try:
                untrusted, _ = await self.decode({"op": "open", **identity, "passwords": some}, content, meter)
            except Encrypted:
                continue
            return [some[believe.whole(untrusted.get("password"), 0, len(some) - 1)]], untrusted
        raise Encrypted(f"none of the {len(self.settings.passwords)} passwords fits" if words else "it is locked")

    def expect_scans(self) -> None:
        """Let the recogniser load while the decoder still works."""
        self._recogniser.start()

    def __enter__(self) -> Renderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the children; what still waits for them is cancelled. Safe to call twice."""
        for child in (self._decoder, self._recogniser, self._tabulator):
            child.close()


class Document:
    """An open document. Use it as an async context manager, or close it.

    It holds the content, not a process: when a child dies, the next one opens it again.
    """

    def __init__(
        self,
        renderer: Renderer,
        content: Content,
        identity: wire.Message,
        page_count: int,
        meter: Meter,
        *,
        scanned: bool,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.page_count = page_count
        self.notes = notes  # what is odd about the file as a whole
        self.media_type = content.media_type
        self._renderer = renderer
        self._content = content
        self._identity = identity
        self._meter = meter
        self._scanned = scanned
        self._poses: dict[int, Pose] = {}
        self._table_failures = 0

    @property
    def work_s(self) -> float:
        """Seconds of their own that children have worked on it; no wait for other pages or for a CPU is in it."""
        return self._meter.seconds

    async def __aenter__(self) -> Document:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget what was found out about its pages. The bytes go with the content."""
        self._poses.clear()

    async def page(self, number: int, needs: frozenset[str], within_s: float = math.inf) -> Page:
        """Page `number`, from 1, with what `needs` names of "pixels", "words", "layer", "geometry" and "tables".

        Pixels have the size of `budget.visual_size`. Words come from the text layer where it can
        be read, else from OCR if settings.render.ocr; "layer" is words without OCR. Their boxes refer
        to the page as its pixels show it, straightened if it had to be. A page without ink has
        `skipped` "blank". Tables are looked for where words stand as in tables. Children work on it for
        `within_s` at most, whatever is left of the page's own limit. Raises the DocumentError that names what is
        wrong with the page.
        """
        started = time.perf_counter()
        self._meter.most_s = self._meter.seconds + within_s
        recognise = self._recognise(needs)
        if self._scanned and recognise:
            self._renderer.expect_scans()
        asked = sorted({"words" if need == "layer" else need for need in needs - {"tables"}})
        known = None if "words" in asked else self._poses.get(number)  # words are what tells the pose
        untrusted, memory = await self._ask("page", number, known, needs=asked, recognise=recognise)
        page = believe.page(number, untrusted, self._renderer.settings.limits)
        pose = believe.pose(untrusted)
        if "scan" in untrusted:
            scan = believe.pixels(memory, *believe.size(untrusted["scan"]))
            doubtful = untrusted.get("doubtful") is True
            page, pose = await self._read(page, pose, scan, recognise, doubtful=doubtful)
            if "pixels" in needs:
                untrusted, memory = await self._ask("page", number, pose, needs=["pixels"], recognise="")
        else:
            page = posed(page, pose)
        self._poses[number] = pose
        if "pixels" in needs:
            page = believe.with_pixels(page, untrusted, memory)
        if page.words or "geometry" in needs:
            page = _laid_out(page)
        if "tables" in needs:
            page = await self._tabulated(page, pose)
        return replace(page, seconds=time.perf_counter() - started)

    def _recognise(self, needs: frozenset[str]) -> str:
        """What the recogniser is asked about a page that nothing readable lies under: "words", "pose" or ""."""
        render = self._renderer.settings.render
        if render.ocr and "words" in needs:
            return "words"
        return "pose" if render.upright_scans == "all" else ""

    async def crop(self, number: int, box: Box, max_pixels: int) -> npt.NDArray[np.uint8]:
        """RGB pixels of `box` of page `number` as its pixels show it, about `max_pixels` of them."""
        pose = self._poses.get(number)
        untrusted, memory = await self._ask("crop", number, pose, box=box, max_pixels=max_pixels)
        return believe.pixels(memory, *believe.size(untrusted.get("size")))

    async def _ask(self, operation: str, number: int, pose: Pose | None, **question: Any) -> Answer:
        if not 1 <= number <= self.page_count:
            raise Corrupt(f"there is no page {number}: the document has {self.page_count}")
        job = {"op": operation, "number": number, "pose": None if pose is None else asdict(pose)}
        return await self._renderer.decode({**self._identity, **job, **question}, self._content, self._meter)

    async def _read(
        self, page: Page, pose: Pose, scan: npt.NDArray[np.uint8], recognise: str, *, doubtful: bool
    ) -> tuple[Page, Pose]:
        """The page with the words that the recogniser sees, turned as it had to turn it.

        If its layer is `doubtful` and OCR agrees with it, the layer's words stay. Where only the pose
        is asked for, so do whatever words there are.
        """
        untrusted = await self._renderer.recognise(scan, recognise, self._content.doc_id, self._meter)
        words = believe.words(untrusted.get("words"), self._renderer.settings.limits)
        if doubtful and agree(words, page.words):
            return posed(replace(page, notes=(*page.notes, "text layer confirmed")), pose), pose
        pose = replace(believe.pose(untrusted), black=pose.black, white=pose.white)
        if recognise == "pose":
            return posed(page, pose), pose
        blank = may_shine_through(words, pose) and shines_through(words, await self._mirrored(scan))
        page = posed(replace(page, words=()), pose)
        return replace(page, words=() if blank else words, text_source="ocr", skipped="blank" if blank else ""), pose

    async def _tabulated(self, page: Page, pose: Pose) -> Page:
        """The page with its tables. One that the tabulator fails on is as it was, and its notes say so."""
        from docpipe.render.tabular import may_hold_tables

        if not may_hold_tables(page):
            return replace(page, geometry=replace(page.geometry, tables=()))
        if self._table_failures >= TABLE_FAILURES:
            return replace(page, notes=(*page.notes, "no table model: it failed before"))
        try:
            tables = await self._tables(page, pose)
        except RenderKilled:
            raise
        except DocumentError as error:
            self._table_failures += 1
            return replace(page, notes=(*page.notes, f"no table model: {error.code}"))
        return replace(page, geometry=replace(page.geometry, tables=tables))

    async def _tables(self, page: Page, pose: Pose) -> tuple[Table, ...] | None:
        """What the tabulator finds: on the page of the file where its words are the file's, else on its picture."""
        doc_id, meter = self._content.doc_id, self._meter
        if page.text_source == "layer" and not pose.skew:
            job = {"op": "page", "number": page.number, "turn": pose.turn, "passwords": self._identity["passwords"]}
            untrusted = await self._renderer.tabulate(job, self._content.memory, doc_id, meter)
        else:
            pixels = await self.crop(page.number, WHOLE, TABLE_PIXELS)
            height, width, _ = pixels.shape
            words = [[word.text, list(word.box)] for word in page.words if word.visible]
            job = {"op": "scan", "size": [width, height], "sides": [page.width_pt, page.height_pt], "words": words}
            untrusted = await self._renderer.tabulate(job, wire.sealed(pixels.data), doc_id, meter)
        return None if "unavailable" in untrusted else believe.tables(untrusted.get("tables"))

    async def _mirrored(self, scan: npt.NDArray[np.uint8]) -> tuple[Word, ...]:
        """The words of a scan as seen from behind."""
        import numpy as np

        flipped = np.ascontiguousarray(scan[:, ::-1])
        untrusted = await self._renderer.recognise(flipped, "words", self._content.doc_id, self._meter)
        return believe.words(untrusted.get("words"), self._renderer.settings.limits)


def _laid_out(page: Page) -> Page:
    """With its regions: told here, since words may come from either child, and lie as the page is shown."""
    from docpipe.render.regions import regions

    return replace(page, geometry=replace(page.geometry, regions=regions(page)))
