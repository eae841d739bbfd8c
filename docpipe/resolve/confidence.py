"""How sure a value is, from signals that exist; one that is missing never counts as a good one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from docpipe.records import Field, Reply, Violation
from docpipe.resolve.ground import Evidence
from docpipe.schema.checks import check_paths
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import generic

UNKNOWN_SCORE = 0.5  # an engine that says nothing about itself
INEXACT = 0.95  # stands on the page, spelled otherwise
UNGROUNDED = 0.5  # stands nowhere on the page
UNCHECKED = 0.8  # the page has no words to compare with
VIOLATED = {"error": 0.5, "warning": 0.8}


def reply_score(reply: Reply) -> float:
    """Mean token probability of a reply (geometric), or UNKNOWN_SCORE where there are none."""
    chosen = [value for value in reply.logprobs if not math.isnan(value)]
    return math.exp(sum(chosen) / len(chosen)) if chosen else UNKNOWN_SCORE


def field_confidence(score: float, searched: bool, found: Evidence | None) -> float:
    """`score` of the engine, lowered by what the page does not confirm. In [0, 1].

    `searched` is False where there were no words to look in.
    """
    if not searched:
        return score * UNCHECKED
    if found is None:
        return score * UNGROUNDED
    return score * (1.0 if found.exact else INEXACT)


def after_violations(fields: Sequence[Field], violations: Iterable[Violation]) -> dict[str, float]:
    """path -> confidence, lowered once for the worst violation that names the path."""
    factor: dict[str, float] = {}
    for violation in violations:
        for path in violation.paths:
            factor[path] = min(factor.get(path, 1.0), VIOLATED[violation.severity])
    return {
        one.path: one.confidence * min(factor.get(one.path, 1.0), factor.get(generic(one.path), 1.0)) for one in fields
    }


def record_confidence(schema: Schema, fields: Sequence[Field]) -> float:
    """The lowest confidence among the fields that matter; 0.0 for a record without values.

    What matters is what the schema requires and what its error checks name; where it names
    nothing, every field.
    """
    weighty = {path for path, node in schema.root.leaves() if node.required}
    for check in schema.checks:
        if check.severity == "error" and not check.each:
            weighty.update(check_paths(check))
    present = [one for one in fields if one.value is not None]
    chosen = [one.confidence for one in present if generic(one.path) in weighty]
    return min(chosen or [one.confidence for one in present], default=0.0)
