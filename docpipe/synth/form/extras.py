"""What hard forms have beside their blocks: entries in sentences, grids of yes and no, text in the margins; or a whole
cover sheet of a fax in their place.
"""

from __future__ import annotations

from typing import Any

from docpipe.synth.form.answers import answers_of_one
from docpipe.synth.form.fax import fax_answers, put_fax
from docpipe.synth.form.grid import put_grid
from docpipe.synth.form.paper import Form
from docpipe.synth.form.prose import put_prose
from docpipe.synth.formats import draw_dates
from docpipe.synth.places import data, fill

_BLANK = 0.12  # of the entries of a sentence or grid


def _words(form: Form) -> Any:
    return data("form_hard.json")[form.content.language]


def extras(form: Form, place: str) -> None:
    """Sentences with blanks and grids of questions, answered by somebody of `place`."""
    known, writer = _words(form), form.writer or form.odd
    if "yes_no" in form.traits:
        questions = form.odd.sample(known["questions"], form.odd.randint(3, len(known["questions"])))
        ticked = [-1 if writer.random() < _BLANK else writer.randrange(2) for _ in questions]
        put_grid(form, known["heads"], questions, ticked)
    if "prose" in form.traits:
        told = answers_of_one(form.content.language, place, writer)
        answers = {name: None if writer.random() < _BLANK else value for name, value in told.items()}
        put_prose(form, known["prose"], answers)


def cover_sheet(form: Form, place: str) -> None:
    """The cover sheet of a fax that somebody of `place` sends."""
    writer = form.writer or form.odd
    dates = draw_dates(form.content.language, place, writer)
    told = fax_answers(form.content.language, place, dates, writer)
    answers = {name: None if writer.random() < _BLANK else value for name, value in told.items()}
    put_fax(form, answers, tuple(writer.random() < 0.3 for _ in _words(form)["fax"]["marks"]))


def margins(form: Form) -> None:
    """Text up or down the margins of every page."""
    if "margin" not in form.traits:
        return
    pen, odd, sheet = form.pen, form.odd, form.pen.sheet
    text = fill(odd.choice(_words(form)["margin"]), odd)
    left, up = odd.random() < 0.6, odd.random() < 0.7
    size = pen.size * odd.choice((0.75, 0.9, 1.1))
    x = form.left - 12 if left else form.right + 12 + size * 0.7
    y = sheet.height * odd.uniform(0.4, 0.6)
    for page in range(len(sheet.pages)):
        sheet.turn(page)
        pen.put(x, y, text, size=size, align="centre", angle=90.0 if up else -90.0)
