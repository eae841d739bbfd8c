"""What a child says, believed only after these checks. A reply that fails one is a crash.

A child may be under the control of the file it read. So counts are bounded, numbers are finite,
boxes are clamped to the page, text is bounded, and pixels are copied before they are looked at: what
the child does to its memory afterwards changes nothing.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from operator import ge
from typing import TYPE_CHECKING, Any

from docpipe import errors
from docpipe.page.box import Box
from docpipe.records import Geometry, Grid, Page, Table, TableCell, Widget, Word
from docpipe.render import wire
from docpipe.render.sheet import Pose

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from docpipe.settings import Limits

    Pixels = npt.NDArray[np.uint8]

MAX_WORD_CHARS = 2_000
MAX_NOTE_CHARS = 200
MAX_NOTES = 8
MAX_GRIDS = 50
MAX_GRID_EDGES = 500
MAX_TABLES = 50
MAX_TABLE_SIDE = 2_000  # rows, or columns
MAX_TABLE_CELLS = 20_000
MAX_SIDE_PX = 60_000
MAX_PAGE_PT = 1e6  # an image without a resolution may claim much; its pixels are limited

_CHILD_MAY_RAISE: dict[str, type[errors.DocumentError]] = {
    kind.code: kind
    for kind in (
        errors.UnsupportedType,
        errors.Encrypted,
        errors.Corrupt,
        errors.EmptyDocument,
        errors.TooManyPages,
        errors.PageTooLarge,
        errors.ImageTooLarge,
        errors.BadAspect,
        errors.OcrUnavailable,
        errors.InternalError,
    )
}


def refusal(untrusted: wire.Message) -> errors.DocumentError | None:
    """The error that a reply reports, or None. An unknown code is a RenderCrash."""
    untrusted_error = untrusted.get("error")
    if untrusted_error is None:
        return None
    if not isinstance(untrusted_error, dict):
        return errors.RenderCrash("an error that is none")
    code, message = untrusted_error.get("code"), text(untrusted_error.get("message"), 500)
    if code == wire.OUT_OF_MEMORY:
        return errors.RenderCrash("more memory was needed than limits allow")
    return _CHILD_MAY_RAISE.get(str(code), errors.RenderCrash)(message)


def number(untrusted: Any, low: float, high: float) -> float:
    """A finite number in [low, high]; RenderCrash for anything else."""
    if isinstance(untrusted, bool) or not isinstance(untrusted, int | float):
        raise errors.RenderCrash("the decoder sent no number where one belongs")
    if not (math.isfinite(untrusted) and low <= untrusted <= high):
        raise errors.RenderCrash("the decoder sent a number out of range")
    return untrusted


def whole(untrusted: Any, low: int, high: int) -> int:
    """An integer in [low, high]; RenderCrash for anything else."""
    return int(number(untrusted, low, high))


def text(untrusted: Any, max_chars: int) -> str:
    """At most `max_chars` characters; what does not print is U+FFFD, any white space a space."""
    if not isinstance(untrusted, str):
        return ""
    short = untrusted[:max_chars]
    if short.isprintable():
        return short
    return "".join(_printable(character) for character in short)


def notes(untrusted: Any) -> tuple[str, ...]:
    """At most `MAX_NOTES` short texts."""
    return tuple(text(note, MAX_NOTE_CHARS) for note in rows(untrusted, MAX_NOTES))


def rows(untrusted: Any, most: int) -> list[Any]:
    """A list of at most `most` items; RenderCrash for a longer one or anything else."""
    if not isinstance(untrusted, list) or len(untrusted) > most:
        raise errors.RenderCrash("the decoder sent more than limits allow")
    return untrusted


def box(untrusted: Any) -> Box:
    """Four finite numbers, clamped to the page, with left <= right and top <= bottom."""
    x0, y0, x1, y1 = (min(1.0, max(0.0, number(side, -1e6, 1e6))) for side in _exactly(untrusted, 4))
    return Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))


def words(untrusted: Any, limits: Limits) -> tuple[Word, ...]:
    """Rows of [text, box, line, block, confidence, visible, bold, size]; empty texts are dropped."""
    return tuple(word for row in rows(untrusted, limits.max_words_page) if (word := _word(row)).text.strip())


def geometry(untrusted: Any, limits: Limits) -> Geometry:
    """An object with the lists `rules`, `fills`, `images` (boxes), `widgets` and `grids`."""
    if not isinstance(untrusted, dict):
        raise errors.RenderCrash("the decoder sent no geometry")
    most = limits.max_shapes_page

    def boxes(key: str) -> Iterable[Box]:
        return (box(item) for item in rows(untrusted.get(key), most))

    return Geometry(
        rules=tuple(boxes("rules")),
        fills=tuple(boxes("fills")),
        images=tuple(boxes("images")),
        widgets=tuple(_widget(row) for row in rows(untrusted.get("widgets"), most)),
        grids=tuple(_grid(row) for row in rows(untrusted.get("grids", []), MAX_GRIDS)),
    )


def size(untrusted: Any) -> tuple[int, int]:
    """(width, height) in pixels, each from 1 to `MAX_SIDE_PX`."""
    width, height = (whole(side, 1, MAX_SIDE_PX) for side in _exactly(untrusted, 2))
    return width, height


def pose(untrusted: wire.Message) -> Pose:
    """How a child wants a page shown: whole quarters, at most 45 degrees more, levels that differ."""
    untrusted_pose = untrusted.get("pose")
    if not isinstance(untrusted_pose, dict):
        raise errors.RenderCrash("the decoder sent no pose")
    turn = whole(untrusted_pose.get("turn"), 0, 270) // 90 * 90
    skew = number(untrusted_pose.get("skew"), -45, 45)
    white = whole(untrusted_pose.get("white", 255), 1, 255)
    return Pose(turn, skew, whole(untrusted_pose.get("black", 0), 0, white - 1), white)


def page(number_: int, untrusted: wire.Message, limits: Limits) -> Page:
    """The decoder's reply about one page as it lies in the file, without its pixels."""
    words_ = words(untrusted["words"], limits) if "words" in untrusted else ()
    shapes = geometry(untrusted["geometry"], limits) if "geometry" in untrusted else Geometry()
    return Page(
        number=number_,
        width_pt=number(untrusted.get("width_pt"), 1e-3, MAX_PAGE_PT),
        height_pt=number(untrusted.get("height_pt"), 1e-3, MAX_PAGE_PT),
        rotation=whole(untrusted.get("rotation"), 0, 359),
        words=words_,
        geometry=shapes,
        text_source="layer" if words_ else "none",
        skipped="blank" if untrusted.get("blank") is True else "",
        notes=notes(untrusted.get("notes")),
    )


def with_pixels(page: Page, untrusted: wire.Message, memory: Pixels | None) -> Page:
    """The page with the pixels of a reply."""
    width, height = size(untrusted.get("size"))
    array = pixels(memory, width, height)
    return replace(
        page,
        width_px=width,
        height_px=height,
        dpi=width * 72 / page.width_pt,
        pixels=array,
    )


def pixels(memory: Pixels | None, width: int, height: int) -> Pixels:
    """The bytes of `memory` as the RGB array (height, width, 3) that they are said to be."""
    if memory is None or memory.size != width * height * 3:
        raise errors.RenderCrash("the decoder sent pixels that are not what it says")
    return memory.reshape(height, width, 3)


def _printable(character: str) -> str:
    if character.isspace():
        return " "
    if character.isprintable():
        return character
    return "" if unicodedata.category(character) == "Cf" else "\ufffd"  # Cf: soft hyphen, marks


def _word(untrusted: Any) -> Word:
    content, sides, line, block, confidence, visible, bold, size = _exactly(untrusted, 8)
    return Word(
        text=text(content, MAX_WORD_CHARS),
        box=box(sides),
        line=whole(line, 0, 10**6),
        block=whole(block, 0, 10**6),
        confidence=number(confidence, 0, 1),
        visible=visible is True or visible == 1,
        bold=bold is True or bold == 1,
        size=min(1.0, number(size, 0, 1e6)),
    )


def _widget(untrusted: Any) -> Widget:
    sides, kind, name, value, checked = _exactly(untrusted, 5)
    return Widget(
        box(sides),
        text(kind, MAX_NOTE_CHARS),
        text(name, MAX_WORD_CHARS),
        text(value, MAX_WORD_CHARS),
        checked if isinstance(checked, bool) else None,
    )


def _grid(untrusted: Any) -> Grid:
    """Two lists of at least two edges on the page, each edge beyond the one before."""
    across, down = (
        tuple(number(edge, 0, 1) for edge in rows(edges, MAX_GRID_EDGES)) for edges in _exactly(untrusted, 2)
    )
    if any(len(edges) < 2 or any(map(ge, edges, edges[1:])) for edges in (across, down)):
        raise errors.RenderCrash("the decoder sent a grid that is none")
    return Grid(across, down)


def tables(untrusted: Any) -> tuple[Table, ...]:
    """Rows of [box, header rows, cells]; each has a cell, and no two of its cells share a place."""
    return tuple(_table(row) for row in rows(untrusted, MAX_TABLES))


def _table(untrusted: Any) -> Table:
    """A cell: [row, column, row span, column span, box]."""
    sides, header_rows, untrusted_cells = _exactly(untrusted, 3)
    cells = tuple(_table_cell(row) for row in rows(untrusted_cells, MAX_TABLE_CELLS))
    if not cells or sum(cell.row_span * cell.column_span for cell in cells) > MAX_TABLE_CELLS:
        raise errors.RenderCrash("the decoder sent a table that is none")
    places = [
        (cell.row + down, cell.column + across)
        for cell in cells
        for down in range(cell.row_span)
        for across in range(cell.column_span)
    ]
    if len(set(places)) < len(places):
        raise errors.RenderCrash("the decoder sent a table whose cells lie over each other")
    return Table(box(sides), cells, whole(header_rows, 0, MAX_TABLE_SIDE))


def _table_cell(untrusted: Any) -> TableCell:
    row, column, row_span, column_span, sides = _exactly(untrusted, 5)
    most = MAX_TABLE_SIDE
    return TableCell(
        whole(row, 0, most), whole(column, 0, most), whole(row_span, 1, most), whole(column_span, 1, most), box(sides)
    )


def _exactly(untrusted: Any, length: int) -> list[Any]:
    if len(row := rows(untrusted, length)) != length:
        raise errors.RenderCrash("the decoder sent a row of the wrong length")
    return row
