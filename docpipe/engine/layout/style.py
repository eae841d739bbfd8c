"""How a document writes its numbers, dates and currency: found once, from all of its words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docpipe.engine.layout.lines import Segment, Sheet
from docpipe.literals.currencies import CURRENCY_HINT, currencies_of, parse_currency
from docpipe.literals.dates import infer_day_first
from docpipe.literals.numbers import DecimalMark, decimal_mark, parse_number
from docpipe.literals.text import MAX_CHARS

AMOUNT_WEIGHT = 5  # a currency beside an amount counts this much more than one in other text

_CODES_THAT_ARE_WORDS = frozenset(
    {"ALL", "TOP", "CUP", "GEL", "MAD", "PEN", "SOS", "TRY", "MOP", "RON", "BAM", "CHE", "CHW", "COU", "BHD"}
)

_DOLLAR_CODE = re.compile(r"\(([A-Z]{3})\$?\)|\b([A-Z]{3}) ?\$? ?\d+[.,]\d\d\b")
_AMERICAN = re.compile(r"[A-Za-z.]{3},? +[A-Z]{2},? +\d{5}(?:-\d{4})?$")  # a place, its state and its code


@dataclass(frozen=True, slots=True)
class Style:
    """How this document writes: found once, from all of its words."""

    mark: DecimalMark | None = None
    day_first: bool | None = None
    currency: str | None = None


def infer_style(sheets: Sequence[Sheet]) -> Style:
    """Decimal mark, order of day and month and currency, as the document's own values show them."""
    segments = [one for sheet in sheets for line in sheet.lines for one in line.segments]
    digits = [piece.text for one in segments for piece in one.pieces if any(char.isdigit() for char in piece.text)]
    digits = [text for text in digits if len(text) <= MAX_CHARS]
    named = Counter(code for one in segments for code, weight in _currencies(one) for _ in range(weight))
    currency = named.most_common(1)[0][0] if named else None
    if currency == "USD":
        currency = _dollar(segments)
    day_first = infer_day_first(digits, currency or "")
    if day_first is None and any(_AMERICAN.search(line.text) for sheet in sheets for line in sheet.lines):
        day_first = False
    return Style(decimal_mark(digits), day_first, currency)


def _dollar(segments: Sequence[Segment]) -> str:
    """Whose dollars "$" means: those of a code in brackets or before an amount, else the most used."""
    codes = [match[1] or match[2] for one in segments for match in _DOLLAR_CODE.finditer(one.text)]
    return next((code for code in codes if code in currencies_of("$")), "USD")


def _currencies(segment: Segment) -> Iterable[tuple[str, int]]:
    """Currencies that a segment names: beside its amount, or else by a sign or code that is no word."""
    hints = CURRENCY_HINT.findall(segment.text[: 4 * MAX_CHARS])
    if not hints:
        return
    beside = parse_number(segment.text) is not None
    for hint in hints[:3]:
        code = parse_currency(hint)
        if code is not None and hint not in _CODES_THAT_ARE_WORDS:
            yield code, AMOUNT_WEIGHT if beside else 1


def currency_prints(sheets: Iterable[Sheet], code: str) -> Iterable[Segment]:
    """Segments that print the currency, those with an amount first."""
    segments = [one for sheet in sheets for line in sheet.lines for one in line.segments]
    printed = [(one, weight) for one in segments for named, weight in _currencies(one) if named == code]
    return (one for one, _ in sorted(printed, key=lambda pair: -pair[1]))
