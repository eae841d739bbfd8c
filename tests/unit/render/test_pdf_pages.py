"""What a PDF page says, where, and whether anybody can see it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pymupdf
import pytest

from docpipe.intake.content import Content
from docpipe.page.box import Box
from docpipe.records import Page
from docpipe.render.renderer import Renderer
from docpipe.settings import Render, Settings

MakeContent = Callable[..., Content]
ALL = frozenset({"pixels", "words", "geometry"})
WORDS = frozenset({"words"})


def blank_page(width: float = 400, height: float = 300) -> tuple[pymupdf.Document, pymupdf.Page]:
    file = pymupdf.open()
    return file, file.new_page(width=width, height=height)


async def rendered(renderer: Renderer, content: Content, needs: frozenset[str], number: int = 1) -> Page:
    async with await renderer.open(content) as document:
        return await document.page(number, needs)


def near(left: Box, right: tuple[float, float, float, float], tolerance: float = 0.01) -> bool:
    return bool(np.allclose(left, right, atol=tolerance))


async def test_words_carry_box_size_and_weight(renderer: Renderer, content: MakeContent) -> None:
    file, page = blank_page()
    page.insert_text((40, 60), "Invoice", fontsize=20)
    page.insert_text((40, 120), "Total", fontname="hebo", fontsize=10)
    page.insert_text((80, 120), "19,99 EUR", fontsize=10)
    got = await rendered(renderer, content(file.tobytes()), WORDS)
    assert (got.text_source, got.pixels, got.width_pt, got.height_pt) == ("layer", None, 400, 300)
    assert [word.text for word in got.words] == ["Invoice", "Total", "19,99", "EUR"]
    title, total, amount, _ = got.words
    assert near(title.box, (0.1, 0.14, 0.26, 0.22), 0.02)
    assert title.size == pytest.approx(20 / 300, abs=1e-3)
    assert (title.bold, total.bold, amount.bold) == (False, True, False)
    assert (title.block, total.block, amount.block) == (0, 1, 1)
    assert all(word.visible and word.confidence == 1.0 for word in got.words)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
async def test_a_word_lies_where_its_ink_is(renderer: Renderer, content: MakeContent, rotation: int) -> None:
    file, page = blank_page()
    page.insert_text((130, 130), "Alpha", fontsize=20, rotate=rotation)  # upright as the page is shown
    page.draw_line((300, 200), (300, 280))
    page.draw_rect(pymupdf.Rect(20, 200, 120, 280), color=None, fill=(0.5, 0.5, 0.5))
    page.set_rotation(rotation)
    got = await rendered(renderer, content(file.tobytes()), ALL)
    assert got.rotation == rotation
    assert (got.width_pt, got.height_pt) == ((300, 400) if rotation % 180 else (400, 300))
    (word,) = got.words
    (fill,), (rule,) = got.geometry.fills, got.geometry.rules
    assert darkness(got, word.box) > 10
    assert darkness(got, fill) > 100
    assert darkness(got, rule) > 50
    assert darkness(got, (0.45, 0.45, 0.55, 0.55)) == 0


def darkness(page: Page, box: Box) -> float:
    """Mean of 255 minus the gray level inside a box; a rule is widened to a pixel."""
    assert page.pixels is not None
    x0, x1 = int(box[0] * page.width_px), int(np.ceil(box[2] * page.width_px)) + 1
    y0, y1 = int(box[1] * page.height_px), int(np.ceil(box[3] * page.height_px)) + 1
    return 255 - float(page.pixels[y0:y1, x0:x1].mean())


async def test_pixels_fill_the_budget_exactly(renderer: Renderer, content: MakeContent) -> None:
    file, page = blank_page(595.28, 841.89)
    page.draw_rect(page.rect, color=None, fill=(1, 0, 0))
    got = await rendered(renderer, content(file.tobytes()), frozenset({"pixels"}))
    assert got.pixels is not None
    assert (got.width_px, got.height_px) == (840, 1176)
    assert got.pixels.shape == (1176, 840, 3)
    assert got.pixels.dtype == np.uint8
    assert (got.pixels == (255, 0, 0)).all()
    assert got.dpi == pytest.approx(101.6, abs=0.1)
    assert got.words == ()


async def test_text_that_no_eye_sees_is_marked(renderer: Renderer, content: MakeContent) -> None:
    file, page = blank_page()
    page.insert_text((40, 40), "shown")
    page.insert_text((40, 60), "pale", color=(0.7, 0.7, 0.7))
    page.insert_text((40, 80), "mode3", render_mode=3)
    page.insert_text((40, 100), "white", color=(1, 1, 1))
    page.insert_text((40, 120), "tiny", fontsize=0.5)
    page.insert_text((500, 140), "outside")
    page.insert_text((40, 160), "faint", fill_opacity=0.01)
    page.insert_text((40, 180), "barred")
    page.draw_rect(pymupdf.Rect(30, 165, 120, 190), fill=(0, 0, 0))
    page.draw_rect(pymupdf.Rect(30, 200, 120, 230), fill=(0, 0, 0.4))
    page.insert_text((40, 220), "header", color=(1, 1, 1))
    got = await rendered(renderer, content(file.tobytes()), WORDS)
    assert {word.text for word in got.words if word.visible} == {"shown", "pale", "header"}
    assert {word.text for word in got.words if not word.visible} == {
        "mode3",
        "white",
        "tiny",
        "outside",
        "faint",
        "barred",
    }


async def test_drawn_things_are_sorted_by_what_they_are(renderer: Renderer, content: MakeContent) -> None:
    file, page = blank_page()
    page.draw_line((40, 100), (360, 100))
    page.draw_rect(pymupdf.Rect(40, 120, 360, 121), color=None, fill=(0, 0, 0))
    page.draw_rect(pymupdf.Rect(40, 130, 360, 150), color=None, fill=(0.9, 0.9, 0.9))
    page.draw_rect(pymupdf.Rect(40, 160, 360, 200))
    page.draw_line((0, 0), (400, 300))
    page.draw_circle((200, 250), 20)
    image = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 8, 8), False)
    page.insert_image(pymupdf.Rect(300, 20, 380, 80), pixmap=image, keep_proportion=False)
    geometry = (await rendered(renderer, content(file.tobytes()), frozenset({"geometry"}))).geometry
    assert len(geometry.rules) == 6  # a line, a thin fill, four sides of a frame
    assert near(geometry.rules[0], (0.1, 1 / 3, 0.9, 1 / 3))
    assert [near(fill, (0.1, 130 / 300, 0.9, 0.5)) for fill in geometry.fills] == [True]
    assert [near(box, (0.75, 20 / 300, 0.95, 80 / 300)) for box in geometry.images] == [True]


@pytest.mark.parametrize("rotation", [0, 90])
async def test_form_fields_give_name_kind_and_value(renderer: Renderer, content: MakeContent, rotation: int) -> None:
    file, page = blank_page()
    page.insert_text((130, 130), "Name and consent", rotate=rotation)
    text = pymupdf.Widget()
    text.rect, text.field_type = pymupdf.Rect(200, 45, 360, 65), pymupdf.PDF_WIDGET_TYPE_TEXT
    text.field_name, text.field_value = "name", "Zoë"
    page.add_widget(text)
    box = pymupdf.Widget()
    box.rect, box.field_type = pymupdf.Rect(200, 80, 220, 100), pymupdf.PDF_WIDGET_TYPE_CHECKBOX
    box.field_name, box.field_value = "consent", True
    page.add_widget(box)
    page.set_rotation(rotation)
    got = await rendered(renderer, content(file.tobytes()), frozenset({"words", "geometry"}))
    widgets = got.geometry.widgets
    assert [(w.kind, w.name, w.value) for w in widgets] == [("text", "name", "Zoë"), ("checkbox", "consent", "Yes")]
    assert near(widgets[0].box, (0.5, 0.15, 0.9, 65 / 300) if rotation == 0 else (1 - 65 / 300, 0.5, 0.85, 0.9))
    assert {"Zoë", "✓"} <= {word.text for word in got.words}  # and they are read as they are shown


async def test_a_ruled_table_gives_its_lines_on_the_page_as_shown(renderer: Renderer, content: MakeContent) -> None:
    file, page = blank_page()
    for x in (40, 200, 360):
        page.draw_line((x, 90), (x, 150))
    for y in (90, 120, 150):
        page.draw_line((40, y), (360, y))
    page.draw_rect(pymupdf.Rect(40, 200, 360, 280))  # a frame, not a table
    (grid,) = (await rendered(renderer, content(file.tobytes()), frozenset({"geometry"}))).geometry.grids
    assert near(grid.box, (0.1, 0.3, 0.9, 0.5))
    assert grid.x_edges == pytest.approx((0.1, 0.5, 0.9), abs=1e-3)
    assert grid.y_edges == pytest.approx((0.3, 0.4, 0.5), abs=1e-3)


async def test_buttons_say_whether_they_are_checked(renderer: Renderer, content: MakeContent) -> None:
    file, page = blank_page()
    for number, (name, value) in enumerate({"yes": True, "no": False}.items()):
        box = pymupdf.Widget()
        box.rect, box.field_type = pymupdf.Rect(20, 20 + 40 * number, 40, 40 + 40 * number), 2
        box.field_name, box.field_value = name, value
        page.add_widget(box)
    text = pymupdf.Widget()
    text.rect, text.field_type, text.field_name = pymupdf.Rect(200, 45, 360, 65), pymupdf.PDF_WIDGET_TYPE_TEXT, "t"
    page.add_widget(text)
    widgets = (await rendered(renderer, content(file.tobytes()), frozenset({"geometry"}))).geometry.widgets
    assert {widget.name: widget.checked for widget in widgets} == {"yes": True, "no": False, "t": None}


async def test_fields_and_annotations_leave_ink(renderer: Renderer, content: MakeContent) -> None:
    file, page = blank_page()
    text = pymupdf.Widget()
    text.rect, text.field_type = pymupdf.Rect(200, 40, 360, 70), pymupdf.PDF_WIDGET_TYPE_TEXT
    text.field_name, text.field_value = "name", "FILLED IN"
    page.add_widget(text)
    page.insert_text((40, 160), "marked", fontsize=20)
    page.add_highlight_annot(pymupdf.Rect(40, 140, 110, 165))
    data = content(file.tobytes())
    async with await renderer.open(data) as document:
        pages = [await document.page(1, needs) for needs in (ALL, frozenset({"pixels"}))]
    for got in pages:  # by way of the words; at once, since it is known how the page lies
        assert darkness(got, (0.5, 40 / 300, 0.9, 70 / 300)) > 5
        assert got.pixels is not None
        row, column = int(150 / 300 * got.height_px), int(107 / 400 * got.width_px)
        red, green, blue = got.pixels[row, column].tolist()
        assert red > 200
        assert green > 200
        assert blue < 120  # MuPDF's highlighter is yellow


async def test_drawing_at_once_and_by_way_of_the_words_gives_the_same_pixels(
    renderer: Renderer, content: MakeContent
) -> None:
    file, page = blank_page()
    page.insert_text((40, 60), "Alpha", fontsize=20)
    page.draw_bezier((10, 10), (100, 300), (300, 0), (390, 290), color=(0.3, 0.1, 0.9), width=0.7)
    data = content(file.tobytes())
    async with await renderer.open(data) as document:  # at once as soon as it is known how the page lies
        after, at_once = [await document.page(1, needs) for needs in (ALL, frozenset({"pixels"}))]
    assert at_once.pixels is not None
    assert len(np.unique(at_once.pixels)) > 20  # anti-aliased
    assert np.array_equal(at_once.pixels, after.pixels)
    with pymupdf.open(stream=bytes(data.data)) as plain:
        scale = pymupdf.Matrix(at_once.width_px / 400, at_once.height_px / 300)
        expected = plain[0].get_pixmap(matrix=scale, alpha=False).samples
    assert at_once.pixels.tobytes() == expected


async def test_a_page_taken_at_a_resolution_keeps_to_the_grid_and_the_budget(content: MakeContent) -> None:
    file, page = blank_page(595.28, 841.89)
    page.insert_text((40, 60), "Alpha")
    data = content(file.tobytes())
    sizes = []
    for how in (Render(dpi=72), Render(dpi=600), Render(dpi=100, grid_px=1, min_pixels=1, max_pixels=10**8)):
        with Renderer(Settings(render=how)) as renderer:
            page_ = await rendered(renderer, data, frozenset({"pixels"}))
            sizes.append((page_.width_px, page_.height_px))
    assert sizes == [(588, 840), (840, 1176), (827, 1169)]


async def test_an_empty_page_is_blank(renderer: Renderer, content: MakeContent) -> None:
    file, _ = blank_page()
    data = content(file.tobytes())
    for needs in (WORDS, frozenset({"pixels"}), ALL):
        page = await rendered(renderer, data, needs)
        assert (page.skipped, page.words, page.text_source) == ("blank", (), "none")


async def test_a_hidden_layer_is_given_only_where_ocr_is_off(content: MakeContent) -> None:
    file, page = blank_page()
    page.insert_text((40, 60), "claimed", render_mode=3)
    page.draw_circle((200, 200), 50, fill=(0, 0, 0))
    with Renderer(Settings(render=Render(ocr=False))) as renderer:
        got = await rendered(renderer, content(file.tobytes()), ALL)
    assert [(word.text, word.visible) for word in got.words] == [("claimed", False)]
    assert "text layer is hidden" in got.notes
    assert got.pixels is not None


async def test_a_look_closer(renderer: Renderer, content: MakeContent) -> None:
    file, page = blank_page()
    page.draw_rect(pymupdf.Rect(200, 150, 400, 300), color=None, fill=(0, 0, 1))
    async with await renderer.open(content(file.tobytes())) as document:
        pixels = await document.crop(1, (0.5, 0.5, 1.0, 1.0), 120_000)
    assert pixels.shape == (300, 400, 3)
    assert (pixels == (0, 0, 255)).all()


async def test_a_closer_look_shows_more_of_small_type_in_the_same_place(
    renderer: Renderer, content: MakeContent
) -> None:
    file, page = blank_page(595.28, 841.89)
    page.insert_text((300, 400), "small print 0123456789", fontsize=4)
    async with await renderer.open(content(file.tobytes())) as document:
        seen = await document.page(1, ALL)
        x0, y0, x1, y1 = seen.words[0].box[0], seen.words[0].box[1], seen.words[-1].box[2], seen.words[0].box[3]
        closer = await document.crop(1, (x0, y0, x1, y1), 200_000)
    assert seen.pixels is not None
    coarse = seen.pixels[int(y0 * seen.height_px) : int(y1 * seen.height_px) + 1]
    coarse = coarse[:, int(x0 * seen.width_px) : int(x1 * seen.width_px) + 1]
    assert closer.shape[0] > 8 * coarse.shape[0]
    assert closer.shape[0] * closer.shape[1] <= 200_000
    assert closer.min() < 30 < coarse.min()  # strokes are black at last
    left, right = closer[:, : closer.shape[1] // 20], closer[:, -closer.shape[1] // 20 :]
    assert left.min() < 128  # the first letter starts where the box does, and the last ends there
    assert right.min() < 128
    shares = [float((one < 200).mean()) for one in (coarse, closer)]
    assert shares[0] > 0.05
    assert shares[1] > 0.05


async def test_many_documents_at_once(renderer: Renderer, content: MakeContent) -> None:
    import asyncio

    sources = []
    for index in range(8):
        file, page = blank_page()
        page.insert_text((40, 60), f"document{index}")
        file.new_page().insert_text((40, 60), f"second{index}")
        sources.append(content(file.tobytes(), f"{index}.pdf"))
    pages = await asyncio.gather(*(rendered(renderer, source, WORDS, n) for source in sources for n in (1, 2)))
    assert [page.words[0].text for page in pages] == [
        f"{name}{index}" for index in range(8) for name in ("document", "second")
    ]
