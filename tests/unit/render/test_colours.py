"""Whatever a file calls its colours, the page has the red, green and blue that they stand for."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from contextlib import closing

import numpy as np
import pytest
from PIL import Image, ImageCms

from docpipe.errors import Corrupt, ImageTooLarge, TooManyPages
from docpipe.intake.content import Content
from docpipe.records import Page
from docpipe.render.child.image.image import ImageFile
from docpipe.render.renderer import Renderer
from docpipe.settings import Limits

MakeContent = Callable[..., Content]
SIZE = (600, 400)
RED, BLUE, WHITE, BLACK, GRAY = (200, 0, 0), (0, 0, 200), (255, 255, 255), (0, 0, 0), (128, 128, 128)


def halves(left: object, right: object, mode: str = "RGB") -> Image.Image:
    image = Image.new(mode, SIZE, left)  # type: ignore[arg-type]
    image.paste(right, (SIZE[0] // 2, 0, *SIZE))  # type: ignore[arg-type]
    return image


def encoded(image: Image.Image, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def shown(content: Content) -> tuple[list[int], list[int]]:
    """The colours in the middle of the left and the right half, as the decoder's process draws them."""
    with closing(ImageFile(content.memory, content.media_type, Limits())) as file:
        pixels = np.frombuffer(bytes(file.sheet(1).raster(60, 40)), np.uint8).reshape(40, 60, 3)
    return pixels[20, 15].tolist(), pixels[20, 45].tolist()


def tiff(values: np.ndarray, *, photometric: int, samples: int = 1, sample_format: int = 1) -> bytes:
    """One uncompressed strip (TIFF 6.0), for kinds that PIL reads and does not write."""
    height, width = values.shape[:2]
    bits, entries = values.dtype.itemsize * 8, 10
    lists_at = 8 + 2 + 12 * entries + 4
    strip_at = lists_at + 12

    def short(tag: int, value: int) -> bytes:
        return struct.pack("<HHIHxx", tag, 3, 1, value)

    def shorts(tag: int, value: int, at: int) -> bytes:
        return short(tag, value) if samples == 1 else struct.pack("<HHII", tag, 3, samples, at)

    directory = [
        short(256, width), short(257, height), shorts(258, bits, lists_at), short(259, 1), short(262, photometric),
        struct.pack("<HHII", 273, 4, 1, strip_at), short(277, samples), short(278, height),
        struct.pack("<HHII", 279, 4, 1, values.nbytes), shorts(339, sample_format, lists_at + 6),
    ]  # fmt: skip
    lists = struct.pack("<6H", bits, bits, bits, sample_format, sample_format, sample_format)
    return b"".join((b"II*\0", struct.pack("<IH", 8, entries), *directory, bytes(4), lists, values.tobytes()))


def two_levels(left: float, right: float, dtype: type) -> np.ndarray:
    values = np.full(SIZE[::-1], left, dtype)
    values[:, SIZE[0] // 2 :] = right
    return values


def lab(image: Image.Image) -> Image.Image:
    srgb, cie = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    converted = ImageCms.profileToProfile(image, srgb, cie, outputMode="LAB")
    assert converted is not None
    return converted


def real(left: float, right: float) -> bytes:
    return tiff(two_levels(left, right, np.float32), photometric=1, sample_format=3)


DEEP = [two_levels(red, blue, np.uint16) for red, blue in ((51_400, 0), (0, 0), (0, 51_400))]
INKS = halves((0, 255, 255, 55), (255, 255, 0, 55), "CMYK")
PALETTE = halves(RED, BLUE).quantize(4)
UNSEEN = PALETTE.getpixel((0, 0))
CASES = {
    "1 bit": (encoded(halves(0, 1, "1"), "TIFF", compression="group4"), BLACK, WHITE),
    "16 bit gray png": (encoded(Image.fromarray(two_levels(0, 65535, np.uint16)), "PNG"), BLACK, WHITE),
    "16 bit gray tiff": (tiff(two_levels(32896, 65535, np.uint16), photometric=1), GRAY, WHITE),
    "16 bit, white is zero": (tiff(two_levels(0, 65535, np.uint16), photometric=0), WHITE, BLACK),
    "8 bit, white is zero": (tiff(two_levels(0, 255, np.uint8), photometric=0), WHITE, BLACK),
    "16 bit rgb tiff": (tiff(np.stack(DEEP, axis=2), photometric=2, samples=3), RED, BLUE),
    "float from 0 to 1": (real(0.5, 1.0), GRAY, WHITE),
    "float from 0 to 255": (real(128, 255), GRAY, WHITE),
    "float all white": (real(1, 1), WHITE, WHITE),
    "float with a hole": (real(np.nan, 1.0), BLACK, WHITE),
    "cmyk jpeg as Adobe inverts it": (encoded(INKS, "JPEG", quality=95), RED, BLUE),
    "cmyk tiff": (encoded(INKS, "TIFF"), RED, BLUE),
    "gray with alpha": (encoded(halves((0, 0), (0, 255), "LA"), "PNG"), WHITE, BLACK),
    "half transparent": (encoded(halves((0, 0, 0, 127), (*BLUE, 255), "RGBA"), "PNG"), GRAY, BLUE),
    "palette": (encoded(PALETTE, "PNG"), RED, BLUE),
    "palette with a transparent colour": (encoded(PALETTE, "PNG", transparency=UNSEEN), WHITE, BLUE),
    "rgb with a transparent colour": (encoded(halves(RED, BLUE), "PNG", transparency=RED), WHITE, BLUE),
    "transparent gif": (encoded(PALETTE, "GIF", transparency=UNSEEN), WHITE, BLUE),
    "transparent webp": (encoded(halves((9, 9, 9, 0), (*BLUE, 255), "RGBA"), "WEBP", lossless=True), WHITE, BLUE),
    "L*a*b*": (encoded(lab(halves(RED, WHITE)), "TIFF"), RED, WHITE),
}


@pytest.mark.parametrize("name", CASES)
def test_known_colours_come_out(content: MakeContent, name: str) -> None:
    data, left, right = CASES[name]
    got = shown(content(data, "scan"))
    assert np.allclose(got, (left, right), atol=9)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations_of_exif(content: MakeContent, kind: str, orientation: int) -> None:
    """The corner that should be top left is red, top right is blue (Exif 2.3, Orientation)."""
    page = Image.new("RGB", SIZE, WHITE)
    page.paste(RED, (0, 0, 300, 200))
    page.paste(BLUE, (300, 0, 600, 200))
    stored = {
        1: page, 2: page.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 3: page.rotate(180),
        4: page.transpose(Image.Transpose.FLIP_TOP_BOTTOM), 5: page.transpose(Image.Transpose.TRANSPOSE),
        6: page.rotate(90, expand=True), 7: page.transpose(Image.Transpose.TRANSVERSE),
        8: page.rotate(-90, expand=True),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = content(encoded(stored, kind, exif=exif, quality=95), "photo")
    with closing(ImageFile(data.memory, data.media_type, Limits())) as file:
        sheet = file.sheet(1)
        assert sheet.width_pt > sheet.height_pt
        pixels = np.frombuffer(bytes(sheet.raster(60, 40)), np.uint8).reshape(40, 60, 3)
    for (row, column), colour in {(8, 12): RED, (8, 48): BLUE, (32, 12): WHITE, (32, 48): WHITE}.items():
        assert np.allclose(pixels[row, column], colour, atol=12)
    assert (f"exif {orientation}" in sheet.notes()) == (orientation != 1)


async def test_heic_where_its_library_is_installed(renderer: Renderer, content: MakeContent) -> None:
    library = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    library.from_pillow(halves(RED, BLUE)).save(out, quality=95)
    page = await rendered(renderer, content(out.getvalue(), "photo.heic"))
    assert page.pixels is not None
    assert np.allclose(page.pixels[page.height_px // 2, page.width_px // 4], RED, atol=12)


async def rendered(renderer: Renderer, content: Content) -> Page:
    async with await renderer.open(content) as document:
        return await document.page(1, frozenset({"pixels"}))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
async def test_what_is_cut_off_is_corrupt_and_never_half_a_page(
    renderer: Renderer, content: MakeContent, kind: str, share: float
) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (400, 600, 3), np.uint8))
    data = encoded(noise, kind)
    with pytest.raises(Corrupt):
        await rendered(renderer, content(data[: int(len(data) * share)], "scan"))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
async def test_of_an_animation_the_first_frame_is_the_page(renderer: Renderer, content: MakeContent, kind: str) -> None:
    frames = [halves(RED, BLUE), halves(BLUE, RED)]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    page = await rendered(renderer, content(data, "moving"))
    assert page.pixels is not None
    assert np.allclose(page.pixels[page.height_px // 2, page.width_px // 4], RED, atol=12)
    assert "first frame" in page.notes
    still = await rendered(renderer, content(encoded(frames[0], kind), "still"))
    assert "first frame" not in still.notes


@pytest.mark.slow
def test_frames_are_counted_without_decoding_one(content: MakeContent, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = Image.new("1", (8, 8))
    data = content(encoded(frame, "TIFF", save_all=True, append_images=[frame] * 2_999), "fax.tif")

    def never(*_: object) -> None:
        raise AssertionError("a frame was decoded")

    monkeypatch.setattr("PIL.TiffImagePlugin.TiffImageFile.load", never)
    with pytest.raises(TooManyPages):
        ImageFile(data.memory, data.media_type, Limits())
    with closing(ImageFile(data.memory, data.media_type, Limits(max_pages=3_000))) as file:
        assert file.page_count == 3_000


def test_a_picture_too_large_is_refused_before_it_is_decoded(
    content: MakeContent, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = content(encoded(Image.new("L", (2_000, 1_000)), "PNG"), "large.png")
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", lambda *_: pytest.fail("it was decoded"))
    with closing(ImageFile(data.memory, data.media_type, Limits(max_image_pixels=1_000_000))) as file:
        with pytest.raises(ImageTooLarge, match="2,000 x 1,000"):
            file.sheet(1)
