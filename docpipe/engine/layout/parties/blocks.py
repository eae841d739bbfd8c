"""Segments that stand under each other, aligned and close: the paragraphs of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docpipe.engine.layout.parties.addresses import is_postal
from docpipe.engine.layout.parties.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Segment, around


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of one paragraph from top to bottom."""

    lines: tuple[Segment, ...]
    box: Box
    page: int

    @property
    def height(self) -> float:
        """Height of the block's type, in points."""
        return self.lines[0].height


def find_blocks(page_text: PageText, keep: Callable[[Segment], bool]) -> list[Block]:
    """The blocks of the segments that `keep` allows; what it does not allow parts them."""
    columns: list[list[Segment]] = []
    under: dict[tuple[str, int], list[Segment]] = {}  # edge -> the open column whose last line has it
    for line in page_text.lines:
        for segment in line.segments:
            if not keep(segment):
                for edge in _edges(segment):
                    under.pop(edge, None)
                continue
            home = _home(segment, under)
            if home is None:
                home = []
                columns.append(home)
            home.append(segment)
            under.update((edge, home) for edge in _edges(segment))
    blocks = [lines for column in columns for lines in _by_leading(column)]
    return [Block(tuple(lines), around(lines), lines[0].page) for lines in blocks]


def _by_leading(column: Sequence[Segment]) -> Iterable[Sequence[Segment]]:
    """Lines under each other, cut where the white space is wide, unless the lines beside it are set as wide."""
    params = PARAMS.blocks
    gaps = [_gap(above, below) for above, below in pairwise(column)]
    start = 0
    for at, gap in enumerate(gaps):
        alike = any(
            abs(gap - other) <= params.same_leading_em for other in (*gaps[max(0, at - 1) : at], *gaps[at + 1 : at + 2])
        )
        if gap > params.leading_em and not alike and not _skips_a_line(column[start : at + 1], column[at + 1]):
            yield column[start : at + 1]
            start = at + 1
    yield column[start:]


def _skips_a_line(lines: Sequence[Segment], below: Segment) -> bool:
    """True for one empty line above the postal code of an address that has none yet."""
    if len(lines) < 2 or not is_postal(below.text) or any(is_postal(line.text) for line in lines):
        return False
    pitch = lines[-1].box.top - lines[-2].box.top
    return abs(below.box.top - lines[-1].box.top - 2 * pitch) <= PARAMS.blocks.same_leading_em * below.height


def _gap(above: Segment, below: Segment) -> float:
    """White space between two lines, in heights of the smaller type."""
    return (below.box.top - above.box.bottom) / min(above.height, below.height)


def _edges(segment: Segment) -> Iterable[tuple[str, int]]:
    """The segment's edges and its centre, each as a number that near ones share."""
    edges = {"left": segment.box.left, "middle": segment.box.mid_x, "right": segment.box.right}
    return [(name, round(x / PARAMS.blocks.aligned_pt)) for name, x in edges.items()]


def _home(segment: Segment, under: dict[tuple[str, int], list[Segment]]) -> list[Segment] | None:
    """The open column whose last line stands right above the segment, by an edge or its centre; the nearest."""
    near = (under.get((name, beside)) for name, at in _edges(segment) for beside in (at, at - 1, at + 1))
    columns = [column for column in near if column is not None and _close(column[-1], segment)]
    return min(columns, key=lambda column: segment.box.top - column[-1].box.bottom, default=None)


def _close(above: Segment, below: Segment) -> bool:
    """True where two lines are set alike and stand as close as the lines of one paragraph may."""
    params = PARAMS.blocks
    small, large = sorted((above.height, below.height))
    return (
        -params.overlap_em <= _gap(above, below) <= params.most_leading_em and large <= params.same_type_ratio * small
    )
