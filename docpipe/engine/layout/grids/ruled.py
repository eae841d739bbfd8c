"""Tables whose cells are drawn: a grid of lines, its cells joined where a line between them is missing."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from docpipe.engine.layout.grids.cells import Cell, Grid, Place, compact, ordered
from docpipe.engine.layout.grids.headers import header_rows
from docpipe.engine.layout.grids.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import Token
from docpipe.records import Page


def ruled(page: Page, page_index: int, words: Sequence[Token]) -> Iterator[Grid]:
    """The tables that the drawn grids of a page are, from the top down. One with hardly any words frames others."""
    across, down = page.width_pt, page.height_pt
    rules = [rule.scaled(across, down) for rule in page.geometry.rules]
    for lines in page.geometry.grids:
        xs, ys = [x * across for x in lines.x_edges], [y * down for y in lines.y_edges]
        grid = _grid(lines.box.scaled(across, down), xs, ys, rules, page_index, words)
        if grid is not None and _is_table(grid):
            yield grid


def _is_table(grid: Grid) -> bool:
    if grid.rows < 2 or grid.columns < 2:
        return False
    return len(grid.cells) >= PARAMS.ruled.least_filled_share * grid.rows * grid.columns


def _grid(
    whole: Box, xs: Sequence[float], ys: Sequence[float], rules: Sequence[Box], page_index: int, words: Iterable[Token]
) -> Grid | None:
    held: dict[Place, list[Token]] = defaultdict(list)
    areas = _areas(xs, ys, rules)
    area_of = {place: area for area in areas for place in area}
    for word in words:
        place = bisect_left(ys, word.box.mid_y) - 1, bisect_left(xs, word.box.mid_x) - 1
        if place in area_of:
            held[area_of[place][0]].append(word)
    cells = []
    for area in areas:
        rows, columns = [row for row, _ in area], [column for _, column in area]
        spans = max(rows) - min(rows) + 1, max(columns) - min(columns) + 1
        cells.append(Cell(min(rows), min(columns), *spans, page_index, ordered(held.get(area[0], ()))))
    grid = Grid(tuple(cells), 0, ((page_index, whole),), tuple(xs[:-1]), "ruled")
    return header_rows(kept) if (kept := compact(grid)) is not None else None


def _areas(xs: Sequence[float], ys: Sequence[float], rules: Sequence[Box]) -> list[list[Place]]:
    """The places of each cell, its first one first: those that no line parts. One that is no rectangle stays parted."""
    walls = [_walls(x, [rule for rule in rules if rule.height >= rule.width], ys, upright=True) for x in xs]
    floors = [_walls(y, [rule for rule in rules if rule.width > rule.height], xs, upright=False) for y in ys]
    parent: dict[Place, Place] = {}

    def root(place: Place) -> Place:
        while parent.setdefault(place, place) != place:
            place = parent[place]
        return place

    rows, columns = len(ys) - 1, len(xs) - 1
    for row in range(rows):
        for column in range(columns):
            here = root((row, column))
            if column + 1 < columns and not walls[column + 1][row]:
                parent[root((row, column + 1))] = here
            if row + 1 < rows and not floors[row + 1][column]:
                parent[root((row + 1, column))] = root((row, column))
    joined: dict[Place, list[Place]] = defaultdict(list)
    for row in range(rows):
        for column in range(columns):
            joined[root((row, column))].append((row, column))
    return [
        part for area in joined.values() for part in ([area] if _is_rectangle(area) else [[place] for place in area])
    ]


def _is_rectangle(area: Sequence[Place]) -> bool:
    rows, columns = {row for row, _ in area}, {column for _, column in area}
    return len(area) == len(rows) * len(columns)


def _walls(at: float, rules: Iterable[Box], stops: Sequence[float], *, upright: bool) -> list[bool]:
    """Of each step between `stops` whether a rule at `at` runs along it."""
    slack = PARAMS.ruled.on_edge_pt
    near = [rule for rule in rules if abs((rule.mid_x if upright else rule.mid_y) - at) <= slack]
    spans = [(rule.top, rule.bottom) if upright else (rule.left, rule.right) for rule in near]
    steps = pairwise(stops)
    return [
        sum(max(0.0, min(end, high) - max(start, low)) for start, end in spans)
        >= PARAMS.ruled.beside_share * (high - low)
        for low, high in steps
    ]
