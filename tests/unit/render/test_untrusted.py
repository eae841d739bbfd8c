"""Nothing a child says is believed before it is checked."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

from docpipe.errors import RenderCrash
from docpipe.intake.content import Descriptor
from docpipe.render import untrusted, wire
from docpipe.settings import Limits

LIMITS = Limits(max_words_page=3, max_shapes_page=2)
WORD = ["net", [0.1, 0.2, 0.3, 0.4], 0, 0, 1.0, 1, 0, 0.02]


def geometry(**lists: Any) -> dict[str, Any]:
    return {"rules": [], "fills": [], "images": [], "widgets": [], "grids": [], **lists}


def test_boxes_are_clamped_and_put_in_order() -> None:
    assert untrusted.box([-5, 0.5, 0.25, 7]) == (0.0, 0.5, 0.25, 1.0)
    assert untrusted.box([0.9, 0.8, 0.1, 0.2]) == (0.1, 0.2, 0.9, 0.8)


@pytest.mark.parametrize("lie", [None, [], [1, 2, 3], [1, 2, 3, "4"], [0, 0, 1, float("nan")], [0, 0, 1, 1e99], "abcd"])
def test_what_is_no_box(lie: Any) -> None:
    with pytest.raises(RenderCrash):
        untrusted.box(lie)


def test_words_are_bounded_and_their_text_printable() -> None:
    (word,) = untrusted.words([["a\x1b[0m\u202eb\u00a0c\ud800" + "x" * 9_000, *WORD[1:]]], LIMITS)
    assert word.text.startswith("a\ufffd[0mb c\ufffdxx")
    assert len(word.text) <= untrusted.MAX_WORD_CHARS
    assert untrusted.words([["  ", *WORD[1:]]], LIMITS) == ()
    with pytest.raises(RenderCrash):
        untrusted.words([WORD] * 4, LIMITS)


@pytest.mark.parametrize("place", range(1, 8))
def test_a_word_with_one_wrong_part(place: int) -> None:
    row = list(WORD)
    row[place] = None
    if place in (5, 6):  # a flag is set or it is not
        assert untrusted.words([row], LIMITS)[0].text == "net"
        return
    with pytest.raises(RenderCrash):
        untrusted.words([row], LIMITS)


def test_shapes_are_bounded() -> None:
    box = [0, 0, 1, 1]
    assert len(untrusted.geometry(geometry(fills=[box] * 2), LIMITS).fills) == 2
    for lie in (geometry(fills=[box] * 3), geometry(widgets=[[box, "text", "name", ""]]), {"rules": []}, []):
        with pytest.raises(RenderCrash):
            untrusted.geometry(lie, LIMITS)


def test_a_grid_is_two_rows_of_edges_that_grow() -> None:
    (grid,) = untrusted.geometry(geometry(grids=[[[0, 0.5, 1], [0.25, 0.5]]]), LIMITS).grids
    assert (grid.x_edges, grid.y_edges, grid.box) == ((0, 0.5, 1), (0.25, 0.5), (0, 0.25, 1, 0.5))
    many = [edge / 1_000 for edge in range(untrusted.MAX_GRID_EDGES + 1)]
    for lie in ([[0, 1]], [[0, 1], [0.5]], [[0, 1], [0.5, 0.5]], [[1, 0], [0, 1]], [[0, 2], [0, 1]], [many, [0, 1]], 7):
        with pytest.raises(RenderCrash):
            untrusted.geometry(geometry(grids=[lie]), LIMITS)
    with pytest.raises(RenderCrash):
        untrusted.geometry(geometry(grids=[[[0, 1], [0, 1]]] * (untrusted.MAX_GRIDS + 1)), LIMITS)


def test_a_button_is_checked_or_not_or_none_at_all() -> None:
    box = [0, 0, 1, 1]
    found = untrusted.geometry(geometry(widgets=[[box, "checkbox", "a", "", True], [box, "text", "b", "", 1]]), LIMITS)
    assert [widget.checked for widget in found.widgets] == [True, None]


def memfd(data: bytes) -> Descriptor:
    memory = Descriptor(os.memfd_create("theirs", os.MFD_ALLOW_SEALING))
    os.write(memory.fd, data)
    return memory


def test_pixels_are_a_copy_that_their_owner_cannot_reach() -> None:
    memory = memfd(bytes(range(24)))
    array = untrusted.pixels(wire.copied(memory, 24), 4, 2)
    os.pwrite(memory.fd, bytes(24), 0)
    os.ftruncate(memory.fd, 0)
    assert array.shape == (2, 4, 3)
    assert np.array_equal(array.ravel(), np.arange(24))
    assert array.flags.writeable


def test_pixels_must_be_as_many_as_they_say() -> None:
    flat = wire.copied(memfd(bytes(24)), 24)
    for size in ((4, 3), (3, 2), (0, 2)):
        with pytest.raises(RenderCrash):
            untrusted.pixels(flat, *size)
    with pytest.raises(RenderCrash):
        untrusted.pixels(None, 4, 2)


def test_memory_is_copied_within_the_limit_and_from_a_memfd_only() -> None:
    with pytest.raises(RenderCrash):
        wire.copied(memfd(bytes(25)), 24)
    reading, writing = map(Descriptor, os.pipe())  # a read would wait for ever
    for other in (reading, writing, Descriptor(os.open("/dev/zero", os.O_RDONLY))):
        with pytest.raises(RenderCrash):
            wire.copied(other, 24)


@pytest.mark.parametrize("lie", [[0, 5], [5], [70_000, 5], [5.5, None], "55"])
def test_what_is_no_size(lie: Any) -> None:
    with pytest.raises(RenderCrash):
        untrusted.size(lie)


CELL = [0, 0, 1, 2, [0.1, 0.1, 0.9, 0.2]]
BELOW = [[1, 0, 1, 1, [0.1, 0.2, 0.5, 0.3]], [1, 1, 1, 1, [0.5, 0.2, 0.9, 0.3]]]


def test_a_table_is_cells_that_share_no_place() -> None:
    (table,) = untrusted.tables([[[0.1, 0.1, 0.9, 7], 1, [CELL, *BELOW]]])
    assert (table.box, table.header_rows) == ((0.1, 0.1, 0.9, 1.0), 1)
    assert [(cell.row, cell.column, cell.row_span, cell.column_span) for cell in table.cells] == [
        (0, 0, 1, 2), (1, 0, 1, 1), (1, 1, 1, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "cells",
    [
        [],
        [CELL, [0, 1, 1, 1, [0, 0, 1, 1]]],
        [[0, 0, 0, 1, [0, 0, 1, 1]]],
        [[-1, 0, 1, 1, [0, 0, 1, 1]]],
        [[0, 0, 2_000, 2_000, [0, 0, 1, 1]]],
        [[0, 0, 1, [0, 0, 1, 1]]],
        [[0, 0, 1, 1, [0, 0, 1]]],
        "cells",
    ],
)
def test_what_is_no_table(cells: Any) -> None:
    with pytest.raises(RenderCrash):
        untrusted.tables([[[0, 0, 1, 1], 1, cells]])


def test_tables_are_bounded() -> None:
    with pytest.raises(RenderCrash):
        untrusted.tables([[[0, 0, 1, 1], 0, [CELL]]] * (untrusted.MAX_TABLES + 1))
