"""What a PDF page would cost, found out before MuPDF interprets it. In the decoder's process only.

    page box     missing, empty, inverted or no numbers: replaced, and said so
    content      more bytes than limits allow once decoded: PageTooLarge (a few KB of Flate hold 100 MB)
    images       more pixels declared than limits allow: ImageTooLarge
    annotations  more than `MAX_OBJECTS`: PageTooLarge

Only what a page names is looked at: its content, the appearances of its annotations, and what its
resources and theirs in turn name: forms, images, patterns, shadings, soft masks, glyphs of Type 3 fonts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from docpipe.errors import ImageTooLarge, PageTooLarge
from docpipe.render.child.pdf.mupdf import pymupdf
from docpipe.settings import Limits

FLATE_RATIO = 1_032  # no stream of RFC 1951 grows more: 258 bytes from two bits
MAX_OBJECTS = 20_000  # that one page may name
MAX_DEPTH = 32

mupdf = pymupdf.mupdf


def mend_box(page: pymupdf.Page) -> bool:
    """Give the page a box that has an area: its CropBox, else MuPDF's own choice, Letter.

    Returns whether anything was wrong with what the file says.
    """
    entry = _object(page)
    media = mupdf.pdf_dict_get_inheritable(entry, mupdf.PDF_ENUM_NAME_MediaBox)
    crop = mupdf.pdf_dict_get_inheritable(entry, mupdf.PDF_ENUM_NAME_CropBox)
    unit = _get(entry, mupdf.PDF_ENUM_NAME_UserUnit)
    mended = False
    if not _is_box(media):
        mended = True
        if _is_box(crop):
            mupdf.pdf_dict_put(entry, mupdf.PDF_ENUM_NAME_MediaBox, crop)
    if not mupdf.pdf_is_null(unit) and not mupdf.pdf_to_real(unit) > 0:
        mended = True
        mupdf.pdf_dict_del(entry, mupdf.PDF_ENUM_NAME_UserUnit)
    return mended


def _is_box(entry: Any) -> bool:
    """Four numbers, lower left before upper right (PDF 1.7, 7.9.5 allows any order; nobody writes it)."""
    if mupdf.pdf_array_len(entry) != 4:
        return False
    sides = [mupdf.pdf_array_get(entry, place) for place in range(4)]
    if not all(mupdf.pdf_is_number(side) for side in sides):
        return False
    x0, y0, x1, y1 = map(mupdf.pdf_to_real, sides)
    return bool(x0 < x1 and y0 < y1)


class Inspector:
    """Looks at the pages of one document; each object is measured once."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._bounds: dict[int, int] = {}
        self._sizes: dict[int, int] = {}

    def inspect(self, page: pymupdf.Page) -> None:
        """Raises PageTooLarge or ImageTooLarge."""
        entry = _object(page)
        streams = list(islice(_streams(_get(entry, mupdf.PDF_ENUM_NAME_Contents)), MAX_OBJECTS + 1))
        if len(streams) > MAX_OBJECTS or not self._fit(streams):
            raise self._too_large("the page's content")
        annotations = _get(entry, mupdf.PDF_ENUM_NAME_Annots)
        if mupdf.pdf_array_len(annotations) > MAX_OBJECTS:
            raise self._too_large("what the page is annotated with")
        seen: set[int] = set()
        self._inspect_named(_appearances(annotations), seen, 0)
        self._inspect_named(_named(mupdf.pdf_dict_get_inheritable(entry, mupdf.PDF_ENUM_NAME_Resources)), seen, 0)

    def _inspect_named(self, things: Iterable[Any], seen: set[int], depth: int) -> None:
        for place, named in enumerate(things):
            number = mupdf.pdf_to_num(named)
            if number and number in seen:
                continue
            seen.add(number)
            if max(len(seen), place) > MAX_OBJECTS or depth > MAX_DEPTH:
                raise self._too_large("what the page's resources name")
            if mupdf.pdf_name_eq(_get(named, mupdf.PDF_ENUM_NAME_Subtype), mupdf.PDF_ENUM_NAME_Image):
                self._inspect_image(named)
                continue
            if not self._fit([named]):
                raise self._too_large("a form of the page")
            inner = _get(named, mupdf.PDF_ENUM_NAME_Resources)
            if not mupdf.pdf_is_null(inner):
                self._inspect_named(_named(inner), seen, depth + 1)

    def _inspect_image(self, image: Any) -> None:
        for picture in (image, _get(image, mupdf.PDF_ENUM_NAME_SMask), _get(image, mupdf.PDF_ENUM_NAME_Mask)):
            width = mupdf.pdf_to_int(_get(picture, mupdf.PDF_ENUM_NAME_Width))
            height = mupdf.pdf_to_int(_get(picture, mupdf.PDF_ENUM_NAME_Height))
            if width * height > self._limits.max_image_pixels:
                raise ImageTooLarge(
                    f"an image of the page has {width:,} x {height:,} pixels, {self._limits.max_image_pixels:,} allowed"
                )

    def _fit(self, streams: list[Any]) -> bool:
        """Whether they are within the limit together. Decodes only where their length leaves a doubt."""
        most = self._limits.max_content_bytes
        for measure, known in ((self._bound, self._bounds), (self._size, self._sizes)):
            total = 0
            for stream in streams:
                number = mupdf.pdf_to_num(stream)
                if number not in known:
                    known[number] = measure(stream)
                total += known[number]
                if total > most:
                    break
            else:
                return True
        return False

    def _bound(self, stream: Any) -> int:
        """No decoding: what Flate can make of the stream's length, or more than the limit."""
        most = self._limits.max_content_bytes
        if not mupdf.pdf_is_stream(stream):
            return 0
        if not _has_one_filter(stream):
            return most + 1
        return FLATE_RATIO * _skipped(mupdf.pdf_open_raw_stream, stream, most // FLATE_RATIO + 1)

    def _size(self, stream: Any) -> int:
        """Decoded bytes, at most one over the limit."""
        return _skipped(mupdf.pdf_open_stream, stream, self._limits.max_content_bytes + 1)

    def _too_large(self, what: str) -> PageTooLarge:
        return PageTooLarge(
            f"{what} is over {self._limits.max_content_bytes:,} bytes once decoded, or over {MAX_OBJECTS:,} objects",
            remedy="Raise limits.max_content_bytes if the file is honest.",
        )


def _skipped(opened: Callable[[Any], Any], stream: Any, most: int) -> int:
    """Bytes that could be read. What is broken counts as nothing: MuPDF stops there, too."""
    try:
        return int(mupdf.fz_skip(opened(stream), most))
    except (RuntimeError, mupdf.FzErrorBase):
        return 0


def _object(page: pymupdf.Page) -> Any:
    return mupdf.pdf_page_from_fz_page(page.this).obj()


def _get(entry: Any, key: int) -> Any:
    return mupdf.pdf_dict_get(entry, key)


def _streams(contents: Any) -> Iterator[Any]:
    if not mupdf.pdf_is_array(contents):
        yield contents
        return
    for place in range(mupdf.pdf_array_len(contents)):
        yield mupdf.pdf_array_get(contents, place)


def _named(resources: Any) -> Iterator[Any]:
    """What the resources of a page, a form or a Type 3 font name, if it can hold streams (PDF 1.7, 7.8.3)."""
    for kind in (mupdf.PDF_ENUM_NAME_XObject, mupdf.PDF_ENUM_NAME_Pattern, mupdf.PDF_ENUM_NAME_Shading):
        for entry in _values(_get(resources, kind)):
            yield entry
            if kind == mupdf.PDF_ENUM_NAME_Pattern:
                yield _get(entry, mupdf.PDF_ENUM_NAME_Shading)
    for state in _values(_get(resources, mupdf.PDF_ENUM_NAME_ExtGState)):
        yield _get(_get(state, mupdf.PDF_ENUM_NAME_SMask), mupdf.PDF_ENUM_NAME_G)
    for font in _values(_get(resources, mupdf.PDF_ENUM_NAME_Font)):
        if mupdf.pdf_name_eq(_get(font, mupdf.PDF_ENUM_NAME_Subtype), mupdf.PDF_ENUM_NAME_Type3):
            yield font
            yield from _values(_get(font, mupdf.PDF_ENUM_NAME_CharProcs))


def _appearances(annotations: Any) -> Iterator[Any]:
    """The normal appearances of annotations: one, or one for each state (PDF 1.7, 12.5.5)."""
    for place in range(mupdf.pdf_array_len(annotations)):
        both = _get(mupdf.pdf_array_get(annotations, place), mupdf.PDF_ENUM_NAME_AP)
        normal = _get(both, mupdf.PDF_ENUM_NAME_N)
        yield from [normal] if mupdf.pdf_is_stream(normal) else _values(normal)


def _values(entries: Any) -> Iterator[Any]:
    for place in range(mupdf.pdf_dict_len(entries)):
        yield mupdf.pdf_dict_get_val(entries, place)


def _has_one_filter(stream: Any) -> bool:
    """None, or Flate alone: its growth is bounded."""
    filters = _get(stream, mupdf.PDF_ENUM_NAME_Filter)
    if mupdf.pdf_is_array(filters):
        if mupdf.pdf_array_len(filters) > 1:
            return False
        filters = mupdf.pdf_array_get(filters, 0)
    return bool(mupdf.pdf_is_null(filters) or mupdf.pdf_name_eq(filters, mupdf.PDF_ENUM_NAME_FlateDecode))
