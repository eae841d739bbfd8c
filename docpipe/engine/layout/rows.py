"""The rows of an array as a reader found them on one page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docpipe.engine.layout.answer import Row
from docpipe.page.lines import Segment


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of the array at path `array`; `segments` are what they and their header take up: no keys stand there."""

    array: str
    page_index: int
    rows: tuple[Row, ...]
    segments: tuple[Segment, ...]


def rows_of(found: Iterable[Rows], array: str) -> list[Row]:
    """All rows of one array, in the order of their pages."""
    return [row for each in found if each.array == array for row in each.rows]


def rows_by_array(found: Sequence[Rows]) -> dict[str, list[Row]]:
    """path of the array -> its rows."""
    return {array: rows_of(found, array) for array in dict.fromkeys(each.array for each in found)}
