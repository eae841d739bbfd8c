"""Where a form prints the caption of a slot: left of it, above it, or under a line that is written on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docpipe.engine.layout.lines import Piece, Segment, Sheet
from docpipe.engine.layout.slots import Slot, inside
from docpipe.page.box import Box

ABOVE = 1.3  # of the pitch: white space between a caption and the slot under it
ABOVE_FIELD = 4.2  # the same where a PDF field is only as tall as its type, deep in a printed cell
ASIDE = 2.5  # of the pitch: a caption may begin so far left of its slot
BESIDE = 24.0  # of the pitch: white space between a caption and the slot right of it
LEADING = 0.55  # of the pitch: the lines of one caption stand closer than this
CAPTION_LINES = 3


def caption_of(slot: Slot, sheet: Sheet, used: set[int], written_under: bool) -> tuple[Piece, ...]:
    """The caption left of a slot on its line, above it, or below a line that is written on."""
    if slot.kind == "line" and written_under:
        return _under(sheet, slot.box, used)
    return _left(sheet, slot.box, used) or _stacked(sheet, slot, used)


def _left(sheet: Sheet, box: Box, used: set[int]) -> tuple[Piece, ...]:
    """The words that end close to a slot's left side, on its height."""
    pitch = sheet.pitch
    beside: Piece | None = None
    left: tuple[Piece, ...] = ()
    for line in sheet.lines:
        middle = line.box.mid_y
        if not box.top - 0.2 * pitch <= middle <= box.bottom + 0.3 * pitch:
            continue
        for one in line.segments:
            free = tuple(piece for piece in one.pieces if piece.index not in used and piece.box.right <= box.left + 3.0)
            near = bool(free) and box.left - free[-1].box.right <= BESIDE * pitch
            if near and (beside is None or free[-1].box.right > beside.box.right):
                beside, left = free[-1], free
    return left if any(char.isalpha() for char in " ".join(piece.text for piece in left)) else ()


def is_written_under(sheet: Sheet, slots: Sequence[Slot]) -> bool:
    """Whether most lines of this form have their caption in the line right under them, and none beside."""
    lines = [slot for slot in slots if slot.kind == "line"]
    pieces = [piece for line in sheet.lines for one in line.segments for piece in one.pieces]
    entered = {piece.index for slot in lines for piece in inside(pieces, slot.box)}  # beside the next slot on the line
    under = sum(bool(_under(sheet, slot.box, set())) and not _left(sheet, slot.box, entered) for slot in lines)
    return under * 2 > len(lines)


def captions_under(sheet: Sheet, slots: Sequence[Slot]) -> set[int]:
    """Ids of the words that stand right under the lines of a form that is written on above them."""
    return {piece.index for slot in slots if slot.kind == "line" for piece in _under(sheet, slot.box, set())}


def _stacked(sheet: Sheet, slot: Slot, used: set[int]) -> tuple[Piece, ...]:
    """The lines right above a slot that begin over it."""
    box = slot.box
    reach = ABOVE_FIELD if slot.kind == "widget" else ABOVE
    found: list[tuple[Piece, ...]] = []
    bottom = box.top + 0.35 * sheet.pitch
    walls = sorted(rule.top for rule in sheet.rules if rule.width > 20 and rule.overlap_x(box) > 10)
    for line in sorted(sheet.lines, key=lambda one: -one.box.bottom):
        gap = bottom - line.box.bottom
        if gap < -0.3 * sheet.pitch or line.box.top >= box.top:
            continue
        if gap > (reach if not found else LEADING) * sheet.pitch or len(found) == CAPTION_LINES:
            break
        over = _over(line.segments, box, used, ASIDE * sheet.pitch)
        if not over:
            continue
        limit = bottom + 1.0 if found else bottom - 0.4 * sheet.pitch  # the slot's own edge is no wall
        if any(line.box.bottom - 1 < wall < limit for wall in walls):
            break
        found.insert(0, over)
        bottom = line.box.top
    return tuple(piece for line_pieces in found for piece in line_pieces)


def _under(sheet: Sheet, box: Box, used: set[int]) -> tuple[Piece, ...]:
    """The line of small print right under a rule."""
    for line in sheet.lines:
        if -0.3 * sheet.pitch <= line.box.top - box.bottom <= 0.6 * sheet.pitch:
            found = _over(line.segments, box, used, ASIDE * sheet.pitch)
            if found:
                return found
    return ()


def _over(segments: Iterable[Segment], box: Box, used: set[int], aside: float) -> tuple[Piece, ...]:
    for one in segments:
        free = tuple(piece for piece in one.pieces if piece.index not in used)
        if free and box.left - aside <= free[0].box.left < box.right - 2.0:
            return free
    return ()
