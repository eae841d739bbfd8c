"""Segments that stand under each other, aligned and close: the paragraphs of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

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
    blocks: list[list[Segment]] = []
    under: dict[tuple[str, int], list[Segment]] = {}  # edge -> the open block whose last line has it
    for line in page_text.lines:
        for segment in line.segments:
            if not keep(segment):
                for edge in _edges(segment):
                    under.pop(edge, None)
                continue
            home = _home(segment, under)
            if home is None:
                home = []
                blocks.append(home)
            home.append(segment)
            under.update((edge, home) for edge in _edges(segment))
    return [Block(tuple(lines), around(lines), lines[0].page) for lines in blocks]


def _edges(segment: Segment) -> Iterable[tuple[str, int]]:
    """The segment's edges and its centre, each as a number that near ones share."""
    edges = {"left": segment.box.left, "middle": segment.box.mid_x, "right": segment.box.right}
    return [(name, round(x / PARAMS.blocks.aligned_pt)) for name, x in edges.items()]


def _home(segment: Segment, under: dict[tuple[str, int], list[Segment]]) -> list[Segment] | None:
    """The open block whose last line stands right above the segment, by an edge or its centre."""
    for name, at in _edges(segment):
        for near in (at, at - 1, at + 1):
            block = under.get((name, near))
            if block is not None and _close(block[-1], segment):
                return block
    return None


def _close(above: Segment, below: Segment) -> bool:
    """True where two lines are set alike and stand as close as the lines of one paragraph."""
    params = PARAMS.blocks
    gap = below.box.top - above.box.bottom
    small, large = sorted((above.height, below.height))
    return -params.overlap_em * small <= gap <= params.leading_em * small and large <= params.same_type_ratio * small
