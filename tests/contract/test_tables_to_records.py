"""A file with tables under the shipped table schema, from its bytes to the record, without a model of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pymupdf
import pytest

from docpipe.engine.layout.engine import LayoutEngine
from docpipe.extract.document import extract
from docpipe.extract.workbench import Workbench, workbench
from docpipe.records import Record, Source
from docpipe.schema.load import load_schema
from docpipe.settings import Settings

Rows = Sequence[Sequence[str | None]]


@pytest.fixture(scope="module")
def bench() -> Iterator[Workbench]:
    bench = workbench(load_schema("table"), LayoutEngine(), Settings())
    yield bench
    bench.close()


def read(file: pymupdf.Document, path: Path, bench: Workbench) -> Record:
    file.save(path)
    outcome = asyncio.run(extract(Source(str(path)), bench))
    assert outcome.failure is None
    return outcome.records[0]


def printed(
    page: pymupdf.Page,
    rows: Rows,
    xs: Sequence[float],
    top: float,
    step: float = 18,
    *,
    ruled: bool = False,
    head: bool = True,
) -> None:
    """Rows of cells at `xs`; "\\n" in a cell begins its next line. A head is bold."""
    for at, row in enumerate(rows):
        for x, cell in zip(xs, row, strict=False):
            for line, text in enumerate((cell or "").split("\n")):
                font = "hebo" if head and not at else "helv"
                page.insert_text((x + 4, top + 13 + step * at + 11 * line), text, fontsize=9, fontname=font)
    if ruled:
        bottom = top + step * len(rows)
        for y in range(len(rows) + 1):
            page.draw_line((xs[0], top + step * y), (xs[-1], top + step * y))
        for x in xs:
            page.draw_line((x, top), (x, bottom))


def cells(record: Record, table: int = 0) -> list[list[str | None]]:
    found = record.value["tables"][table]
    return [found["header"], *(row["cells"] for row in found["rows"])]


def new_page(file: pymupdf.Document, prose: str = "") -> pymupdf.Page:
    page = file.new_page(width=595, height=842)
    for line in range(3 if prose else 0):
        page.insert_text((60, 70 + 14 * line), prose, fontsize=10)
    return page


GERMAN = [
    ("Kreis", "Fläche", "Einwohner", "Dichte"),
    ("Goslar", "966,7", "134 512", "139"),
    ("Peine", "536,7", "137 366", "-"),
    ("Celle", "1 550,8", "180 370", "116"),
    ("Uelzen", "1 462,6", "92 744", "63"),
]
FRENCH = [
    ("Espèce", "Effectif", "Part"),
    ("Chêne", "1 204", "41,2 %"),
    ("Hêtre", "988", "33,8 %"),
    ("Frêne", "731", "25,0 %"),
]
SPANISH = [
    ("Código", "Descripción", "Precio"),
    ("A-100", "Tornillo de acero\ninoxidable M8", "0,45"),
    ("A-200", "Arandela plana\ngalvanizada", "0,08"),
    ("A-300", "Tuerca hexagonal\nde latón", "0,31"),
]
POLISH = [
    ("Rok", "Eksport", "Import"),
    *((str(2000 + at), f"{at * 7 + 3},{at % 10}", f"{at * 5 + 4},5") for at in range(20)),
]


def test_a_table_without_lines_is_read_cell_by_cell(tmp_path: Path, bench: Workbench) -> None:
    file = pymupdf.open()
    page = new_page(file, "Die Zahlen wurden vom Landesamt erhoben und beziehen sich auf das Ende des Jahres.")
    printed(page, GERMAN, (60, 180, 280, 390, 500), 150)
    record = read(file, tmp_path / "kreise.pdf", bench)
    assert cells(record) == [list(row) for row in GERMAN]
    assert record.status == "ok"
    places = {leaf.path: leaf for leaf in record.fields}
    goslar = places["tables[0].rows[0].cells[0]"]
    assert (goslar.page, goslar.method) == (1, "cells")
    assert goslar.boxes[0].left == pytest.approx(64 / 595, abs=0.01)
    assert places["tables[0].rows[1].cells[3]"].value == "-"


def test_two_tables_on_a_page_are_two(tmp_path: Path, bench: Workbench) -> None:
    file = pymupdf.open()
    page = new_page(file)
    page.insert_text((60, 90), "Tableau 1 : Arbres recensés", fontsize=10, fontname="hebo")
    printed(page, FRENCH, (60, 220, 360, 480), 100, ruled=True)
    page.insert_text(
        (60, 300), "Les surfaces sont celles du cadastre, arrondies à la centaine, selon la commune.", fontsize=10
    )
    printed(page, GERMAN, (60, 180, 280, 390, 500), 360)
    record = read(file, tmp_path / "deux.pdf", bench)
    assert [cells(record, at) for at in range(2)] == [[list(row) for row in FRENCH], [list(row) for row in GERMAN]]
    assert [table["title"] for table in record.value["tables"]] == ["Tableau 1 : Arbres recensés", None]


def test_wrapped_cells_are_joined(tmp_path: Path, bench: Workbench) -> None:
    file = pymupdf.open()
    printed(new_page(file), SPANISH, (60, 160, 400, 500), 100, step=32, ruled=True)
    record = read(file, tmp_path / "piezas.pdf", bench)
    assert cells(record) == [[cell.replace("\n", " ") for cell in row] for row in SPANISH]


@pytest.mark.parametrize("again", [True, False])
def test_a_table_over_pages_is_one(tmp_path: Path, bench: Workbench, again: bool) -> None:
    file = pymupdf.open()
    xs = (60, 220, 360, 480)
    printed(new_page(file), POLISH, xs, 440, ruled=True)
    more = [(str(2020 + at), f"{at * 3 + 1},4", f"{at + 9},7") for at in range(9)]
    printed(new_page(file), [POLISH[0], *more] if again else more, xs, 60, ruled=True, head=again)
    record = read(file, tmp_path / "handel.pdf", bench)
    assert [table["pages"] for table in record.value["tables"]] == [[1, 2]]
    assert [row[0] for row in cells(record)] == ["Rok", *map(str, range(2000, 2029))]


def test_a_head_over_two_columns_is_written_once(tmp_path: Path, bench: Workbench) -> None:
    file = pymupdf.open()
    page = new_page(file)
    xs = (60, 180, 260, 340, 420)
    printed(
        page,
        [
            ("", "2019", "2020", "2019"),
            ("Malmö", "12", "14", "88"),
            ("Lund", "9", "8", "41"),
            ("Kalmar", "3", "5", "29"),
        ],
        (60, 180, 260, 340),
        120,
    )
    for row, value in enumerate(("2020", "90", "44", "31")):
        page.insert_text((424, 133 + 18 * row), value, fontsize=9, fontname="hebo" if not row else "helv")
    for x, text in ((210, "Vård"), (368, "Skola")):
        page.insert_text((x, 115), text, fontsize=9, fontname="hebo")
    for y in (102, 138, 192):
        page.draw_line((xs[0], y), (500, y))
    record = read(file, tmp_path / "kommun.pdf", bench)
    assert cells(record)[:3] == [
        [None, "Vård", None, "Skola", None],
        [None, "2019", "2020", "2019", "2020"],
        ["Malmö", "12", "14", "88", "90"],
    ]


def test_a_document_without_a_table_goes_to_review(tmp_path: Path, bench: Workbench) -> None:
    file = pymupdf.open()
    new_page(file, "Nothing but a letter is on this page, and its lines run from edge to edge.")
    record = read(file, tmp_path / "letter.pdf", bench)
    assert record.value["tables"] == []
    assert record.status == "needs_review"
    assert [violation.rule for violation in record.violations] == ["nothing_found"]


def test_other_schemas_pay_nothing_for_tables() -> None:
    engine = LayoutEngine()
    assert "tables" in engine.needs_of(load_schema("table"))
    for name in ("invoice", "receipt", "form"):
        assert "tables" not in engine.needs_of(load_schema(name))
    engine.close()
