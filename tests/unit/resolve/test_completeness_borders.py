"""Which lines of a page count as rows that an answer lacks: how full, how near, how far above the sums."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box
from docpipe.records import Page, Violation, Word
from docpipe.resolve.completeness import missing_rows
from docpipe.resolve.ground import ground
from docpipe.resolve.page_index import PageIndex
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema

Line = tuple[float, str]  # middle of the line, its cells

X = (0.1, 0.4, 0.6, 0.8)
NUMBER: dict[str, Any] = {"type": ["number", "null"]}
LABELS = {"text": "Item", "count": "Qty", "price": "Price", "amount": "Amount"}
CHECK = [{"name": "sum", "left": "sum(rows.amount)", "op": "==", "right": "net"}]


def labelled(name: str) -> dict[str, Any]:
    kind = {"type": ["string", "null"]} if name == "text" else NUMBER
    return {**kind, "x-docpipe": {"labels": {"en": [LABELS[name]]}}}


def schema(*columns: str, checks: Any = CHECK) -> Schema:
    rows = {"type": "array", "items": {"type": "object", "properties": {name: labelled(name) for name in columns}}}
    properties = {"rows": rows, "net": NUMBER, "total": NUMBER}
    return parse_schema({"type": "object", "properties": properties, "x-docpipe": {"checks": checks}}, "bill")


FOUR = schema(*LABELS)
LOOSE = schema(*LABELS, checks=[])


def sheet(*lines: Line, number: int = 1) -> Page:
    """Cells 0.1 wide at X, 0.012 high; "_" leaves one empty, "~" joins words of a cell."""
    words = [
        Word(cell.replace("~", " "), Box(X[at], y - 0.006, X[at] + 0.1, y + 0.006), row)
        for row, (y, cells) in enumerate(lines)
        for at, cell in enumerate(cells.split())
        if cell != "_"
    ]
    return Page(number, 595.0, 842.0, words=tuple(words), text_source="layer")


def lacking(some: Schema, rows: Sequence[str], *pages: Page, **sums: str) -> list[Violation]:
    """What is missing if `rows` (their cells, "_" for none) were told of `pages`."""
    names = [child.name for node in some.root.children if node.item for child in node.item.children]
    told = [
        {
            name: None if cell == "_" else cell if name == "text" else Decimal(cell)
            for name, cell in zip(names, row.split(), strict=True)
        }
        for row in rows
    ]
    value = {"rows": told, "net": None, "total": None} | {name: Decimal(one) for name, one in sums.items()}
    indexes = [PageIndex(one, Conventions(mark=".")) for one in pages]
    return missing_rows(some, value, ground(some.root, value, indexes, []), indexes)


def counted(*how: Any, **sums: str) -> tuple[str, str] | None:
    found = lacking(*how, **sums)
    assert len(found) < 2
    return (found[0].left, found[0].right) if found else None


BOLT, NUT, GEAR = "Bolt 1 3.00 3.00", "Nut 2 2.50 5.00", "Gear 1 9.00 9.00"
TOLD: list[Line] = [(0.30, BOLT), (0.33, NUT)]


def beside(*lines: Line) -> tuple[str, str] | None:
    return counted(FOUR, [BOLT, NUT], sheet(*TOLD, *lines))


# --- how full ---


@pytest.mark.parametrize(
    ("cells", "row"),
    [
        ("Gear 1 9.00 9.00", True),
        ("_ 1 9.00 9.00", True),  # three of four, all that are numbers
        ("Gear 1 9.00 _", False),  # three of four, two of three numbers
        ("Gear _ _ 9.00", False),
        ("Gear of steel alone", False),
    ],
)
def test_a_line_that_fills_most_columns_and_those_of_numbers_is_a_row(cells: str, row: bool) -> None:
    assert beside((0.36, cells)) == (("2", "3") if row else None)


def test_where_the_rows_add_up_only_a_line_that_fills_every_column_is_one() -> None:
    for cells, row in ((GEAR, True), ("_ 1 9.00 9.00", False)):
        shown = sheet(*TOLD, (0.36, cells), (0.60, "Net _ _ 8.00"))
        assert counted(FOUR, [BOLT, NUT], shown, net="8.00") == (("2", "3") if row else None)
        apart = sheet(*TOLD, (0.36, cells), (0.60, "Net _ _ 17.00"))
        assert counted(FOUR, [BOLT, NUT], apart, net="17.00") == ("2", "3"), "they do not"
        assert counted(FOUR, [BOLT, NUT], shown) == (("2", "3") if row else None), "the page prints their sum"
        assert counted(LOOSE, [BOLT, NUT], shown, net="8.00") == ("2", "3"), "no check says what adds up"


def test_two_columns_are_a_row_unless_they_add_up() -> None:
    two = schema("text", "amount")
    lines = [(0.30, "Bolt _ _ 3.00"), (0.33, "Nut _ _ 5.00"), (0.36, "Gear _ _ 9.00")]
    assert counted(two, ["Bolt 3.00", "Nut 5.00"], sheet(*lines)) == ("2", "3")
    assert counted(two, ["Bolt 3.00", "Nut 5.00"], sheet(*lines, (0.6, "Net _ _ 8.00")), net="8.00") is None


def test_three_columns_tell_a_row_though_they_add_up() -> None:
    three = schema("text", "price", "amount")
    lines = [(0.30, "Bolt 3.00 3.00 _"), (0.33, "Nut 2.50 5.00 _"), (0.36, "Gear 9.00 9.00 _")]
    shown = sheet(*lines, (0.60, "Net _ 8.00 _"))
    assert counted(three, ["Bolt 3.00 3.00", "Nut 2.50 5.00"], shown, net="8.00") == ("2", "3")


# --- how near ---


@pytest.mark.parametrize(("y", "row"), [(0.40, True), (0.41, False), (0.23, True), (0.22, False)])
def test_a_row_stands_within_two_and_a_half_usual_distances(y: float, row: bool) -> None:
    assert beside((y, GEAR)) == (("2", "3") if row else None)


@pytest.mark.parametrize(("y", "row"), [(0.37, True), (0.38, False)])
def test_next_to_the_only_row_a_usual_distance_is_supposed(y: float, row: bool) -> None:
    assert counted(FOUR, [BOLT], sheet((0.30, BOLT), (y, GEAR))) == (("1", "2") if row else None)


def test_the_usual_distance_is_the_median_one() -> None:
    lines = [(0.30, BOLT), (0.32, NUT), (0.34, "Oil 1 1.00 1.00"), (0.50, "Rod 1 2.00 2.00")]
    rows = [cells for _, cells in lines]
    assert counted(FOUR, rows, sheet(*lines, (0.548, GEAR))) == ("4", "5")
    assert counted(FOUR, rows, sheet(*lines, (0.552, GEAR))) is None


def test_a_row_reaches_on_to_the_next() -> None:
    assert beside((0.40, GEAR), (0.47, GEAR), (0.54, GEAR), (0.70, GEAR)) == ("2", "5")
    assert beside((0.23, GEAR), (0.16, GEAR)) == ("2", "4")


def test_a_row_between_others_is_missed() -> None:
    lines = [(0.30, BOLT), (0.33, GEAR), (0.36, NUT)]
    assert counted(FOUR, [BOLT, NUT], sheet(*lines)) == ("2", "3")


@pytest.mark.parametrize(("gap", "row"), [(0.003, False), (0.007, True)])  # half of their height
def test_words_beside_a_row_are_of_it(gap: float, row: bool) -> None:
    assert beside((0.33 + gap, GEAR)) == (("2", "3") if row else None)
    assert beside((0.33 - gap, GEAR)) == (("2", "3") if row else None)


def test_on_a_page_without_rows_a_line_like_theirs_is_one() -> None:
    first, second = sheet(*TOLD), sheet((0.90, GEAR), number=2)
    assert counted(FOUR, [BOLT, NUT], first, second) == ("2", "3")
    two = schema("text", "amount")
    assert counted(two, ["Bolt 3.00"], sheet((0.3, "Bolt _ _ 3.00")), sheet((0.9, "Gear _ _ 9.00"), number=2)) is None


def test_a_row_of_which_one_value_was_found_is_a_row_and_one_that_is_scattered_is_not() -> None:
    lines = [*TOLD, (0.36, "Rod _ _ _"), (0.362, GEAR)]
    assert counted(FOUR, [BOLT, NUT, "Rod 7 _ _"], sheet(*lines)) is None
    scattered = [*TOLD, (0.36, GEAR), (0.39, "Rod _ _ _"), (0.42, "7 _ _ _")]
    assert counted(FOUR, [BOLT, NUT, "Rod 7 _ _"], sheet(*scattered)) == ("3", "4")


# --- above the sums ---


@pytest.mark.parametrize(
    ("net", "total", "line", "row"),
    [
        (0.42, 0.48, 0.40, True),
        (0.42, 0.48, 0.45, False),  # among the sums
        (0.37, 0.44, 0.40, False),
        (0.37, 0.46, 0.40, True),  # so far apart the first is none of the sums
        (0.42, 0.48, 0.42, False),  # on their line
    ],
)
def test_below_the_first_of_the_sums_there_are_no_rows(net: float, total: float, line: float, row: bool) -> None:
    shown = sheet(*TOLD, (net, "_ _ Net 80.00"), (line, GEAR), (total, "_ _ Total 95.20"))
    assert counted(FOUR, [BOLT, NUT], shown, net="80.00", total="95.20") == (("2", "3") if row else None)


def test_sums_above_the_rows_end_nothing() -> None:
    shown = sheet((0.10, "_ _ Total 95.20"), *TOLD, (0.36, GEAR))
    assert counted(FOUR, [BOLT, NUT], shown, total="95.20") == ("2", "3")


# --- no rows at all ---

HEAD: Line = (0.30, "Item Qty Price Amount")
ONE, OTHER = "Bolt 1 3 3.00", "Nut 2 2 4.00"  # one amount: no row but for the captions


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        ([HEAD, (0.33, ONE), (0.36, OTHER)], 2),
        ([HEAD, (0.27, ONE)], 0),  # above its captions
        ([HEAD, (0.37, ONE)], 1),
        ([HEAD, (0.38, ONE)], 0),  # too far below
        ([HEAD, (0.37, ONE), (0.44, OTHER)], 2),
        ([HEAD, (0.33, "Bolt 1 3 3")], 0),  # no amount among its words
        ([HEAD, (0.33, "_ _ _ 3.00")], 0),  # one column alone
        ([(0.30, "Item _ _ Amount"), (0.33, "Bolt _ _ 3.00")], 1),  # two captions are enough
        ([(0.30, "Item _ _ _"), (0.33, "Bolt _ _ 3.00")], 0),
        ([(0.30, "_ Price _ _"), (0.32, "_ _ _ Amount"), (0.34, "Bolt 3 _ 3.00")], 0),  # on two lines
        ([(0.10, "Item _ _ Amount"), HEAD, (0.13, ONE), (0.33, OTHER)], 1),  # the line with most
        ([HEAD, (0.50, "Item _ _ Amount"), (0.33, ONE), (0.53, OTHER)], 1),
    ],
)
def test_lines_under_keys_are_rows(lines: list[Line], rows: int) -> None:
    assert counted(LOOSE, [], sheet(*lines)) == (("0", str(rows)) if rows else None)


@pytest.mark.parametrize(("sum_at", "rows"), [(0.35, 1), (0.32, None), (0.20, 2)])
def test_rows_under_keys_end_at_the_sums_below_them(sum_at: float, rows: int | None) -> None:
    shown = sheet((sum_at, "_ _ Net 80.00"), HEAD, (0.33, ONE), (0.36, OTHER))
    assert counted(LOOSE, [], shown, net="80.00") == (("0", str(rows)) if rows else None)


@pytest.mark.parametrize(
    ("lines", "rows"),
    [
        ([(0.30, "Vara _ 3.00 3.00")], 1),  # two amounts
        ([(0.30, "_ 3.00 3.00 _")], 0),  # no word
        ([(0.30, "Vara _ 3.00 3"), (0.33, "Vara _ 3 3.00")], 0),
        ([(0.30 + 0.03 * at, "Vara _ _ 3.00") for at in range(2)], 0),
        ([(0.30 + 0.03 * at, "Vara _ _ 3.00") for at in range(3)], 3),  # three to one edge
        ([(0.30, "Vara _ _ 3.00"), (0.33, "Vara _ 3.00 _"), (0.36, "Vara 3.00 _ _")], 0),
        ([(0.30 + 0.03 * at, "Vara _ _ 3.00") for at in range(3)] + [(0.6, "Vara _ 3.00 5.00")], 1),
    ],
)
def test_without_keys_lines_of_text_with_amounts_are_rows(lines: list[Line], rows: int) -> None:
    assert counted(LOOSE, [], sheet(*lines)) == (("0", str(rows)) if rows else None)


@pytest.mark.parametrize(("above", "row"), [(0.032, False), (0.036, True)])
def test_lines_with_amounts_are_rows_if_they_stand_clear_of_the_sums(above: float, row: bool) -> None:
    shown = sheet((0.5 - above, "Vara _ 3.00 3.00"), (0.5, "_ _ Net 80.00"))
    assert counted(LOOSE, [], shown, net="80.00") == (("0", "1") if row else None)


@pytest.mark.parametrize(("above", "row"), [(0.020, False), (0.024, True)])
def test_one_line_with_an_amount_is_the_row_that_a_sum_must_have(above: float, row: bool) -> None:
    shown = sheet((0.5 - above, "Vara _ _ 3.00"), (0.5, "_ _ Net 80.00"))
    assert counted(FOUR, [], shown, net="80.00") == (("0", "1") if row else None)
    assert counted(FOUR, [], shown, total="80.00") is None, "nothing has to come to the total"


# --- what is told ---


def test_the_violation_names_the_list_and_quotes_three_of_the_lines() -> None:
    lines = [(0.36 + 0.03 * at, f"Gear{at} 1 9.00 9.00") for at in range(4)]
    (found,) = lacking(FOUR, [BOLT, NUT], sheet(*TOLD, *lines))
    assert (found.rule, found.severity, found.paths, found.left, found.right) == (
        "incomplete_rows",
        "error",
        ("rows",),
        "2",
        "6",
    )
    assert [at for at in range(4) if f"Gear{at} 1 9.00 9.00" in found.message] == [0, 1, 2]


def test_pages_without_words_lack_nothing() -> None:
    assert counted(FOUR, [], Page(1, 595.0, 842.0)) is None


def test_lists_inside_rows_are_looked_through_too() -> None:
    rows = {"type": "array", "items": {"type": "object", "properties": {name: labelled(name) for name in LABELS}}}
    outer = {"type": "array", "items": {"type": "object", "properties": {"rows": rows}}}
    some = parse_schema({"type": "object", "properties": {"tables": outer}}, "book")
    names = list(LABELS)
    told = [
        {name: cell if name == "text" else Decimal(cell) for name, cell in zip(names, row.split(), strict=True)}
        for row in (BOLT, NUT)
    ]
    value = {"tables": [{"rows": told}]}
    indexes = [PageIndex(sheet(*TOLD, (0.36, GEAR)), Conventions(mark="."))]
    (found,) = missing_rows(some, value, ground(some.root, value, indexes, []), indexes)
    assert (found.paths, found.left, found.right) == (("tables[0].rows",), "2", "3")


def test_a_value_in_a_list_of_a_row_is_of_that_row() -> None:
    columns = {name: labelled(name) for name in LABELS} | {"tags": {"type": "array", "items": {"type": "string"}}}
    rows = {"type": "array", "items": {"type": "object", "properties": columns}}
    some = parse_schema({"type": "object", "properties": {"rows": rows}}, "tagged")
    bolt = {"text": "Bolt", "count": Decimal(1), "price": Decimal(3), "amount": Decimal(3), "tags": ["steel"]}
    indexes = [PageIndex(sheet((0.30, BOLT), (0.31, "steel _ _ _"), (0.36, GEAR)), Conventions(mark="."))]
    evidence = ground(some.root, {"rows": [bolt]}, indexes, [])
    assert "rows[0].tags[0]" in evidence
    (found,) = missing_rows(some, {"rows": [bolt]}, evidence, indexes)
    assert (found.left, found.right) == ("1", "2")
