"""Texts whose value is the key of an amount that was chosen: "VISA 13.14" says how 13.14 was paid.

Where the amount is printed, the words before it are the text. Where it is not, the words before a repetition of the
total are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import dropwhile

from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.fields import key_of
from docpipe.engine.layout.keys.keys_as_values import KeyAsValue
from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.readings import Reading
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scalars.params import PARAMS
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import currencies_of
from docpipe.literals.phrases import says_paid
from docpipe.page.lines import Line, Token, segment

NAMED = weight("key_is_value.named")  # of the words before the amount that shares the text's labels
REPEATED = weight("key_is_value.total_repeated")  # of the words before an amount that is the total once more
MASKS = "*#•"  # signs that hide a number


def key_is_value(document: Document) -> Iterator[Candidate]:
    """The words before the first chosen amount that shares a text's labels; else before the total once more."""
    for each in document.schema.keys_as_values:
        chosen = [document.chosen[amount.path] for amount in each.amounts if amount.path in document.chosen]
        words = _before(chosen[0], each, document) if chosen else []
        page, score = chosen[0].page if chosen else 0, NAMED
        if not words and each.total is not None and each.total.path in document.chosen:
            total = document.chosen[each.total.path]
            words, page, score = _before_repeated(total, each, document), total.page, REPEATED
        if words:
            text, line = _text(words).strip(" :"), segment(tuple(words), page, 0)
            yield Candidate(each.text, Reading(text, tuple(words), 1.0), line, "key_is_value", (), score, shared=True)


def _before(amount: Candidate, value: KeyAsValue, document: Document) -> list[Token]:
    words = _words(document.page_texts[amount.page].lines[amount.segment.line], document.conventions)
    return _without_caption(words, value, document.schema.index)


def _before_repeated(total: Candidate, each: KeyAsValue, document: Document) -> list[Token]:
    """The first words below the total that stand before an amount no smaller; a tip may be in it."""
    sums = {total.reading.value, *_with_one_more(total, document.chosen)}
    for line in document.page_texts[total.page].lines[total.segment.line + 1 :]:
        words = _words(line, document.conventions)
        amount = document.conventions.number(line.segments[-1].tokens[-1].text, money=True)
        if words and amount in sums and not _names_other(words, each, document.schema.index):
            told = _without_caption(words, each, document.schema.index)
            if told:
                return told
    return []


def _without_caption(words: Sequence[Token], value: KeyAsValue, index: LabelIndex) -> list[Token]:
    """The words without those at their beginning that only say that something was paid: "Geg. EC-Cash".

    "Amount charged" tells no way to pay. A label that the text has is whole: "Pagamento elettronico".
    """
    fields = index.exact(key_of(_text(words)))
    rest = list(dropwhile(lambda token: says_paid(token.text), words))
    whole = value.text in fields and (rest or not set(fields).isdisjoint(value.amounts))
    return list(words) if whole else rest


def _with_one_more(total: Candidate, chosen: Mapping[str, Candidate]) -> Iterable[Decimal]:
    """The total with another amount that was chosen on top: a tip is paid with it."""
    whole = total.reading.value
    others = (candidate.reading.value for path, candidate in chosen.items() if path != total.field.path)
    return [whole + other for other in others if isinstance(other, Decimal) and isinstance(whole, Decimal)]


def _names_other(words: Sequence[Token], value: KeyAsValue, index: LabelIndex) -> bool:
    """Whether a run of the words is the key of another amount: "Total rounded"."""
    runs = [words[start:stop] for start in range(len(words)) for stop in range(start + 1, len(words) + 1)]
    fields = {field for run in runs for field in index.exact(key_of(_text(run)))}
    return any(field.node.kind == "number" and field not in value.amounts and not field.array for field in fields)


def _words(line: Line, conventions: Conventions) -> list[Token]:
    """The words of a line that is a key and one amount; without a number behind them, or its mask."""
    tokens = [token for one in line.segments for token in one.tokens]
    if conventions.number(tokens[-1].text, money=True) is None:
        return []
    words: list[Token] = []
    for token in tokens[:-1]:
        if any(char.isdigit() or char in MASKS for char in token.text):
            break
        if any(char.isalpha() for char in token.text):
            words.append(token)
    while words and currencies_of(words[-1].text):
        words.pop()
    rest = tokens[len(words) : -1]
    if any(conventions.number(token.text, money=True) is not None and "." in token.text for token in rest):
        return []
    return words if words and len(words) <= PARAMS.key_words and key_of(_text(words)) else []


def _text(tokens: Iterable[Token]) -> str:
    return " ".join(token.text for token in tokens)
