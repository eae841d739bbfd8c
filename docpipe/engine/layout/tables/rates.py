"""Rows printed as keys with a percentage ("VAT 19 %: 47.90"): an array of rates without a table.

Two parts of one tax may have the same rate and amount (CGST and SGST): then they stand under each other, under other
words. The total of rows that no key names is their sum.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from docpipe.engine.layout.answer import Leaf
from docpipe.engine.layout.arrays import RateArray
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.fields import key_of
from docpipe.engine.layout.keys.printed_keys import Key
from docpipe.engine.layout.readings import Reading
from docpipe.engine.layout.rows import Rows
from docpipe.engine.layout.scalars.candidates import Candidate, candidate
from docpipe.engine.layout.scoring.weights import weight
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.literals.numbers import DecimalMark, parse_number
from docpipe.page.lines import Segment, Token
from docpipe.schema.equations import as_number

RATE_IN_KEY = "rate_in_key"
SUM_OF_PARTS = "sum_of_parts"
MOST_RATE = 100
SCORE = weight("rate_in_key")  # of a row read from one key, before the key's own quality

_PERCENT = re.compile(r"[(@]*(\d+(?:[.,]\d+)?)\s?(%)?\)?:?")


def read_rates(document: Document) -> list[Rows]:
    """One row a key that names the array's total with a percentage; each rate once."""
    keys = {number: key for context in document.contexts for number, key in context.keys.items()}
    mark = document.conventions.mark
    return [rows for array in document.schema.rates for rows in _rows(array, keys, document.at_keys, mark)]


def _rows(
    array: RateArray, keys: Mapping[int, Key], candidates: Iterable[Candidate], mark: DecimalMark | None
) -> list[Rows]:
    """`keys` by the numbers that `candidates` carry."""
    best: dict[int, Candidate] = {}
    for one in candidates:
        if one.field is array.total and one.key is not None and one.key in keys:
            kept = best.get(one.key)
            if kept is None or one.score > kept.score:
                best[one.key] = one
    rows: dict[tuple[Decimal, object], list[Rows]] = {}
    places: dict[tuple[Decimal, object], Segment] = {}
    for number, found in best.items():
        key = keys[number].segment
        percent = _percentage(key.tokens, mark)
        if percent is None or sum(map(len, rows.values())) >= PARAMS.taxes.most_rates:
            continue
        rate, tokens = percent
        same = (rate, as_number(found.reading.value))
        if same in rows and not _is_other_part(places[same], key):
            continue
        page, score = found.page, SCORE * found.score
        row = {
            array.rate.path: Leaf(rate, tokens, page, score, RATE_IN_KEY),
            array.amount.path: Leaf(found.reading.value, found.tokens, page, score, RATE_IN_KEY),
        }
        rows.setdefault(same, []).append(Rows(array.path, page, (row,), ()))
        places[same] = key
    return [one for alike in rows.values() for one in alike]


def _is_other_part(above: Segment, key: Segment) -> bool:
    """Whether a key stands under another one, with other words."""
    return above.page == key.page and key.line - above.line == 1 and key_of(above.text) != key_of(key.text)


def sum_of_parts(document: Document) -> Iterator[Candidate]:
    """The sum of rows that are printed as keys, for the total that a check makes of them: no print has it whole."""
    for array in document.schema.rates:
        rows = [row for rows in document.rows if rows.array == array.path for row in rows.rows]
        amounts = [row[array.amount.path] for row in rows if array.amount.path in row]
        values = [leaf.value for leaf in amounts if isinstance(leaf.value, Decimal) and leaf.method == RATE_IN_KEY]
        if not 1 < len(values) == len(rows) or len({leaf.page for leaf in amounts}) != 1:
            continue
        tokens = tuple(token for leaf in amounts for token in leaf.tokens)
        home = document.page_texts[amounts[0].page].line_of(tokens[0]).segments[0]
        reading = Reading(sum(values, Decimal(0)), tokens, 1.0)
        yield candidate(array.total, reading, home, SUM_OF_PARTS, ((SUM_OF_PARTS, 1.0),), shared=True)


def _rate(text: str, mark: DecimalMark | None) -> Decimal | None:
    """A rate; where it would be beyond 100 %, its mark is that of decimals: "9,975"."""
    value = parse_number(text, mark)
    return value if value is None or value <= MOST_RATE else parse_number(text, "," if "," in text else ".")


def _percentage(tokens: Sequence[Token], mark: DecimalMark | None) -> tuple[Decimal, tuple[Token, ...]] | None:
    """The percentage among a key's words: "19%", "(19 %)"."""
    for at, token in enumerate(tokens):
        match = _PERCENT.fullmatch(token.text)
        if match is None:
            continue
        apart = match[2] is None and at + 1 < len(tokens) and tokens[at + 1].text.startswith("%")
        value = _rate(match[1], mark) if match[2] or apart else None
        if value is not None:
            return value, tuple(tokens[at : at + 1 + apart])
    return None
