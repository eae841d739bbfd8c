"""Sheets to PDF, and page images to PDF: the same bytes for the same input, dates and identifiers pinned."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from random import Random
from typing import Any, Final

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from docpipe.synth import fonts
from docpipe.synth.degrade.pixels import picture
from docpipe.synth.sheet import Area, Colour, Mark, Outline, Rule, Sheet, Text

_PICTURE_DPI: Final = 220


def _draw(canvas: Any, mark: Mark, height: float) -> None:
    match mark:
        case Text():
            fonts.face(mark.font)
            if mark.picture:
                _draw_picture(canvas, mark, height)
                return
            canvas.setFillColorRGB(*mark.colour)
            canvas.setFont(mark.font, mark.size)
            if mark.angle or mark.hand or mark.alpha < 1:
                _draw_turned(canvas, mark, height)
            else:
                canvas.drawString(mark.x, height - mark.y, mark.text)
        case Rule():
            canvas.setStrokeColorRGB(*mark.colour)
            canvas.setLineWidth(mark.weight)
            canvas.setDash(*((2.0, 2.0) if mark.dashed else ()))
            canvas.line(mark.x0, height - mark.y0, mark.x1, height - mark.y1)
        case Area():
            canvas.setDash()
            canvas.setLineWidth(mark.weight)
            if mark.fill:
                canvas.setFillColorRGB(*mark.fill)
            if mark.stroke:
                canvas.setStrokeColorRGB(*mark.stroke)
            box = (mark.x0, height - mark.y1, mark.x1 - mark.x0, mark.y1 - mark.y0)
            canvas.roundRect(*box, mark.radius, stroke=int(mark.stroke is not None), fill=int(mark.fill is not None))
        case Outline():
            _draw_outline(canvas, mark, height)


def _draw_picture(canvas: Any, mark: Text, height: float) -> None:
    """A text as a picture of itself, as letterheads have the name in their logo."""
    x0, y0, x1, y1 = mark.box()
    inside = Sheet(x1 - x0, y1 - y0)
    inside.area(0, 0, inside.width, inside.height, fill=_paper(mark.colour))
    inside.text(0, mark.y - y0, mark.text, mark.font, mark.size, colour=mark.colour)
    image = ImageReader(io.BytesIO(picture(pdf(inside, ""), _PICTURE_DPI)))
    canvas.drawImage(image, x0, height - y1, x1 - x0, y1 - y0)


def _paper(ink: Colour) -> Colour:
    """What `ink` is legible on: white, or a dark gray for light letters."""
    return (1.0, 1.0, 1.0) if sum(ink) < 2.4 else (0.2, 0.2, 0.25)


def _draw_turned(canvas: Any, mark: Text, height: float) -> None:
    """Turned text; of an unsteady hand, each word leans and rises a little on its own."""
    canvas.saveState()
    canvas.setFillAlpha(mark.alpha)
    canvas.translate(mark.x, height - mark.y)
    canvas.rotate(mark.angle)
    place, shake = 0.0, Random(mark.hand)
    for word in mark.text.split(" ") if mark.hand else [mark.text]:
        canvas.saveState()
        canvas.translate(place, shake.uniform(-0.04, 0.04) * mark.size if mark.hand else 0.0)
        canvas.rotate(shake.uniform(-1.2, 1.2) if mark.hand else 0.0)
        canvas.drawString(0, 0, word)
        canvas.restoreState()
        place += fonts.width(f"{word} ", mark.font, mark.size)
    canvas.restoreState()


def _draw_outline(canvas: Any, mark: Outline, height: float) -> None:
    canvas.saveState()
    if mark.fill:
        canvas.setFillColorRGB(*mark.fill)
    if mark.stroke:
        canvas.setStrokeColorRGB(*mark.stroke)
    if mark.alpha < 1:
        canvas.setFillAlpha(mark.alpha)
        canvas.setStrokeAlpha(mark.alpha)
    canvas.setLineWidth(mark.weight)
    canvas.setLineJoin(1)
    canvas.setDash(list(mark.dash))
    path = canvas.beginPath()
    path.moveTo(mark.steps[0][0], height - mark.steps[0][1])
    for step in mark.steps[1:]:
        turned = [height - part if place % 2 else part for place, part in enumerate(step)]
        (path.lineTo if len(step) == 2 else path.curveTo)(*turned)
    if mark.closed:
        path.close()
    canvas.drawPath(path, stroke=int(mark.stroke is not None), fill=int(mark.fill is not None))
    canvas.restoreState()


def pdf(sheet: Sheet, title: str) -> bytes:
    """The sheet as a PDF with a text layer."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(sheet.width, sheet.height), invariant=1, pageCompression=1)
    canvas.setTitle(title)
    for page in sheet.pages:
        for mark in page:
            _draw(canvas, mark, sheet.height)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def image_pdf(jpegs: Sequence[tuple[bytes, int, int]], dpi: int, gray: bool) -> bytes:
    """A PDF of nothing but page images, as scanners write it: (JPEG bytes, width, height) in pixels a page, shown
    at `dpi`.
    """
    shape = f"/ColorSpace/{'DeviceGray' if gray else 'DeviceRGB'}/BitsPerComponent 8"
    return _images(jpegs, dpi, shape, "DCTDecode")


def bilevel_pdf(pages: Sequence[tuple[bytes, int, int]], dpi: int) -> bytes:
    """A PDF of black-and-white page images: (rows of packed bits, 1 is white; width; height) a page, shown at `dpi`."""
    packed = [(zlib.compress(bits, 9), wide, high) for bits, wide, high in pages]
    return _images(packed, dpi, "/ColorSpace/DeviceGray/BitsPerComponent 1", "FlateDecode")


def _images(images: Sequence[tuple[bytes, int, int]], dpi: int, kind: str, coding: str) -> bytes:
    bodies: list[bytes] = [b"<</Type/Catalog/Pages 2 0 R>>"]
    kids = " ".join(f"{3 + 3 * index} 0 R" for index in range(len(images)))
    bodies.append(f"<</Type/Pages/Count {len(images)}/Kids[{kids}]>>".encode())
    for index, (data, wide, high) in enumerate(images):
        first = 3 + 3 * index
        size = f"{wide * 72 / dpi:.2f} {high * 72 / dpi:.2f}"
        content = f"q {wide * 72 / dpi:.2f} 0 0 {high * 72 / dpi:.2f} 0 0 cm /I Do Q".encode()
        image_of = f"/Resources<</XObject<</I {first + 2} 0 R>>>>"
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {size}]/Contents {first + 1} 0 R{image_of}>>"
        shape = f"/Width {wide}/Height {high}{kind}"
        image = f"<</Type/XObject/Subtype/Image{shape}/Filter/{coding}/Length {len(data)}>>"
        bodies += [
            page.encode(),
            f"<</Length {len(content)}>>".encode() + _stream(content),
            image.encode() + _stream(data),
        ]
    return _assemble(bodies)


def _stream(data: bytes) -> bytes:
    return b"\nstream\n" + data + b"\nendstream"


def _assemble(bodies: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    for offset in offsets:
        out += f"{offset:010d} 00000 n \n".encode()
    out += f"trailer\n<</Size {len(bodies) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
