"""Digits behind the amounts of a till that name a tax, "2.25 1": without them the amounts end their lines."""

from __future__ import annotations

import re
from dataclasses import replace

from docpipe.engine.layout.receipts.items import tokens_of
from docpipe.literals.numbers import WITH_CENTS
from docpipe.page.lines import Line, PageText, around

LEAST = 2  # lines that end in an amount and one letter or digit: these are marks
_LEGEND = re.compile(r"(\d)\W.*%|.*%\s+(\d)\b")  # of a tax summary: "1 = 19 %"


def without_tax_digits(page_text: PageText) -> PageText:
    """The page without the digits behind amounts, if several amounts have a mark behind them, a legend names the digit,
    or the amount stands on another line without it: the sum of one item.
    """
    marked = [line for line in page_text.lines if _is_marked(line)]
    legend = {digit for line in page_text.lines for found in _LEGEND.finditer(line.text) for digit in found.groups()}
    ends = {line.segments[-1].tokens[-1].text for line in page_text.lines} if marked else set()
    chosen = {
        line.number
        for line in marked
        if len(marked) >= LEAST or tokens_of(line)[-1].text in legend or tokens_of(line)[-2].text in ends
    }
    digits = {number for number in chosen if tokens_of(page_text.lines[number])[-1].text.isdigit()}
    if not digits:
        return page_text
    return replace(
        page_text, lines=tuple(_without_mark(line) if line.number in digits else line for line in page_text.lines)
    )


def _is_marked(line: Line) -> bool:
    words = [token.text for token in tokens_of(line)[-2:]]
    return len(words) > 1 and len(words[1]) == 1 and words[1].isalnum() and WITH_CENTS.search(words[0]) is not None


def _without_mark(line: Line) -> Line:
    *before, last = line.segments
    kept = last.part(0, len(last.tokens) - 1)
    segments = (*before, kept) if kept is not None else tuple(before)
    return replace(line, segments=segments, box=around(segments))
