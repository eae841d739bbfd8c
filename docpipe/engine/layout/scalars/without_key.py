"""Values that need no key: words for an enum, account and tax numbers, the one date of a letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.readings import Reading, compact_date, read
from docpipe.engine.layout.scalars.candidates import Candidate, Surroundings
from docpipe.engine.layout.scoring.weights import weight, weights
from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import CODES_THAT_ARE_WORDS, CURRENCY_HINT, parse_currency
from docpipe.literals.numbers import parse_number
from docpipe.literals.text import MAX_CHARS
from docpipe.page.lines import Segment

CURRENCY = weight("currency_sign")  # score of a currency read from the signs beside amounts
TITLE = weights("enum_word")  # of the words for an enum's value: in plain type, and what is added to it
TITLE_SIZE = 1.25  # of the pitch: type this high is a title's
TITLE_WORDS = 6  # a line longer than this is a sentence that mentions the word
TITLE_TOP = 0.5  # of the page's height: titles stand above this
NUMBER = {one: weight(f"shape.{one}") for one in ("iban", "vat-id", "email")}  # for values whose shape is proof
DATE = weight("free_date")  # score of a date without a key, for the field that is labelled with the bare word
PATTERN = weight("only_of_pattern")  # score of the only print that fits a field's pattern
ONLY_DATE = weight("only_date")  # of the only date on the first page
DATE_TOP = 0.45  # of the page's height: where a letter is dated
FREE_AMOUNT = weight("by_arithmetic.free")  # of an amount on no key: only arithmetic can raise it
HEAVY = 2_000  # segments of a page; one that has more is searched for keys only

_TIME = re.compile(r"([01]?\d|2[0-3])[:.][0-5]\d(?:[:.][0-5]\d)?")


def unprompted(index: LabelIndex, place: Surroundings, style: Conventions) -> list[Candidate]:
    """Candidates that hang on no key, from one sheet."""
    segments = [one for line in place.page_text.lines for one in line.segments][:HEAVY]
    found: list[Candidate] = []
    for segment in segments:
        found += _titles(segment, index, place)
    for one in index.fields:
        if one.array:
            continue
        if one.node.format in NUMBER:
            found += _shaped(one, segments, style)
        elif one.node.pattern and not one.node.format and one.node.kind == "string":
            found += _patterned(one, segments, place, style)
        elif one.node.kind == "date" and one.plain:
            found += _dates(one, segments, place, style)
    return found


def currencies(index: LabelIndex, places: Sequence[Surroundings], style: Conventions) -> Iterable[Candidate]:
    """The currency that the document's amounts show, for every field that is one."""
    if style.currency is None:
        return
    segment = _currency_print(places, style.currency, style.dollar)
    for one in index.fields:
        if one.node.format == "currency" and not one.array and segment is not None:
            reading = read(one, segment.tokens, style)
            if reading is not None and reading.value == style.currency:
                yield Candidate(one, reading, segment, CURRENCY, "sign", shared=True)


def _currency_print(places: Sequence[Surroundings], code: str, dollar: str) -> Segment | None:
    """The first segment that prints the currency; one that is an amount before all others."""
    segments = [segment for place in places for line in place.page_text.lines for segment in line.segments]
    printed = [segment for segment in segments if _prints_currency(segment.text, code, dollar)]
    return min(printed, key=lambda segment: parse_number(segment.text) is None, default=None)


def _prints_currency(text: str, code: str, dollar: str) -> bool:
    hints = CURRENCY_HINT.findall(text[: 4 * MAX_CHARS])[:3]
    return any(hint not in CODES_THAT_ARE_WORDS and parse_currency(hint, dollar) == code for hint in hints)


def free_amounts(fields: Sequence[Field], place: Surroundings, style: Conventions) -> Iterable[Candidate]:
    """Every amount outside keys and tables, as a candidate of each of `fields`."""
    for line in place.page_text.lines if fields else ():
        for segment in line.segments:
            if place.free(segment):
                yield from _amount(segment, fields, style)


def _amount(segment: Segment, fields: Sequence[Field], style: Conventions) -> Iterable[Candidate]:
    """The amount at the end of a segment."""
    for start in range(max(0, len(segment.tokens) - 3), len(segment.tokens)):
        reading = read(fields[0], segment.tokens[start:], style)
        if reading is not None and reading.fit == 1.0:  # money to its last decimal, and nothing behind it
            for one in fields:
                yield Candidate(one, reading, segment, FREE_AMOUNT, "free")
            return


def _titles(segment: Segment, index: LabelIndex, place: Surroundings) -> Iterable[Candidate]:
    """Values of enums whose words begin a segment: surer in large type, in capitals, at the top."""
    for stop in range(min(len(segment.tokens), index.longest), 0, -1):
        tokens = segment.tokens[:stop]
        key = key_of(" ".join(token.text for token in tokens))
        meanings = index.enum_words.get(key) or _compound(key, index)
        if not meanings:
            continue
        large = segment.height >= TITLE_SIZE * place.page_text.pitch
        score = TITLE["plain"] + TITLE["large"] * large
        score += TITLE["heavy"] * (segment.bold or segment.text.isupper())
        score += TITLE["top"] * (segment.box.top < TITLE_TOP * place.page_text.height)
        score *= TITLE["in_long_line"] if len(segment.tokens) > TITLE_WORDS else 1.0
        for one, value in meanings:
            yield Candidate(one, Reading(value, tokens, 1.0), segment, score, "title", shared=True)
        return


def _compound(key: str, index: LabelIndex) -> tuple[tuple[Field, str], ...]:
    """Meanings of a compound by its last part: a "Handelsrechnung" is a "Rechnung"."""
    for start in range(1, max(1, len(key) - 6)):
        if key[start:] in index.enum_words:
            return index.enum_words[key[start:]]
    return ()


def _shaped(one: Field, segments: Sequence[Segment], style: Conventions) -> Iterable[Candidate]:
    """Values whose shape or check digits prove their type, wherever they stand."""
    for segment in segments:
        if not any(char.isdigit() for char in segment.text) and one.node.format != "email":
            continue
        for start in range(min(len(segment.tokens), 6)):
            reading = read(one, segment.tokens[start:], style)
            if reading is not None and reading.fit == 1.0:
                yield Candidate(one, reading, segment, NUMBER[one.node.format], "shape")
                break


def _patterned(one: Field, segments: Sequence[Segment], place: Surroundings, style: Conventions) -> Iterable[Candidate]:
    """The one print on a page that has the form which the schema asks for: a time of day, a reference."""
    found: list[Candidate] = []
    for segment in segments:
        for start, token in enumerate(segment.tokens if place.free(segment) else ()):
            reading = read(one, segment.tokens[start : start + 1], style)
            if reading is not None and any(char.isdigit() for char in token.text):
                found.append(Candidate(one, reading, segment, PATTERN, "shape", shared=True))
    return found if len({each.reading.value for each in found}) == 1 else ()


def _is_dated(reading: Reading, segment: Segment, place: Surroundings) -> bool:
    """False for digits without marks, which are any number, but where a time of day stands behind them."""
    if compact_date(reading.text) is None:
        return True
    tokens = [token for each in place.page_text.lines[segment.line].segments for token in each.tokens]
    behind = tokens[tokens.index(reading.tokens[-1]) + 1 :]
    return bool(behind) and _TIME.fullmatch(behind[0].text) is not None


def _dates(one: Field, segments: Sequence[Segment], place: Surroundings, style: Conventions) -> Iterable[Candidate]:
    """Dates that stand free in the head of the first page, or anywhere on it where it prints only one date."""
    found = [
        (segment, reading)
        for segment in segments
        if not segment.page and len(segment.tokens) <= TITLE_WORDS and any(char.isdigit() for char in segment.text)
        if (reading := read(one, segment.tokens, style)) is not None and _is_dated(reading, segment, place)
    ]
    alone = len({reading.value for _, reading in found}) == 1
    for segment, reading in found:
        if place.free(segment) and (alone or segment.box.top <= DATE_TOP * place.page_text.height):
            yield Candidate(
                one, reading, segment, (ONLY_DATE if alone else DATE) * reading.fit, "only" if alone else "free"
            )
