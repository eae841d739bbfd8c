"""The total that was paid: of several totals the last one that payment and change below it agree with.

A till prints a total before rounding, service or a discount, and another one behind it. What was handed over less what
was given back is the last; a card is charged with the last.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.receipts.items import ReceiptArray, money_of, tokens_of
from docpipe.engine.layout.receipts.params import PARAMS
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scoring.weights import weight
from docpipe.page.lines import Line

PAID_TOTAL = "paid_total"
PAID = weight("choice.paid")  # added for a total that payment agrees with


def paid_totals(document: Document) -> Iterator[Candidate]:
    """Of the totals at keys the last that was paid, for each array whose items a receipt prints."""
    for array in document.schema.receipts:
        totals = [each for each in document.at_keys if each.field == array.total]
        tips = {each.reading.value for each in document.at_keys if _is_extra(each.field, document)}
        homes = {each.place for each in totals}
        totals.sort(key=lambda total: total.place, reverse=True)
        for total in totals:
            lines = document.page_texts[total.page].lines[total.segment.line + 1 :][: PARAMS.payment_lines]
            before = (other.reading.value for other in totals if other.place < total.place)
            if any(_differ(total.reading.value, other, tips) for other in before):
                break  # the guest gave more than the goods cost: which of both is meant, payment does not tell
            below = [line for line in lines if (total.page, line.number) not in homes]
            if _is_paid(total.reading.value, _alone(below, array, document)):
                yield replace(total, method=PAID_TOTAL, score=total.score + PAID)
                break


def _is_extra(field: Field, document: Document) -> bool:
    """Whether a field is an amount on top that no check ties to the total: a tip; rounding may be less than nothing."""
    single = field.node.kind == "number" and not field.array
    return single and field.node.sign == "positive" and field not in document.schema.tied


def _differ(total: object, before: object, tips: Collection[object]) -> bool:
    """Whether a total is another one and a tip."""
    return isinstance(total, Decimal) and isinstance(before, Decimal) and total - before in tips


def _alone(lines: Sequence[Line], array: ReceiptArray, document: Document) -> list[Decimal]:
    """The amounts that stand alone on their lines, without their signs: a tax summary has several on a line."""
    amounts = []
    for line in lines:
        found = [money_of(token, array, document.conventions) for token in tokens_of(line)]
        known = [abs(amount) for amount in found if amount is not None]
        amounts += known if len(known) == 1 else []
    return amounts


def _is_paid(total: object, amounts: Sequence[Decimal]) -> bool:
    """Whether an amount below a total is the same, or two that follow each other differ by it: payment and change."""
    return bool(total) and (total in amounts or any(paid - change == total for paid, change in pairwise(amounts)))
