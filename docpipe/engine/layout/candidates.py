"""Where a caption's value may stand: behind it, right of it, below it; each place scored, none chosen."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from docpipe.engine.layout.captions import Caption
from docpipe.engine.layout.fields import Field
from docpipe.engine.layout.lines import Line, Piece, Segment, Sheet, segment
from docpipe.engine.layout.readings import Reading, read
from docpipe.literals.conventions import Conventions

BEHIND = 1.0  # scores of the places, before distance and alignment
RIGHT = 0.95
BELOW = 0.88
AMOUNTS_RIGHT = 3  # numbers on a caption's line that may be its value: "VAT 19 % | 100.00 | 19.00"
LEFTOVER = 0.6  # of the score remains beside a caption that other words follow: "Total | weight"
LINES_BELOW = 4  # lines searched under a caption
REACH_DOWN = 3.0  # of the type's height: how far below a caption its value may begin
REACH_RIGHT_TEXT = 0.4  # of the page's width: text further right belongs to something else
CELL_WIDTH = 0.16  # of the page's width: how far right of its caption a cell may end
ASIDE_PT = 2.0  # edges nearer than this are aligned
BESIDE_UNKNOWN = 0.6  # a value right of a caption that the schema does not know is that caption's
SAME_BAND = 0.4  # of the smaller height two boxes must share to stand side by side


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible value of a field. `place` in {"behind", "right", "below", "free", ...} is its reason.

    `caption` identifies the caption it hangs on (None without one): a caption serves one field.
    `shared`: its print may be part of another field's value, as a currency's sign is of an amount's.
    `doubt`: what the odds of being right are divided by for its rivals, once it is chosen.
    `inner`: it counts under its section's heading only.
    """

    field: Field
    reading: Reading
    segment: Segment
    score: float
    place: str
    caption: int | None = None
    shared: bool = False
    doubt: float = 1.0
    inner: bool = False

    @property
    def evidence(self) -> str:
        """The kind of its evidence: the place, but "text" for words at a caption, which no type proves."""
        node = self.field.node
        free = node.kind == "string" and self.field.type == "text" and not (node.enum or node.format or node.pattern)
        return "text" if free and self.caption is not None else self.place

    @property
    def page(self) -> int:
        return self.segment.page

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return self.reading.pieces


class Surroundings:
    """One sheet's segments, with those that are captions marked, to look around from any of them."""

    def __init__(self, sheet: Sheet, captions: Iterable[Caption], taken: Iterable[Segment] = ()) -> None:
        self.sheet = sheet
        self.taken = {piece.index for segment in taken for piece in segment.pieces}
        self.captions = {caption.segment.pieces[0].index: caption for caption in captions}
        self.starts = [line.box.top for line in sheet.lines]

    def is_caption(self, segment: Segment) -> bool:
        return segment.pieces[0].index in self.captions

    def free(self, segment: Segment) -> bool:
        """True if the segment is nobody's: no caption, no cell of a table."""
        return not self.is_caption(segment) and segment.pieces[0].index not in self.taken

    def in_table(self, segment: Segment) -> bool:
        return segment.pieces[0].index in self.taken

    def right_of(self, segment: Segment) -> Iterable[Segment]:
        """Segments on the same height to the right, nearest first, up to the next caption."""
        found = []
        for line in self._near(segment.line - 1, segment.line + 2):
            start = bisect_left(line.segments, segment.box.right - ASIDE_PT, key=lambda one: one.box.left)
            found += [one for one in line.segments[start : start + AMOUNTS_RIGHT + 1] if _side_by_side(segment, one)]
        for one in sorted(found, key=lambda one: one.box.left):
            if not self.free(one):
                return
            yield one

    def below(self, segment: Segment) -> Iterable[Segment]:
        """Segments under this one, nearest first, up to the next caption.

        They share its columns, or stand in the free space right of them, before the next segment.
        """
        reach = segment.box.bottom + REACH_DOWN * segment.height
        right = self._free_until(segment)
        for line in self._near(segment.line + 1, segment.line + 1 + LINES_BELOW):
            if line.box.top > reach:
                return
            for one in _across(line, segment.box.left, right):
                if one.box.top < segment.box.bottom - SAME_BAND * segment.height:
                    continue
                if not self.free(one):
                    return
                yield one

    def _free_until(self, segment: Segment) -> float:
        """Where the next segment on the line begins, not further than a cell's width away."""
        segments = self.sheet.lines[segment.line].segments
        at = bisect_right(segments, segment.box.left, key=lambda one: one.box.left)
        following = segments[at].box.left if at < len(segments) else self.sheet.width
        return max(segment.box.right, min(following - ASIDE_PT, segment.box.right + CELL_WIDTH * self.sheet.width))

    def left_of(self, segment: Segment) -> Segment | None:
        """The nearest segment to the left on the same line."""
        line = self.sheet.lines[segment.line]
        at = bisect_left(line.segments, segment.box.left, key=lambda one: one.box.left)
        return line.segments[at - 1] if at else None

    def _near(self, start: int, stop: int) -> Sequence[Line]:
        return self.sheet.lines[max(0, start) : max(0, stop)]


def _side_by_side(a: Segment, b: Segment) -> bool:
    return a.box.overlap_y(b.box) >= SAME_BAND * min(a.height, b.height)


def _across(line: Line, x0: float, x1: float) -> Iterable[Segment]:
    """The line's segments that reach into x0..x1."""
    start = bisect_left(line.segments, x0, key=lambda one: one.box.right)
    for one in line.segments[start:]:
        if one.box.left >= x1:
            return
        yield one


def around_caption(
    number: int, caption: Caption, place: Surroundings, style: Conventions, ends: Mapping[str, Field]
) -> list[Candidate]:
    """Every typed value around one caption, for every field that the caption may name.

    `ends` maps a date that begins a range to the field of the range's end: one caption names both.
    """
    found: list[Candidate] = []
    for match in caption.matches:
        if match.field.array:
            continue
        for kind, score, there in _places(caption, match.field, place):
            reading = read(match.field, there.pieces, style)
            if reading is None:
                continue
            total = match.quality * score * reading.fit
            found.append(Candidate(match.field, reading, there, total, kind, number, inner=match.inner))
            end = _range_end(reading, there, ends.get(match.field.path), style)
            if end is not None:
                found.append(Candidate(ends[match.field.path], end, there, total, kind, -1 - number))
            if kind == "behind" and match.field.node.kind not in ("number", "integer"):
                break
    return found


def _range_end(start: Reading, segment: Segment, end: Field | None, style: Conventions) -> Reading | None:
    """The second date of "01.03.2024 - 31.03.2024", right behind the first."""
    if end is None:
        return None
    behind = segment.pieces[segment.pieces.index(start.pieces[-1]) + 1 :]
    reading = read(end, behind[:8], style) if behind else None
    return reading if reading is not None and behind.index(reading.pieces[0]) <= 1 else None


def _places(caption: Caption, field: Field, place: Surroundings) -> Iterable[tuple[str, float, Segment]]:
    """(kind, score, segment) of the places around a caption, best first."""
    if caption.rest is not None:
        yield "behind", BEHIND, _behind(caption, field, caption.rest)
    whole = 1.0 if caption.rest is None else LEFTOVER
    width = place.sheet.width
    for rank, one in enumerate(place.right_of(caption.segment)):
        gap = max(0.0, one.box.left - caption.segment.box.right) / width
        text = field.type in ("text", "name", "address")
        if text and (gap > REACH_RIGHT_TEXT or rank):
            break
        yield "right", whole * RIGHT * (1.0 - 0.15 * gap) * 0.9**rank, one
    if caption.rest is not None:
        return
    for rank, one in enumerate(place.below(caption.segment)):
        if rank > 1:
            break
        yield "below", BELOW * 0.85**rank * _aligned(caption.segment, one) * _unclaimed(one, caption, place), one


def _behind(caption: Caption, field: Field, rest: Segment) -> Segment:
    """What follows a caption: up to the next caption, but all of it for a text, with the caption if that begins it."""
    if field.type != "text" or field.node.kind != "string":
        return rest
    tail = caption.tail or rest
    return segment((*caption.segment.pieces, *tail.pieces), tail.page, tail.line) if caption.sentence else tail


def _aligned(caption: Segment, value: Segment) -> float:
    """1.0 where an edge or the centre of the value stands under the caption's."""
    a, b = caption.box, value.box
    if b.left >= a.right:
        return 0.7
    apart = min(abs(a.left - b.left), abs(a.right - b.right), abs(a.left + a.right - b.left - b.right) / 2)
    return 1.0 if apart <= ASIDE_PT else 0.92 if apart <= caption.height else 0.8


def _unclaimed(value: Segment, caption: Caption, place: Surroundings) -> float:
    """Less than 1.0 where another caption stands left of the value, nearer to it."""
    left = place.left_of(value)
    if left is None or not place.is_caption(left) or left.box.bottom <= caption.segment.box.bottom:
        return 1.0
    return BESIDE_UNKNOWN
