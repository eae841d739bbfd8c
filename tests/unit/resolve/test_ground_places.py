"""Of several places a value takes the one that its engine, its caption, its sign or its row speaks for."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box
from docpipe.records import Page, Reply, Span, Word
from docpipe.resolve.ground import Evidence, ground
from docpipe.resolve.page_index import PageIndex
from docpipe.resolve.record import resolve_window
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Node
from tests.unit.resolve.pages import page

FIVE = Decimal(5)


def indexes(*pages: Page) -> list[PageIndex]:
    return [PageIndex(one, Conventions(mark=".")) for one in pages]


def words(*told: tuple[str, float, float, float, float]) -> Page:
    return Page(1, 595.0, 842.0, words=tuple(Word(text, Box(*box)) for text, *box in told))


def grounded(children: tuple[Node, ...], value: dict[str, Any], *pages: Page, hints: Any = ()) -> dict[str, Evidence]:
    return ground(Node("", "object", children=children), value, indexes(*pages), hints)


def texts(found: dict[str, Evidence]) -> dict[str, tuple[int, str]]:
    return {path: (one.page, one.text) for path, one in found.items()}


def box_of(shown: Page, at: int) -> tuple[Box, ...]:
    return (shown.words[at].box,)


# --- every leaf ---

CODES = Node("", "object", children=(Node("code", "string"),))
LINE = Node("", "object", children=(
    Node("text", "string"),
    Node("amount", "number"),
    Node("size", "object", children=(Node("wide", "number"), Node("high", "number"))),
    Node("tags", "array", item=Node("", "string")),
    Node("batches", "array", item=CODES),
))  # fmt: skip
TREE = (
    Node("shop", "object", children=(Node("name", "string"), Node("note", "string"))),
    Node("tags", "array", item=Node("", "string")),
    Node("lines", "array", item=LINE),
    Node("last", "string"),
)


def test_leaves_at_any_depth_are_looked_for() -> None:
    shown = page("Acme red blue", "Bolt 5 7 9 big B-1 B-2", "end")
    line = {"text": "Bolt", "amount": FIVE, "size": {"wide": Decimal(7), "high": Decimal(9)}, "tags": ["big", None]}
    value = {
        "shop": {"name": "Acme", "note": None},
        "tags": ["red", "blue"],
        "lines": [None, {**line, "batches": [{"code": "B-1"}, {"code": "B-2"}]}],
        "last": "end",
    }
    assert {path: text for path, (_, text) in texts(grounded(TREE, value, shown)).items()} == {
        "shop.name": "Acme",
        "tags[0]": "red",
        "tags[1]": "blue",
        "lines[1].text": "Bolt",
        "lines[1].amount": "5",
        "lines[1].size.wide": "7",
        "lines[1].size.high": "9",
        "lines[1].tags[0]": "big",
        "lines[1].batches[0].code": "B-1",
        "lines[1].batches[1].code": "B-2",
        "last": "end",
    }


def test_a_place_has_its_page_its_boxes_and_its_words() -> None:
    found = grounded((Node("a", "string"),), {"a": "Acme GmbH"}, page("x"), page("To acme GmbH,", number=7))
    (one,) = found.values()
    assert (one.page, one.exact, one.text) == (7, True, "acme GmbH,")
    assert one.place is not None
    assert (one.place.start, one.place.end) == (1, 3)


# --- the engine's own word ---


def hint(box: tuple[Box, ...], text: str, number: int = 1, path: str = "a") -> Span:
    return Span(path, number, box, 0.9, text)


TWO = page("5.00 x 5.00 y", "Acme of Acme")


@pytest.mark.parametrize("at", [0, 2])
def test_a_place_that_the_engine_names_is_taken(at: int) -> None:
    found = grounded((Node("a", "number"),), {"a": FIVE}, TWO, hints=[hint(box_of(TWO, at), "5")])
    assert (found["a"].boxes, found["a"].exact, found["a"].text) == (box_of(TWO, at), True, "5.00")


def test_a_place_on_a_page_that_was_not_shown_is_none() -> None:
    found = grounded((Node("a", "number"),), {"a": FIVE}, TWO, hints=[hint(box_of(TWO, 2), "5", number=2)])
    assert found["a"].boxes == box_of(TWO, 0), "the first place that there is"
    other = page("5.00", number=2)
    found = grounded((Node("a", "number"),), {"a": FIVE}, TWO, other, hints=[hint(box_of(other, 0), "5", number=2)])
    assert found["a"].page == 2


@pytest.mark.parametrize(
    ("kind", "value", "text", "found"),
    [
        (Node("a", "string"), "X", "x", True),  # the very word, though it is part of another
        (Node("a", "string"), "X", "y", False),
        (Node("a", "string"), "Y", "x", False),
        (Node("a", "string", enum=("Z",)), "Z", "x", True),
        (Node("a", "string", enum=("Z",)), "Z", "q", False),
        (Node("a", "string", format="currency"), "EUR", "x", True),
        (Node("a", "number"), Decimal(7), "x", False),
        (Node("a", "boolean"), True, "x", True),
        (Node("a", "boolean"), True, "q", False),
    ],
)
def test_words_that_the_engine_quotes_must_stand_where_it_says(kind: Node, value: Any, text: str, found: bool) -> None:
    shown = page("AxB x9")
    got = grounded((kind,), {"a": value}, shown, hints=[hint(box_of(shown, 0), text)])
    if not found:
        assert got == {}
        return
    (one,) = got.values()
    assert (one.page, one.boxes, one.text, one.place) == (1, box_of(shown, 0), text, None)
    assert one.exact is (kind.kind == "boolean")


def test_a_quoted_place_on_another_page_of_the_document_is_found_there() -> None:
    first, second = page("AxB"), page("Cy", number=2)
    (one,) = grounded(
        (Node("a", "string"),), {"a": "y"}, first, second, hints=[hint(box_of(second, 0), "y", 2)]
    ).values()
    assert one.page == 2


# --- readings ---


def test_an_enum_is_read_from_the_words_that_the_schema_names() -> None:
    kind = Node("a", "string", enum=("memo", "bill"), values={"memo": ("Gutschrift", "Credit note")})
    shown = page("Some Credit note 7")
    (one,) = grounded((kind,), {"a": "memo"}, page("x"), shown).values()
    assert (one.boxes[0][:2], one.exact, one.text) == ((0.06, 0.0), False, "Credit note")
    assert grounded((kind,), {"a": "bill"}, shown) == {}
    assert grounded((Node("a", "string", values=kind.values),), {"a": "memo"}, shown) == {}


def test_a_currency_is_read_from_its_sign() -> None:
    kind, shown = Node("a", "string", format="currency"), page("Sum 5,00 €")
    (one,) = grounded((kind,), {"a": "EUR"}, shown).values()
    assert (one.page, one.boxes, one.exact, one.text, one.place) == (1, box_of(shown, 2), False, "€", None)
    assert grounded((kind,), {"a": "CHF"}, shown) == {}
    assert grounded((Node("a", "string"),), {"a": "EUR"}, shown) == {}


# --- captions ---

NET = Node("a", "number", labels={"en": ("Net", "Net sum")})


@pytest.mark.parametrize(
    ("shown", "at"),
    [
        # beside its caption, not beside another
        (words(("Tax", 0.0, 0.5, 0.1, 0.52), ("5", 0.2, 0.5, 0.25, 0.52),
               ("Net", 0.0, 0.6, 0.1, 0.62), ("5", 0.2, 0.6, 0.25, 0.62)), 3),
        # the nearer of two beside it
        (words(("Net", 0.0, 0.5, 0.1, 0.52), ("5", 0.4, 0.5, 0.45, 0.52), ("5", 0.2, 0.5, 0.25, 0.52)), 2),
        # left of a caption is not beside it
        (words(("5", 0.0, 0.5, 0.05, 0.52), ("Net", 0.1, 0.5, 0.2, 0.52), ("5", 0.9, 0.5, 0.95, 0.52)), 2),
        # above is not under
        (words(("5", 0.1, 0.4, 0.2, 0.42), ("Net", 0.1, 0.5, 0.2, 0.52), ("5", 0.1, 0.9, 0.2, 0.92)), 2),
        # under the caption, not under the next
        (words(("Net", 0.1, 0.5, 0.2, 0.52), ("Tax", 0.4, 0.5, 0.5, 0.52),
               ("5", 0.4, 0.53, 0.5, 0.55), ("5", 0.1, 0.53, 0.2, 0.55)), 3),
        # a little to the right of what it is under
        (words(("Net", 0.1, 0.5, 0.2, 0.52), ("5", 0.6, 0.6, 0.65, 0.62), ("5", 0.22, 0.6, 0.27, 0.62)), 2),
        # on the next line counts three times its distance: 0.15 is nearer than 0.2 beside
        (words(("Net", 0.1, 0.5, 0.2, 0.52), ("5", 0.4, 0.5, 0.45, 0.52), ("5", 0.1, 0.57, 0.2, 0.59)), 2),
        # and 0.15 is farther than 0.1 beside
        (words(("Net", 0.1, 0.5, 0.2, 0.52), ("5", 0.3, 0.5, 0.35, 0.52), ("5", 0.1, 0.57, 0.2, 0.59)), 1),
        # any of its captions counts
        (words(("5", 0.8, 0.1, 0.85, 0.12), ("Net", 0.0, 0.5, 0.1, 0.52),
               ("sum", 0.12, 0.5, 0.2, 0.52), ("5", 0.3, 0.5, 0.35, 0.52)), 3),
    ],
)  # fmt: skip
def test_a_number_stands_by_its_key(shown: Page, at: int) -> None:
    assert grounded((NET,), {"a": FIVE}, shown)["a"].boxes == box_of(shown, at)


def test_without_a_key_a_sum_stands_last_and_a_text_first() -> None:
    first, second = page("5.00 Acme", "5.00 Acme"), page("5.00 Acme", number=2)
    (amount, name) = (Node("a", "number"), Node("b", "string"))
    found = grounded((amount, name), {"a": FIVE, "b": "Acme"}, first, second)
    assert (found["a"].page, found["b"].page) == (2, 1)
    found = grounded((amount, name), {"a": FIVE, "b": "Acme"}, first)
    assert (found["a"].boxes, found["b"].boxes) == (box_of(first, 2), box_of(first, 1))


def test_a_place_with_the_same_sign_is_better_than_one_without() -> None:
    shown = page("5.00 -5.00 5.00")
    assert grounded((Node("a", "number"),), {"a": -FIVE}, shown)["a"].boxes == box_of(shown, 1)
    shown = page("-5.00 5.00 -5.00")
    assert grounded((Node("a", "number"),), {"a": FIVE}, shown)["a"].boxes == box_of(shown, 1)


def test_a_place_that_a_row_has_taken_is_the_last_to_be_thought_of() -> None:
    rows = Node("rows", "array", item=Node("", "object", children=(Node("t", "string"), Node("p", "number"))))
    shown = page("5.00 sum", "Bolt 5.00")
    found = grounded((rows, Node("a", "number")), {"rows": [{"t": "Bolt", "p": FIVE}], "a": FIVE}, shown)
    assert (found["rows[0].p"].boxes, found["a"].boxes) == (box_of(shown, 3), box_of(shown, 0))
    only = page("Bolt 5.00")
    found = grounded((rows, Node("a", "number")), {"rows": [{"t": "Bolt", "p": FIVE}], "a": FIVE}, only)
    assert found["a"].boxes == box_of(only, 1)


# --- rows ---

PART = Node("", "object", children=(Node("t", "string"), Node("n", "number"), Node("p", "number")))
ROWS = (Node("rows", "array", item=PART),)


def lines(rows: list[tuple[Any, Any, Any]], *pages: Page, hints: Any = ()) -> list[list[tuple[int, int] | None]]:
    """(page, line of it) of each value of each row; lines of `page` are 0.03 apart."""
    told = [
        {"t": t, "n": None if n is None else Decimal(n), "p": None if p is None else Decimal(p)} for t, n, p in rows
    ]
    found = grounded(ROWS, {"rows": told}, *pages, hints=hints)
    places = [[found.get(f"rows[{at}].{name}") for name in "tnp"] for at in range(len(rows))]
    return [[one and (one.page, round(one.boxes[0][1] / 0.03)) for one in row] for row in places]


def test_a_row_takes_the_line_on_which_most_of_it_stands() -> None:
    shown = page("Bolt 1", "Nut 2 9", "Bolt 2 7")
    assert lines([("Bolt", 2, 7)], shown) == [[(1, 2)] * 3]
    assert lines([("Bolt", 2, 9)], shown) == [[(1, 0), (1, 1), (1, 1)]]


def test_equal_rows_take_lines_from_the_top_and_over_the_page() -> None:
    first, second = page("Bolt 1 5", "x", "Bolt 1 5"), page("Bolt 1 5", number=2)
    assert lines([("Bolt", 1, 5)] * 3, first, second) == [[(1, 0)] * 3, [(1, 2)] * 3, [(2, 0)] * 3]


def test_a_row_after_another_is_looked_for_below_it() -> None:
    shown = page("Nut 1 5", "Bolt 1 7", "Nut 1 5")
    assert lines([("Bolt", 1, 7), ("Nut", 1, 5)], shown) == [[(1, 1)] * 3, [(1, 2)] * 3]
    assert lines([("Bolt", 1, 7), ("Nut", 1, 5), ("Nut", 1, 5)], shown)[2] == [(1, 0)] * 3, "then above it"


def test_a_row_that_stands_nowhere_leaves_the_next_where_it_is() -> None:
    shown = page("Nut 1 5", "Bolt 1 7", "Nut 1 5")
    assert lines([("Bolt", 1, 7), ("Oil", 3, 4), ("Nut", 1, 5)], shown) == [[(1, 1)] * 3, [None] * 3, [(1, 2)] * 3]
    assert lines([(None, None, None), ("Nut", 1, 5)], shown) == [[None] * 3, [(1, 0)] * 3]


def test_a_value_that_is_not_on_its_rows_line_takes_the_nearest_place() -> None:
    shown = page("9", "x", "Bolt 1", "y 9", "9")
    assert lines([("Bolt", 1, 9)], shown) == [[(1, 2), (1, 2), (1, 3)]]
    assert lines([("Bolt", 1, 8)], shown) == [[(1, 2), (1, 2), None]]
    other = page("9", number=2)
    assert lines([("Bolt", 1, 9)], page("9", "x", "x", "x", "x", "x", "Bolt 1"), other)[0][2] == (1, 0)
    assert lines([("Bolt", 1, 9)], page("Bolt 1"), other)[0][2] == (2, 0)


def test_two_rows_with_one_print_of_their_common_value_share_it() -> None:
    shown = page("Bolt 1 7", "Nut 2")
    assert lines([("Bolt", 1, 7), ("Nut", 2, 7)], shown) == [[(1, 0)] * 3, [(1, 1), (1, 1), (1, 0)]]


def test_a_row_whose_values_the_engine_places_is_where_it_says() -> None:
    shown = page("Bolt 1 7", "Bolt 1 7", "Nut 2 7", "Bolt 1 7")
    hints = [Span(f"rows[0].{name}", 1, box_of(shown, at), 0.9, "") for name, at in (("t", 3), ("n", 4), ("p", 5))]
    assert lines([("Bolt", 1, 7), ("Bolt", 1, 7)], shown, hints=hints) == [[(1, 1)] * 3, [(1, 3)] * 3]


def test_lines_are_alike_within_the_height_of_their_words() -> None:
    def shown(gap: float) -> Page:
        first = ("Bolt", 0.1, 0.5, 0.2, 0.52), ("5", 0.5, 0.5 + gap, 0.6, 0.52 + gap)
        return words(*first, ("Bolt", 0.1, 0.8, 0.2, 0.82), ("5", 0.5, 0.8, 0.6, 0.82))

    row = {"t": "Bolt", "n": None, "p": FIVE}
    near = grounded(ROWS, {"rows": [row]}, shown(0.019))["rows[0].p"].boxes[0]
    far = grounded(ROWS, {"rows": [row]}, shown(0.021))["rows[0].p"].boxes[0]
    assert (near[1], far[1]) == (0.519, 0.8)


TABLED = {
    "type": "object",
    "properties": {
        "rows": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": ["string", "null"]},
                    "count": {"type": ["number", "null"]},
                    "price": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
                    "amount": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
                },
            },
        }
    },
}
PRINTED = page("Bolt 2 5.00 10.00", "Nut 3 4.00 12.00", "_", "_", "_", "_", "Pin 7 8.00 56.00")


def judged(
    row: dict[str, Any], shown: Page = PRINTED
) -> tuple[dict[str, int | None], list[tuple[str, tuple[str, ...]]]]:
    """(name -> page on which it stands, violations) of one row."""
    reply = Reply(json.dumps({"rows": [row]}), "stop", "e")
    part = resolve_window(parse_schema(TABLED, "rows"), [shown], reply)
    found = {one.path.rpartition(".")[2]: one.page for one in part.fields}
    return found, [(one.rule, one.paths) for one in part.violations if one.rule in ("ungrounded", "one_print")]


BOLT = {"text": "Bolt", "count": 2, "price": 5, "amount": 10}


def test_a_number_of_another_row_is_no_evidence_for_this_one() -> None:
    assert judged(BOLT) == ({"text": 1, "count": 1, "price": 1, "amount": 1}, [])
    found, told = judged({**BOLT, "amount": 56})
    assert found["amount"] is None
    assert told == [("ungrounded", ("rows[0].amount",))]
    found, told = judged({**BOLT, "count": 7})
    assert (found["count"], told) == (None, [])  # no amount: its confidence says so alone


def test_a_number_a_few_lines_off_is_the_rows_own() -> None:
    assert judged({**BOLT, "amount": 12})[0]["amount"] == 1


def test_a_row_of_few_values_has_no_line_to_be_far_from() -> None:
    assert judged({"text": "Bolt", "amount": 56})[0] == {"text": 1, "amount": 1}


def test_a_text_may_stand_anywhere() -> None:
    assert judged({**BOLT, "text": "Pin"})[0]["text"] == 1


def test_two_numbers_of_a_row_on_one_word_are_told() -> None:
    _, told = judged({**BOLT, "price": 10})
    assert told == [("one_print", ("rows[0].price", "rows[0].amount"))]
    assert judged({**BOLT, "price": 10}, page("Bolt 2 10.00 10.00"))[1] == []
    assert judged({**BOLT, "text": "10.00"})[1] == []  # a text and its number may be one print


BILL = {
    "type": "object",
    "properties": {
        "total": {"type": ["number", "null"], "x-docpipe": {"scale": 2, "labels": {"en": ["Total"]}}},
        "count": {"type": ["number", "null"]},
    },
}


@pytest.mark.parametrize(
    ("lines", "stands"),
    [
        (("Bolt 5.00 6.00 11.00", "page 1"), False),  # amounts have decimals here: a page's number is none
        (("Bolt 5.00 6.00 11.00", "sum 1.00"), True),
        (("Bolt 5.00 6.00 11.00", "Total 1"), True),  # its caption stands before it
        (("Bolt 5.00 6.00 11.00", "Total", "1"), True),  # or over it
        (("Bolt 5.00 6.00 11.00", "Total", "_", "_", "_", "1"), False),
        (("Bolt 5 6 11", "page 1"), True),  # nothing tells
    ],
)
def test_a_bare_number_on_no_key_is_no_amount_where_amounts_have_decimals(lines: Any, stands: bool) -> None:
    schema = parse_schema(BILL, "bill")
    part = resolve_window(schema, [page(*lines)], Reply('{"total": 1, "count": 1}', "stop", "e"))
    found = {one.path: one.page for one in part.fields}
    assert (found["total"] == 1) is stands
