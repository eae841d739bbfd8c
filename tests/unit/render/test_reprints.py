"""What a printer draws twice a hair apart is one word; what stands beside its like is two."""

from __future__ import annotations

import pymupdf
import pytest

from docpipe.render.child.pdf.text_layer import layer_of

LINE = "Invoice 10 10 11 II 1 1 Bookkeeper 100.00"
FONT = pymupdf.Font("helv")


def draw(page: pymupdf.Page, x: float, y: float, text: str, size: float = 10.0) -> None:
    """A text of its own, as a driver writes it that draws a line again."""
    writer = pymupdf.TextWriter(page.rect)
    writer.append((x, y), text, font=FONT, fontsize=size)
    writer.write_text(page)


def words(file: pymupdf.Document) -> list[str]:
    page = pymupdf.open(stream=file.tobytes())[0]
    return [word.text for word in layer_of(page.get_displaylist(), (page.rect.width, page.rect.height)).words]


def new_page() -> tuple[pymupdf.Document, pymupdf.Page]:
    file = pymupdf.open()
    return file, file.new_page(width=400, height=300)


@pytest.mark.parametrize("aside", [(0.0, 0.0), (0.3, 0.0), (0.0, 0.5), (0.6, 0.4), (1.0, 1.0), (1.8, 0.0)])
def test_a_line_drawn_twice_is_read_once(aside: tuple[float, float]) -> None:
    file, page = new_page()
    draw(page, 40, 50, LINE)
    draw(page, 40 + aside[0], 50 + aside[1], LINE)
    assert words(file) == LINE.split()


def test_a_page_drawn_twice_is_read_once() -> None:
    file, page = new_page()
    for _ in range(2):
        for row in range(5):
            draw(page, 40, 50 + 14 * row, f"{row} {LINE}")
    assert words(file) == [word for row in range(5) for word in (str(row), *LINE.split())]


@pytest.mark.parametrize("aside", [0.3, 1.0])
@pytest.mark.parametrize("letters", [True, False])
def test_words_and_letters_drawn_twice_one_by_one_are_read_once(aside: float, letters: bool) -> None:
    file, page = new_page()
    x = 40.0
    for part in LINE if letters else LINE.split():
        draw(page, x, 50, part)
        draw(page, x + aside, 50, part)
        x += FONT.text_length(part if letters else f"{part} ", 10.0)
    assert words(file) == LINE.split()


def test_only_what_was_drawn_twice_is_merged() -> None:
    file, page = new_page()
    draw(page, 40, 50, "Total")
    draw(page, 40.4, 50, "Total")
    draw(page, 40, 70, "Total")
    assert words(file) == ["Total", "Total"]


@pytest.mark.parametrize("size", [4.0, 10.0, 40.0])
def test_neighbours_and_lines_that_say_the_same_are_kept(size: float) -> None:
    file, page = new_page()
    for row in range(3):
        draw(page, 20, 60 + size * row, "10 10 1 1 i i", size)
    assert words(file) == ["10", "10", "1", "1", "i", "i"] * 3


def test_a_word_that_no_eye_sees_does_not_hide_the_one_that_is_drawn() -> None:
    file, page = new_page()
    page.insert_text((40, 50), "Total", fontsize=10, render_mode=3)
    draw(page, 40, 50, "Total")
    page = pymupdf.open(stream=file.tobytes())[0]
    seen = [word.visible for word in layer_of(page.get_displaylist(), (400, 300)).words]
    assert seen == [False, True]
