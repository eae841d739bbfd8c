"""Amounts of which a document prints several under keys of one field: "Shipping 20.00", "Insurance 5.00".

Their sum is a candidate that only an equality can raise over each of them. It is made for fields that checks read and
do without: what stands between a subtotal and a total.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.keys.printed_keys import Key
from docpipe.engine.layout.readings import Reading
from docpipe.engine.layout.scalars.candidates import Candidate, candidate
from docpipe.engine.layout.scoring.weights import weight

SUM_OF_SEVERAL = "sum_of_several"
SURE = weight("threshold.named_amount")  # score of an amount beside a key from which it is that key's


def sum_of_several(document: Document) -> Iterator[Candidate]:
    """The sum of the amounts at different keys of one field, on one page."""
    equations = [equation for equation in document.schema.equations if equation.equality and not equation.check.each]
    needed = {name for equation in equations for name in equation.names}
    extras = {name for equation in equations for name in equation.reads} - needed
    fields = [field for field in document.schema.scalars if field.path in extras]
    at_keys = [each for each in document.at_keys if each.score >= SURE] if fields else []
    for field in fields:
        for context in document.contexts:
            mine = (each for each in at_keys if each.field is field and each.page == context.page_index)
            yield from _summed(field, mine, context.keys)


def _summed(field: Field, at_keys: Iterable[Candidate], keys: Mapping[int, Key]) -> Iterator[Candidate]:
    best: dict[str, Candidate] = {}
    for each in at_keys:
        words = key_of(keys[each.key].segment.text) if each.key is not None and each.key in keys else ""
        if words and (words not in best or each.score > best[words].score):
            best[words] = each
    values = [each.reading.value for each in best.values() if isinstance(each.reading.value, Decimal)]
    tokens = tuple(token for each in best.values() for token in each.tokens)
    if len(values) > 1 and len({token.index for token in tokens}) == len(tokens):
        reading = Reading(sum(values, Decimal(0)), tokens, 1.0)
        home = next(iter(best.values())).segment
        yield candidate(field, reading, home, SUM_OF_SEVERAL, ((SUM_OF_SEVERAL, 1.0),))
