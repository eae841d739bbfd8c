"""PDF pages by MuPDF. Imported in the decoder's process only."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from docpipe.errors import BadAspect, Corrupt, EmptyDocument, Encrypted, PageTooLarge, TooManyPages
from docpipe.intake.content import Descriptor
from docpipe.records import Box, Word
from docpipe.render import drawings, text_layer
from docpipe.render.budget import NATURAL_DPI
from docpipe.render.mupdf import corrupt, pymupdf
from docpipe.render.sheet import AS_IS, WHOLE, Pose, TextLayer
from docpipe.settings import Limits

SCAN_COVER = 0.6  # an image over more than this share of a page makes it a scan ...
SCAN_WORDS = 15  # ... if its layer has fewer words: a stamp, a page number


class PdfFile:
    """An open PDF. `page_count` is at least 1 and within the limits."""

    def __init__(self, memory: Descriptor, password: str | None, limits: Limits) -> None:
        self._limits = limits
        with corrupt("no PDF that can be opened or repaired"):
            self._file = pymupdf.open(f"/proc/self/fd/{memory.fd}", filetype="pdf")
            if self._file.needs_pass and not self._file.authenticate(password or ""):
                raise Encrypted("a password is needed" if password is None else "a wrong password")
            self.page_count: int = self._file.page_count
        if self.page_count == 0:
            raise EmptyDocument("the PDF has no pages")
        if self.page_count > limits.max_pages:
            raise TooManyPages(f"{self.page_count:,} pages, {limits.max_pages:,} allowed")

    def sheet(self, number: int) -> PdfSheet:
        """The page with that number, from 1. Raises Corrupt, PageTooLarge or BadAspect."""
        with corrupt(f"page {number} cannot be read"):
            page = self._file.load_page(number - 1)
        width, height = page.rect.width, page.rect.height
        longest, shortest = max(width, height), min(width, height)
        if not shortest > 0:
            raise Corrupt(f"page {number} has no size")
        if longest > self._limits.max_page_pt:
            raise PageTooLarge(f"page {number} is {width:.0f} x {height:.0f} pt")
        if longest > self._limits.max_page_ratio * shortest:
            raise BadAspect(f"page {number} is {width:.0f} x {height:.0f} pt")
        return PdfSheet(page, self._limits, repaired=bool(self._file.is_repaired))

    def is_probably_scanned(self) -> bool:
        """Whether the first page names no font: worth getting the recogniser ready."""
        with contextlib.suppress(Corrupt), corrupt("the first page cannot be read"):
            return not self._file.get_page_fonts(0)
        return False


class PdfSheet:
    """A `Sheet` of a PDF. The page is interpreted once, whatever is asked of it."""

    dpi = NATURAL_DPI

    def __init__(self, page: pymupdf.Page, limits: Limits, *, repaired: bool) -> None:
        self._page = page
        self._limits = limits
        self._notes = ["repaired"] if repaired else []
        self.width_pt, self.height_pt = page.rect.width, page.rect.height
        self.rotation = page.rotation
        with corrupt(f"page {page.number + 1} cannot be read"):
            self._display = page.get_displaylist(annots=1)

    @corrupt("the page cannot be drawn")
    def raster(self, width_px: int, height_px: int, pose: Pose = AS_IS, area: Box = WHOLE) -> bytes:
        mupdf = pymupdf.mupdf
        frame = mupdf.FzIrect(0, 0, width_px, height_px)
        pixmap = mupdf.fz_new_pixmap_with_bbox(pymupdf.csRGB.this, frame, mupdf.FzSeparations(), 0)
        mupdf.fz_clear_pixmap_with_value(pixmap, 0xFF)
        matrix = mupdf.FzMatrix(*self._matrix(width_px, height_px, pose, area))
        device = mupdf.fz_new_draw_device(matrix, pixmap)
        everywhere = mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE)
        mupdf.fz_run_display_list(self._display.this, device, mupdf.FzMatrix(), everywhere, mupdf.FzCookie())
        mupdf.fz_close_device(device)
        image = pymupdf.Pixmap("raw", pixmap)  # held: its view ends with it
        return bytes(image.samples_mv)

    @corrupt("the text layer cannot be read")
    def text_layer(self) -> TextLayer:
        words = text_layer.words_of(self._display, (self.width_pt, self.height_pt))
        reason = self._why_unreadable(words)
        if reason:
            self._notes.append(f"text layer {reason}")
        most = self._limits.max_words_page
        if len(words) > most:
            self._notes.append(f"words cut at {most}")
        return TextLayer(words[:most], readable=bool(words) and not reason)

    @corrupt("the drawings cannot be read")
    def geometry(self) -> dict[str, list[object]]:
        most = self._limits.max_shapes_page
        rules, fills = drawings.rules_and_fills(self._page)
        images = drawings.images(self._display)
        if max(len(rules), len(fills), len(images)) > most:
            self._notes.append(f"shapes cut at {most}")
        return {
            "rules": [self._share(box) for box in rules[:most]],
            "fills": [self._share(box) for box in fills[:most]],
            "images": [self._share(box) for box in images[:most]],
            "widgets": [
                [self._share(box), kind, name, value] for box, kind, name, value in drawings.widgets(self._page, most)
            ],
        }

    def notes(self) -> list[str]:
        return self._notes

    def _why_unreadable(self, words: Sequence[Word]) -> str:
        if not words:
            return ""
        if text_layer.is_garbage(words):
            return "is garbage"
        seen = sum(word.visible for word in words)
        if not seen:
            return "is hidden"
        return "is only a stamp" if seen < SCAN_WORDS and self._is_scan() else ""

    def _is_scan(self) -> bool:
        boxes = (self._box(corners) for corners in drawings.images(self._display))
        return any((x1 - x0) * (y1 - y0) > SCAN_COVER for x0, y0, x1, y1 in boxes)

    def _matrix(self, width_px: int, height_px: int, pose: Pose, area: Box) -> tuple[float, ...]:
        """From the page's points to pixels: pose about the centre, then the area to the frame."""
        width, height = self.width_pt, self.height_pt
        posed_width, posed_height = (height, width) if pose.swaps_sides else (width, height)
        x0, y0, x1, y1 = area
        matrix = pymupdf.Matrix(1, 0, 0, 1, -width / 2, -height / 2)
        matrix *= pymupdf.Matrix(pose.turn - pose.skew)
        matrix *= pymupdf.Matrix(1, 0, 0, 1, posed_width * (0.5 - x0), posed_height * (0.5 - y0))
        matrix *= pymupdf.Matrix(width_px / (posed_width * (x1 - x0)), height_px / (posed_height * (y1 - y0)))
        return tuple(matrix)

    def _share(self, corners: drawings.Corners) -> object:
        return [round(side, 6) for side in self._box(corners)]

    def _box(self, corners: drawings.Corners) -> Box:
        """Fractions of the page, cut at its edges."""
        x0, y0, x1, y1 = corners
        x0, x1 = (min(1.0, max(0.0, x / self.width_pt)) for x in (x0, x1))
        y0, y1 = (min(1.0, max(0.0, y / self.height_pt)) for y in (y0, y1))
        return x0, y0, x1, y1
