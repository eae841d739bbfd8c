"""Find each value among the words of its pages: a value that stands nowhere is marked as such.

Of several places a scalar takes the one that the engine names, else the one nearest to a key of its
field. The values of a row are looked for together: a row takes the line of the page on which most of
its values stand, the first that no row before it has taken. A number that stands only far from the other
values of its row stands nowhere: it is that of another row, or of none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from docpipe.literals.numbers import WITH_CENTS
from docpipe.literals.text import alphanumeric
from docpipe.page.box import Box
from docpipe.records import Span
from docpipe.resolve.page_index import PageIndex, Place
from docpipe.resolve.row_lines import RowLine, Spot, is_beside, nearest, row_leaves, row_line
from docpipe.schema.nodes import Node

TABLE_ROW = 3  # values that stand together: another number of the row, printed far from them, is that of something else
SHORT = ("number", "integer", "date", "datetime")  # kinds that are not wrapped over several lines
UNDER = 2.5  # of the type's height: a value right under its key stands no farther down
CENTS_WORDS = 3  # amounts with decimals show that amounts have them
FAR = 9.0  # more than any distance on a page
MAX_LOOKS = 6_000_000  # at places, for the rows of one answer: 1,400 rows of three values that all rows print
DOWN = 3.0  # a key above a value counts as this much farther than one beside it


class Evidence(NamedTuple):
    """Where a value stands: page number, boxes (one a line), and whether the words say just that.

    `place` is None for a reading of other words that the engine quoted.
    """

    page: int
    boxes: tuple[Box, ...]
    exact: bool = True
    text: str = ""
    place: Place | None = None


class _Key(NamedTuple):
    """Where a key is printed, and the number of the line on its page."""

    box: Box
    line: int


class _Keys:
    """Where the keys of one field stand, looked for when a page is first asked."""

    def __init__(self, node: Node, pages: Sequence[PageIndex]) -> None:
        self._node = node
        self._pages = pages
        self._known: dict[int, list[_Key]] = {}

    def on(self, at: int) -> list[_Key]:
        """The keys on that page, each by its last line."""
        if at not in self._known:
            page = self._pages[at]
            places = page.places_of_all(self._node.all_labels())
            self._known[at] = [_Key(page.boxes(place)[-1], page.lines_of(place)[-1]) for place in places]
        return self._known[at]


def ground(
    root: Node, value: Mapping[str, Any], pages: Sequence[PageIndex], spans: Sequence[Span]
) -> dict[str, Evidence]:
    """path of a leaf -> where it stands, for every leaf of `value` that stands on a page.

    `spans` are where the engine says it read the values; each is verified. Numbers and dates match by
    value, text by its letters and digits. An enum or a currency is a reading of other words
    ("Gutschrift", a symbol): the words that the engine quotes must stand where it says.
    """
    search = _Search(pages, {span.path: span for span in spans})
    search.object(root, value, "")
    return search.found


@dataclass
class _Search:
    pages: Sequence[PageIndex]
    hints: Mapping[str, Span]
    found: dict[str, Evidence] = field(default_factory=dict)
    taken: list[set[int]] = field(default_factory=list)  # of each page the words of the rows so far
    spotted: dict[tuple[type, Any], list[Spot]] = field(default_factory=dict)  # rows print the same values again
    indexes: dict[int, int] = field(default_factory=dict)  # number of a page -> its first place among them
    looks: int = MAX_LOOKS  # that are left; then rows are not looked for any more, and stand nowhere

    def __post_init__(self) -> None:
        self.taken = [set() for _ in self.pages]
        for at, page in enumerate(self.pages):
            self.indexes.setdefault(page.number, at)

    def spots(self, value: Any) -> list[Spot]:
        """Every place of every page that prints `value`."""
        key = value.__class__, value
        spots = self.spotted.get(key)
        if spots is None:
            spots = self.spotted[key] = [
                (at, place, *page.levels[place.start])
                for at, page in enumerate(self.pages)
                for place in page.places(value)
            ]
        return spots

    def object(self, node: Node, value: Mapping[str, Any], path: str) -> None:
        for child in node.children:
            below, where = value.get(child.name), f"{path}.{child.name}" if path else child.name
            if below is None:
                continue
            if child.kind == "object":
                self.object(child, below, where)
            elif child.item is not None:
                self.rows(child.item, below, where)
            else:
                self.scalar(child, below, where)

    def scalar(self, node: Node, value: Any, path: str) -> None:
        hint = self.hints.get(path)
        if hint is not None:
            self.keep(path, self.hinted(node, value, hint))
        if path in self.found:
            return
        spots, keys = self.spots(value), _Keys(node, self.pages)
        if node.scale and isinstance(value, Decimal) and value == value.to_integral_value() and self.prints_cents:
            spots = [spot for spot in spots if self.has_cents(spot) or self.has_key(keys, spot)]
        if spots:
            best = spots[0] if hint or len(spots) == 1 else min(spots, key=lambda spot: self.fitness(keys, value, spot))
            self.keep(path, self.evidence(best[0], best[1]))
        elif hint is None:
            self.keep(path, self.reading(node, value))

    def reading(self, node: Node, value: Any) -> Evidence | None:
        """Where other words stand that mean `value`: those that the schema names for it, a currency's symbol."""
        for page in self.pages:
            for printed in node.values.get(value, ()) if node.enum else ():
                for place in page.text_places(printed):
                    return Evidence(page.number, page.boxes(place), False, page.text(place), place)
            if node.format == "currency" and (at := page.currencies.get(value)) is not None:
                return Evidence(page.number, (page.words[at].box,), False, page.words[at].text)
        return None

    def fitness(self, keys: _Keys, value: Any, spot: Spot) -> tuple[bool, float, bool, float]:
        """How badly a place suits a scalar: taken by a row, far from a key, of another sign; sums stand late."""
        at, place, middle, _ = spot
        page = self.pages[at]
        sign = isinstance(value, Decimal) and page.numbers.get(place.start, value) != value
        late = -1.0 if isinstance(value, Decimal) else 1.0
        value_box = page.words[place.start].box
        line = page.line_of[place.start]
        gap = min((_gap(key, value_box, line) for key in keys.on(at)), default=FAR)
        return place.start in self.taken[at], gap, sign, late * (at + middle)

    def has_key(self, keys: _Keys, spot: Spot) -> bool:
        """Whether a key of its field stands on the line before a place, or right over it."""
        at, place, middle, height = spot
        page = self.pages[at]
        value_box, line = page.words[place.start].box, page.line_of[place.start]
        near = (key.box for key in keys.on(at) if _gap(key, value_box, line) < FAR)
        return any(middle - box.mid_y < UNDER * height for box in near)

    def has_cents(self, spot: Spot) -> bool:
        """Whether an amount is printed there with its decimals."""
        return WITH_CENTS.search(self.pages[spot[0]].text(spot[1])) is not None

    @cached_property
    def prints_cents(self) -> bool:
        """Whether amounts have decimals here: a bare "1" at no key is then a count, or the number of a page."""
        with_cents = (at for page in self.pages for at in page.numbers if WITH_CENTS.search(page.words[at].text))
        return next(islice(with_cents, CENTS_WORDS - 1, None), None) is not None

    def hinted(self, node: Node, value: Any, hint: Span) -> Evidence | None:
        page = next((page for page in self.pages if page.number == hint.page), None)
        if page is None:
            return None
        for place in page.places(value):
            boxes = page.boxes(place)
            if any(box.touches(hinted) for box in boxes for hinted in hint.boxes):
                return Evidence(page.number, boxes, True, page.text(place), place)
        tick = node.kind == "boolean"  # the page has its key and no spelling of it
        quoted = tick or node.enum or node.format == "currency" or _same(hint.text, value)
        if quoted and page.stands(hint.text, hint.boxes):
            return Evidence(page.number, hint.boxes, tick, hint.text)
        if not hint.text and hint.boxes:  # the length of a mark: printed nowhere, and seen there
            return Evidence(page.number, hint.boxes)
        return None

    def rows(self, item: Node, rows: Sequence[Any], path: str) -> None:
        line = (0, -1.0)
        for index, row in enumerate(rows):
            where = f"{path}[{index}]"
            if row is not None:
                leaves = list(row_leaves(item, row, where))
                line = self.row(leaves, line)
                for child in item.children:
                    if child.item is not None and child.item.children:
                        self.rows(child.item, row.get(child.name) or (), f"{where}.{child.name}")

    def row(self, leaves: Sequence[tuple[str, Node, Any]], after: RowLine) -> RowLine:
        """Ground the leaves of one row; returns its line: (page index, centre in heights of the page)."""
        for path, node, value in leaves if self.hints else ():
            hint = self.hints.get(path)
            if hint is not None:
                self.keep(path, self.hinted(node, value, hint))
        if all(path in self.found for path, _, _ in leaves):
            return self.last_line([path for path, _, _ in leaves], after)
        open_leaves = [(path, node, self.spots(value)) for path, node, value in leaves if path not in self.found]
        self.looks -= sum(len(spots) for _, _, spots in open_leaves)
        if self.looks < 0:
            return after
        line = row_line([spots for _, _, spots in open_leaves], self.taken, after)
        beside, apart = 0, dict[str, Spot]()
        for path, node, spots in open_leaves:
            if not spots:
                continue
            spot = nearest(spots, self.taken, line) if len(spots) > 1 else spots[0]
            near = is_beside(spot, line)
            beside += near
            if near or node.kind not in SHORT:
                self.keep(path, self.evidence(spot[0], spot[1]))
            else:
                apart[path] = spot
        for path, spot in apart.items() if beside < TABLE_ROW else ():
            self.keep(path, self.evidence(spot[0], spot[1]))
        return line or after

    def last_line(self, paths: Sequence[str], after: RowLine) -> RowLine:
        lines = [
            (self.indexes[evidence.page], evidence.boxes[0].mid_y)
            for path in paths
            if (evidence := self.found[path]).boxes
        ]
        return min(lines, default=after)

    def evidence(self, at: int, place: Place) -> Evidence:
        page = self.pages[at]
        if place.end == place.start + 1:  # nine of ten
            word = page.words[place.start]
            return Evidence(page.number, (word.box,), True, word.text, place)
        return Evidence(page.number, page.boxes(place), True, page.text(place), place)

    def keep(self, path: str, evidence: Evidence | None) -> None:
        if evidence is None:
            return
        self.found[path] = evidence
        if "[" in path and evidence.place is not None:
            at, (start, end, _) = self.indexes[evidence.page], evidence.place
            if end == start + 1:
                self.taken[at].add(start)
            else:
                self.taken[at].update(range(start, end))


def _gap(key: _Key, value: Box, line: int) -> float:
    """How far a value on `line` is from a key left of it or above; far if it is neither."""
    box = key.box
    if key.line == line and box.left <= value.left:
        return max(0.0, value.left - box.right)
    under = box.bottom <= value.mid_y
    if under and box.left < value.right and value.left < box.right + value.width:
        return DOWN * (value.top - box.bottom)
    return FAR


def _same(text: str, value: Any) -> bool:
    """Whether a text says the same by its letters and digits; one that has none, by its signs."""
    if not isinstance(value, str):
        return False
    plain = alphanumeric(text)
    return plain == alphanumeric(value) if plain else bool(text) and text == value
