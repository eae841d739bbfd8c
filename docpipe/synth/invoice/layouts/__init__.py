"""The page structures companies use, by name. A layout draws one bill through a Draft and leaves no page half done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from docpipe.synth.invoice.draft import Draft
from docpipe.synth.invoice.layouts import forms, letters, panels

A4: Final = (595.28, 841.89)
LETTER: Final = (612.0, 792.0)
A5: Final = (419.53, 595.28)


@dataclass(frozen=True)
class Layout:
    """A page structure. `mono` asks for a fixed-pitch face; `small` is printed on A5."""

    name: str
    draw: Callable[[Draft], None]
    mono: bool = False
    small: bool = False


LAYOUTS: Final = (
    Layout("window_letter", letters.window_letter),
    Layout("reference_letter", letters.reference_letter),
    Layout("footer_only", letters.footer_only),
    Layout("centred_head", letters.centred_head),
    Layout("boxed_form", forms.boxed_form),
    Layout("order_form", forms.order_form),
    Layout("listing", forms.listing, mono=True),
    Layout("half_sheet", forms.half_sheet, small=True),
    Layout("banner", panels.banner),
    Layout("sidebar", panels.sidebar),
    Layout("two_parties", panels.two_parties),
    Layout("summary_first", panels.summary_first),
)
