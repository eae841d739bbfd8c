"""A value is grounded where visible words say it; a hint is verified, hidden words are no evidence."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from docpipe.records import Page, Span, Word
from docpipe.resolve.ground import PageIndex, ground
from docpipe.schema.nodes import Node

TEXT = Node("text", "string")


def page(*lines: str, number: int = 1, hidden: frozenset[str] = frozenset()) -> Page:
    """Words of 0.05 width on lines of 0.02 height."""
    words = [
        Word(word, (0.06 * at, 0.03 * row, 0.06 * at + 0.05, 0.03 * row + 0.02), row, 0, visible=word not in hidden)
        for row, line in enumerate(lines)
        for at, word in enumerate(line.split())
    ]
    return Page(number, 595.0, 842.0, words=tuple(words), text_source="layer")


def where(value: Any, *pages: Page, node: Node = TEXT, hint: Span | None = None, mark: Any = None) -> Any:
    return ground(node, value, [PageIndex(one, mark, None) for one in pages], hint)


@pytest.mark.parametrize(
    "value",
    [
        "Müller & Söhne GmbH",
        "MÜLLER & SÖHNE GMBH",
        Decimal("1234.5"),
        Decimal("-1234.5"),
        dt.date(2025, 3, 3),
        "RE-2025/17",
    ],
)
def test_values_are_found_by_what_they_mean(value: Any) -> None:
    found = where(value, page("Müller & Söhne GmbH", "Datum 03.03.2025", "Nr. RE-2025/17", "Summe 1.234,50 €"))
    assert found is not None
    assert found.page == 1


@pytest.mark.parametrize("value", ["Meier", Decimal("1234.51"), dt.date(2025, 3, 4), "Sum", True])
def test_what_does_not_stand_there_is_not_found(value: Any) -> None:
    assert where(value, page("Summe 1.234,50 €", "03.03.2025")) is None


def test_a_value_over_two_lines_has_a_box_for_each() -> None:
    found = where("Hauptstraße 5\n10115 Berlin", page("Hauptstraße 5", "10115 Berlin"))
    assert len(found.boxes) == 2
    assert found.boxes[0] == pytest.approx((0.0, 0.0, 0.11, 0.02))


def test_of_several_places_the_one_the_engine_names_wins() -> None:
    two = page("Netto 100,00", "Summe 100,00")
    hint = Span("total", 1, (two.words[3].box,), 0.9, "100,00")
    assert where(Decimal(100), two, hint=hint).boxes == (two.words[3].box,)
    assert where(Decimal(100), two).boxes == (two.words[1].box,)


def test_a_hint_that_the_page_does_not_confirm_is_not_believed() -> None:
    only = page("Summe 100,00")
    assert where("Acme Ltd", only, hint=Span("name", 1, (only.words[0].box,), 0.99, "Acme Ltd")) is None
    assert where(Decimal(7), only, hint=Span("total", 1, (only.words[1].box,), 0.99, "7")) is None


def test_a_reading_of_other_words_is_verified_by_those_words() -> None:
    only = page("Gutschrift 5,00 €")
    kind = Node("kind", "string", enum=("invoice", "credit_note"))
    boxes = (only.words[0].box,)
    assert where("credit_note", only, node=kind, hint=Span("kind", 1, boxes, 0.9, "Gutschrift")) is not None
    assert where("credit_note", only, node=kind, hint=Span("kind", 1, boxes, 0.9, "Credit note")) is None
    currency = Node("currency", "string", format="currency")
    assert where("EUR", only, node=currency, hint=Span("currency", 1, (only.words[2].box,), 0.9, "€")) is not None


def test_words_that_no_eye_sees_are_no_evidence() -> None:
    assert where(Decimal(999), page("Summe 999", hidden=frozenset({"999"}))) is None


def test_later_pages_count_too() -> None:
    assert where("B-2", page("A-1"), page("B-2", number=2)).page == 2
