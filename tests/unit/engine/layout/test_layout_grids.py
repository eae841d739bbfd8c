"""Tables read whole: by the cells that a table model saw, by drawn lines, and by columns of words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from docpipe.page.box import Box
from docpipe.records import Geometry, Grid, Page, Table, TableCell
from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import HEIGHT, WIDTH, Print, page_of, table_of

Ask = Callable[..., dict[str, Any]]
TABLE = load_schema("table").document
COLUMNS = (50.0, 200.0, 300.0, 400.0)
WAGES = [
    ("Land", "Löner", "Priser", "Invånare"),
    ("Norge", "12,5", "3,1", "5 425"),
    ("Finland", "9,8", "2,7", "5 548"),
    ("Island", "14,0", "4,4", "383"),
]


def page(*prints: Print, **more: Any) -> Page:
    return page_of(prints, **more)


def cells(table: dict[str, Any]) -> list[list[str | None]]:
    """All rows of a table of an answer, its header first."""
    return [*([table["header"]] if table["header"] else []), *(row["cells"] for row in table["rows"])]


def box(x0: float, y0: float, x1: float, y1: float) -> Box:
    return Box(x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT)


def seen(
    page: Page, xs: Sequence[float], ys: Sequence[float], spans: Sequence[tuple[int, int, int, int]] = (), head: int = 1
) -> Page:
    """The page with a table as a model sees it: edges of columns and rows, `spans` (row, column, rows, columns)."""
    own = {(row, column): (rows, columns) for row, column, rows, columns in spans}
    covered = {
        (row + down, column + across)
        for row, column, rows, columns in spans
        for down in range(rows)
        for across in range(columns)
        if down or across
    }
    made = []
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            if (row, column) not in covered:
                rows, columns = own.get((row, column), (1, 1))
                sides = box(xs[column], ys[row], xs[column + columns], ys[row + rows])
                made.append(TableCell(row, column, rows, columns, sides))
    table = Table(box(xs[0], ys[0], xs[-1], ys[-1]), tuple(made), head)
    return replace(page, geometry=replace(page.geometry, tables=(*(page.geometry.tables or ()), table)))


def drawn(
    page: Page, xs: Sequence[float], ys: Sequence[float], missing: Sequence[tuple[float, float, float, float]] = ()
) -> Page:
    """The page with a ruled grid of single lines, those in `missing` left out."""
    lines = [(x, top, x, bottom) for x in xs for top, bottom in pairwise(ys)]
    lines += [(left, y, right, y) for y in ys for left, right in pairwise(xs)]
    rules = tuple(box(*line) for line in lines if line not in missing)
    grid = Grid(tuple(x / WIDTH for x in xs), tuple(y / HEIGHT for y in ys))
    return replace(page, geometry=Geometry(rules=rules, grids=(grid,)))


def test_columns_without_a_line_are_a_table(ask: Ask) -> None:
    (table,) = ask(TABLE, page(*table_of(300, COLUMNS, WAGES)))["tables"]
    assert cells(table) == [list(row) for row in WAGES]
    assert table["header"] == list(WAGES[0])
    assert table["pages"] == [1]


def test_prose_is_no_table(ask: Ask) -> None:
    lines = [(50, 100 + 14 * at, "The members of the board met in the hall of the old town") for at in range(9)]
    assert ask(TABLE, page(*lines))["tables"] == []


def test_two_columns_of_prose_are_no_table(ask: Ask) -> None:
    left = [(40, 100 + 14 * at, "the members of the board have met in the town hall") for at in range(9)]
    right = [(310, 100 + 14 * at, "and whoever had come heard what they had to say") for at in range(9)]
    assert ask(TABLE, page(*left, *right))["tables"] == []


def test_a_cell_goes_on_in_the_line_below(ask: Ask) -> None:
    rows = [
        ("Nr", "Bezeichnung", "Preis"),
        ("1", "Schraubstock, schwer,", "48,00"),
        ("2", "Feile", "7,20"),
        ("3", "Säge", "9,90"),
    ]
    prints = table_of(300, (50, 120, 400), rows, step=30)
    prints.append((120, 342, "mit Drehteller"))
    (table,) = ask(TABLE, page(*prints))["tables"]
    assert cells(table)[1] == ["1", "Schraubstock, schwer, mit Drehteller", "48,00"]
    assert len(cells(table)) == 4


def test_drawn_cells_are_joined_where_no_line_parts_them(ask: Ask) -> None:
    prints = [
        (60, 105, "Kommune"),
        (200, 105, "Besøgende i alt"),
        (160, 125, "2019"),
        (260, 125, "2020"),
        (60, 145, "Ribe"),
        (160, 145, "812"),
        (260, 145, "640"),
        (60, 165, "Tønder"),
        (160, 165, "455"),
        (260, 165, "391"),
    ]
    missing = [(250, 100, 250, 120), (50, 120, 150, 120)]
    ruled = drawn(page(*prints), (50, 150, 250, 350), (100, 120, 140, 160, 180), missing)
    (table,) = ask(TABLE, ruled)["tables"]
    assert cells(table) == [
        ["Kommune", "Besøgende i alt", None],
        [None, "2019", "2020"],
        ["Ribe", "812", "640"],
        ["Tønder", "455", "391"],
    ]


def test_a_frame_around_the_page_is_no_table(ask: Ask) -> None:
    framed = drawn(page((60, 110, "Annual report of the society")), (40, 300, 560), (80, 300, 500, 800))
    assert ask(TABLE, framed)["tables"] == []


def test_what_the_model_sees_is_filled_with_words(ask: Ask) -> None:
    prints = table_of(
        100, (50, 150, 250), [("Stad", "2019", "2020"), ("Lund", "812", "n/a"), ("Ystad", "–", "391")], step=20
    )
    (table,) = ask(TABLE, seen(page(*prints), (40, 140, 240, 340), (95, 115, 135, 155)))["tables"]
    assert cells(table) == [["Stad", "2019", "2020"], ["Lund", "812", "n/a"], ["Ystad", "–", "391"]]


def test_a_table_that_the_model_does_not_see_is_not_made_up(ask: Ask) -> None:
    shown = page(*table_of(300, COLUMNS, WAGES))
    assert ask(TABLE, replace(shown, geometry=Geometry(tables=())))["tables"] == []


def test_on_a_scan_columns_are_looked_for_where_the_model_sees_none(ask: Ask) -> None:
    shown = page(*table_of(300, COLUMNS, WAGES))
    scan = replace(shown, geometry=Geometry(tables=()), text_source="ocr")
    assert len(ask(TABLE, scan)["tables"]) == 1


def test_a_head_over_several_columns_stands_in_the_first_of_them(ask: Ask) -> None:
    prints = [
        (200, 100, "Emissions"),
        *table_of(
            120,
            (50, 150, 220, 290),
            [("Year", "Q1", "Q2", "Q3"), ("2001", "11", "12", "13"), ("2002", "21", "22", "23")],
            step=20,
        ),
    ]
    (table,) = ask(TABLE, seen(page(*prints), (40, 140, 200, 280, 340), (95, 115, 135, 155, 175), head=2))["tables"]
    assert cells(table)[0] == [None, "Emissions", None, None]


def test_a_run_of_words_that_an_edge_cuts_is_kept_whole(ask: Ask) -> None:
    prints = [
        (50, 100, "City"),
        (122, 100, "Energy use"),
        (300, 100, "Visitors"),
        *table_of(120, (50, 160, 300), [("Bath", "11", "12"), ("York", "21", "22")], step=20),
    ]
    (table,) = ask(TABLE, seen(page(*prints), (40, 155, 290, 360), (95, 115, 135, 155)))["tables"]
    assert cells(table)[0] == ["City", "Energy use", "Visitors"]


def test_a_column_that_is_two_is_parted(ask: Ask) -> None:
    rows = [
        ("Jahr", "Einfuhr", "Ausfuhr"),
        ("2001", "11,5", "1,1"),
        ("2002", "12,5", "1,2"),
        ("2003", "13,5", "1,3"),
        ("2004", "14,5", "1,4"),
    ]
    prints = table_of(100, (50, 150, 300), rows, step=20)
    jammed = seen(page(*prints), (40, 290, 360), (95, 115, 135, 155, 175, 195))
    (table,) = ask(TABLE, jammed)["tables"]
    assert cells(table) == [list(row) for row in rows]


def test_a_head_that_names_its_columns_in_its_last_line_is_two_rows(ask: Ask) -> None:
    prints = [
        (50, 112, "Sector"),
        (190, 100, "Jobs, %"),
        *table_of(112, (160, 230), [("2012", "2013")]),
        *table_of(130, (50, 160, 230), [("Mining", "2,5", "2,7"), ("Trade", "8,1", "7,9")], step=20),
    ]
    model = seen(page(*prints), (40, 150, 220, 300), (95, 125, 145, 165), [(0, 1, 1, 2)])
    (table,) = ask(TABLE, model)["tables"]
    assert cells(table)[:3] == [["Sector", "Jobs, %", None], [None, "2012", "2013"], ["Mining", "2,5", "2,7"]]


def test_a_list_with_marks_is_one_column(ask: Ask) -> None:
    rows = [
        ("Property", "Reason"),
        ("Clarity", "•  not relevant"),
        ("Range", "•  at the floor"),
        ("Change", "•  not sensitive"),
        ("Recall", "•  too long ago"),
    ]
    prints = table_of(100, (50, 150), rows, step=20)
    (table,) = ask(TABLE, seen(page(*prints), (40, 140, 400), (95, 115, 135, 155, 175, 195)))["tables"]
    assert [row[1] for row in cells(table)[1:]] == [
        "• not relevant",
        "• at the floor",
        "• not sensitive",
        "• too long ago",
    ]


def two_pages(again: bool, lower_columns: int = 3) -> tuple[Page, Page]:
    head = ("Kod", "Nazwa", "Cena")
    upper = [head, *((f"A{at}", "Gwoździe", f"{at},50") for at in range(8))]
    lower = [*([head] if again else []), *((f"B{at}", "Śruby", f"{at},90", "x")[:lower_columns] for at in range(5))]
    columns = (50, 150, 300, 400)
    first = page(*table_of(600, columns[:3], upper, step=20))
    second = page(*table_of(60, columns[:lower_columns] if not again else columns[:3], lower, step=20), number=2)
    return first, second


@pytest.mark.parametrize("again", [True, False])
def test_a_table_over_two_pages_is_one(ask: Ask, again: bool) -> None:
    (table,) = ask(TABLE, *two_pages(again))["tables"]
    assert table["pages"] == [1, 2]
    assert [row[0] for row in cells(table)] == ["Kod", *(f"A{at}" for at in range(8)), *(f"B{at}" for at in range(5))]


def test_another_table_on_the_next_page_is_another(ask: Ask) -> None:
    tables = ask(TABLE, *two_pages(again=False, lower_columns=4))["tables"]
    assert [table["pages"] for table in tables] == [[1], [2]]


def test_a_caption_is_the_title_over_the_table_or_under_it(ask: Ask) -> None:
    rows = table_of(300, COLUMNS, WAGES)
    over = ask(TABLE, page((50, 284, "Tabell 4: Löner i Norden"), *rows))["tables"][0]
    under = ask(TABLE, page(*rows, (50, 362, "Tab. 4 Löner i Norden")))["tables"][0]
    assert (over["title"], under["title"]) == ("Tabell 4: Löner i Norden", "Tab. 4 Löner i Norden")


def test_a_sentence_over_a_table_is_no_title(ask: Ask) -> None:
    said = ask(TABLE, page((50, 284, "The table shows what was paid."), *table_of(300, COLUMNS, WAGES)))["tables"][0]
    assert said["title"] is None


TYPED = {
    "type": "object",
    "properties": {
        "tables": {
            "type": "array",
            "x-docpipe": {"role": "tables"},
            "items": {
                "type": "object",
                "properties": {
                    "rows": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "country": {"type": ["string", "null"], "x-docpipe": {"labels": {"sv": ["Land"]}}},
                                "wages": {
                                    "type": ["number", "null"],
                                    "multipleOf": 0.1,
                                    "x-docpipe": {"labels": {"sv": ["Löner"]}},
                                },
                                "population": {
                                    "type": ["integer", "null"],
                                    "x-docpipe": {"labels": {"sv": ["Invånare"]}},
                                },
                            },
                        },
                    }
                },
            },
        }
    },
}


def test_columns_that_a_schema_declares_have_its_types(ask: Ask) -> None:
    (table,) = ask(TYPED, page(*table_of(300, COLUMNS, WAGES)))["tables"]
    assert table["rows"][0] == {"country": "Norge", "wages": Decimal("12.5"), "population": 5425}
    assert [row["country"] for row in table["rows"]] == ["Norge", "Finland", "Island"]


def test_a_mirrored_page_has_its_first_column_at_the_right() -> None:
    from docpipe.page.mirror import mirrored

    shown = seen(page((50, 100, "x")), (40, 140, 240, 340), (95, 115, 135), [(0, 0, 1, 2)])
    (table,) = mirrored(shown).geometry.tables or ()
    assert [(cell.row, cell.column, cell.column_span) for cell in table.cells] == [
        (0, 1, 2),
        (0, 0, 1),
        (1, 2, 1),
        (1, 1, 1),
        (1, 0, 1),
    ]
    assert table.box.right == pytest.approx(1 - 40 / WIDTH)
