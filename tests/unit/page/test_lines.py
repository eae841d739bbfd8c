"""Words of one printed line are found together, whatever order and whatever scale they come in."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from docpipe.page.box import Box
from docpipe.page.lines import SAME_LINE, line_pitch, read_page, word_lines
from docpipe.records import Page, Word

A4 = (595.0, 842.0)
HEIGHT, LEADING = 0.012, 0.02  # of the page's height


def word(text: str, left: float, middle: float, height: float = HEIGHT) -> Word:
    return Word(text, Box(left, middle - height / 2, left + 0.05, middle + height / 2))


def texts(words: list[Word]) -> list[str]:
    return [" ".join(words[at].text for at in line) for line in word_lines(words, *A4)]


def grid(lines: int, columns: int) -> list[Word]:
    return [
        word(f"{line}.{column}", 0.1 + 0.08 * column, 0.1 + LEADING * line)
        for line in range(lines)
        for column in range(columns)
    ]


@given(st.permutations(grid(5, 4)))
def test_lines_come_from_the_top_and_their_words_from_the_left_in_whatever_order_the_file_has_them(
    words: list[Word],
) -> None:
    assert texts(words) == [" ".join(f"{line}.{column}" for column in range(4)) for line in range(5)]


@given(st.lists(st.floats(-0.49, 0.49), min_size=4, max_size=4))
def test_what_is_off_the_line_by_less_than_half_of_that_is_on_it(shifts: list[float]) -> None:
    words = [word(str(at), 0.1 * at, 0.5 + shift * SAME_LINE * HEIGHT) for at, shift in enumerate(shifts)]
    assert texts(words) == ["0 1 2 3"]


def test_centres_farther_apart_than_half_of_the_smaller_height_are_two_lines() -> None:
    large = word("large", 0.1, 0.5, 4 * HEIGHT)
    assert texts([large, word("small", 0.4, 0.5 + 0.9 * SAME_LINE * HEIGHT)]) == ["large small"]
    assert texts([large, word("small", 0.4, 0.5 + 1.1 * SAME_LINE * HEIGHT)]) == ["large", "small"]


@given(st.permutations(grid(4, 3)), st.floats(0.1, 1.0))
def test_lines_are_the_same_at_every_scale(words: list[Word], scale: float) -> None:
    small = [Word(one.text, one.box.scaled(scale, scale)) for one in words]
    assert texts(small) == texts(words)
    assert (
        line_pitch(small) == scale * line_pitch(words) or abs(line_pitch(small) / line_pitch(words) / scale - 1) < 1e-9
    )


@given(st.permutations(range(12)), st.integers(0, 2))
def test_every_word_stands_on_one_line(order: list[int], step: int) -> None:
    words = [word(str(at), 0.07 * at, 0.1 + 0.004 * step * number) for at, number in enumerate(order)]
    assert sorted(at for line in word_lines(words, *A4) for at in line) == list(range(12))


def test_lines_of_a_sidebar_are_not_those_of_the_letter_beside_it() -> None:
    side = [word(f"s{at}", 0.05, 0.1 + 0.031 * at) for at in range(14)]
    letter = [
        word(f"w{at}.{column}", 0.4 + 0.08 * column, 0.112 + LEADING * at) for at in range(20) for column in range(5)
    ]
    lines = texts([*letter, *side])
    assert lines[:14] == [f"s{at}" for at in range(14)]
    assert lines[14] == "w0.0 w0.1 w0.2 w0.3 w0.4"


def test_no_words_are_no_lines() -> None:
    assert word_lines([], *A4) == []
    assert line_pitch([]) == 0.0


def test_the_text_of_a_page_has_the_lines_of_its_visible_words() -> None:
    words = [
        *grid(3, 2),
        Word("hidden", Box(0.5, 0.1, 0.6, 0.112), visible=False),
        Word(" ", Box(0.7, 0.1, 0.8, 0.112)),
    ]
    page = read_page(Page(1, *A4, words=tuple(words)), 0)
    assert [line.text for line in page.lines] == ["0.0 0.1", "1.0 1.1", "2.0 2.1"]
    assert [token.index for line in page.lines for segment in line.segments for token in segment.tokens] == [
        2 * at for at in range(6)
    ]
    assert abs(page.pitch - HEIGHT * A4[1]) < 1e-6
