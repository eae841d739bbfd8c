"""One form, from its seed to its sheet and its truth."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from docpipe.synth import fonts
from docpipe.synth.document import Document
from docpipe.synth.form.answers import Field, Questionnaire, Section, draw_questionnaire
from docpipe.synth.form.extras import cover_sheet, extras, margins
from docpipe.synth.form.look import draw_look, suited
from docpipe.synth.form.paper import Form, put_choice, put_field
from docpipe.synth.identifiers import digits
from docpipe.synth.pen import Pen
from docpipe.synth.places import PLACES_OF
from docpipe.synth.sheet import Sheet
from docpipe.synth.traits import NONE, Traits, told_of

_COARSE_DPI: Final = (85, 100)


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


def _rows(form: Form, fields: Sequence[Field]) -> list[list[Field]]:
    """The fields in rows of one to three, or in two columns; long answers have a row of their own."""
    rows: list[list[Field]] = []
    most, chance = (2, 1.0) if "two_columns" in form.traits else (3, 0.6)
    for field in fields:
        alone = field.name in ("remarks", "iban")
        if (
            rows
            and not alone
            and len(rows[-1]) < most
            and rows[-1][-1].name not in ("remarks", "iban")
            and form.rng.random() < chance
        ):
            rows[-1].append(field)
        else:
            rows.append([field])
    return rows


def _put_rows(form: Form, heading: str, fields: Sequence[Field], first: int) -> None:
    number = first
    for row in _rows(form, fields):
        form.room(form.pen.size * 6)
        gap = 0.0 if form.look.style == "boxed" else 8.0 if "two_columns" in form.traits else 14.0
        across = 2 if "two_columns" in form.traits and row[0].name not in ("remarks", "iban") else len(row)
        wide = (form.right - form.left + gap) / across
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


def new_form(content: Questionnaire, rng: Random, odd: Random, traits: Traits) -> Form:
    """A blank sheet for `content`, in a look of its own."""
    language = content.language
    sides = (612.0, 792.0) if language == "en" and rng.random() < 0.4 else (595.28, 841.89)
    family = fonts.draw_family(rng, rng.random() < 0.06, language)
    pen = Pen(Sheet(*sides), family, rng.choice((8.0, 8.5, 9.0, 10.0)) * family.scale)
    margin = rng.uniform(40, 60)
    look = suited(draw_look(language, rng), traits, odd)
    return Form(pen, look, content, rng, margin, sides[0] - margin, 40.0, content.shared(), traits=traits, odd=odd)


def fill_in(form: Form, place: str) -> None:
    """Print the whole form and what was entered; a form with the difficulty "fax" is a cover sheet instead."""
    if "fax" in form.traits:
        cover_sheet(form, place)
    else:
        _head(form)
        number = 1
        for section in form.content.sections:
            _put_section(form, section, number)
            number += len(section.fields)
        extras(form, place)
        form.y += form.pen.size
        _put_rows(form, "", form.content.last, number)
    margins(form)


def compose(index: int, seed: int, languages: Sequence[str], traits: Traits = NONE) -> Document:
    """Form `index` of `seed`, in one of `languages`, with the difficulties `traits`."""
    rng, odd = Random(f"form {seed} {index}"), Random(f"odd form {seed} {index}")
    language = languages[(index + seed) % len(languages)]
    content = draw_questionnaire(language, rng)
    form = new_form(content, rng, odd, traits)
    fill_in(form, odd.choice(PLACES_OF[language]))
    return document_of(form)


def document_of(form: Form) -> Document:
    """The finished form as a document."""
    look, pen, label = form.look, form.pen, {"title": form.content.title, **form.label}
    story = {
        "style": look.style,
        "hand": look.hand,
        "tick": look.tick,
        "family": pen.family.name,
        **told_of(form.traits),
    }
    dpi = form.odd.randint(*_COARSE_DPI) if "coarse" in form.traits else 0
    return Document(form.content.language, "form", pen.sheet, label, story, title=label["title"], dpi=dpi)
