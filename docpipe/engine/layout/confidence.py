"""Scores into probabilities: how often a value with this kind of evidence and this score is right.

A score ranks the values of one kind of evidence among each other; what it is worth differs between
kinds. Each kind has a rising line through a few points (score, share that is right), fitted on
synthetic invoices and receipts of one seed and checked on others and on real documents
(docs/layout.md). The points are few on purpose: they say what a kind is worth, not how a sample fell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import prod

from docpipe.engine.layout.answer import Leaf, Row

Knots = tuple[tuple[float, float], ...]

KNOTS: Mapping[str, Knots] = {
    "behind": ((0.0, 0.0), (0.75, 0.72), (0.84, 0.86), (0.88, 0.93), (1.0, 0.99)),
    "right": ((0.0, 0.0), (0.6, 0.6), (0.74, 0.85), (0.8, 0.93), (1.0, 0.99)),
    "below": ((0.0, 0.0), (0.78, 0.72), (0.85, 0.88), (0.9, 0.94), (1.0, 0.98)),
    "cell": ((0.0, 0.0), (0.6, 0.7), (0.68, 0.91), (0.78, 0.94), (0.9, 0.97), (1.0, 0.99)),
    "shape": ((0.0, 0.0), (0.5, 0.45), (0.74, 0.93), (1.0, 0.98)),
    "sign": ((0.0, 0.0), (0.8, 0.96), (1.0, 0.99)),
    "free": ((0.0, 0.0), (0.6, 0.6), (0.74, 0.86), (0.93, 0.89), (1.0, 0.95)),
    "only": ((0.0, 0.0), (0.5, 0.5), (0.74, 0.93), (1.0, 0.98)),
    "title": ((0.0, 0.0), (0.7, 0.72), (0.9, 0.88), (1.0, 0.92)),
}


def probability(kind: str, score: float) -> float:
    """The share of values with evidence of `kind` and this score that are right; the score where a kind is unknown."""
    knots = KNOTS.get(kind, ((0.0, 0.0), (1.0, 1.0)))
    score = min(1.0, max(0.0, score))
    for (x0, y0), (x1, y1) in pairwise(knots):
        if score <= x1:
            return y0 + (y1 - y0) * (score - x0) / (x1 - x0)
    return knots[-1][1]


def doubted(share: float, *ratios: float) -> float:
    """`share` after signs of error, each `ratios` times as frequent among wrong values as among right ones.

    The odds of being right are divided by each (Bayes, the signs taken as independent). In [0, 1].
    """
    odds = share / max(1e-6, 1.0 - share) / prod(ratios)
    return odds / (1.0 + odds)


def sure_rows(rows: Sequence[Row]) -> list[Row]:
    """Rows of a table with the scores of their cells as probabilities."""
    return [{path: _sure(leaf) for path, leaf in row.items()} for row in rows]


def _sure(leaf: Leaf) -> Leaf:
    return replace(leaf, score=probability("cell", leaf.score))
