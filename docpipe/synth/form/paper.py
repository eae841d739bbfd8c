"""How a form is printed and filled in: boxes, lines, combs; type or handwriting; crosses, ticks and filled boxes."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from docpipe.synth import fonts
from docpipe.synth.form.answers import COMBED, SIGNED, Choice, Field, Questionnaire
from docpipe.synth.form.lines import frame, rule
from docpipe.synth.form.look import Look
from docpipe.synth.pen import Pen
from docpipe.synth.traits import NONE, Traits

CELLS: Final = {"iban": 34, "birth": 10, "from": 10, "until": 10, "postcode": 8, "tax": 12, "plate": 8}
"""How many cells a field has where printed lines do not depend on what was entered."""
_GROUPS: Final = {"iban": 4, "birth": 2, "from": 2, "until": 2}  # cells that stand together; 3 of other fields
_GAP: Final = 0.55  # between groups, in cells
_TINY_PT: Final = 6.0  # keys of forms that say much on little room


@dataclass
class Form:
    """A form being printed; `y` is the top of what comes next. `traits` are its difficulties, `odd` is the chance that
    they draw from. `writer` is the chance in the entries; where there is one, printed lines do not depend on what was
    entered.
    """

    pen: Pen
    look: Look
    content: Questionnaire
    rng: Random
    left: float
    right: float
    y: float
    shared: frozenset[str]
    label: dict[str, Any] = field(default_factory=lambda: {"fields": [], "checkboxes": []})
    traits: Traits = NONE
    odd: Random = field(default_factory=Random)
    writer: Random | None = None

    @property
    def hand(self) -> Random:
        """The chance in the entries."""
        return self.writer or self.rng

    @property
    def below(self) -> float:
        """How far below its letters the line of an entry lies, in points: where it lies high, through descenders."""
        return 0.5 if "low_entries" in self.traits else 2.5

    def room(self, height: float) -> None:
        """Go on on a new page where `height` points do not fit."""
        if self.y + height > self.pen.sheet.height - 50:
            self.pen.sheet.new_page()
            self.y = 56.0


def entry(form: Form, x: float, y: float, text: str, limit: float, path: str, size: float) -> None:
    """Write an answer on its line, in the hand or type of who filled the form in."""
    look = form.look
    face = look.hand or look.typed
    points = size * (fonts.HAND_SCALE[look.hand] * 1.15 if look.hand else 1.0)
    wide = fonts.width(text, face, points)
    points *= min(1.0, limit / wide) if wide else 1.0
    lift = form.hand.uniform(-0.8, 1.6) if look.hand else 0.0
    hand = form.hand.getrandbits(30) + 1 if look.hand else 0
    form.pen.sheet.text(
        x + form.hand.uniform(0, 4), y - lift, text, face, points, colour=look.ink, paths=(path,), hand=hand
    )


def scribble(form: Form, x: float, y: float, wide: float, path: str) -> None:
    """A signature: one line up and down, ending in a long stroke."""
    rng, size = form.hand, form.pen.size
    steps: list[tuple[float, ...]] = [(x, y)]
    count = rng.randint(5, 11)
    for place in range(1, count + 1):
        at = x + wide * place / count
        up, down = y - size * rng.uniform(0.2, 1.9), y + size * rng.uniform(-0.2, 0.4)
        steps.append((at - wide / count, up, at, up, at, down if place % 2 else up))
    steps.append((x + wide * 1.1, y - size * 0.6, x + wide * 0.4, y + size * 0.9, x + wide * 1.3, y))
    form.pen.sheet.outline(steps, stroke=form.look.ink, weight=rng.uniform(0.7, 1.3), paths=(path,))


def comb(form: Form, x: float, y: float, text: str, limit: float, path: str, name: str) -> str:
    """A row of cells for one character each of the field `name`. Returns the characters that were entered."""
    shown = "".join(text.split())
    size, cells = form.pen.size, max(len(shown), form.rng.randint(8, 14)) if form.writer is None else CELLS[name]
    group = _GROUPS.get(name, 3) if "grouped_combs" in form.traits else 0
    gaps = (cells - 1) // group if group else 0
    wide = min(size * 1.5, limit / (cells + gaps * _GAP))
    cells = min(cells, int(limit / wide))
    shown = shown[:cells]
    for place in range(cells):
        left = x + place * wide + (place // group * wide * _GAP if group else 0.0)
        if form.look.style == "comb":
            form.pen.sheet.area(left, y - size * 1.25, left + wide, y + size * 0.4, stroke=form.look.line, weight=0.5)
        if place < len(shown):
            face = form.look.hand or form.look.typed
            points = size * (fonts.HAND_SCALE[form.look.hand] if form.look.hand else 1.0)
            points = min(points, points * wide * 0.9 / fonts.width("W", face, points))
            form.pen.sheet.text(
                left + wide / 2, y, shown[place], face, points, colour=form.look.ink, align="centre", paths=(path,)
            )
    return shown


def _lines(form: Form, text: str, limit: float, size: float) -> list[str]:
    face = form.look.hand or form.look.typed
    points = size * (fonts.HAND_SCALE[form.look.hand] * 1.15 if form.look.hand else 1.0)
    return fonts.wrap(text, face, points, limit)


def put_field(form: Form, one: Field, heading: str, x0: float, x1: float, number: int) -> float:
    """One field between x0 and x1, and its truth. Returns the y below it."""
    pen, look, index = form.pen, form.look, len(form.label["fields"])
    path, small, size = f"fields[{index}]", pen.size * 0.82, pen.size
    dot = "." if "tiny_keys" in form.traits else ""
    caption = f"{number}{dot} {one.caption}" if look.numbered else one.caption
    key = f"{heading} / {caption}" if one.caption in form.shared and not look.numbered else caption
    value, value_path = one.value, f"{path}.value"
    tall = size * (5.8 if one.name == "remarks" else 2.9 if look.style != "lined" else 2.1)
    if "tiny_keys" in form.traits:
        small = min(small, _TINY_PT)
    style = "lined" if one.name == "signature" and look.style == "comb" else look.style
    inset = 4.0
    if style == "boxed":
        frame(form, x0, form.y, x1, form.y + tall, 0.6)
        pen.put(
            x0 + 3, form.y + small * 1.05, caption + look.colon, size=small, paths=(f"{path}.key",), limit=x1 - x0 - 6
        )
        left, base = x0 + inset, form.y + size * 2.4
    elif style in ("lined", "beside"):
        told = small if "tiny_keys" in form.traits else size
        limit = (x1 - x0) * (0.7 if "tiny_keys" in form.traits else 0.55)
        wide = pen.put(x0, form.y + size * 1.5, caption + look.colon, size=told, paths=(f"{path}.key",), limit=limit)
        left, base = x0 + max(wide + 6, (x1 - x0) * 0.3), form.y + size * 1.5
        if style == "lined":
            rule(form, left, base + form.below, x1, dashed=form.rng.random() < 0.2)
        else:
            frame(form, left, form.y + 1, x1, form.y + tall - 4, white=True)
            left += 3
    elif style == "under":
        left, base = x0, form.y + size * 1.4
        rule(form, x0, base + form.below, x1)
        pen.put(x0, base + 3 + small, caption, size=small, paths=(f"{path}.key",), limit=x1 - x0)
    else:
        pen.put(x0, form.y + small * 1.1, caption + look.colon, size=small, paths=(f"{path}.key",), limit=x1 - x0)
        left, base = x0, form.y + small * 1.4 + size * 1.5
    limit = x1 - left - inset - (pen.width(one.unit) + 4 if one.unit else 0)
    if one.unit:
        pen.put(x1 - 3, base, one.unit, align="right")
    if style == "comb" and one.name in COMBED:
        value = comb(form, left, base, value or "", limit, value_path, one.name) or None
    else:
        if style == "comb":
            frame(form, left, base - size * 1.25, x1, base + size * 0.5)
            left += 3
        value = _answer(form, one, value, left, base, limit, value_path)
    form.label["fields"].append({"key": key, "value": value})
    return form.y + tall + size * (0.0 if style == "boxed" else 0.5)


def _answer(form: Form, one: Field, value: str | None, left: float, base: float, limit: float, path: str) -> str | None:
    """Write what was entered. Returns it as written: with line breaks where it took several lines."""
    size = form.pen.size
    if value is None:
        return None
    if value == SIGNED:
        scribble(form, left + 6, base, min(limit * 0.6, 110.0), path)
        return value
    if one.name != "remarks" or form.look.style in ("lined", "beside", "under", "comb"):
        entry(form, left, base, value, limit, path, size)
        return value
    lines = _lines(form, value, limit, size)[:3]
    for place, line in enumerate(lines):
        entry(form, left, base + place * size * 1.2, line, limit, path, size)
    return "\n".join(lines)


def put_choice(form: Form, choice: Choice) -> None:
    """A question and its boxes, in a row or under one another."""
    pen, look, rng = form.pen, form.look, form.rng
    first, side = len(form.label["checkboxes"]), pen.size * 0.95
    below = rng.random() < 0.35
    form.room(pen.lead * (len(choice.options) + 2 if below else 3))
    groups = [f"checkboxes[{first + place}].group" for place in range(len(choice.options))]
    wide = pen.put(form.left, form.y + pen.size * 1.3, choice.question, bold=rng.random() < 0.3, paths=groups)
    x, y = form.left + (14 if below else wide + 14), form.y + pen.size * 1.3 + (pen.lead * 1.3 if below else 0)
    for place, (option, ticked) in enumerate(zip(choice.options, choice.ticked, strict=True)):
        path = f"checkboxes[{first + place}]"
        need = side + 5 + pen.width(option) + 16
        if not below and x + need > form.right:
            x, y = form.left + 14, y + pen.lead * 1.35
        text_x, box_x = (x, x + pen.width(option) + 5) if look.box_after else (x + side + 5, x)
        put_box(form, box_x, y, side, ticked, choice.single and look.round_boxes, f"{path}.checked")
        pen.put(text_x, y, option, paths=(f"{path}.label",))
        form.label["checkboxes"].append({"label": option, "checked": ticked, "group": choice.question or None})
        x, y = (x, y + pen.lead * 1.25) if below else (x + need, y)
    form.y = y + pen.lead * (0.3 if below else 0.9)


def put_box(form: Form, x: float, y: float, side: float, ticked: bool, circle: bool, path: str) -> None:
    """A box or circle on the baseline `y`, and what ticks it."""
    sheet, look, rng = form.pen.sheet, form.look, form.hand
    top = y - side * 0.85
    sheet.area(
        x,
        top,
        x + side,
        top + side,
        fill=(1.0, 1.0, 1.0),
        stroke=look.line,
        weight=0.7,
        radius=side / 2 if circle else 0.0,
        paths=(path,),
    )
    if not ticked:
        return
    out = side * rng.uniform(-0.1, 0.25) if look.hand else -side * 0.15
    if look.tick == "filled":
        inset = side * 0.22
        sheet.area(
            x + inset,
            top + inset,
            x + side - inset,
            top + side - inset,
            fill=look.ink,
            radius=(side / 2 - inset) if circle else 0.0,
        )
    elif look.tick == "tick":
        steps = [(x - out * 0.3, top + side * 0.5), (x + side * 0.4, top + side * 0.95), (x + side + out, top - out)]
        sheet.outline(steps, stroke=look.ink, weight=1.3)
    elif look.tick == "typed":
        sheet.text(x + side / 2, y, "X", look.typed, side, colour=look.ink, align="centre")
    else:
        for a, b in (
            ((x - out, top - out), (x + side + out, top + side + out)),
            ((x + side + out, top - out), (x - out, top + side + out)),
        ):
            sheet.outline([a, b], stroke=look.ink, weight=1.1)
