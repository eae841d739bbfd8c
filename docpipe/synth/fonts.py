"""Font families the generator prints with: the base-14 faces and the TrueType faces of the pymupdf-fonts package.

That package only holds font buffers; importing one of its modules loads no PDF engine.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from random import Random
from typing import Any, Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont


@dataclass(frozen=True)
class Family:
    """Names of the three faces of a family. `scale` evens out faces that look larger than others at one size."""

    name: str
    regular: str
    bold: str
    italic: str
    mono: bool = False
    scale: float = 1.0


FAMILIES: Final = (
    Family("helvetica", "Helvetica", "Helvetica-Bold", "Helvetica-Oblique"),
    Family("times", "Times-Roman", "Times-Bold", "Times-Italic", scale=1.08),
    Family("courier", "Courier", "Courier-Bold", "Courier-Oblique", mono=True, scale=0.9),
    Family("firago", "FiraGO_Regular", "FiraGO_Bold", "FiraGO_Italic", scale=0.95),
    Family("notosans", "NotoSans_Regular", "NotoSans_Bold", "NotoSans_Italic", scale=0.93),
    Family("ubuntu", "Ubuntu_Regular", "Ubuntu_Bold", "Ubuntu_Italic", scale=0.98),
    Family("ubuntumono", "UbuntuMono_Regular", "UbuntuMono_Bold", "UbuntuMono_Italic", mono=True),
    Family("cascadia", "CascadiaMono_Regular", "CascadiaMono_Bold", "CascadiaMono_Italic", mono=True, scale=0.88),
    Family("spacemono", "SpaceMono_Regular", "SpaceMono_Bold", "SpaceMono_Italic", mono=True, scale=0.84),
)


def draw_family(rng: Random, mono: bool) -> Family:
    """A family for a document; base-14 faces are as common as on real invoices."""
    fitting = [family for family in FAMILIES if family.mono == mono]
    weights = [3 if family.name in ("helvetica", "times", "courier") else 2 for family in fitting]
    return rng.choices(fitting, weights)[0]


@cache
def face(name: str) -> Any:
    """The reportlab font called `name`, registered on first use. ModuleNotFoundError if pymupdf-fonts is missing."""
    if "_" in name:
        buffer = import_module(f"pymupdf_fonts.{name}").fontbuffer
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(buffer)))
    return pdfmetrics.getFont(name)


def width(text: str, name: str, size: float) -> float:
    """Advance width of `text` in points."""
    return float(face(name).stringWidth(text, size))


def ascent_descent(size: float) -> tuple[float, float]:
    """Height above and depth below the baseline, in points, of ordinary letters (capitals to descenders)."""
    return 0.74 * size, 0.21 * size


def wrap(text: str, name: str, size: float, limit: float) -> list[str]:
    """`text` broken at spaces into lines no wider than `limit` points; a longer single word stays whole."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if line and width(longer, name, size) > limit:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line]
