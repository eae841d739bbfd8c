"""Pages are grouped by what they print, whatever the order in which they came."""

from __future__ import annotations

from random import Random

import pytest

from docpipe.engine.layout.templates.groups import PageName, groups
from docpipe.engine.layout.templates.siblings import LayoutSiblings, siblings
from docpipe.engine.layout.templates.sketch import alike, hashes, sketch
from docpipe.records import Page
from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import page_of
from tests.unit.engine.layout.templates.conftest import PEOPLE, filled, misread

LETTER = page_of([(50, 40 + 14 * at, f"Dear colleagues number {text} of our club wrote this") for at, text in enumerate(
    ("one", "two", "three", "four", "five", "six", "seven"))])  # fmt: skip


def test_copies_are_alike_and_a_letter_is_not() -> None:
    first, second, letter = (hashes(sketch(page)) for page in (filled(PEOPLE[0]), filled(PEOPLE[1], right=6), LETTER))
    assert alike(first, second.reshape(1, -1))[0] > 0.3
    assert alike(first, letter.reshape(1, -1))[0] < 0.1


def test_a_page_of_few_words_has_no_sketch() -> None:
    assert sketch(page_of([(50, 50, "Page left blank")])) == b""


def test_a_page_that_runs_to_the_left_has_none() -> None:
    assert sketch(page_of([(50, 40 + 14 * at, f"מספר חשבונית תאריך לתשלום {at}") for at in range(12)])) == b""


def names(pages: list[Page]) -> dict[PageName, bytes]:
    return {(f"{at:02}", 1): sketch(page) for at, page in enumerate(pages)}


def test_groups_do_not_depend_on_the_order() -> None:
    pages = [filled(person, right=2.0 * at) for at, person in enumerate(PEOPLE)]
    sketches = names([*pages, *(misread(page, at) for at, page in enumerate(pages)), LETTER])
    expected = groups(sketches)
    assert [len(group) for group in expected] == [12]
    for seed in range(20):
        shuffled = list(sketches.items())
        Random(seed).shuffle(shuffled)
        assert groups(dict(shuffled)) == expected


def test_a_document_has_one_page_in_a_group() -> None:
    page = sketch(filled(PEOPLE[0]))
    assert groups({("a", 1): page, ("a", 2): page, ("b", 1): page}) == []
    assert groups({("a", 1): page, ("a", 2): page, ("b", 1): page, ("c", 5): page}) == [[("a", 1), ("b", 1), ("c", 5)]]


def test_a_library_gives_the_templates_of_alike_pages_only() -> None:
    known = LayoutSiblings()
    (template,) = known.learn([filled(person) for person in PEOPLE[:3]])
    library = known.library([template])
    assert library.like(filled(PEOPLE[5])) == (template,)
    assert library.like(LETTER) == ()
    assert known.library([]).like(filled(PEOPLE[5])) == ()


@pytest.mark.parametrize(("name", "learns"), [("form", True), ("invoice", False), ("receipt", False)])
def test_forms_are_learnt_from(name: str, learns: bool) -> None:
    assert (siblings(load_schema(name)) is not None) == learns
