"""Tables that are set by columns alone: lines whose words stand under each other with white space between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from docpipe.engine.layout.grids.cells import Cell, Grid, compact, ordered
from docpipe.engine.layout.grids.headers import header_rows, is_numeric
from docpipe.engine.layout.grids.params import PARAMS
from docpipe.page.lines import PageText, Segment, Token, around

LEAST_COLUMNS = 2
PLAIN_COLUMNS = 3  # of a table without a column of numbers, at least: two are lists side by side


@dataclass(frozen=True, slots=True)
class _Column:
    left: float
    right: float


def aligned(page_text: PageText, page_index: int, free: frozenset[int]) -> Iterator[Grid]:
    """The tables among the lines of words in `free`, from the top down."""
    for block in _blocks(page_text, free):
        grid = _grid(block, page_text, page_index)
        if grid is not None and _is_table(grid):
            yield header_rows(grid)


def _blocks(page_text: PageText, free: frozenset[int]) -> Iterator[list[list[Segment]]]:
    """Runs of lines with several cells, near each other; lone cells between them belong to the run."""
    params, block, lone = PARAMS.aligned, list[list[Segment]](), list[list[Segment]]()
    bottom = 0.0
    for line in page_text.lines:
        cells = [each for each in line.segments if each.tokens[0].index in free]
        if not cells:
            continue
        apart = line.box.top - bottom > params.near_pitches * page_text.pitch
        if apart or (len(cells) == 1 and (len(lone) >= params.lone_lines or not block)):
            yield from [block] if block else []
            block, lone = [], []
        bottom = line.box.bottom
        if len(cells) > 1:
            block = [*block, *lone, cells]
            lone = []
        elif block:
            lone.append(cells)
    if block:
        yield block


def _grid(block: Sequence[Sequence[Segment]], page_text: PageText, page_index: int) -> Grid | None:
    columns = _columns(block, PARAMS.aligned.gap_letters * page_text.letter)
    if len(columns) < LEAST_COLUMNS:
        return None
    rows: list[dict[int, list[Token]]] = []
    spans: list[dict[int, int]] = []
    bottom = 0.0
    for line in block:
        places = {_place(segment, columns): segment for segment in line}
        gap = min(segment.box.top for segment in line) - bottom
        bottom = max(segment.box.bottom for segment in line)
        wraps = bool(rows) and gap < PARAMS.aligned.wrapped_pitches * page_text.pitch and _wraps(places, rows[-1])
        if not wraps:
            rows.append({})
            spans.append({})
        for (start, stop), segment in places.items():
            rows[-1].setdefault(start, []).extend(segment.tokens)
            spans[-1][start] = max(spans[-1].get(start, 1), stop - start)
    cells = [
        Cell(row, column, 1, spans[row][column], page_index, ordered(tokens))
        for row, held in enumerate(rows)
        for column, tokens in held.items()
    ]
    box = around([segment for line in block for segment in line])
    return compact(Grid(tuple(_apart(cells)), 0, ((page_index, box),), tuple(c.left for c in columns), "aligned"))


def _columns(block: Sequence[Sequence[Segment]], gap: float) -> list[_Column]:
    """Where the cells of the lines stand under each other: parted where hardly any line has words."""
    full = [line for line in block if len(line) > 1]
    marks = sorted({edge for line in full for segment in line for edge in (segment.box.left, segment.box.right)})
    most = PARAMS.aligned.crossing_share * len(full)
    columns: list[_Column] = []
    for left, right in pairwise(marks):
        middle = (left + right) / 2
        covered = sum(any(segment.box.left <= middle <= segment.box.right for segment in line) for line in full)
        if covered <= most:
            continue
        if columns and left - columns[-1].right < gap:
            columns[-1] = _Column(columns[-1].left, right)
        else:
            columns.append(_Column(left, right))
    return columns


def _place(segment: Segment, columns: Sequence[_Column]) -> tuple[int, int]:
    """(first column, the one behind the last) that a segment reaches into; the nearest if it reaches into none."""
    into = [
        at
        for at, column in enumerate(columns)
        if min(segment.box.right, column.right) > max(segment.box.left, column.left)
    ]
    if not into:
        near = min(
            range(len(columns)), key=lambda at: abs(columns[at].left + columns[at].right - 2 * segment.box.mid_x)
        )
        return near, near + 1
    return into[0], into[-1] + 1


def _wraps(places: dict[tuple[int, int], Segment], above: dict[int, list[Token]]) -> bool:
    """Whether a line goes on with cells of the row above: it begins no row of its own, and says no number."""
    if any(start == 0 for start, _ in places) or any(start not in above for start, _ in places):
        return False
    return len(places) < len(above) and not any(any(map(str.isdecimal, segment.text)) for segment in places.values())


def _apart(cells: Sequence[Cell]) -> Iterator[Cell]:
    """A cell that reaches into the next one's column ends before it."""
    taken: set[tuple[int, int]] = {(cell.row, cell.column) for cell in cells}
    for cell in cells:
        span = next((n for n in range(1, cell.column_span) if (cell.row, cell.column + n) in taken), cell.column_span)
        yield Cell(cell.row, cell.column, 1, span, cell.page, cell.tokens)


def _is_table(grid: Grid) -> bool:
    if grid.rows < PARAMS.aligned.least_rows or grid.columns < LEAST_COLUMNS:
        return False
    if median(len(cell.text) for cell in grid.cells) > PARAMS.aligned.prose_letters:
        return False
    numeric = {cell.column for cell in grid.cells if is_numeric(cell)}
    return grid.columns >= PLAIN_COLUMNS or bool(numeric)
