"""What each of a document's first lines is, as far as it can tell by itself: a place, a telephone number, a remark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from statistics import median

from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.parties.addresses import has_legal_form, inline_parts, is_contact, is_postal
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.literals.currencies import currencies_of
from docpipe.literals.dates import parse_date
from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.numbers import parse_number
from docpipe.literals.postal import is_country, names_street
from docpipe.literals.sentences import is_round_the_clock
from docpipe.literals.text import folded
from docpipe.page.lines import Line, Segment, Token, around

PARAMS = PARTIES.heads

_WORDS = all_languages()
_REMARK = re.compile(any_of(_WORDS.slips))
_GREETING = re.compile(rf"\W*{any_of(_WORDS.greetings)}")
_REGISTER = re.compile(rf"\W*{any_of(_WORDS.registers)}")
_CLOCK = re.compile(r"\b\d{1,2}:\d{2}\b")
_CODE = re.compile(
    r"(?<![\w.(])(?:\d{5,6}|(?<!\d )\d{3} \d{3}(?! \d)|\d{5}-\d{3})(?![\w.]|-\w)"
)  # of a town, anywhere in a line
_TOWN_AND_CODE = re.compile(r"[^\W\d][^\d:]{2,30}[ -]+(?:\d{4,6}|\d{3} \d{3})")  # under a street
_CODE_FIRST = re.compile(r"\d{2} \d{3},? [^\W\d].*")  # "75 005 Paris"
_HOUSE_FIRST = re.compile(r"(?:n\w?\W{0,2}|#)?\d{1,5}[a-z]?(?:[-/&,+ ]+\d{1,5}[a-z]?)*,? \d*[^\W\d].*")
_HOUSE_LAST = re.compile(r"[^\d:]{4,},? (?:n\w?\W{0,2}|#)?\d{1,4}[a-z]?(?:\W.*)?")
_WORD_SIGNS = "\u2e80"  # from here on two signs may be a whole name
_MARKS = " ,.;:*#=~_-–—|<>\"'“”«»"


class Kind(Enum):
    """What a line is."""

    TEXT = "may be a name"
    PLACE = "a part of an address"
    COUNTRY = "the name of a country"
    CONTACT = "a telephone number, a web address"
    REGISTER = "the number of a company in a register"
    REMARK = "what the document is, or a word to its reader"
    NUMBER = "a date, a time, a number"
    FIELD = "a key with its value"


@dataclass(frozen=True, slots=True)
class HeadLine:
    """A line of a head. `coded`: it has the code of a town."""

    segment: Segment
    kind: Kind
    coded: bool = False

    @property
    def text(self) -> str:
        return self.segment.text


@dataclass(frozen=True, slots=True)
class Head:
    """The lines of a head from the top, the usual height of type on its page, and the width of all that is printed."""

    lines: Sequence[HeadLine]
    pitch: float
    width: float


def head_of(context: PageContext) -> Head:
    """The lines of a page up to the first that belongs to what was sold or says when."""
    page_text = context.page_text
    width = around(page_text.lines).width if page_text.lines else 0.0
    return Head(_together(_until_sale(context)), page_text.pitch, width)


def _until_sale(context: PageContext) -> list[HeadLine]:
    """The lines before the first that has a value beside it, or a key with a value under an address."""
    lines: list[HeadLine] = []
    fields = 0
    for line in context.page_text.lines[: PARAMS.lines]:
        named = any(each.kind is Kind.TEXT for each in lines)
        segments = _untitled(_segments(line), context)
        first = _read(segments[0], context)
        stamped = is_postal(line.text) or all(_is_stamp(segment, context) for segment in segments[1:])
        beside = not stamped or context.in_table(segments[0])
        fields += named and first.kind is Kind.FIELD
        most = 1 if any(each.kind is Kind.PLACE for each in lines) else PARAMS.fields
        ended = first.kind is Kind.FIELD and fields >= most
        if named and (beside or ended or not any(map(str.isalnum, line.text))):
            break
        if not beside:
            lines += [first] if named else _parts(first, context)
    return lines


def _untitled(segments: Sequence[Segment], context: PageContext) -> Sequence[Segment]:
    """The pieces of a line without what stands left of a name: the document's title, or a date."""
    first = next((at for at, each in enumerate(segments) if not _is_stamp(each, context)), 0)
    return segments[first:] if _read(segments[first], context).kind is Kind.TEXT else segments


def _parts(line: HeadLine, context: PageContext) -> list[HeadLine]:
    """A line that prints a name with its address, as several: "Name · Street 1 · 12345 Town"."""
    parts = [_read(part, context) for part in inline_parts(line.segment)]
    named = parts[0].kind is Kind.TEXT and not is_house(parts[0].text)
    return parts if named and any(part.kind is Kind.PLACE for part in parts) else [line]


def _is_stamp(segment: Segment, context: PageContext) -> bool:
    """Whether a piece at the right of a line is a date or a remark, and no amount."""
    return parse_number(segment.text) is None and _read(segment, context).kind in _STAMPS


_STAMPS = (Kind.NUMBER, Kind.REMARK, Kind.CONTACT)  # what may stand at the right of a name


def is_remark(text: str) -> bool:
    """True for a line of which nothing is left but marks and numbers when it is read as what a document is."""
    plain = folded(text)
    rest, found = _REMARK.subn(" ", plain)
    return found > 0 and not any(map(str.isalpha, rest))


def holds_remark(text: str) -> bool:
    """True for a line that begins or ends with the name of a document, or greets its reader."""
    plain = folded(text).strip(_MARKS)
    return _GREETING.match(plain) is not None or any(
        found.start() == 0 or found.end() == len(plain) for found in _REMARK.finditer(plain)
    )


def is_register(text: str) -> bool:
    """True for a line that begins with the word for a company's number, or its tax's, and has a number."""
    return _REGISTER.match(folded(text)) is not None and any(map(str.isdigit, text))


def is_house(text: str) -> bool:
    """True for a line with a number where addresses have that of a house."""
    plain = folded(text)
    return _HOUSE_FIRST.fullmatch(plain) is not None or _HOUSE_LAST.fullmatch(plain) is not None


def _together(lines: Sequence[HeadLine]) -> list[HeadLine]:
    """The lines, with those that are a part of an address by the line above or below.

    The number of a house is a street's if the code of a town stands under it and no other street; a number behind a
    town is a code under a street.
    """
    read = list(lines)
    for at, line in enumerate(read):
        if line.kind not in (Kind.TEXT, Kind.NUMBER) or has_legal_form(line.text):
            continue
        below = lines[at + 1] if at + 1 < len(lines) else None
        if at and read[at - 1].kind is Kind.PLACE and _TOWN_AND_CODE.fullmatch(line.text.strip(_MARKS)):
            read[at] = replace(line, kind=Kind.PLACE, coded=True)
        elif below is not None and below.coded and not names_street(below.text) and is_house(line.text):
            read[at] = replace(line, kind=Kind.PLACE)
    return read


def _read(segment: Segment, context: PageContext) -> HeadLine:
    """The segment, and what it is."""
    text = segment.text
    if is_contact(text):
        return HeadLine(segment, Kind.CONTACT)
    if is_register(text):
        return HeadLine(segment, Kind.REGISTER)
    if _is_field(segment, context):
        return HeadLine(segment, Kind.FIELD)
    if is_remark(text):
        return HeadLine(segment, Kind.REMARK)
    if is_country(text):
        return HeadLine(segment, Kind.COUNTRY)
    coded = _is_coded(text)
    street = names_street(text) and any(map(str.isdigit, text))
    if coded or (street and (is_house(text) or not has_legal_form(text))):
        return HeadLine(segment, Kind.PLACE, coded)
    large = segment.height > PARAMS.large_ratio * context.page_text.pitch
    return HeadLine(segment, Kind.NUMBER if _is_number(text, large) else Kind.TEXT)


def _is_field(segment: Segment, context: PageContext) -> bool:
    """A key with a colon, or with a number behind it."""
    key = context.key_of(segment)
    rest = key.rest.text if key is not None and key.rest is not None else ""
    return key is not None and (key.colon or (any(map(str.isdigit, rest)) and not names_street(rest)))


def _is_coded(text: str) -> bool:
    """True for a line with the code of a town: in a known shape, or five or six digits beside words and a comma."""
    clean = text.strip(_MARKS)
    if is_postal(clean) or _CODE_FIRST.fullmatch(clean):
        return True
    found = _CODE.search(clean)
    words = sum(map(str.isalpha, clean)) >= PARAMS.letters
    return found is not None and words and (any(mark in clean for mark in ",-") or names_street(clean))


def _is_number(text: str, large: bool) -> bool:
    """True for a date, a time, and what has hardly a letter; in large type two are a name."""
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    fewest = 2 if large or any(char > _WORD_SIGNS for char in text) else PARAMS.letters
    coded = digits > 0 and letters <= PARAMS.letters  # "Tbl 4/1"
    if letters < fewest or digits >= letters or coded or is_round_the_clock(text.rsplit(maxsplit=1)[-1]):
        return True
    if letters <= PARAMS.letters and currencies_of(text.strip(_MARKS)):
        return True
    return _CLOCK.search(text) is not None or parse_date(text.strip(_MARKS)) is not None


def _segments(line: Line) -> Sequence[Segment]:
    """The line's pieces, of which letters that stand apart are one: "M A R K E T"."""
    printed = [token for segment in line.segments for token in segment.tokens]
    worded = [at for at, token in enumerate(printed) if token.text.isalnum()]
    tokens = printed[worded[0] : worded[-1] + 1] if worded else []  # without the marks around them
    if not is_spaced(tokens):
        return line.segments
    text = " ".join("".join(token.text for token in word) for word in _words(tokens))
    return (Segment(tuple(tokens), text, around(tokens), line.page, line.number),)


def is_spaced(tokens: Sequence[Token]) -> bool:
    """True for words set wide: each sign is a word of its own, and enough of them are letters for a name."""
    letters = sum(token.text.isalpha() for token in tokens)
    return letters >= PARAMS.letters and all(len(token.text) == 1 and not token.text.isdigit() for token in tokens)


def _words(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Letters set wide as words: a step much wider than the others parts two."""
    steps = [right.box.mid_x - left.box.mid_x for left, right in pairwise(tokens)]
    usual = median(steps)
    word = [tokens[0]]
    for step, token in zip(steps, tokens[1:], strict=True):
        if step > PARAMS.word_step_ratio * usual:
            yield word
            word = []
        word.append(token)
    yield word
