"""A table made better by its words: runs kept whole, jammed columns and heads parted, heads over their columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from docpipe.engine.layout.grids.cells import Cell, Grid, ordered
from docpipe.engine.layout.grids.params import PARAMS
from docpipe.page.lines import Token, around, token_lines


def refined(grid: Grid, letter: float) -> Grid:
    """The grid after all four; `letter` is the usual width of a letter on its page."""
    return over_their_columns(with_leaf_row(parted(whole_runs(grid), letter)))


def whole_runs(grid: Grid) -> Grid:
    """A run of words that an edge between columns cuts stands in the cell that has most of it, or makes the two one.

    Asked of headers, and of runs without a digit elsewhere: numbers of neighbouring columns may stand as close.
    """
    by_row: dict[int, list[Cell]] = defaultdict(list)
    for cell in grid.cells:
        by_row[cell.row].append(cell)
    cells: list[Cell] = []
    for row, cells_of_row in by_row.items():
        held = sorted(cells_of_row, key=lambda cell: cell.column)
        at = 0
        while at + 1 < len(held):
            left, right = held[at : at + 2]
            run = _run_across(left, right)
            if not run or (row >= grid.header_rows and any(any(map(str.isdecimal, token.text)) for token in run)):
                at += 1
            elif len(run) == len(left.tokens) + len(right.tokens):
                held[at : at + 2] = [_one(left, right)]
            else:
                held[at : at + 2] = _moved(left, right, run)
                at += 1
        cells += [cell for cell in held if cell.tokens]
    return replace(grid, cells=tuple(cells))


def _run_across(left: Cell, right: Cell) -> list[Token]:
    """The words on both sides of the edge between two cells that stand no farther apart than words of one text."""
    if left.column + left.column_span != right.column or left.row_span != right.row_span:
        return []
    mine, others = {token.index for token in left.tokens}, {token.index for token in right.tokens}
    for line in token_lines([*left.tokens, *right.tokens]):
        runs: list[list[Token]] = [[line[0]]]
        for before, token in pairwise(line):
            if token.box.left - before.box.right <= PARAMS.word_gap_em * before.box.height:
                runs[-1].append(token)
            else:
                runs.append([token])
        for run in runs:
            indices = {token.index for token in run}
            if indices & mine and indices & others:
                return run
    return []


def _one(left: Cell, right: Cell) -> Cell:
    return replace(left, column_span=left.column_span + right.column_span, tokens=(*left.tokens, *right.tokens))


def _moved(left: Cell, right: Cell, run: Sequence[Token]) -> list[Cell]:
    """Both cells, the run in the one that has nothing else, or else in the one that has more of its width."""
    indices = {token.index for token in run}
    width = {
        side: sum(token.box.width for token in cell.tokens if token.index in indices)
        for side, cell in enumerate((left, right))
    }
    others = [any(token.index not in indices for token in cell.tokens) for cell in (left, right)]
    to_left = others[1] if others[0] != others[1] else width[0] >= width[1]
    changed = []
    for cell, takes in ((left, to_left), (right, not to_left)):
        kept = [token for token in cell.tokens if token.index not in indices]
        changed.append(replace(cell, tokens=ordered([*kept, *run] if takes else kept)))
    return changed


def parted(grid: Grid, letter: float) -> Grid:
    """A column in most of whose cells words stand on both sides of the same white band is two."""
    column = 0
    while column < grid.columns and grid.columns < PARAMS.parted.most_columns:
        band = _band(grid, column, PARAMS.parted.gap_letters * letter)
        if band is not None:
            grid = _split(grid, column, band)
        column += 1
    return grid


def _band(grid: Grid, column: int, least: float) -> float | None:
    """The middle of the widest white band in a column, below the header; None if it parts nothing."""
    cells = [
        cell for cell in grid.cells if cell.column == column and cell.column_span == 1 and cell.row >= grid.header_rows
    ]
    tokens = sorted((token for cell in cells for token in cell.tokens), key=lambda token: token.box.left)
    if len(cells) < PARAMS.parted.least_cells:
        return None
    reach, widest, middle = 0.0, least, None
    for before, token in pairwise(tokens):
        reach = max(reach, before.box.right)
        if token.box.left - reach >= widest:
            widest, middle = token.box.left - reach, (token.box.left + reach) / 2
    if middle is None:
        return None
    both = sum(_says_two(cell, middle) for cell in cells)
    share = (
        PARAMS.parted.wide_share if widest >= PARAMS.parted.wide_gaps_ratio * least else PARAMS.parted.both_sides_share
    )
    return middle if both >= max(2, share * len(cells)) else None


def _says_two(cell: Cell, band: float) -> bool:
    """Whether a cell of one line has a text on either side of the band: more than the mark or number of an item."""
    sides = ["".join(token.text for token in cell.tokens if (token.box.mid_x < band) == left) for left in (True, False)]
    one_line = len(token_lines(cell.tokens)) == 1
    return one_line and all(sum(map(str.isalnum, side)) >= PARAMS.parted.least_signs for side in sides)


def _split(grid: Grid, column: int, band: float) -> Grid:
    cells: list[Cell] = []
    for cell in grid.cells:
        if cell.column > column:
            cells.append(replace(cell, column=cell.column + 1))
        elif cell.column + cell.column_span <= column:
            cells.append(cell)
        elif cell.column_span > 1 or any(token.box.left < band < token.box.right for token in cell.tokens):
            cells.append(replace(cell, column_span=cell.column_span + 1))
        else:
            left = [token for token in cell.tokens if token.box.mid_x < band]
            right = [token for token in cell.tokens if token.box.mid_x >= band]
            cells += [replace(cell, tokens=ordered(left))] if left else []
            cells += [replace(cell, column=column + 1, tokens=ordered(right))] if right else []
    edges = (*grid.edges[: column + 1], band, *grid.edges[column + 1 :])
    return replace(grid, cells=tuple(cells), edges=edges)


def with_leaf_row(grid: Grid) -> Grid:
    """Heads over several columns whose last line names each of these are two rows: the one over all, and theirs."""
    wide = [cell for cell in grid.cells if cell.row < grid.header_rows and cell.column_span > 1]
    leaves = {cell: found for cell in wide if len(found := _leaves(cell)) == cell.column_span}
    rows = {cell.row for cell in leaves}
    if len(rows) != 1 or len(leaves) < len([cell for cell in wide if cell.row in rows]):
        return grid
    (row,) = rows
    cells: list[Cell] = []
    for cell in grid.cells:
        if cell in leaves:
            named = {token.index for run in leaves[cell] for token in run}
            over = tuple(token for token in cell.tokens if token.index not in named)
            cells.append(replace(cell, tokens=over))
            cells += [
                replace(cell, row=row + 1, column=cell.column + at, column_span=1, tokens=tuple(run))
                for at, run in enumerate(leaves[cell])
            ]
        elif cell.row > row:
            cells.append(replace(cell, row=cell.row + 1))
        else:
            reaches = cell.row + cell.row_span > row
            cells.append(replace(cell, row_span=cell.row_span + 1) if reaches else cell)
    return replace(grid, cells=tuple(cells), header_rows=grid.header_rows + 1)


def _leaves(cell: Cell) -> list[list[Token]]:
    """The runs of the last line of a cell that has more lines than one; none otherwise."""
    lines = token_lines(cell.tokens)
    if len(lines) < PARAMS.least_head_lines:
        return []
    runs = [[lines[-1][0]]]
    for before, token in pairwise(lines[-1]):
        if token.box.left - before.box.right > PARAMS.leaf_gap_em * before.box.height:
            runs.append([token])
        else:
            runs[-1].append(token)
    return runs


def over_their_columns(grid: Grid) -> Grid:
    """Heads over several columns begin at the first of them: those in whose middle they stand."""
    middles = _middles(grid)
    cells = list(grid.cells)
    for row in range(grid.header_rows - 1):
        heads = sorted((cell for cell in cells if cell.row == row), key=lambda cell: cell.column)
        below = {column for cell in cells if cell.row == row + 1 for _, column in cell.places()}
        wider = dict(_widened(heads, below, middles, grid.columns))
        cells = [wider.get(cell, cell) for cell in cells]
    return replace(grid, cells=tuple(cells))


def _middles(grid: Grid) -> dict[int, tuple[float, float]]:
    """Column -> (left, right) of its words in cells of its own."""
    held: dict[int, list[Token]] = defaultdict(list)
    for cell in grid.cells:
        if cell.column_span == 1 and cell.row >= grid.header_rows - 1:
            held[cell.column] += cell.tokens
    boxes = {column: around(tokens) for column, tokens in held.items() if tokens}
    return {column: (box.left, box.right) for column, box in boxes.items()}


def _widened(
    heads: Sequence[Cell], below: set[int], extents: Mapping[int, tuple[float, float]], columns: int
) -> Iterator[tuple[Cell, Cell]]:
    """(head, the same over all its columns), for the heads of a row beside which places are empty."""
    first_free = 0
    for at, head in enumerate(heads):
        last = heads[at + 1].column if at + 1 < len(heads) else columns
        if head.row_span > 1 or not head.tokens:
            first_free = head.column + head.column_span
            continue
        box = around(head.tokens)
        best, least = None, PARAMS.centred_em * box.height
        for start in range(first_free, head.column + 1):
            for stop in range(head.column + 1, last + 1):
                if stop - start < 2 or any(c not in extents or c not in below for c in range(start, stop)):
                    continue
                off = abs((extents[start][0] + extents[stop - 1][1]) / 2 - box.mid_x)
                if off < least:
                    best, least = (start, stop), off
        first_free = best[1] if best else head.column + head.column_span
        if best is not None:
            yield head, replace(head, column=best[0], column_span=best[1] - best[0])
