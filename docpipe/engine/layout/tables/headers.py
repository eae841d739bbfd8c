"""Header rows of tables: lines whose segments are the column keys of one array of the schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.keys.label_index import BARE, LabelIndex, Match
from docpipe.engine.layout.scoring.weights import weight
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.literals.sides import is_number
from docpipe.page.box import Box
from docpipe.page.lines import Line, PageText, Segment, around

# added for a line all of whose segments, two at least, stand under keys of another
ABSORBED = weight("header.absorbed")
STACKED = weight("header.stacked")  # added for a column whose key takes two lines: a chance match does not
PART = weight("header.part_of_key")  # quality of a column where only one line of its stacked key is a label
FULL_HEADER = weight("header.full")  # added for a header that names every column of its array


@dataclass(frozen=True, slots=True)
class Column:
    """A key in a header, the fields it may name (best first), and its width across the page."""

    text: str
    matches: tuple[Match, ...]
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class Header:
    """A header of `array`: columns from left to right, lines first..last of the sheet."""

    array: str
    columns: tuple[Column, ...]
    score: float
    page_text: int
    first: int
    last: int
    box: Box
    right: float  # nothing right of this belongs to the table


def find_headers(page_text: PageText, page_index: int, index: LabelIndex) -> list[Header]:
    """The headers of one sheet from top to bottom, one a line: that of the array it fits best."""
    arrays = _arrays(index)
    chosen: list[Header] = []
    for at, line in enumerate(page_text.lines):
        if len(chosen) == PARAMS.headers.most_headers:
            break
        if chosen and at <= chosen[-1].last + 1:
            continue  # the second line of a header is not another
        headers = (
            [_best(page_text, page_index, at, array, fields, index) for array, fields in arrays.items()]
            if _wordy(line)
            else []
        )
        known = [header for header in headers if header is not None]
        if known:
            chosen.append(max(known, key=lambda header: header.score))
    return chosen


def _arrays(index: LabelIndex) -> dict[str, list[Field]]:
    arrays: dict[str, list[Field]] = {}
    for field in index.fields:
        if field.array:
            arrays.setdefault(field.array, []).append(field)
    return arrays


def _wordy(line: Line) -> bool:
    """A header has words in two places or more, and numbers in none."""
    params = PARAMS.headers
    numbers = sum(segment.text[:1].isdigit() for segment in line.segments)
    words = sum(len(segment.tokens) for segment in line.segments)
    return words >= params.least_columns and numbers * params.segments_a_number <= len(line.segments)


def _best(
    page_text: PageText, page_index: int, at: int, array: str, fields: Sequence[Field], index: LabelIndex
) -> Header | None:
    """The best header of `array` around line `at`: alone, or stacked with its neighbours."""
    base, right = _without_pairs(_cells(page_text, at, array, index), page_text.width)
    named = {match.field.path for cell in base for match in _of(array, index.matches(cell.text))[:1]}
    if len(named) < PARAMS.headers.least_columns:
        return None
    best: Header | None = None
    for first in _reach(page_text, at, -1):
        for last in _reach(page_text, at, 1):
            header = _stacked(page_text, page_index, (first, at, last), (base, right), array, fields, index)
            if header is not None and (best is None or header.score > best.score + 1e-6):
                best = header
    return best


def _without_pairs(cells: Sequence[Segment], width: float) -> tuple[list[Segment], float]:
    """The cells left of the first number, without the key of that number, and where they end.

    Totals often stand beside a small table: "Rate | Base | Tax      Total 120.00".
    """
    for at, cell in enumerate(cells):
        if at and is_number(cell.text):
            return list(cells[: at - 1]), cells[at - 1].box.left
    return list(cells), width


def _of(array: str, matches: Iterable[Match]) -> tuple[Match, ...]:
    return tuple(match for match in matches if match.field.array == array)


def _reach(page_text: PageText, at: int, step: int) -> list[int]:
    """`at` and the neighbouring lines in one direction that stand close and hold no numbers."""
    reached = [at]
    for _ in range(PARAMS.headers.stacked_lines):
        following = reached[-1] + step
        if not 0 <= following < len(page_text.lines):
            break
        pair = page_text.lines[reached[-1]].box, page_text.lines[following].box
        upper, lower = sorted(pair, key=lambda box: box.top)
        digits = any(char.isdigit() for char in page_text.lines[following].text)
        if lower.top - upper.bottom > PARAMS.headers.stacked_gap_pitches * page_text.pitch or digits:
            break
        reached.append(following)
    return reached


def _stacked(
    page_text: PageText,
    page_index: int,
    span: tuple[int, int, int],
    start: tuple[Sequence[Segment], float],
    array: str,
    fields: Sequence[Field],
    index: LabelIndex,
) -> Header | None:
    first, at, last = span
    base, right = start
    groups: list[list[Segment]] = [[cell] for cell in base]
    for neighbour in [*range(at - 1, first - 1, -1), *range(at + 1, last + 1)]:
        for cell in _cells(page_text, neighbour, array, index):
            if cell.box.left >= right:
                continue
            homes = [group for group in groups if _above(group, cell)]
            if len(homes) == 1:
                homes[0].append(cell)
            elif not homes:
                groups.append([cell])
    columns = tuple(sorted((_column(group, array, index) for group in groups), key=lambda column: column.x0))
    matched = _distinct(columns)
    if len(matched) < PARAMS.headers.least_columns or not _numeric(columns) or _is_strip(groups, len(matched), index):
        return None
    score = sum(matched.values()) + FULL_HEADER * len(matched) / len(fields)
    score += STACKED * sum(len(group) > 1 and _exact(group, array, index) for group in groups)
    score += ABSORBED * (last - first) * (len(groups) == len(base) and sum(map(len, groups)) > len(base) + last - first)
    box = around([page_text.lines[line] for line in range(first, last + 1)])
    return Header(array, columns, score, page_index, first, last, box, right)


def _exact(group: Sequence[Segment], array: str, index: LabelIndex) -> bool:
    return any(match.quality >= BARE for match in _column(group, array, index).matches)


def _above(group: Sequence[Segment], cell: Segment) -> bool:
    box = around(group)
    return box.overlap_x(cell.box) > PARAMS.headers.stacked_overlap_share * min(box.width, cell.box.width)


def _numeric(columns: Sequence[Column]) -> bool:
    """A header of prose keys alone ("Name", "Address") opens no table of amounts or dates."""
    kinds = {match.field.node.kind for column in columns for match in column.matches}
    return bool(kinds & {"number", "integer", "date"})


def _is_strip(groups: Iterable[Sequence[Segment]], matched: int, index: LabelIndex) -> bool:
    """Keys of values outside every table, side by side: "Subtotal | VAT | Total" over one line."""
    alone = len(_distinct([_column(group, "", index) for group in groups]))
    asked = sum(_asks(group) for group in groups)
    strip = alone > matched or (alone == matched and alone >= PARAMS.headers.strip_keys)
    return strip or asked >= PARAMS.headers.strip_colons


def _asks(group: Sequence[Segment]) -> bool:
    """A key with a colon has its own value; the keys of columns have none."""
    return group[-1].text.endswith(":")


def _distinct(columns: Sequence[Column]) -> dict[str, float]:
    """path -> quality, each column for one field and each field for one column."""
    qualities: dict[str, float] = {}
    pairs = sorted(
        ((match.quality, at, match.field.path) for at, column in enumerate(columns) for match in column.matches),
        key=lambda pair: (-pair[0], pair[1]),
    )
    used: set[int] = set()
    for quality, at, path in pairs:
        if at not in used and path not in qualities:
            used.add(at)
            qualities[path] = quality
    return qualities


def _column(group: Sequence[Segment], array: str, index: LabelIndex) -> Column:
    group = sorted(group, key=lambda cell: cell.box.top)
    text = " ".join(cell.text for cell in group)
    matches = _of(array, index.matches(text))
    if not matches:
        parts = {match.field.path: match for cell in group for match in _of(array, index.matches(cell.text))}
        matches = tuple(Match(match.field, PART * match.quality) for match in parts.values())
    box = around(group)
    return Column(text, matches, box.left, box.right)


def _cells(page_text: PageText, at: int, array: str, index: LabelIndex) -> list[Segment]:
    """The line's segments cut at every gap wider than a space, and between keys that stand close."""
    gap = PARAMS.headers.key_gap_letters * page_text.letter
    tight = [cell for segment in page_text.lines[at].segments for cell in _tight(segment, gap)]
    return [part for cell in tight for part in _cut(cell, array, index)]


def _tight(segment: Segment, gap: float) -> list[Segment]:
    cuts = [at for at, (a, b) in enumerate(pairwise(segment.tokens), 1) if b.box.left - a.box.right > gap]
    bounds = [0, *cuts, len(segment.tokens)]
    return [part for start, stop in pairwise(bounds) if (part := segment.part(start, stop)) is not None]


def _cut(segment: Segment, array: str, index: LabelIndex) -> list[Segment]:
    words = len(segment.tokens)
    longest = PARAMS.headers.longest_keys * index.longest
    if words == 1 or words > longest or _of(array, index.matches(segment.text)):
        return [segment]
    cuts = [0]
    while cuts[-1] < words:
        for stop in range(min(words, cuts[-1] + index.longest), cuts[-1], -1):
            text = " ".join(token.text for token in segment.tokens[cuts[-1] : stop])
            if any(field.array == array for field in index.exact(key_of(text))):
                cuts.append(stop)
                break
        else:
            return [segment]
    return [part for start, stop in pairwise(cuts) if (part := segment.part(start, stop)) is not None]
