"""The slope of a page's rows is found to a third of a degree, with tables, dark edges or on its side."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pymupdf
import pytest

from docpipe.intake.content import Content
from docpipe.render.child.skew import skew_of
from docpipe.render.renderer import Renderer
from docpipe.settings import Settings
from tests.unit.render.printed import letter, pixels, png, scanned, table

MakeContent = Callable[..., Content]
ANGLES = (-8.0, -4.6, -1.7, -0.5, 0.3, 1.2, 3.3, 8.0)


@pytest.mark.parametrize("make", [letter, table])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_slope_of_text_and_of_tables(make: Callable[[str], pymupdf.Document], language: str) -> None:
    page = pixels(make(language))
    for angle in ANGLES:
        gray = np.ascontiguousarray(scanned(page, falling=angle)[:, :, 1])
        assert skew_of(gray) == pytest.approx(angle, abs=0.3)
        assert skew_of(gray, near=angle + 0.7) == pytest.approx(angle, abs=0.3)


@pytest.mark.parametrize("angle", [-4.6, 1.2])
def test_neither_dark_edges_nor_lying_on_its_side_mislead(angle: float) -> None:
    page = scanned(pixels(letter()), falling=angle)
    assert skew_of(np.rot90(page[:, :, 1])) == pytest.approx(angle, abs=0.5)
    page[:, :25], page[:18] = 20, 30
    assert skew_of(page[:, :, 1]) == pytest.approx(angle, abs=0.3)


def test_what_has_no_rows_is_not_turned() -> None:
    rng = np.random.default_rng(0)
    photo = cv2.resize(rng.integers(0, 255, (13, 9), np.uint8), (800, 1100), interpolation=cv2.INTER_CUBIC)
    noise = rng.integers(200, 255, (1100, 800)).astype(np.uint8)
    for image in (photo, noise, np.full((1100, 800), 250, np.uint8), np.zeros((5, 7), np.uint8)):
        assert skew_of(image) == 0.0


def test_a_straight_page_stays_as_it_is() -> None:
    assert skew_of(scanned(pixels(letter()))[:, :, 1]) == 0.0


@pytest.mark.parametrize("angle", [-3.3, 2.0])
async def test_a_scan_whose_pixels_alone_are_asked_for_is_straightened(content: MakeContent, angle: float) -> None:
    data = png(scanned(pixels(letter()), falling=angle))
    with Renderer(Settings()) as renderer:
        async with await renderer.open(content(data, "tilted.png")) as document:
            page = await document.page(1, frozenset({"pixels"}))
    (note,) = (note for note in page.notes if note.startswith("deskewed"))
    assert float(note.removeprefix("deskewed ")) == pytest.approx(angle, abs=0.3)
    assert page.pixels is not None
    assert skew_of(page.pixels[:, :, 1]) == 0.0
