"""Tables of pages, by the library's models in their own confined process."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable

import pymupdf
import pytest

from docpipe.errors import RenderCrash
from docpipe.intake.content import Content, Descriptor
from docpipe.records import Page, Table
from docpipe.render import wire
from docpipe.render.renderer import Renderer
from docpipe.render.sandbox import Meter
from docpipe.settings import Settings

NEEDS = frozenset({"words", "geometry", "tables"})
ROWS = [
    ("Region", "Births", "Deaths", "Balance"),
    ("Midlands", "4 812", "3 911", "901"),
    ("North", "2 755", "2 804", "-49"),
    ("South East", "7 031", "5 102", "1 929"),
    ("Wales", "1 640", "1 702", "-62"),
    ("Scotland", "3 377", "3 120", "257"),
]
XS = (90, 220, 310, 400, 490)


def printed(*, ruled: bool = False, rotation: int = 0, text: bool = True) -> pymupdf.Document:
    """A page with some prose and one table, which has lines or has none."""
    file = pymupdf.open()
    page = file.new_page(width=595, height=842)
    prose = "The registrar counted all births and deaths of the year in every region of the country, as before."
    for line in range(4 if text else 0):
        page.insert_text((70, 90 + 14 * line), prose, fontsize=10)
    for at, row in enumerate(ROWS):
        for x, cell in zip(XS, row, strict=False):
            page.insert_text((x + 4, 200 + 20 * at), cell, fontsize=10)
    for y in range(186, 186 + 20 * 7, 20) if ruled else ():
        page.draw_line((XS[0], y), (XS[-1], y))
    for x in XS if ruled else ():
        page.draw_line((x, 186), (x, 306))
    page.set_rotation(rotation)
    return file


def opened(renderer: Renderer, source: Content, number: int = 1) -> Page:
    async def read() -> Page:
        async with await renderer.open(source) as document:
            return await document.page(number, NEEDS)

    return asyncio.run(read())


def shape(table: Table) -> tuple[int, int]:
    return max(cell.row for cell in table.cells) + 1, max(cell.column for cell in table.cells) + 1


def texts(page: Page, table: Table) -> set[tuple[int, int, str]]:
    """(row, column, text) of every cell with words."""
    found: dict[tuple[int, int], list[str]] = {}
    for word in page.words:
        for cell in table.cells:
            if cell.box.holds(word.box.mid_x, word.box.mid_y):
                found.setdefault((cell.row, cell.column), []).append(word.text)
    return {(*place, " ".join(words)) for place, words in found.items()}


WANTED = {(row, column, text) for row, line in enumerate(ROWS) for column, text in enumerate(line)}


@pytest.mark.parametrize("ruled", [True, False])
def test_a_table_is_found_with_its_cells(renderer: Renderer, content: Callable[..., Content], ruled: bool) -> None:
    page = opened(renderer, content(printed(ruled=ruled).tobytes()))
    (table,) = page.geometry.tables or ()
    assert shape(table) == (6, 4)
    assert texts(page, table) == WANTED
    assert table.header_rows == 1


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_cells_lie_where_a_turned_page_shows_them(
    renderer: Renderer, content: Callable[..., Content], rotation: int
) -> None:
    page = opened(renderer, content(printed(rotation=rotation).tobytes()))
    (table,) = page.geometry.tables or ()
    assert texts(page, table) == WANTED


def test_a_page_of_prose_is_not_shown_to_the_model(
    renderer: Renderer, content: Callable[..., Content], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = pymupdf.open()
    page = file.new_page()
    for line in range(30):
        page.insert_text((70, 90 + 16 * line), "All are in one line of words, as a letter has them, and then the next.")

    async def never(*_: object) -> wire.Message:
        raise AssertionError("asked")

    monkeypatch.setattr(renderer, "tabulate", never)
    assert opened(renderer, content(file.tobytes())).geometry.tables == ()


def test_nobody_looks_for_tables_who_does_not_need_them(renderer: Renderer, content: Callable[..., Content]) -> None:
    async def read() -> Page:
        async with await renderer.open(content(printed().tobytes())) as document:
            return await document.page(1, NEEDS - {"tables"})

    assert asyncio.run(read()).geometry.tables is None


def test_tables_of_a_picture_are_found_by_its_recognised_words(
    renderer: Renderer, content: Callable[..., Content]
) -> None:
    crop = pymupdf.Rect(XS[0] - 6, 180, XS[-1] + 6, 312)
    data = printed(ruled=True, text=False)[0].get_pixmap(dpi=130, clip=crop).tobytes("png")
    page = opened(renderer, content(data, "crop.png"))
    (table,) = page.geometry.tables or ()
    assert page.text_source == "ocr"
    assert shape(table) == (6, 4)
    assert {(row, column) for row, column, _ in texts(page, table)} == {(row, column) for row, column, _ in WANTED}


def test_a_page_that_the_model_fails_on_is_read_without_it(
    renderer: Renderer, content: Callable[..., Content], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def fails(*_: object) -> wire.Message:
        asked.append(1)
        raise RenderCrash("it died")

    monkeypatch.setattr(renderer, "tabulate", fails)
    file = printed()
    for _ in range(2):
        file.insert_pdf(printed())

    async def read() -> list[Page]:
        async with await renderer.open(content(file.tobytes())) as document:
            return [await document.page(number, NEEDS) for number in (1, 2, 3)]

    pages = asyncio.run(read())
    assert [page.geometry.tables for page in pages] == [None] * 3
    assert all(page.words for page in pages)
    assert [page.notes[-1] for page in pages] == [
        "no table model: RENDER_CRASH",
        "no table model: RENDER_CRASH",
        "no table model: it failed before",
    ]
    assert len(asked) == 2


def test_without_the_models_nobody_has_looked(
    renderer: Renderer, content: Callable[..., Content], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_: object) -> wire.Message:
        return {"unavailable": "ImportError: no module"}

    monkeypatch.setattr(renderer, "tabulate", unavailable)
    page = opened(renderer, content(printed().tobytes()))
    assert (page.geometry.tables, page.notes) == (None, ())


def test_a_locked_document_is_opened_with_its_password(content: Callable[..., Content]) -> None:
    from docpipe.passwords import Passwords

    locked = io.BytesIO()
    printed().save(locked, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="lime", owner_pw="tree")
    with Renderer(Settings(passwords=Passwords(("plum", "lime")))) as renderer:
        page = opened(renderer, content(locked.getvalue()))
    assert [shape(table) for table in page.geometry.tables or ()] == [(6, 4)]


def test_a_model_out_of_time_is_ended_and_the_page_kept(
    renderer: Renderer, content: Callable[..., Content], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hurried(job: wire.Message, memory: Descriptor, doc_id: str, meter: Meter) -> wire.Message:
        untrusted, _ = await renderer._tabulator.ask(job, memory, document=doc_id, timeout_s=0.02, meter=meter)
        return untrusted

    monkeypatch.setattr(renderer, "tabulate", hurried)
    page = opened(renderer, content(printed().tobytes()))
    assert page.words
    assert page.geometry.tables is None
    assert page.notes == ("no table model: RENDER_TIMEOUT",)
