"""Bombs that are no page of content: glyphs, stamps, masks, tiles, meshes, inline images, fonts, tables of objects.

What a cheap look tells is refused by name; the rest is read, or ended by its timer. No child dies of it.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from docpipe import errors
from docpipe.intake.content import Content, read_content
from docpipe.records import Page
from docpipe.render.renderer import Renderer
from docpipe.settings import Limits, Settings
from tests.faults.handwritten import FORM, PAINTED, TEXT, flate_bomb, huge_image, pdf, stream

LIMITS = Limits(page_timeout_s=2.0)
ALL = frozenset({"pixels", "words", "geometry"})
MakeContent = Callable[[bytes], Content]


@pytest.fixture
def content(tmp_path: Path) -> MakeContent:
    def write(data: bytes) -> Content:
        (tmp_path / "bomb.pdf").write_bytes(data)
        return read_content(tmp_path / "bomb.pdf", LIMITS)

    return write


async def read(renderer: Renderer, content: Content) -> Page:
    """The first page. Whether it can be read or not, it has taken no more time than it may."""
    async with await renderer.open(content) as document:
        try:
            return await document.page(1, ALL)
        finally:
            assert document.work_s < 5 * LIMITS.page_timeout_s


STAMP = b"<< /Type /Annot /Subtype /Stamp /Rect [0 0 200 100] /F 4 /AP << /N 7 0 R >> >>"
GROUP = f"{FORM} /Group << /S /Transparency /CS /DeviceRGB >>"
MASKED = "/ExtGState << /G << /SMask << /S /Luminosity /G 6 0 R >> >> >>"
TILE = "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 9 /YStep 9 /Resources << >>"
MESH = (
    "/ShadingType 4 /ColorSpace /DeviceRGB /BitsPerCoordinate 8 /BitsPerComponent 8 /BitsPerFlag 8 "
    "/Decode [0 200 0 100 0 1 0 1 0 1]"
)


def with_entries(entries: str, data: bytes) -> bytes:
    """A stream object with more entries in its dictionary."""
    return data.replace(b"<< ", f"<< {entries} ".encode(), 1)


def holding(entries: str, number: int) -> bytes:
    """A form or group that paints the image that is object `number`."""
    return stream(b"q 200 0 0 100 0 0 cm /I Do Q", f"{entries} /Resources << /XObject << /I {number} 0 R >> >>")


def glyphs(procedure: int, inner: str = "") -> bytes:
    """A Type 3 font whose only glyph, A, is object `procedure`; it may set type itself."""
    return (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 10 10] /FontMatrix [0.1 0 0 0.1 0 0] /FirstChar 65 /LastChar 65 "
        f"/Widths [10] /Encoding << /Differences [65 /a] >> /CharProcs << /a {procedure} 0 R >> "
        f"/Resources << {inner} >> >>"
    ).encode()


def nested_glyphs(levels: int = 12) -> tuple[bytes, ...]:
    """Fonts of which each glyph is ten of the next font's."""
    found: list[bytes] = []
    for number in range(6, 6 + 2 * levels, 2):
        found += [
            glyphs(number + 1, f"/Font << /F {number + 2} 0 R >>"),
            stream(b"10 0 d0 BT /F 1 Tf (AAAAAAAAAA) Tj ET"),
        ]
    return (*found, glyphs(7 + 2 * levels), stream(b"10 0 d0 0 0 5 5 re f"))


def nested_forms(first: int, entries: str = FORM, levels: int = 14) -> tuple[bytes, ...]:
    """Forms of which each draws the next ten times."""
    inner = (
        f"{entries} /Resources << /XObject << /A {number} 0 R >> >>" for number in range(first + 1, first + levels)
    )
    return (*(stream(b"/A Do " * 10, one) for one in inner), stream(b"0 0 5 5 re f", entries))


def nested_tiles(levels: int) -> tuple[bytes, ...]:
    """Patterns of which each is painted with the next, in steps of nothing."""
    tile = TILE.replace("Step 9", "Step 0.001")
    inner = [tile.replace("<< >>", f"<< /Pattern << /P {number} 0 R >> >>") for number in range(7, 6 + levels)]
    return tuple(stream(b"/Pattern cs /P scn 0 0 9 9 re f", one) for one in (*inner, tile))


def inline(size: int, data: bytes = zlib.compress(bytes(1_000)), how: str = "/BPC 8 /CS /RGB /F /Fl") -> bytes:
    return b"q 90 0 0 90 0 0 cm BI /W %d /H %d %s ID " % (size, size, how.encode()) + data + b" EI Q\n"


def packed_object(data: bytes, entries: str, size: int = 7) -> bytes:
    """A PDF 1.5 whose content lies in an object stream of that data."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 6 0 R >>",
        stream(data, f"/Type /ObjStm /N 1 /First 5 {entries}"),
    ]
    out, rows = b"%PDF-1.5\n", b"\0\0\0\0\xff"
    for number, body in enumerate(objects, 1):
        rows += b"\1" + len(out).to_bytes(3, "big") + b"\0"
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows += b"\1" + len(out).to_bytes(3, "big") + b"\0" + b"\2\0\0\4\0"
    table = stream(rows, f"/Type /XRef /Size {size} /W [1 3 1] /Root 1 0 R")
    return out + b"5 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(out)


def zeros(size: int = 600_000_000) -> bytes:
    """A Flate stream within another: that many bytes from a few KB."""
    packer = zlib.compressobj(9)
    once = b"".join(packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + packer.flush()
    return zlib.compress(once, 9)


TWICE = "/Filter [/FlateDecode /FlateDecode]"


def many_words(count: int = 1_000_000) -> bytes:
    line = b"(a b c d e f g h i j ) Tj\n" * (count // 10)
    return stream(zlib.compress(b"BT /F 1 Tf 0 50 Td " + line + b"ET", 9), "/Filter /FlateDecode")


SMALL = "/Type /XObject /Subtype /Image /Width 10 /Height 10"


def jpx(size: int) -> bytes:
    """The head of a JPEG 2000 codestream of that size (ISO 15444-1, annex A), and nothing to decode."""
    sides, origin = size.to_bytes(4, "big") * 2, bytes(8)
    head = b"\xff\x4f\xff\x51\x00\x2f\x00\x00" + (sides + origin) * 2 + b"\x00\x03" + b"\x07\x01\x01" * 3
    style = b"\xff\x52\x00\x0c\x00\x00\x00\x01\x00\x05\x04\x04\x00\x00\xff\x5c\x00\x13\x40" + bytes(16)
    return head + style + b"\xff\x90\x00\x0a" + bytes(7) + b"\x01\xff\x93" + bytes(50) + b"\xff\xd9"


def jbig2(size: int) -> bytes:
    """A page information segment of that size (ITU-T T.88, 7.4.8), and nothing on the page."""
    return bytes(4) + b"\x30\x00\x01\x00\x00\x00\x13" + size.to_bytes(4, "big") * 2 + bytes(11)


TOLD = {
    "jbig2": (
        pdf(content=PAINTED, resources="/XObject << /I 6 0 R >>", more=(huge_image("JBIG2Decode"),)),
        errors.ImageTooLarge,
    ),
    "stencil": (
        pdf(
            content=PAINTED,
            resources="/XObject << /I 6 0 R >>",
            more=(huge_image(more="/Mask 7 0 R", size=10), huge_image(more="/ImageMask true")),
        ),
        errors.ImageTooLarge,
    ),
    "stamp flate": (
        pdf(page="/Annots [6 0 R]", more=(STAMP, with_entries(FORM, flate_bomb()))),
        errors.PageTooLarge,
    ),
    "stamp states": (
        pdf(
            page="/Annots [6 0 R]", more=(STAMP.replace(b"7 0 R", b"<< /On 7 0 R >>"), with_entries(FORM, flate_bomb()))
        ),
        errors.PageTooLarge,
    ),
    "stamp image": (
        pdf(page="/Annots [6 0 R]", more=(STAMP, holding(FORM, 8), huge_image())),
        errors.ImageTooLarge,
    ),
    "stamps": (
        pdf(page=f"/Annots [{'6 0 R ' * 100_000}]", more=(STAMP, stream(b"", FORM))),
        errors.PageTooLarge,
    ),
    "widgets": (
        pdf(page=f"/Annots [{'<< /Subtype /Widget /FT /Tx /T (a) /Rect [0 0 9 9] >>' * 100_000}]"),
        errors.PageTooLarge,
    ),
    "soft mask flate": (
        pdf(content=stream(b"/G gs 0 0 9 9 re f"), resources=MASKED, more=(with_entries(GROUP, flate_bomb()),)),
        errors.PageTooLarge,
    ),
    "soft mask image": (
        pdf(content=stream(b"/G gs 0 0 9 9 re f"), resources=MASKED, more=(holding(GROUP, 7), huge_image())),
        errors.ImageTooLarge,
    ),
    "tile flate": (
        pdf(
            content=stream(b"/Pattern cs /P scn 0 0 9 9 re f"),
            resources="/Pattern << /P 6 0 R >>",
            more=(with_entries(TILE, flate_bomb()),),
        ),
        errors.PageTooLarge,
    ),
    "mesh flate": (
        pdf(content=stream(b"/S sh"), resources="/Shading << /S 6 0 R >>", more=(with_entries(MESH, flate_bomb()),)),
        errors.PageTooLarge,
    ),
    "mesh tile": (
        pdf(
            content=stream(b"/Pattern cs /P scn 0 0 9 9 re f"),
            resources="/Pattern << /P << /PatternType 2 /Shading 6 0 R >> >>",
            more=(with_entries(MESH, flate_bomb()),),
        ),
        errors.PageTooLarge,
    ),
    "glyph flate": (
        pdf(content=stream(b"BT /F 9 Tf (A) Tj ET"), more=(glyphs(7), flate_bomb()), font=6),
        errors.PageTooLarge,
    ),
    "streams": (
        pdf(content=b"[" + b"6 0 R " * 30_000 + b"]", more=(stream(b"0 0 1 1 re f"),)),
        errors.PageTooLarge,
    ),
    "words": (pdf(content=many_words()), errors.PageTooLarge),
    "states": (pdf(content=stream(b"q " * 500_000 + TEXT)), errors.Corrupt),
    "arrays": (pdf(content=stream(b"[" * 500_000 + TEXT)), errors.Corrupt),
}

HEAVY: dict[str, Callable[[], bytes]] = {
    "inline images that claim too much": lambda: pdf(
        content=stream(
            inline(60_000) + inline(60_000, bytes(99), "/BPC 8 /CS /RGB") + inline(10**6, how="/IM true /F /CCF")
        )
    ),
    "many large inline images": lambda: pdf(content=stream(inline(9_000, zlib.compress(bytes(243_000_000), 9)) * 10)),
    "glyphs of glyphs": lambda: pdf(content=stream(b"BT /F 9 Tf (A) Tj ET"), more=nested_glyphs(), font=6),
    "a glyph of itself": lambda: pdf(
        content=stream(b"BT /F 9 Tf (A) Tj ET"),
        more=(glyphs(7, "/Font << /F 6 0 R >>"), stream(b"10 0 d0 BT /F 1 Tf (AAAAAAAAAA) Tj ET")),
        font=6,
    ),
    "a stamp of nested forms": lambda: pdf(page="/Annots [6 0 R]", more=(STAMP, *nested_forms(7))),
    "a mask of nested groups": lambda: pdf(
        content=stream(b"/G gs 0 0 9 9 re f"), resources=MASKED, more=nested_forms(6, GROUP)
    ),
    "tiles of tiles": lambda: pdf(
        content=stream(b"/Pattern cs /P scn 0 0 9 9 re f"), resources="/Pattern << /P 6 0 R >>", more=nested_tiles(4)
    ),
    "a mesh of a million triangles": lambda: pdf(
        content=stream(b"/S sh"),
        resources="/Shading << /S 6 0 R >>",
        more=(stream(zlib.compress(bytes(range(256)) * 100_000, 9), f"{MESH} /Filter /FlateDecode"),),
    ),
    "a font file of much": lambda: pdf(
        more=(
            b"<< /Type /Font /Subtype /TrueType /BaseFont /X /FontDescriptor 7 0 R >>",
            b"<< /Type /FontDescriptor /FontName /X /Flags 4 /FontFile2 8 0 R >>",
            stream(zeros(), TWICE),
        ),
        font=6,
    ),
    "a character map of much": lambda: pdf(
        more=(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 7 0 R >>", stream(zeros(), TWICE)),
        font=6,
    ),
    "a colour profile of much": lambda: pdf(
        content=stream(b"/C cs 0 0 0 sc 0 0 9 9 re f"),
        resources="/ColorSpace << /C [/ICCBased 6 0 R] >>",
        more=(stream(zeros(), f"/N 3 {TWICE}"),),
    ),
    "an object stream of much": lambda: packed_object(zeros(), TWICE),
    "a JPX that is larger than it says": lambda: pdf(
        content=PAINTED, resources="/XObject << /I 6 0 R >>", more=(stream(jpx(60_000), f"{SMALL} /Filter /JPXDecode"),)
    ),
    "a JBIG2 that is larger than it says": lambda: pdf(
        content=PAINTED,
        resources="/XObject << /I 6 0 R >>",
        more=(stream(jbig2(60_000), f"{SMALL} /BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /JBIG2Decode"),),
    ),
    "dashes of nothing": lambda: pdf(content=stream(b"[0.00001] 0 d 0 0 m 200 100 l S")),
    "groups in a row": lambda: pdf(
        content=stream(b"/A Do " * 10_000),
        resources="/XObject << /A 6 0 R >>",
        more=(stream(b"0 0 99 99 re f", GROUP),),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TOLD)
async def test_a_bomb_that_a_cheap_look_tells_is_refused_by_name(content: MakeContent, name: str) -> None:
    data, expected = TOLD[name]
    with Renderer(Settings(limits=LIMITS)) as renderer:
        with pytest.raises(expected) as raised:
            await read(renderer, content(data))
        assert type(raised.value) is expected
        assert (await read(renderer, content(pdf()))).words


@pytest.mark.slow
@pytest.mark.parametrize("what", HEAVY)
async def test_what_no_cheap_check_tells_is_read_or_ended_by_its_timer(content: MakeContent, what: str) -> None:
    """And its neighbour in the same child is read."""
    heavy, small = content(HEAVY[what]()), content(pdf())
    assert heavy.size < 3_000_000
    with Renderer(Settings(limits=LIMITS)) as renderer:
        assert (await read(renderer, small)).words
        try:
            page = await read(renderer, heavy)
        except errors.DocumentError as error:
            assert isinstance(error, errors.RenderTimeout | errors.Corrupt | errors.PageTooLarge)  # noqa: PT017
        else:
            assert page.pixels is not None
        assert (await read(renderer, small)).words
