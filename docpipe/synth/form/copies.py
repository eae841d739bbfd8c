"""One printed form, filled in again and again: documents COPIES*n to COPIES*n + COPIES - 1 are copies of form n.

What is printed depends on the form alone, what is entered on the copy. Most of these forms give no hint where a key
ends and its entry begins: no colons, no lines, keys above, below or left of their entries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Final

from docpipe.synth import fonts
from docpipe.synth.document import Document
from docpipe.synth.form.answers import SIGNED, Field, Questionnaire, answered_anew, draw_questionnaire
from docpipe.synth.form.look import Look, draw_look
from docpipe.synth.form.paper import Form, entry, put_choice, scribble
from docpipe.synth.identifiers import digits
from docpipe.synth.pen import Pen
from docpipe.synth.places import data
from docpipe.synth.sheet import Sheet

COPIES: Final = 20
STYLES: Final = ("bare", "bare", "stacked", "stacked", "ruled", "under", "lined", "boxed")


@dataclass(frozen=True)
class Plan:
    """What a form prints, whoever fills it in. `tab`: where entries begin, in parts of a column."""

    style: str
    columns: int
    tab: float
    colon: str
    sides: tuple[float, float]
    size: float
    margin: float
    number: str
    notes: tuple[str, ...]


def _plan(asked: Questionnaire, look: Look, rng: Random) -> Plan:
    style = rng.choice(STYLES)
    notes = data("phrases.json")[asked.language]["notes"]
    return Plan(
        style,
        rng.choice((1, 2, 2)),
        rng.uniform(0.36, 0.48),
        look.colon if rng.random() < 0.3 else "",
        (612.0, 792.0) if asked.language == "en" and rng.random() < 0.4 else (595.28, 841.89),
        rng.choice((8.0, 8.5, 9.0)),
        rng.uniform(40, 60),
        f"F-{digits(rng, 4)}",
        tuple(rng.sample(notes, min(len(notes), 3))),
    )


def _put_field(form: Form, plan: Plan, one: Field, key: str, x0: float, x1: float) -> None:
    """A field between x0 and x1 on the line at form.y, and its truth."""
    pen, size, small, index = form.pen, form.pen.size, form.pen.size * 0.82, len(form.label["fields"])
    path, line, base = f"fields[{index}]", form.look.line, form.y + size * 1.4
    beside = plan.style in ("bare", "lined", "ruled")
    left = x0 + (x1 - x0) * plan.tab if beside else x0 + 2
    room = left - x0 - 6 if beside else x1 - x0
    if plan.style == "under":
        pen.sheet.rule(x0, base + 2.5, x1, base + 2.5, 0.5, line)
        pen.put(x0, base + 3 + small, one.caption, size=small, paths=(f"{path}.key",), limit=room)
    elif beside:
        pen.put(x0, base, one.caption + plan.colon, paths=(f"{path}.key",), limit=room)
    else:
        pen.put(x0 + 2, form.y + small, one.caption + plan.colon, size=small, paths=(f"{path}.key",), limit=room)
        base = form.y + small * 1.4 + size * 1.3
    if plan.style == "lined":
        pen.sheet.rule(left, base + 2.5, x1, base + 2.5, 0.5, line)
    elif plan.style == "ruled":
        pen.sheet.rule(x0, base + size * 0.7, x1, base + size * 0.7, 0.4, line)
    elif plan.style == "boxed":
        pen.sheet.area(x0, form.y - 1, x1, form.y + size * 3.1, stroke=line, weight=0.5)
    if one.value == SIGNED:
        scribble(form, left + 4, base, min((x1 - left) * 0.6, 90.0), f"{path}.value")
    elif one.value is not None:
        entry(form, left, base, one.value, x1 - left - 8, f"{path}.value", size)
    form.label["fields"].append({"key": key, "value": one.value})


def _put_fields(form: Form, plan: Plan, fields: Sequence[Field], heading: str, filler: Random) -> None:
    tall = form.pen.size * {"bare": 1.9, "lined": 2.0, "ruled": 2.2, "under": 3.1}.get(plan.style, 3.4)
    wide = (form.right - form.left) / plan.columns
    for at, one in enumerate(fields):
        column = at % plan.columns
        if column == 0:
            form.room(tall * 2)
        form.rng = filler
        key = f"{heading} / {one.caption}" if one.caption in form.shared else one.caption
        x0 = form.left + column * wide
        _put_field(form, plan, one, key, x0, x0 + wide - (0.0 if plan.style == "boxed" else 14.0))
        if column == plan.columns - 1 or at == len(fields) - 1:
            form.y += tall


def _head(form: Form, plan: Plan) -> None:
    pen = form.pen
    form.label = {"title": form.content.title, **form.label}
    room = (form.right - form.left) * 0.62
    form.y = pen.paragraph(
        form.left, form.y + pen.size * 1.7, form.content.title, room, size=pen.size * 1.7, bold=True, paths=("title",)
    )
    pen.put(form.right, 44, plan.number, size=pen.size * 0.8, align="right")
    for place, text in enumerate(form.content.office):
        pen.put(form.right, 44 + pen.size * 1.5 * (place + 1), text, size=pen.size * 0.8, align="right")
    form.y = pen.paragraph(form.left, form.y + pen.size, form.content.intro, room, size=pen.size * 0.9)
    form.y = max(form.y + pen.lead, 44 + pen.size * 8)


def compose(index: int, seed: int, languages: Sequence[str]) -> Document:
    """Copy `index % COPIES` of form `index // COPIES` of `seed`, in one of `languages`."""
    number, copy = divmod(index, COPIES)
    rng, filler = Random(f"printed {seed} {number}"), Random(f"filled {seed} {number} {copy}")
    language = languages[(number + seed) % len(languages)]
    blank = draw_questionnaire(language, rng)
    look, family = draw_look(language, rng), fonts.draw_family(rng, rng.random() < 0.06, language)
    plan, hand = _plan(blank, look, rng), draw_look(language, filler)
    look = replace(look, hand=hand.hand, typed=hand.typed, ink=hand.ink, tick=hand.tick)
    content = answered_anew(blank, filler)
    pen = Pen(Sheet(*plan.sides), family, plan.size * family.scale)
    form = Form(
        pen, look, content, filler, plan.margin, plan.sides[0] - plan.margin, 40.0, content.shared()
    )  # fmt: skip
    _head(form, plan)
    for at, section in enumerate(content.sections):
        form.room(pen.size * 8)
        if look.tint:
            pen.sheet.area(form.left, form.y, form.right, form.y + pen.size * 1.7, fill=look.tint)
        pen.put(form.left + 2, form.y + pen.size * 1.25, section.heading, bold=True)
        form.y += pen.size * 2.3
        short = [one for one in section.fields if one.name != "remarks"]  # a sentence has no room in a column
        _put_fields(form, plan, short, section.heading, filler)
        for question, choice in enumerate(section.choices):
            form.y += pen.size * 0.5
            form.rng = Random(f"choice {seed} {number} {at} {question}")
            put_choice(form, choice)
        form.y += pen.size * 0.9
    _put_fields(form, plan, content.last, "", filler)
    form.y += pen.size * 2
    for note in plan.notes:
        form.room(pen.lead)
        pen.put(form.left, form.y, note, size=pen.size * 0.8, limit=form.right - form.left)
        form.y += pen.lead
    story = {"style": plan.style, "hand": look.hand, "tick": look.tick, "family": family.name, "form": number}
    return Document(language, "form", pen.sheet, form.label, story, title=content.title)
