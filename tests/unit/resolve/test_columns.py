"""The lines of a page that no value explains, and the columns in which the rows of a table stand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box
from docpipe.records import Page, Word
from docpipe.resolve.columns import Column, Line, columns_between, columns_of, filled, unexplained
from docpipe.resolve.ground import Evidence
from docpipe.resolve.page_index import PageIndex, Place
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Node
from tests.unit.resolve.pages import page

ITEM = parse_schema(
    {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "count": {"type": "integer"},
            "amount": {"type": "number"},
            "note": {"type": "string"},
        },
    },
    "row",
).root


def child(name: str) -> Node:
    found = ITEM.child(name)
    assert found is not None
    return found


def word(text: str, x0: float, x1: float, y0: float = 0.5, y1: float = 0.52) -> Word:
    return Word(text, Box(x0, y0, x1, y1))


def index(*words: Word) -> PageIndex:
    return PageIndex(Page(1, 595.0, 842.0, words=words), Conventions())


def line(*words: tuple[Word, bool]) -> Line:
    return Line(0, 0.5, words)


def at(*boxes: Box) -> Evidence:
    return Evidence(1, boxes)


# --- lines ---


def texts(lines: Sequence[Line]) -> list[str]:
    return [one.text for one in lines]


def test_words_of_one_height_are_a_line_read_from_left_to_right() -> None:
    words = [word("9.00", 0.8, 0.9), word("Bolt", 0.1, 0.2, 0.505, 0.525), word("each", 0.4, 0.5, 0.498, 0.518)]
    assert texts(unexplained(index(*words), {})) == ["Bolt each 9.00"]


def test_lines_come_from_the_top_at_the_height_of_their_words() -> None:
    words = [
        word("low", 0.1, 0.2, 0.75, 0.875),
        word("high", 0.1, 0.2, 0.25, 0.375),
        word("too", 0.3, 0.4, 0.3125, 0.375),
    ]
    found = unexplained(index(*words), {})
    assert texts(found) == ["high too", "low"]
    assert [one.y for one in found] == [(0.3125 + 0.34375) / 2, 0.8125]


def test_a_word_whose_middle_is_under_the_line_begins_the_next() -> None:
    above = word("above", 0.1, 0.2, 0.25, 0.5)
    assert texts(unexplained(index(above, word("on", 0.3, 0.4, 0.375, 0.625)), {})) == ["above on"]
    assert texts(unexplained(index(above, word("under", 0.3, 0.4, 0.376, 0.626)), {})) == ["above", "under"]


def test_the_last_line_is_not_forgotten_and_no_words_are_no_lines() -> None:
    assert texts(unexplained(index(word("only", 0.1, 0.2)), {})) == ["only"]
    assert unexplained(index(), {}) == []


def test_another_print_of_a_value_is_explained() -> None:
    words = (word("Bill", 0.1, 0.2), word("6736.38", 0.3, 0.4))
    assert texts(unexplained(index(*words), {}, {"6736.38"})) == ["Bill"]


def test_words_of_a_value_are_explained_on_its_own_page_only() -> None:
    shown = PageIndex(page("Bolt 2 pieces 9.00"), Conventions())
    own = Evidence(1, shown.boxes(Place(1, 3)), True, "2 pieces", Place(1, 3))
    assert texts(unexplained(shown, {"a": own})) == ["Bolt 9.00"]
    assert texts(unexplained(shown, {"a": Evidence(2, own.boxes, True, "2 pieces", Place(1, 3))})) == [
        "Bolt 2 pieces 9.00"
    ]


def test_words_that_an_engine_quoted_are_explained_by_their_place() -> None:
    shown = PageIndex(page("Bolt 2 pieces 9.00", "Nut 1"), Conventions())
    quoted = {"a": at(shown.words[0].box), "b": Evidence(1, (), True, "", Place(1, 2)), "c": at(shown.words[5].box)}
    assert texts(unexplained(shown, quoted)) == ["pieces 9.00", "Nut"]
    assert texts(unexplained(shown, {"a": Evidence(2, (shown.words[0].box,))})) == ["Bolt 2 pieces 9.00", "Nut 1"]


def test_a_line_knows_which_of_its_words_are_numbers() -> None:
    (found,) = unexplained(PageIndex(page("Bolt 2 9.00 x9y"), Conventions()), {})
    assert [(one.text, number) for one, number in found.words] == [
        ("Bolt", False),
        ("2", True),
        ("9.00", True),
        ("x9y", False),
    ]


# --- which columns a line fills ---

WIDE, NARROW = Column(0.5, 0.7, False), Column(0.5, 0.51, False)


@pytest.mark.parametrize(
    ("column", "edge", "inside"),
    [
        (WIDE, 0.493, True),
        (WIDE, 0.485, False),
        (NARROW, 0.48, True),  # a digit in the middle of a wider column
        (NARROW, 0.47, False),
    ],
)
def test_a_word_a_little_beside_a_column_stands_in_it(column: Column, edge: float, inside: bool) -> None:
    assert filled(line((word("a", 0.3, edge), False)), [column]) == ({column} if inside else set())


def test_a_word_that_far_right_of_a_column_is_in_it_too() -> None:
    assert filled(line((word("a", 0.707, 0.8), False)), [WIDE]) == {WIDE}
    assert filled(line((word("a", 0.715, 0.8), False)), [WIDE]) == set()


def test_the_slack_of_a_column_ends_where_it_ends() -> None:
    column = Column(0.5, 0.75, False)
    assert column.slack == 0.01
    assert column.overlap(Box(0.25, 0.0, 0.625, 1.0)) == 0.125
    assert column.overlap(Box(0.0, 0.0, 0.25, 1.0)) == -0.25


def test_text_fills_no_column_of_numbers_and_numbers_fill_either() -> None:
    numbers, text = Column(0.5, 0.7, True), Column(0.1, 0.3, False)
    assert filled(line((word("a", 0.5, 0.6), False)), [numbers]) == set()
    assert filled(line((word("5", 0.5, 0.6), True), (word("6", 0.2, 0.3), True)), [numbers, text]) == {numbers, text}


def test_a_word_stands_in_the_column_that_it_reaches_into_most() -> None:
    left, right = Column(0.1, 0.4, False), Column(0.4, 0.8, False)
    assert filled(line((word("a", 0.35, 0.6), False)), [left, right]) == {right}
    assert filled(line((word("a", 0.2, 0.45), False)), [left, right]) == {left}


def test_between_equal_columns_a_number_takes_that_of_numbers() -> None:
    text, numbers = Column(0.1, 0.5, False), Column(0.4498, 0.9, True)
    assert filled(line((word("5", 0.4, 0.5), True)), [text, Column(0.4004, 0.9, True)]) == {Column(0.4004, 0.9, True)}
    assert filled(line((word("5", 0.4, 0.5), True)), [text, Column(0.404, 0.9, True)]) == {text}
    assert filled(line((word("5", 0.3, 0.5), True)), [text, numbers]) == {text}


# --- columns of rows ---


def box(x0: float, x1: float, y: float = 0.5) -> Box:
    return Box(x0, y, x1, y + 0.02)


def test_a_column_is_what_half_of_the_rows_fill() -> None:
    rows = {
        0: {".text": at(box(0.125, 0.25)), ".note": at(box(0.5, 0.625)), ".amount": at(box(0.75, 0.875))},
        1: {".text": at(box(0.125, 0.375)), ".count": at(box(0.4, 0.45)), ".amount": at(box(0.8, 0.875))},
        2: {".text": at(box(0.125, 0.25)), ".count": at(box(0.4, 0.45)), ".amount": at(box(0.75, 0.875))},
        3: {".amount": at(box(0.75, 0.875))},
    }
    assert set(columns_of(ITEM, rows, [])) == {
        Column(0.125, 0.375, False),
        Column(0.4, 0.45, True),
        Column(0.75, 0.875, True),
    }


def test_of_a_value_on_two_lines_the_first_tells_the_column() -> None:
    rows = {0: {".text": at(box(0.125, 0.25), box(0.0, 0.5, 0.6))}, 1: {}, 2: {}}
    assert columns_of(ITEM, rows, []) == []
    assert columns_of(ITEM, {0: rows[0]}, []) == [Column(0.125, 0.25, False)]


@pytest.mark.parametrize(
    ("boxes", "span"),
    [
        # one found in a wrong place, wherever it comes in the order
        (
            [box(0.5, 0.75, 0.1), box(0.5, 0.625, 0.2), box(0.0, 0.2, 0.3), box(0.5, 0.75, 0.4), box(0.5, 0.75)],
            (0.5, 0.75),
        ),
        ([box(0.0, 0.125, 0.9), box(0.5, 0.75, 0.8), box(0.5, 0.75, 0.1)], (0.5, 0.75)),
        # edges that meet belong together
        ([box(0.25, 0.5), box(0.5, 0.625, 0.1), box(0.625, 0.75, 0.9)], (0.25, 0.75)),
        # the middle one by its centre, not by its left edge
        ([box(0.2, 0.3, 0.9), box(0.1, 0.5, 0.1), box(0.45, 0.55, 0.5)], (0.1, 0.55)),
        # two places: the later half tells
        ([box(0.0, 0.1, 0.9), box(0.0, 0.1, 0.8), box(0.4, 0.5, 0.1), box(0.4, 0.5, 0.2), box(0.4, 0.5)], (0.4, 0.5)),
    ],
)
def test_a_column_spans_the_values_beside_its_middle_one(boxes: list[Box], span: tuple[float, float]) -> None:
    rows = {row: {".text": at(one)} for row, one in enumerate(boxes)}
    (column,) = columns_of(ITEM, rows, [])
    assert (column.x0, column.x1) == span


def test_columns_meet_half_way_between_their_keys() -> None:
    captions = [
        (child("amount"), Box(0.75, 0.1, 0.875, 0.2)),
        (child("text"), Box(0.125, 0.1, 0.25, 0.2)),
        (child("count"), Box(0.5, 0.1, 0.625, 0.2)),
    ]
    found = columns_between(captions)
    assert [one.numeric for one in found] == [False, True, True]
    assert [(round(one.x0, 6), round(one.x1, 6)) for one in found] == [(0.01, 0.365), (0.385, 0.6775), (0.6975, 0.99)]


# --- a cell of two values ---


def hours(*units: str, apart: float = 0.005) -> list[Column]:
    """The columns of rows of text, count, note, amount; the note is a unit that stands `apart` from the count."""
    words: list[Word] = []
    rows: dict[int, dict[str, Evidence]] = {}
    for row, unit in enumerate(units):
        y, first = 0.1 + 0.03 * row, len(words)
        words += [word("Bolt", 0.1, 0.2, y, y + 0.02), word("21", 0.4, 0.42, y, y + 0.02)]
        words += [word(unit, 0.42 + apart, 0.5, y, y + 0.02)] if unit else []
        words += [word("9.00", 0.8, 0.9, y, y + 0.02)]
        names = [".text", ".count", *([".note"] if unit else []), ".amount"]
        rows[row] = {
            name: Evidence(1, (words[first + at].box,), True, words[first + at].text, Place(first + at, first + at + 1))
            for at, name in enumerate(names)
        }
    return columns_of(ITEM, rows, [index(*words)])


def test_a_text_in_the_cell_of_a_number_has_no_column_of_its_own() -> None:
    assert set(hours("hours")) == {Column(0.1, 0.2, False), Column(0.4, 0.5, True), Column(0.8, 0.9, True)}
    assert len(hours("hours", "hours", "")) == 3
    assert len(hours("hours", apart=0.05)) == 4, "a column of units"


def test_a_text_right_before_a_number_keeps_its_column() -> None:
    close = [word("Bolt", 0.1, 0.2), word("9.00", 0.205, 0.3)]
    row = {
        name: Evidence(1, (close[at].box,), True, "", Place(at, at + 1)) for at, name in enumerate((".text", ".amount"))
    }
    assert len(columns_of(ITEM, {0: row}, [index(*close)])) == 2


def test_a_row_whose_unit_is_told_beside_its_count_is_like_one_whose_count_stands_where_that_unit_stood() -> None:
    columns = hours("timer")
    told = line((word("Rod", 0.1, 0.2), False), (word("1", 0.43, 0.435), True), (word("8.00", 0.85, 0.9), True))
    assert filled(told, columns) == set(columns)
