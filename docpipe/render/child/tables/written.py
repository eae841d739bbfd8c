"""A scan and the words that were recognised on it, written as a PDF page: what the table model can read.

The words are written invisibly over the picture, each in its box (PDF 1.7, 9.3.6: rendering mode 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from docpipe.page.box import Box

TYPE_PT = 12.0  # the model looks at pages at 72 dpi, and was taught on pages: type is set to this size
MARGIN_PT = 120.0  # of paper around a picture whose words fill it: a table cut out of its page
FILLED = 0.88  # a hull of the words over this share of both sides fills the picture
DESCENT = 0.2  # of the box's height: where the base line is
WIDTH = 0.5  # of a letter, in heights of its type; what it comes to is stretched to fit the box

Printed = tuple[str, Box]  # a word and its box, in fractions of the picture


def written(
    rgb: bytes, size: tuple[int, int], sides: tuple[float, float], words: Sequence[Printed]
) -> tuple[bytes, Box]:
    """(a PDF of one page, the box of the picture on it in points). `sides`: of the picture in points."""
    scale = TYPE_PT / max(1.0, median(box.height for _, box in words) * sides[1]) if words else 1.0
    width, height = sides[0] * scale, sides[1] * scale
    margin = MARGIN_PT if _fills(box for _, box in words) else 0.0
    picture = Box(margin, margin, margin + width, margin + height)
    page_width, page_height = width + 2 * margin, height + 2 * margin
    drawn = [b"q %.2f 0 0 %.2f %.2f %.2f cm /I Do Q BT 3 Tr\n" % (width, height, margin, margin)]
    for text, box in words:
        letters = text.encode("cp1252", "replace")
        type_pt = box.height * height
        stretch = 100 * box.width * width / max(1e-6, WIDTH * type_pt * len(letters))
        left = margin + box.left * width
        base = page_height - margin - box.bottom * height + DESCENT * type_pt
        drawn.append(
            b"/F %.2f Tf %.2f Tz 1 0 0 1 %.2f %.2f Tm (%s) Tj\n" % (type_pt, stretch, left, base, _escaped(letters))
        )
    drawn.append(b"ET")
    return _file(b"".join(drawn), rgb, size, (page_width, page_height)), picture


def _fills(boxes: Iterable[Box]) -> bool:
    hull = Box.around(boxes)
    return min(hull.width, hull.height) > FILLED


def _escaped(letters: bytes) -> bytes:
    return letters.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _file(content: bytes, rgb: bytes, size: tuple[int, int], sides: tuple[float, float]) -> bytes:
    """A file of one page with the picture /I and the type /F, every letter of which is equally wide."""
    font = (
        b"<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding/FirstChar 32/LastChar 255/Widths[%s]>>"
        % (b"%d " % (WIDTH * 1000) * 224)
    )
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Resources<</Font<</F 5 0 R>>/XObject<</I 6 0 R>>>>" % sides
    )
    picture = b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8" % size
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        page + b"/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        font,
        picture + b"/Length %d>>stream\n%s\nendstream" % (len(rgb), rgb),
    ]
    parts, places, at = [b"%PDF-1.7\n"], [], len(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(at)
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        at += len(parts[-1])
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table))
    parts.append(b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, at))
    return b"".join(parts)
