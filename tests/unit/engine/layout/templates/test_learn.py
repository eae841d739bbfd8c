"""What copies of one form have in common is learnt from three of them that differ, and not from fewer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from docpipe.engine.layout.templates.learn import learn
from docpipe.engine.layout.templates.template import Template, read, written
from docpipe.page.box import Box
from docpipe.records import Page, Word
from tests.unit.engine.layout.templates.conftest import KEYS, PEOPLE, PRINTED, filled, misread, other_form


def templates(*pages: Page) -> list[Template]:
    return [template for template, _ in learn(pages)]


def copies(count: int) -> list[Page]:
    return [filled(person) for person in PEOPLE[:count]]


def keys_of(template: Template) -> set[str]:
    return {slot.key for slot in template.slots}


@pytest.mark.parametrize("count", [3, 4, 6])
def test_what_repeats_in_place_is_printed_and_what_varies_has_a_key(count: int) -> None:
    (template,) = templates(*copies(count))
    printed = {word for _, _, text in PRINTED for word in text.split()}
    assert {word.text for word in template.words} == printed
    assert keys_of(template) == set(KEYS)
    assert template.members == count


def test_two_copies_teach_nothing() -> None:
    assert templates(*copies(2)) == []


def test_a_document_that_is_kept_twice_counts_once() -> None:
    assert templates(filled(PEOPLE[0]), filled(PEOPLE[0]), filled(PEOPLE[1])) == []
    assert len(templates(filled(PEOPLE[0]), filled(PEOPLE[0]), *copies(6)[1:3])) == 1


def test_blank_copies_alone_teach_nothing() -> None:
    assert templates(filled({}), filled({}), filled({})) == []


def test_paper_may_lie_otherwise() -> None:
    moved = [filled(person, right=7.0 * at, scale=1.0 - 0.02 * at) for at, person in enumerate(PEOPLE[:4])]
    (template,) = templates(*moved)
    assert keys_of(template) == set(KEYS)


def test_misread_print_is_print() -> None:
    (template,) = templates(*(misread(page, seed) for seed, page in enumerate(copies(6))))
    assert keys_of(template) >= set(KEYS) - {"Employer"}
    printed = {word for _, _, text in PRINTED for word in text.split()}
    entered = {word for person in PEOPLE for text in person.values() for word in text.split()} - printed
    assert entered.isdisjoint(word.text for word in template.words)


def test_what_most_enter_is_not_printed_where_the_text_is_that_of_the_file() -> None:
    people = [{**person, "Place of birth": "Leeds" if at else "York"} for at, person in enumerate(PEOPLE)]
    (template,) = templates(*map(filled, people))
    assert "Leeds" not in {word.text for word in template.words}
    assert "Place of birth" in keys_of(template)


def test_forms_of_like_layout_are_told_apart() -> None:
    cars = [
        {**person, "Vehicle registration mark": f"AB{at}7 KLM", "Engine capacity": f"{1100 + 90 * at}"}
        for at, person in enumerate(PEOPLE)
    ]
    found = templates(*copies(3), *(filled(car, other_form()) for car in cars[3:]))
    assert sorted(template.members for template in found) == [3, 3]
    texts = [{word.text for word in template.words} for template in found]
    assert sorted("Employer" in words for words in texts) == [False, True]
    assert sorted("bodywork" in words for words in texts) == [False, True]


def test_print_that_is_split_otherwise_on_every_scan_is_no_entry() -> None:
    splits = ["official use only", "officialuse only", "official useonly", "officialuseonly"]
    pages = [
        replace(filled(person, [*PRINTED, (50, 330, "Remarks"), (220, 330, text)]), text_source="ocr")
        for person, text in zip(PEOPLE, splits, strict=False)
    ]
    (template,) = templates(*pages)
    assert keys_of(template) == set(KEYS)


def test_a_stamp_over_several_lines_is_no_entry() -> None:
    pages = copies(4)
    stamp = Word("APPROVED", Box(210 / 595, 148 / 842, 480 / 595, 210 / 842), size=62 / 842)
    (template,) = templates(replace(pages[0], words=(*pages[0].words, stamp)), *pages[1:])
    assert keys_of(template) == set(KEYS)
    assert max(slot.box.height for slot in template.slots) < 15


def test_what_is_learnt_does_not_depend_on_a_page_s_number() -> None:
    pages = copies(3)
    assert templates(*pages) == templates(*(replace(page, number=at) for at, page in enumerate(pages, 2)))


def test_a_template_is_read_as_it_was_written() -> None:
    (template,) = templates(*copies(4))
    assert written(read(written(template))) == written(template)
    assert keys_of(read(written(template))) == set(KEYS)


@pytest.mark.parametrize("content", [b"", b"x", b"x\x9cK,\x02\x00"])
def test_what_is_no_template_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no template"):
        read(content)
