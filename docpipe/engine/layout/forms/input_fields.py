"""The places of a form that ask for an entry: cells, combs, underlined blanks and fields of the PDF itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from docpipe.engine.layout.forms.cells import closed_cells, is_edge, parted_cells
from docpipe.engine.layout.forms.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Token
from docpipe.records import Page

Kind = Literal["cell", "comb", "line", "widget"]


@dataclass(frozen=True, slots=True)
class InputField:
    """A place for one entry, in points. A "line" reaches up from its rule as far as type does."""

    box: Box
    kind: Kind
    value: str = ""  # of a widget, as the file has it
    shared: bool = False  # a line in a row that has several keys under it


def find_input_fields(page_text: PageText, page: Page, blanks: Sequence[Box]) -> tuple[list[InputField], list[Box]]:
    """(places for entries, checkboxes that are drawn as squares) of one page, from the top down.

    `blanks` are those that are typed.
    """
    params = PARAMS.input_fields
    pitch = page_text.pitch or params.pitch_without_words_pt
    rules = page_text.rules[: params.most_rules]
    cells = closed_cells(rules)
    cells += [box for box in parted_cells(rules, pitch) if not any(_same_cell(box, other) for other in cells)]
    small = [box for box in cells if _is_checkbox(box, pitch) or _is_comb_cell(box, pitch)]
    words = [token for line in page_text.lines for segment in line.segments for token in segment.tokens]
    combs, alone = _combs(small, words, pitch)
    checkboxes = [box for box in alone if _is_checkbox(box, pitch)]
    large = [box for box in cells if not _is_checkbox(box, pitch) and _is_input_field(box, pitch)]
    inner = [
        box
        for box in large
        if not any(other != box and box.encloses(other, params.same_edge_pt / 2) for other in large)
    ]
    frames = [*cells, *combs]
    lines = [
        _above_rule(rule, pitch)
        for rule in rules
        if rule.height <= params.same_edge_pt
        and rule.width >= params.least_width_pitches * pitch
        and not is_edge(rule, frames)
        and not is_edge(rule, page_text.fills)
    ]
    lines += [_above_rule(blank._replace(top=blank.bottom), pitch) for blank in blanks]
    held = [*combs, *lines]
    inner = [box for box in inner if not any(box.encloses(other, params.same_edge_pt) for other in held)]
    input_fields = [InputField(box, "cell") for box in inner] + [InputField(box, "comb") for box in combs]
    input_fields += [InputField(box, "line") for box in lines]
    widgets = [
        InputField(widget.box.scaled(page_text.width, page_text.height), "widget", widget.value)
        for widget in page.geometry.widgets
        if widget.kind in ("text", "combobox")
    ]
    input_fields = [drawn for drawn in input_fields if not any(_meet(drawn.box, widget.box) for widget in widgets)]
    return sorted([*widgets, *input_fields], key=lambda each: (round(each.box.top), each.box.left)), checkboxes


def inside(tokens: Iterable[Token], box: Box) -> list[Token]:
    """The words whose centre stands in the box."""
    return [token for token in tokens if box.holds(token.box.mid_x, token.box.mid_y)]


def side_by_side(box: Box, other: Box) -> bool:
    """True where two boxes share enough of their height to stand in one row."""
    return box.overlap_y(other) > PARAMS.same_row_share * min(box.height, other.height)


def _same_cell(box: Box, other: Box) -> bool:
    """True for two cells that are one, drawn or found twice."""
    slack = 2 * PARAMS.input_fields.same_edge_pt
    return box.encloses(other, slack) and other.encloses(box, slack)


def _above_rule(rule: Box, pitch: float) -> Box:
    """The place for an entry on a rule."""
    params = PARAMS.input_fields
    top, bottom = rule.top - params.line_height_pitches * pitch, rule.top + params.below_rule_pt
    return Box(rule.left, top, rule.right, bottom)


def _is_checkbox(box: Box, pitch: float) -> bool:
    least, most = PARAMS.input_fields.checkbox_side_pitches
    small = all(least * pitch <= side <= most * pitch for side in (box.width, box.height))
    return small and _is_square(box, PARAMS.input_fields.small_cell_ratio)


def _is_square(box: Box, ratio: float) -> bool:
    return max(box.width, box.height) <= ratio * min(box.width, box.height)


def _is_comb_cell(box: Box, pitch: float) -> bool:
    """True for a cell that takes one character, though taller than a checkbox."""
    params = PARAMS.input_fields
    (narrow, wide), (low, high) = params.checkbox_side_pitches, params.comb_height_pitches
    return narrow * pitch <= box.width <= wide * pitch and low * pitch <= box.height <= high * pitch


def _is_input_field(box: Box, pitch: float) -> bool:
    low, high = PARAMS.input_fields.cell_height_pitches
    wide = box.width >= PARAMS.input_fields.least_width_pitches * pitch
    return wide and low * pitch <= box.height <= high * pitch


def _combs(small: Sequence[Box], words: Sequence[Token], pitch: float) -> tuple[list[Box], list[Box]]:
    """(rows of small cells that touch, as one box each; the cells that stand alone).

    Groups of cells in one row, with nothing or a mark between, are one: a date, a number in parts.
    """
    params, near_pt = PARAMS.input_fields, PARAMS.input_fields.same_edge_pt
    rows: list[list[Box]] = []
    for box in sorted(small, key=lambda box: (round(box.top / near_pt), box.left)):
        last = rows[-1][-1] if rows else None
        if last is not None and max(abs(last.top - box.top), abs(last.right - box.left)) <= near_pt:
            rows[-1].append(box)
        else:
            rows.append([box])
    groups: list[list[Box]] = []
    for row in rows:
        last = groups[-1][-1] if groups else None
        if last is not None and min(len(row), len(groups[-1])) > 1 and _is_next(last, row[0], words, pitch):
            groups[-1] += row
        else:
            groups.append(row)
    combs = [Box.around((row[0], row[-1])) for row in groups if len(row) >= params.comb_cells]
    alone = [box for row in groups if len(row) < params.comb_cells for box in row]
    return combs, [box for box in alone if _is_square(box, params.square_ratio)]


def _is_next(box: Box, other: Box, words: Sequence[Token], pitch: float) -> bool:
    """Whether one group of cells goes on with another: close to it, no letter between, none over its own cells."""
    params = PARAMS.input_fields
    near = 0 <= other.left - box.right <= params.group_gap_pitches * pitch and side_by_side(box, other)
    between = Box(box.right, box.top - 2 * pitch, other.left + other.width, box.bottom)
    return near and not any(
        between.holds(word.box.left, word.box.mid_y) and any(char.isalpha() for char in word.text) for word in words
    )


def _meet(box: Box, other: Box) -> bool:
    """True where two boxes stand in one row and share some of their width."""
    return box.overlap_x(other) > PARAMS.input_fields.same_edge_pt and side_by_side(box, other)
