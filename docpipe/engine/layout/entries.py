"""Open key-value pairs: every caption of a form with what was entered at it, or with nothing.

For arrays of the role "key_values": the first string is the printed caption, the second the entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.fields import Field
from docpipe.engine.layout.filled_slots import filled_slots
from docpipe.engine.layout.lines import Sheet
from docpipe.engine.layout.pair_scores import Pair, pair_scores, text_of
from docpipe.engine.layout.slot_captions import caption_of, is_written_under
from docpipe.engine.layout.slots import Slot

KEY_CHARS = 120


@dataclass(frozen=True, slots=True)
class PairArray:
    """An array of the schema whose items are (caption, entry)."""

    path: str
    key: Field
    value: Field


def pair_arrays(fields: Sequence[Field], paths: Sequence[str]) -> tuple[PairArray, ...]:
    """The arrays at `paths`, which ask for every pair on the page, whatever its caption is."""
    return tuple(PairArray(path, *(one for one in fields if one.array == path)) for path in paths)


def pair_rows(
    array: PairArray, sheet: Sheet, number: int, slots: Sequence[Slot], taken: set[int], *, drawn: bool = True
) -> list[Row]:
    """One row a slot with a caption, and one a caption that a colon marks; adds the words used to `taken`.

    `drawn`: the slots' lines are those of the file, and not found in pixels.
    """
    pieces = [
        piece for line in sheet.lines for one in line.segments for piece in one.pieces if piece.index not in taken
    ]
    written_under = is_written_under(sheet, slots)
    entered = filled_slots(slots, pieces, sheet, written_under)
    found: list[Pair] = []
    values = {piece.index for one in entered if not one.key for piece in one.value}
    for one in sorted(entered, key=lambda one: one.slot.kind == "line"):  # a caption under a rule may head a cell
        key = one.key or caption_of(one.slot, sheet, values | taken, written_under)
        if not key or len(text_of(key)) > KEY_CHARS or not any(char.isalpha() for char in text_of(key)):
            continue
        taken |= {piece.index for piece in (*key, *one.value)}
        found.append(Pair(one.slot, key, one.value, one.entry))
    found += _marked(sheet, taken)
    found.sort(key=lambda one: (round(one.key[0].box.top / (sheet.pitch or 1.0)), one.key[0].box.left))
    scores = pair_scores(found, drawn=drawn)
    return [_row(array, one, number, *both) for one, both in zip(found, scores, strict=True)]


def _marked(sheet: Sheet, taken: set[int]) -> Iterable[Pair]:
    """Captions with a colon and what stands behind them: a form, or a letter, without slots."""
    for line in sheet.lines:
        for at, one in enumerate(line.segments):
            cut = next((n for n, piece in enumerate(one.pieces[:10], 1) if piece.text.endswith(":")), 0)
            key = one.pieces[:cut]
            if not cut or any(piece.index in taken for piece in one.pieces) or len(text_of(key)) > KEY_CHARS // 2:
                continue
            value = one.pieces[cut:]
            if not value and at + 1 < len(line.segments):
                beside = line.segments[at + 1].pieces
                free = not any(piece.index in taken or piece.text.endswith(":") for piece in beside)
                value = beside if free else ()
            if not value or not any(char.isalpha() for char in text_of(key)):
                continue
            taken |= {piece.index for piece in (*key, *value)}
            yield Pair(None, key, value, text_of(value))


def _row(array: PairArray, pair: Pair, number: int, caption: float, entry: float) -> dict[str, Leaf]:
    """The pair as a row; `caption` and `entry` are the probabilities of its two cells."""
    row = {array.key.path: Leaf(text_of(pair.key).rstrip(": ").strip(), pair.key, number, caption, "key_value")}
    if pair.value and len(pair.value) <= (array.value.node.max_length or len(pair.value)):
        row[array.value.path] = Leaf(pair.value, pair.words or pair.key, number, entry, "key_value")
    return row
