"""PDFs written by hand, so that each can be wrong in just one place."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from random import Random
from typing import Any


def invoice_lines(chance: Random) -> list[str]:
    """What a small invoice says; never the same twice."""
    net = chance.randint(100, 99_999)
    tax = net * 19 // 100
    return [
        "INVOICE",
        f"Invoice number: R-{chance.randint(10_000, 99_999)}",
        f"Invoice date: 2025-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        "Currency: EUR",
        f"Subtotal {net / 100:.2f}",
        f"VAT 19% {tax / 100:.2f}",
        f"Total {(net + tax) / 100:.2f}",
    ]


def text(lines: Sequence[str], size: float = 11, left: float = 60, top: float = 780) -> bytes:
    """The content stream that prints `lines` one below the other in the font /F."""
    rows = (f"1 0 0 1 {left:g} {top - 1.5 * size * row:g} Tm ({line}) Tj" for row, line in enumerate(lines))
    return f"BT /F {size:g} Tf {' '.join(rows)} ET".encode("latin-1")


def stream(data: bytes, entries: str = "") -> bytes:
    """A stream object."""
    return f"<< /Length {len(data)} {entries} >>\nstream\n".encode() + data + b"\nendstream"


def flate(data: bytes, entries: str = "", times: int = 1) -> bytes:
    """A stream object, compressed `times` over."""
    for _ in range(times):
        data = zlib.compress(data, 9)
    return stream(data, f"/Filter [{' /FlateDecode' * times}] {entries}")


def pdf(
    contents: Sequence[bytes],
    *,
    page: str = "/MediaBox [0 0 595 842]",
    resources: str = "",
    fonts: str = "",
    catalog: str = "",
    pages: str = "",
    extra: Sequence[bytes] = (),
) -> bytes:
    """A PDF with one page for each content stream object; `extra` objects have the numbers from 5 on.

    `page`, `resources`, `fonts` and `catalog` are put into those dictionaries, `pages` in place of the root's
    /Kids and /Count. Object 1 is the catalog, 2 the pages' root, 3 the font, 4 is empty.
    """
    first = 5 + len(extra)
    kids = " ".join(f"{first + 2 * index} 0 R" for index in range(len(contents)))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        f"<< /Type /Pages {pages or f'/Kids [{kids}] /Count {len(contents)}'} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"null",
        *extra,
    ]
    for index, body in enumerate(contents):
        number = first + 2 * index
        objects.append(
            f"<< /Type /Page /Parent 2 0 R {page} /Contents {number + 1} 0 R "
            f"/Resources << /Font << /F 3 0 R {fonts} >> {resources} >> >>".encode()
        )
        objects.append(body)
    return assembled(objects)


def assembled(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """A file of `objects`, numbered from 1, with a true cross-reference table; 1 is the catalog."""
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def invoice(chance: Random, contents: bytes = b"", **parts: Any) -> bytes:
    """A good one-page invoice, but for what `parts` of `pdf` change; `contents` in place of its text.

    The invoice's number is in the file in any case, so that no two are the same.
    """
    lines = invoice_lines(chance)
    return pdf([contents or stream(text(lines))], **{"catalog": f"/Lang ({lines[1]})", **parts})
