"""Which pages the table model is asked about."""

from __future__ import annotations

from dataclasses import replace

from docpipe.page.box import Box
from docpipe.records import Geometry, Grid, Page, Region, Word
from docpipe.render.tabular import may_hold_tables

LETTER, SPACE, LINE = 0.009, 0.004, 0.02


def page(*lines: tuple[tuple[float, str], ...]) -> Page:
    """A page of lines, each of texts at their x in widths of the page."""
    words = []
    for at, line in enumerate(lines):
        for start, text in line:
            left = start
            for part in text.split():
                right = left + LETTER * len(part)
                words.append(Word(part, Box(left, 0.1 + at * LINE, right, 0.112 + at * LINE), at))
                left = right + SPACE
    return Page(1, 595, 842, words=tuple(words))


def test_lines_with_cells_under_each_other_may_be_a_table() -> None:
    assert may_hold_tables(page(((0.1, "Lund"), (0.5, "812")), ((0.1, "Ystad"), (0.5, "391"))))


def test_lines_of_words_are_none() -> None:
    assert not may_hold_tables(page(*[((0.1, "as it was agreed between all of them"),) for _ in range(30)]))


def test_columns_of_prose_are_none() -> None:
    line = ((0.05, "the members of the board have met in town"), (0.52, "and whoever had come heard what they said"))
    assert not may_hold_tables(page(*[line for _ in range(30)]))


def test_a_lone_line_with_a_gap_is_none() -> None:
    prose = ((0.1, "as it was agreed between all of them"),)
    assert not may_hold_tables(page(((0.1, "Our ref"), (0.5, "2 May")), *[prose for _ in range(20)]))


def test_a_drawn_grid_and_a_region_of_a_table_may_be_one() -> None:
    plain = page(((0.1, "Lund"),))
    assert not may_hold_tables(plain)
    assert may_hold_tables(replace(plain, geometry=Geometry(grids=(Grid((0.1, 0.5, 0.9), (0.1, 0.9)),))))
    assert may_hold_tables(replace(plain, geometry=Geometry(regions=(Region("table", Box(0, 0, 1, 1)),))))


def test_a_page_without_words_has_nothing_to_put_in_cells() -> None:
    assert not may_hold_tables(Page(1, 595, 842, geometry=Geometry(grids=(Grid((0.1, 0.5, 0.9), (0.1, 0.9)),))))
