"""Where the values of keys, and values without a key, may stand on a page.

Found by hand on synthetic invoices and receipts.
"""

from __future__ import annotations

from dataclasses import dataclass

from docpipe.engine.layout.geometry import Params


@dataclass(frozen=True, slots=True)
class ScalarParams(Params):
    """All of them."""

    amounts_right: int = 3  # numbers on a key's line that may be its value: "VAT 19 % | 100.00 | 19.00"
    values_below: int = 2  # under a key that may be its value
    lines_below: int = 4  # searched under a key
    reach_down_em: float = 3.0  # of the key's type: how far below it its value may begin
    reach_right_share: float = 0.4  # of the page's width: text further right belongs to something else
    cell_share: float = 0.16  # of the page's width: how far right of its key a cell may end
    aligned_pt: float = 2.0  # edges nearer than this are aligned
    same_band_share: float = 0.4  # of the smaller height that two boxes share if they stand side by side
    range_end_words: int = 8  # behind a range's first date, among which the second stands
    short_letters: int = 3  # of a key that may be a part of a sentence: "LS", "PO"

    key_words: int = 4  # of a key that is a value itself
    most_segments: int = 2_000  # of a page that are looked at for values without a key
    title_pitches: float = 1.25  # type this high is a title's
    title_words: int = 6  # a line longer than this is a sentence that mentions the word
    title_top_share: float = 0.5  # of the page's height: titles stand above this
    date_top_share: float = 0.45  # of the page's height: where a letter is dated
    amount_words: int = 3  # of the longest amount: "1 234,50 EUR"
    shape_words: int = 6  # of a segment at whose beginning a number with check digits may begin

    weak_top_share: float = 0.5  # of the page's height: weak labels stand above this
    weak_words: int = 3  # of a weak label
    weak_reach_em: float = 4.0  # of its type: how far from the date or the title it may stand

    head_share: float = 0.25  # of the page's height: the title of a document stands within it
    head_larger_pitches: float = 1.2  # its type is at least so large
    head_alike_share: float = 0.9  # of its size: other type so large may be the title as well
    head_next_line_em: float = 1.2  # the next line of one title is no farther down
    head_letters: int = 5  # of a title at least: "W-9" is a number


PARAMS = ScalarParams()
