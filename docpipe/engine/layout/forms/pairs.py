"""Open key-value pairs: every key of a form with what was entered at it, or with nothing.

For arrays of the role "key_values": the first string is the printed key, the second the entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.forms.filled import filled_input_fields
from docpipe.engine.layout.forms.input_fields import InputField
from docpipe.engine.layout.forms.keys import is_written_under, key_at
from docpipe.engine.layout.forms.pair_scores import Pair, pair_scores, text_of
from docpipe.engine.layout.keys.fields import Field
from docpipe.page.lines import PageText

KEY_VALUES = "key_values"
KEY_CHARS = 120


@dataclass(frozen=True, slots=True)
class PairArray:
    """An array of the schema whose items are (key, entry)."""

    path: str
    key: Field
    value: Field


def pair_arrays(fields: Sequence[Field], paths: Sequence[str]) -> tuple[PairArray, ...]:
    """The arrays at `paths`, which ask for every pair on the page, whatever its key is."""
    return tuple(PairArray(path, *(one for one in fields if one.array == path)) for path in paths)


def pair_rows(
    array: PairArray,
    page_text: PageText,
    number: int,
    input_fields: Sequence[InputField],
    taken: set[int],
    *,
    drawn: bool = True,
) -> list[Row]:
    """One row a slot with a key, and one a key that a colon marks; adds the words used to `taken`.

    `drawn`: the slots' lines are those of the file, and not found in pixels.
    """
    tokens = [
        token for line in page_text.lines for one in line.segments for token in one.tokens if token.index not in taken
    ]
    written_under = is_written_under(page_text, input_fields)
    entered = filled_input_fields(input_fields, tokens, page_text, written_under)
    found: list[Pair] = []
    values = {token.index for one in entered if not one.key for token in one.value}
    for one in sorted(entered, key=lambda one: one.input_field.kind == "line"):  # a key under a rule may head a cell
        key = one.key or key_at(one.input_field, page_text, values | taken, written_under)
        if not key or len(text_of(key)) > KEY_CHARS or not any(char.isalpha() for char in text_of(key)):
            continue
        taken |= {token.index for token in (*key, *one.value)}
        found.append(Pair(one.input_field, key, one.value, one.entry))
    found += _marked(page_text, taken)
    found.sort(key=lambda one: (round(one.key[0].box.top / (page_text.pitch or 1.0)), one.key[0].box.left))
    scores = pair_scores(found, drawn=drawn)
    return [_row(array, one, number, *both) for one, both in zip(found, scores, strict=True)]


def _marked(page_text: PageText, taken: set[int]) -> Iterable[Pair]:
    """Keys with a colon and what stands behind them: a form, or a letter, without slots."""
    for line in page_text.lines:
        for at, one in enumerate(line.segments):
            cut = next((n for n, token in enumerate(one.tokens[:10], 1) if token.text.endswith(":")), 0)
            key = one.tokens[:cut]
            if not cut or any(token.index in taken for token in one.tokens) or len(text_of(key)) > KEY_CHARS // 2:
                continue
            value = one.tokens[cut:]
            if not value and at + 1 < len(line.segments):
                beside = line.segments[at + 1].tokens
                free = not any(token.index in taken or token.text.endswith(":") for token in beside)
                value = beside if free else ()
            if not value or not any(char.isalpha() for char in text_of(key)):
                continue
            taken |= {token.index for token in (*key, *value)}
            yield Pair(None, key, value, text_of(value))


def _row(array: PairArray, pair: Pair, number: int, key: float, entry: float) -> dict[str, Leaf]:
    """The pair as a row; `key` and `entry` are the probabilities of its two cells."""
    row = {array.key.path: Leaf(text_of(pair.key).rstrip(": ").strip(), pair.key, number, key, KEY_VALUES)}
    if pair.value and len(pair.value) <= (array.value.node.max_length or len(pair.value)):
        row[array.value.path] = Leaf(pair.value, pair.words or pair.key, number, entry, KEY_VALUES)
    return row
