"""How a table is printed: columns measured, rows broken over pages, ruled in one of several ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from docpipe.synth.pen import Pen
from docpipe.synth.sheet import Colour
from docpipe.synth.table.grid import Cell, Grid
from docpipe.synth.table.style import Style

_PAD: Final = 4.0


@dataclass
class Setting:
    """A table being printed, number `number` of its document, between x0 and `edges[-1]`."""

    pen: Pen
    grid: Grid
    style: Style
    number: int
    floor: float
    continued: str
    edges: list[float] = field(default_factory=list)
    lines: dict[tuple[int, int], list[str]] = field(default_factory=dict)
    heights: list[float] = field(default_factory=list)
    pages: set[int] = field(default_factory=set)
    where: dict[int, int] = field(default_factory=dict)

    def path(self, cell: Cell) -> tuple[str, ...]:
        """The label path of a cell's text."""
        if not cell.text:
            return ()
        if cell.row == 0:
            return (f"tables[{self.number}].header[{cell.col}]",)
        return (f"tables[{self.number}].rows[{cell.row - 1}].cells[{cell.col}]",)


def _bold(setting: Setting, cell: Cell) -> bool:
    return (cell.kind == "head" and setting.style.bold_head) or cell.kind in ("group", "total")


def measure(setting: Setting, x0: float, x1: float) -> None:
    """Widths of columns, lines of cells and heights of rows. Text columns give way; the size shrinks where all is
    too wide.
    """
    pen, grid = setting.pen, setting.grid
    wants, least = [0.0] * grid.cols, [0.0] * grid.cols
    for cell in grid.cells:
        if cell.colspan > 1:
            continue
        wide = pen.width(cell.text, 0, _bold(setting, cell)) + 2 * _PAD
        wants[cell.col] = max(wants[cell.col], wide)
        breakable = cell.kind == "head" or not grid.numeric[cell.col]
        longest = max((pen.width(word, 0, _bold(setting, cell)) for word in cell.text.split(" ")), default=0.0)
        least[cell.col] = max(least[cell.col], longest + 2 * _PAD if breakable else wide)
    room = x1 - x0
    if sum(least) > room and pen.size > 4.6:
        pen.size *= 0.93
        measure(setting, x0, x1)
        return
    over = max(0.0, sum(wants) - room)
    slack = [want - low for want, low in zip(wants, least, strict=True)]
    give = over / sum(slack) if over and sum(slack) else 0.0
    widths = [want - part * min(1.0, give) for want, part in zip(wants, slack, strict=True)]
    if not over and setting.style.loose > 1.5:
        widths = [wide * min(room / sum(widths), 1.6) for wide in widths]
    setting.edges = [x0]
    for wide in widths:
        setting.edges.append(setting.edges[-1] + wide)
    _break(setting)


def _break(setting: Setting) -> None:
    pen, grid = setting.pen, setting.grid
    setting.heights = [pen.size * setting.style.loose] * grid.rows
    for cell in grid.cells:
        limit = setting.edges[cell.col + cell.colspan] - setting.edges[cell.col] - 2 * _PAD
        lines = pen.wrap(cell.text, limit + 0.01, 0, _bold(setting, cell)) if cell.text else []
        setting.lines[cell.row, cell.col] = lines
        need = max(0, len(lines) - 1) * pen.size * 1.2 + pen.size * setting.style.loose
        if cell.rowspan == 1:
            setting.heights[cell.row] = max(setting.heights[cell.row], need)
        else:
            setting.heights[cell.row + cell.rowspan - 1] = max(
                setting.heights[cell.row + cell.rowspan - 1],
                need - sum(setting.heights[cell.row : cell.row + cell.rowspan - 1]),
            )


def _print_cell(setting: Setting, cell: Cell, top: float, height: float, ink: Colour | None, again: bool) -> None:
    pen, grid, style = setting.pen, setting.grid, setting.style
    x0, x1 = setting.edges[cell.col], setting.edges[cell.col + cell.colspan]
    align = "left" if not grid.numeric[cell.col] or cell.kind == "group" else style.align
    if cell.kind == "head" and cell.colspan > 1:
        align = "centre"
    x = {"left": x0 + _PAD, "right": x1 - _PAD, "centre": (x0 + x1) / 2}[align]
    lines = setting.lines[cell.row, cell.col]
    y = top + (height - (len(lines) - 1) * pen.size * 1.2) / 2 + pen.size * 0.36
    if cell.rowspan > 1 and cell.kind != "head":
        y = top + pen.size * (setting.style.loose / 2 + 0.36)
    for line in lines:
        pen.put(
            x,
            y,
            line,
            bold=_bold(setting, cell),
            align=align,
            paths=() if again else setting.path(cell),
            colour=ink,
            limit=x1 - x0 - 1,
        )
        y += pen.size * 1.2


def _band(setting: Setting, rows: Iterable[int], y: float, again: bool) -> float:
    """Print some rows of the grid from y down, without breaking. Returns the y below them."""
    pen, style, grid = setting.pen, setting.style, setting.grid
    tops: dict[int, float] = {}
    for row in rows:
        tops[row] = y
        y += setting.heights[row]
    by_row: dict[int, list[Cell]] = defaultdict(list)
    for cell in grid.cells:
        by_row[cell.row].append(cell)
    for row, top in tops.items():
        bottom = top + setting.heights[row]
        dark = row < grid.heads and style.head is not None and sum(style.head) < 1.5
        if row < grid.heads and style.head:
            pen.sheet.area(setting.edges[0], top, setting.edges[-1], bottom, fill=style.head)
        elif style.ruling == "zebra" and row % 2:
            pen.sheet.area(setting.edges[0], top, setting.edges[-1], bottom, fill=(0.94, 0.95, 0.96))
        for cell in by_row[row]:
            height = sum(setting.heights[cell.row : cell.row + cell.rowspan])
            _print_cell(setting, cell, top, height, (1.0, 1.0, 1.0) if dark else None, again)
            _rule_cell(setting, cell, top, top + height)
        if not again:
            setting.where[row] = pen.sheet.page + 1
    return y


def _rule_cell(setting: Setting, cell: Cell, top: float, bottom: float) -> None:
    sheet, ruling = setting.pen.sheet, setting.style.ruling
    x0, x1 = setting.edges[cell.col], setting.edges[cell.col + cell.colspan]
    if ruling == "grid":
        sheet.area(x0, top, x1, bottom, stroke=(0.25, 0.25, 0.25), weight=0.5)
    elif ruling == "rows":
        sheet.rule(x0, bottom, x1, bottom, 0.4, (0.5, 0.5, 0.5))
    elif ruling == "columns" and cell.col:
        sheet.rule(x0, top, x0, bottom, 0.5, (0.4, 0.4, 0.4))
    elif ruling == "booktabs" and cell.kind == "head" and cell.colspan > 1:
        sheet.rule(x0 + 3, bottom, x1 - 3, bottom, 0.4)


def _frame(setting: Setting, top: float, middle: float, bottom: float) -> None:
    """Rules around the part of a table on one page: above, below the head, and below."""
    sheet, ruling, x0, x1 = setting.pen.sheet, setting.style.ruling, setting.edges[0], setting.edges[-1]
    if ruling in ("booktabs", "zebra", "columns"):
        for y, weight in ((top, 1.0), (middle, 0.5), (bottom, 1.0)):
            sheet.rule(x0, y, x1, y, weight)
    elif ruling == "outer":
        sheet.area(x0, top, x1, bottom, stroke=(0.2, 0.2, 0.2), weight=0.8)
        sheet.rule(x0, middle, x1, middle, 0.8)


def _groups(grid: Grid) -> list[list[int]]:
    """Rows that stay on one page: those a cell spans, and a group's heading with the row below it."""
    joined: set[int] = set()
    for cell in grid.cells:
        if cell.row >= grid.heads:
            joined.update(range(cell.row, cell.row + cell.rowspan - 1))
            if cell.kind == "group":
                joined.add(cell.row)
    groups: list[list[int]] = []
    for row in range(grid.heads, grid.rows):
        if groups and row - 1 in joined:
            groups[-1].append(row)
        else:
            groups.append([row])
    return groups


def print_table(setting: Setting, y: float) -> float:
    """Print the table from y down, over as many pages as it takes. Returns the y below it."""
    pen, grid, style = setting.pen, setting.grid, setting.style
    title = (f"tables[{setting.number}].title",)
    x0, x1 = setting.edges[0], max(setting.edges[-1], setting.edges[0] + 200)
    if grid.title and not style.title_below:
        y = pen.paragraph(x0, y + pen.size, grid.title, x1 - x0, bold=True, paths=title) - pen.size * 0.5
    heads = list(range(grid.heads))
    top = y
    y = middle = _band(setting, heads, y, again=False)
    for rows in _groups(grid):
        if y + sum(setting.heights[row] for row in rows) > setting.floor:
            _frame(setting, top, middle, y)
            pen.sheet.new_page()
            y = 60.0
            if style.repeated and setting.continued:
                pen.put(x0, y, setting.continued, italic=True)
                y += pen.size
            top = y
            middle = y = _band(setting, heads, y, again=True) if style.repeated else y
        y = _band(setting, rows, y, again=False)
    _frame(setting, top, middle, y)
    if grid.title and style.title_below:
        y = pen.paragraph(x0, y + pen.size * 1.5, grid.title, x1 - x0, paths=title) - pen.size * 0.7
    for note in grid.notes:
        y = pen.paragraph(x0, y + pen.size * 1.2, note, max(x1 - x0, 150), size=pen.size * 0.85) - pen.size * 0.9
    return y + pen.size


def label(setting: Setting) -> dict[str, Any]:
    """The truth of a printed table: header and rows as the schema has them, and the cells with their spans."""
    header, *rows = setting.grid.texts()
    cells = [
        {
            "row": cell.row, "col": cell.col, "rowspan": cell.rowspan, "colspan": cell.colspan, "text": cell.text,
            "page": setting.where[cell.row],
        }
        for cell in sorted(setting.grid.cells, key=lambda cell: (cell.row, cell.col)) if cell.text
    ]  # fmt: skip
    return {
        "title": setting.grid.title or None,
        "pages": sorted(set(setting.where.values())),
        "header": header,
        "rows": [{"cells": row} for row in rows],
        "cells": cells,
    }
