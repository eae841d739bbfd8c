"""Scores into probabilities: how often a value with this kind of evidence and this score is right.

A score ranks the values of one kind of evidence among each other; what it is worth differs between
kinds. Each kind has a rising line through a few points (score, share that is right), fitted on
synthetic invoices and receipts and checked on those of other seeds and on real documents
(docs/layout.md). The points are few on purpose: they say what a kind is worth, not how a sample fell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from math import prod

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.scoring.weights import calibration, weight
from docpipe.schema.equations import Equation

ALL_NEGATIVE = weight("odds.all_negative")  # what the odds of a negative amount are divided by where all are negative

KNOTS = calibration()


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
    """Rows with the scores of their cells as probabilities."""
    return [{path: _sure(leaf) for path, leaf in row.items()} for row in rows]


def _sure(leaf: Leaf) -> Leaf:
    return replace(leaf, score=probability(leaf.method, leaf.score))


def doubt_signs(
    leaves: Mapping[str, Leaf], rows: Mapping[str, Sequence[Row]], equations: Sequence[Equation]
) -> tuple[dict[str, Leaf], dict[str, list[Row]]]:
    """Both, every negative amount less sure where an equality of the whole record has negative amounts only.

    That is how money given back may be printed, and mean amounts without the sign; arithmetic cannot tell.
    """
    sums = [equation for equation in equations if equation.equality and not equation.check.each]
    known = [[leaves[name] for name in equation.names if name in leaves] for equation in sums]
    if not any(len(found) > 1 and all(map(_is_negative, found)) for found in known):
        return dict(leaves), {path: list(found) for path, found in rows.items()}
    return _unsigned(leaves), {path: [_unsigned(row) for row in found] for path, found in rows.items()}


def _is_negative(leaf: Leaf) -> bool:
    return isinstance(leaf.value, Decimal) and leaf.value < 0


def _unsigned(leaves: Mapping[str, Leaf]) -> dict[str, Leaf]:
    return {
        path: replace(leaf, score=doubted(leaf.score, ALL_NEGATIVE)) if _is_negative(leaf) else leaf
        for path, leaf in leaves.items()
    }
