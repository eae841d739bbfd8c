"""A required amount at no key of its own, which a check makes equal to one that is: what is due, where nothing was paid
before, is the total.

The check ties three fields (`total - prepaid_amount == amount_due`). The third is at no key either, and the schema does
not call it important: an important one that is not found may be printed all the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from docpipe.engine.layout.document import Document
from docpipe.engine.layout.scalars.candidates import Candidate, candidate
from docpipe.engine.layout.scoring.weights import weight

EQUAL_BY_CHECK = "equal_by_check"
SURE = weight("threshold.named_amount")  # score of an amount beside a key from which it is that key's
FIELDS = 3


def equal_by_check(document: Document) -> Iterator[Candidate]:
    """The amount at another field's key, for each required field that a check tells from it by nothing printed."""
    fields = {field.path: field for field in document.schema.tied}
    at_keys = [each for each in document.at_keys if each.field.path in fields]
    named = {each.field.path for each in at_keys}
    for equation in document.schema.equations:
        names = [names[0] for names, _ in equation.terms if len(names) == 1 and names[0] in fields]
        if equation.check.each or not equation.equality or not len(names) == len(equation.terms) == FIELDS:
            continue
        unnamed = [fields[name] for name in names if name not in named]
        wanted = [field for field in unnamed if field.node.required]
        others = [field for field in unnamed if not field.node.required and not field.node.important]
        for each in at_keys:
            if each.field.path in names and len(wanted) == len(others) == 1 and each.score >= SURE:
                features = ((EQUAL_BY_CHECK, 1.0),)
                yield candidate(wanted[0], each.reading, each.segment, EQUAL_BY_CHECK, features, shared=True)
