"""When hidden words, check digits or another currency speak against a value, and when they do not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box
from docpipe.records import Page, Violation, Word
from docpipe.resolve.contradictions import contradictions
from docpipe.resolve.ground import Evidence
from docpipe.resolve.page_index import PageIndex, Place
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Node
from docpipe.schema.paths import generic, leaves

STRING = {"type": ["string", "null"]}
SCHEMA = parse_schema(
    {
        "type": "object",
        "properties": {
            "a": STRING,
            "b": STRING,
            "day": {**STRING, "format": "date"},
            "vat": {**STRING, "format": "vat-id"},
            "money": {**STRING, "format": "currency"},
            "other": {**STRING, "format": "currency"},
        },
    },
    "some",
)
NODES: Mapping[str, Node] = dict(SCHEMA.root.leaves())


def index(*words: Word, number: int = 1) -> PageIndex:
    return PageIndex(Page(number, 595.0, 842.0, words=words), Conventions())


def seen(text: str, box: Box) -> Word:
    return Word(text, Box(*box))


def unseen(text: str, box: Box) -> Word:
    return Word(text, Box(*box), visible=False)


LEFT, RIGHT = Box(0.25, 0.25, 0.5, 0.5), Box(0.625, 0.25, 0.875, 0.5)


def at(text: str, *boxes: Box, page: int = 1, place: Place | None = None) -> Evidence:
    return Evidence(page, boxes or (LEFT,), True, text, place)


def told(value: dict[str, Any], evidence: dict[str, Evidence], *pages: PageIndex, **money: str) -> list[Violation]:
    assert all(generic(path) in NODES for path, _ in leaves(value))
    return contradictions(NODES, value, evidence, pages, money)


def brief(found: list[Violation]) -> list[tuple[str, str, tuple[str, ...], str, str]]:
    return [(one.rule, one.severity, one.paths, one.left, one.right) for one in found]


def test_a_value_that_only_hidden_words_print_is_told_once() -> None:
    pages = [index(unseen("x" * 300, LEFT), number=1), index(unseen("x" * 300, LEFT), number=2)]
    assert brief(told({"a": "x" * 300}, {}, *pages)) == [("hidden_text", "error", ("a",), "x" * 200, "")]


def test_a_value_that_stands_on_a_page_may_be_hidden_on_another() -> None:
    pages = [index(unseen("x", LEFT), number=1), index(seen("x", LEFT), number=2)]
    assert told({"a": "x"}, {"a": at("x", page=2)}, *pages) == []
    assert told({"a": "x"}, {}, index(seen("x", LEFT))) == []
    assert told({"a": "x"}, {}, index(unseen("y", LEFT))) == []


def test_a_page_without_hidden_words_does_not_end_the_search() -> None:
    pages = [index(seen("y", LEFT), number=1), index(unseen("x", LEFT), number=2)]
    assert [one.rule for one in told({"a": "x"}, {}, *pages)] == ["hidden_text"]


@pytest.mark.parametrize(
    ("hidden", "shown", "contradicted"),
    [
        ("999.00", "119.00", True),
        ("Total 119.00", "119.00", False),  # more of the same
        ("119", "119.00", False),
        ("119.00", "119.00", False),
        ("ACME", "Acme Ltd", False),
        ("", "119.00", False),
    ],
)
def test_hidden_words_under_a_value_contradict_it_if_they_say_something_else(
    hidden: str, shown: str, contradicted: bool
) -> None:
    words = [unseen(word, LEFT) for word in hidden.split()] + [unseen("far", RIGHT)]
    found = told({"a": "v"}, {"a": at(shown)}, index(*words))
    assert brief(found) == [("hidden_text", "error", ("a",), shown, hidden)] * contradicted


def test_hidden_words_are_quoted_together_and_to_their_two_hundredth_character() -> None:
    long = index(*(unseen("y" * 150, LEFT) for _ in range(2)))
    (found,) = told({"a": "v"}, {"a": at("x" * 300)}, long)
    assert (found.left, found.right) == ("x" * 200, "y" * 150 + " " + "y" * 49)


@pytest.mark.parametrize(
    ("box", "under"),
    [
        ((0.125, 0.125, 0.375, 0.375), True),  # its middle is the corner
        ((0.375, 0.375, 0.625, 0.625), True),
        ((0.0, 0.25, 0.375, 0.5), False),  # left of it
        ((0.375, 0.25, 0.75, 0.5), False),  # between the two
        ((0.25, 0.0, 0.5, 0.375), False),  # above
        ((0.25, 0.375, 0.5, 0.75), False),  # below
        ((0.75, 0.25, 0.8, 0.5), True),  # under the second box of the value
    ],
)
def test_a_hidden_word_is_under_a_value_if_its_middle_is(box: Box, under: bool) -> None:
    found = told({"a": "v"}, {"a": at("119.00", LEFT, RIGHT)}, index(unseen("999.00", box)))
    assert [one.right for one in found] == ["999.00"] * under


def test_hidden_words_of_another_page_are_under_nothing() -> None:
    assert told({"a": "v"}, {"a": at("119.00", page=2)}, index(unseen("999.00", LEFT))) == []


@pytest.mark.parametrize(
    ("day", "ambiguous", "marked"),
    [(dt.date(2026, 4, 3), True, True), (dt.date(2026, 3, 3), True, False), (dt.date(2026, 4, 3), False, False)],
)
def test_a_date_whose_print_has_two_readings_is_marked_if_they_differ(
    day: dt.date, ambiguous: bool, marked: bool
) -> None:
    found = told({"day": day}, {"day": at("03/04/2026", place=Place(0, 1, ambiguous))})
    assert brief(found) == [("ambiguous_date", "warning", ("day",), "2026-04-03", "2026-03-04")] * marked
    assert told({"day": day}, {"day": at("03/04/2026")}) == []
    assert told({"day": day}, {}) == []


@pytest.mark.parametrize(("vat", "broken"), [("DE136695976", False), ("DE136695977", True), ("201/113/40209", False)])
def test_check_digits_that_fail_are_a_warning(vat: str, broken: bool) -> None:
    assert brief(told({"vat": vat}, {})) == [("vat_id_checksum", "warning", ("vat",), vat, "")] * broken
    assert told({"a": vat}, {}) == [], "a field of another format"


def test_each_value_is_looked_at() -> None:
    value = {"a": "x", "vat": "DE136695977", "money": "EUR"}
    found = told(value, {}, index(unseen("x", LEFT)), a="USD", b="EUR")
    assert [(one.rule, one.paths) for one in found] == [
        ("hidden_text", ("a",)),
        ("vat_id_checksum", ("vat",)),
        ("currency_conflict", ("a", "money")),
    ]


def test_an_amount_in_another_currency_is_told_where_the_record_has_one() -> None:
    found = told({"money": "EUR"}, {}, a="USD", b="CHF")
    assert brief(found) == [
        ("currency_conflict", "warning", ("a", "money"), "USD", "EUR"),
        ("currency_conflict", "warning", ("b", "money"), "CHF", "EUR"),
    ]
    assert told({"money": "EUR"}, {}, a="EUR") == []
    assert told({"money": "EUR", "other": "USD"}, {}, a="CHF") == []
    assert told({"a": "x"}, {}, a="CHF") == []
