"""The words of one page, ready to be searched by text, by number and by date."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from statistics import median
from typing import Any, NamedTuple

from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import signs_in
from docpipe.literals.dates import month_names, swapped
from docpipe.literals.numbers import parse_number
from docpipe.literals.text import all_spelled, alphanumeric, folded, spelled
from docpipe.page.box import Box
from docpipe.page.lines import word_lines
from docpipe.records import Page, Word
from docpipe.resolve.confusable import likeness

MAX_SPAN_WORDS = 60  # of one value; an address is under 20
DATE_WORDS = 5  # "Tuesday 3 March 2025", "5 de marzo de 2024"

MAX_DATE_CHARS = 40
WORD_SPACE = 0.5  # of a line's height: words of one cell stand closer; a space is a third of it [measured]
LEAST_HEIGHT = 0.001  # of the page's height: some files say that their type has none

_DATE = re.compile(r"\D?(?:\d{1,2}|\d{4})[./-](?:\d{1,2}|[^\W\d]{3,10}|[IVX]{1,4})[./-]\d{2}")
_EASTERN_DATE = re.compile(r".{0,3}\d{0,4}[\u5e74\ub144]\d{1,2}[\u6708\uc6d4]")
_DIGITS = "0123456789"
_MARKS = frozenset("./-")
_DAY_OR_YEAR = re.compile(r"(?:\d{1,2}|\d{4})[./-]?\Z")
_DIGIT = re.compile(r"\d")
DIGITS = re.compile(r"\d+")
GROUPED_DIGITS = 5  # from so many on a number is printed in groups, or runs through an account
_AROUND = "()[]\"'.:"  # of a date: brackets, and the end of a sentence


class Place(NamedTuple):
    """The words [start, end) of a page that print a value; `ambiguous` for a date with two readings."""

    start: int
    end: int
    ambiguous: bool = False


class PageIndex:
    """The words of `page` that an eye sees, or those that none sees (`hidden`)."""

    def __init__(self, page: Page, conventions: Conventions, *, hidden: bool = False) -> None:
        self.number = page.number
        self.page = page
        self.conventions = conventions
        self.words: list[Word] = [word for word in page.words if word.visible is not hidden and word.text]
        self._spelled = [alphanumeric(word.text) for word in self.words]
        self._found: dict[tuple[str, str], Sequence[Place]] = {}
        self.by_text: dict[str, list[int]] = defaultdict(list)
        for index, text in enumerate(self._spelled):
            self.by_text[text].append(index)

    @cached_property
    def alike(self) -> Mapping[str, Sequence[str]]:
        """What all of its confusable characters leave of a word -> the words, without the punctuation around them."""
        printed_as: dict[str, dict[str, None]] = defaultdict(dict)
        for word in self.words:
            printed = word.text.strip(".,;:()")
            printed_as[likeness(printed)][printed] = None
        return {shape: list(words) for shape, words in printed_as.items()}

    @cached_property
    def levels(self) -> Sequence[tuple[float, float]]:
        """Of each word the middle and the height, in heights of the page; no height is 0."""
        sides = [word.box for word in self.words]
        return [((top + bottom) / 2, max(bottom - top, LEAST_HEIGHT)) for _, top, _, bottom in sides]

    @cached_property
    def lines(self) -> Sequence[Sequence[int]]:
        """The printed lines of the page, each as the indices of its words: see `word_lines`."""
        return word_lines(self.words, self.page.width_pt, self.page.height_pt)

    @cached_property
    def line_of(self) -> Sequence[int]:
        """Of each word the number of its line."""
        numbers = [0] * len(self.words)
        for number, line in enumerate(self.lines):
            for at in line:
                numbers[at] = number
        return numbers

    @cached_property
    def pitch(self) -> float:
        """The usual height of a line of type, in heights of the page."""
        return median([height for _, height in self.levels]) if self.words else 0.0

    def lines_of(self, place: Place) -> Sequence[int]:
        """The numbers of the lines that `place` covers, in its order."""
        if place.end == place.start + 1:
            return (self.line_of[place.start],)
        return tuple(dict.fromkeys(self.line_of[place.start : place.end]))

    def in_one_cell(self, place: Place, following: Place) -> bool:
        """Whether `following` comes right after `place`, on one line with no more than a space between them."""
        last, first = place.end - 1, following.start
        if place.end != first or self.line_of[last] != self.line_of[first]:
            return False
        gap = self.words[first].box.left - self.words[last].box.right
        height = min(self.levels[last][1], self.levels[first][1])
        return gap * self.page.width_pt < WORD_SPACE * height * self.page.height_pt

    def lines_in(self, box: Box) -> Sequence[int]:
        """The numbers of the lines that have a word in `box`."""
        inside = (at for at, word in enumerate(self.words) if box.holds(word.box.mid_x, word.box.mid_y))
        return tuple(dict.fromkeys(self.line_of[at] for at in inside))

    @cached_property
    def hidden(self) -> PageIndex | None:
        """The words that no eye sees; None if there are none."""
        if all(word.visible for word in self.page.words):
            return None
        return PageIndex(self.page, self.conventions, hidden=True)

    @cached_property
    def _with_digits(self) -> Sequence[int]:
        return [index for index, word in enumerate(self.words) if not word.text.isalpha() and _has_digit(word.text)]

    @cached_property
    def numbers(self) -> Mapping[int, Decimal]:
        """Index of a word -> the number that it prints."""
        mark, numbers = self.conventions.mark, {}
        for index in self._with_digits:
            number = parse_number(self.words[index].text, mark)
            if number is not None:
                numbers[index] = number
        return numbers

    @cached_property
    def by_number(self) -> Mapping[Decimal, list[Place]]:
        """Size of a number, its sign left out -> where it stands. "1 234,50" may be two words."""
        places: dict[Decimal, list[Place]] = defaultdict(list)
        for index, number in self.numbers.items():
            places[abs(number)].append(Place(index, index + 1))
        for index in self.numbers:
            if index + 1 in self.numbers and self._continues(index):
                joined = parse_number(f"{self.words[index].text} {self.words[index + 1].text}", self.conventions.mark)
                if joined is not None and joined != self.numbers[index]:
                    places[abs(joined)].append(Place(index, index + 2))
        return places

    def _continues(self, index: int) -> bool:
        """Whether the next word may be the next three digits of a number."""
        left, right = self.words[index], self.words[index + 1]
        near = 0.0 <= right.box.left - left.box.right < left.box.height
        if not near or not right.text[:3].isdigit() or not left.text[-1:].isdigit():
            return False
        return self.line_of[index] == self.line_of[index + 1]

    @cached_property
    def currencies(self) -> Mapping[str, int]:
        """ISO code of a currency whose symbol is printed -> the first word that holds it."""
        firsts: dict[str, int] = {}
        for index, word in enumerate(self.words):
            for sign in signs_in(word.text):
                for code in sign.codes:
                    firsts.setdefault(code, index)
        return firsts

    @cached_property
    def dates(self) -> Mapping[dt.date, list[Place]]:
        """date -> where it is printed; an ambiguous print stands under both of its readings."""
        places: dict[dt.date, list[Place]] = defaultdict(list)
        names = month_names()  # "décembre" and "decembre" alike, and "14.Mai" that lacks its space
        printed = [
            text
            for text in self.by_text
            if text in names
            or (
                not text.isdigit() and not (text.isascii() and text.isalpha()) and folded(text).lstrip(_DIGITS) in names
            )
        ]
        named = [at for text in printed for at in self.by_text[text]]
        months = set(named)
        near = {start for at in named for start in range(max(0, at - DATE_WORDS + 1), at + 1)}
        numeric = set(self._with_digits)
        parts = {at for at in numeric if _DAY_OR_YEAR.match(self.words[at].text)}
        for start in sorted(numeric | near):
            if start in numeric and _may_be_date(self.words[start].text):
                self._date_at(start, 1, 1, places)
            elif start in parts and start + 1 in parts and start + 2 in parts:  # "03. 04. 2025"
                self._date_at(start, 1, DATE_WORDS, places)
            elif start in parts and start + 2 in parts and self.words[start + 1].text in _MARKS:  # "14 / 03 / 2024"
                self._date_at(start, DATE_WORDS, DATE_WORDS, places)
            elif start in near:
                least = next(at for at in range(start, start + DATE_WORDS) if at in months) - start + 1
                self._date_at(start, least, DATE_WORDS, places)
        return places

    def _date_at(self, start: int, least: int, longest: int, places: dict[dt.date, list[Place]]) -> None:
        """The shortest date of at least that many words from `start`."""
        digits, text = False, ""
        for end, word in enumerate(self.words[start : start + longest], start + 1):
            digits = digits or _has_digit(word.text)
            text = f"{text} {word.text}" if text else word.text
            if len(text) > MAX_DATE_CHARS:
                return
            parsed = self.conventions.date(text.strip(_AROUND)) if digits and end - start >= least else None
            if parsed is not None:
                places[parsed.date].append(Place(start, end, parsed.ambiguous))
                other = swapped(parsed.date)
                if parsed.ambiguous and other is not None:
                    places[other].append(Place(start, end, True))
                return

    def text_places(self, text: str) -> Sequence[Place]:
        """Runs of words that spell `text` once case, spaces and punctuation are set aside."""
        wanted, first = spelled(text)
        if not wanted or (wanted not in self.by_text and first not in self.by_text):
            return []
        return self._known_runs(wanted, first)

    def _known_runs(self, wanted: str, first: str) -> Sequence[Place]:
        known = self._found.get((wanted, first))
        if known is None:
            known = self._found[wanted, first] = self._runs(wanted, first)
        return known

    @cached_property
    def _runs_of_digits(self) -> frozenset[str]:
        return frozenset(run for index in self._with_digits for run in DIGITS.findall(self.words[index].text))

    @cached_property
    def _combs(self) -> str:
        """The characters that are words of their own, as in the cells of a form; other words as a space."""
        return "".join(text if len(text) == 1 else " " for text in self._spelled)

    def prints_digits(self, run: str) -> bool:
        """Whether digits that follow each other do so on the page; many may be printed in groups, or in cells."""
        grouped = len(run) >= GROUPED_DIGITS and run in self._joined[0]
        return run in self._runs_of_digits or grouped or (len(run) > 1 and run in self._combs)

    def places_of_all(self, texts: tuple[str, ...]) -> list[Place]:
        """The places of each of `texts`, one after the other."""
        known = self.by_text
        return [
            place
            for wanted, first in all_spelled(texts)
            if wanted in known or first in known
            for place in self._known_runs(wanted, first)
        ]

    def _runs(self, wanted: str, first: str) -> list[Place]:
        places = [Place(index, index + 1) for index in self.by_text.get(wanted, ())]
        text, starts, ends = self._joined
        at = text.find(wanted) if first in self.by_text else -1
        while at >= 0:
            start, end = starts.get(at, -1), ends.get(at + len(wanted), -1)
            if start >= 0 and start + 1 < end <= start + MAX_SPAN_WORDS and self._spelled[start] == first:
                places.append(Place(start, end))
            at = text.find(wanted, at + 1)
        return places

    @cached_property
    def _joined(self) -> tuple[str, Mapping[int, int], Mapping[int, int]]:
        """The words with nothing between; offset -> the word that begins there, the one after that which ends there."""
        starts: dict[int, int] = {}
        ends: dict[int, int] = {}
        at = 0
        for index, text in enumerate(self._spelled):
            if text:
                starts[at] = index
                at += len(text)
                ends[at] = index + 1
        return "".join(self._spelled), starts, ends

    def places(self, value: Any) -> Sequence[Place]:
        """Where `value` is printed: numbers and dates by what they mean, text by its letters and digits."""
        if isinstance(value, str):
            return self.text_places(value)
        if isinstance(value, bool):
            return ()
        if isinstance(value, Decimal):
            return self.by_number.get(abs(value), ())
        if isinstance(value, int):
            return self.by_number.get(Decimal(abs(value)), ())
        if isinstance(value, dt.datetime):
            return self.dates.get(value.date(), ())
        if isinstance(value, dt.date):
            return self.dates.get(value, ())
        return self.text_places(str(value))

    def text(self, place: Place) -> str:
        """The words of `place` as printed, one space between them."""
        if place.end == place.start + 1:
            return self.words[place.start].text
        return " ".join([word.text for word in self.words[place.start : place.end]])

    def boxes(self, place: Place) -> tuple[Box, ...]:
        """One box for each line that `place` covers."""
        if place.end == place.start + 1:
            return (self.words[place.start].box,)
        lines: dict[int, list[Box]] = defaultdict(list)
        for at in range(place.start, place.end):
            lines[self.line_of[at]].append(self.words[at].box)
        return tuple(Box.around(boxes) for boxes in lines.values())

    def stands(self, text: str, boxes: Sequence[Box]) -> bool:
        """True if visible words within `boxes` spell every part of `text`, signs included."""
        words = self.page.words
        inside = "".join(words[at].text for at in touching(words, boxes) if words[at].visible)
        squeezed = unicodedata.normalize("NFKC", inside).casefold()
        parts = unicodedata.normalize("NFKC", text).casefold().split()
        return bool(parts) and all(part in squeezed for part in parts)


def touching(words: Sequence[Word], boxes: Sequence[Box]) -> Iterator[int]:
    """Indices of the words that reach into one of `boxes`; most of a page is nowhere near, which is soon told."""
    if not boxes:
        return
    left, top, right, bottom = Box.around(boxes)
    for at, word in enumerate(words):
        box = word.box
        near = box.left < right and left < box.right and box.top < bottom and top < box.bottom
        if near and any(box.touches(other) for other in boxes):
            yield at


def _may_be_date(text: str) -> bool:
    return _DATE.match(text) is not None or (not text.isascii() and _EASTERN_DATE.match(text) is not None)


def _has_digit(text: str) -> bool:
    return _DIGIT.search(text) is not None
