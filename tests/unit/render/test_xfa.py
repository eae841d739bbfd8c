"""An XFA form that is nothing but one is named; one that has pages of a PDF besides is read, and says so."""

from __future__ import annotations

from collections.abc import Callable

import pymupdf
import pytest

from docpipe.errors import UnsupportedType
from docpipe.intake.content import Content
from docpipe.render.renderer import Renderer

MakeContent = Callable[..., Content]
WORDS = frozenset({"words"})


def form(text: str, *, needs_rendering: bool = False, field: bool = False, pages: int = 1) -> bytes:
    file = pymupdf.open()
    for number in range(pages):
        page = file.new_page()
        page.insert_text((50, 50), text)
        if field and not number:
            widget = pymupdf.Widget()
            widget.field_type, widget.field_name = pymupdf.PDF_WIDGET_TYPE_TEXT, "total"
            widget.rect, widget.field_value = pymupdf.Rect(50, 100, 200, 120), "12.00"
            page.add_widget(widget)
    packet = file.get_new_xref()
    file.update_object(packet, "<< >>")
    file.update_stream(packet, b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
    catalog = file.pdf_catalog()
    if not field:
        file.xref_set_key(catalog, "AcroForm", "<< /Fields [] >>")
    file.xref_set_key(catalog, "AcroForm/XFA", f"{packet} 0 R")
    if needs_rendering:
        file.xref_set_key(catalog, "NeedsRendering", "true")
    return file.tobytes()


@pytest.mark.parametrize(
    "data",
    [
        form("Please wait... If this message is not eventually replaced by the proper contents of the document"),
        form("Bitte warten", needs_rendering=True),
    ],
)
async def test_a_form_without_pages_of_its_own_is_named(renderer: Renderer, content: MakeContent, data: bytes) -> None:
    with pytest.raises(UnsupportedType, match=r"XFA.*print it"):
        await renderer.open(content(data))


@pytest.mark.parametrize(
    "data",
    [form("Invoice INV-7"), form("Please wait for us", field=True), form("Invoice", needs_rendering=True, pages=2)],
)
async def test_a_form_with_pages_is_read_with_a_note(renderer: Renderer, content: MakeContent, data: bytes) -> None:
    page = await (await renderer.open(content(data))).page(1, WORDS)
    assert page.words
    assert "XFA form" in page.notes


async def test_a_form_that_is_no_xfa_has_no_note(renderer: Renderer, content: MakeContent) -> None:
    file = pymupdf.open()
    file.new_page().insert_text((50, 50), "please wait")
    page = await (await renderer.open(content(file.tobytes()))).page(1, WORDS)
    assert "XFA form" not in page.notes
