"""A page is shown the way up that its words are, and its words lie where its pixels show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pymupdf
import pytest

from docpipe.intake.content import Content
from docpipe.records import Page
from docpipe.render.child.ocr.models import Networks
from docpipe.render.child.ocr.reading import read
from docpipe.render.renderer import Renderer
from docpipe.settings import Limits, Render, Settings
from tests.unit.render.printed import darkest, ink_outside, letter, pixels, png, receipt, scanned, table

MakeContent = Callable[..., Content]
ALL = frozenset({"pixels", "words", "geometry"})


@pytest.fixture(scope="module")
def networks() -> Networks:
    return Networks(2)


@pytest.fixture(scope="module")
def reader() -> Iterator[Renderer]:
    with Renderer(Settings(render=Render(ocr_threads=2))) as renderer:
        yield renderer


async def rendered(renderer: Renderer, content: Content, needs: frozenset[str] = ALL) -> Page:
    async with await renderer.open(content) as document:
        return await document.page(1, needs)


@pytest.mark.slow
@pytest.mark.parametrize("make", [letter, table, receipt])
@pytest.mark.parametrize("language", ["en", "fr", "zh"])
def test_scans_are_set_upright(networks: Networks, make: Callable[[str], pymupdf.Document], language: str) -> None:
    page = scanned(pixels(make(language), 150), falling=0.7)[:, :, ::-1]
    for quarters in range(4):
        lying = np.ascontiguousarray(np.rot90(page, -quarters))
        assert read(lying, networks, words=False).pose.turn == (360 - 90 * quarters) % 360


def sideways(rotate: int, *, page_rotation: int = 0) -> bytes:
    """Text drawn turned counter-clockwise on a page, a rule under it, a filled bar above."""
    file = pymupdf.open()
    upright = pymupdf.open()
    page = upright.new_page(width=400, height=300)
    page.draw_rect(pymupdf.Rect(40, 30, 240, 50), color=None, fill=(0.2, 0.2, 0.6))
    page.insert_text((44, 46), "header", color=(1, 1, 1))
    for row, line in enumerate(("Invoice 2024-117", "Amount due 99.50", "thirty days net")):
        page.insert_text((40, 90 + 24 * row), line, fontsize=12)
    page.draw_line((40, 200), (240, 200))
    size = (400, 300) if rotate % 180 == 0 else (300, 400)
    page = file.new_page(width=size[0], height=size[1])
    page.show_pdf_page(page.rect, upright, 0, rotate=rotate)
    page.set_rotation(page_rotation)
    data: bytes = file.tobytes()
    return data


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
async def test_text_drawn_sideways_is_set_upright_with_all_its_boxes(
    reader: Renderer, content: MakeContent, rotate: int
) -> None:
    straight = await rendered(reader, content(sideways(0), "straight.pdf"))
    page = await rendered(reader, content(sideways(rotate), "turned.pdf"))
    assert page.text_source == "layer"
    assert [word.text for word in page.words] == [word.text for word in straight.words]
    assert (page.width_pt, page.height_pt) == (400, 300)
    assert page.notes == ((f"upright {page.rotation}",) if rotate else ())
    for word, expected in zip(page.words, straight.words, strict=True):
        assert np.allclose(word.box, expected.box, atol=0.02)
        assert word.size == pytest.approx(expected.size, rel=0.02)
        assert darkest(page, word) > 120
    (rule,), (fill,) = page.geometry.rules, page.geometry.fills
    assert np.allclose(rule, (0.1, 2 / 3, 0.6, 2 / 3), atol=0.01)
    assert np.allclose(fill, (0.1, 0.1, 0.6, 1 / 6), atol=0.01)
    assert page.pixels is not None
    assert straight.pixels is not None
    assert np.abs(page.pixels.astype(int) - straight.pixels).mean() < 3


@pytest.mark.parametrize("rotate", [90, 180, 270])
async def test_pixels_alone_of_a_page_with_text_are_upright_too(
    reader: Renderer, content: MakeContent, rotate: int
) -> None:
    page = await rendered(reader, content(sideways(rotate)), frozenset({"pixels"}))
    both = await rendered(reader, content(sideways(rotate)))
    assert page.pixels is not None
    assert (page.pixels == both.pixels).all()


async def test_a_rotated_page_whose_text_is_upright_then_is_left_alone(reader: Renderer, content: MakeContent) -> None:
    page = await rendered(reader, content(sideways(90, page_rotation=90)))
    assert (page.notes, page.rotation, page.width_pt) == ((), 90, 400)
    assert all(darkest(page, word) > 120 for word in page.words)


async def test_a_caption_up_the_margin_turns_nothing(reader: Renderer, content: MakeContent) -> None:
    file = letter()
    file[0].insert_text((30, 700), "Form 12-B, archive copy, keep for ten years", rotate=90)
    page = await rendered(reader, content(file.tobytes()))
    assert (page.notes, page.rotation) == ((), 0)


async def test_vertical_writing_is_not_lying_on_its_side(reader: Renderer, content: MakeContent) -> None:
    """Columns of single characters from the top down, as Japanese is set."""
    file = pymupdf.open()
    page = file.new_page(width=300, height=400)
    for column, text in enumerate(("請求書の日付から三十日", "以内にお支払いください", "商品の所有権は全額支払")):
        for row, one in enumerate(text):
            page.insert_text((240 - 30 * column, 40 + 18 * row), one, fontname="japan", fontsize=14)
    got = await rendered(reader, content(file.tobytes()))
    assert (got.notes, got.rotation) == ((), 0)


async def test_a_spread_of_two_pages_stays_one_page(reader: Renderer, content: MakeContent) -> None:
    left, right = pixels(letter("en"), 100), pixels(letter("de", seed=1), 100)
    spread = scanned(np.concatenate((left, right), axis=1))
    async with await reader.open(content(png(spread, 100), "spread.png")) as document:
        assert document.page_count == 1
        page = await document.page(1, ALL)
    assert page.width_pt > page.height_pt
    assert page.notes == ()
    centres = [(word.box[0] + word.box[2]) / 2 for word in page.words]
    assert min(sum(x < 0.5 for x in centres), sum(x > 0.5 for x in centres)) > 50


async def test_scans_of_which_only_pixels_are_wanted_are_turned_if_asked(content: MakeContent) -> None:
    upside_down = content(png(scanned(pixels(letter(), 100))[::-1, ::-1], 100), "down.png")
    needs = frozenset({"pixels", "layer"})
    with Renderer(Settings(limits=Limits(ocr_memory_bytes=1024))) as renderer:  # it could not even start
        as_it_lies = await rendered(renderer, upside_down, needs)
    with Renderer(Settings(render=Render(upright_scans="all"))) as renderer:
        page = await rendered(renderer, upside_down, needs)
    assert as_it_lies.notes == ()
    assert page.notes == ("upright 180",)
    assert (page.text_source, page.words, page.rotation) == ("none", (), 180)
    assert page.pixels is not None
    assert as_it_lies.pixels is not None
    assert (page.pixels == as_it_lies.pixels[::-1, ::-1]).mean() > 0.9


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("user_unit", [1, 2])
async def test_words_lie_on_their_ink_whatever_box_rotation_and_unit_a_page_has(
    reader: Renderer, content: MakeContent, rotation: int, user_unit: int
) -> None:
    file = pymupdf.open()
    page = file.new_page(width=500, height=400)
    for row, word in enumerate(("Alpha", "Bravo", "Charlie")):
        page.insert_text((180, 150 + 40 * row), word, fontsize=14, rotate=rotation)
    page.set_cropbox(pymupdf.Rect(60, 40, 460, 340))
    file.xref_set_key(page.xref, "UserUnit", str(user_unit))
    page.set_rotation(rotation)
    got = await rendered(reader, content(file.tobytes()))
    assert {word.text for word in got.words} == {"Alpha", "Bravo", "Charlie"}
    assert all(word.visible and darkest(got, word) > 150 for word in got.words)
    assert ink_outside(got) == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("angle", [-5.0, 3.0])
async def test_words_of_a_tilted_scan_lie_on_their_ink(reader: Renderer, content: MakeContent, angle: float) -> None:
    file = pymupdf.open()
    page = file.new_page(width=500, height=360)
    page.insert_image(page.rect, stream=png(scanned(pixels(letter(size=(500, 360)), 150), falling=angle), 150))
    got = await rendered(reader, content(file.tobytes()))
    assert all(darkest(got, word) > 100 for word in got.words)
    assert ink_outside(got) < 0.02
