"""Values that need no key: words for an enum, account and tax numbers, the one date of a letter, amounts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from math import log

from docpipe.engine.layout.answer import Leaf
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.readings import Reading, compact_date, read
from docpipe.engine.layout.scalars.candidates import Candidate, candidate, fit_of
from docpipe.engine.layout.scalars.params import PARAMS
from docpipe.engine.layout.scalars.prose import names_street
from docpipe.engine.layout.scoring.weights import weights
from docpipe.literals.currencies import signs_in
from docpipe.literals.identifiers import vat_id_valid
from docpipe.literals.numbers import parse_number
from docpipe.literals.phrases import names_other_sum
from docpipe.page.lines import Segment, Token

ENUM_WORD = weights("enum_word")  # of the words for an enum's value in plain type, and what is added to it
SHAPES = weights("shape")  # by format: values whose shape or check digits prove their type

LABEL_LETTERS = 4  # of a label at least, that a word begins with not by chance

_TIME = re.compile(r"([01]?\d|2[0-3])[:.][0-5]\d(?:[:.][0-5]\d)?")


def enum_words(document: Document) -> Iterator[Candidate]:
    """Values of enums whose words begin a segment: surer in large type, in capitals, at the top."""
    for context in document.contexts:
        for segment in context.segments:
            yield from _enum_words(segment, document.schema.index, context)


def _enum_words(segment: Segment, index: LabelIndex, context: PageContext) -> Iterator[Candidate]:
    for stop in range(min(len(segment.tokens), index.longest), 0, -1):
        tokens = segment.tokens[:stop]
        key = key_of(" ".join(token.text for token in tokens))
        meanings = index.enum_words.get(key) or _compound(key, index)
        if not meanings:
            continue
        large = segment.height >= PARAMS.title_pitches * context.page_text.pitch
        score = ENUM_WORD["plain"] + ENUM_WORD["large"] * large
        score += ENUM_WORD["heavy"] * (segment.bold or segment.text.isupper())
        score += ENUM_WORD["top"] * (segment.box.top < PARAMS.title_top_share * context.page_text.height)
        score *= ENUM_WORD["in_long_line"] if len(segment.tokens) > PARAMS.title_words else 1.0
        features = (("exponent.prominence", log(score)),)
        for field, value in meanings:
            yield candidate(field, Reading(value, tokens, 1.0), segment, "enum_word", features, shared=True)
        return


def _compound(key: str, index: LabelIndex) -> tuple[tuple[Field, str], ...]:
    """Meanings of a compound by its last part: a "Handelsrechnung" is a "Rechnung"."""
    for start in range(1, max(1, len(key) - 6)):
        if key[start:] in index.enum_words:
            return index.enum_words[key[start:]]
    return ()


def shapes(document: Document) -> Iterator[Candidate]:
    """Values whose shape or check digits prove their type, wherever they stand."""
    fields = [field for field in document.schema.scalars if field.node.format in SHAPES]
    for context in document.contexts if fields else ():
        for field in fields:
            yield from _shapes(field, context, document)


def _shapes(field: Field, context: PageContext, document: Document) -> Iterator[Candidate]:
    for segment in context.segments:
        if not any(char.isdigit() for char in segment.text) and field.node.format != "email":
            continue
        for start in range(min(len(segment.tokens), PARAMS.shape_words)):
            if field.node.format == "vat-id" and not segment.tokens[start].text.lstrip("(:;,.|")[:1].isalpha():
                continue  # it begins with the letters of its country
            reading = read(field, segment.tokens[start:], document.conventions)
            if (
                reading is not None
                and reading.fit == 1.0
                and not _is_number_of_another(reading, field, segment, context)
            ):
                features = ((f"shape.{field.node.format}", 1.0),)
                yield candidate(field, reading, segment, "shape", features)
                break


def _is_number_of_another(reading: Reading, field: Field, segment: Segment, context: PageContext) -> bool:
    """Whether a tax number whose check digits fail stands at the key of another field: "Invoice No: | SI 2024 0041"."""
    if field.node.format != "vat-id" or vat_id_valid(str(reading.value)) is not False:
        return False
    left = context.left_of(segment)
    key = context.key_of(left if left is not None and context.is_key(left) else segment)
    return key is not None and bool(key.matches) and not any(each.node.format == "vat-id" for each in key.fields())


def only_of_pattern(document: Document) -> Iterator[Candidate]:
    """The one print on a page that has the form which the schema asks for: a time of day, a reference."""
    for context in document.contexts:
        for field in document.schema.scalars:
            if field.node.pattern and not field.node.format and field.node.kind == "string":
                prints = list(_patterned(field, context, document))
                whole = max((str(each.reading.value) for each in prints), key=len, default="")
                if all(whole.startswith(str(each.reading.value)) for each in prints):  # "18:37" is said by "18:37:39"
                    yield from (each for each in prints if each.reading.value == whole)


def _patterned(field: Field, context: PageContext, document: Document) -> Iterator[Candidate]:
    for segment in context.segments:
        for start, token in enumerate(segment.tokens if context.free(segment) else ()):
            if not any(char.isdigit() for char in token.text) or _begins_with_key(token, field, document):
                continue
            reading = read(field, segment.tokens[start : start + 1], document.conventions)
            if reading is not None:  # with the "PM" behind it
                reading = read(field, segment.tokens[start : start + 2], document.conventions) or reading
                yield candidate(field, reading, segment, "only_of_pattern", (("only_of_pattern", 1.0),), shared=True)


def _begins_with_key(token: Token, field: Field, document: Document) -> bool:
    """Whether a word begins with another field's label, which a scan ran into its value: "IBANIT62"."""
    letters = "".join(takewhile(str.isalpha, token.text))
    starts = (key_of(letters[:stop]) for stop in range(LABEL_LETTERS, len(letters) + 1))
    return any(other is not field for start in starts for other in document.schema.index.exact(start))


def only_date(document: Document) -> Iterator[Candidate]:
    """Dates of a first page that prints only one, for fields labelled with the bare word.

    They stand without a key, or, less sure, at one that the schema does not know.
    """
    for context, field, dates in _dates(document):
        if len({reading.value for _, reading in dates}) == 1:
            for segment, reading in dates:
                if context.free(segment):
                    yield candidate(field, reading, segment, "only_date", (("only_date", 1.0), *fit_of(reading)))
                elif not context.in_table(segment) and not _known(segment, context):
                    features = (("only_date", 1.0), ("only_date.unknown_key", 1.0), *fit_of(reading))
                    yield candidate(field, reading, segment, "only_date", features)


def free_date(document: Document) -> Iterator[Candidate]:
    """Dates that stand free in the head of a first page that prints several."""
    for context, field, dates in _dates(document):
        if len({reading.value for _, reading in dates}) > 1:
            for segment, reading in dates:
                if context.free(segment) and segment.box.top <= (PARAMS.date_top_share * context.page_text.height):
                    yield candidate(field, reading, segment, "free_date", (("free_date", 1.0), *fit_of(reading)))


def _dates(document: Document) -> Iterator[tuple[PageContext, Field, Sequence[tuple[Segment, Reading]]]]:
    """The dates of the first page that no sentence mentions, for each field that is labelled with the bare word."""
    for context in document.contexts[:1]:
        for field in document.schema.scalars:
            if field.node.kind == "date" and field.plain:
                yield context, field, list(_dated(field, context, document))


def _dated(field: Field, context: PageContext, document: Document) -> Iterator[tuple[Segment, Reading]]:
    for segment in context.segments:
        if len(segment.tokens) <= PARAMS.title_words and any(char.isdigit() for char in segment.text):
            reading = read(field, segment.tokens, document.conventions)
            if (
                reading is None
                or names_street(reading, segment, context)
                or _is_referred_to(reading, segment, document)
            ):
                continue
            if _is_dated(reading, segment, context):
                yield segment, reading


def _known(segment: Segment, context: PageContext) -> bool:
    """Whether a segment begins with a key of the schema."""
    key = context.key_of(segment)
    return key is not None and key.known


def _is_referred_to(reading: Reading, segment: Segment, document: Document) -> bool:
    """Whether the words before a date name another paper: "your order PO-881 of 1 March 2024"."""
    before = segment.part(0, segment.tokens.index(reading.tokens[0]))
    if before is None:
        return False
    words = [token.text for token in before.tokens]
    index = document.schema.index
    runs = (" ".join(words[start:stop]) for start in range(len(words)) for stop in range(start + 1, len(words) + 1))
    return any(field.type == "identifier" for run in runs for field in index.exact(key_of(run)))


def _is_dated(reading: Reading, segment: Segment, context: PageContext) -> bool:
    """False for digits without marks, which are any number, but where a time of day stands behind them."""
    if compact_date(reading.text) is None:
        return True
    tokens = [token for each in context.page_text.lines[segment.line].segments for token in each.tokens]
    behind = tokens[tokens.index(reading.tokens[-1]) + 1 :]
    return bool(behind) and _TIME.fullmatch(behind[0].text) is not None


def currency_sign(document: Document) -> Iterator[Candidate]:
    """The currency that the document's amounts show, for every field that is one."""
    conventions = document.conventions
    fields = [field for field in document.schema.scalars if field.node.format == "currency"]
    if conventions.currency is None or not fields:
        return
    printed = _currency_print(document.contexts, conventions.currency)
    for field in fields if printed is not None else ():
        assert printed is not None
        segment, token = printed
        reading = read(field, (token,), conventions)
        if reading is not None and reading.value == conventions.currency:
            yield candidate(field, reading, segment, "currency_sign", (("currency_sign", 1.0),), shared=True)


def _currency_print(contexts: Iterable[PageContext], code: str) -> tuple[Segment, Token] | None:
    """The first word that prints the currency, its own sign or a shared one; one in an amount before all others."""
    words = (
        (segment, token)
        for context in contexts
        for line in context.page_text.lines
        for segment in line.segments
        for token in segment.tokens
        if any(code in sign.codes for sign in signs_in(token.text))
    )
    return min(words, key=lambda word: parse_number(word[0].text) is None, default=None)


def amounts_by_arithmetic(document: Document) -> Iterator[Candidate]:
    """Every amount outside keys and tables, for each field that a check ties to others: only that can raise it.

    None that its line names as something else: a late fee is no tax, whatever adds up with it. Then the cells of tax
    summaries, whose prints stay theirs too: where no other print says what the tax is, a summary of one rate does.
    """
    tied = document.schema.tied
    for context in document.contexts if tied else ():
        for line in context.page_text.lines:
            found = [
                each for segment in filter(context.free, line.segments) for each in _amount(segment, tied, document)
            ]
            if found and not names_other_sum(line.text):
                yield from found
    for array in document.schema.summaries if tied else ():
        for row in (row for rows in document.rows if rows.array == array.path for row in rows.rows):
            for cell in (row[path] for path in (array.amount.path, array.base.path) if path in row):
                yield from _of_cell(cell, tied, document)


def _of_cell(cell: Leaf, fields: Sequence[Field], document: Document) -> Iterator[Candidate]:
    line = document.page_texts[cell.page].line_of(cell.tokens[0])
    home = next(each for each in line.segments if cell.tokens[0] in each.tokens)
    for field in fields:
        reading = Reading(cell.value, cell.tokens, 1.0)
        yield candidate(field, reading, home, "by_arithmetic", (("by_arithmetic.free", 1.0),), shared=True)


def _amount(segment: Segment, fields: Sequence[Field], document: Document) -> Iterator[Candidate]:
    """The amount at the end of a segment."""
    for start in range(max(0, len(segment.tokens) - PARAMS.amount_words), len(segment.tokens)):
        reading = read(fields[0], segment.tokens[start:], document.conventions)
        if reading is not None and reading.fit == 1.0:  # money to its last decimal, and nothing behind it
            for field in fields:
                yield candidate(field, reading, segment, "by_arithmetic", (("by_arithmetic.free", 1.0),))
            return
