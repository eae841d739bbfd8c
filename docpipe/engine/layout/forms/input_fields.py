"""The places of a form that ask for an entry: cells, combs, underlined blanks and fields of the PDF itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from docpipe.page.box import Box
from docpipe.page.lines import PageText, Token
from docpipe.records import Page

NEAR_PT = 2.0  # edges nearer than this are one
LEAST_WIDTH = 2.5  # of the pitch: a shorter rule or cell takes no entry
TALLEST = 12.0  # of the pitch: a taller cell frames a part of the page
CHECKBOX = (0.45, 2.0)  # of the pitch: sides of a checkbox
SQUARE = 1.35  # sides of a checkbox differ less than this
COMB = 3  # cells side by side that take one character each
COMB_TALL = 3.0  # of the pitch: their greatest height
MOST = 2_000  # rules of a page that are looked at; more are a drawing

Kind = Literal["cell", "comb", "line", "widget"]


@dataclass(frozen=True, slots=True)
class InputField:
    """A place for one entry, in points. A "line" reaches up from its rule as far as type does."""

    box: Box
    kind: Kind
    value: str = ""  # of a widget, as the file has it


def find_input_fields(page_text: PageText, page: Page) -> tuple[list[InputField], list[Box]]:
    """(places for entries, checkboxes that are drawn as squares) of one page, from the top down."""
    pitch = page_text.pitch or 10.0
    cells = _cells(page_text.rules[:MOST])
    small = [box for box in cells if _is_checkbox(box, pitch) or _is_comb_cell(box, pitch)]
    combs, alone = _combs(small)
    checkboxes = [box for box in alone if _is_checkbox(box, pitch)]
    large = [box for box in cells if not _is_checkbox(box, pitch) and _is_input_field(box, pitch)]
    inner = [box for box in large if not any(other != box and box.encloses(other, NEAR_PT / 2) for other in large)]
    frames = [*cells, *combs]
    input_fields = [InputField(box, "cell") for box in inner] + [InputField(box, "comb") for box in combs]
    input_fields += [
        InputField(Box(rule.left, rule.top - 1.7 * pitch, rule.right, rule.top + 1.0), "line")
        for rule in page_text.rules[:MOST]
        if rule.height <= NEAR_PT and rule.width >= LEAST_WIDTH * pitch and not _is_edge(rule, frames)
    ]
    fields = [
        _widget(page_text, one.box, one.value) for one in page.geometry.widgets if one.kind in ("text", "combobox")
    ]
    input_fields = [one for one in input_fields if not any(_meet(one.box, other.box) for other in fields)]
    return sorted([*fields, *input_fields], key=lambda one: (round(one.box.top), one.box.left)), checkboxes


def inside(tokens: Iterable[Token], box: Box) -> list[Token]:
    """The words whose centre stands in the box."""
    return [token for token in tokens if box.holds(token.box.mid_x, token.box.mid_y)]


def _widget(page_text: PageText, box: Box, value: str) -> InputField:
    return InputField(box.scaled(page_text.width, page_text.height), "widget", value)


def _cells(rules: Sequence[Box]) -> list[Box]:
    """Rectangles between a level rule and the next that is as wide, closed by upright rules on both sides."""
    level = [rule for rule in rules if rule.height <= NEAR_PT < rule.width]
    upright = [rule for rule in rules if rule.width <= NEAR_PT < rule.height]
    walls: dict[int, list[Box]] = {}
    for rule in upright:
        walls.setdefault(round(rule.left / NEAR_PT), []).append(rule)
    by_start: dict[int, list[Box]] = {}
    for rule in level:
        by_start.setdefault(round(rule.left / NEAR_PT), []).append(rule)
    found = []
    for at in by_start:
        near = [rule for key in (at, at + 1) for rule in by_start.get(key, ())]
        for top in near:
            below = [rule for rule in near if rule.top > top.top + NEAR_PT and _alike(rule, top)]
            bottom = min(below, key=lambda rule: rule.top, default=top)
            box = Box(top.left, top.top, top.right, bottom.top)
            if box.height > NEAR_PT and _closed(box, walls):
                found.append(box)
    return list(dict.fromkeys(found))


def _alike(one: Box, other: Box) -> bool:
    """True for two level rules that begin and end at the same x."""
    return abs(one.left - other.left) <= NEAR_PT and abs(one.right - other.right) <= NEAR_PT


def _closed(box: Box, walls: dict[int, list[Box]]) -> bool:
    middle = box.mid_y
    return all(
        any(
            rule.top <= middle <= rule.bottom
            for near in (-1, 0, 1)
            for rule in walls.get(round(x / NEAR_PT) + near, ())
            if abs(rule.left - x) <= NEAR_PT
        )
        for x in (box.left, box.right)
    )


def _is_checkbox(box: Box, pitch: float) -> bool:
    wide, high = box.width, box.height
    small = all(CHECKBOX[0] * pitch <= side <= CHECKBOX[1] * pitch for side in (wide, high))
    return small and max(wide, high) <= SQUARE * min(wide, high) * 1.5


def _is_comb_cell(box: Box, pitch: float) -> bool:
    """True for a cell that takes one character, though taller than a checkbox."""
    return CHECKBOX[0] * pitch <= box.width <= CHECKBOX[1] * pitch and pitch <= box.height <= COMB_TALL * pitch


def _is_input_field(box: Box, pitch: float) -> bool:
    wide, high = box.width, box.height
    return wide >= LEAST_WIDTH * pitch and 0.9 * pitch <= high <= TALLEST * pitch


def _combs(small: Sequence[Box]) -> tuple[list[Box], list[Box]]:
    """(rows of small cells that touch, as one box each; the cells that stand alone)."""
    rows: list[list[Box]] = []
    for box in sorted(small, key=lambda box: (round(box.top / NEAR_PT), box.left)):
        last = rows[-1][-1] if rows else None
        if last is not None and abs(last.top - box.top) <= NEAR_PT and abs(last.right - box.left) <= NEAR_PT:
            rows[-1].append(box)
        else:
            rows.append([box])
    combs = [row[0]._replace(right=row[-1].right) for row in rows if len(row) >= COMB]
    alone = [box for row in rows if len(row) < COMB for box in row]
    return combs, [box for box in alone if max(_sides(box)) <= SQUARE * min(_sides(box))]


def _sides(box: Box) -> tuple[float, float]:
    return box.width, box.height


def _is_edge(rule: Box, frames: Iterable[Box]) -> bool:
    """A rule that is (a part of) the upper or lower side of a frame."""
    return any(
        min(abs(rule.top - frame.top), abs(rule.top - frame.bottom)) <= NEAR_PT
        and rule.left >= frame.left - NEAR_PT
        and rule.right <= frame.right + NEAR_PT
        for frame in frames
    )


def _meet(one: Box, other: Box) -> bool:
    """True where two boxes share most of the smaller one's height and some of its width."""
    return one.overlap_x(other) > NEAR_PT and one.overlap_y(other) > 0.3 * min(one.height, other.height)
