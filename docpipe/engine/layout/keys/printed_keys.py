"""Keys on a page: which words of a segment name fields, and which text follows it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from docpipe.engine.layout.keys.fields import Field, Section, key_of, words_of
from docpipe.engine.layout.keys.label_index import LabelIndex, Match
from docpipe.engine.layout.keys.owners import side
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.currencies import signs_in
from docpipe.literals.dates import parse_date
from docpipe.literals.lexicon import all_languages
from docpipe.literals.numbers import parse_number
from docpipe.literals.postal import begins_with_post_box, names_street
from docpipe.literals.text import folded
from docpipe.page.lines import PageText, Segment, Token

CLAUSE = 4  # words behind a key that go on a sentence, even if they begin with a number
SENTENCE = 14  # words: a key ends sooner; what is longer is prose
PREFIX = weight("label.begins_segment")  # quality of a label that begins a segment and is followed by other text
INNER = weight("label.inside_segment")  # quality of a label in the middle of a segment
BEHIND_KNOWN = weight("label.behind_known_key")  # of it, where the segment begins with a key that the schema knows
BEHIND_UNKNOWN = weight("label.behind_unknown_key")  # of it, where it begins with one that is something else's
MAX_INNER = 40  # words of a segment that are searched for keys in its middle

_LETTER = re.compile(r"[^\W\d_]")
_VALUE_START = re.compile(r"[^\w\s]*\d|[$€£¥]|[^\s%]*\d[^\s]*\d|[^\W\d_]{1,3}[.°]:?\d")
_PERCENT_WORD = re.compile(r"\(?\d+([.,]\d+)?\s?%\)?:?")
_NUMBERS = "|".join(re.escape(folded(word).upper()) for word in all_languages().number if len(word) > 1)
_UNIT_FIRST = re.compile(rf"(?!{_NUMBERS}|ID)[A-Z]{{2,3}}")  # "EUR 12.00", "DE 123456789"
_DIGIT_FIRST = re.compile(r"[-(]?\d")
_PERCENT = re.compile(r"\d+([.,]\d+)?\s?%")
_DIGITS = re.compile(r"\d\D*\d")
_NUMBERED_WORD = re.compile(r"[^\W\d_]+[-/]?\d\w*")  # "INV-1" is a number, and no key of one; so is a postcode's "LS6"
_NUMBER_LETTERS = re.compile(r"[A-Z]{1,4}")
_CODE_WORD = re.compile(r"\(\d+\)")


@dataclass(frozen=True, slots=True)
class Key:
    """A piece of text that names something. `rest` is what follows it in the same segment.

    Without matches and sections it is a key that the schema does not know: it keeps its value.
    """

    segment: Segment
    matches: tuple[Match, ...]
    sections: tuple[Section, ...]
    rest: Segment | None
    colon: bool
    tail: Segment | None = None  # all that follows, later keys included: what a text may hold

    @property
    def known(self) -> bool:
        return bool(self.matches or self.sections)

    @property
    def sentence(self) -> bool:
        """True if the key is the beginning of a sentence: "Payable within 14 days"."""
        if self.colon or self.rest is None or self.segment.text.isupper():
            return False
        return self.rest.text[:1].islower() or (self.rest.text[:1].isdigit() and len(self.rest.tokens) >= CLAUSE)

    def fields(self) -> Iterable[Field]:
        return (match.field for match in self.matches)


def find_keys(page_text: PageText, index: LabelIndex) -> list[Key]:
    """Every key of the sheet in reading order, known or marked as one by its colon."""
    return [key for line in page_text.lines for segment in line.segments for key in keys_in(segment, index)]


def keys_in(segment: Segment, index: LabelIndex) -> list[Key]:
    """The keys of one segment, each with its rest up to the next one."""
    found: list[Key] = []
    if begins_with_post_box(segment.text):
        return found
    head = _head(segment, index)
    start = 0
    if head is not None:
        found.append(head)
        start = len(head.segment.tokens)
    for at, stop, matches in _inner(segment, start, index):
        if found and is_number_letters(segment.part(at, stop)) and _begins_rest(segment.tokens[at], matches, found[-1]):
            continue  # "Delivery note: LS 4711"
        if found:
            found[-1] = _cut(segment, found[-1], at)
            weight = BEHIND_KNOWN if found[0].known else BEHIND_UNKNOWN
            weighed = tuple(replace(match, quality=match.quality * weight) for match in matches)
        else:
            weighed = matches
        token, rest = segment.part(at, stop), segment.part(stop)
        if token is not None:
            found.append(Key(token, weighed, (), rest, token.text.endswith(":"), rest))
    return found


def is_number_letters(key: Segment | None) -> bool:
    """True for one to four capitals, which may be the first part of a number: "PO 4711"."""
    return key is not None and _NUMBER_LETTERS.fullmatch(key.text) is not None


def _begins_rest(token: Token, matches: Iterable[Match], before: Key) -> bool:
    """Whether a word stands right behind a key that names a field of `matches`."""
    behind = before.rest is not None and before.rest.tokens[0].index == token.index
    return behind and not {match.field for match in matches}.isdisjoint(before.fields())


def _cut(whole: Segment, key: Key, stop: int) -> Key:
    """The key with its rest ending before word `stop` of the whole segment."""
    if key.rest is None:
        return key
    first = whole.tokens.index(key.rest.tokens[0])
    rest = whole.part(first, stop)
    return Key(key.segment, key.matches, key.sections, rest, key.colon, key.tail)


def _head(segment: Segment, index: LabelIndex) -> Key | None:
    """The key that the segment begins with: up to a colon, up to a value, or the longest label."""
    if not _LETTER.search(segment.text) or (segment.text[0].isdigit() and not _PERCENT.match(segment.text)):
        return None
    if any(char.isdigit() for char in segment.text) and parse_date(segment.text) is not None:
        return None  # "March 14 2024" is no marché
    first = segment.tokens[0].text
    if any(sign.text == first for sign in signs_in(first)) and parse_number(segment.text) is not None:
        return None  # "KD 112.750" is an amount, and no customer's number ("Kd.-Nr.")
    colon = _colon(segment)
    if colon:
        return _key(segment, colon, index, PREFIX if colon > index.longest else 1.0, colon=True)
    most = _value_start(segment)
    whole = _key(segment, most, index, 1.0)
    if whole is not None:
        return whole
    for stop in range(min(most - 1, index.longest), 0, -1):
        token = segment.part(0, stop)
        key = key_of(token.text) if token else ""
        found = _key(segment, stop, index, PREFIX) if key and index.exact(key) else None
        if found is not None and _goes_on(found):
            return found
    return None


def _goes_on(key: Key) -> bool:
    """Whether a value can follow: "Order" is no key in "Order date", which has no number."""
    if key.rest is None or any(char.isdigit() for char in key.rest.text):
        return True
    return any(field.type not in ("", "money", "identifier", "rate") or field.node.format for field in key.fields())


def _colon(segment: Segment) -> int:
    """How many words end with the first colon; 0 if there is none that could end a key."""
    for number, token in enumerate(segment.tokens[:SENTENCE], 1):
        if token.text.endswith(":") and len(segment.text) > 1:
            return number
        if token.text.startswith(":") and number > 1:
            return number - 1
    return 0


def _value_start(segment: Segment) -> int:
    """How many words come before the first that looks like a value rather than a word."""
    for number, token in enumerate(segment.tokens):
        text = token.text
        unit = _UNIT_FIRST.fullmatch(text) or any(sign.text == text for sign in signs_in(text))
        if number and unit and _DIGIT_FIRST.match(_following(segment, number)):
            return number
        if text.lstrip("(")[:1].isdigit() and _following(segment, number).startswith("%"):
            continue
        if _VALUE_START.match(text) and not _PERCENT_WORD.fullmatch(text) and not _CODE_WORD.fullmatch(text) and number:
            return number
    return len(segment.tokens)


def _outside_arrays(matches: tuple[Match, ...]) -> tuple[Match, ...]:
    """Keys outside tables name no columns."""
    return tuple(match for match in matches if not match.field.array)


def _holds_value(text: str) -> bool:
    """Several digits are a value and no key, but for a percentage or a code in brackets."""
    return bool(_DIGITS.search(_CODE_WORD.sub("", _PERCENT.sub("", text))))


def _following(segment: Segment, number: int) -> str:
    return segment.tokens[number + 1].text if number + 1 < len(segment.tokens) else ""


def _key(segment: Segment, stop: int, index: LabelIndex, weight: float, colon: bool = False) -> Key | None:
    token, rest = segment.part(0, stop), segment.part(stop)
    if token is None:
        return None
    matches, sections = _outside_arrays(index.matches(token.text)), index.sections_of(token.text)
    if _holds_value(token.text) or (not colon and any(_NUMBERED_WORD.fullmatch(each.text) for each in token.tokens)):
        matches, sections = (), ()
    if (rest is not None and not colon) or any(char.isdigit() for char in token.text):
        sections = ()  # "DE 12345 Leipzig" is no heading "De"
    if not (matches or sections or colon or index.names_others(token.text)):
        return None
    if not colon and rest is not None and names_street(token.text) and any(m.field.type == "address" for m in matches):
        return None  # "Straße | des 17. Juni 135" is the street and no key of one
    weighed = tuple(replace(match, quality=match.quality * weight) for match in matches)
    if rest is not None and rest.text.strip(": .") == "":
        rest = None
    return Key(token, weighed, sections, rest, colon, rest)


def _inner(segment: Segment, start: int, index: LabelIndex) -> Iterable[tuple[int, int, tuple[Match, ...]]]:
    """(first word, end, matches) of exact labels after word `start` that a value follows at once."""
    tokens = segment.tokens[:MAX_INNER]
    at = max(start, 1)
    while at < len(tokens) - 1:
        for stop in range(min(len(tokens) - 1, at + index.longest), at, -1):
            follows = tokens[stop].text
            if not (_VALUE_START.match(follows) or tokens[stop - 1].text.endswith(":")):
                continue
            if _VALUE_START.match(tokens[at].text) or any(
                _NUMBERED_WORD.fullmatch(each.text) for each in tokens[at:stop]
            ):
                continue
            key = key_of(" ".join(token.text for token in tokens[at:stop]))
            said = side(words_of(tokens[at - 1].text))
            found = _outside_arrays(
                tuple(Match(named, INNER, key in named.inner) for named in index.exact(key) if index.is_of(said, named))
            )
            if found:
                yield at, stop, found
                at = stop
                break
        else:
            at += 1
            continue
