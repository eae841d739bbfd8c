"""Every way a file can be bad has a name, and costs the file's own document only."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from docpipe import errors
from docpipe.intake.content import Content, read_content
from docpipe.passwords import Passwords
from docpipe.records import Page
from docpipe.render.renderer import Renderer
from docpipe.settings import Limits, Settings
from tests.faults.handwritten import FORM, PAINTED, flate_bomb, huge_image, pdf, stream

LIMITS = Limits(max_pages=20, max_image_pixels=4_000_000)
ALL = frozenset({"pixels", "words", "geometry"})
MakeContent = Callable[[bytes, str], Content]


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer(Settings(limits=LIMITS)) as renderer:
        yield renderer


@pytest.fixture
def content(tmp_path: Path) -> MakeContent:
    def write(data: bytes, name: str) -> Content:
        (tmp_path / name).write_bytes(data)
        return read_content(tmp_path / name, LIMITS)

    return write


async def read(renderer: Renderer, content: Content) -> Page:
    async with await renderer.open(content) as document:
        return await document.page(1, ALL)


def image(kind: str, size: tuple[int, int] = (300, 200), **how: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 80).convert("RGB").save(out, kind, **how)
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """The head of a PNG of that size, with a body of nothing: what a bomb looks like from outside."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 2, 0, 0, 0))
    body = zlib.compress(bytes(1024))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def encrypted(**passwords: str) -> bytes:
    file = pymupdf.open()
    file.new_page().insert_text((50, 50), "secret")
    data: bytes = file.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, **passwords)
    return data


def deep_pages() -> bytes:
    file = pymupdf.open()
    for _ in range(21):
        file.new_page()
    data: bytes = file.tobytes()
    return data


BAD: dict[str, tuple[Callable[[], bytes], type[errors.DocpipeError]]] = {
    "garbage.pdf": (lambda: b"%PDF-1.7\n" + b"\x00\xff" * 500, errors.Corrupt),
    "cut.png": (lambda: image("PNG")[:2000], errors.Corrupt),
    "cut.jpg": (lambda: image("JPEG", quality=90)[:3000], errors.Corrupt),
    "cut.tif": (lambda: image("TIFF", compression="tiff_lzw")[:3000], errors.Corrupt),
    "cut.webp": (lambda: image("WEBP")[:2000], errors.Corrupt),
    "head.gif": (lambda: b"GIF89a", errors.Corrupt),
    "locked.pdf": (lambda: encrypted(owner_pw="o", user_pw="u"), errors.Encrypted),
    "none.pdf": (lambda: pdf(count=0, kids="[]"), errors.EmptyDocument),
    "lying.pdf": (lambda: pdf(count=2_000_000_000), errors.Corrupt),
    "minus.pdf": (lambda: pdf(count=-5), errors.Corrupt),
    "many.pdf": (deep_pages, errors.TooManyPages),
    "billion.pdf": (lambda: pdf(count=10**9), errors.Corrupt),
    "cycle.pdf": (lambda: pdf(kids="[2 0 R]"), errors.Corrupt),
    "huge.pdf": (lambda: pdf(media_box="[0 0 1000000000 1000000000]"), errors.PageTooLarge),
    "unit.pdf": (lambda: pdf(page="/UserUnit 1000"), errors.PageTooLarge),
    "strip.pdf": (lambda: pdf(media_box="[0 0 1 14400]"), errors.BadAspect),
    "flate.pdf": (lambda: pdf(content=flate_bomb(1)), errors.PageTooLarge),
    "flates.pdf": (lambda: pdf(content=flate_bomb(2)), errors.PageTooLarge),
    "form.pdf": (
        lambda: pdf(
            content=stream(b"/A Do"),
            resources="/XObject << /A 6 0 R >>",
            more=(
                stream(b"/B Do", f"{FORM} /Resources << /XObject << /B 7 0 R >> >>"),
                flate_bomb().replace(b"<< ", f"<< {FORM} ".encode(), 1),
            ),
        ),
        errors.PageTooLarge,
    ),
    "repeated.pdf": (
        lambda: pdf(
            content=b"[" + b"6 0 R " * 2_000 + b"]",
            more=(stream(zlib.compress(b"0 0 1 1 re f\n" * 8_000), "/Filter /FlateDecode"),),
        ),
        errors.PageTooLarge,
    ),
    "image.pdf": (
        lambda: pdf(content=PAINTED, resources="/XObject << /I 6 0 R >>", more=(huge_image(),)),
        errors.ImageTooLarge,
    ),
    "jpx.pdf": (
        lambda: pdf(content=PAINTED, resources="/XObject << /I 6 0 R >>", more=(huge_image("JPXDecode"),)),
        errors.ImageTooLarge,
    ),
    "mask.pdf": (
        lambda: pdf(
            content=PAINTED,
            resources="/XObject << /I 6 0 R >>",
            more=(huge_image(more="/SMask 7 0 R", size=10), huge_image()),
        ),
        errors.ImageTooLarge,
    ),
    "billion-no-kids.pdf": (lambda: pdf(count=10**9, kids="[]"), errors.Corrupt),
    "bomb.png": (lambda: png_claiming(60_000, 60_000), errors.ImageTooLarge),
    "large.png": (lambda: image("PNG", (2_001, 2_000)), errors.ImageTooLarge),
    "strip.png": (lambda: png_claiming(10_000, 10), errors.BadAspect),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_file_fails_by_name(renderer: Renderer, content: MakeContent, name: str) -> None:
    drawn, expected = BAD[name]
    bad = content(drawn(), name)
    with pytest.raises(expected) as raised:
        await read(renderer, bad)
    assert not isinstance(raised.value, errors.RenderCrash | errors.RenderTimeout)
    assert "/proc/" not in raised.value.message
    assert raised.value.what_to_do


async def test_a_cut_pdf_is_repaired_and_says_so(renderer: Renderer, content: MakeContent) -> None:
    page = await read(renderer, content(pdf(tail=False), "cut.pdf"))
    assert [word.text for word in page.words] == ["Still", "readable"]
    assert "repaired" in page.notes


async def test_a_page_that_is_not_there_fails_alone(renderer: Renderer, content: MakeContent) -> None:
    async with await renderer.open(content(pdf(count=3), "short.pdf")) as document:
        assert (await document.page(1, ALL)).words
        for number in (0, 2, document.page_count + 1):
            with pytest.raises(errors.Corrupt):
                await document.page(number, ALL)


async def test_passwords(renderer: Renderer, content: MakeContent) -> None:
    locked = content(encrypted(owner_pw="o", user_pw="u"), "locked.pdf")
    for words, expected in ([["u"], "secret"], [["x", "u"], "secret"], [["x"], "none of the 1"], [[], "locked"]):
        with Renderer(Settings(limits=LIMITS, passwords=Passwords(words))) as opener:
            if expected == "secret":
                assert (await read(opener, locked)).words[0].text == expected
            else:
                with pytest.raises(errors.Encrypted, match=expected):
                    await read(opener, locked)
    owner_only = content(encrypted(owner_pw="o", user_pw=""), "owner.pdf")
    assert (await read(renderer, owner_only)).words[0].text == "secret"


@pytest.mark.parametrize(
    ("box", "size"),
    [
        ("[0 0 0 0]", (612, 792)),
        ("[0 0 nan 100]", (612, 792)),
        ("[0 0 200]", (612, 792)),
        ("(none)", (612, 792)),
        ("[200 100 0 0]", (200, 100)),
        ("[0 0 0 0] /CropBox [0 0 300 150]", (300, 150)),
        ("[0 0 200 100] /UserUnit 0", (200, 100)),
        ("[0 0 200 100] /UserUnit -2", (200, 100)),
    ],
)
async def test_a_page_box_that_is_none_is_replaced_and_flagged(
    renderer: Renderer, content: MakeContent, box: str, size: tuple[int, int]
) -> None:
    page = await read(renderer, content(pdf(media_box=box), "box.pdf"))
    assert (page.width_pt, page.height_pt) == size
    assert "page box replaced" in page.notes
    assert [word.text for word in page.words] == ["Still", "readable"]


async def test_an_honest_page_box_is_not_flagged(renderer: Renderer, content: MakeContent) -> None:
    for box in ("[-10 -20 190 80.5]", "[0 0 200 100] /CropBox [10 10 190 90] /UserUnit 2"):
        assert (await read(renderer, content(pdf(media_box=box), "box.pdf"))).notes == ()


async def test_many_small_streams_and_much_honest_content_are_no_bomb(content: MakeContent) -> None:
    """Half of the limit in one stream, and sixty streams whose length alone would leave a doubt."""
    limits = Limits(max_content_bytes=2_000_000)
    large = stream(zlib.compress(b"0 0 1 1 re f\n" * 80_000), "/Filter /FlateDecode")
    small = stream(zlib.compress(b"0 0 1 1 re f\n" * 10), "/Filter /FlateDecode")
    many = b"[" + b"6 0 R " * 60 + b"]"
    with Renderer(Settings(limits=limits)) as renderer:
        for data in (pdf(content=large), pdf(content=many, more=(small,))):
            assert (await read(renderer, content(data, "honest.pdf"))).pixels is not None
        with pytest.raises(errors.PageTooLarge):
            await read(renderer, content(pdf(content=b"[4 0 R 6 0 R 6 0 R]", more=(large,)), "twice.pdf"))


async def test_forms_that_name_each_other_are_walked_once(renderer: Renderer, content: MakeContent) -> None:
    circle = tuple(stream(b"", f"{FORM} /Resources << /XObject << /A 6 0 R /B 7 0 R >> >>") for _ in range(2))
    data = pdf(resources="/XObject << /A 6 0 R /B 7 0 R >>", more=circle)
    assert (await read(renderer, content(data, "circle.pdf"))).words


async def test_a_bomb_is_refused_before_it_costs_anything(renderer: Renderer, content: MakeContent) -> None:
    data = content(pdf(content=flate_bomb()), "bomb.pdf")
    assert data.size < 10_000
    async with await renderer.open(data) as document:
        with pytest.raises(errors.PageTooLarge):
            await document.page(1, ALL)
        assert document.work_s < 3


async def test_a_document_that_needs_too_much_memory_fails_alone(content: MakeContent) -> None:
    limits = Limits(decoder_memory_bytes=220 * 1024**2)
    out = io.BytesIO()
    Image.new("RGB", (9_000, 9_000)).save(out, "PNG", compress_level=1)
    big, small = content(out.getvalue(), "big.png"), content(pdf(), "small.pdf")
    with Renderer(Settings(limits=limits)) as renderer:
        with pytest.raises(errors.RenderCrash, match="memory"):
            await read(renderer, big)
        assert (await read(renderer, small)).words
