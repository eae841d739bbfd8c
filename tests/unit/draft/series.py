"""Documents of one kind from one hand: the same words and the same layout, other contents, as a user's samples are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pymupdf
import pytest

from docpipe.synth.document import Document, finish
from docpipe.synth.form import compose as form
from docpipe.synth.form.answers import Field, Questionnaire, draw_questionnaire
from docpipe.synth.formats import draw_numbers
from docpipe.synth.invoice.captions import Wording
from docpipe.synth.invoice.draft import Draft
from docpipe.synth.invoice.layouts import LAYOUTS
from docpipe.synth.invoice.make import A4, Wish, draw_bill, draw_look, draw_setting
from docpipe.synth.invoice.truth import label
from docpipe.synth.receipt.hardships import Hard
from docpipe.synth.receipt.paper import layout, new_pen
from docpipe.synth.receipt.sale import draw_sale
from docpipe.synth.receipt.sums import foot
from docpipe.synth.receipt.truth import FIELDS
from docpipe.synth.sheet import Sheet
from docpipe.synth.traits import NONE
from docpipe.synth.truth import stated

HOW_MANY = 5
Truth = dict[str, Any]


class Settled(Random):
    """Chooses the same every time: the first wording, a little of everything."""

    def choice(self, seq: Sequence[Any]) -> Any:  # type: ignore[override]
        return seq[0]

    def random(self) -> float:
        return 0.4


def invoices(folder: Path, language: str, design: str) -> list[Truth]:
    """Five invoices of one supplier into the folder; the truth of each."""
    design_of = next(each for each in LAYOUTS if each.name == design)
    truths = []
    for number in range(HOW_MANY):
        rng = Random(f"supplier {language} {design}")
        setting = draw_setting(language, rng)
        look = draw_look(language, setting, design_of.mono, rng)
        words = Wording(language, setting.place, ":", False, False, Settled(1))
        bill = draw_bill(setting, Wish(language, number + 2, False, False), look.dates, Random(number))
        draft = Draft(Sheet(*A4), bill, look, words, Settled(1))
        design_of.draw(draft)
        truths.append(_written(folder, "invoice", number, language, draft.sheet, label(bill, draft.sheet)))
    return truths


def receipts(folder: Path, language: str) -> list[Truth]:
    """Five receipts of one printer into the folder; the truth of each."""
    truths = []
    shop = draw_sale(language, Random(f"shop {language}"))
    for number in range(HOW_MANY):
        sale = draw_sale(language, Random(f"sale {language} {number}"))
        sale = replace(sale, shop=shop.shop, name=shop.name)
        numbers = draw_numbers(language, shop.shop.country, Random(1))
        roll = layout(sale, new_pen(language, Random(1)), numbers, Settled(1), foot, Hard(NONE, None, Random(1)))
        truths.append(_written(folder, "receipt", number, language, roll.pen.sheet, stated(roll.label, FIELDS)))
    return truths


def forms(folder: Path, language: str, seed: int) -> list[Truth]:
    """Five entries in one form into the folder; the truth of each."""
    truths = []
    for number in range(HOW_MANY):
        entered = _entered(language, number)

        def filled(_: str, rng: Random, entered: dict[str, str] = entered) -> Questionnaire:
            return _filled(draw_questionnaire(language, rng), entered)

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(form, "draw_questionnaire", filled)
            made = form.compose(0, seed, (language,))
        truths.append(_written(folder, "form", number, language, made.sheet, made.label))
    return truths


def _entered(language: str, number: int) -> dict[str, str]:
    """Answers to every question, by the name of the field."""
    values: dict[str, str] = {}
    for draw in range(12):
        drawn = draw_questionnaire(language, Random(f"person {number} {draw}"))
        fields = [*(field for section in drawn.sections for field in section.fields), *drawn.last]
        values |= {field.name: field.value for field in fields if field.value is not None}
    return values


def _filled(blank: Questionnaire, entered: dict[str, str]) -> Questionnaire:
    def answered(fields: Sequence[Field]) -> tuple[Field, ...]:
        return tuple(replace(field, value=entered.get(field.name)) for field in fields)

    sections = tuple(replace(section, fields=answered(section.fields)) for section in blank.sections)
    return replace(blank, sections=sections, last=answered(blank.last))


def _written(folder: Path, kind: str, number: int, language: str, sheet: Sheet, truth: Truth) -> Truth:
    document = Document(language, kind, sheet, truth, {}, {}, title=kind)
    made = finish(document, kind, number, 1, "none")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{kind}-{number}.{made.suffix}").write_bytes(made.content)
    return truth


def page(path: Path, *lines: str) -> None:
    """A digital page with these lines; what stands behind a bar stands in columns of its own."""
    with pymupdf.open() as document:
        sheet = document.new_page()
        for at, line in enumerate(lines):
            for column, text in enumerate(line.split("|")):
                sheet.insert_text((60 + 150 * column, 80 + 22 * at), text)
        document.save(path)
