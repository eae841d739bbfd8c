"""A word is visible if, and only if, the page would look different without it."""

from __future__ import annotations

import io

import pymupdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docpipe.render.child.pdf.text_layer import layer_of

Colour = tuple[float, float, float]
WIDTH, HEIGHT = 400.0, 300.0
channel = st.integers(0, 255).map(lambda level: level / 255)
colours = st.tuples(channel, channel, channel)


def new_page() -> tuple[pymupdf.Document, pymupdf.Page]:
    file = pymupdf.open()
    return file, file.new_page(width=WIDTH, height=HEIGHT)


def sights(file: pymupdf.Document) -> dict[str, bool]:
    """Each word of the first page, as a reader opens it, and whether it is visible."""
    page = pymupdf.open(stream=file.tobytes())[0]
    layer = layer_of(page.get_displaylist(), (page.rect.width, page.rect.height))
    return {word.text: word.visible for word in layer.words}


@settings(max_examples=60, deadline=None)
@given(ground=colours, ink=colours)
def test_what_stands_out_from_its_ground_is_visible_and_what_does_not_is_not(ground: Colour, ink: Colour) -> None:
    file, page = new_page()
    page.draw_rect(pymupdf.Rect(20, 20, 380, 60), color=None, fill=ground)
    page.insert_text((40, 46), "Invoice", fontsize=11, color=ink)
    difference = sum(abs(a - b) for a, b in zip(ground, ink, strict=True)) * 255
    if difference > 60:
        assert sights(file) == {"Invoice": True}
    elif difference < 8:
        assert sights(file) == {"Invoice": False}


def test_dark_bars_zebra_rows_and_boxes_hide_nothing() -> None:
    file, page = new_page()
    for row in range(6):
        top = 20 + 20 * row
        fill = (0.1, 0.2, 0.4) if row == 0 else (0.92, 0.92, 0.96) if row % 2 else None
        page.draw_rect(pymupdf.Rect(20, top, 380, top + 20), color=(0.7, 0.7, 0.7), fill=fill)
        colour = (1, 1, 1) if row == 0 else (0, 0, 0)
        page.insert_text((24, top + 14), f"row{row}", fontsize=8, color=colour)
        page.insert_text((300, top + 14), f"{row}.50", fontsize=8, color=colour)
    assert all(sights(file).values())


@pytest.mark.parametrize("points", [3, 4, 6, 10])
@pytest.mark.parametrize("text", ["l", ".", "-", "·", "1,00", "EUR"])
def test_fine_gray_print_is_visible(points: float, text: str) -> None:
    file, page = new_page()
    page.insert_text((40, 46), text, fontsize=points, color=(0.45, 0.45, 0.45))
    assert sights(file) == {text: True}


def test_covered_by_an_image_or_a_fill_that_comes_later() -> None:
    file, page = new_page()
    for row, text in enumerate(("pictured", "barred", "before", "open")):
        page.insert_text((40, 40 + 40 * row), text)
    texture = pymupdf.Pixmap(pymupdf.csRGB, pymupdf.IRect(0, 0, 64, 32), False)
    for y in range(32):
        for x in range(64):
            texture.set_pixel(x, y, ((x * 37 + y * 91) % 256, (x * 11) % 256, (y * 53) % 256))
    page.insert_image(pymupdf.Rect(30, 20, 150, 50), pixmap=texture, keep_proportion=False)
    page.draw_rect(pymupdf.Rect(30, 60, 150, 90), color=None, fill=(0.9, 0.9, 0.9))
    page.draw_rect(pymupdf.Rect(30, 100, 150, 130), color=None, fill=(0.8, 0.9, 0.8), overlay=False)
    assert sights(file) == {"pictured": False, "barred": False, "before": True, "open": True}


def test_clipped_away() -> None:
    file, page = new_page()
    page.insert_text((40, 60), "shown")
    content = b"q 0 0 100 100 re W n BT /helv 11 Tf 200 200 Td (clipped) Tj ET Q"
    xref = file.get_new_xref()
    file.update_object(xref, "<<>>")
    file.update_stream(xref, content)
    file.xref_set_key(page.xref, "Contents", f"[{page.get_contents()[0]} 0 R {xref} 0 R]")
    assert sights(file).get("clipped", False) is False
    assert sights(file)["shown"] is True


def test_a_layer_that_is_off_says_nothing_and_one_that_is_on_speaks() -> None:
    file, page = new_page()
    page.insert_text((40, 60), "draft", oc=file.add_ocg("off", on=False))
    page.insert_text((40, 90), "final", oc=file.add_ocg("on", on=True))
    seen = sights(file)
    assert seen.get("draft", False) is False
    assert seen["final"] is True


def test_off_the_page_or_outside_its_crop_box() -> None:
    file, page = new_page()
    page.insert_text((500, 60), "beyond")
    page.insert_text((40, 280), "cropped")
    page.insert_text((60, 60), "inside")
    page.set_cropbox(pymupdf.Rect(20, 20, 380, 200))
    seen = sights(file)
    assert seen["inside"] is True
    assert not seen.get("beyond", False)
    assert not seen.get("cropped", False)


def test_print_on_a_photograph_is_judged_by_what_it_changes() -> None:
    from PIL import Image

    file, page = new_page()
    photo = io.BytesIO()
    Image.radial_gradient("L").resize((400, 300)).save(photo, "PNG")
    page.insert_image(page.rect, stream=photo.getvalue(), keep_proportion=False)
    page.insert_text((150, 150), "caption", fontsize=14, color=(1, 1, 1))  # the middle is black
    page.insert_text((150, 180), "ghost", fontsize=14, render_mode=3)
    assert sights(file) == {"caption": True, "ghost": False}


@pytest.mark.parametrize(("points", "seen"), [(1.0, False), (2.0, False), (3.0, True)])
def test_type_that_no_eye_can_read_is_no_text(points: float, seen: bool) -> None:
    file, page = new_page()
    page.insert_text((40, 60), "Fineprint", fontsize=points)
    assert sights(file) == {"Fineprint": seen}


def test_a_hidden_word_does_not_borrow_the_ink_of_its_neighbours() -> None:
    file, page = new_page()
    page.insert_text((40, 60), "Total", fontsize=11)
    page.insert_text((72, 60), "1,000,000.00", fontsize=11, color=(1, 1, 1))
    page.insert_text((150, 60), "due", fontsize=11)
    page.insert_text((40, 71), "above", fontsize=11)
    assert sights(file) == {"Total": True, "1,000,000.00": False, "due": True, "above": True}
