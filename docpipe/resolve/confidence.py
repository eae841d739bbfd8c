"""How sure a value is, from signals that exist; one that is missing never counts as a good one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from docpipe.records import Field, Reply, Violation
from docpipe.resolve.ground import Evidence
from docpipe.schema.importance import important
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import generic

UNKNOWN_SCORE = 0.5  # an engine that says nothing about itself
INEXACT = 0.95  # stands on the page, spelled otherwise
UNGROUNDED = 0.5  # stands nowhere on the page
UNCHECKED = 0.8  # the page has no words to compare with
VIOLATED = {"error": 0.5, "warning": 0.8}
REPEATED = 0.8  # of the doubt stays when the same engine says the same again: it has the same faults
SECONDED = 0.5  # and when another engine says the same
DISSENT = 0.25  # weight of an answer that says something else: it was asked because something was wrong


@dataclass(frozen=True, slots=True)
class Repeats:
    """Answers about a value besides its own: the `same` from its engine, `seconded` by another, `other` values."""

    same: int = 0
    seconded: int = 0
    other: int = 0


def agreed(score: float, repeats: Repeats) -> float:
    """`score` raised by answers that say the same and lowered by those that say something else. In [0, 1]."""
    doubt = (1.0 - score) * REPEATED**repeats.same * SECONDED**repeats.seconded
    alike = 1 + repeats.same + repeats.seconded
    return (1.0 - doubt) * alike / (alike + DISSENT * repeats.other)


@dataclass(frozen=True, slots=True)
class Scores:
    """How sure the replies are of each value, before the page is asked.

    `usual`: the first reply of itself. `spans`: values that a reply scored one by one. `asked`: leaf or list
    -> the later reply that it was taken from. `repeats`: values that several answers speak of.
    """

    usual: float
    spans: Mapping[str, float]
    asked: Mapping[str, float]
    repeats: Mapping[str, Repeats]

    def of(self, path: str) -> float:
        """The score of the value at `path`, in [0, 1]."""
        score = self.spans.get(path)
        if score is None:
            score = self.usual
            if self.asked:
                score = self.asked.get(path, self.asked.get(path.partition("[")[0], score))
        return agreed(score, self.repeats[path]) if path in self.repeats else score


def reply_score(reply: Reply) -> float:
    """Mean token probability of a reply (geometric), or UNKNOWN_SCORE where there are none."""
    chosen = [value for value in reply.logprobs if not math.isnan(value)]
    return math.exp(sum(chosen) / len(chosen)) if chosen else UNKNOWN_SCORE


def field_confidence(score: float, searched: bool, evidence: Evidence | None) -> float:
    """`score` of the engine, lowered by what the page does not confirm. In [0, 1].

    `searched` is False where there were no words to look in.
    """
    if not searched:
        return score * UNCHECKED
    if evidence is None:
        return score * UNGROUNDED
    return score * (1.0 if evidence.exact else INEXACT)


def after_violations(fields: Sequence[Field], violations: Iterable[Violation]) -> dict[str, float]:
    """path -> confidence, lowered once for the worst violation that names the path."""
    factor: dict[str, float] = {}
    for violation in violations:
        for path in violation.paths:
            factor[path] = min(factor.get(path, 1.0), VIOLATED[violation.severity])
    return {
        leaf.path: leaf.confidence * min(factor.get(leaf.path, 1.0), factor.get(generic(leaf.path), 1.0))
        for leaf in fields
    }


def record_confidence(schema: Schema, fields: Sequence[Field]) -> float:
    """The lowest confidence among the fields that matter; 0.0 for a record without values.

    Where the schema names nothing as important, every field matters.
    """
    weighty = important(schema)
    present = [leaf for leaf in fields if leaf.value is not None]
    chosen = [leaf.confidence for leaf in present if generic(leaf.path) in weighty]
    return min(chosen or [leaf.confidence for leaf in present], default=0.0)
