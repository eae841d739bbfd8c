"""Find each value among the words of its pages: a value that stands nowhere is marked as such."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from docpipe.records import Box, Page, Span, Word
from docpipe.schema.nodes import Node
from docpipe.schema.values import DecimalMark, parse_date, parse_number

MAX_SPAN_WORDS = 60  # of one value; an address is under 20
DATE_WORDS = 4  # "3 March 2025", "Mar 3, 2025" with a weekday


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a value stands: page number, boxes (one a line), and whether the words say just that."""

    page: int
    boxes: tuple[Box, ...]
    exact: bool


class PageIndex:
    """The visible words of one page, ready to be searched. Words no eye sees are not evidence."""

    def __init__(self, page: Page, mark: DecimalMark | None, day_first: bool | None) -> None:
        self.number = page.number
        self.all_words = page.words
        self.words = [word for word in page.words if word.visible and folded(word.text)]
        self.day_first = day_first
        self.by_text: dict[str, list[int]] = defaultdict(list)
        self.by_number: dict[Decimal, list[int]] = defaultdict(list)
        for index, word in enumerate(self.words):
            self.by_text[folded(word.text)].append(index)
            number = parse_number(word.text, mark) if _has_digit(word.text) else None
            if number is not None:
                self.by_number[abs(number)].append(index)
        self._dates: dict[dt.date, list[tuple[int, int]]] | None = None

    def dates(self) -> Mapping[dt.date, list[tuple[int, int]]]:
        """date -> spans (first word, last word + 1) that read as it; computed at first use."""
        if self._dates is None:
            self._dates = defaultdict(list)
            for start, word in enumerate(self.words):
                if _has_digit(word.text) or len(word.text) >= 3:
                    self._date_at(start)
        return self._dates

    def _date_at(self, start: int) -> None:
        assert self._dates is not None
        for length in range(1, DATE_WORDS + 1):
            run = self.words[start : start + length]
            if len(run) < length or not any(_has_digit(word.text) for word in run):
                continue
            parsed = parse_date(" ".join(word.text for word in run), self.day_first)
            if parsed is not None:
                self._dates[parsed.date].append((start, start + length))
                return

    def boxes(self, start: int, end: int) -> tuple[Box, ...]:
        """One box for each line that the words [start, end) cover."""
        lines: dict[tuple[int, int], list[Word]] = defaultdict(list)
        for word in self.words[start:end]:
            lines[(word.block, word.line)].append(word)
        return tuple(_union(word.box for word in line) for line in lines.values())

    def stands(self, text: str, boxes: Sequence[Box]) -> bool:
        """True if visible words within `boxes` spell every part of `text`, signs included."""
        inside = "".join(word.text for word in self.all_words if word.visible and _touch((word.box,), boxes))
        squeezed = unicodedata.normalize("NFKC", inside).casefold()
        parts = unicodedata.normalize("NFKC", text).casefold().split()
        return bool(parts) and all(part in squeezed for part in parts)


def ground(node: Node, value: Any, pages: Sequence[PageIndex], hint: Span | None) -> Evidence | None:
    """Where `value` stands, or None. `hint` is where the engine says it read it, and is verified.

    Numbers and dates match by value, text by its letters and digits. Of several places the one the
    engine names wins, else the first. An enum or a currency is a reading of other words ("Gutschrift",
    a symbol): the words that the engine quotes must stand where it says.
    """
    found = [
        Evidence(page.number, page.boxes(start, end), True) for page in pages for start, end in _places(value, page)
    ]
    if hint is not None:
        near = [one for one in found if one.page == hint.page and _touch(one.boxes, hint.boxes)]
        if near:
            return near[0]
        if (node.enum or node.format == "currency" or _same(hint.text, value)) and any(
            page.number == hint.page and page.stands(hint.text, hint.boxes) for page in pages
        ):
            return Evidence(hint.page, hint.boxes, False)
    return found[0] if found else None


def _places(value: Any, page: PageIndex) -> list[tuple[int, int]]:
    if isinstance(value, bool):
        return []
    if isinstance(value, int | Decimal):
        return [(index, index + 1) for index in page.by_number.get(abs(Decimal(value)), [])]
    if isinstance(value, dt.date):
        return list(page.dates().get(value, []))
    return _text_places(str(value), page)


def _text_places(text: str, page: PageIndex) -> list[tuple[int, int]]:
    """Runs of words that spell `text` once case, spaces and punctuation are set aside."""
    wanted = folded(text)
    if not wanted:
        return []
    found = [(index, index + 1) for index in page.by_text.get(wanted, [])]
    first = folded(text.split(maxsplit=1)[0]) or wanted
    for start in page.by_text.get(first, []):
        spelled, end = "", start
        while end < len(page.words) and len(spelled) < len(wanted) and end - start < MAX_SPAN_WORDS:
            spelled += folded(page.words[end].text)
            end += 1
        if spelled == wanted and (start, end) not in found:
            found.append((start, end))
    return found


def _same(text: str, value: Any) -> bool:
    return isinstance(value, str) and bool(folded(text)) and folded(text) == folded(value)


def folded(text: str) -> str:
    """Letters and digits only, compatibility-normalised and case-folded (NFKC)."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)


def _union(boxes: Iterable[Box]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _touch(left: Sequence[Box], right: Sequence[Box]) -> bool:
    return any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a in left for b in right)
