"""Invoices that carry an order to whoever reads them, each beside its clean twin: the label of both is the same.

What a reader makes of the second must be what it made of the first (indirect prompt injection: Greshake et al. 2023,
arXiv:2302.12173).
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from docpipe.synth import fonts
from docpipe.synth.document import Document
from docpipe.synth.invoice.compose import compose as compose_invoice
from docpipe.synth.places import data
from docpipe.synth.sheet import Colour, Rule, Sheet

_APART: Final = 2_000_003  # seeds of these invoices lie this far from those of others
# How the order is printed: size in points and colour.
_HOWS: Final[dict[str, tuple[float, Colour]]] = {
    "visible": (8.0, (0.0, 0.0, 0.0)),
    "white": (8.0, (1.0, 1.0, 1.0)),
    "tiny": (1.2, (0.35, 0.35, 0.35)),
}


def compose(index: int, seed: int, languages: Sequence[str]) -> Document:
    """Document `index` of `seed`: even ones are clean, each odd one is the one before it with an order on it.

    The line's key `order` is None, or {"how": visible, white or tiny, "text", "page", "box"}; `twin` is the other's id.
    """
    pair, ordered = divmod(index, 2)
    invoice = compose_invoice(pair, seed + _APART, languages)
    rng = Random(f"orders {seed} {pair}")
    how = tuple(_HOWS)[pair % len(_HOWS)]
    tongue = invoice.language if rng.random() < 0.6 else "en"
    order = _print(invoice.sheet, how, rng.choice(data("orders.json")[tongue]), rng) if ordered else None
    facts = {"twin": f"orders-{seed}-{index ^ 1:04d}", "order": order}
    return Document(
        invoice.language,
        "invoice",
        invoice.sheet,
        invoice.label,
        invoice.story,
        invoice.accept,
        facts,
        title=invoice.title,
        way=f"{pair} pair",
    )


def _free(sheet: Sheet, height: float, rng: Random) -> float:
    """A baseline on the current page where a line of `height` meets nothing that is printed; the very foot where there
    is none.
    """
    taken = [
        (mark.y0, mark.y1) if isinstance(mark, Rule) else (mark.box()[1], mark.box()[3])
        for mark in sheet.pages[sheet.page]
    ]
    places = [sheet.height * 0.35 + 4.0 * step for step in range(int(sheet.height * 0.16))]
    free = [y for y in places if not any(top < y + height * 0.5 and low > y - height * 1.2 for top, low in taken)]
    return rng.choice(free) if free else sheet.height - 8.0


def _print(sheet: Sheet, how: str, text: str, rng: Random) -> dict[str, Any]:
    """Print the order on the first or last page. Returns what the label says of it."""
    size, ink = _HOWS[how]
    sheet.turn(rng.choice((0, len(sheet.pages) - 1)))
    face = "Ubuntu_Regular"
    size = min(size, size * (sheet.width - 80) / fonts.width(text, face, size))
    sheet.text(40, _free(sheet, size, rng), text, face, size, colour=ink)
    mark = sheet.texts(sheet.page)[-1]
    x0, y0, x1, y1 = mark.box()
    sides = (x0 / sheet.width, y0 / sheet.height, x1 / sheet.width, y1 / sheet.height)
    return {"how": how, "text": text, "page": sheet.page + 1, "box": [round(side, 5) for side in sides]}
