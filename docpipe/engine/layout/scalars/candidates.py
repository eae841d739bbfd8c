"""Possible values of a field, each with the features from which its score comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from math import log

from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.readings import Reading
from docpipe.engine.layout.scoring.weights import Features, score_of
from docpipe.page.lines import Segment, Token
from docpipe.schema.equations import as_number


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible value of a field. `method` is the name of the generator that made it.

    `key` identifies the key it hangs on (None without one): a key serves one field.
    `shared`: its print may be part of another field's value, as a currency's sign is of an amount's.
    `doubt`: what the odds of being right are divided by: for its key, and for its rivals once it is chosen.
    `inner`: it counts under its section's heading only.
    """

    field: Field
    reading: Reading
    segment: Segment
    method: str
    features: Features
    score: float
    key: int | None = None
    shared: bool = False
    doubt: float = 1.0
    inner: bool = False

    @property
    def evidence(self) -> str:
        """The kind of its evidence: the method, but "text" for words at a key, which no type proves."""
        node = self.field.node
        free = node.kind == "string" and self.field.type == "text" and not (node.enum or node.format or node.pattern)
        return "text" if free and self.key is not None else self.method

    @property
    def page(self) -> int:
        return self.segment.page

    @property
    def tokens(self) -> tuple[Token, ...]:
        return self.reading.tokens

    @property
    def place(self) -> tuple[int, int]:
        """(page, line) of the value."""
        return self.page, self.segment.line

    @property
    def number(self) -> Decimal | None:
        """Its number as the record will have it: a discount that is printed with a minus is a positive discount."""
        number = as_number(self.reading.value)
        return None if number is None else self.field.node.signed(number)


def candidate(
    field: Field,
    reading: Reading,
    segment: Segment,
    method: str,
    features: Features,
    *,
    key: int | None = None,
    shared: bool = False,
    inner: bool = False,
    doubt: float = 1.0,
) -> Candidate:
    """A candidate whose score its features make."""
    score = score_of(features)
    return Candidate(field, reading, segment, method, features, score, key=key, shared=shared, doubt=doubt, inner=inner)


def fit_of(reading: Reading) -> Features:
    """How well the print fits the field's type, as a feature."""
    return (("exponent.fit", log(reading.fit)),) if reading.fit < 1.0 else ()


def with_feature(candidate: Candidate, name: str) -> Candidate:
    """The candidate with one more factor."""
    feature = (name, 1.0)
    return replace(candidate, features=(*candidate.features, feature), score=candidate.score * score_of((feature,)))
