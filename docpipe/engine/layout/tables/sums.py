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
    rows' texts. `ruled`: a line is drawn over it, and over few others. `computed`: its amount is what the checks
    compute of a row, so that a negative one is taken off the others.
    """

    amount: Decimal | None
    numbers: int
    text: str
    apart: bool
    ruled: bool
    computed: bool = False


def items_of(rows: Sequence[Summand]) -> list[int]:
    """Which rows are items, from the top: all but sums of groups, up to the totals.

    A sum lacks a number that the rows have, such as a price, and a word, its place or a rule says what it is. Rows of
    one number alone end at their first sum, unless a later sum is that of the rows between.
    """
    usual = median([row.numbers for row in rows]) if rows else 0
    items: list[int] = []
    group: list[int] = []  # the items since the last sum
    summed = False  # whether there was one
    for at, row in enumerate(rows):
        if at and _is_sum(row, usual, [rows[item] for item in items], [rows[item] for item in group]):
            if summed and usual <= 1 and not _adds_up(row, [rows[item] for item in group]):
                break
            summed, group = True, []
        elif at and _ends(rows[at:], usual):
            break
        else:
            items.append(at)
            group.append(at)
    return items[: len(items) - len(group)] if summed and usual <= 1 else items


def _ends(rows: Sequence[Summand], usual: float) -> bool:
    """Whether the first of `rows` is a total: it looks like a key and no whole row follows, or too few numbers do."""
    first = rows[0]
    keyed = first.apart and _is_bare(first, usual) and not any(row.numbers >= usual > 1 for row in rows)
    deducted = first.computed and first.amount is not None and first.amount < 0
    return keyed or (not deducted and usual > 1 and all(row.numbers <= PARAMS.rows.fewer_share * usual for row in rows))


def _is_bare(row: Summand, usual: float) -> bool:
    """Whether it lacks a number that the rows of its table have, or all of them have but one."""
    return row.numbers < usual or usual <= 1


def _is_sum(row: Summand, usual: float, items: Sequence[Summand], group: Sequence[Summand]) -> bool:
    says_so = row.apart or row.ruled or names_a_sum(row.text)
    return says_so and _is_bare(row, usual) and (_adds_up(row, items) or _adds_up(row, group))


def _adds_up(row: Summand, items: Sequence[Summand]) -> bool:
    return bool(items) and row.amount is not None and row.amount == sum((item.amount or ZERO for item in items), ZERO)
