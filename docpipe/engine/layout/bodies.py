"""Where the body of a table ends: totals, a wide gap, the next header."""

from __future__ import annotations

import re

from docpipe.engine.layout.labels import LabelIndex
from docpipe.engine.layout.lines import Line, Segment, Sheet
from docpipe.literals.numbers import parse_number
from docpipe.literals.text import folded

END_GAP = 7.0  # of the pitch: white space this tall ends a table
SURE = 0.85  # quality of a caption that ends a table by being a total's
STRIP = 2  # captions of totals beside each other that end a table: their amounts stand below
AMOUNTS = 2  # numbers behind a total's caption; a row of the table has more

_AMOUNT_FOLLOWS = re.compile(r"\s[-(]?[$€£]?\d")
_CARRIED = re.compile(
    r"carried (?:forward|over)|brought forward|balance forward|ubertrag|report(?:er)?\b|a reporter"
    r"|suma y sigue|suma anterior|riporto|a riportare|transporteren|transporte\b|a transportar"
)


def table_body(sheet: Sheet, start: int, stop: int, index: LabelIndex) -> tuple[list[Line], bool]:
    """Lines start..stop up to totals or a wide gap; True if something other than the page's end ended them."""
    body: list[Line] = []
    for line in sheet.lines[start:stop]:
        above = body[-1].box.bottom if body else sheet.lines[start - 1].box.bottom if start else line.box.top
        if line.box.top - above > END_GAP * sheet.pitch or is_total(line, index):
            return body, True
        body.append(line)
    return body, stop < len(sheet.lines)


def is_carried(text: str) -> bool:
    """True for a line that carries a sum from page to page."""
    return bool(_CARRIED.search(folded(text[:80])))


def is_total(line: Line, index: LabelIndex) -> bool:
    """A total's caption with its amount right behind it, or several such captions in a row."""
    if is_carried(line.text):
        return False
    words = [at for at, segment in enumerate(line.segments) if parse_number(segment.text) is None]
    if not words:
        return False
    numbers = len(line.segments) - words[-1] - 1
    if not numbers and sum(_names_total(line.segments[at].text, index) for at in words) >= STRIP:
        return True
    caption = line.segments[words[-1]]
    only_words_before = len(words) == words[-1] + 1
    return only_words_before and numbers <= AMOUNTS and _captions_amount(caption, numbers, index)


def _captions_amount(segment: Segment, numbers: int, index: LabelIndex) -> bool:
    text = segment.text.rstrip(": ")
    caption = _AMOUNT_FOLLOWS.split(text)[0]
    return (numbers > 0 or caption != text) and _names_total(caption, index)


def _names_total(text: str, index: LabelIndex) -> bool:
    """A caption of a number that stands outside every table."""
    return any(
        match.quality >= SURE and not match.field.array and match.field.node.kind == "number"
        for match in index.matches(text)
    )
