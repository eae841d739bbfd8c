"""What a till prints in the line of an item, counted in words and letters."""

from __future__ import annotations

from dataclasses import dataclass

from docpipe.engine.layout.geometry import Params


@dataclass(frozen=True, slots=True)
class ReceiptParams(Params):
    """The words of one item."""

    unit_chars: int = 3  # letters of the longest unit: kg, lb, stk
    mark_chars: int = 2  # letters of the longest tax mark or sign behind an amount
    most_marks: int = 2  # of them
    numbered_words: int = 2  # of a name that a number begins, "3 IN 1 ...", and more behind them
    code_digits: int = 4  # of the shortest number in front of a name that is the article's own
    long_code_digits: int = 6  # of such a number on the line of the item's amount, where a shorter one may be a name's
    wrap_gap_pitches: float = 0.75  # the lines of one wrapped text stand closer than this
    name_gap_pitches: float = 1.5  # between a name and the line with its numbers
    name_indent_letters: float = 3.0  # how far right of its numbers a name may begin
    most_tax_percent: int = 30  # no tax on sales is higher
    sum_lines: int = 4  # below the last item that may print the sum under an unknown key
    payment_lines: int = 12  # below a total that may say how it was paid
    edge_letters: float = 3.5  # amounts, or the marks behind them, end this near to the right edge of them all


PARAMS = ReceiptParams()
