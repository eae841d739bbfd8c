"""Rows printed as keys with a percentage ("VAT 19 %: 47.90"): an array of rates without a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from docpipe.engine.layout.answer import Leaf
from docpipe.engine.layout.arrays import RateArray
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.printed_keys import Key
from docpipe.engine.layout.rows import Rows
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scoring.weights import weight
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.literals.numbers import parse_number
from docpipe.page.lines import Token
from docpipe.schema.equations import as_number

RATE_IN_KEY = "rate_in_key"
SCORE = weight("rate_in_key")  # of a row read from one key, before the key's own quality

_PERCENT = re.compile(r"\(?(\d+(?:[.,]\d+)?)\s?(%)?\)?:?")


def read_rates(document: Document) -> list[Rows]:
    """One row a key that names the array's total with a percentage; each rate once."""
    keys = {number: key for context in document.contexts for number, key in context.keys.items()}
    return [rows for array in document.schema.rates for rows in _rows(array, keys, document.at_keys)]


def _rows(array: RateArray, keys: Mapping[int, Key], candidates: Iterable[Candidate]) -> list[Rows]:
    """`keys` by the numbers that `candidates` carry."""
    best: dict[int, Candidate] = {}
    for candidate in candidates:
        if candidate.field is array.total and candidate.key is not None and candidate.key in keys:
            kept = best.get(candidate.key)
            if kept is None or candidate.score > kept.score:
                best[candidate.key] = candidate
    rows: dict[tuple[Decimal, object], Rows] = {}
    for number, candidate in best.items():
        percent = _percentage(keys[number].segment.tokens)
        if percent is None or len(rows) >= PARAMS.taxes.most_rates:
            continue
        rate, tokens = percent
        page, score = candidate.page, SCORE * candidate.score
        row = {
            array.rate.path: Leaf(rate, tokens, page, score, RATE_IN_KEY),
            array.amount.path: Leaf(candidate.reading.value, candidate.tokens, page, score, RATE_IN_KEY),
        }
        rows.setdefault((rate, as_number(candidate.reading.value)), Rows(array.path, page, (row,), ()))
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
