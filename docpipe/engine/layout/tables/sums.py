"""Rows that are sums of the rows above them: what of a body is an item, and where its items end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from docpipe.engine.layout.tables.params import PARAMS
from docpipe.literals.phrases import names_a_sum

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Summand:
    """A row as its sums see it.

    `numbers`: how many of its number columns are filled. `apart`: its text is a key, or begins elsewhere than the
    rows' texts. `ruled`: a line is drawn over it, and over few others.
    """

    amount: Decimal | None
    numbers: int
    text: str
    apart: bool
    ruled: bool


def items_of(rows: Sequence[Summand]) -> list[int]:
    """Which rows are items, from the top: all but sums of groups, up to the totals.

    A sum lacks a number that the rows have, such as a price, and a word, its place or a rule says what it is. Rows of
    one number alone end at their first sum, unless a later sum is that of the rows between.
    """
    usual = median([row.numbers for row in rows]) if rows else 0
    few = PARAMS.rows.fewer_share * usual
    items: list[int] = []
    group: list[int] = []  # the items since the last sum
    groups = False
    for at, row in enumerate(rows):
        bare = row.numbers < usual or usual <= 1
        if at and bare and _is_sum(row, [rows[item] for item in items], [rows[item] for item in group]):
            if groups and usual <= 1 and not _adds_up(row, [rows[item] for item in group]):
                return items[: len(items) - len(group)]
            groups, group = True, []
        elif at and bare and row.apart and not any(later.numbers >= usual > 1 for later in rows[at:]):
            break
        elif at and usual > 1 and all(later.numbers <= few for later in rows[at:]):
            break
        else:
            items.append(at)
            group.append(at)
    return items[: len(items) - len(group)] if groups and usual <= 1 else items


def _is_sum(row: Summand, items: Sequence[Summand], group: Sequence[Summand]) -> bool:
    says_so = row.apart or row.ruled or names_a_sum(row.text)
    return says_so and (_adds_up(row, items) or _adds_up(row, group))


def _adds_up(row: Summand, items: Sequence[Summand]) -> bool:
    return bool(items) and row.amount is not None and row.amount == sum((item.amount or ZERO for item in items), ZERO)
