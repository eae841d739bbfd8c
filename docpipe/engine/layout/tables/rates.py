"""Rows printed as keys with a percentage ("VAT 19 %: 47.90"): an array of rates without a table."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.keys.printed_keys import Key
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scoring.equations import Equation, as_number
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.numbers import parse_number
from docpipe.page.lines import Token

SCORE = weight("rate_in_key")  # of a row read from one key, before the key's own quality
MOST_ROWS = 12  # rates of one document

_PERCENT = re.compile(r"\(?(\d+(?:[.,]\d+)?)\s?(%)?\)?:?")


@dataclass(frozen=True, slots=True)
class RateArray:
    """An array whose items are a rate and what it yields; `total` is the field that a check sums it to."""

    path: str
    rate: Field
    amount: Field
    total: Field


def rate_arrays(
    fields: Iterable[Field], paths: Collection[str], equations: Iterable[Equation]
) -> tuple[RateArray, ...]:
    """The arrays at `paths` that have a rate, and an amount that a check sums to a field outside."""
    by_path = {one.path: one for one in fields}
    found = []
    for equation in equations:
        sums = [name[4:-1] for name in equation.names if name.startswith("sum(")]
        totals = [name for name in equation.names if name in by_path and not by_path[name].array]
        if len(sums) != 1 or len(totals) != 1 or sums[0] not in by_path or not equation.equality:
            continue
        amount = by_path[sums[0]]
        rates = [one for one in by_path.values() if one.array == amount.array and one.type == "rate"]
        if len(rates) == 1 and amount.array in paths:
            found.append(RateArray(amount.array, rates[0], amount, by_path[totals[0]]))
    return tuple(found)


def rate_rows(array: RateArray, keys: Mapping[int, Key], candidates: Sequence[Candidate]) -> list[Row]:
    """One row a key that names the array's total with a percentage; each rate once.

    `keys` by the numbers that `candidates` carry.
    """
    rows: dict[tuple[Decimal, object], Row] = {}
    best: dict[int, Candidate] = {}
    for one in candidates:
        if one.field is array.total and one.key is not None and one.key in keys:
            kept = best.get(one.key)
            if kept is None or one.score > kept.score:
                best[one.key] = one
    for number, one in best.items():
        percent = _percentage(keys[number].segment.tokens)
        if percent is None or len(rows) >= MOST_ROWS:
            continue
        rate, tokens = percent
        row = {
            array.rate.path: Leaf(rate, tokens, one.page, SCORE * one.score, "rate"),
            array.amount.path: Leaf(one.reading.value, one.tokens, one.page, SCORE * one.score, "rate"),
        }
        rows.setdefault((rate, as_number(one.reading.value)), row)
    return list(rows.values())


def _percentage(tokens: Sequence[Token]) -> tuple[Decimal, tuple[Token, ...]] | None:
    """The percentage among a key's words: "19%", "(19 %)"."""
    for at, token in enumerate(tokens):
        match = _PERCENT.fullmatch(token.text)
        if match is None:
            continue
        apart = match[2] is None and at + 1 < len(tokens) and tokens[at + 1].text.startswith("%")
        value = parse_number(match[1]) if match[2] or apart else None
        if value is not None:
            return value, tuple(tokens[at : at + 1 + apart])
    return None
