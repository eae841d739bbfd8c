"""Open key-value pairs: every caption of a form with what was entered at it, or with nothing.

For arrays whose items have no captions of their own (labels) and hold two strings: the first is the
printed caption, the second the entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.fields import Field
from docpipe.engine.layout.lines import Piece, Segment, Sheet
from docpipe.engine.layout.slot_captions import caption_of, is_written_under
from docpipe.engine.layout.slots import Slot, inside
from docpipe.records import Box
from docpipe.schema.nodes import Node
from docpipe.schema.values import parse_currency

LINE_TOP = 0.1  # of the pitch: type on a line stands this near to it at least
UNIT_GAP = 1.2  # of the type's height: a unit printed beforehand stands this far from the entry
CENTRED = 0.38  # of a cell's height: a lone text whose middle is lower is no caption
KEY_CHARS = 120
FRAME = 3.3  # of the pitch: a taller cell whose lines are all in one type is a notice, no field
SAME_TYPE = 0.08  # heights that differ less are one type
SLOT = 0.93  # score of a pair with a drawn slot
SCANNED_SLOT = 0.8  # and with one whose lines were found in pixels
EMPTY_KEY = 0.75  # of it, for a caption whose slot is empty: it may ask for nothing
HEADED = 0.91  # of a caption that is printed twice, with the heading above it
HEAD_TOP = 0.06  # of the page's height: the form's own title stands above
COLON = 0.8  # score of a caption that a colon marks, with what follows


@dataclass(frozen=True, slots=True)
class PairArray:
    """An array of the schema whose items are (caption, entry)."""

    path: str
    key: Field
    value: Field


def pair_arrays(root: Node, fields: Sequence[Field]) -> tuple[PairArray, ...]:
    """The arrays of the schema that ask for every pair on the page, whatever its caption is."""
    found = []
    for path, array in root.arrays():
        item = array.item
        if item is None or item.kind != "object" or len(item.children) != 2:
            continue
        mine = [one for one in fields if one.array == path]
        if len(mine) == 2 and all(_is_open(one.node) for one in mine):
            found.append(PairArray(path, mine[0], mine[1]))
    return tuple(found)


def _is_open(node: Node) -> bool:
    return node.kind == "string" and not (node.all_labels() or node.enum or node.format or node.pattern)


def pair_rows(
    array: PairArray, sheet: Sheet, number: int, slots: Sequence[Slot], taken: set[int], *, sure: bool = True
) -> list[Row]:
    """One row a slot with a caption, and one a caption that a colon marks; adds the words used to `taken`.

    `sure`: the slots' lines are those of the file, and not found in pixels.
    """
    best = SLOT if sure else SCANNED_SLOT
    pieces = [piece for line in sheet.lines for one in line.segments for piece in one.pieces if id(piece) not in taken]
    written_under = is_written_under(sheet, slots)
    entered = []
    for slot in slots:
        words = inside(pieces, slot.box)
        if slot.kind == "line" and written_under:
            words = [piece for piece in words if piece.box[1] > slot.box[1] + LINE_TOP * sheet.pitch]
        entered.append(_Filled.of(slot, words, sheet))
    rows: list[tuple[Box, dict[str, Leaf]]] = []
    values = {id(piece) for one in entered if one.outside_caption for piece in one.value}
    for one in sorted(entered, key=lambda one: one.slot.kind == "line"):  # a caption under a rule may head a cell
        key = one.key or caption_of(one.slot, sheet, values | taken, written_under)
        if not key or len(_text(key)) > KEY_CHARS or not any(char.isalpha() for char in _text(key)):
            continue
        value = _entry(one)
        taken |= {id(piece) for piece in (*key, *one.value)}
        rows.append((_box(key), _row(array, key, value, one.value or key, number, best if value else best * EMPTY_KEY)))
    _tell_apart(array, rows, sheet)
    rows += _marked(array, sheet, number, taken)
    return [row for _, row in sorted(rows, key=lambda pair: (round(pair[0][1] / (sheet.pitch or 1.0)), pair[0][0]))]


def _tell_apart(array: PairArray, rows: Sequence[tuple[Box, dict[str, Leaf]]], sheet: Sheet) -> None:
    """Captions that a page prints twice are told apart by the heading of their block: "Applicant / Name"."""
    path = array.key.path
    often = Counter(row[path].value for _, row in rows)
    keys = {id(piece) for _, row in rows for leaf in row.values() for piece in leaf.pieces}
    heads = [
        line.segments[0]
        for line in sheet.lines
        if len(line.segments) == 1
        and id(line.segments[0].pieces[0]) not in keys
        and _is_heading(line.segments[0], sheet)
    ]
    for box, row in rows:
        above = [head for head in heads if head.box[3] <= box[1] + 1.0 and head.box[1] > HEAD_TOP * sheet.height]
        if often[row[path].value] > 1 and above:
            head = max(above, key=lambda one: one.box[1])
            row[path] = replace(
                row[path], value=f"{head.text.rstrip(': ')} / {row[path].value}", score=min(HEADED, row[path].score)
            )


def _is_heading(one: Segment, sheet: Sheet) -> bool:
    """Bold, larger than most type, or on a bar."""
    middle = (one.box[1] + one.box[3]) / 2
    bar = any(fill[1] <= middle <= fill[3] and fill[0] <= one.box[0] <= fill[2] for fill in sheet.fills)
    return one.bold or bar or one.height > 1.15 * sheet.pitch


@dataclass(frozen=True, slots=True)
class _Filled:
    """A slot with the words in it: those of a caption printed in the cell, and the entry's."""

    slot: Slot
    key: tuple[Piece, ...]
    value: tuple[Piece, ...]

    @property
    def outside_caption(self) -> bool:
        return not self.key

    @classmethod
    def of(cls, slot: Slot, pieces: Sequence[Piece], sheet: Sheet) -> _Filled:
        if slot.kind != "cell" or not pieces:
            return cls(slot, (), tuple(pieces))
        lines = _lines(pieces)
        first, rest = lines[0], [piece for line in lines[1:] for piece in line]
        tall = slot.box[3] - slot.box[1]
        head = (first[0].box[1] + first[0].box[3]) / 2 - slot.box[1] < (0.5 if rest else CENTRED) * tall
        if tall < 1.9 * sheet.pitch or not head:
            return cls(slot, (), tuple(pieces))
        alike = rest and abs(median(piece.size for piece in rest) / first[0].size - 1.0) < SAME_TYPE
        if alike and tall > FRAME * sheet.pitch and len(lines) > 2:
            return cls(slot, (), ())
        return cls(slot, tuple(first), tuple(rest))


def _entry(one: _Filled) -> str:
    """What was entered, line by line; a comb's characters without gaps."""
    lines = [[piece.text for piece in _without_unit(line)] for line in _lines(one.value)]
    comb = one.slot.kind == "comb" or (len(one.value) > 3 and all(len(piece.text) == 1 for piece in one.value))
    text = "\n".join(("" if comb else " ").join(line) for line in lines).strip()
    return text.strip("$€£ _") or one.slot.value


def _without_unit(line: Sequence[Piece]) -> Sequence[Piece]:
    """A line without the currency that is printed at the end of its slot, apart from the entry."""
    if parse_currency(line[-1].text) is None:
        return line
    apart = len(line) == 1 or line[-1].box[0] - line[-2].box[2] > UNIT_GAP * line[-1].size
    return line[:-1] if apart else line


def _marked(array: PairArray, sheet: Sheet, number: int, taken: set[int]) -> Iterable[tuple[Box, dict[str, Leaf]]]:
    """Captions with a colon and what stands behind them: a form, or a letter, without slots."""
    for line in sheet.lines:
        for at, one in enumerate(line.segments):
            cut = next((n for n, piece in enumerate(one.pieces[:10], 1) if piece.text.endswith(":")), 0)
            key = one.pieces[:cut]
            if not cut or any(id(piece) in taken for piece in one.pieces) or len(_text(key)) > KEY_CHARS // 2:
                continue
            value = one.pieces[cut:]
            if not value and at + 1 < len(line.segments):
                beside = line.segments[at + 1].pieces
                free = not any(id(piece) in taken or piece.text.endswith(":") for piece in beside)
                value = beside if free else ()
            if not value or not any(char.isalpha() for char in _text(key)):
                continue
            taken |= {id(piece) for piece in (*key, *value)}
            yield one.box, _row(array, key, _text(value), value, number, COLON)


def _row(
    array: PairArray, key: Sequence[Piece], value: str, pieces: Sequence[Piece], number: int, score: float
) -> dict[str, Leaf]:
    row = {array.key.path: Leaf(_text(key).rstrip(": ").strip(), tuple(key), number, score)}
    if value and len(value) <= (array.value.node.max_length or len(value)):
        row[array.value.path] = Leaf(value, tuple(pieces), number, score)
    return row


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Words grouped by line, from the top down and from left to right."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: one.box[1] + one.box[3]):
        middle = (piece.box[1] + piece.box[3]) / 2
        if lines and middle < lines[-1][0].box[3] - 0.2 * piece.size:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted(line, key=lambda one: one.box[0]) for line in lines]


def _text(pieces: Iterable[Piece]) -> str:
    return " ".join(piece.text for piece in pieces)


def _box(pieces: Sequence[Piece]) -> Box:
    return pieces[0].box
