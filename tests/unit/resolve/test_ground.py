"""A value is grounded where visible words say it; a hint is verified, hidden words are no evidence."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box
from docpipe.records import Page, Span
from docpipe.resolve.ground import Evidence, ground
from docpipe.resolve.page_index import PageIndex
from docpipe.schema.nodes import Node
from tests.unit.resolve.pages import page

TEXT = Node("text", "string")


def where(value: Any, *pages: Page, node: Node = TEXT, hint: Span | None = None, mark: Any = None) -> Any:
    root = Node("", "object", children=(node,))
    indexes = [PageIndex(one, Conventions(mark=mark)) for one in pages]
    return ground(root, {node.name: value}, indexes, [hint] if hint else []).get(node.name)


def rows(values: list[dict[str, Any]], *pages: Page) -> dict[str, Evidence]:
    item = Node("", "object", children=(Node("text", "string"), Node("price", "number"), Node("amount", "number")))
    root = Node("", "object", children=(Node("rows", "array", item=item),))
    return ground(root, {"rows": values}, [PageIndex(one, Conventions()) for one in pages], [])


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
    hint = Span("text", 1, (two.words[1].box,), 0.9, "100,00")
    assert where(Decimal(100), two, hint=hint).boxes == (two.words[1].box,)


def test_of_several_places_the_nearest_to_its_key_wins() -> None:
    three = page("Netto 100,00", "Summe 100,00", "Rabatt 100,00")
    net = Node("text", "number", labels={"de": ("Netto",)})
    total = Node("text", "number", labels={"de": ("Summe", "Gesamt")})
    assert where(Decimal(100), three, node=net).boxes == (three.words[1].box,)
    assert where(Decimal(100), three, node=total).boxes == (three.words[3].box,)


def test_a_key_above_counts_too() -> None:
    below = page("Netto Steuer Summe", "100,00 100,00 100,00")
    node = Node("text", "number", labels={"de": ("Steuer",)})
    assert where(Decimal(100), below, node=node).boxes == (below.words[4].box,)


def test_a_hint_that_the_page_does_not_confirm_is_not_believed() -> None:
    only = page("Summe 100,00")
    assert where("Acme Ltd", only, hint=Span("text", 1, (only.words[0].box,), 0.99, "Acme Ltd")) is None
    assert where(Decimal(7), only, hint=Span("text", 1, (only.words[1].box,), 0.99, "7")) is None


def test_a_reading_of_other_words_is_verified_by_those_words() -> None:
    only = page("Gutschrift 5,00 €")
    kind = Node("kind", "string", enum=("invoice", "credit_note"))
    boxes = (only.words[0].box,)
    assert where("credit_note", only, node=kind, hint=Span("kind", 1, boxes, 0.9, "Gutschrift")) is not None
    assert where("credit_note", only, node=kind, hint=Span("kind", 1, boxes, 0.9, "Credit note")) is None
    currency = Node("currency", "string", format="currency")
    assert where("EUR", only, node=currency, hint=Span("currency", 1, (only.words[2].box,), 0.9, "€")) is not None


def test_words_that_no_eye_sees_are_no_evidence() -> None:
    assert where(Decimal(999), page("Summe 999", hidden={"999"})) is None


def test_later_pages_count_too() -> None:
    assert where("B-2", page("A-1"), page("B-2", number=2)).page == 2


def test_a_number_that_a_space_groups_is_found_in_its_two_words() -> None:
    apart = page("Summe x")
    words = (
        apart.words[0],
        *(
            type(apart.words[0])(text, Box(x, 0.0, x + 0.03, 0.02), 0, 0)
            for text, x in (("1", 0.10), ("234,50", 0.131))
        ),
    )
    found = where(Decimal("1234.5"), Page(1, 595.0, 842.0, words=words), mark=",")
    assert found.text == "1 234,50"


def test_the_values_of_a_row_stand_on_one_line_and_equal_rows_on_lines_of_their_own() -> None:
    table = page("Bolt 1,00 10,00", "Bolt 1,00 10,00", "Nut 1,00 7,00")
    one, ten = Decimal(1), Decimal(10)
    found = rows(
        [{"text": "Bolt", "price": one, "amount": ten}] * 2 + [{"text": "Nut", "price": one, "amount": None}], table
    )
    lines = {path: round(evidence.boxes[0][1] / 0.03) for path, evidence in found.items()}
    assert lines == {
        **{f"rows[0].{name}": 0 for name in ("text", "price", "amount")},
        **{f"rows[1].{name}": 1 for name in ("text", "price", "amount")},
        **{f"rows[2].{name}": 2 for name in ("text", "price")},
    }


def test_rows_go_on_on_the_next_page() -> None:
    found = rows(
        [{"text": name, "price": Decimal(1), "amount": Decimal(5)} for name in ("Bolt", "Nut")],
        page("Bolt 1,00 5,00"),
        page("Nut 1,00 5,00", number=2),
    )
    assert [found[f"rows[{index}].amount"].page for index in (0, 1)] == [1, 2]


def test_a_tick_is_grounded_by_the_key_that_the_engine_quotes() -> None:
    form = page("_ paid _ open")
    box = (form.words[0].box,)
    tick = Node("paid", "boolean")
    found = where(True, form, node=tick, hint=Span("paid", 1, box, 0.9, "paid"))
    assert found is not None
    assert (found.boxes, found.exact) == (box, True)
    assert where(True, form, node=tick, hint=Span("paid", 1, box, 0.9, "due")) is None, "it does not stand there"
