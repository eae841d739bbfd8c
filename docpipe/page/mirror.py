"""A page whose text runs left, as one whose text runs right: captions stand left of their values then, as elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from docpipe.page.box import Box
from docpipe.page.direction import leftward_runs, rightward_runs, runs_left
from docpipe.page.lines import GAP, word_lines
from docpipe.records import Geometry, Grid, Page, Region, Span, Table, Widget, Word


def has_leftward_words(page: Page) -> bool:
    """Whether some words of the page run left."""
    return any(word.visible and not word.text.isascii() and runs_left(word.text) for word in page.words)


def mirrored(page: Page) -> Page:
    """`page` with left and right exchanged. Neighbours on a line whose letters run right keep their order."""
    boxes = [mirrored_box(word.box) for word in page.words]
    for run in _runs(page, rightward_runs):
        own = [page.words[at].box for at in run]
        moved = 1.0 - max(box.right for box in own) - min(box.left for box in own)
        for at, box in zip(run, own, strict=True):
            boxes[at] = box._replace(left=box.left + moved, right=box.right + moved)
    pixels = page.pixels[:, ::-1] if page.pixels is not None else None
    return replace(page, words=_placed(page, boxes), geometry=_mirrored_geometry(page.geometry), pixels=pixels)


def in_place(page: Page) -> Page:
    """`page` as it is, but for neighbours whose letters run left: they stand in reading order where they stood."""
    boxes = [word.box for word in page.words]
    for run in _runs(page, leftward_runs):
        own = [boxes[at] for at in run]
        sides = max(box.right for box in own) + min(box.left for box in own)
        for at, box in zip(run, own, strict=True):
            boxes[at] = box._replace(left=sides - box.right, right=sides - box.left)
    return replace(page, words=_placed(page, boxes))


def _runs(page: Page, runs_of: Callable[[Sequence[str], Sequence[bool]], list[tuple[int, int]]]) -> Iterator[list[int]]:
    """The runs of two words or more on the lines of the page, as indices of its words."""
    for line in word_lines(page.words, page.width_pt, page.height_pt):
        for start, stop in runs_of([page.words[at].text for at in line], _near(page, line)):
            if stop - start > 1:
                yield line[start:stop]


def _placed(page: Page, boxes: Sequence[Box]) -> tuple[Word, ...]:
    return tuple(replace(word, box=box) for word, box in zip(page.words, boxes, strict=True))


def mirrored_box(box: Box) -> Box:
    """`box` on the other side of a page's middle."""
    return box._replace(left=1.0 - box.right, right=1.0 - box.left)


def mirrored_span(span: Span) -> Span:
    """`span` of a mirrored page on the page itself."""
    return replace(span, boxes=tuple(map(mirrored_box, span.boxes)))


def _near(page: Page, line: Sequence[int]) -> list[bool]:
    """Of each word of a line but the last whether the next one stands no farther than words of one text do."""
    boxes = [page.words[at].box for at in line]
    return [
        (after.left - before.right) * page.width_pt < GAP * min(before.height, after.height) * page.height_pt
        for before, after in pairwise(boxes)
    ]


def _mirrored_geometry(geometry: Geometry) -> Geometry:
    return Geometry(
        rules=tuple(map(mirrored_box, geometry.rules)),
        fills=tuple(map(mirrored_box, geometry.fills)),
        images=tuple(map(mirrored_box, geometry.images)),
        widgets=tuple(_mirrored_widget(widget) for widget in geometry.widgets),
        grids=tuple(
            Grid(tuple(1.0 - edge for edge in reversed(grid.x_edges)), grid.y_edges) for grid in geometry.grids
        ),
        regions=tuple(Region(region.kind, mirrored_box(region.box)) for region in geometry.regions),
        tables=None if geometry.tables is None else tuple(map(_mirrored_table, geometry.tables)),
    )


def _mirrored_table(table: Table) -> Table:
    columns = max((cell.column + cell.column_span for cell in table.cells), default=0)
    cells = [
        replace(cell, column=columns - cell.column - cell.column_span, box=mirrored_box(cell.box))
        for cell in table.cells
    ]
    return replace(table, box=mirrored_box(table.box), cells=tuple(cells))


def _mirrored_widget(widget: Widget) -> Widget:
    return replace(widget, box=mirrored_box(widget.box))
