"""The words of a page are found by what they say: text by letters and digits, numbers by value, dates by date."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.literals.text import alphanumeric
from docpipe.page.box import Box
from docpipe.records import Page, Word
from docpipe.resolve.page_index import PageIndex, Place
from tests.unit.resolve.pages import page


def index(text: str, **how: Any) -> PageIndex:
    """`text` as one line of words for each of its lines; "_" is a gap."""
    return PageIndex(page(*text.split("\n")), Conventions(**how))


def spans(shown: PageIndex, value: Any) -> list[tuple[int, int]]:
    return [(place.start, place.end) for place in shown.places(value)]


# --- text ---


@pytest.mark.parametrize(
    ("printed", "text", "found"),
    [
        ("Acme GmbH", "acme gmbh", [(0, 2)]),
        ("Acme GmbH", "AcmeGmbH", []),  # its first word stands nowhere
        ("AcmeGmbH", "Acme GmbH", [(0, 1)]),
        ("Acme GmbH Acme Ltd Acme GmbH", "Acme GmbH", [(0, 2), (4, 6)]),
        ("x Acme", "Acme", [(1, 2)]),
        ("Acme Acme", "Acme", [(0, 1), (1, 2)]),
        ("Acme Gm", "Acme GmbH", []),  # the page ends first
        ("Acme GmbHs", "Acme GmbH", []),
        ("Acme G mb H x", "Acme GmbH", [(0, 4)]),
        ("Acme - GmbH", "Acme GmbH", [(0, 3)]),
        ("Straße", "STRASSE", [(0, 1)]),
        ("ﬁne ①", "fine 1", [(0, 2)]),
        ("RE-2025/17", "re 2025 17", [(0, 1)]),
        ("IBAN DE89 3704 0044 0532 0130 00.", "DE89370400440532013000", [(1, 7)]),  # printed in groups of four
        ("DE89370400440532013000", "DE89 3704 0044 0532 0130 00", [(0, 1)]),
        ("DE89370400440532013000", "DE89370400440532013000", [(0, 1)]),
        ("AB12 CD34", "AB12CD34", []),  # too short for an account
        ("- & -", "-", []),
        ("- x", "", []),
        ("5", 5.0, []),
        ("2.5", 2.5, [(0, 1)]),
    ],
)
def test_text_is_found_by_its_letters_and_digits(printed: str, text: Any, found: list[tuple[int, int]]) -> None:
    shown = index(printed)
    assert spans(shown, text) == found
    assert spans(shown, text) == found, "asked again"
    assert not any(place.ambiguous for place in shown.places(text))


def test_a_value_may_run_over_sixty_words_and_no_more() -> None:
    for count, found in ((60, [(0, 60)]), (61, [])):
        words = " ".join(f"w{at}" for at in range(count))
        assert spans(index(words), words) == found


@pytest.mark.parametrize(
    ("text", "letters"), [("A-1 b_2", "a1b2"), ("Ä ß", "äss"), ("½", "12"), ("٣", "3"), ("_", ""), ("", "")]
)
def test_folding_keeps_letters_and_digits(text: str, letters: str) -> None:
    assert alphanumeric(text).replace("\u2044", "") == letters


# --- numbers ---


def test_a_number_is_found_by_its_value_without_its_sign() -> None:
    shown = index("a 1.234,50 -7 x7y (7)", mark=",")
    assert dict(shown.numbers) == {1: Decimal("1234.5"), 2: Decimal(-7), 4: Decimal(-7)}
    assert spans(shown, Decimal("1234.50")) == spans(shown, Decimal("-1234.5")) == [(1, 2)]
    assert spans(shown, 7) == [(2, 3), (4, 5)]
    assert spans(shown, True) == spans(shown, 1) == []


def test_the_documents_mark_tells_what_a_number_is() -> None:
    assert spans(index("1.234", mark=","), 1234) == [(0, 1)]
    assert spans(index("1.234", mark="."), 1234) == []
    assert spans(index("1.234", mark="."), Decimal("1.234")) == [(0, 1)]


def number_page(left: str, right: str, gap: float, line: int = 0, height: float = 0.25) -> PageIndex:
    words = (
        Word(left, Box(0.0, 0.5, 0.25, 0.5 + height)),
        Word(right, Box(0.25 + gap, 0.5 + line * height, 0.75 + gap, 0.5 + (line + 1) * height), line),
    )
    return PageIndex(Page(1, 595.0, 842.0, words=words), Conventions(mark=","))


@pytest.mark.parametrize(
    ("shown", "joined"),
    [
        (number_page("1", "234,50", 0.125), True),
        (number_page("1", "234,50", 0.0), True),  # they touch
        (number_page("1", "234,50", -0.125), False),  # they overlap
        (number_page("1", "234,50", 0.249), True),
        (number_page("1", "234,50", 0.25), False),  # as far apart as they are high
        (number_page("1", "234,50", 0.125, line=1), False),
        (number_page("1:", "234,50", 0.125), False),
        (number_page("1", "x234,50", 0.125), False),
    ],
)
def test_a_group_of_digits_after_a_space_belongs_to_the_number_before_it(shown: PageIndex, joined: bool) -> None:
    assert spans(shown, Decimal("1234.5")) == [(0, 2)] * joined


def test_two_digits_are_no_group_and_what_follows_the_last_word_is_none() -> None:
    assert spans(number_page("1", "23,50", 0.125), Decimal("123.5")) == []
    assert spans(number_page("a", "1", 0.125), 1) == [(1, 2)]
    both = number_page("1", "234", 0.125)
    assert [spans(both, one) for one in (1, 234, 1234)] == [[(0, 1)], [(1, 2)], [(0, 2)]]


# --- dates ---


@pytest.mark.parametrize(
    ("printed", "found"),
    [
        ("03.03.2025", [(0, 1)]),
        ("x 2025-03-03 x", [(1, 2)]),
        ("03.03.25,", [(0, 1)]),
        ("(03.03.2025)", [(0, 1)]),
        ("03.03.25.", [(0, 1)]),
        ("on 3 March 2025.", [(1, 4)]),
        ("03-Mar-2025", [(0, 1)]),
        ("3 March 2025", [(0, 3)]),
        ("March 3, 2025", [(0, 3)]),
        ("Monday 3 March 2025 x", [(0, 4), (1, 4)]),
        ("3 de marzo de 2025", [(0, 5)]),
        ("on the x 3 March 2025", [(3, 6)]),
        ("03. 03. 2025", [(0, 3)]),
        ("03 / 03 / 2025", [(0, 5)]),
        ("03 x 03 x 2025", []),
        ("3 März 2025", [(0, 3)]),
        ("3.März 2025", [(0, 2)]),
        ("3.III.2025", [(0, 1)]),
        ("2025年3月3日", [(0, 1)]),
        ("令和7年3月3日", [(0, 1)]),
        ("03. 03. x 2025", []),
        ("03. 03.", []),
        ("March 2025", []),
        ("03.03.2025 03.03.2025", [(0, 1), (1, 2)]),
    ],
)
def test_a_date_is_found_however_it_is_printed(printed: str, found: list[tuple[int, int]]) -> None:
    shown = index(printed)
    spelled = spans(shown, dt.date(2025, 3, 3))
    assert set(found) <= set(spelled)
    assert {end for _, end in spelled} == {end for _, end in found}
    assert spans(shown, dt.datetime(2025, 3, 3, 10, tzinfo=dt.UTC)) == spelled
    assert not any(place.ambiguous for place in shown.places(dt.date(2025, 3, 3)))
    assert spans(shown, dt.date(2025, 3, 4)) == []


def test_an_ambiguous_date_stands_under_both_of_its_readings() -> None:
    shown = index("03/04/2025")
    assert list(shown.places(dt.date(2025, 4, 3))) == list(shown.places(dt.date(2025, 3, 4))) == [Place(0, 1, True)]
    told = index("03/04/2025", day_first=True)
    assert list(told.places(dt.date(2025, 4, 3))) == [Place(0, 1, False)]
    assert list(told.places(dt.date(2025, 3, 4))) == []


def test_words_of_more_than_forty_characters_are_no_date() -> None:
    shown = index("September 10" + "," * 23 + " 2025")
    assert len(shown.text(Place(0, 3))) == 40
    assert spans(shown, dt.date(2025, 9, 10)) == [(0, 3)]
    assert spans(index("September 10" + "," * 24 + " 2025"), dt.date(2025, 9, 10)) == []


# --- currencies, hidden words, places ---


def test_a_currency_stands_where_its_sign_first_does() -> None:
    shown = index("5,00 € 7 € $5 GBP")
    assert {code: shown.currencies.get(code) for code in ("EUR", "USD", "CAD", "GBP", "CHF")} == {
        "EUR": 1,
        "USD": 4,
        "CAD": 4,
        "GBP": 5,
        "CHF": None,
    }


def test_hidden_words_have_an_index_of_their_own() -> None:
    shown = PageIndex(page("a b 7", hidden={"b", "7"}, number=3), Conventions())
    assert (spans(shown, "a"), spans(shown, "b"), spans(shown, 7)) == ([(0, 1)], [], [])
    hidden = shown.hidden
    assert hidden is not None
    assert (hidden.number, spans(hidden, "a"), spans(hidden, "b"), spans(hidden, 7)) == (3, [], [(0, 1)], [(1, 2)])
    assert index("a b").hidden is None


def test_a_word_without_text_is_none() -> None:
    words = (Word("", Box(0.0, 0.0, 0.1, 0.1)), Word("a", Box(0.2, 0.0, 0.3, 0.1)))
    shown = PageIndex(Page(1, 595.0, 842.0, words=words), Conventions())
    assert spans(shown, "a") == [(0, 1)]


def test_a_place_has_the_text_of_its_words_and_a_box_for_each_line() -> None:
    shown = index("To Acme GmbH\nBerlin x")
    assert shown.text(Place(1, 4)) == "Acme GmbH Berlin"
    assert shown.boxes(Place(1, 2)) == (shown.words[1].box,)
    first = (shown.words[1].box[0], 0.0, shown.words[2].box[2], 0.02)
    assert shown.boxes(Place(1, 4)) == (first, shown.words[3].box)


def test_words_of_one_printed_line_are_one_box_whatever_the_file_calls_a_line() -> None:
    def boxes(top: float, line: int, block: int) -> int:
        words = (Word("a", Box(0.0, 0.0, 0.1, 0.1), 0, 0), Word("b", Box(0.2, top, 0.3, top + 0.1), line, block))
        return len(PageIndex(Page(1, 595.0, 842.0, words=words), Conventions()).boxes(Place(0, 2)))

    assert boxes(0.0, 0, 1) == 1
    assert boxes(0.2, 0, 0) == 2


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("Gut schrift", True),
        ("GUTSCHRIFT", True),
        ("Gutschrift 7", False),  # another box
        ("-5", True),
        ("5-", False),
        ("", False),
        ("  ", False),
        ("ﬁt", False),
    ],
)
def test_words_stand_in_a_box_if_they_spell_every_part_signs_included(text: str, stands: bool) -> None:
    words = (
        Word("Gut", Box(0.25, 0.25, 0.375, 0.5)),
        Word("schrift", Box(0.375, 0.25, 0.5, 0.5)),
        Word("-5", Box(0.3, 0.3, 0.4, 0.4)),
        Word("7", Box(0.6, 0.25, 0.7, 0.5)),
        Word("fit", Box(0.3, 0.3, 0.4, 0.4), visible=False),
    )
    assert (
        PageIndex(Page(1, 595.0, 842.0, words=words), Conventions()).stands(text, [Box(0.25, 0.25, 0.5, 0.5)]) is stands
    )
