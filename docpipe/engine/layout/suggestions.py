"""Lines of amounts that nobody has paid yet: "Suggested tips", and the percentages to choose from below them.

They serve no field. A choice needs no heading: the same key on lines under each other, each with a percentage of
its own, offers what is named there. Only taxes are printed so and owed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.literals.phrases import is_suggestion
from docpipe.page.lines import Line, PageText

LEAST_CHOICES = 2

_PERCENT = re.compile(r"\d\s?%")
_NUMBER = re.compile(r"[\d%.,:;@=()/|*$€£¥]+")


def suggested(page_text: PageText, index: LabelIndex, owed: Collection[Field]) -> frozenset[int]:
    """The indices of the words on such lines; `owed` are the fields whose keys may be printed once a rate."""
    said = is_suggestion("\n".join(line.text for line in page_text.lines))  # once for all: hardly any page does
    lines = [*(_headed(page_text.lines) if said else ()), *_choices(page_text.lines, index, owed)]
    return frozenset(token.index for line in lines for segment in line.segments for token in segment.tokens)


def _headed(lines: Sequence[Line]) -> Iterator[Line]:
    """Lines that say it of themselves, and those with a percentage below them."""
    below = False
    for line in lines:
        said, percent = is_suggestion(line.text), _PERCENT.search(line.text) is not None
        below = said or (below and percent)
        if (said and any(char.isdigit() for char in line.text)) or (below and percent):
            yield line


def _choices(lines: Sequence[Line], index: LabelIndex, owed: Collection[Field]) -> Iterator[Line]:
    """Lines under each other that differ in their numbers only, and have a percentage."""
    percents = [line for line in lines if "%" in line.text and _PERCENT.search(line.text)]
    for words, found in groupby(percents, key=lambda line: key_of(_NUMBER.sub(" ", line.text))):
        same = list(found)
        together = [line for line in same if _has_neighbour(line, same)]
        if words and len(together) >= LEAST_CHOICES and _is_offered(words, index, owed) and _differ(together):
            yield from together


def _has_neighbour(line: Line, others: Iterable[Line]) -> bool:
    return any(abs(line.number - other.number) == 1 for other in others)


def _differ(lines: Sequence[Line]) -> bool:
    """Whether no percentage is printed twice."""
    percents = [match[0] for line in lines for match in re.findall(r"(\d+(?:[.,]\d+)?)(\s?%)", line.text)]
    return len(set(percents)) == len(percents)


def _is_offered(words: str, index: LabelIndex, owed: Collection[Field]) -> bool:
    """Whether the words name an amount outside arrays, and none that is owed."""
    fields = index.exact(words)
    return any(field.node.kind == "number" and not field.array for field in fields) and not any(
        field in owed for field in fields
    )
