"""A form is read with what its copies have in common; a document without siblings as if there were no templates."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from docpipe.engine.layout.engine import LayoutEngine
from docpipe.engine.layout.templates.siblings import LayoutSiblings
from docpipe.page.box import Box
from docpipe.records import Page, Request, Template, Widget, Word
from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import HEIGHT, WIDTH, Print, page_of
from tests.unit.engine.layout.templates.conftest import KEYS, PEOPLE, PRINTED, filled, misread, other_form

FORM = load_schema("form")
CHOICE: list[Print] = [(70, 300, "Married"), (170, 300, "Single"), (270, 300, "Widowed")]


def learnt(*pages: Page) -> tuple[Template, ...]:
    return LayoutSiblings().learn(pages)


def read(page: Page, templates: Sequence[Template] = ()) -> tuple[dict[str, Any], set[str]]:
    """(the answer, the methods of its pairs)."""
    request = Request(
        "key", "doc", (page,), FORM.document, "form", FORM.fingerprint, "", 4096,
        templates={page.number: tuple(templates)} if templates else {},
    )  # fmt: skip
    reply = asyncio.run(LayoutEngine().answer(request))
    assert reply.finish == "stop", reply.error
    return json.loads(reply.text), {span.method for span in reply.spans if span.path.startswith("fields")}


def pairs(answer: Mapping[str, Any]) -> dict[str, str | None]:
    return {pair["key"]: pair["value"] for pair in answer["fields"]}


COPIES = [filled(person) for person in PEOPLE]


@pytest.mark.parametrize("count", [3, 5])
def test_every_entry_has_the_key_that_is_printed_at_it(count: int) -> None:
    templates = learnt(*COPIES[:count])
    for person, page in zip(PEOPLE, COPIES, strict=True):  # those it was learnt from, and others
        answer, methods = read(page, templates)
        assert pairs(answer) == {key: person.get(key) for key in KEYS}
        assert methods == {"template"}


def test_without_siblings_the_same_form_gives_no_pair() -> None:
    assert pairs(read(COPIES[0])[0]) == {}


def test_a_template_that_does_not_fit_changes_nothing() -> None:
    templates = learnt(*COPIES[:3])
    letter = page_of([(50, 40, "Dear Ms Quintana"), (50, 80, "Our reference: A-17"), (50, 94, "Your call: 3 May")])
    assert read(letter, templates) == read(letter)
    stranger = filled({**PEOPLE[5], "Engine capacity": "1600"}, other_form()[3:])
    assert read(stranger, templates) == read(stranger)


def test_paper_that_lies_otherwise_is_read_the_same() -> None:
    templates = learnt(*COPIES[:4])
    answer, _ = read(filled(PEOPLE[5], right=12.0, scale=0.97), templates)
    assert pairs(answer) == {key: PEOPLE[5].get(key) for key in KEYS}


def test_a_scan_of_a_form_is_read_with_the_templates_of_scans() -> None:
    scans = [misread(page, seed, 0.04) for seed, page in enumerate(COPIES)]
    templates = learnt(*scans)
    found = pairs(read(scans[0], templates)[0])
    right = sum(found.get(key) is not None for key in KEYS)
    assert right >= len(KEYS) - 2
    assert set(found) <= set(KEYS)


def test_what_all_copies_print_beside_a_key_is_no_entry() -> None:
    hint: list[Print] = [*PRINTED, (50, 330, "Signature:"), (220, 330, "sign in ink")]
    small = [_shrunk(filled(person, hint), {"sign", "in", "ink"}) for person in PEOPLE[:3]]
    assert pairs(read(small[0])[0]) == {"Signature": "sign in ink"}
    assert pairs(read(small[0], learnt(*small))[0])["Signature"] is None


def test_what_all_copies_enter_in_the_type_of_entries_is_kept_and_less_sure() -> None:
    people = [{**person, "Nationality:": "Ireland"} for person in PEOPLE[:3]]
    pages = [filled(person, [*PRINTED, (50, 330, "Nationality:")]) for person in people]
    assert pairs(read(pages[0], learnt(*pages))[0])["Nationality"] == "Ireland"
    assert _sure(pages[0], learnt(*pages)) < _sure(pages[0], ())


def _sure(page: Page, templates: Sequence[Template]) -> float:
    request = Request("k", "d", (page,), FORM.document, "form", "", "", 4096, templates={1: tuple(templates)})
    reply = asyncio.run(LayoutEngine().answer(request))
    return next(span.score for span in reply.spans if span.text == "Ireland" and span.path.endswith("value"))


def _shrunk(page: Page, texts: set[str]) -> Page:
    def smaller(word: Word) -> Word:
        box = word.box
        return replace(word, box=box._replace(top=box.bottom - box.height * 0.7)) if word.text in texts else word

    return replace(page, words=tuple(map(smaller, page.words)))


def ticked(person: Mapping[str, str], choice: str, hidden: str = "") -> Page:
    """A copy with three checkboxes, of which the one at `hidden` shows no outline."""
    page = filled(person, [*PRINTED, *CHOICE])
    boxes = tuple(
        Widget(
            Box((x - 14) / WIDTH, y / HEIGHT, (x - 4) / WIDTH, (y + 10) / HEIGHT), "checkbox", text, "", text == choice
        )
        for x, y, text in CHOICE
        if text != hidden
    )
    return replace(page, geometry=replace(page.geometry, widgets=boxes))


def test_a_box_that_the_form_prints_is_there_though_nothing_shows_it() -> None:
    templates = learnt(*(ticked(person, "Single") for person in PEOPLE[:4]))
    page = ticked(PEOPLE[5], "Married", hidden="Widowed")
    alone = {box["label"]: box["checked"] for box in read(page)[0]["checkboxes"]}
    known = {box["label"]: box["checked"] for box in read(page, templates)[0]["checkboxes"]}
    assert alone == {"Married": True, "Single": False}
    assert known == {"Married": True, "Single": False, "Widowed": None}


def test_the_texts_of_boxes_are_no_pairs() -> None:
    templates = learnt(*(ticked(person, "Single") for person in PEOPLE[:4]))
    assert set(pairs(read(ticked(PEOPLE[4], "Single"), templates)[0])) == set(KEYS)


def test_the_heads_of_a_table_are_no_keys() -> None:
    heads: list[Print] = [(50, 330, "Course"), (200, 330, "Lecturer"), (350, 330, "Credits earned")]
    pages = [
        _with_rows(
            filled(person, [*PRINTED, *heads]),
            [(f"{name}{at}", f"{name}son Hart{at}", f"{len(name)}.{at}") for at in (1, 2)],
        )
        for person, name in zip(PEOPLE[:4], ("Algebra", "Botany", "Chemical", "Law"), strict=True)
    ]
    found = pairs(read(pages[0], learnt(*pages))[0])
    assert found == {key: PEOPLE[0].get(key) for key in KEYS}


def _with_rows(page: Page, rows: Sequence[Sequence[str]]) -> Page:
    cells = page_of(
        [
            (x, 344 + 14 * line, text)
            for line, row in enumerate(rows)
            for x, text in zip((50, 200, 350), row, strict=True)
        ]
    )
    return replace(page, words=(*page.words, *cells.words))
