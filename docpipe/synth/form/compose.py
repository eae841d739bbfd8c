"""One form, from its seed to its sheet and its truth."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from docpipe.synth import fonts
from docpipe.synth.document import Document
from docpipe.synth.form.answers import Field, Section, draw_questionnaire
from docpipe.synth.form.look import draw_look
from docpipe.synth.form.paper import Form, put_choice, put_field
from docpipe.synth.identifiers import digits
from docpipe.synth.pen import Pen
from docpipe.synth.sheet import Sheet


def _head(form: Form) -> None:
    """The title, a number, how to fill it in, and the office's own corner."""
    pen, rng = form.pen, form.rng
    corner = rng.random() < 0.5
    room = (form.right - form.left) * (0.66 if corner else 0.85)
    form.label = {"title": form.content.title, **form.label}
    form.y = pen.paragraph(
        form.left, form.y + pen.size * 1.7, form.content.title, room, size=pen.size * 1.7, bold=True, paths=("title",)
    )
    pen.put(form.left, form.y, form.content.intro, size=pen.size * 0.9)
    if corner:
        x = form.left + (form.right - form.left) * 0.7
        pen.sheet.area(x, 40, form.right, 40 + pen.size * 6, stroke=form.look.line, weight=0.5)
        for place, text in enumerate(form.content.office):
            pen.put(x + 4, 40 + pen.size * (1.3 + place * 1.7), text, size=pen.size * 0.8, limit=form.right - x - 8)
    else:
        pen.put(form.right, 44, f"F-{digits(rng, 4)}", size=pen.size * 0.8, align="right")
    form.y = max(form.y + pen.lead * 1.4, 40 + pen.size * 7)


def _rows(fields: Sequence[Field], rng: Random) -> list[list[Field]]:
    """The fields in rows of one to three; long answers have a row of their own."""
    rows: list[list[Field]] = []
    for field in fields:
        alone = field.name in ("remarks", "iban")
        if (
            rows
            and not alone
            and len(rows[-1]) < 3
            and rows[-1][-1].name not in ("remarks", "iban")
            and rng.random() < 0.6
        ):
            rows[-1].append(field)
        else:
            rows.append([field])
    return rows


def _put_rows(form: Form, heading: str, fields: Sequence[Field], first: int) -> None:
    number = first
    for row in _rows(fields, form.rng):
        form.room(form.pen.size * 6)
        gap = 0.0 if form.look.style == "boxed" else 14.0
        wide = (form.right - form.left + gap) / len(row)
        low = form.y
        for place, cell in enumerate(row):
            x0 = form.left + place * wide
            low = max(low, put_field(form, cell, heading, x0, x0 + wide - gap, number))
            number += 1
        form.y = low


def _put_section(form: Form, section: Section, first: int) -> None:
    pen = form.pen
    form.room(pen.size * 10)
    if form.look.tint:
        pen.sheet.area(form.left, form.y, form.right, form.y + pen.size * 1.7, fill=form.look.tint)
    pen.put(form.left + 2, form.y + pen.size * 1.25, section.heading, bold=True)
    form.y += pen.size * 2.3
    _put_rows(form, section.heading, section.fields, first)
    form.y += pen.size * 0.4
    for choice in section.choices:
        put_choice(form, choice)
    form.y += pen.size * 0.9


def compose(index: int, seed: int, languages: Sequence[str]) -> Document:
    """Form `index` of `seed`, in one of `languages`."""
    rng = Random(f"form {seed} {index}")
    language = languages[(index + seed) % len(languages)]
    content = draw_questionnaire(language, rng)
    sides = (612.0, 792.0) if language == "en" and rng.random() < 0.4 else (595.28, 841.89)
    family = fonts.draw_family(rng, rng.random() < 0.06, language)
    pen = Pen(Sheet(*sides), family, rng.choice((8.0, 8.5, 9.0, 10.0)) * family.scale)
    margin = rng.uniform(40, 60)
    form = Form(pen, draw_look(language, rng), content, rng, margin, sides[0] - margin, 40.0, content.shared())
    _head(form)
    number = 1
    for section in content.sections:
        _put_section(form, section, number)
        number += len(section.fields)
    form.y += pen.size
    _put_rows(form, "", content.last, number)
    story = {"style": form.look.style, "hand": form.look.hand, "tick": form.look.tick, "family": family.name}
    return Document(language, "form", pen.sheet, form.label, story, title=content.title)
