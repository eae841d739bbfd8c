"""Documents to pages, from asyncio: what extract uses, and all it needs to know of render."""

from __future__ import annotations

import time
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any

from docpipe.errors import Corrupt
from docpipe.intake.content import Content, Descriptor
from docpipe.records import Box, Geometry, Page
from docpipe.render import untrusted as believe
from docpipe.render import wire
from docpipe.render.sandbox import Answer, Child
from docpipe.render.sheet import AS_IS, Pose
from docpipe.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

DECODER = "docpipe.render.decoder"
RECOGNISER = "docpipe.render.recogniser"


class Renderer:
    """Opens documents, any number at once. One decoder child and one for OCR serve them in turn.

    The decoder starts with the renderer, the recogniser with the first page that needs it.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._decoder = Child(DECODER, settings.limits.decoder_memory_bytes, settings)
        self._decoder.start()
        self._recogniser = Child(RECOGNISER, settings.limits.ocr_memory_bytes, settings)

    async def open(self, content: Content, password: str | None = None) -> Document:
        """The document in `content`. Raises Encrypted, Corrupt, EmptyDocument, TooManyPages,
        RenderTimeout or RenderCrash.
        """
        identity = {"doc": content.doc_id, "media_type": content.media_type, "password": password}
        untrusted, _ = await self.decode({"op": "open", **identity}, content)
        page_count = believe.whole(untrusted.get("page_count"), 1, self.settings.limits.max_pages)
        scanned = untrusted.get("scanned") is True
        return Document(self, content, identity, page_count, scanned=scanned)

    async def decode(self, job: wire.Message, content: Content) -> Answer:
        """An unvalidated reply of the decoder."""
        timeout_s = self.settings.limits.page_timeout_s
        return await self._decoder.ask(job, content.memory, document=content.doc_id, timeout_s=timeout_s)

    async def recognise(self, scan: Descriptor | None, width: int, height: int, doc_id: str) -> wire.Message:
        """An unvalidated reply of the recogniser to RGB pixels of that size."""
        job = {"width": width, "height": height}
        timeout_s = self.settings.limits.ocr_timeout_s
        untrusted, _ = await self._recogniser.ask(job, scan, document=doc_id, timeout_s=timeout_s)
        return untrusted

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
        """End both children; what still waits for them is cancelled. Safe to call twice."""
        self._decoder.close()
        self._recogniser.close()


class Document:
    """An open document. Use it as an async context manager, or close it.

    It holds the content, not a process: when a child dies, the next one opens it again.
    """

    def __init__(
        self, renderer: Renderer, content: Content, identity: wire.Message, page_count: int, *, scanned: bool
    ) -> None:
        self.page_count = page_count
        self.media_type = content.media_type
        self._renderer = renderer
        self._content = content
        self._identity = identity
        self._scanned = scanned
        self._poses: dict[int, Pose] = {}

    async def __aenter__(self) -> Document:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Forget what was found out about its pages. The bytes go with the content."""
        self._poses.clear()

    async def page(self, number: int, needs: frozenset[str]) -> Page:
        """Page `number`, from 1, with what `needs` names of "pixels", "words", "layer" and "geometry".

        Pixels have the size of `budget.visual_size`. Words come from the text layer where it can
        be read, else from OCR if settings.render.ocr; "layer" is words without OCR. Their boxes refer
        to the page as its pixels show it, straightened if it had to be. A page without ink has
        `skipped` "blank". Raises the DocumentError that names what is wrong with the page.
        """
        started = time.perf_counter()
        ocr = self._renderer.settings.render.ocr and "words" in needs
        if self._scanned and ocr:
            self._renderer.expect_scans()
        asked = sorted({"words" if need == "layer" else need for need in needs})
        pose = AS_IS if "words" in asked else self._pose(number)  # words are what tells the pose
        untrusted, memory = await self._ask("page", number, pose, needs=asked, ocr=ocr)
        page = believe.page(number, untrusted, memory, self._renderer.settings.limits)
        if "scan" in untrusted:
            page = await self._read(page, believe.size(untrusted["scan"]), memory)
            if "pixels" in needs:
                pose = self._pose(number)
                untrusted, memory = await self._ask("page", number, pose, needs=["pixels"], ocr=False)
                page = believe.with_pixels(page, untrusted, memory)
        return replace(page, seconds=time.perf_counter() - started)

    async def crop(self, number: int, box: Box, max_pixels: int) -> npt.NDArray[np.uint8]:
        """RGB pixels of `box` of page `number` as its pixels show it, about `max_pixels` of them."""
        pose = self._pose(number)
        untrusted, memory = await self._ask("crop", number, pose, box=box, max_pixels=max_pixels)
        return believe.pixels(memory, *believe.size(untrusted.get("size")))

    def _pose(self, number: int) -> Pose:
        """How the page was turned when it was last read."""
        return self._poses.get(number, AS_IS)

    async def _ask(self, operation: str, number: int, pose: Pose, **question: Any) -> Answer:
        if not 1 <= number <= self.page_count:
            raise Corrupt(f"there is no page {number}: the document has {self.page_count}")
        job = {"op": operation, "number": number, "turn": pose.turn, "skew": pose.skew}
        return await self._renderer.decode({**self._identity, **job, **question}, self._content)

    async def _read(self, page: Page, size: tuple[int, int], scan: Descriptor | None) -> Page:
        """The page with the words that the recogniser sees, turned as it had to turn it."""
        untrusted = await self._renderer.recognise(scan, *size, self._content.doc_id)
        words = believe.words(untrusted.get("words"), self._renderer.settings.limits)
        pose = believe.pose(untrusted)
        self._poses[page.number] = pose
        sides = (page.width_pt, page.height_pt)
        width_pt, height_pt = reversed(sides) if pose.swaps_sides else sides
        return replace(
            page,
            width_pt=width_pt,
            height_pt=height_pt,
            rotation=(page.rotation + pose.turn) % 360,
            words=words,
            geometry=page.geometry if pose == AS_IS else Geometry(),
            text_source="ocr",
            skipped="blank" if untrusted.get("blank") is True and not words else "",
            notes=page.notes + believe.notes(untrusted.get("notes")),
        )
