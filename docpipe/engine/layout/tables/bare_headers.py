"""Headers of which only the text's key is known: amounts stand under the other keys."""

from __future__ import annotations

from collections.abc import Iterable

from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.keys.label_index import BARE, LabelIndex
from docpipe.engine.layout.scoring.weights import weight
from docpipe.engine.layout.tables.headers import Column, Header
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.literals.numbers import parse_number
from docpipe.page.lines import Line, PageText, Segment

SCORE = weight("header.bare")  # less than any header of which two keys are known


def find_bare_header(page_text: PageText, page_index: int, index: LabelIndex) -> Header | None:
    """The first line that names one text column and stands over numbers; None if there is none."""
    params = PARAMS.headers
    for at, line in enumerate(page_text.lines):
        if not params.bare_least_cells <= len(line.segments) <= params.bare_most_cells or any(
            char.isdigit() for char in line.text
        ):
            continue
        fields = [_text_field(segment, index) for segment in line.segments]
        known = [field for field in fields if field is not None]
        others = [segment for segment, field in zip(line.segments, fields, strict=True) if field is None]
        below = page_text.lines[at + 1 : at + 1 + params.bare_rows]
        if len(known) != 1 or not below or sum(_numbered(row, others) for row in below) * 2 < len(below):
            continue
        named = next(segment for segment, field in zip(line.segments, fields, strict=True) if field is not None)
        if _numbered(below[0], [named]):
            continue  # the text's key is another column's here: amounts stand under it
        columns = tuple(_column(segment, known[0].array, index) for segment in line.segments)
        return Header(known[0].array, columns, SCORE, page_index, at, at, line.box, page_text.width)
    return None


def _text_field(segment: Segment, index: LabelIndex) -> Field | None:
    """The array's text that a key names for sure."""
    matches = (match for match in index.matches(segment.text) if match.quality >= BARE)
    return next((match.field for match in matches if match.field.array and match.field.type == "text"), None)


def _numbered(row: Line, keys: Iterable[Segment]) -> bool:
    """A number under one of the keys."""
    numbers = [segment for segment in row.segments if parse_number(segment.text) is not None]
    return any(number.box.overlap_x(key.box) > 0 for number in numbers for key in keys)


def _column(segment: Segment, array: str, index: LabelIndex) -> Column:
    matches = tuple(match for match in index.matches(segment.text) if match.field.array == array)
    return Column(segment.text, matches, segment.box.left, segment.box.right)
