"""Ruled tables: rules that cross, and the columns and rows between them. In the decoder's process only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Corners = tuple[float, float, float, float]

TOUCH_PT = 2.0  # rules that miss each other by less meet; lines nearer than this are one
MIN_RULE_PT = 6.0  # shorter ones are ticks and parts of letters
MAX_RULES = 1_500  # of a page with tables; a page with more is a drawing
MAX_CROSSINGS = 60_000
MAX_GRIDS = 50
MAX_EDGES = 500


@dataclass(frozen=True, slots=True)
class Ruled:
    """A grid of at least two cells: where its lines are, from left to right and from top to bottom."""

    across: tuple[float, ...]
    down: tuple[float, ...]


def grids(rules: Sequence[Corners]) -> list[Ruled]:
    """The grids that `rules` make, from the top of the page down, in the units of the rules.

    A grid is a set of level and upright rules of which each crosses or touches another of the set. A
    line that ends within counts all the same, so a cell that spans two columns does not end them. A
    frame around one area is no grid.
    """
    if len(rules) > MAX_RULES or len(rules) < 4:
        return []
    sides = np.asarray(rules, np.float64)
    width, height = sides[:, 2] - sides[:, 0], sides[:, 3] - sides[:, 1]
    level = sides[(width >= MIN_RULE_PT) & (width > height)]
    upright = sides[(height >= MIN_RULE_PT) & (height >= width)]
    x, y = (upright[:, 0] + upright[:, 2]) / 2, (level[:, 1] + level[:, 3]) / 2
    meet = _between(x[None, :], level[:, :1], level[:, 2:3]) & _between(y[:, None], upright[:, 1], upright[:, 3])
    pairs = np.argwhere(meet)
    if len(pairs) > MAX_CROSSINGS:
        return []
    ruled = []
    for levels, uprights in _connected(pairs.tolist(), len(level)):
        across, down = _merged(x[uprights]), _merged(y[levels])
        if min(len(across), len(down)) >= 2 and len(across) + len(down) >= 5:
            ruled.append(Ruled(across[:MAX_EDGES], down[:MAX_EDGES]))
    return sorted(ruled, key=lambda grid: (grid.down[0], grid.across[0]))[:MAX_GRIDS]


def _between(values: npt.NDArray[np.float64], low: object, high: object) -> npt.NDArray[np.bool_]:
    return (values >= np.asarray(low) - TOUCH_PT) & (values <= np.asarray(high) + TOUCH_PT)


def _connected(pairs: Iterable[list[int]], levels: int) -> Iterable[tuple[list[int], list[int]]]:
    """(level, upright) rules of every set that hangs together: union by the smaller root."""
    parents: dict[int, int] = {}

    def root(rule: int) -> int:
        while (above := parents.setdefault(rule, rule)) != rule:
            parents[rule] = rule = parents.setdefault(above, above)
        return rule

    for level, upright in pairs:
        first, second = sorted((root(level), root(levels + upright)))
        parents[second] = first
    sets: dict[int, tuple[list[int], list[int]]] = {}
    for rule in parents:
        members = sets.setdefault(root(rule), ([], []))
        members[rule >= levels].append(rule if rule < levels else rule - levels)
    return sets.values()


def _merged(values: npt.NDArray[np.float64]) -> tuple[float, ...]:
    """Sorted, with what lies within `TOUCH_PT` of the one before taken as one: double lines."""
    kept: list[float] = []
    for value in np.sort(values).tolist():
        if not kept or value - kept[-1] > TOUCH_PT:
            kept.append(value)
    return tuple(kept)
