"""Rows that an answer tells more often than the pages print them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.records import Page, TextSource, Violation
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.page_index import PageIndex
from docpipe.resolve.repeated import repeated_rows
from docpipe.schema.nodes import Schema
from tests.unit.resolve.pages import page

Row = tuple[str | None, int | None, int | None]

BOLT, NUT = ("Bolt", 2, 10), ("Nut", 1, 5)


def told(order: Schema, rows: Sequence[Row], *pages: Page) -> list[Violation]:
    lines = [{"text": text, "quantity": quantity, "amount": amount} for text, quantity, amount in rows]
    value: dict[str, Any] = coerce(order.root, {"lines": lines}, Coercion())
    conventions = Conventions.of_pages(pages)
    return repeated_rows(order, value, [PageIndex(each, conventions) for each in pages])


def printed(*lines: str, source: TextSource = "layer") -> Page:
    return page("Order 7", *lines, source=source)


@pytest.mark.parametrize("more", [1, 2, 40])
def test_a_row_that_is_printed_once_and_told_again_is_an_error(order: Schema, more: int) -> None:
    (found,) = told(order, [BOLT, NUT, *[NUT] * more], printed("Bolt 2 10", "Nut 1 5"))
    assert (found.rule, found.severity, found.paths) == ("repeated_rows", "error", ("lines",))
    assert (found.left, found.right) == (str(more + 1), "1")
    assert "Nut" in found.message
    assert "Bolt" not in found.message


def test_rows_that_go_round_in_a_circle_are_each_counted(order: Schema) -> None:
    (found,) = told(order, [BOLT, NUT] * 8, printed("Bolt 2 10", "Nut 1 5"))
    assert (found.left, found.right) == ("16", "2")


def test_rows_are_told_as_often_as_they_are_printed(order: Schema) -> None:
    assert told(order, [BOLT, NUT, NUT], printed("Bolt 2 10", "Nut 1 5", "Nut 1 5")) == []
    assert told(order, [BOLT, NUT, NUT], printed("Bolt 2 10", "Nut 1 5"), page("Nut 1 5", number=2)) == []
    (found,) = told(order, [BOLT, NUT, NUT, NUT], printed("Bolt 2 10", "Nut 1 5", "Nut 1 5"))
    assert (found.left, found.right) == ("3", "2")


def test_the_numbers_of_another_row_are_no_print_of_this_one(order: Schema) -> None:
    assert told(order, [("Bolt", 1, 5), ("Nut", 1, 5), ("Nut", 1, 5)], printed("Bolt 1 5", "Nut 1 5"))


def test_a_word_that_a_recogniser_misread_may_be_another_print(order: Schema) -> None:
    scan = printed("Bolt 2 10", "Nut 1 5", "Nul 1 5", source="ocr")
    assert told(order, [BOLT, NUT, NUT], scan) == []
    assert told(order, [BOLT, NUT, NUT, NUT], scan)


def test_what_no_words_can_tell_is_no_violation(order: Schema) -> None:
    assert told(order, [NUT, NUT], page()) == []
    assert told(order, [NUT, NUT], printed("Gear 7 70")) == []
    assert told(order, [("Nut", None, None)] * 3, printed("Nut")) == [], "two boxes may share a text"
    assert told(order, [("Nut", None, None)] * 9, printed("Nut"))
