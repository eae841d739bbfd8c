"""Rows of a tax summary by arithmetic: a percentage and the two amounts that it ties together, on one line.

The columns' order, their keys and the codes in front of them (A, B, SR) play no part: what the schema's
check multiplies is what the line has to fulfil.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Sequence
from decimal import Decimal
from itertools import permutations

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.arrays import CENT, SummaryArray
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.keys.printed_keys import keys_in
from docpipe.engine.layout.rows import Rows
from docpipe.engine.layout.scoring.weights import weight
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.literals.conventions import Conventions
from docpipe.literals.numbers import parse_number
from docpipe.literals.phrases import names_other_sum
from docpipe.page.lines import Line, Segment, Token

TAX_SUMMARY = "tax_summary"
GROSS = weight("tax_summary.gross")  # score of a row that prints base, tax and their sum
TIED = weight("tax_summary.tied")  # of a row whose base and tax agree with the rate
CONTAINED = weight("tax_summary.contained")  # of a row that prints the sum and the tax in it
MOST_RATE = 100

_RATE = re.compile(r"(?:.*[^\w.,])?(\d+(?:[.,]\d+)?)(%?)\)?:?")
_MARKS = "*=:|"

Amount = tuple[Decimal, tuple[Token, ...]]


def read_summaries(document: Document) -> list[Rows]:
    """The tax summaries of every page, outside the rows of other arrays."""
    found: list[Rows] = []
    for array in document.schema.summaries:
        others = [rows for rows in document.rows if rows.array != array.path]
        taken = {token.index for rows in others for segment in rows.segments for token in segment.tokens}
        taken |= document.suggested
        for page_index in range(len(document.page_texts)):
            rows = _summary(array, document, page_index, taken)
            found += [rows] if rows is not None else []
    return found


def summary_beats(mine: Sequence[Rows], others: Sequence[Rows], document: Document) -> bool:
    """Whether arithmetic found as many rows as agree with it in what another reader found."""
    array = next(array for array in document.schema.summaries if array.path == mine[0].array)
    agreeing = sum(array.agrees(row) for rows in others for row in rows.rows)
    return sum(len(rows.rows) for rows in mine) >= agreeing


def _summary(array: SummaryArray, document: Document, page_index: int, taken: Container[int]) -> Rows | None:
    """The lines of a page that are rows of the summary; None if there are none.

    `taken` are the indices of the words that are cells of other tables.
    """
    page_text, index = document.page_texts[page_index], document.schema.index
    rows: list[Row] = []
    segments: list[Segment] = []
    headed = False
    for at, line in enumerate(page_text.lines):
        cells = [cell for cell in _cells(line, index) if not any(token.index in taken for token in cell.tokens)]
        headed = headed if rows else at > 0 and _names_rate(page_text.lines[at - 1], array, index)
        row = _row(array, cells, headed, page_index, document.conventions)
        if row is None or (row[array.rate.path].value and names_other_sum(line.text)):  # a fee of 0 % is none
            continue
        rows.append(row)
        if not _names_amount(cells[0], index):
            above = page_text.lines[at - 1] if at and len(rows) == 1 and _is_header(page_text.lines[at - 1]) else None
            right = cells[-1].box.right
            segments += [
                segment for segment in (above.segments if above is not None else ()) if segment.box.left < right
            ]
            segments += cells
    return Rows(array.path, page_index, tuple(rows), tuple(segments)) if rows else None


def _cells(line: Line, index: LabelIndex) -> list[Segment]:
    """The line's segments up to a key of another amount: totals may stand beside the summary."""
    at = next(
        (at for at, segment in enumerate(line.segments) if at and _names_amount(segment, index)), len(line.segments)
    )
    return list(line.segments[:at])


def _names_amount(segment: Segment, index: LabelIndex) -> bool:
    """A key of an amount outside every table at the beginning of a segment."""
    keys = (key for key in keys_in(segment, index) if key.segment.tokens[0].index == segment.tokens[0].index)
    fields = [field for key in keys for field in key.fields()]
    return any(field.node.kind == "number" and not field.array for field in fields)


def _names_rate(line: Line, array: SummaryArray, index: LabelIndex) -> bool:
    """Whether a header says that one of its columns is the rate."""
    named = any(match.field is array.rate for segment in line.segments for match in index.matches(segment.text))
    return _is_header(line) and (named or "%" in line.text)


def _is_header(line: Line) -> bool:
    """Keys side by side, and no number among them."""
    return len(line.segments) > 1 and not any(char.isdigit() for char in line.text)


def _row(
    array: SummaryArray, cells: Sequence[Segment], headed: bool, page_index: int, conventions: Conventions
) -> Row | None:
    """The best reading of one line as rate, base and tax."""
    amounts = _amounts(cells, conventions)
    if not 2 <= len(amounts) <= PARAMS.taxes.most_amounts:
        return None
    found: list[tuple[float, Decimal, dict[str, Leaf]]] = []
    for rate, token, sure in _rates(cells):
        others = [amount for amount in amounts if token[0] not in amount[1]]
        for base, tax in permutations(others, 2):
            score, apart = _tie(rate, base[0], tax[0], [other[0] for other in others])
            if not score or not (sure or score == GROSS or (headed and score == TIED)):
                continue
            row = {
                array.rate.path: Leaf(rate, token, page_index, score, TAX_SUMMARY),
                array.amount.path: _leaf(tax, page_index, score),
            }
            if score > CONTAINED:
                row[array.base.path] = _leaf(base, page_index, score)
            found.append((score, -apart, row))
    return max(found, key=lambda option: option[:2])[2] if found else None


def _leaf(amount: Amount, page_index: int, score: float) -> Leaf:
    return Leaf(amount[0], amount[1], page_index, score, TAX_SUMMARY)


def _tie(rate: Decimal, base: Decimal, tax: Decimal, amounts: Sequence[Decimal]) -> tuple[float, Decimal]:
    """(score, how far from exact) of a base and its tax at a rate; a score of 0 where they do not agree."""
    if abs(tax) > abs(base):
        return 0.0, Decimal(0)
    apart = abs(base * rate / 100 - tax)
    if apart <= CENT:
        return (GROSS if base + tax in amounts and len(amounts) > 2 else TIED), apart
    contained = abs(base * rate / (100 + rate) - tax)
    return (CONTAINED if contained <= CENT and len(amounts) == 2 and tax else 0.0), contained


def _rates(cells: Iterable[Segment]) -> Iterable[tuple[Decimal, tuple[Token, ...], bool]]:
    """(rate, its print, whether a percent sign says so) of the numbers on a line."""
    tokens = [token for cell in cells for token in cell.tokens]
    for at, token in enumerate(tokens):
        match = _RATE.fullmatch(token.text)
        value = parse_number(match[1]) if match else None
        if match is None or value is None or value > MOST_RATE:
            continue
        apart = not match[2] and at + 1 < len(tokens) and tokens[at + 1].text.startswith("%")
        yield value, tuple(tokens[at : at + 1 + apart]), bool(match[2] or apart)


def _amounts(cells: Iterable[Segment], conventions: Conventions) -> list[Amount]:
    """The numbers with two decimals, a whole segment before its words; no percentages."""
    found: list[Amount] = []
    for cell in cells:
        groups = [cell.tokens] if _money(cell.text, conventions) is not None else [(token,) for token in cell.tokens]
        for at, group in enumerate(groups):
            value = _money(" ".join(token.text for token in group), conventions)
            percent = at + 1 < len(groups) and groups[at + 1][0].text.startswith("%")
            if value is not None and not percent:
                found.append((value, group))
    return found


def _money(text: str, conventions: Conventions) -> Decimal | None:
    if "%" in text:
        return None
    value = conventions.number(text.strip(_MARKS), money=True)
    return value if value is not None and conventions.is_money(value, None) else None
