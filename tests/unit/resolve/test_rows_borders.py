"""Which rows are sums carried forward or captions printed again, and what goes with them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from docpipe.records import Edit, Field, Violation
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.merge import Part
from docpipe.resolve.rows import without_repeats
from docpipe.schema.load import parse_schema
from docpipe.schema.paths import leaves

NUMBER = {"type": ["number", "null"], "x-docpipe": {"scale": 2}}
ITEM = {
    "type": "object",
    "properties": {
        "text": {"type": ["string", "null"], "x-docpipe": {"labels": {"de": ["Bezeichnung"]}}},
        "unit": {"type": ["string", "null"], "x-docpipe": {"labels": {"de": ["Einheit"]}}},
        "quantity": NUMBER,
        "amount": {**NUMBER, "x-docpipe": {"scale": 2, "labels": {"de": ["Betrag"]}}},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
LIST = {"type": "array", "items": ITEM}
BODY = {"type": "object", "properties": {"rows": LIST}}
BILL = parse_schema(
    {"type": "object", "properties": {"note": {"type": ["string", "null"]}, "rows": LIST, "body": BODY}}, "bill"
)

Row = tuple[str | None, int | None, int | None, int | None]  # text, quantity, amount, page


def bill(*rows: Row, inside: bool = False, **more: Any) -> Part:
    told = [{"text": text, "quantity": quantity, "amount": amount} for text, quantity, amount, _ in rows]
    value = coerce(BILL.root, {"body": {"rows": told}} if inside else {"rows": told}, Coercion())
    pages = {f"{'body.' * inside}rows[{at}]": row[3] for at, row in enumerate(rows)}
    fields = tuple(Field(path, leaf, 0.9, pages.get(path.rpartition(".")[0])) for path, leaf in leaves(value))
    return Part(value, (1, 2), fields, **more)


def texts(part: Part) -> list[str | None]:
    return [row["text"] for row in part.value["rows"]]


def kept(*rows: Row) -> list[str | None]:
    return texts(without_repeats(BILL.root, bill(*rows)))


BOLT, NUT = ("Bolt", 2, 10, 1), ("Nut", 1, 5, 1)
GEAR = ("Gear", 1, 7, 2)


@pytest.mark.parametrize(
    "text",
    ["Carried forward", "Brought-forward", "carry forward", "Carried over", "Forwarded", "Balance forward", "Übertrag",
     "Zwischensumme", "Report", "Sous-total", "Suma anterior", "Subtotal", "Overdracht", "Over te brengen"],
)  # fmt: skip
def test_a_row_that_says_it_and_sums_what_stands_before_is_none(text: str) -> None:
    assert kept(BOLT, (text, None, 10, 1), NUT) == ["Bolt", "Nut"]
    assert kept(BOLT, (text, None, 11, 1), NUT) == ["Bolt", text, "Nut"], "it sums something else"
    assert kept((text, None, 10, 1), NUT) == [text, "Nut"], "nothing stands before it"


@pytest.mark.parametrize("page", [1, 2])
def test_a_sum_without_a_word_is_known_at_the_edge_of_a_page(page: int) -> None:
    assert kept(BOLT, NUT, (None, None, 15, page), GEAR) == ["Bolt", "Nut", "Gear"]
    assert kept(BOLT, NUT, ("Lid", None, 15, page), GEAR) == ["Bolt", "Nut", "Lid", "Gear"], "a word names an article"


@pytest.mark.parametrize(
    "rows",
    [
        (BOLT, NUT, ("Pin", None, 15, 1), ("Oil", 1, 3, 1), GEAR),  # in the middle of a page
        (BOLT, ("Pin", None, 10, 1), GEAR),  # of one row: as likely the same price again
        (BOLT, NUT, ("Pin", None, 15, 2)),  # the last row
        (("Pin", None, 0, 1), GEAR),  # the first
        (BOLT, NUT, ("Pin", 3, 15, 1), GEAR),  # it has a quantity too
        (BOLT, NUT, ("Pin", None, None, 1), GEAR),  # no number at all
        (BOLT, NUT, ("Pin", None, 14, 1), GEAR),
        (("Bolt", 2, 10, None), ("Nut", 1, 5, None), ("Pin", None, 15, None), ("Gear", 1, 7, None)),  # no page known
    ],
)
def test_a_row_that_may_be_a_row_is_kept(rows: tuple[Row, ...]) -> None:
    assert kept(*rows) == [row[0] for row in rows]


def test_sums_over_several_pages_each_sum_all_rows_before() -> None:
    rows: tuple[Row, ...] = (
        BOLT,
        NUT,
        ("Subtotal", None, 15, 1),
        ("Subtotal", None, 15, 2),
        GEAR,
        (None, None, 22, 2),
        ("Oil", 1, 3, 3),
    )
    assert kept(*rows) == ["Bolt", "Nut", "Gear", "Oil"]


def test_a_row_with_one_number_that_is_no_sum_counts_in_the_next() -> None:
    assert kept(BOLT, ("Fee", None, 4, 1), ("Subtotal", None, 14, 1), GEAR) == ["Bolt", "Fee", "Gear"]
    assert kept(BOLT, ("Text", None, None, 1), ("Subtotal", None, 10, 1), GEAR) == ["Bolt", "Text", "Gear"]
    assert kept(BOLT, ("Fee", None, 4, 2), ("Subtotal", None, 14, 2), ("Oil", 1, 3, 3)) == ["Bolt", "Fee", "Oil"]


@pytest.mark.parametrize(
    ("row", "header"),
    [
        ({"text": "Bezeichnung", "unit": "Einheit"}, True),
        ({"text": "BEZEICHNUNG:", "unit": "betrag"}, True),
        ({"text": "text", "unit": "amount"}, True),  # the schema's own names
        ({"text": "Bezeichnung"}, False),  # one word may be a row
        ({"text": "Bezeichnung", "unit": "kg"}, False),
        ({"text": "Bezeichnung", "unit": "Einheit", "amount": 5}, False),
        ({"text": "Bezeichnung", "unit": "Einheit", "tags": ["x"]}, False),
    ],
)
def test_a_row_of_keys_is_a_header(row: dict[str, Any], header: bool) -> None:
    value = coerce(BILL.root, {"rows": [{"text": "Bolt", "amount": 5}, row, {"text": "Nut"}]}, Coercion())
    part = Part(value, (1,))
    found = without_repeats(BILL.root, part)
    assert len(found.value["rows"]) == (2 if header else 3)
    assert found.edits == (Edit("rows[1]", f"{row['text']}; {row.get('unit')}; []", None, "merge:header"),) * header
    assert header or found is part


def test_a_sum_after_a_header_is_still_a_sum() -> None:
    told = [{"text": "Bolt", "quantity": 1, "amount": 10}, {"text": "Bezeichnung", "unit": "Einheit"}]
    value = coerce(BILL.root, {"rows": [*told, {"text": "Subtotal", "amount": 10}]}, Coercion())
    found = without_repeats(BILL.root, Part(value, (1,)))
    assert texts(found) == ["Bolt"]
    assert [(edit.path, edit.rule) for edit in found.edits] == [
        ("rows[1]", "merge:header"),
        ("rows[2]", "merge:carried_forward"),
    ]


def test_a_dropped_row_takes_its_fields_along_and_those_after_it_move_up() -> None:
    found = without_repeats(BILL.root, bill(BOLT, ("Subtotal", None, 10, 1), GEAR))
    assert {one.path: one.value for one in found.fields} == dict(leaves(found.value))
    assert [one.page for one in found.fields if one.path.startswith("rows[1]")] == [2, 2, 2]
    assert found.edits == (Edit("rows[1]", "Subtotal; 10; []", None, "merge:carried_forward"),)


def test_what_was_edited_in_a_dropped_row_is_still_told() -> None:
    edits = (Edit("rows[1].amount", "10,-", Decimal(10), "x"), Edit("rows[2].amount", "7,-", Decimal(7), "x"))
    found = without_repeats(BILL.root, bill(BOLT, ("Subtotal", None, 10, 1), GEAR, edits=edits))
    assert [edit.path for edit in found.edits] == ["rows[1].amount", "rows[1].amount", "rows[1]"]


def test_what_is_wrong_with_a_dropped_row_alone_goes_with_it() -> None:
    def wrong(*paths: str) -> Violation:
        return Violation("x", "warning", "", paths)

    told = (wrong("rows[1].amount"), wrong("rows[1].amount", "rows[2].amount"), wrong("note"), wrong())
    found = without_repeats(BILL.root, bill(BOLT, ("Subtotal", None, 10, 1), GEAR, violations=told))
    assert [one.paths for one in found.violations] == [("rows[1].amount",), ("note",), ()]


def test_a_list_inside_an_object_is_looked_through_too() -> None:
    found = without_repeats(BILL.root, bill(BOLT, ("Subtotal", None, 10, 1), GEAR, inside=True))
    assert [row["text"] for row in found.value["body"]["rows"]] == ["Bolt", "Gear"]
    assert {one.path: one.value for one in found.fields} == dict(leaves(found.value))
    assert [edit.path for edit in found.edits] == ["body.rows[1]"]


def test_a_list_without_rows_stays_as_it_is() -> None:
    empty = bill()
    assert without_repeats(BILL.root, empty) is empty
    absent = Part({"note": "x", "rows": None, "body": None}, (1,))
    assert without_repeats(BILL.root, absent) is absent
