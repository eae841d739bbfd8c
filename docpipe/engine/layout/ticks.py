"""Tick boxes and radio buttons: the box, the text printed at it, and whether it is ticked.

For arrays whose items have no captions of their own and hold one boolean and one or two strings: the
first string is the text at the box, the second the question above or before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.fields import Field
from docpipe.engine.layout.ink import outlines, share_of_ink
from docpipe.engine.layout.lines import Line, Piece, Segment, Sheet
from docpipe.engine.layout.slots import inside
from docpipe.records import Box, Page
from docpipe.schema.nodes import Node

OPEN = frozenset("☐□◻▢○◯❏❑⬜")
DONE = frozenset("☑☒✓✔✗✘⊠⊗●◉■▣🗹也")
BESIDE = 2.2  # of the pitch: white space between a box and its text
INKED = 0.12  # of a box's inside that is ink where it is ticked
INSET = 0.27  # of a box's side: its own lines stand in this margin
DRAWN = 0.94  # score of a box that is drawn or a field of the PDF
GLYPH = 0.85  # of one that is a letter of the text
UNSEEN = 0.6  # of one whose inside nobody could look at


@dataclass(frozen=True, slots=True)
class TickArray:
    """An array of the schema whose items are boxes; `group` is None where it asks for no question."""

    path: str
    label: Field
    checked: Field
    group: Field | None


@dataclass(frozen=True, slots=True)
class Tick:
    """One box on a page, in points. `checked` is None where its state is not known."""

    box: Box
    checked: bool | None
    score: float
    piece: Piece | None = None  # the letter that is the box


def tick_arrays(root: Node, fields: Sequence[Field]) -> tuple[TickArray, ...]:
    """The arrays of the schema that ask for every box on the page."""
    found = []
    for path, array in root.arrays():
        mine = [one for one in fields if one.array == path]
        states = [one for one in mine if one.node.kind == "boolean"]
        texts = [one for one in mine if one.node.kind == "string" and not one.node.enum]
        plain = not any(one.node.all_labels() for one in mine) and array.item is not None
        if plain and len(states) == 1 and len(texts) in (1, 2) and len(mine) == len(texts) + 1:
            found.append(TickArray(path, texts[0], states[0], texts[1] if len(texts) == 2 else None))
    return tuple(found)


def find_ticks(sheet: Sheet, page: Page, squares: Sequence[Box]) -> list[Tick]:
    """Every box of a page: fields of the PDF first, then drawn ones, then letters that are boxes."""
    across, down = sheet.width, sheet.height
    found = [
        Tick(
            (one.box[0] * across, one.box[1] * down, one.box[2] * across, one.box[3] * down),
            one.checked if one.checked is not None else one.value not in ("", "Off"),
            DRAWN,
        )
        for one in page.geometry.widgets
        if one.kind in ("checkbox", "radiobutton")
    ]
    pieces = [piece for line in sheet.lines for one in line.segments for piece in one.pieces]
    for box in (*squares, *outlines(page, sheet)):
        words = any(len(piece.text) > 2 for piece in inside(pieces, box))
        if not words and not any(_same(box, one.box) for one in found):
            found.append(_drawn(box, sheet, page, pieces))
    for piece in pieces:
        sign = piece.text[0]
        if sign in OPEN | DONE and not any(_same(piece.box, one.box) for one in found):
            wide = min(piece.size, (piece.box[2] - piece.box[0]) / max(1, len(piece.text)) * 1.5)
            box = (piece.box[0], piece.box[1], piece.box[0] + wide, piece.box[3])
            found.append(Tick(box, sign in DONE, GLYPH, piece))
    return sorted(found, key=lambda one: (round(one.box[1] / (sheet.pitch or 1.0)), one.box[0]))


def _drawn(box: Box, sheet: Sheet, page: Page, pieces: Sequence[Piece]) -> Tick:
    """A drawn box: ticked where letters or fills stand in it, or where its inside has ink."""
    if any(len(piece.text) <= 2 for piece in inside(pieces, box)):
        return Tick(box, True, DRAWN)
    side = min(box[2] - box[0], box[3] - box[1]) * INSET
    core = (box[0] + side, box[1] + side, box[2] - side, box[3] - side)
    ink = share_of_ink(page, core)
    if ink is not None:
        return Tick(box, ink > INKED, DRAWN)
    filled = any(_same(fill, core) for fill in sheet.fills)
    return Tick(box, filled, UNSEEN)


def tick_rows(array: TickArray, sheet: Sheet, number: int, ticks: Sequence[Tick], taken: set[int]) -> list[Row]:
    """One row a box that has a text; adds the words used to `taken`."""
    rows: list[Row] = []
    after = _text_first(sheet, ticks)
    for at, tick in enumerate(ticks):
        pieces = _label(tick, sheet, ticks, after)
        text = " ".join(piece.text for piece in pieces).strip("☐□ .:")
        if not any(char.isalnum() for char in text) or len(text) > (array.label.node.max_length or 300):
            continue
        taken |= {id(piece) for piece in pieces}
        row = {array.label.path: Leaf(text, pieces, number, tick.score)}
        if tick.checked is not None:
            row[array.checked.path] = Leaf(tick.checked, pieces, number, tick.score)
        if array.group is not None:
            question = _question(tick, pieces, sheet, ticks[:at])
            if question is not None:
                text = question.text.rstrip(": ")
                row[array.group.path] = Leaf(text, question.pieces, number, tick.score * 0.85)
        rows.append(row)
    return rows


def _text_first(sheet: Sheet, ticks: Sequence[Tick]) -> bool:
    """Whether this form prints the text left of its boxes: by which side stands nearer, over all of them."""
    sides = [(_gap(tick, sheet, right=True), _gap(tick, sheet, right=False)) for tick in ticks if tick.piece is None]
    both = [(right, left) for right, left in sides if right is not None or left is not None]
    lead = sum(
        (left is not None and (right is None or left < right)) - (right is not None and (left is None or right <= left))
        for right, left in both
    )
    return lead > 0


def _gap(tick: Tick, sheet: Sheet, right: bool) -> float | None:
    gaps = [
        one.box[0] - tick.box[2] if right else tick.box[0] - one.box[2]
        for line in _level(tick, sheet)
        for segment in line.segments
        for one in segment.pieces
    ]
    near = [gap for gap in gaps if -1.5 <= gap <= BESIDE * sheet.pitch]
    return min(near) if near else None


def _level(tick: Tick, sheet: Sheet) -> list[Line]:
    """The lines on the box's height."""
    middle = (tick.box[1] + tick.box[3]) / 2
    return [line for line in sheet.lines if line.box[1] - 1.0 <= middle <= line.box[3] + 1.0]


def _label(tick: Tick, sheet: Sheet, ticks: Sequence[Tick], after: bool) -> tuple[Piece, ...]:
    """The words right of a box up to the next box or wide gap; left of it where the form prints them there."""
    if tick.piece is not None:
        after = False
    for line in _level(tick, sheet):
        row = [piece for segment in line.segments for piece in segment.pieces]
        others = [one.box for one in ticks if one is not tick and _level_boxes(one.box, tick.box)]
        run: list[Piece] = []
        edge = tick.box[0] if after else tick.box[2]
        for piece in reversed(row) if after else row:
            gap = edge - piece.box[2] if after else piece.box[0] - edge
            own = piece is tick.piece and len(piece.text) > 1
            if own:
                run.append(piece)
                edge = piece.box[2]
                continue
            if gap < -2.0 or piece is tick.piece:
                continue
            far = BESIDE if not run else 0.75
            low, high = sorted((edge, piece.box[0]))
            if gap > far * sheet.pitch or any(low - 1 <= (one[0] + one[2]) / 2 <= high + 1 for one in others):
                break
            run.append(piece)
            edge = piece.box[0] if after else piece.box[2]
        if run:
            return tuple(reversed(run)) if after else tuple(run)
    return ()


def _question(tick: Tick, label: Sequence[Piece], sheet: Sheet, before: Sequence[Tick]) -> Segment | None:
    """The text that begins the row of boxes, or that stands above them further left."""
    mine = {id(piece) for piece in label}
    for line in _level(tick, sheet):
        first = line.segments[0]
        if (
            not mine & {id(piece) for piece in first.pieces}
            and first.box[0] < tick.box[0]
            and not any(_level_boxes(one.box, tick.box) and one.box[0] < first.box[0] for one in before)
        ):
            return first
    top = min(tick.box[1], label[0].box[1])
    for line in reversed([one for one in sheet.lines if one.box[3] <= top + 2.0]):
        one = line.segments[0]
        boxed = any(_level_boxes(other.box, one.box) for other in before)
        if not boxed:
            return one if top - one.box[3] < 2.0 * sheet.pitch else None
        top = line.box[1]
    return None


def _level_boxes(one: Box, other: Box) -> bool:
    return min(one[3], other[3]) - max(one[1], other[1]) > 0.3 * min(one[3] - one[1], other[3] - other[1])


def _same(one: Box, other: Box) -> bool:
    """True where the centre of one lies in the other."""
    x, y = (one[0] + one[2]) / 2, (one[1] + one[3]) / 2
    return other[0] - 1 <= x <= other[2] + 1 and other[1] - 1 <= y <= other[3] + 1
