"""Items of an invoice without a table: texts with an amount at the right edge, whose sum is printed below them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from docpipe.engine.layout.answer import Row
from docpipe.engine.layout.arrays import CENT
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.receipts.items import ReceiptArray, amount_of
from docpipe.engine.layout.receipts.params import PARAMS
from docpipe.engine.layout.receipts.reader import Receipt, printed_in, receipt_of
from docpipe.engine.layout.rows import Rows
from docpipe.page.lines import Line, PageText, Segment

PLAIN_ITEMS = "plain_items"


def read_plain_items(document: Document) -> Sequence[Rows]:
    """The items of every page that add up, for arrays of line items of which no rows are known."""
    known = {rows.array for rows in document.rows if rows.rows}
    return [
        _whole(items, array, document.page_texts[page_index])
        for array in document.schema.plain_items
        if array.path not in known
        for page_index in range(len(document.page_texts))
        if (items := receipt_of(array, document, page_index)) is not None and items.agreed
        if not _are_totals(items, array, document) and not _are_values(items, document)
    ]


def _whole(items: Receipt, array: ReceiptArray, page_text: PageText) -> Rows:
    """The items with the lines that their texts go on in."""
    taken = {segment.line for segment in items.segments}
    more: list[Segment] = []
    rows: list[Row] = []
    for row in items.rows:
        name = row[array.name.path]
        line = page_text.line_of(name.tokens[0])
        wrapped = [below.segments[0] for below in _wrapped(line, page_text) if below.number not in taken]
        tokens = (*name.tokens, *(token for segment in wrapped for token in segment.tokens))
        name = replace(name, value=" ".join(token.text for token in tokens), tokens=tokens)
        rows.append({path: replace(leaf, method=PLAIN_ITEMS) for path, leaf in {**row, array.name.path: name}.items()})
        more += wrapped
    return Rows(items.array, items.page_index, tuple(rows), (*items.segments, *more))


def _wrapped(line: Line, page_text: PageText) -> Iterator[Line]:
    """The lines below that one text goes on in: one piece each, near, and flush with it."""
    above = line
    for below in page_text.lines[line.number + 1 :]:
        near = below.box.top - above.box.bottom <= PARAMS.wrap_gap_pitches * page_text.pitch
        flush = abs(below.box.left - line.box.left) <= page_text.letter
        if not (near and flush and len(below.segments) == 1) or ":" in below.text:
            return
        yield below
        above = below


def _are_values(items: Receipt, document: Document) -> bool:
    """Whether a key of the schema stands on a line of the items: a number that is printed again is no price."""
    context = document.contexts[items.page_index]
    keys = (context.key_of(segment) for segment in items.segments)
    return any(key is not None and bool(key.matches) for key in keys)


def _are_totals(items: Receipt, array: ReceiptArray, document: Document) -> bool:
    """Whether the last of the items may be the tax on the others: their sum is the largest amount from there on."""
    *others, last = (amount_of(row, array) for row in items.rows)
    net, total = sum(others, Decimal(0)), sum(others, last)
    rates = (Decimal(rate) for rate in range(1, PARAMS.most_tax_percent + 1))
    if not any(abs(net * rate / 100 - last) <= CENT for rate in rates):
        return False
    lines = document.page_texts[items.page_index].lines[items.segments[-1].line :]
    amounts = [each for each in printed_in(lines, document.conventions) if document.conventions.is_money(each, None)]
    return max(amounts, default=total) <= total
