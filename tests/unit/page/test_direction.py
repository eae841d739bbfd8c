"""Text that runs to the left is put in the order in which it is read, however it stands from left to right."""

from __future__ import annotations

import pytest

from docpipe.page.direction import as_read, mostly_left, reading_order, written


@pytest.mark.parametrize(
    ("stands", "read"),
    [
        ("\u05dd\u05d5\u05dc\u05e9", "\u05e9\u05dc\u05d5\u05dd"),  # a word
        (":\u05dd\u05d5\u05dc\u05e9", "\u05e9\u05dc\u05d5\u05dd:"),
        ("1042:\u05e8\u05e4\u05e1\u05de", "\u05de\u05e1\u05e4\u05e8:1042"),  # a number glued to its caption
        ("77/2024-\u0642", "\u0642-77/2024"),
        ("1,380.00", "1,380.00"),
        ("INV-2024-88", "INV-2024-88"),
        ("\u0661\u066c\u0660\u0663\u0665\u066b\u0660\u0660", "\u0661\u066c\u0660\u0663\u0665\u066b\u0660\u0660"),
        ("15/03/2024", "15/03/2024"),
        ("%15", "15%"),
    ],
)
def test_a_word_is_read_in_its_order(stands: str, read: str) -> None:
    assert as_read(list(stands), arabic=True) == read


def test_a_hyphen_joins_digits_but_not_behind_arabic_letters() -> None:
    """UAX 9, W2 and W4: "77-31" stands as "31-77" on an Arabic line, and as it is on a Hebrew one."""
    assert as_read(list("31-77"), arabic=True) == "77-31"
    assert as_read(list("31-77"), arabic=False) == "31-77"


def test_letters_of_a_ligature_stay_together() -> None:
    assert as_read(["\u0642", "\u0641", "\u0644\u0623", "\u0627"], arabic=True) == "\u0627\u0644\u0623\u0641\u0642"


@pytest.mark.parametrize(
    ("printed", "plain"),
    [
        ("\ufed3\ufe8e\ufe97\ufeee\u0631\u0629", "\u0641\u0627\u062a\u0648\u0631\u0629"),  # forms of letters
        ("\ufefb", "\u0644\u0627"),
        ("\u0661\u066c\u0660\u0663\u0665\u066b\u0660\u0660", "1,035.00"),
        ("\u06f4\u06f5\u06f6", "456"),  # Persian digits
        ("\u0661\u060c\u0660\u0663\u0665", "1,035"),  # an Arabic comma between digits groups them ...
        ("\u0627\u060c", "\u0627\u060c"),  # ... and stays one behind letters
        ("\u0645\u0640\u0640\u0639", "\u0645\u0639"),
        ("\u200f12\u200e", "12"),
        ("Stra\u00dfe", "Stra\u00dfe"),
    ],
)
def test_letters_and_digits_are_written_as_elsewhere(printed: str, plain: str) -> None:
    assert written(printed) == plain


def test_words_of_a_line_are_read_from_the_right() -> None:
    texts = ["1042", "\u05d7\u05e9\u05d1\u05d5\u05e0\u05d9\u05ea", "\u05de\u05e1\u05e4\u05e8"]
    assert reading_order(texts, [True, True], leftward=True) == [2, 1, 0]


def test_neighbours_that_run_right_keep_their_order_on_it() -> None:
    texts = ["Acme", "Trading", "Ltd", "\u05e1\u05e4\u05e7"]
    assert reading_order(texts, [True, True, True], leftward=True) == [3, 0, 1, 2]
    assert reading_order(texts, [False, True, True], leftward=True) == [3, 1, 2, 0]


def test_numbers_alone_are_no_text_that_runs_right() -> None:
    assert reading_order(["2024", "\u05de\u05e8\u05e5", "15"], [True, True], leftward=True) == [2, 1, 0]
    assert reading_order(["10", "20"], [True], leftward=True) == [1, 0]


def test_a_sign_at_the_end_of_a_run_is_none_of_it() -> None:
    assert reading_order(["SAR", "12.00", ":", "\u05e1\u05da"], [True, True, True], leftward=True) == [3, 2, 0, 1]


def test_words_that_run_left_keep_their_order_on_a_line_that_runs_right() -> None:
    texts = ["Seller:", "\u05d0\u05d5\u05e8", "\u05e1\u05d8\u05d5\u05d3\u05d9\u05d5", "Ltd"]
    assert reading_order(texts, [True, True, True], leftward=False) == [0, 2, 1, 3]


def test_most_letters_tell_which_way_a_text_runs() -> None:
    assert mostly_left(["\u05e9\u05dc\u05d5\u05dd", "SA-5", "1042"])
    assert not mostly_left(["\u05e9\u05dc\u05d5\u05dd", "Invoice"])
    assert not mostly_left(["1042"])
