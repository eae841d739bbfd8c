"""The decoder's process: `python -m docpipe.render.child.decoder`, started by `sandbox.Child` only.

    open   the number of pages, whether the first looks like a scan, and what is odd about the file
    page   what `needs` asks of one page: words, geometry, and pixels or a scan for the recogniser
    crop   the pixels of a part of a page

Every job brings its document along, so that any child can do it; the last few stay open.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from docpipe.intake.content import Descriptor
from docpipe.render import wire
from docpipe.render.child import pages
from docpipe.render.child.canvas import Canvas
from docpipe.render.child.confine import Answer, serve
from docpipe.render.child.pdf.pdf import PdfFile
from docpipe.render.sheet import AS_IS, Pose
from docpipe.settings import Settings

if TYPE_CHECKING:
    from docpipe.render.child.image.image import ImageFile

OPEN_FILES = 4


class Decoder:
    """Answers jobs about documents. Its state is only a cache."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._canvas = Canvas()
        self._open: OrderedDict[tuple[str, str | None], PdfFile | ImageFile] = OrderedDict()

    def __call__(self, job: wire.Message, memory: Descriptor | None) -> Answer:
        document = self._document(job, memory)
        if job["op"] == "open":
            return {
                "page_count": document.page_count,
                "scanned": document.is_probably_scanned(),
                "notes": document.notes(),
                "password": job["passwords"].index(document.password) if document.password else None,
            }, None
        sheet = document.sheet(job["number"])
        known = Pose(**job["pose"]) if job["pose"] else None
        if job["op"] == "crop":
            return pages.crop(sheet, known or AS_IS, job, self._canvas.hold)
        return pages.answer(sheet, known, job, self._settings.render, self._canvas.hold)

    def _document(self, job: wire.Message, memory: Descriptor | None) -> PdfFile | ImageFile:
        passwords = job["passwords"]
        known = job["doc"], passwords[0] if len(passwords) == 1 else None
        document = self._open.pop(known, None) or self._opened(job, memory)
        self._open[job["doc"], document.password] = document
        while len(self._open) > OPEN_FILES:
            _, left = self._open.popitem(last=False)
            left.close()
        return document

    def _opened(self, job: wire.Message, memory: Descriptor | None) -> PdfFile | ImageFile:
        if memory is None:
            raise ValueError("a job without its document")
        if job["media_type"] == "application/pdf":
            return PdfFile(memory, job["passwords"], self._settings.limits, self._canvas)
        from docpipe.render.child.image.image import ImageFile

        return ImageFile(memory, job["media_type"], self._settings.limits)


if __name__ == "__main__":
    serve(Decoder)
