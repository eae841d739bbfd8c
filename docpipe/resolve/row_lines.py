"""A row of a table: its values, the line of a page on which it stands, and their places near it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from docpipe.resolve.page_index import Place
from docpipe.schema.nodes import Node

MAX_ANCHORS = 64  # lines that are tried for one row
ROW_HEIGHTS = 4.0  # of the type: no number stands farther from the line of its row
CELL_HEIGHTS = 1.0  # of the type: the middles of a row's first words, in cells of one line and of two, are no farther

Spot = tuple[int, Place, float, float]  # index of a page, where on it; middle and height of its first word
RowLine = tuple[int, float]  # index of a page, middle of the line in heights of the page
Taken = Sequence[AbstractSet[int]]  # of each page the words on which earlier rows stand


def row_line(spots: Sequence[Sequence[Spot]], taken: Taken, after: RowLine) -> RowLine | None:
    """The line on which most of `spots`, the places of each value, have one nobody took, the first after `after`."""
    left = ([spot for spot in places if spot[1].start not in taken[spot[0]]] for places in spots)
    free = sorted(filter(None, left), key=len)
    anchors = [spot for places in free[:3] for spot in places][:MAX_ANCHORS]
    anchors.sort(key=lambda spot: ((spot[0], spot[2]) <= after, spot[0] + spot[2]))
    best, most = None, 0
    for page, _, centre, height in anchors:
        near, reach = 0, CELL_HEIGHTS * height
        for places in free:
            for at, _, y, _ in places:
                if at == page and -reach < y - centre < reach:
                    near += 1
                    break
        if near > most:
            best, most = (page, centre), near
        if most == len(free):  # none that follows is better
            break
    return best


def nearest(places: Sequence[Spot], taken: Taken, line: RowLine | None) -> Spot:
    """The place that is nearest to its row's line: other pages last, then what other rows have taken."""
    page, centre = line or (None, 0.0)
    best, least = places[0], (2, False, 0.0)
    for spot in places:
        at, place, middle, _ = spot
        far = abs(middle - centre) if line else 0.0
        rank = (int(page is not None and at != page), place.start in taken[at], far)
        if rank < least:
            best, least = spot, rank
    return best


def is_beside(spot: Spot, line: RowLine | None) -> bool:
    """Whether a place is on a row's line, or so few lines from it as a row may have."""
    page, _, middle, height = spot
    return line is not None and page == line[0] and abs(middle - line[1]) <= ROW_HEIGHTS * height


def row_leaves(item: Node, row: Any, path: str) -> Iterator[tuple[str, Node, Any]]:
    """(path, node, value) of a row's scalars and lists of scalars; lists of records have rows of their own."""
    if not item.children:
        yield path, item, row
        return
    for child in item.children:
        value, where = row.get(child.name), f"{path}.{child.name}"
        if value is None or (child.item is not None and child.item.children):
            continue
        if child.kind == "object":
            yield from row_leaves(child, value, where)
        elif child.item is not None:
            yield from (
                (f"{where}[{at}]", child.item, element) for at, element in enumerate(value) if element is not None
            )
        else:
            yield where, child, value
