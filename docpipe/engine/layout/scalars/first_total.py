"""Two totals of one document, of which the first is a part of the second: "Total 150.00, VAT 30.00, Total 180.00".

Where a check says that two fields add up to a third, an amount at a key of the third is the first of the two if the
other and a later print complete the sum. The later print may stand at no key that the schema knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import product

from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.scalars.candidates import Candidate, candidate
from docpipe.engine.layout.scalars.without_key import amounts_by_arithmetic
from docpipe.engine.layout.scoring.weights import weight
from docpipe.schema.equations import Equation

FIRST_TOTAL = "first_total"
SURE = weight("threshold.named_amount")  # score of an amount beside a key from which it is that key's
PARTS = 2


def first_totals(document: Document) -> Iterator[Candidate]:
    """The first total as a part, and the second as the total, for each check that adds two fields up to a third."""
    fields = {field.path: field for field in document.schema.tied}
    named = _nearest(document.at_keys)
    keyed = {each.field.path for each in named}
    sums = [
        (equation, part, other, total)
        for equation in document.schema.equations
        for part, other, total in _parts(equation, fields)
        if {other.path, total.path} <= keyed
    ]
    free = list(amounts_by_arithmetic(document)) if sums else []
    for equation, part, other, total in sums:
        totals = [each for each in named if each.field is total]
        others = [each for each in named if each.field is other and each.number]
        later = [*totals, *(each for each in free if each.field is total)]
        slack = equation.margin / PARTS + equation.half_a_unit
        for first, added, last in product(totals, others, later):
            if last.place > first.place and _complete(first, added, last, slack):
                yield _taken_for(part, first)
                yield _taken_for(total, last)


def _parts(equation: Equation, fields: Mapping[str, Field]) -> Iterator[tuple[Field, Field, Field]]:
    """(one part, the other, their sum), both ways round."""
    factors = {names[0]: factor for names, factor in equation.terms if len(names) == 1 and names[0] in fields}
    if not equation.equality or equation.check.each or len(factors) != len(equation.terms) or len(factors) != PARTS + 1:
        return
    for name, factor in factors.items():
        parts = [fields[other] for other in factors if factors[other] == -factor]
        if len(parts) == PARTS:
            yield parts[0], parts[1], fields[name]
            yield parts[1], parts[0], fields[name]


def _complete(first: Candidate, added: Candidate, last: Candidate, slack: Decimal) -> bool:
    """Whether the first two amounts come to the last."""
    left, right, whole = first.number, added.number, last.number
    return left is not None and right is not None and whole is not None and abs(left + right - whole) <= slack


def _nearest(at_keys: Iterable[Candidate]) -> list[Candidate]:
    """The best value at each key, where it is surely the key's: of several amounts on a line one is."""
    best: dict[tuple[str, int | None], Candidate] = {}
    for each in at_keys:
        home = each.field.path, each.key
        if each.score >= SURE and (home not in best or each.score > best[home].score):
            best[home] = each
    return list(best.values())


def _taken_for(field: Field, found: Candidate) -> Candidate:
    return candidate(field, found.reading, found.segment, FIRST_TOTAL, ((FIRST_TOTAL, 1.0),), key=found.key)
