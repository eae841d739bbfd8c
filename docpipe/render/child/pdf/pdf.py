"""PDF pages by MuPDF. Imported in the decoder's process only."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from functools import cached_property
from mmap import mmap

from docpipe.errors import (
    BadAspect,
    Corrupt,
    EmptyDocument,
    Encrypted,
    PageTooLarge,
    TooManyPages,
    UnsupportedType,
)
from docpipe.intake.content import Descriptor
from docpipe.page.box import Box
from docpipe.records import Word
from docpipe.render.child.budget import NATURAL_DPI
from docpipe.render.child.canvas import Canvas
from docpipe.render.child.pdf import drawings, text_layer
from docpipe.render.child.pdf.embedded import embedded_names
from docpipe.render.child.pdf.grids import Ruled, grids
from docpipe.render.child.pdf.hazards import Inspector, mend_box
from docpipe.render.child.pdf.mupdf import corrupt, pymupdf
from docpipe.render.legibility import is_certain
from docpipe.render.sheet import AS_IS, WHOLE, Pose, TextLayer
from docpipe.settings import Limits

SCAN_COVER = 0.6  # an image over more than this share of a page makes it a scan ...
SCAN_WORDS = 15  # ... if its layer has fewer words: a stamp, a page number
MAX_EMBEDDED = 3  # files in the PDF that are named; of more their number is told
_XFA_MARKS = ("please wait", "adobe")  # what stands on the page of an XFA form until a reader has replaced it


class PdfFile:
    """An open PDF. `page_count` is at least 1 and within the limits; `password` is the one it needed."""

    def __init__(self, memory: Descriptor, passwords: Sequence[str], limits: Limits, canvas: Canvas) -> None:
        self._limits = limits
        self._canvas = canvas
        self._inspector = Inspector(limits)
        self.password: str | None = None
        with corrupt("no PDF that can be opened or repaired"):
            self._file = pymupdf.open(f"/proc/self/fd/{memory.fd}", filetype="pdf")
            if self._file.needs_pass:
                self.password = next((password for password in passwords if self._file.authenticate(password)), None)
                if self.password is None:
                    raise Encrypted("a password is needed")
            self.page_count: int = self._file.page_count
            claimed = self._file.xref_get_key(self._file.pdf_catalog(), "Pages/Count")[1] if not self.page_count else ""
        if claimed.isdecimal() and int(claimed):
            raise Corrupt(f"it says that it has {claimed[:20]} pages and has none")
        if self.page_count == 0:
            raise EmptyDocument("the PDF has no pages")
        if self.page_count > limits.openable_pages:
            raise TooManyPages(f"{self.page_count:,} pages, {limits.max_pages:,} allowed")
        self._has_xfa = self._looked_for_xfa()
        if self.page_count > limits.max_pages:
            with corrupt("it has fewer pages than it says"):
                self._file.load_page(self.page_count - 1)

    def sheet(self, number: int) -> PdfSheet:
        """The page with that number, from 1. Raises Corrupt, PageTooLarge, ImageTooLarge or BadAspect."""
        with corrupt(f"page {number} cannot be read"):
            page = self._file.load_page(number - 1)
            mended = mend_box(page)
            _, _, width, height = page.rect
        longest, shortest = max(width, height), min(width, height)
        if not shortest > 0:
            raise Corrupt(f"page {number} has no size")
        if longest > self._limits.max_page_pt:
            raise PageTooLarge(f"page {number} is {width:.0f} x {height:.0f} pt")
        if longest > self._limits.max_page_ratio * shortest:
            raise BadAspect(f"page {number} is {width:.0f} x {height:.0f} pt")
        with corrupt(f"page {number} cannot be read"):
            self._inspector.inspect(page)
        flags = {"repaired": self._file.is_repaired, "page box replaced": mended, "XFA form": self._has_xfa}
        return PdfSheet(page, (width, height), self._limits, self._canvas, [flag for flag in flags if flags[flag]])

    def _looked_for_xfa(self) -> bool:
        """Whether it is an XFA form besides. Raises UnsupportedType where it is nothing else.

        Such a form (PDF 2.0, 12.7.8, annex K.3) has one page, which asks the reader to wait, and no fields of a PDF.
        """
        with contextlib.suppress(Corrupt), corrupt("the form cannot be read"):
            catalog, key = self._file.pdf_catalog(), self._file.xref_get_key
            if key(catalog, "AcroForm/XFA")[0] in ("null", "undefined"):
                return False
            _, fields = key(catalog, "AcroForm/Fields")
            if self.page_count > 1 or fields.strip("[ ]") not in ("", "null"):
                return True
            page = self._file.load_page(0)
            self._inspector.inspect(page)
            text = page.get_text().lower()
            if key(catalog, "NeedsRendering")[1] == "true" or any(mark in text for mark in _XFA_MARKS):
                raise UnsupportedType(
                    "a dynamic XFA form: its pages exist only in Adobe's Reader; print it to PDF there"
                )
            return True
        return False

    def notes(self) -> list[str]:
        """What is odd about the file as a whole: the files in it, such as the XML of a hybrid invoice, are not read."""
        names: list[str] = []
        with contextlib.suppress(Corrupt), corrupt("its embedded files cannot be listed"):
            names = embedded_names(self._file)
        if not names:
            return []
        what = "XML" if any(name.lower().endswith(".xml") for name in names) else "files"
        more = [f"{len(names) - MAX_EMBEDDED} more"] if len(names) > MAX_EMBEDDED else []
        return [f"embedded {what}, not read: {', '.join([*names[:MAX_EMBEDDED], *more])}"]

    def close(self) -> None:
        """Let go of the file; its sheets are of no use then."""
        self._file.close()

    def is_probably_scanned(self) -> bool:
        """Whether the first page names no font: worth getting the recogniser ready."""
        with contextlib.suppress(Corrupt), corrupt("the first page cannot be read"):
            return not self._file.get_page_fonts(0)
        return False


class PdfSheet:
    """A `Sheet` of a PDF. The page is interpreted once, whatever is asked of it."""

    dpi = NATURAL_DPI

    def __init__(
        self, page: pymupdf.Page, size: tuple[float, float], limits: Limits, canvas: Canvas, notes: list[str]
    ) -> None:
        self._page = page
        self._limits = limits
        self._canvas = canvas
        self._notes = notes
        self.width_pt, self.height_pt = size
        self.rotation = page.rotation

    def upright(self, turn: int) -> pymupdf.Page:
        """The page itself, not rotated and with `turn` (as of a `Pose`) in its content. It is changed for good."""
        with corrupt("the page cannot be turned"):
            self._page.set_rotation((self._page.rotation + turn) % 360)
            self._page.remove_rotation()
        return self._page

    @cached_property
    def _display(self) -> pymupdf.DisplayList:
        with corrupt(f"page {self._page.number + 1} cannot be read"):
            return self._page.get_displaylist(annots=1)

    @corrupt("the page cannot be drawn")
    def raster(self, width_px: int, height_px: int, pose: Pose = AS_IS, area: Box = WHOLE) -> mmap:
        """MuPDF draws straight onto the canvas; a page that nothing else is asked of is only drawn."""
        mupdf = pymupdf.mupdf
        pixels = self._canvas.of(width_px * height_px * 3)
        frame, samples = mupdf.FzIrect(0, 0, width_px, height_px), mupdf.python_buffer_data(pixels)
        pixmap = mupdf.fz_new_pixmap_with_bbox_and_data(pymupdf.csRGB.this, frame, mupdf.FzSeparations(), 0, samples)
        mupdf.fz_clear_pixmap_with_value(pixmap, 0xFF)
        matrix = mupdf.FzMatrix(*self._matrix(width_px, height_px, pose, area))
        device = mupdf.fz_new_draw_device(matrix, pixmap)
        if "_display" in self.__dict__:
            everywhere = mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE)
            mupdf.fz_run_display_list(self._display.this, device, mupdf.FzMatrix(), everywhere, mupdf.FzCookie())
        else:
            mupdf.fz_run_page(self._page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
        mupdf.fz_close_device(device)
        return pixels

    @corrupt("the text layer cannot be read")
    def text_layer(self) -> TextLayer:
        layer = text_layer.layer_of(self._display, (self.width_pt, self.height_pt))
        if not layer.words:
            return TextLayer()
        most = self._limits.max_words_page
        if len(layer.words) > most:
            self._notes.append(f"words cut at {most}")
        words = layer.words[:most]
        if reason := self._why_unreadable(layer.words):
            self._notes.append(f"text layer {reason}")
            return TextLayer(words)
        if layer.garbage:
            verb = "is" if is_certain(layer.garbage) else "looks like"
            self._notes.append(f"text layer {verb} garbage: {layer.garbage}")
            if is_certain(layer.garbage):
                return TextLayer()
        return TextLayer(words, readable=not layer.garbage, doubtful=bool(layer.garbage), turn=layer.turn)

    @corrupt("the text layer cannot be read")
    def text_turn(self) -> int:
        return text_layer.turn_of(self._display) if self._page.get_fonts() else 0

    def is_scan(self) -> bool:
        """Whether one image covers most of the page."""
        if not self._page.get_images():
            return False
        boxes = (self._box(corners) for corners in drawings.images(self._display))
        return any((x1 - x0) * (y1 - y0) > SCAN_COVER for x0, y0, x1, y1 in boxes)

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
            "widgets": [[self._share(corners), *said] for corners, *said in drawings.widgets(self._page, most)],
            "grids": [sides for grid in grids(rules) if min(map(len, sides := self._grid(grid))) > 1],
        }

    def _grid(self, grid: Ruled) -> list[list[float]]:
        """Its edges across and down the page; what lies off the page is at its rim, once."""
        sides = ((grid.across, self.width_pt), (grid.down, self.height_pt))
        return [sorted({round(min(1.0, max(0.0, edge / side)), 6) for edge in edges}) for edges, side in sides]

    def notes(self) -> list[str]:
        return self._notes

    def _why_unreadable(self, words: Sequence[Word]) -> str:
        seen = sum(word.visible for word in words)
        if not seen:
            return "is hidden"
        return "is only a stamp" if seen < SCAN_WORDS and self.is_scan() else ""

    def _matrix(self, width_px: int, height_px: int, pose: Pose, area: Box) -> tuple[float, ...]:
        """From the page's points to pixels: pose about the centre, then the area to the frame."""
        width, height = self.width_pt, self.height_pt
        posed_width, posed_height = (height, width) if pose.swaps_sides else (width, height)
        x0, y0, x1, y1 = area
        along, across = width_px / (posed_width * (x1 - x0)), height_px / (posed_height * (y1 - y0))
        cosine, sine = _direction(pose)
        left = posed_width * (0.5 - x0) - (width * cosine - height * sine) / 2
        top = posed_height * (0.5 - y0) - (width * sine + height * cosine) / 2
        return cosine * along, sine * across, -sine * along, cosine * across, left * along, top * across

    def _share(self, corners: drawings.Corners) -> object:
        return [round(side, 6) for side in self._box(corners)]

    def _box(self, corners: drawings.Corners) -> Box:
        """Fractions of the page, cut at its edges."""
        x0, y0, x1, y1 = corners
        x0, x1 = (min(1.0, max(0.0, x / self.width_pt)) for x in (x0, x1))
        y0, y1 = (min(1.0, max(0.0, y / self.height_pt)) for y in (y0, y1))
        return Box(x0, y0, x1, y1)


def _direction(pose: Pose) -> tuple[float, float]:
    """(cosine, sine) of the pose, clockwise on a page whose y points down; exact for quarters."""
    if pose.skew == 0:
        return {0: (1.0, 0.0), 90: (0.0, 1.0), 180: (-1.0, 0.0), 270: (0.0, -1.0)}[pose.turn]
    angle = math.radians(pose.turn - pose.skew)
    return math.cos(angle), math.sin(angle)
