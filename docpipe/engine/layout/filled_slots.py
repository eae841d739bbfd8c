"""What stands in the slots of a form: a caption printed in the cell, and what was entered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from docpipe.engine.layout.lines import Piece, Sheet
from docpipe.engine.layout.slot_captions import caption_of, captions_under
from docpipe.engine.layout.slots import Slot, inside
from docpipe.literals.currencies import parse_currency

UNIT_GAP = 1.2  # of the type's height: a unit printed beforehand stands this far from the entry
CENTRED = 0.38  # of a cell's height: a lone text whose middle is lower is no caption
FRAME = 3.3  # of the pitch: a taller cell whose lines are all in one type is a notice, no field
HABIT = 3  # cells with a caption outside, at least, that say how a form prints its captions
SAME_TYPE = 0.08  # heights that differ less are one type


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot with the words in it: those of a caption printed in the cell, and the entry's."""

    slot: Slot
    key: tuple[Piece, ...]
    value: tuple[Piece, ...]

    @property
    def entry(self) -> str:
        """What was entered, line by line; a comb's characters without gaps."""
        lines = [[piece.text for piece in _without_unit(line)] for line in _lines(self.value)]
        comb = self.slot.kind == "comb" or (len(self.value) > 3 and all(len(piece.text) == 1 for piece in self.value))
        text = "\n".join(("" if comb else " ").join(line) for line in lines).strip()
        return text.strip("$€£ _") or self.slot.value


def filled_slots(slots: Sequence[Slot], pieces: Sequence[Piece], sheet: Sheet, written_under: bool) -> list[Filled]:
    """Every slot with its words; frames around printed notices are left out."""
    held = {piece.index for slot in slots for piece in inside(pieces, slot.box)}
    cells = [slot for slot in slots if slot.kind == "cell"]
    named = {slot.box for slot in cells if caption_of(slot, sheet, held, written_under)}
    if len(named) < max(
        HABIT, len(cells) // 2 + 1
    ):  # else this form prints captions outside: words in a cell are its entry
        named = set()
    printed = captions_under(sheet, slots) if written_under else set()
    found = []
    for slot in slots:
        words = [piece for piece in inside(pieces, slot.box) if piece.index not in printed]
        one = _filled(slot, words, sheet, named=slot.box in named)
        if one is not None:
            found.append(one)
    return found


def _filled(slot: Slot, pieces: Sequence[Piece], sheet: Sheet, *, named: bool) -> Filled | None:
    """The slot's words told apart; None for a notice in a frame. `named`: its caption stands outside."""
    if slot.kind != "cell" or not pieces:
        return Filled(slot, (), tuple(pieces))
    lines = _lines(pieces)
    first, rest = lines[0], [piece for line in lines[1:] for piece in line]
    tall = slot.box.height
    alike = rest and abs(median(piece.size for piece in rest) / first[0].size - 1.0) < SAME_TYPE
    if alike and tall > FRAME * sheet.pitch and len(lines) > 2:
        return None
    head = first[0].box.mid_y - slot.box.top < (0.5 if rest else CENTRED) * tall
    if named or tall < 1.9 * sheet.pitch or not head:
        return Filled(slot, (), tuple(pieces))
    return Filled(slot, tuple(first), tuple(rest))


def _without_unit(line: Sequence[Piece]) -> Sequence[Piece]:
    """A line without the currency that is printed at the end of its slot, apart from the entry."""
    if parse_currency(line[-1].text) is None:
        return line
    apart = len(line) == 1 or line[-1].box.left - line[-2].box.right > UNIT_GAP * line[-1].size
    return line[:-1] if apart else line


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Words grouped by line, from the top down and from left to right."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: one.box.top + one.box.bottom):
        middle = piece.box.mid_y
        if lines and middle < lines[-1][0].box.bottom - 0.2 * piece.size:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted(line, key=lambda one: one.box.left) for line in lines]
