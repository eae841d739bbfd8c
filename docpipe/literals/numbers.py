"""Numbers from printed text: exact Decimals, never floats. Every function is total."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Literal

from docpipe.literals.currencies import any_sign, any_sign_at_amounts
from docpipe.literals.text import MAX_CHARS, TABLE

DecimalMark = Literal[".", ","]

WITH_CENTS = re.compile(r"\d[.,]\d{2}(?!\d)")  # what prints an amount with its decimals, searched for in a text

_DASH_FOR_CENTS = re.compile(r"(?<=\d)[.,](?:-{1,2}|=)(?!\d)")  # 50,- and 50.-- print no cents
_CLOSED = re.compile(r"(?<=\d)\s?/[-=](?=\D*\Z)")  # 1,62,500/- is closed against more digits, and not negative
_GUARD = re.compile(
    r"(?<!\d)\*+ ?(?=[\d-])|(?<=\d)\*+(?! ?\d)|\A\*+|\*+\Z"
)  # ***1.500,00*** is guarded against more digits
_CURRENCY_WORD = (
    rf"(?:(?:[A-Z]{{3}}\s)?[A-Za-z]{{0,3}}[^\w\s.,'()+%*/:;#&@!?\"<>=-]|(?:{any_sign()})(?![^\W\d_])|[A-Z]{{3}}|[A-Z][A-Za-z]?\."
    rf"|(?:{any_sign_at_amounts()})(?=\s*-?\d[\d ,.']*[.,]\d))"
)
_SIGN_BEHIND = rf"(?<=[.,]\d\d)\s*(?:{any_sign_at_amounts()})|(?<=[.,]\d\d\d)\s*(?:{any_sign_at_amounts()})"
_MINUS = r"[+-]|--|\./\."  # "./." is an accountant's
_NUMBER = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>{_MINUS})?\s*(?:{_CURRENCY_WORD}\s*)?(?P<open2>\()?\s*(?P<sign2>{_MINUS})?\s*"
    rf"(?P<digits>\d[\d .,']*|[.,]\d+)\s*%?\s*(?P<after>-)?\s*(?P<close2>\))?\s*"
    rf"(?:{_CURRENCY_WORD}|{_SIGN_BEHIND})?\s*(?P<sign3>-)?\s*(?P<close>\))?\Z"
)
_SIMPLE = re.compile(r"[0-9]+(?:[.,][0-9]{2})?\Z")  # most of what a page prints, and open to one reading only
_GROUPED_CENTS = re.compile(r"[0-9]{1,3}(?:(?:\.[0-9]{3})+,|(?:,[0-9]{3})+\.)[0-9]{2}\Z")
_NO_DIGIT = re.compile(r"\D")
_MARK = re.compile(r"(?<![^\W\d_])[.,](?=\d)")  # and not the dot of "Rs.2,500"
_MARKS = {".", ","}
_GROUPED = re.compile(r"\d{1,3}(?:([ .,'])\d{3})(?:\1\d{3})*\Z")
_THREE_DIGITS = re.compile(r"(?<![\d.,])\d{1,3}([.,])\d{3}(?![\d.,]*\d)")
_LEADING_ZERO = re.compile(r"(?<![\d.,])0[.,]\d{3}(?!\d)")  # no thousands are written "0.020"
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})*,\d{3}\Z")


def parse_number(text: str, mark: DecimalMark | None = None) -> Decimal | None:
    """The number printed in `text`: sign, grouping, currency and percent sign understood.

    `mark` is the document's decimal mark; it decides only what the digits leave open ("1.234"),
    and without it such a mark groups thousands: money has seldom three decimals.
    """
    return _parsed(text, mark) if len(text) <= MAX_CHARS else None


@lru_cache(maxsize=16_384)  # a page prints the same amounts again and again
def _parsed(text: str, mark: DecimalMark | None) -> Decimal | None:
    if _SIMPLE.match(text):
        return Decimal(text.replace(",", "."))
    if _GROUPED_CENTS.match(text):
        return Decimal(f"{_NO_DIGIT.sub('', text[:-3])}.{text[-2:]}")
    clean = text.translate(TABLE).strip()
    clean = _GUARD.sub("", clean) if "*" in clean else clean
    clean = _CLOSED.sub("", _DASH_FOR_CENTS.sub("", clean))
    match = _NUMBER.match(clean)
    if match is None:
        return None
    brackets = [match[name] is not None for name in ("open", "open2", "close", "close2")]
    if sum(brackets[:2]) != sum(brackets[2:]) or sum(brackets) > 2:
        return None
    plain = _plain_digits(match["digits"].strip(), mark)
    if plain is None:
        return None
    minus = [
        any(brackets),
        *((match[name] or "").startswith(("-", "./.")) for name in ("sign", "sign2", "after", "sign3")),
    ]
    value = Decimal(plain)
    return -value if any(minus) and value else value


def _plain_digits(digits: str, mark: DecimalMark | None) -> str | None:
    """ "1.234,50" -> "1234.50"; None if the marks fit no way of writing numbers."""
    if not digits.isascii():
        return None
    if digits.isdigit():
        return digits
    position = max(digits.rfind("."), digits.rfind(","))
    whole, last, fraction = digits[:position], digits[position : position + 1], digits[position + 1 :]
    grouped = bool(_GROUPED.match(digits) or _INDIAN.match(digits))
    if position < 0 or (grouped and not _is_decimal(whole, last, mark)):
        return _NO_DIGIT.sub("", digits) if grouped else None
    if not fraction.isdigit() or last in whole:
        return None
    if whole and not (whole.isdigit() or _GROUPED.match(whole) or _INDIAN.match(whole)):
        return None
    return f"{_NO_DIGIT.sub('', whole) or '0'}.{fraction}"


def _is_decimal(whole: str, last: str, mark: DecimalMark | None) -> bool:
    """Whether the only mark of something like "1.234" is a decimal mark rather than a group's."""
    if not whole.isdigit():
        return last not in whole
    return whole.startswith("0") or last == mark


def thousandths_mark(texts: Iterable[str]) -> Mapping[str, int]:
    """How often each mark stands as the only one of a number, before exactly three digits."""
    return Counter(
        match[1] for text in texts if (match := _THREE_DIGITS.search(text)) and parse_number(text) is not None
    )


def decimal_mark(texts: Iterable[str]) -> DecimalMark | None:
    """The decimal mark that a document's amounts show, by vote; None if nothing tells."""
    votes: Counter[str] = Counter()
    for text in texts:
        if _SIMPLE.match(text) or _GROUPED_CENTS.match(text):
            if text[-3:-2] in _MARKS:
                votes[text[-3]] += 1
            continue
        marks = _MARK.findall(text)
        if not marks or parse_number(text) is None:
            continue
        last, tail = marks[-1], _NO_DIGIT.sub("", _MARK.split(text)[-1])
        if len(set(marks)) == 2 or (marks.count(last) == 1 and (len(tail) != 3 or _LEADING_ZERO.search(text))):
            votes[last] += 1
        elif marks.count(last) > 1:
            votes["," if last == "." else "."] += 1
    best = votes.most_common(1)
    if not best or votes["."] == votes[","]:
        return None
    return "." if best[0][0] == "." else ","


def as_written(stated: float | int | None) -> Decimal | None:
    """A number of a JSON file as it stands there: 0.1 is a tenth, and not the double next to it."""
    return None if stated is None else Decimal(repr(stated))
