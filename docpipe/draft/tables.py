"""Tables of a page without a schema: a line of words over lines whose texts stand under them, numbers among them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docpipe.draft.samples import Sample
from docpipe.engine.layout.keys.concepts import captioned
from docpipe.engine.layout.keys.fields import key_of
from docpipe.literals.sides import is_number
from docpipe.page.box import Box
from docpipe.page.lines import Line, PageText, Segment, around

LEAST_COLUMNS = 2
SURE_COLUMNS = 3  # a header of fewer needs more rows, or a caption that is known
LEAST_ROWS = 2
MOST_HEADER_WORDS = 5  # of one cell
LOOSE_LINES = 3  # lines in a row that fill no two columns end a table
NEAR_PITCHES = 6.0  # of the next row at most, in heights of a line
STACKED_PITCHES = 1.0  # between the two lines of a header
APART_PT = 1.0  # cells that overlap less are side by side


@dataclass(frozen=True, slots=True)
class Column:
    """A header's text, and what stands under it, a cell a row; "" where a row has none.

    `first_line`: the upper line of a header that takes two, else "".
    """

    header: str
    cells: tuple[str, ...]
    first_line: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """`tokens`: the indices of all its words."""

    columns: tuple[Column, ...]
    tokens: frozenset[int]


def tables_of(sample: Sample) -> list[Table]:
    """The tables of all pages, from the top down."""
    return [table for text in sample.texts for table in _tables(text)]


def _tables(page: PageText) -> Iterator[Table]:
    at = 0
    while at < len(page.lines):
        found = _table(page, at)
        if found is None:
            at += 1
        else:
            table, at = found
            yield table


def _table(page: PageText, at: int) -> tuple[Table, int] | None:
    """The table whose header begins on a line, and the line after its last row."""
    if not _is_header(page.lines[at]):
        return None
    heads = list(page.lines[at].segments)
    header_lines = [page.lines[at]]
    if at + 1 < len(page.lines) and _goes_on(page.lines[at + 1], page.lines[at], page.pitch):
        header_lines.append(page.lines[at + 1])
    texts, boxes = _joined(heads, header_lines[1:])
    rows: list[list[str]] = []
    used = list(header_lines)
    loose, bottom, after = 0, header_lines[-1].box.bottom, at + len(header_lines)
    for number in range(after, len(page.lines)):
        line = page.lines[number]
        if line.box.top - bottom > NEAR_PITCHES * page.pitch or loose == LOOSE_LINES:
            break
        cells = _cells(line, boxes)
        if _is_row(line, cells):
            rows.append(cells)
            used.append(line)
            loose, bottom, after = 0, line.box.bottom, number + 1
        elif _ends(line):
            break
        else:
            loose += 1
    if not _is_table(texts, rows):
        return None
    tokens = frozenset(token.index for line in used for segment in line.segments for token in segment.tokens)
    uppers = ("" if head.text == text else head.text for head, text in zip(heads, texts, strict=True))
    columns = tuple(
        Column(text, tuple(row[n] for row in rows), upper)
        for n, (text, upper) in enumerate(zip(texts, uppers, strict=True))
    )
    return Table(columns, tokens), after


def _is_header(line: Line) -> bool:
    texts = [segment.text for segment in line.segments]
    return (
        len(texts) >= LEAST_COLUMNS
        and not any(char.isdigit() for text in texts for char in text.replace("%", ""))
        and all(len(text.split()) <= MOST_HEADER_WORDS and not text.endswith(":") for text in texts)
        and sum(any(char.isalpha() for char in text) for text in texts) >= LEAST_COLUMNS
    )


def _goes_on(line: Line, above: Line, pitch: float) -> bool:
    """Whether a line is the second of a header: close under it, without digits, each text under one of it."""
    close = line.box.top - above.box.bottom <= STACKED_PITCHES * pitch
    under = all(
        sum(segment.box.overlap_x(head.box) > APART_PT for head in above.segments) == 1 for segment in line.segments
    )
    return close and under and not any(char.isdigit() for char in line.text) and len(line.segments) > 1


def _joined(heads: Sequence[Segment], more: Sequence[Line]) -> tuple[list[str], list[Box]]:
    """The texts and the boxes of the columns' headers, over both lines."""
    groups = [[head] for head in heads]
    for line in more:
        for segment in line.segments:
            home = max(groups, key=lambda group: group[0].box.overlap_x(segment.box))
            home.append(segment)
    return [" ".join(part.text for part in group) for group in groups], [around(group) for group in groups]


def _cells(line: Line, heads: Sequence[Box]) -> list[str]:
    """A text a column: each segment stands in the column that it overlaps most, or whose edge is nearest."""
    cells = [""] * len(heads)
    for segment in line.segments:
        home = max(range(len(heads)), key=lambda at: (_overlap(segment.box, heads[at]), -_off(segment.box, heads[at])))
        cells[home] = f"{cells[home]} {segment.text}".strip()
    return cells


def _overlap(cell: Box, head: Box) -> float:
    return max(0.0, cell.overlap_x(head))


def _off(cell: Box, head: Box) -> float:
    return min(abs(cell.left - head.left), abs(cell.right - head.right), abs(cell.mid_x - head.mid_x))


def _is_row(line: Line, cells: Sequence[str]) -> bool:
    """Whether a line fills half of the columns, one number at least; a sum with its key does so in a narrow table."""
    filled = [cell for cell in cells if cell]
    enough = max(LEAST_COLUMNS, (len(cells) + 1) // 2)
    if len(filled) < enough or len(filled) != len(line.segments) or not any(map(_has_number, filled)):
        return False
    return not any(cell.endswith(":") for cell in filled) and (len(filled) == len(cells) or not _names_a_sum(filled[0]))


def _names_a_sum(text: str) -> bool:
    return any(concept.kind == "money" for concept in captioned(text))


def _has_number(text: str) -> bool:
    return is_number(text.strip("()"))


def _ends(line: Line) -> bool:
    """Whether a line below a table is a sum or a key: a number beside few words, or a known caption."""
    first = line.segments[0].text.rstrip(":")
    beside = len(line.segments) > 1 and any(_has_number(segment.text) for segment in line.segments)
    return beside or (len(line.segments) > 1 and bool(captioned(first)))


def _is_table(texts: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    known = sum(bool(captioned(text)) for text in texts)
    if len(texts) == LEAST_COLUMNS and known < LEAST_COLUMNS:
        return False  # "Cashier  Amelia" over the items of a receipt
    least = 1 if known >= LEAST_COLUMNS or len(texts) > SURE_COLUMNS else LEAST_ROWS
    distinct = len({key_of(text) for text in texts}) == len(texts) and all(
        key_of(text) or "%" in text for text in texts
    )
    return len(rows) >= least and distinct
