"""The words and shapes of a page, moved to where its pixels show them once it is set upright."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from docpipe.page.box import Box
from docpipe.records import Geometry, Grid, Page, Word
from docpipe.render.sheet import AS_IS, Pose


def posed(page: Page, pose: Pose) -> Page:
    """`page` as `pose` shows it: sides, rotation, boxes and notes. Pixels are left alone.

    Straightening slopes rules, fills and grids, whose sides would then tell nothing: they are dropped.
    """
    if pose == AS_IS:
        return page
    swapped = pose.swaps_sides
    width_pt, height_pt = (page.height_pt, page.width_pt) if swapped else (page.width_pt, page.height_pt)
    return replace(
        page,
        width_pt=width_pt,
        height_pt=height_pt,
        rotation=(page.rotation + pose.turn) % 360,
        words=tuple(_posed_word(word, page, pose) for word in page.words),
        geometry=_posed_geometry(page.geometry, page, pose),
        notes=page.notes + notes(pose),
    )


def notes(pose: Pose) -> tuple[str, ...]:
    """What was done to the page, as docs/operations.md lists it."""
    turned = (f"upright {pose.turn}",) if pose.turn else ()
    deskewed = (f"deskewed {pose.skew:.1f}",) if pose.skew else ()
    stretched = (f"stretched {pose.black}-{pose.white}",) if pose.is_stretched else ()
    return turned + deskewed + stretched


def _posed_word(word: Word, page: Page, pose: Pose) -> Word:
    stretch = page.height_pt / page.width_pt if pose.swaps_sides else 1.0  # sizes are of the page's height
    return replace(word, box=_posed_box(word.box, page, pose), size=word.size * stretch)


def _posed_geometry(geometry: Geometry, page: Page, pose: Pose) -> Geometry:
    def boxes(given: Iterable[Box]) -> tuple[Box, ...]:
        return tuple(_posed_box(box, page, pose) for box in given)

    return Geometry(
        rules=() if pose.skew else boxes(geometry.rules),
        fills=() if pose.skew else boxes(geometry.fills),
        images=boxes(geometry.images),
        grids=() if pose.skew else tuple(_posed_grid(grid, pose.turn) for grid in geometry.grids),
        widgets=tuple(replace(widget, box=_posed_box(widget.box, page, pose)) for widget in geometry.widgets),
    )


def _posed_grid(grid: Grid, turn: int) -> Grid:
    across, down = grid.x_edges, grid.y_edges
    if turn in (90, 180):
        down = tuple(1 - y for y in reversed(down))
    if turn in (180, 270):
        across = tuple(1 - x for x in reversed(across))
    return Grid(down, across) if turn in (90, 270) else Grid(across, down)


def _posed_box(box: Box, page: Page, pose: Pose) -> Box:
    """The box around the four corners after the turn and the skew, cut at the edges of the page."""
    box = box.turned(pose.turn)
    if not pose.skew:
        return box
    ratio = page.width_pt / page.height_pt if pose.swaps_sides else page.height_pt / page.width_pt
    cos, sin = math.cos(math.radians(pose.skew)), math.sin(math.radians(pose.skew))
    corners = [(x - 0.5, (y - 0.5) * ratio) for x in (box.left, box.right) for y in (box.top, box.bottom)]
    xs = [0.5 + x * cos + y * sin for x, y in corners]
    ys = [0.5 + (y * cos - x * sin) / ratio for x, y in corners]
    return Box(max(0.0, min(xs)), max(0.0, min(ys)), min(1.0, max(xs)), min(1.0, max(ys)))
