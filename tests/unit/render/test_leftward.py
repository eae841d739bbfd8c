"""Words of Hebrew and Arabic pages come in the order in which they are read, however the file stores them."""

from __future__ import annotations

from collections.abc import Callable

import pymupdf
import pytest

from docpipe.intake.content import Content
from docpipe.render.renderer import Renderer

MakeContent = Callable[..., Content]
WORDS = frozenset({"words"})
NUMBER = "\u05de\u05e1\u05e4\u05e8"  # Hebrew "number"
INVOICE = "\u05d7\u05e9\u05d1\u05d5\u05e0\u05d9\u05ea"
DATE = "\u062a\u0627\u0631\u064a\u062e"  # Arabic "date"


def page_of(*paragraphs: str) -> pymupdf.Document:
    file = pymupdf.open()
    body = "".join(f'<p dir="rtl">{text}</p>' for text in paragraphs)
    file.new_page().insert_htmlbox((50, 50, 545, 800), body)
    return file


async def words_of(renderer: Renderer, content: Content) -> list[str]:
    return [word.text for word in (await (await renderer.open(content)).page(1, WORDS)).words]


async def test_words_and_letters_are_in_reading_order(renderer: Renderer, content: MakeContent) -> None:
    data = page_of(f"{NUMBER} {INVOICE}: 1042", f"{DATE}: \u0661\u0665/\u0660\u0663/\u0662\u0660\u0662\u0664").tobytes()
    assert await words_of(renderer, content(data)) == [NUMBER, f"{INVOICE}:", "1042", f"{DATE}:", "15/03/2024"]


async def test_amounts_in_arabic_digits_are_written_as_others(renderer: Renderer, content: MakeContent) -> None:
    data = page_of(f"{DATE}: \u0661\u066c\u0660\u0663\u0665\u066b\u0660\u0660").tobytes()
    assert await words_of(renderer, content(data)) == [f"{DATE}:", "1,035.00"]


async def test_hyphens_between_digits_do_not_part_a_number(renderer: Renderer, content: MakeContent) -> None:
    assert await words_of(renderer, content(page_of(f"{DATE} 77-31").tobytes())) == [DATE, "77-31"]


@pytest.mark.parametrize("stored", ["as it is read", "as it stands"])
async def test_the_order_in_which_the_file_stores_a_line_plays_no_part(
    renderer: Renderer, content: MakeContent, stored: str
) -> None:
    text = f"{NUMBER} {INVOICE}"
    file = pymupdf.open()
    page = file.new_page()
    font = pymupdf.Font(fontbuffer=_hebrew())
    at, places = 100.0, []
    for letter in reversed(text):
        places.append((at, letter))
        at += font.text_length(letter, 11)
    writer = pymupdf.TextWriter(page.rect)
    for at, letter in reversed(places) if stored == "as it is read" else places:
        writer.append((at, 100), letter, font=font, fontsize=11)
    writer.write_text(page)
    assert await words_of(renderer, content(file.tobytes())) == [NUMBER, INVOICE]


async def test_boxes_stay_where_the_words_stand(renderer: Renderer, content: MakeContent) -> None:
    page = await (await renderer.open(content(page_of(f"{NUMBER}: 1042").tobytes()))).page(1, WORDS)
    caption, value = page.words
    assert value.box.right < caption.box.left
    assert caption.visible
    assert value.visible


async def test_lines_that_run_right_are_left_alone(renderer: Renderer, content: MakeContent) -> None:
    file = page_of(f"{NUMBER}: 1042")
    file[0].insert_text((50, 500), "Order of 3 fine bolts", fontsize=11)
    assert (await words_of(renderer, content(file.tobytes())))[-5:] == ["Order", "of", "3", "fine", "bolts"]


def _hebrew() -> bytes:
    """The font that MuPDF ships for Hebrew, out of a page that it drew."""
    file = page_of(f"{NUMBER} {INVOICE}")
    for xref, *_ in file[0].get_fonts():
        name, _, _, data = file.extract_font(xref)
        if "Hebrew" in name:
            return bytes(data)
    raise AssertionError("no Hebrew font was used")
