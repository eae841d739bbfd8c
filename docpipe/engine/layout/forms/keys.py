"""Where a form prints the key of an input field: left of it, above it, or under a line that is written on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from docpipe.engine.layout.forms.input_fields import InputField, inside
from docpipe.engine.layout.forms.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Segment, Token, around


def key_at(input_field: InputField, page_text: PageText, used: set[int], written_under: bool) -> tuple[Token, ...]:
    """The key left of an input field on its line, above it, or below a line that is written on."""
    under = _under(page_text, input_field, used)
    if under and (written_under or input_field.shared):
        return under
    return _left(page_text, input_field.box, used) or _stacked(page_text, input_field, used) or under


def _left(page_text: PageText, box: Box, used: set[int]) -> tuple[Token, ...]:
    """The words that end close to an input field's left side, on its height."""
    params, pitch = PARAMS.keys, page_text.pitch
    beside: Token | None = None
    left: tuple[Token, ...] = ()
    for line in page_text.lines:
        middle = line.box.mid_y
        if not box.top - params.higher_pitches * pitch <= middle <= box.bottom + params.lower_pitches * pitch:
            continue
        for segment in line.segments:
            free = tuple(token for token in segment.tokens if token.index not in used and _ends_before(token, box))
            near = bool(free) and box.left - free[-1].box.right <= params.beside_pitches * pitch
            if near and (beside is None or free[-1].box.right > beside.box.right):
                beside, left = free[-1], free
    return left if any(char.isalpha() for char in " ".join(token.text for token in left)) else ()


def _under(page_text: PageText, input_field: InputField, used: set[int]) -> tuple[Token, ...]:
    """The first key in small print under a line that is written on."""
    under = captions(page_text, input_field.box) if input_field.kind == "line" else ()
    return tuple(token for token in under[0].tokens if token.index not in used) if under else ()


def _ends_before(token: Token, box: Box) -> bool:
    """Whether a word stands left of a place, or reaches into it for a little: the recogniser's boxes do."""
    params = PARAMS.keys
    reach = max(params.beside_overlap_pt, params.beside_overlap_share * token.box.width)
    return token.box.right <= box.left + reach


def captions(page_text: PageText, box: Box) -> tuple[Segment, ...]:
    """The keys in small print right under a line that is written on, from the left.

    They stand close under it and have room for an entry below them; what a table has under a line stands in the middle
    of its row. A text with a colon has its entry behind it.
    """
    params, pitch = PARAMS.keys, page_text.pitch
    for line in page_text.lines:
        if not -params.overlap_pitches * pitch <= line.box.top - box.bottom <= params.under_pitches * pitch:
            continue
        under = tuple(
            segment
            for segment in line.segments
            if box.left - params.indent_pitches * pitch <= segment.box.left < box.right - params.within_pt
        )
        if under and not any(segment.text.endswith(":") for segment in under) and _has_room(page_text, under, pitch):
            return under
    return ()


def shared_lines(input_fields: Sequence[InputField], page_text: PageText) -> list[InputField]:
    """The places for entries, a line that has several keys under it cut where they begin.

    The lines of a row that have several keys under them are `shared`: nobody else explains those keys.
    """
    rows: dict[int, list[InputField]] = {}
    kept: list[InputField] = []
    for input_field in input_fields:
        if input_field.kind == "line":
            rows.setdefault(round(input_field.box.bottom / PARAMS.input_fields.same_edge_pt), []).append(input_field)
        else:
            kept.append(input_field)
    for row in rows.values():
        parts = [part for input_field in row for part in _parts(input_field, page_text)]
        several = sum(bool(captions(page_text, part.box)) for part in parts) > 1
        kept += [replace(part, shared=several) for part in parts]
    return sorted(kept, key=lambda each: (round(each.box.top), each.box.left))


def _parts(input_field: InputField, page_text: PageText) -> list[InputField]:
    """A line cut where the keys under it begin."""
    under, box = captions(page_text, input_field.box), input_field.box
    starts = [box.left, *(segment.box.left - PARAMS.keys.within_pt for segment in under[1:]), box.right]
    return [replace(input_field, box=box._replace(left=left, right=right)) for left, right in pairwise(starts)]


def _has_room(page_text: PageText, under: Sequence[Segment], pitch: float) -> bool:
    """Whether the next line that is drawn below is far enough for an entry on it."""
    text = around(under)
    below = [
        rule.top - text.bottom for rule in page_text.rules if rule.width > rule.height and rule.overlap_x(text) > 0
    ]
    gaps = [gap for gap in below if gap > -PARAMS.keys.overlap_pitches * pitch]
    return not gaps or min(gaps) >= PARAMS.keys.room_pitches * pitch


def is_written_under(page_text: PageText, input_fields: Sequence[InputField]) -> bool:
    """Whether most lines of this form have their key in the line right under them, and none beside."""
    lines = [input_field for input_field in input_fields if input_field.kind == "line"]
    tokens = [token for line in page_text.lines for segment in line.segments for token in segment.tokens]
    entered = {
        token.index for input_field in lines for token in inside(tokens, input_field.box)
    }  # beside the next input field on the line
    beside = {input_field: bool(_left(page_text, input_field.box, entered)) for input_field in lines}
    under = sum(not beside[each] and bool(captions(page_text, each.box)) for each in lines)
    return under > sum(beside.values())


def keys_under(page_text: PageText, input_fields: Sequence[InputField]) -> set[int]:
    """Indices of the words that stand right under the lines of a form that is written on above them."""
    return {
        token.index
        for input_field in input_fields
        if input_field.kind == "line"
        for segment in captions(page_text, input_field.box)
        for token in segment.tokens
    }


def _stacked(page_text: PageText, input_field: InputField, used: set[int]) -> tuple[Token, ...]:
    """The lines right above an input field that begin over it."""
    params, pitch, box = PARAMS.keys, page_text.pitch, input_field.box
    reach = params.above_widget_pitches if input_field.kind == "widget" else params.above_pitches
    lines: list[tuple[Token, ...]] = []
    bottom = box.top + params.into_field_pitches * pitch
    walls = sorted(
        rule.top
        for rule in page_text.rules
        if rule.width > params.wall_width_pt and rule.overlap_x(box) > params.wall_overlap_pt
    )
    slack = params.wall_slack_pt
    for line in sorted(page_text.lines, key=lambda each: -each.box.bottom):
        gap = bottom - line.box.bottom
        if gap < -params.overlap_pitches * pitch or line.box.top >= box.top:
            continue
        if gap > (params.leading_pitches if lines else reach) * pitch or len(lines) == params.lines:
            break
        over = _over(line.segments, box, used, pitch)
        if not over:
            continue
        limit = bottom + slack if lines else bottom - params.own_edge_pitches * pitch  # its own edge is no wall
        if any(line.box.bottom - slack < wall < limit for wall in walls):
            break
        lines.insert(0, over)
        bottom = line.box.top
    return tuple(token for line_tokens in lines for token in line_tokens)


def _over(segments: Iterable[Segment], box: Box, used: set[int], pitch: float) -> tuple[Token, ...]:
    """The words of the first segment that begins over or under a box, or a little left of it."""
    first, last = box.left - PARAMS.keys.indent_pitches * pitch, box.right - PARAMS.keys.within_pt
    for segment in segments:
        free = tuple(token for token in segment.tokens if token.index not in used)
        if free and first <= free[0].box.left < last:
            return free
    return ()
