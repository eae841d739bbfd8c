"""Dates from printed text, numeric or with the name of a month. Every function is total."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.text import LANGUAGES, MAX_CHARS, TABLE, folded

CENTURY_PIVOT = 69  # two-digit years up to this are 20xx: the convention of POSIX strptime

_NUMERIC_DATE = re.compile(
    r"(\d{4}|\d{1,2})\s?([./-]|\s)\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?:[T\s,]\s*\d{1,2}:\d{2}\S*)?\Z"
)
_DAY_OR_YEAR_FIRST = re.compile(r"[\s,;]*\d{1,4}\D")  # of a numeric date; most words are none at the first look
_WEEKDAY = re.compile(r"\A([^\W\d_]{2,13}(?:-[^\W\d_]{2,8})?)\.?(?:,\s*|\s+)(?=.*\d)")
_WORDS = all_languages()
_CLOCK = any_of((*_WORDS.before_noon, *_WORDS.after_noon, *_WORDS.o_clock), inside=True)
_TIME = re.compile(rf"[T\s,]\s*\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s?(?i:{_CLOCK})\.?)?\Z")
_EASTERN = re.compile(  # 2024年3月15日, 令和6年4月30日, 2024년 3월 15일
    r"(?:(?P<era>[\u4e00-\u9fff]{2})\s*)?(?P<year>\d{1,4}|\u5143)\s?[\u5e74\ub144]\s*(?P<month>\d{1,2})\s?[\u6708\uc6d4]"
    r"\s*(?P<day>\d{1,2})\s?[\u65e5\uc77c]\Z"
)
_ERAS = {  # the year before the first: of Japan's reigns, and of the Republic of China
    "\u4ee4\u548c": 2018, "\u5e73\u6210": 1988, "\u662d\u548c": 1925, "\u5927\u6b63": 1911, "\u660e\u6cbb": 1867,
    "\u6c11\u570b": 1911, "\u6c11\u56fd": 1911,
}  # fmt: skip
_ROMAN_DATE = re.compile(r"(\d{1,2})([./-])\s?(I{1,3}|IV|VI{0,3}|IX|XI{0,2})\2\s?(\d{4}|\d{2})\Z")
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_NAMED_DATE = re.compile(r"\d{1,4}|[^\W\d_]+")
_FILLERS = frozenset(map(folded, _WORDS.date_fillers))


class PrintedDate(NamedTuple):
    """A date, and whether its day and month could as well be swapped."""

    date: dt.date
    ambiguous: bool


@lru_cache(maxsize=16_384)  # the same text is read as an answer's, as a page's, and for the order of its days
def parse_date(text: str, day_first: bool | None = None) -> PrintedDate | None:
    """The date printed in `text`, numeric or with a month's name in one of LANGUAGES.

    Dotted dates are day first everywhere. Where the digits leave day and month open, `day_first`
    decides; without it the day comes first and the result says that it is ambiguous.
    """
    clean = text[: MAX_CHARS + 1].translate(TABLE).strip(" ,;")
    if len(clean) > MAX_CHARS or not any(map(str.isdigit, clean)):
        return None
    clean = _TIME.sub("", _WEEKDAY.sub(_without_weekday, clean, count=1))
    match = _NUMERIC_DATE.match(clean)
    if match is not None:
        return _numeric_date(match[1], match[2], match[3], match[4], day_first)
    match = _ROMAN_DATE.match(clean)
    if match is not None:
        found = _date(match[4], _ROMAN.index(match[3]) + 1, int(match[1]))
        return None if found is None else PrintedDate(found, False)
    if not any(map(str.isalpha, clean)):
        return None
    return _named_date(clean) if clean.isascii() else _eastern_date(clean) or _named_date(clean)


def swapped(date: dt.date) -> dt.date | None:
    """`date` with day and month exchanged, or None if that is no other date."""
    if date.day > 12 or date.day == date.month:
        return None
    return date.replace(month=date.day, day=date.month)


def _without_weekday(match: re.Match[str]) -> str:
    return "" if folded(match[1]) in weekday_names() else match[0]


def _numeric_date(first: str, mark: str, second: str, third: str, day_first: bool | None) -> PrintedDate | None:
    if len(first) == 4:
        found = _date(first, int(second), int(third)) if len(third) == 2 else None
        return None if found is None else PrintedDate(found, False)
    left, right = int(first), int(second)
    open_order = mark != "." and left <= 12 and right <= 12 and left != right
    month_first = right > 12 or (open_order and day_first is False)
    found = _date(third, left, right) if month_first and mark != "." else _date(third, right, left)
    return None if found is None else PrintedDate(found, open_order and day_first is None)


def _eastern_date(text: str) -> PrintedDate | None:
    """Year, month and day with the signs for them, the year of our era or of a reign."""
    match = _EASTERN.match(unicodedata.normalize("NFKC", text))
    if match is None or (match["era"] is None) != (len(match["year"]) == 4):
        return None
    before = _ERAS.get(match["era"] or "", 0)
    if match["era"] is not None and not before:
        return None
    year = before + (1 if match["year"] == "\u5143" else int(match["year"]))
    found = _date(f"{year:04}", int(match["month"]), int(match["day"]))
    return None if found is None else PrintedDate(found, False)


def _named_date(text: str) -> PrintedDate | None:
    """ "5 de marzo de 2024", "March 5th, 2024", "05-MAR-24": one month's name, a day, a year."""
    words = [word for word in _NAMED_DATE.findall(folded(text)) if word not in _FILLERS]
    months = [word for word in words if not word.isdigit()]
    numbers = [word for word in words if word.isdigit()]
    if len(words) != 3 or len(months) != 1 or months[0] not in month_names():
        return None
    day, year = numbers if len(numbers[0]) <= 2 else numbers[::-1]
    found = _date(year, month_names()[months[0]], int(day))
    return None if found is None else PrintedDate(found, False)


def _date(year: str, month: int, day: int) -> dt.date | None:
    if len(year) not in (2, 4):
        return None
    full = int(year) if len(year) == 4 else int(year) + (2000 if int(year) <= CENTURY_PIVOT else 1900)
    try:
        return dt.date(full, month, day)
    except ValueError:
        return None


@lru_cache(maxsize=1)
def month_names() -> dict[str, int]:
    """Folded month names, full and short, of all LANGUAGES -> 1..12."""
    from babel import Locale  # late: no other value needs the locale data

    found = {folded(name): number for name, number in _WORDS.months.items()}
    for language in LANGUAGES:
        months = Locale(language).months
        for names in (months[use][width] for use in ("format", "stand-alone") for width in ("wide", "abbreviated")):
            found.update({folded(str(name)).rstrip("."): number for number, name in names.items()})
    return found


@lru_cache(maxsize=1)
def weekday_names() -> frozenset[str]:
    """Folded names of the days of the week, full and short, of all LANGUAGES."""
    from babel import Locale

    found: set[str] = set()
    for language in LANGUAGES:
        days = Locale(language).days
        for names in (
            days[use][width] for use in ("format", "stand-alone") for width in ("wide", "abbreviated", "short")
        ):
            found.update(folded(str(name)).rstrip(".") for name in names.values())
    return frozenset(found - set(month_names()))


def infer_day_first(texts: Iterable[str]) -> bool | None:
    """Whether the day stands before the month in the numeric dates among `texts`, by vote; None if none tells."""
    votes = 0
    for text in texts:
        if not _DAY_OR_YEAR_FIRST.match(text):
            continue
        match = _NUMERIC_DATE.match(text[:MAX_CHARS].translate(TABLE).strip(" ,;"))
        if match is not None and len(match[1]) <= 2 and match[2] != ".":
            votes += (int(match[1]) > 12) - (int(match[3]) > 12)
    return votes > 0 if votes else None
