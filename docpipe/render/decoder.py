"""The decoder's process: `python -m docpipe.render.decoder`, started by `sandbox.Child` only.

    open   the number of pages, and whether the first looks like a scan
    page   what `needs` asks of one page: words, geometry, and pixels or a scan for the recogniser
    crop   the pixels of a part of a page

Every job brings its document along, so that any child can do it; the last few stay open.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING

from docpipe.intake.content import Descriptor
from docpipe.render import wire
from docpipe.render.budget import visual_size
from docpipe.render.confine import Answer, serve
from docpipe.render.pdf import PdfFile
from docpipe.render.sheet import Pose, Sheet, word_row
from docpipe.settings import Settings

if TYPE_CHECKING:
    from docpipe.render.image import ImageFile

OPEN_FILES = 4
A4_PT2 = 595.28 * 841.89
BLANK_INK = 2e-5  # share of pixels off the paper's colour: ten of `INK_SAMPLES`
INK_LEVELS = 48  # of 255, off the paper
INK_SAMPLES = 500_000


class Decoder:
    """Answers jobs about documents. Its state is only a cache."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: OrderedDict[tuple[str, str | None], PdfFile | ImageFile] = OrderedDict()

    def __call__(self, job: wire.Message, memory: Descriptor | None) -> Answer:
        document = self._document(job, memory)
        if job["op"] == "open":
            return {
                "page_count": document.page_count,
                "scanned": document.is_probably_scanned(),
            }, None
        sheet = document.sheet(job["number"])
        pose = Pose(job["turn"], job["skew"])
        return self._crop(sheet, pose, job) if job["op"] == "crop" else self._page(sheet, pose, job)

    def _document(self, job: wire.Message, memory: Descriptor | None) -> PdfFile | ImageFile:
        key = job["doc"], job["password"]
        document = self._open.pop(key, None) or self._opened(job, memory)
        self._open[key] = document
        while len(self._open) > OPEN_FILES:
            self._open.popitem(last=False)
        return document

    def _opened(self, job: wire.Message, memory: Descriptor | None) -> PdfFile | ImageFile:
        if memory is None:
            raise ValueError("a job without its document")
        if job["media_type"] == "application/pdf":
            return PdfFile(memory, job["password"], self._settings.limits)
        from docpipe.render.image import ImageFile

        return ImageFile(memory, job["media_type"], self._settings.limits)

    def _page(self, sheet: Sheet, pose: Pose, job: wire.Message) -> Answer:
        """Words first: a page without a readable layer is sent as a scan, its pixels later."""
        needs = job["needs"]
        width_pt, height_pt = _posed(sheet, pose)
        rotation = (sheet.rotation + pose.turn) % 360
        answer: wire.Message = {"width_pt": width_pt, "height_pt": height_pt, "rotation": rotation}
        pixels: Descriptor | None = None
        if "geometry" in needs:
            answer["geometry"] = sheet.geometry()
        if "words" in needs:
            layer = sheet.text_layer()
            if layer.readable or not job["ocr"]:
                answer["words"] = [word_row(word) for word in layer.words]
            if not layer.readable:
                answer["blank"] = not layer.words and self._is_blank(sheet)
                if job["ocr"] and not answer["blank"]:
                    answer["scan"], pixels = self._scan(sheet)
        if "pixels" in needs and pixels is None:
            answer["size"], pixels = self._pixels(sheet, pose)
        return {**answer, "notes": sheet.notes()}, pixels

    def _pixels(self, sheet: Sheet, pose: Pose) -> tuple[tuple[int, int], Descriptor]:
        render = self._settings.render
        size = visual_size(*_posed(sheet, pose), render.min_pixels, render.max_pixels, render.grid_px, sheet.dpi)
        return size, wire.sealed(sheet.raster(*size, pose))

    def _scan(self, sheet: Sheet) -> tuple[tuple[int, int], Descriptor]:
        """The page as the recogniser likes it: with no more pixels than A4 has at `ocr_dpi`."""
        natural = sheet.dpi / 72
        most = A4_PT2 * (self._settings.render.ocr_dpi / 72) ** 2
        scale = min(natural, math.sqrt(most / (sheet.width_pt * sheet.height_pt)))
        size = max(1, round(sheet.width_pt * scale)), max(1, round(sheet.height_pt * scale))
        return size, wire.sealed(sheet.raster(*size))

    def _crop(self, sheet: Sheet, pose: Pose, job: wire.Message) -> Answer:
        x0, y0, x1, y1 = job["box"]
        width_pt, height_pt = _posed(sheet, pose)
        width, height = width_pt * (x1 - x0), height_pt * (y1 - y0)
        scale = math.sqrt(job["max_pixels"] / (width * height))
        size = max(1, int(width * scale)), max(1, int(height * scale))
        return {"size": size}, wire.sealed(sheet.raster(*size, pose, (x0, y0, x1, y1)))

    def _is_blank(self, sheet: Sheet) -> bool:
        import numpy as np

        scale = math.sqrt(INK_SAMPLES / (sheet.width_pt * sheet.height_pt))
        width, height = max(1, int(sheet.width_pt * scale)), max(1, int(sheet.height_pt * scale))
        green = np.frombuffer(sheet.raster(width, height), np.uint8)[1::3].astype(np.int16)
        off_paper = np.abs(green - np.median(green)) > INK_LEVELS
        return float(off_paper.mean()) < BLANK_INK


def _posed(sheet: Sheet, pose: Pose) -> tuple[float, float]:
    if pose.swaps_sides:
        return sheet.height_pt, sheet.width_pt
    return sheet.width_pt, sheet.height_pt


if __name__ == "__main__":
    serve(Decoder)
