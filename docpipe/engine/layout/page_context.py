"""One page as generators look at it: its segments, which of them are keys, which are cells of tables."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

from docpipe.engine.layout.keys.grids import grid_cells
from docpipe.engine.layout.keys.printed_keys import Key
from docpipe.engine.layout.parties.addresses import is_postal
from docpipe.engine.layout.scalars.params import PARAMS
from docpipe.literals.postal import names_street
from docpipe.page.lines import Line, PageText, Segment


class PageContext:
    """`keys` by their numbers in the document; `taken`: indices of the words that are cells of tables."""

    def __init__(
        self, page_text: PageText, page_index: int, keys: Mapping[int, Key], taken: Collection[int] = ()
    ) -> None:
        self.page_text = page_text
        self.page_index = page_index
        self.keys = keys
        self.taken = taken
        self._key_at = {key.segment.tokens[0].index: key for key in keys.values()}

    @cached_property
    def segments(self) -> Sequence[Segment]:
        """From the top down, of a page with more than PARAMS.most_segments the first ones."""
        segments = [segment for line in self.page_text.lines for segment in line.segments]
        return segments[: PARAMS.most_segments]

    def key_of(self, segment: Segment) -> Key | None:
        """The key that begins where the segment does."""
        return self._key_at.get(segment.tokens[0].index)

    def is_key(self, segment: Segment) -> bool:
        return segment.tokens[0].index in self._key_at

    def in_table(self, segment: Segment) -> bool:
        return segment.tokens[0].index in self.taken

    def free(self, segment: Segment) -> bool:
        """True if the segment is nobody's: no key, no cell of a table."""
        return not self.is_key(segment) and not self.in_table(segment)

    def unnamed(self, segment: Segment) -> bool:
        """True if the segment is free, no cell of a grid, and no value of a key with a colon: it may be a party's."""
        if not self.free(segment) or segment.tokens[0].index in self._grid:
            return False
        left = self.left_of(segment)
        key = self.key_of(left) if left is not None else None
        return key is None or not key.colon or key.rest is not None

    @cached_property
    def _grid(self) -> frozenset[int]:
        """The first words of the cells of grids whose keys no schema knows."""
        return grid_cells(self.page_text, self.free, self._names, lambda text: is_postal(text) or names_street(text))

    def _names(self, segment: Segment) -> bool:
        """True for a known key and nothing behind it, that is no heading of a party."""
        key = self.key_of(segment)
        return key is not None and bool(key.matches) and not key.sections and key.rest is None

    def right_of(self, segment: Segment) -> Iterable[Segment]:
        """Segments on the same height to the right, nearest first, up to the next key."""
        beside: list[Segment] = []
        for line in self._lines(segment.line - 1, segment.line + 2):
            start = bisect_left(line.segments, segment.box.right - PARAMS.aligned_pt, key=lambda other: other.box.left)
            nearest = line.segments[start : start + PARAMS.amounts_right + 1]
            beside += [other for other in nearest if _side_by_side(segment, other)]
        for other in sorted(beside, key=lambda other: other.box.left):
            if not self.free(other):
                return
            yield other

    def below(self, segment: Segment) -> Iterable[Segment]:
        """Segments under this one, nearest first, up to the next key.

        They share its columns, or stand in the free space right of them, before the next segment.
        """
        reach = segment.box.bottom + PARAMS.reach_down_em * segment.height
        right = self._free_until(segment)
        for line in self._lines(segment.line + 1, segment.line + 1 + PARAMS.lines_below):
            if line.box.top > reach:
                return
            for other in _across(line, segment.box.left, right):
                if other.box.top < segment.box.bottom - PARAMS.same_band_share * segment.height:
                    continue
                if not self.free(other):
                    return
                yield other

    def left_of(self, segment: Segment) -> Segment | None:
        """The nearest segment to the left on the same line."""
        line = self.page_text.lines[segment.line]
        at = bisect_left(line.segments, segment.box.left, key=lambda other: other.box.left)
        return line.segments[at - 1] if at else None

    def _free_until(self, segment: Segment) -> float:
        """Where the next segment on the line begins, not further than a cell's width away."""
        segments = self.page_text.lines[segment.line].segments
        at = bisect_right(segments, segment.box.left, key=lambda other: other.box.left)
        following = segments[at].box.left if at < len(segments) else self.page_text.width
        cell = segment.box.right + PARAMS.cell_share * self.page_text.width
        return max(segment.box.right, min(following - PARAMS.aligned_pt, cell))

    def _lines(self, start: int, stop: int) -> Sequence[Line]:
        return self.page_text.lines[max(0, start) : max(0, stop)]


def _side_by_side(a: Segment, b: Segment) -> bool:
    return a.box.overlap_y(b.box) >= PARAMS.same_band_share * min(a.height, b.height)


def _across(line: Line, left: float, right: float) -> Iterable[Segment]:
    """The line's segments that reach into left..right."""
    start = bisect_left(line.segments, left, key=lambda segment: segment.box.right)
    for segment in line.segments[start:]:
        if segment.box.left >= right:
            return
        yield segment
