"""PDFs written by hand, so that each can be wrong in just one place."""

from __future__ import annotations

import zlib
from functools import cache

TEXT = b"BT /F 12 Tf 20 50 Td (Still readable) Tj ET"


def stream(data: bytes, entries: str = "") -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def pdf(
    media_box: str = "[0 0 200 100]",
    count: int = 1,
    kids: str = "[3 0 R]",
    tail: bool = True,
    page: str = "",
    resources: str = "",
    content: bytes = stream(TEXT),
    more: tuple[bytes, ...] = (),
    font: int = 5,
) -> bytes:
    """A PDF written by hand, so that it can be wrong in just one place. `more` are objects 6, 7, ..."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids {kids} /Count {count} >>".encode(),
        f"<< /Type /Page /Parent 2 0 R /MediaBox {media_box} /Contents 4 0 R {page} "
        f"/Resources << /Font << /F {font} 0 R >> {resources} >> >>".encode(),
        content,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *more,
    ]
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return out if tail else out[:start]


@cache
def flate_bomb(filters: int = 2) -> bytes:
    """100 MB of operators, deflated once (100 KB) or once more (a few hundred bytes)."""
    data = _operators() if filters == 1 else zlib.compress(_operators(), 9)
    return stream(data, f"/Filter [{'/FlateDecode ' * filters}]")


@cache
def _operators() -> bytes:
    packer = zlib.compressobj(9)
    operators = b"0 0 1 1 re f\n" * 80_000
    return b"".join(packer.compress(operators) for _ in range(100)) + packer.flush()


def huge_image(filter_: str = "FlateDecode", more: str = "", size: int = 60_000) -> bytes:
    entries = f"/Type /XObject /Subtype /Image /Width {size} /Height {size} /ColorSpace /DeviceRGB {more}"
    return stream(zlib.compress(bytes(1_000)), f"{entries} /BitsPerComponent 8 /Filter /{filter_}")


PAINTED = stream(b"q 200 0 0 100 0 0 cm /I Do Q")
FORM = "/Type /XObject /Subtype /Form /BBox [0 0 200 100]"
