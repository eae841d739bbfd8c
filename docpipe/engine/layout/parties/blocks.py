"""Segments that stand under each other, aligned and close: the paragraphs of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from docpipe.page.box import Box
from docpipe.page.lines import PageText, Segment, around

LEADING = 0.75  # of the type's height: white space between two lines of one block
ALIGNED_PT = 3.0  # edges or centres nearer than this stand under each other
SAME_TYPE = 1.45  # heights of type within this ratio belong together


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
    done: list[list[Segment]] = []
    under: dict[tuple[str, int], list[Segment]] = {}  # edge -> the open block whose last line has it
    for line in page_text.lines:
        for one in line.segments:
            if not keep(one):
                for edge in _edges(one):
                    under.pop(edge, None)
                continue
            home = _home(one, under)
            if home is None:
                home = []
                done.append(home)
            home.append(one)
            under.update((edge, home) for edge in _edges(one))
    return [Block(tuple(lines), around(lines), lines[0].page) for lines in done]


def _edges(one: Segment) -> Iterable[tuple[str, int]]:
    middle = one.box.mid_x
    edges = {"left": one.box.left, "middle": middle, "right": one.box.right}
    return [(name, round(x / ALIGNED_PT)) for name, x in edges.items()]


def _home(one: Segment, under: dict[tuple[str, int], list[Segment]]) -> list[Segment] | None:
    """The open block whose last line stands right above `one`, by an edge or its centre."""
    for name, at in _edges(one):
        for near in (at, at - 1, at + 1):
            block = under.get((name, near))
            if block is not None and _close(block[-1], one):
                return block
    return None


def _close(above: Segment, one: Segment) -> bool:
    gap = one.box.top - above.box.bottom
    small, large = sorted((above.height, one.height))
    return -0.5 * small <= gap <= LEADING * small and large <= SAME_TYPE * small
