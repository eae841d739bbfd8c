"""Open key-value pairs: every key of a form with what was entered at it, or with nothing.

For arrays of the role "key_values": the first string is the printed key, the second the entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.forms.aligned import aligned_keys
from docpipe.engine.layout.forms.filled import filled_input_fields
from docpipe.engine.layout.forms.input_fields import InputField
from docpipe.engine.layout.forms.keys import is_written_under, key_at
from docpipe.engine.layout.forms.marked import marked_keys
from docpipe.engine.layout.forms.pair_scores import Pair, pair_scores, text_of
from docpipe.engine.layout.forms.params import PARAMS
from docpipe.engine.layout.forms.squares import is_sign
from docpipe.engine.layout.keys.fields import Field
from docpipe.page.lines import PageText, Segment, Token

KEY_VALUES = "key_values"


@dataclass(frozen=True, slots=True)
class PairArray:
    """An array of the schema whose items are (key, entry)."""

    path: str
    key: Field
    value: Field


def pair_arrays(fields: Sequence[Field], paths: Sequence[str]) -> tuple[PairArray, ...]:
    """The arrays at `paths`, which ask for every pair on the page, whatever its key is."""
    return tuple(PairArray(path, *(field for field in fields if field.array == path)) for path in paths)


def pair_rows(
    array: PairArray,
    page_text: PageText,
    page_index: int,
    input_fields: Sequence[InputField],
    taken: set[int],
    *,
    drawn: bool = True,
) -> list[Row]:
    """One row an input field with a key, and one a key that a colon marks; adds the words used to `taken`.

    `drawn`: the rules of input fields are those of the file, and not found in pixels.
    """
    tokens = [
        token
        for line in page_text.lines
        for segment in line.segments
        for token in segment.tokens
        if token.index not in taken and not is_sign(token.text)
    ]
    written_under = is_written_under(page_text, input_fields)
    entered = filled_input_fields(input_fields, tokens, page_text, written_under)
    pairs: list[Pair] = []
    values = {token.index for filled in entered if not filled.key for token in filled.value}
    entered.sort(key=lambda filled: filled.input_field.kind == "line")  # a key under a rule may head a cell
    for filled in entered:
        key = filled.key or key_at(filled.input_field, page_text, values | taken, written_under)
        if not _is_key(key, PARAMS.pairs.key_chars):
            continue
        taken |= {token.index for token in (*key, *filled.value)}
        pairs.append(Pair(filled.input_field, key, filled.value, filled.entry))
    pairs += _without_places(page_text, taken)
    pairs.sort(key=lambda pair: (round(pair.key[0].box.top / (page_text.pitch or 1.0)), pair.key[0].box.left))
    scores = pair_scores(pairs, drawn=drawn)
    return [_row(array, pair, page_index, *both) for pair, both in zip(pairs, scores, strict=True)]


def _is_key(tokens: Sequence[Token], most: int) -> bool:
    """Words, and no more than `most` letters of them."""
    text = text_of(tokens)
    return len(text) <= most and any(char.isalpha() for char in text)


def _without_places(page_text: PageText, taken: set[int]) -> Iterable[Pair]:
    """Keys that a colon marks, then lists in two columns; adds the words used to `taken`."""

    def free(segment: Segment) -> bool:
        return not any(token.index in taken for token in segment.tokens)

    marked = (Pair(None, each.key, each.words, each.text) for each in marked_keys(page_text, free))
    aligned = (Pair(None, key.tokens, entry.tokens, entry.text) for key, entry in aligned_keys(page_text, free))
    for pair in chain(marked, aligned):
        words = {token.index for token in (*pair.key, *pair.words)}
        if not words & taken:
            taken.update(words)
            yield pair


def _row(array: PairArray, pair: Pair, page_index: int, key: float, entry: float) -> dict[str, Leaf]:
    """The pair as a row; `key` and `entry` are the probabilities of its two cells."""
    row = {array.key.path: Leaf(text_of(pair.key).rstrip(": ").strip(), pair.key, page_index, key, KEY_VALUES)}
    if pair.value and len(pair.value) <= (array.value.node.max_length or len(pair.value)):
        row[array.value.path] = Leaf(pair.value, pair.words or pair.key, page_index, entry, KEY_VALUES)
    return row
