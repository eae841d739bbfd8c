"""A page is told apart into what is read as one: text, headings, tables, pictures, in reading order."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from docpipe.intake.content import Content
from docpipe.page.box import Box
from docpipe.records import Geometry, Grid, Page, Region, Word
from docpipe.render.regions import MAX_LINES, MAX_REGIONS, regions
from docpipe.render.renderer import Renderer
from tests.unit.render.printed import letter, pixels, png, scanned, table

MakeContent = Callable[..., Content]
PROSE = "the goods remain our property until they are paid in full and may not be sold or lent before that day "
WORDS = frozenset({"words", "geometry"})


async def laid_out(renderer: Renderer, content: Content) -> Page:
    async with await renderer.open(content) as document:
        return await document.page(1, WORDS)


def kinds(page: Page) -> list[str]:
    return [region.kind for region in page.geometry.regions]


def text_in(page: Page, region: Region) -> str:
    return " ".join(word.text for word in page.words if within(word.box, region.box))


def within(inner: Box, outer: Box, slack: float = 1e-6) -> bool:
    starts = all(outer[side] - slack <= inner[side] for side in (0, 1))
    return starts and all(inner[side] <= outer[side] + slack for side in (2, 3))


def columns(file: pymupdf.Document) -> pymupdf.Page:
    """A title over two columns, each of two paragraphs whose gaps are at the same height."""
    page = file.new_page(width=595, height=842)
    page.insert_text((60, 70), "Terms of delivery", fontsize=20)
    for column, x in enumerate((60, 310)):
        for part, y in enumerate((110, 330)):
            page.insert_textbox((x, y, x + 225, y + 200), f"c{column}p{part} " + PROSE * 5, fontsize=10)
    return page


async def test_a_title_over_two_columns_is_read_column_by_column(renderer: Renderer, content: MakeContent) -> None:
    with pymupdf.open() as file:
        columns(file)
        page = await laid_out(renderer, content(file.tobytes()))
    assert kinds(page) == ["heading", "text", "text", "text", "text"]
    texts = [text_in(page, region) for region in page.geometry.regions]
    assert texts[0] == "Terms of delivery"
    assert [text[:4] for text in texts[1:]] == ["c0p0", "c0p1", "c1p0", "c1p1"]


async def test_a_picture_and_its_caption_between_paragraphs(renderer: Renderer, content: MakeContent) -> None:
    photo = io.BytesIO()
    Image.radial_gradient("L").save(photo, "PNG")
    with pymupdf.open() as file:
        page = file.new_page(width=595, height=842)
        page.insert_textbox((60, 60, 535, 200), PROSE * 6, fontsize=10)
        page.insert_image(pymupdf.Rect(150, 220, 450, 420), stream=photo.getvalue(), keep_proportion=False)
        page.insert_text((220, 435), "Figure 1: the works in spring", fontsize=9)
        page.insert_textbox((60, 480, 535, 700), PROSE * 6, fontsize=10)
        read = await laid_out(renderer, content(file.tobytes()))
    assert kinds(read) == ["text", "picture", "text", "text"]
    assert read.geometry.regions[1].box == pytest.approx((150 / 595, 220 / 842, 450 / 595, 420 / 842), abs=1e-3)
    assert text_in(read, read.geometry.regions[2]).startswith("Figure 1")


async def test_a_ruled_table_is_one_region_with_all_its_words(renderer: Renderer, content: MakeContent) -> None:
    with table() as file:
        file[0].insert_text((60, 100), "Deliveries of the year", fontsize=16)
        file[0].insert_textbox((60, 560, 535, 700), PROSE * 5, fontsize=10)
        page = await laid_out(renderer, content(file.tobytes()))
    assert kinds(page) == ["heading", "table", "text"]
    assert within(page.geometry.grids[0].box, page.geometry.regions[1].box)


async def test_aligned_columns_without_a_line_are_a_table_and_a_letter_has_none(
    renderer: Renderer, content: MakeContent
) -> None:
    with pymupdf.open() as file:
        page = file.new_page(width=595, height=842)
        page.insert_textbox((60, 60, 535, 160), PROSE * 4, fontsize=10)
        for row in range(8):
            for x, text in ((60, f"Article {row}"), (250, str(row * 3)), (350, f"{row * 7}.50"), (450, f"{row}1.00")):
                page.insert_text((x, 230 + 16 * row), text, fontsize=10)
        page.insert_textbox((60, 420, 535, 560), PROSE * 4, fontsize=10)
        assert kinds(await laid_out(renderer, content(file.tobytes()))) == ["text", "table", "text"]
    with letter() as file:
        assert set(kinds(await laid_out(renderer, content(file.tobytes())))) == {"text"}


async def test_the_regions_of_a_scan_are_of_the_words_as_it_is_shown(renderer: Renderer, content: MakeContent) -> None:
    """Its words come from the recogniser, and it is upright by then; the scan itself is no picture."""
    with pymupdf.open() as file:
        columns(file)
        upside_down = scanned(pixels(file, 150))[::-1, ::-1]
    page = await laid_out(renderer, content(png(upside_down, 150), "scan.png"))
    assert page.rotation == 180
    found = page.geometry.regions
    assert "picture" not in kinds(page)
    assert text_in(page, found[0]).startswith("Terms")
    (left,) = (number for number, region in enumerate(found) if text_in(page, region).startswith("c0p1"))
    (right,) = (number for number, region in enumerate(found) if text_in(page, region).startswith("c1p0"))
    assert left < right


async def test_who_wants_pixels_alone_gets_no_regions(renderer: Renderer, content: MakeContent) -> None:
    with letter() as file:
        async with await renderer.open(content(file.tobytes())) as document:
            assert (await document.page(1, frozenset({"pixels"}))).geometry == Geometry()
            assert (await document.page(1, frozenset({"layer"}))).geometry.regions


fractions = st.floats(0, 1)
boxes = st.tuples(fractions, fractions, fractions, fractions).map(
    lambda sides: Box(
        min(sides[0], sides[2]), min(sides[1], sides[3]), max(sides[0], sides[2]), max(sides[1], sides[3])
    )
)
words = st.builds(
    Word,
    text=st.sampled_from(["Total", "1,234.50", "the", "-", "発注"]),
    box=boxes,
    line=st.integers(0, 5),
    block=st.integers(0, 3),
    visible=st.booleans(),
    bold=st.booleans(),
    size=st.floats(0, 0.1),
)
edges = st.lists(fractions, min_size=2, max_size=5, unique=True).map(sorted).map(tuple)


@settings(deadline=None)
@given(
    st.lists(words, max_size=40),
    st.lists(boxes, max_size=6),
    st.lists(st.builds(Grid, edges, edges), max_size=4),
    st.sampled_from([(595.0, 842.0), (10_000.0, 60.0), (1e-3, 1e-3), (1e6, 1e6)]),
)
def test_whatever_a_page_holds_its_regions_are_on_it_and_hold_every_visible_word(
    given_words: list[Word], images: list[Box], grids: list[Grid], size: tuple[float, float]
) -> None:
    geometry = Geometry(images=tuple(images), grids=tuple(grids))
    found = regions(Page(1, *size, words=tuple(given_words), geometry=geometry))
    assert len(found) <= MAX_REGIONS
    for region in found:
        x0, y0, x1, y1 = region.box
        assert 0 <= x0 <= x1 <= 1
        assert 0 <= y0 <= y1 <= 1
    for word in given_words:
        assert not word.visible or any(within(word.box, region.box) for region in found)


def test_many_scattered_words_are_bounded_and_beyond_a_limit_not_cut() -> None:
    chance = Random(1)

    def scattered(count: int) -> Page:
        places = [(chance.random(), chance.random()) for _ in range(count)]
        found = [Word("7", Box(x, y, x + 1e-4, y + 1e-4), line=number) for number, (x, y) in enumerate(places)]
        return Page(1, 595, 842, words=tuple(found))

    assert 1 < len(regions(scattered(MAX_LINES))) <= MAX_REGIONS
    assert len(regions(scattered(50_000))) == 1


def test_the_cells_of_a_row_are_one_line_of_type_though_the_file_calls_each_a_line() -> None:
    """Their words are parted where a gap is wide, and no line of the file joins what stands on two."""

    def shown(*, line_of_cell: int) -> Page:
        words = [
            Word(
                text, Box(left, 0.1 + 0.02 * row, left + 0.04, 0.112 + 0.02 * row), line=line_of_cell * (3 * row + cell)
            )
            for row in range(6)
            for cell, cells in enumerate((("Bolt", "long"), ("2",), ("9.00",)))
            for left, text in zip((0.1 + 0.3 * cell, 0.145 + 0.3 * cell), cells, strict=False)
        ]
        return Page(1, 595, 842, words=tuple(words))

    assert [region.kind for region in regions(shown(line_of_cell=1))] == ["table"]
    assert regions(shown(line_of_cell=0)) == regions(shown(line_of_cell=1))


def test_words_on_an_image_make_it_their_ground() -> None:
    band, logo = (0.0, 0.0, 1.0, 0.1), (0.4, 0.3, 0.6, 0.5)
    page = Page(1, 595, 842, words=(Word("Total", Box(0.1, 0.02, 0.2, 0.04)),), geometry=Geometry(images=(band, logo)))
    assert [region.kind for region in regions(page)] == ["text", "picture"]
    paper = replace(page, words=(), geometry=Geometry(images=((0.0, 0.0, 1.0, 1.0), logo, (0.1, 0.1, 0.101, 0.101))))
    assert [region.box for region in regions(paper)] == [pytest.approx(logo)]
    hidden = replace(page, words=(replace(page.words[0], visible=False),))
    assert [region.kind for region in regions(hidden)] == ["picture", "picture"]
