"""Blank pages are known as such, pages with the least of text are not; faint ones become readable."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pymupdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from docpipe.intake.content import Content
from docpipe.records import Page
from docpipe.render.child.image.paper import is_blank, levels, stretched
from docpipe.render.renderer import Renderer
from docpipe.settings import Settings
from tests.unit.render.printed import Pixels, letter, pixels, png, scanned

MakeContent = Callable[..., Content]
WIDTH_PT = 595.0


def paper(level: int = 245, grain: float = 4.0, seed: int = 0) -> Pixels:
    noise = np.random.default_rng(seed).normal(level, grain, (1169, 827, 1))
    return np.repeat(noise.clip(0, 255).astype(np.uint8), 3, axis=2)


def blank(page: Pixels) -> bool:
    return is_blank(page[:, :, 1], WIDTH_PT)


@settings(max_examples=20, deadline=None, derandomize=True)  # of a few thousand pages one is taken for marked
@given(st.integers(0, 1000), st.integers(150, 255), st.integers(0, 12))
@example(250, 150, 11)  # a grain at the edge of a speck
@example(81, 200, 6)  # and one near it
def test_paper_with_grain_and_dust_is_blank(seed: int, level: int, specks: int) -> None:
    """Specks apart: two that touch are a mark as somebody's pen would leave it."""
    page, rng = paper(level, seed=seed), np.random.default_rng(seed)
    for square in rng.choice(80, specks, replace=False):
        where = int(square % 8 * 100 + rng.integers(20, 80)), int(square // 8 * 110 + rng.integers(20, 90))
        cv2.circle(page, where, int(rng.integers(0, 3)), (60, 60, 60), -1)
    assert blank(page)


def test_a_scanners_dark_edges_are_blank() -> None:
    straight, wedge = paper(), paper()
    straight[:, :30], straight[:12] = 15, 25
    cv2.fillPoly(wedge, [np.array([[0, 0], [60, 0], [15, 1169], [0, 1169]])], (20, 20, 20))
    assert blank(straight)
    assert blank(wedge)


def test_a_shadow_or_coloured_paper_is_blank() -> None:
    shadow = (paper() * np.linspace(1.0, 0.5, 827)[None, :, None]).astype(np.uint8)
    assert blank(shadow)
    assert blank(paper(160))


@pytest.mark.parametrize("text", ["Ok.", "42", "see over", "Seite 3", "—  7  —", "已付"])
@pytest.mark.parametrize("place", [(80, 90), (300, 500), (30, 830)])
def test_a_short_line_of_text_is_not(text: str, place: tuple[int, int]) -> None:
    file = pymupdf.open()
    page = file.new_page(width=WIDTH_PT, height=842)
    page.insert_text(place, text, fontsize=10, fontname="china-s")
    assert not blank(pixels(file, 100))
    assert not blank(scanned(pixels(file, 100)))


@pytest.mark.parametrize("ink", [(80, 60, 150), (190, 190, 190)])
def test_a_signature_in_pen_or_pencil_is_not(ink: tuple[int, int, int]) -> None:
    page, t = paper(), np.arange(0, 12, 0.2)
    stroke = np.stack((300 + 24 * t, 900 + 25 * np.sin(1.3 * t)), axis=1).astype(np.int32)
    cv2.polylines(page, [stroke], False, ink, 2)
    assert not blank(page)


def test_a_white_line_on_a_dark_page_is_not() -> None:
    file = pymupdf.open()
    page = file.new_page(width=WIDTH_PT, height=842)
    page.draw_rect(page.rect, color=None, fill=(0.1, 0.1, 0.2))
    page.insert_text((200, 400), "Thank you", fontsize=12, color=(1, 1, 1))
    assert not blank(pixels(file, 100))


def test_what_shines_through_is_blank_while_it_is_fainter_than_ink() -> None:
    assert blank(scanned(pixels(letter(), 100)[:, ::-1], ink=230, paper=245, grain=1.0))


@pytest.mark.parametrize("contrast", [25, 40, 60])
def test_faint_ink_and_paper_are_measured_and_spread(contrast: int) -> None:
    page = scanned(pixels(letter(), 100), ink=235 - contrast, paper=235)
    black, white = levels(page)
    assert 235 - contrast - 8 <= black < 235
    assert abs(white - 235) <= 3
    spread = np.frombuffer(stretched(page, black, white), np.uint8)
    assert np.percentile(spread, 0.5) < 80
    assert np.median(spread) > 215


def test_good_pages_pictures_and_coloured_ones_are_left_alone() -> None:
    rng = np.random.default_rng(3)
    photo = cv2.resize(rng.integers(90, 170, (9, 12, 3), np.uint8), (800, 1100), interpolation=cv2.INTER_CUBIC)
    coloured = scanned(pixels(letter(), 100), ink=190, paper=240)
    coloured[:, :, 2] = 150
    one_line = paper()
    one_line[500:508:2, 100:220:3] = 30
    for page in (scanned(pixels(letter(), 100)), photo, coloured, one_line, paper()):
        assert levels(page) == (0, 255)


async def rendered(content: Content, *needs: str) -> Page:
    with Renderer(Settings()) as renderer:
        async with await renderer.open(content) as document:
            return await document.page(1, frozenset(needs))


@pytest.mark.slow
async def test_a_faint_scan_is_read_and_shown_stretched(content: MakeContent) -> None:
    file = letter("de")
    truth = {word[4] for word in file[0].get_text("words")}
    faint = scanned(pixels(file, 150), ink=208, paper=234)
    page = await rendered(content(png(faint, 150), "faint.png"), "words", "pixels")
    found = {word.text for word in page.words}
    assert len(found & truth) > 0.9 * len(truth)
    assert any(note.startswith("stretched ") for note in page.notes)
    assert page.pixels is not None
    assert int(page.pixels.max()) - int(page.pixels.min()) > 200
    shown = await rendered(content(png(faint, 150), "faint.png"), "pixels")
    assert [note.split()[0] for note in shown.notes] == ["stretched"]


@pytest.mark.slow
async def test_print_of_the_other_side_is_no_words(content: MakeContent) -> None:
    behind = scanned(pixels(letter(), 150)[:, ::-1], ink=195, paper=240, grain=1.0)
    page = await rendered(content(png(behind, 150), "back.png"), "words")
    assert (page.skipped, page.words) == ("blank", ())


async def test_faint_print_in_a_script_that_is_not_read_is_no_blank_page(content: MakeContent) -> None:
    """Nothing tells it from the other side's by how it reads; that it reads no better in the mirror does."""
    with pymupdf.open() as file:
        page = file.new_page(width=595, height=842)
        writer = pymupdf.TextWriter(page.rect)
        for y in range(90, 760, 22):
            writer.append((60, y), "Шановний замовнику, рахунок слід сплатити протягом днів", pymupdf.Font("notos"), 12)
        writer.write_text(page)
        faint = scanned(pixels(file, 150), ink=200, paper=238)
    found = await rendered(content(png(faint, 150), "cyrillic.png"), "words")
    assert found.skipped == ""
