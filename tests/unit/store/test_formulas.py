"""No text is a formula in a spreadsheet, whatever it separates by, and what was put before it comes off again."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.store.export.formulas import defused, restored

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
TEXTS = st.text(st.sampled_from(SIGNS + "'\"; \t\r\n,x1"), max_size=10) | st.text(max_size=10)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("=1+1", "'=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("Muster GmbH;=cmd|/c calc!A0;", "Muster GmbH;'=cmd|/c calc!A0;"),
        ("x\n=1+1", "x\n'=1+1"),
        ("a\t+1", "a\t'+1"),
        ('a;"-1', "a;\"'-1"),
        ("\tx", "'\tx"),
        ("'=1", "''=1"),
        ("'tis", "'tis"),
        ("a-b; c, it's = d", "a-b; c, it's = d"),
        ("", ""),
    ],
)
def test_an_apostrophe_stands_before_each_sign_that_could_begin_a_cell(text: str, told: str) -> None:
    assert defused(text) == told
    assert restored(told) == text


@given(TEXTS)
def test_what_was_defused_is_restored_to_the_letter(text: str) -> None:
    assert restored(defused(text)) == text


@given(st.lists(TEXTS, min_size=1, max_size=3), st.sampled_from(",;\t"))
def test_no_cell_begins_with_a_sign_by_whatever_a_reader_separates(texts: list[str], separator: str) -> None:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerow(map(defused, texts))
    for row in csv.reader(io.StringIO(file.getvalue(), newline=""), delimiter=separator):
        assert not [cell for cell in row if cell[:1] and cell[0] in SIGNS]
