"""The lines of a printed form: whole, broken by a bad copy, or without their side walls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from docpipe.synth.sheet import Colour

if TYPE_CHECKING:
    from docpipe.synth.form.paper import Form

_WHITE: Final[Colour] = (1.0, 1.0, 1.0)


def rule(form: Form, x0: float, y: float, x1: float, weight: float = 0.5, *, dashed: bool = False) -> None:
    """A level line to write on."""
    if "broken" not in form.traits:
        form.pen.sheet.rule(x0, y, x1, y, weight, form.look.line, dashed=dashed)
        return
    at = x0
    while at < x1:
        end = min(x1, at + form.odd.uniform(8, 70))
        form.pen.sheet.rule(at, y, end, y, weight, form.look.line)
        at = end + form.odd.uniform(1.5, 6)


def frame(form: Form, x0: float, y0: float, x1: float, y1: float, weight: float = 0.5, *, white: bool = False) -> None:
    """A box to write in; `white` inside where the ground may be tinted."""
    sheet = form.pen.sheet
    if not form.traits & {"broken", "open_sides"}:
        sheet.area(x0, y0, x1, y1, fill=_WHITE if white else None, stroke=form.look.line, weight=weight)
        return
    if white:
        sheet.area(x0, y0, x1, y1, fill=_WHITE)
    rule(form, x0, y0, x1, weight)
    rule(form, x0, y1, x1, weight)
    if "open_sides" not in form.traits:
        for x in (x0, x1):
            gap = form.odd.uniform(y0, y1)
            sheet.rule(x, y0, x, gap, weight, form.look.line)
            sheet.rule(x, min(y1, gap + (y1 - y0) * 0.15), x, y1, weight, form.look.line)
