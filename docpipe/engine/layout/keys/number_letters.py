"""Letters in front of a number that are part of it, though they are a label as well: "Invoice No: | INV 3308"."""

from __future__ import annotations

from collections.abc import Sequence

from docpipe.engine.layout.keys.params import PARAMS
from docpipe.engine.layout.keys.printed_keys import Key, is_number_letters
from docpipe.page.lines import PageText


def without_number_letters(keys: Sequence[Key], page_text: PageText) -> list[Key]:
    """`keys` without those that stand, with their number, where another key of the same field has its value."""
    letters = [key for key in keys if not key.colon and key.rest is not None and is_number_letters(key.segment)]
    if not letters:
        return list(keys)
    open_keys = [key for key in keys if key.rest is None and key.matches]
    return [
        key
        for key in keys
        if key not in letters or not any(_has_value(other, key, page_text.width) for other in open_keys)
    ]


def _has_value(key: Key, letters: Key, width: float) -> bool:
    """Whether `letters` begin the value of `key`: they mean its field, and stand right of it or right under it."""
    if {*key.fields()}.isdisjoint(letters.fields()):
        return False
    box, other = key.segment.box, letters.segment.box
    level = box.overlap_y(other) > 0
    beside = level and 0 <= other.left - box.right <= PARAMS.value_right_share * width
    down = other.top - box.bottom
    below = not level and 0 <= down <= PARAMS.value_below_em * key.segment.height and other.left < box.right
    return beside or (below and letters.rest is not None and letters.rest.box.right > box.left - PARAMS.aligned_pt)
