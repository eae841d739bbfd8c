"""Font families the generator prints with: the base-14 faces and the TrueType faces of the pymupdf-fonts package.

That package only holds font buffers; importing one of its modules loads no PDF engine.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.resources import files
from random import Random
from typing import Any, Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from docpipe.synth.languages import NEEDS_UNICODE


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


# Faces that look written by hand, with the package and file that hold them (both under the SIL Open Font License 1.1).
_HANDS: Final = {
    "AmaticSC": ("font_amatic_sc", "AmaticSC-Bold.ttf"),
    "Intuitive": ("font_intuitive", "Intuitive.ttf"),
}
HAND_SCALE: Final = {"AmaticSC": 1.45, "Intuitive": 1.0}  # evens out their size beside print


def draw_family(rng: Random, mono: bool, language: str) -> Family:
    """A family for a document in `language`; base-14 faces are as common as on real invoices."""
    base = ("helvetica", "times", "courier")
    fitting = [
        family for family in FAMILIES if family.mono == mono and not (family.name in base and language in NEEDS_UNICODE)
    ]
    weights = [3 if family.name in base else 2 for family in fitting]
    return rng.choices(fitting, weights)[0]


def draw_hand(rng: Random, language: str) -> str:
    """A face like handwriting that has the letters of `language`."""
    return rng.choice([name for name in _HANDS if name != "Intuitive" or language not in NEEDS_UNICODE])


@lru_cache(maxsize=256)  # faces
def face(name: str) -> Any:
    """The reportlab font called `name`, registered on first use. ModuleNotFoundError if its package is missing."""
    if name in _HANDS:
        package, file = _HANDS[name]
        pdfmetrics.registerFont(TTFont(name, io.BytesIO(files(package).joinpath("files", file).read_bytes())))
    elif "_" in name:
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
