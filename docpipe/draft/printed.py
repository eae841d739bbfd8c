"""What a sample prints at its keys, without a schema: keys with a colon, a field or a line, and known captions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from docpipe.draft.samples import Sample
from docpipe.draft.tables import Table
from docpipe.engine.layout.compiled import CompiledSchema, compile_schema
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.forms.reader import read_key_values
from docpipe.engine.layout.keys.concepts import captioned
from docpipe.engine.layout.keys.fields import key_of
from docpipe.engine.layout.rows import rows_of
from docpipe.page.lines import PageText, Segment
from docpipe.records import Request
from docpipe.schema.load import parse_schema

MOST_KEY_CHARS = 60
LEAST_KEY_LETTERS = 2
MOST_KEY_WORDS = 6
MOST_VALUE_CHARS = 200
BELOW_PITCHES = 1.6  # a value under its key begins within so many heights of a line
UNDER_PT = 2.0  # it stands under its key by so much at the least

_ARRAY = "pairs"
_NUMBERING = re.compile(r"^\d{1,3}[.)]?\s+(?=[^\W\d])")  # "4. Name"
_RATE = re.compile(r"\(?\d+(?:[.,]\d+)? ?%\)?:?")


@dataclass(frozen=True, slots=True)
class Printed:
    """A key as it is printed, without its colon, and what stands at it."""

    key: str
    value: str


def printed_pairs(sample: Sample, tables: Iterable[Table]) -> list[Printed]:
    """The pairs outside tables: known captions with a number on their line, what marks itself as a key, then the rest.

    A key that has other values further down is a row's, and none at all.
    """
    taken = {index for table in tables for index in table.tokens}
    found = [pair for text in sample.texts for pair in _beside_captions(text, taken)]
    found += _marked(sample, taken)
    found += [pair for text in sample.texts for pair in _at_captions(text, taken)]
    fine = [pair for pair in found if _is_key(pair.key) and len(pair.value) <= MOST_VALUE_CHARS]
    values: dict[str, set[str]] = {}
    for pair in fine:
        values.setdefault(key_of(pair.key), set()).add(pair.value)
    return [pair for pair in fine if captioned(pair.key) or len(values[key_of(pair.key)]) == 1]


def _is_key(text: str) -> bool:
    words = text.split()
    short = 0 < len(words) <= MOST_KEY_WORDS and len(text) <= MOST_KEY_CHARS and " / " not in text
    letters = sum(char.isalpha() for char in text)
    telling = letters >= LEAST_KEY_LETTERS or bool(captioned(text))
    return short and telling and bool(key_of(text)) and not any(word.isdigit() for word in words)


def _marked(sample: Sample, taken: set[int]) -> Iterator[Printed]:
    """Pairs as the reader of forms finds them, outside tables; adds their words to `taken`."""
    compiled = _every_pair()
    pages = sample.pages
    request = Request("", "", pages, compiled.index.schema.document, "pairs", "", "", 0)
    rows = rows_of(read_key_values(Document.of(compiled, request)), _ARRAY)
    for row in rows:
        tokens = {token.index for leaf in row.values() for token in leaf.tokens}
        key, value = row.get(f"{_ARRAY}.key"), row.get(f"{_ARRAY}.value")
        if key is None or not taken.isdisjoint(tokens):
            continue
        if value is not None and str(value.value).strip():
            taken |= tokens
            yield Printed(_bare(str(key.value)), str(value.value).strip())


@lru_cache(maxsize=1)
def _every_pair() -> CompiledSchema:
    text = {"type": ["string", "null"]}
    item = {"type": "object", "properties": {"key": text, "value": text}}
    array = {"type": "array", "items": item, "x-docpipe": {"role": "key_values"}}
    return compile_schema(parse_schema({"type": "object", "properties": {_ARRAY: array}}, "pairs"))


def _beside_captions(page: PageText, taken: set[int]) -> Iterator[Printed]:
    """Known captions with a number or a date behind them or beside them on their line."""
    for line in page.lines:
        for at, segment in enumerate(line.segments):
            key, rest = _caption(segment) if _is_free(segment, taken) else (None, None)
            beside = line.segments[at + 1] if at + 1 < len(line.segments) else None
            value = rest or (beside if beside is not None and _may_be_value(beside, taken, digits=True) else None)
            if key is not None and value is not None:
                yield _taken(key, value, taken)


def _at_captions(page: PageText, taken: set[int]) -> Iterator[Printed]:
    """Known captions with a text beside or right below them, and unknown texts with a number beside them."""
    for number, line in enumerate(page.lines):
        for at, segment in enumerate(line.segments):
            if not _is_free(segment, taken):
                continue
            known = _caption(segment)[0] is not None
            beside = line.segments[at + 1 : at + 2]
            found = [each for each in beside if _may_be_value(each, taken, digits=not known)]
            if known:
                below = (each for later in page.lines[number + 1 : number + 3] for each in later.segments)
                found += (each for each in below if _is_under(each, segment, page.pitch) and _may_be_value(each, taken))
            if found and (known or _may_be_key(segment)):
                yield _taken(segment, found[0], taken)


def _taken(key: Segment, value: Segment, taken: set[int]) -> Printed:
    """The pair; its words are nobody else's any more."""
    taken.update(token.index for token in (*key.tokens, *value.tokens))
    return Printed(_bare(key.text), value.text.lstrip(": "))


def _bare(key: str) -> str:
    """A key without its number and its colon, and without a sign for a currency behind it."""
    key = _NUMBERING.sub("", key)
    first, _, last = key.partition(":")
    return first.strip() if not any(char.isalnum() for char in last) else key.strip(": ")


def _is_free(segment: Segment, taken: set[int]) -> bool:
    return taken.isdisjoint(token.index for token in segment.tokens)


def _caption(segment: Segment) -> tuple[Segment | None, Segment | None]:
    """(the longest known caption that a segment begins with, what follows it and begins with a digit).

    A rate behind the caption of an amount is a part of the key: "VAT 19%:".
    """
    for stop in range(min(len(segment.tokens), MOST_KEY_WORDS), 0, -1):
        key, rest = segment.part(0, stop), segment.part(stop)
        if key is None or any(char.isdigit() for char in key.text) or not captioned(key.text.rstrip(":")):
            continue
        if rest is None or _RATE.fullmatch(rest.text):
            return key, None
        if any(char.isdigit() for char in rest.tokens[0].text):
            return key, rest
    return None, None


def _may_be_key(segment: Segment) -> bool:
    """Whether an unknown text may be the key of a number beside it."""
    text = segment.text
    return text[:1].isalpha() and not any(char.isdigit() for char in text) and len(segment.tokens) <= MOST_KEY_WORDS


def _may_be_value(segment: Segment, taken: set[int], *, digits: bool = False) -> bool:
    """Whether a text may stand at a key: free, and no key itself; `digits`: a number or a date."""
    has_digits = any(char.isdigit() for char in segment.text)
    if not _is_free(segment, taken) or segment.text.endswith(":") or (digits and not has_digits):
        return False
    return has_digits or not captioned(segment.text)


def _is_under(segment: Segment, key: Segment, pitch: float) -> bool:
    gap = segment.box.top - key.box.bottom
    return -0.5 * pitch <= gap <= BELOW_PITCHES * pitch and segment.box.overlap_x(key.box) > UNDER_PT
