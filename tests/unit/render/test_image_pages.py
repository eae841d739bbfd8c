"""An image file is a page, or several: upright, on white paper, in eight bits."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from docpipe.intake.content import Content
from docpipe.records import Page
from docpipe.render.renderer import Renderer

MakeContent = Callable[..., Content]
PIXELS = frozenset({"pixels"})
SIZE = (600, 400)
RED, BLUE = (200, 0, 0), (0, 0, 200)


def two_halves(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image.convert(mode)


def encoded(image: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


async def rendered(renderer: Renderer, content: Content, number: int = 1) -> Page:
    async with await renderer.open(content) as document:
        return await document.page(number, PIXELS)


def colors(page: Page) -> tuple[list[int], list[int]]:
    """The colours in the middle of the left and of the right half."""
    assert page.pixels is not None
    row = page.pixels[page.height_px // 2]
    return row[page.width_px // 4].tolist(), row[3 * page.width_px // 4].tolist()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
async def test_every_kind_is_read(renderer: Renderer, content: MakeContent, kind: str) -> None:
    page = await rendered(renderer, content(encoded(two_halves(), kind), "scan"))
    left, right = colors(page)
    assert np.allclose(left, RED, atol=12)
    assert np.allclose(right, BLUE, atol=12)
    assert (page.width_px % 28, page.height_px % 28) == (0, 0)


@pytest.mark.parametrize("mode", ["CMYK", "P", "RGBA", "YCbCr"])
async def test_every_mode_becomes_rgb(renderer: Renderer, content: MakeContent, mode: str) -> None:
    kind = "PNG" if mode in ("P", "RGBA") else "TIFF"
    left, right = colors(await rendered(renderer, content(encoded(two_halves(mode), kind), "scan")))
    assert np.allclose(left, RED, atol=12)
    assert np.allclose(right, BLUE, atol=12)


async def test_what_is_transparent_is_paper(renderer: Renderer, content: MakeContent) -> None:
    image = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    image.paste((0, 0, 200, 255), (300, 0, 600, 400))
    assert colors(await rendered(renderer, content(encoded(image), "scan.png"))) == ([255] * 3, [0, 0, 200])


@pytest.mark.parametrize("bits", [16, 12])
async def test_sixteen_bits_keep_their_contrast(renderer: Renderer, content: MakeContent, bits: int) -> None:
    values = np.zeros((400, 600), np.uint16)
    values[:, 300:] = 2**bits - 1
    image = Image.fromarray(values)
    assert colors(await rendered(renderer, content(encoded(image, "TIFF"), "scan.tif"))) == ([0] * 3, [255] * 3)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
async def test_a_photograph_is_upright(renderer: Renderer, content: MakeContent, orientation: int) -> None:
    turned = {1: 0, 3: 180, 6: 90, 8: 270}[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(two_halves().rotate(turned, expand=True), "JPEG", exif=exif)
    page = await rendered(renderer, content(data, "photo.jpg"))
    assert page.width_px > page.height_px
    left, right = colors(page)
    assert np.allclose(left, RED, atol=12)
    assert np.allclose(right, BLUE, atol=12)


async def test_the_frames_of_a_tiff_are_pages(renderer: Renderer, content: MakeContent) -> None:
    frames = [Image.new("RGB", SIZE, (level, 0, 0)) for level in (10, 120, 230)]
    data = content(encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:]), "fax.tif")
    async with await renderer.open(data) as document:
        assert document.page_count == 3
        levels = [colors(await document.page(number, PIXELS))[0][0] for number in (3, 1, 2)]
    assert levels == [230, 10, 120]


async def test_an_animation_is_one_page(renderer: Renderer, content: MakeContent) -> None:
    frames = [Image.new("RGB", SIZE, (level, 0, 0)) for level in (10, 230)]
    data = content(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), "moving.gif")
    async with await renderer.open(data) as document:
        assert document.page_count == 1


async def test_resolution_is_believed_only_where_a_page_could_have_it(renderer: Renderer, content: MakeContent) -> None:
    scan = await rendered(renderer, content(encoded(two_halves(), dpi=(200, 200)), "scan.png"))
    assert (scan.width_pt, scan.height_pt) == pytest.approx((216, 144), abs=0.1)
    assert scan.notes == ()
    photo = await rendered(renderer, content(encoded(two_halves(), dpi=(72, 72)), "photo.png"))
    assert photo.width_pt == pytest.approx(841.7, abs=0.1)
    assert photo.notes == ("resolution assumed",)


async def test_a_crop_comes_from_the_full_resolution(renderer: Renderer, content: MakeContent) -> None:
    """Stripes one pixel wide survive, which they would not in the page's own pixels."""
    stripes = np.zeros((2_000, 3_000), np.uint8)
    stripes[:, ::2] = 255
    async with await renderer.open(content(encoded(Image.fromarray(stripes)), "fine.png")) as document:
        crop = await document.crop(1, (0.0, 0.0, 0.1, 0.1), 60_000)
    assert crop.shape == (200, 300, 3)
    assert set(np.unique(crop)) == {0, 255}
