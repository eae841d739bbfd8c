"""Cells of a form: what drawn lines close in, or close in but for one side or a gap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from docpipe.engine.layout.forms.params import PARAMS
from docpipe.page.box import Box


def closed_cells(rules: Sequence[Box]) -> list[Box]:
    """Rectangles between a level rule and the next that is as wide, closed by upright rules on both sides."""
    near_pt = PARAMS.input_fields.same_edge_pt
    level, upright = _by_direction(rules)
    walls: dict[int, list[Box]] = {}
    for rule in upright:
        walls.setdefault(round(rule.left / near_pt), []).append(rule)
    by_start: dict[int, list[Box]] = {}
    for rule in level:
        by_start.setdefault(round(rule.left / near_pt), []).append(rule)
    cells = []
    for at in by_start:
        near = [rule for key in (at, at + 1) for rule in by_start.get(key, ())]
        for top in near:
            below = [rule for rule in near if rule.top > top.top + near_pt and _alike(rule, top)]
            bottom = min(below, key=lambda rule: rule.top, default=top)
            box = Box(top.left, top.top, top.right, bottom.top)
            if box.height > near_pt and _closed(box, walls):
                cells.append(box)
    return list(dict.fromkeys(cells))


def parted_cells(rules: Sequence[Box], pitch: float) -> list[Box]:
    """Rectangles between a level rule and the next below, cut where walls stand: lines may be longer than the cell.

    One side may be open; a stretch without any wall is no cell.
    """
    params, near_pt = PARAMS.cells, PARAMS.input_fields.same_edge_pt
    level, upright = _by_direction(rules)
    levels, walls = _continued(level), sorted(upright)
    cells: list[Box] = []
    for at, top in enumerate(levels):
        below = levels[at + 1 :]
        hanging = [
            wall
            for wall in walls
            if top.left - near_pt <= wall.left <= top.right + near_pt
            and wall.top <= top.top + params.short_pitches * pitch
            and wall.bottom >= top.top + params.least_height_pitches * pitch
        ]
        edges = _distinct([top.left, *(wall.mid_x for wall in hanging), top.right])
        for left, right in pairwise(edges):
            floor = next((rule for rule in below if _covers(rule, left, right) and rule.top > top.top + near_pt), None)
            if floor is None:
                continue
            box = Box(left, top.top, right, floor.top)
            sides = sum(_stands(wall, box) for x in (left, right) for wall in _near(hanging, x))
            if sides:
                cells.append(box)
    return cells


def is_edge(rule: Box, frames: Iterable[Box]) -> bool:
    """A rule that is, for the most part, the upper or lower side of frames."""
    near_pt = PARAMS.input_fields.same_edge_pt
    shared = sum(
        max(0.0, rule.overlap_x(frame))
        for frame in _one_a_place(frames, rule)
        if min(abs(rule.top - frame.top), abs(rule.top - frame.bottom)) <= near_pt
    )
    return shared >= PARAMS.cells.edge_share * rule.width


def _one_a_place(frames: Iterable[Box], rule: Box) -> list[Box]:
    """Frames at a rule that lie beside each other: those above it, or below it, whichever cover more."""
    near_pt = PARAMS.input_fields.same_edge_pt
    sides: tuple[list[Box], list[Box]] = ([], [])
    for frame in sorted(frames):
        for side, y in zip(sides, (frame.top, frame.bottom), strict=True):
            if abs(rule.top - y) <= near_pt and (not side or side[-1].right <= frame.left + near_pt):
                side.append(frame)
    return max(sides, key=lambda side: sum(max(0.0, rule.overlap_x(frame)) for frame in side))


def _by_direction(rules: Sequence[Box]) -> tuple[list[Box], list[Box]]:
    """(level rules, upright rules)."""
    near_pt = PARAMS.input_fields.same_edge_pt
    level = [rule for rule in rules if rule.height <= near_pt < rule.width]
    return level, [rule for rule in rules if rule.width <= near_pt < rule.height]


def _alike(rule: Box, other: Box) -> bool:
    """True for two level rules that begin and end at the same x."""
    return max(abs(rule.left - other.left), abs(rule.right - other.right)) <= PARAMS.input_fields.same_edge_pt


def _closed(box: Box, walls: dict[int, list[Box]]) -> bool:
    middle, near_pt = box.mid_y, PARAMS.input_fields.same_edge_pt
    return all(
        any(
            rule.top <= middle <= rule.bottom
            for near in (-1, 0, 1)
            for rule in walls.get(round(x / near_pt) + near, ())
            if abs(rule.left - x) <= near_pt
        )
        for x in (box.left, box.right)
    )


def _continued(level: Iterable[Box]) -> list[Box]:
    """Level rules from the top down, those that continue each other as one: tables are often drawn cell by cell."""
    near_pt = PARAMS.input_fields.same_edge_pt
    rows: dict[int, list[Box]] = {}
    for rule in level:
        rows.setdefault(round(rule.top / near_pt), []).append(rule)
    found: list[Box] = []
    for at in sorted(rows):
        last: Box | None = None
        for rule in sorted(rows[at]):
            if last is not None and rule.left <= last.right + near_pt:
                last = last._replace(right=max(last.right, rule.right))
            else:
                if last is not None:
                    found.append(last)
                last = rule
        if last is not None:
            found.append(last)
    return sorted(found, key=lambda rule: rule.top)


def _distinct(edges: Iterable[float]) -> list[float]:
    """Edges from the left, those that are one taken once."""
    kept: list[float] = []
    for edge in sorted(edges):
        if not kept or edge - kept[-1] > 2 * PARAMS.input_fields.same_edge_pt:
            kept.append(edge)
    return kept


def _covers(rule: Box, left: float, right: float) -> bool:
    """Whether a level rule closes most of a stretch."""
    return min(rule.right, right) - max(rule.left, left) >= PARAMS.cells.floor_share * (right - left)


def _near(walls: Iterable[Box], x: float) -> list[Box]:
    return [wall for wall in walls if abs(wall.mid_x - x) <= 2 * PARAMS.input_fields.same_edge_pt]


def _stands(wall: Box, box: Box) -> bool:
    """Whether a wall is the side of a cell for most of its height."""
    return wall.overlap_y(box) >= PARAMS.cells.wall_share * box.height
