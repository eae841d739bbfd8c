"""Texts whose value is the key of an amount: "VISA 13.14" says how 13.14 was paid.

A text field and an amount that share labels ("Cash", "Bar", "Contanti") are such a pair: where the amount is
printed, the words before it are the text. Where it is not, the words before a repetition of the total are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from docpipe.engine.layout.answer import Leaf
from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scoring.equations import Equation
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import currencies_of
from docpipe.literals.numbers import parse_number
from docpipe.page.lines import Line, PageText, Token

NAMED = weight("key_is_value.named")  # score of the words before the amount that shares the text's labels
REPEATED = weight("key_is_value.total_repeated")  # of the words before an amount that is the total once more
LEAST_SHARED = 3  # labels that both fields have; fewer are a coincidence
MOST_WORDS = 4  # of such a key
MASKS = "*#•"  # signs that hide a number


@dataclass(frozen=True, slots=True)
class KeyAsValue:
    """A text, the amounts that share its labels, and the sum which such an amount may repeat, plus extras."""

    text: Field
    amounts: tuple[Field, ...]
    total: Field | None


def keys_as_values(index: LabelIndex, equations: Iterable[Equation]) -> tuple[KeyAsValue, ...]:
    """The texts of a schema that keys of amounts can fill."""
    flat = [one for one in index.fields if not one.array]
    numbers = [one for one in flat if one.node.kind == "number"]
    found = []
    for text in (one for one in flat if one.node.kind == "string" and one.type == "text" and not one.section):
        labels = _keys(text)
        amounts = tuple(one for one in numbers if len(labels & _keys(one)) >= LEAST_SHARED)
        if amounts:
            names = {one.path for one in amounts}
            tied = {name for equation in equations if not names.isdisjoint(equation.names) for name in equation.names}
            total = next((one for one in numbers if one.plain and one.path in tied), None)
            found.append(KeyAsValue(text, amounts, total))
    return tuple(found)


def _keys(one: Field) -> frozenset[str]:
    return frozenset(key_of(label) for label in one.node.all_labels())


def key_leaves(
    values: Iterable[KeyAsValue],
    chosen: Mapping[str, Candidate],
    page_texts: Sequence[PageText],
    index: LabelIndex,
    style: Conventions,
) -> dict[str, Leaf]:
    """path of a text -> the key that is its value, given the amounts that were chosen."""
    found: dict[str, Leaf] = {}
    for value in values:
        named = next((chosen[one.path] for one in value.amounts if one.path in chosen), None)
        leaf = _named(named, page_texts, style) if named is not None else None
        if leaf is None and value.total is not None and value.total.path in chosen:
            leaf = _repeated(value, chosen, page_texts, index, style)
        if leaf is not None:
            found[value.text.path] = leaf
    return found


def _named(amount: Candidate, page_texts: Sequence[PageText], style: Conventions) -> Leaf | None:
    words = _words(page_texts[amount.page].lines[amount.segment.line], style)
    return _leaf(words, amount.page, NAMED) if words else None


def _repeated(
    value: KeyAsValue,
    chosen: Mapping[str, Candidate],
    page_texts: Sequence[PageText],
    index: LabelIndex,
    style: Conventions,
) -> Leaf | None:
    """The first words below the total that stand before an amount no smaller; a tip may be in it."""
    assert value.total is not None
    total = chosen[value.total.path]
    sums = {total.reading.value, *_with_one_more(total, chosen)}
    for line in page_texts[total.page].lines[total.segment.line + 1 :]:
        words = _words(line, style)
        amount = parse_number(line.segments[-1].tokens[-1].text, style.mark)
        if words and amount in sums and not _names_other(words, value, index):
            return _leaf(words, total.page, REPEATED)
    return None


def _with_one_more(total: Candidate, chosen: Mapping[str, Candidate]) -> Iterable[Decimal]:
    """The total with another amount that was chosen on top: a tip is paid with it."""
    whole = total.reading.value
    others = (one.reading.value for path, one in chosen.items() if path != total.field.path)
    return [whole + one for one in others if isinstance(one, Decimal) and isinstance(whole, Decimal)]


def _names_other(words: Sequence[Token], value: KeyAsValue, index: LabelIndex) -> bool:
    """Whether a run of the words is the key of another amount: "Total rounded"."""
    runs = [words[start:stop] for start in range(len(words)) for stop in range(start + 1, len(words) + 1)]
    fields = {one for run in runs for one in index.exact(key_of(_text(run)))}
    return any(one.node.kind == "number" and one not in value.amounts and not one.array for one in fields)


def _words(line: Line, style: Conventions) -> list[Token]:
    """The words of a line that is a key and one amount; without a number behind them, or its mask."""
    tokens = [token for one in line.segments for token in one.tokens]
    if parse_number(tokens[-1].text, style.mark) is None:
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
    if any(parse_number(token.text, style.mark) is not None and "." in token.text for token in rest):
        return []
    return words if words and len(words) <= MOST_WORDS and key_of(_text(words)) else []


def _text(tokens: Iterable[Token]) -> str:
    return " ".join(token.text for token in tokens)


def _leaf(words: Sequence[Token], page: int, score: float) -> Leaf:
    return Leaf(_text(words).strip(" :"), tuple(words), page, score, "before_amount")
