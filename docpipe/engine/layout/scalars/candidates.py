"""Where a key's value may stand: behind it, right of it, below it; each place scored, none chosen."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.keys.printed_keys import Key
from docpipe.engine.layout.readings import Reading, read
from docpipe.engine.layout.scoring.weights import weight, weights
from docpipe.literals.conventions import Conventions
from docpipe.page.lines import Line, PageText, Segment, Token, segment

BEHIND = weight("key.behind")  # scores of the places, before distance and alignment
RIGHT = weight("key.right")
BELOW = weight("key.below")
FARTHER = weight("key.right_farther")  # taken away for a page's width between key and value
RIGHT_RANK = weight("key.right_rank")  # for every value between them
BELOW_RANK = weight("key.below_rank")
ALIGNED = weights("key.below_aligned")  # where no edge or centre of the value stands under the key's
AMOUNTS_RIGHT = 3  # numbers on a key's line that may be its value: "VAT 19 % | 100.00 | 19.00"
# of the score remains beside a key that other words follow: "Total | weight"
LEFTOVER = weight("key.followed_by_words")
LINES_BELOW = 4  # lines searched under a key
REACH_DOWN = 3.0  # of the type's height: how far below a key its value may begin
REACH_RIGHT_TEXT = 0.4  # of the page's width: text further right belongs to something else
CELL_WIDTH = 0.16  # of the page's width: how far right of its key a cell may end
ASIDE_PT = 2.0  # edges nearer than this are aligned
# a value right of a key that the schema does not know is that key's
BESIDE_UNKNOWN = weight("key.below_beside_unknown")
SAME_BAND = 0.4  # of the smaller height two boxes must share to stand side by side


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible value of a field. `place` in {"behind", "right", "below", "free", ...} is its reason.

    `key` identifies the key it hangs on (None without one): a key serves one field.
    `shared`: its print may be part of another field's value, as a currency's sign is of an amount's.
    `doubt`: what the odds of being right are divided by for its rivals, once it is chosen.
    `inner`: it counts under its section's heading only.
    """

    field: Field
    reading: Reading
    segment: Segment
    score: float
    place: str
    key: int | None = None
    shared: bool = False
    doubt: float = 1.0
    inner: bool = False

    @property
    def evidence(self) -> str:
        """The kind of its evidence: the place, but "text" for words at a key, which no type proves."""
        node = self.field.node
        free = node.kind == "string" and self.field.type == "text" and not (node.enum or node.format or node.pattern)
        return "text" if free and self.key is not None else self.place

    @property
    def page(self) -> int:
        return self.segment.page

    @property
    def tokens(self) -> tuple[Token, ...]:
        return self.reading.tokens


class Surroundings:
    """One sheet's segments, with those that are keys marked, to look around from any of them."""

    def __init__(self, page_text: PageText, keys: Iterable[Key], taken: Iterable[Segment] = ()) -> None:
        self.page_text = page_text
        self.taken = {token.index for segment in taken for token in segment.tokens}
        self.keys = {key.segment.tokens[0].index: key for key in keys}
        self.starts = [line.box.top for line in page_text.lines]

    def is_key(self, segment: Segment) -> bool:
        return segment.tokens[0].index in self.keys

    def free(self, segment: Segment) -> bool:
        """True if the segment is nobody's: no key, no cell of a table."""
        return not self.is_key(segment) and segment.tokens[0].index not in self.taken

    def in_table(self, segment: Segment) -> bool:
        return segment.tokens[0].index in self.taken

    def right_of(self, segment: Segment) -> Iterable[Segment]:
        """Segments on the same height to the right, nearest first, up to the next key."""
        found = []
        for line in self._near(segment.line - 1, segment.line + 2):
            start = bisect_left(line.segments, segment.box.right - ASIDE_PT, key=lambda one: one.box.left)
            found += [one for one in line.segments[start : start + AMOUNTS_RIGHT + 1] if _side_by_side(segment, one)]
        for one in sorted(found, key=lambda one: one.box.left):
            if not self.free(one):
                return
            yield one

    def below(self, segment: Segment) -> Iterable[Segment]:
        """Segments under this one, nearest first, up to the next key.

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
        segments = self.page_text.lines[segment.line].segments
        at = bisect_right(segments, segment.box.left, key=lambda one: one.box.left)
        following = segments[at].box.left if at < len(segments) else self.page_text.width
        return max(segment.box.right, min(following - ASIDE_PT, segment.box.right + CELL_WIDTH * self.page_text.width))

    def left_of(self, segment: Segment) -> Segment | None:
        """The nearest segment to the left on the same line."""
        line = self.page_text.lines[segment.line]
        at = bisect_left(line.segments, segment.box.left, key=lambda one: one.box.left)
        return line.segments[at - 1] if at else None

    def _near(self, start: int, stop: int) -> Sequence[Line]:
        return self.page_text.lines[max(0, start) : max(0, stop)]


def _side_by_side(a: Segment, b: Segment) -> bool:
    return a.box.overlap_y(b.box) >= SAME_BAND * min(a.height, b.height)


def _across(line: Line, x0: float, x1: float) -> Iterable[Segment]:
    """The line's segments that reach into x0..x1."""
    start = bisect_left(line.segments, x0, key=lambda one: one.box.right)
    for one in line.segments[start:]:
        if one.box.left >= x1:
            return
        yield one


def around_key(
    number: int, key: Key, place: Surroundings, style: Conventions, ends: Mapping[str, Field]
) -> list[Candidate]:
    """Every typed value around one key, for every field that the key may name.

    `ends` maps a date that begins a range to the field of the range's end: one key names both.
    """
    found: list[Candidate] = []
    for match in key.matches:
        if match.field.array:
            continue
        for kind, score, there in _places(key, match.field, place):
            reading = read(match.field, there.tokens, style)
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
    behind = segment.tokens[segment.tokens.index(start.tokens[-1]) + 1 :]
    reading = read(end, behind[:8], style) if behind else None
    return reading if reading is not None and behind.index(reading.tokens[0]) <= 1 else None


def _places(key: Key, field: Field, place: Surroundings) -> Iterable[tuple[str, float, Segment]]:
    """(kind, score, segment) of the places around a key, best first."""
    if key.rest is not None:
        yield "behind", BEHIND, _behind(key, field, key.rest)
    whole = 1.0 if key.rest is None else LEFTOVER
    width = place.page_text.width
    for rank, one in enumerate(place.right_of(key.segment)):
        gap = max(0.0, one.box.left - key.segment.box.right) / width
        text = field.type in ("text", "name", "address")
        if text and (gap > REACH_RIGHT_TEXT or rank):
            break
        yield "right", whole * RIGHT * (1.0 - FARTHER * gap) * RIGHT_RANK**rank, one
    if key.rest is not None:
        return
    for rank, one in enumerate(place.below(key.segment)):
        if rank > 1:
            break
        yield "below", BELOW * BELOW_RANK**rank * _aligned(key.segment, one) * _unclaimed(one, key, place), one


def _behind(key: Key, field: Field, rest: Segment) -> Segment:
    """What follows a key: up to the next key, but all of it for a text, with the key if that begins it."""
    if field.type != "text" or field.node.kind != "string":
        return rest
    tail = key.tail or rest
    return segment((*key.segment.tokens, *tail.tokens), tail.page, tail.line) if key.sentence else tail


def _aligned(key: Segment, value: Segment) -> float:
    """1.0 where an edge or the centre of the value stands under the key's."""
    a, b = key.box, value.box
    if b.left >= a.right:
        return ALIGNED["aside"]
    apart = min(abs(a.left - b.left), abs(a.right - b.right), abs(a.left + a.right - b.left - b.right) / 2)
    return 1.0 if apart <= ASIDE_PT else ALIGNED["nearly"] if apart <= key.height else ALIGNED["not"]


def _unclaimed(value: Segment, key: Key, place: Surroundings) -> float:
    """Less than 1.0 where another key stands left of the value, nearer to it."""
    left = place.left_of(value)
    if left is None or not place.is_key(left) or left.box.bottom <= key.segment.box.bottom:
        return 1.0
    return BESIDE_UNKNOWN
