"""Where a form prints the key of an input field: left of it, above it, or under a line that is written on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docpipe.engine.layout.forms.input_fields import InputField, inside
from docpipe.engine.layout.forms.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Segment, Token


def key_at(input_field: InputField, page_text: PageText, used: set[int], written_under: bool) -> tuple[Token, ...]:
    """The key left of an input field on its line, above it, or below a line that is written on."""
    if input_field.kind == "line" and written_under:
        return _under(page_text, input_field.box, used)
    return _left(page_text, input_field.box, used) or _stacked(page_text, input_field, used)


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
            free = tuple(
                token
                for token in segment.tokens
                if token.index not in used and token.box.right <= box.left + params.beside_overlap_pt
            )
            near = bool(free) and box.left - free[-1].box.right <= params.beside_pitches * pitch
            if near and (beside is None or free[-1].box.right > beside.box.right):
                beside, left = free[-1], free
    return left if any(char.isalpha() for char in " ".join(token.text for token in left)) else ()


def is_written_under(page_text: PageText, input_fields: Sequence[InputField]) -> bool:
    """Whether most lines of this form have their key in the line right under them, and none beside."""
    lines = [input_field for input_field in input_fields if input_field.kind == "line"]
    tokens = [token for line in page_text.lines for segment in line.segments for token in segment.tokens]
    entered = {
        token.index for input_field in lines for token in inside(tokens, input_field.box)
    }  # beside the next input field on the line
    under = sum(
        bool(_under(page_text, input_field.box, set())) and not _left(page_text, input_field.box, entered)
        for input_field in lines
    )
    return under * 2 > len(lines)


def keys_under(page_text: PageText, input_fields: Sequence[InputField]) -> set[int]:
    """Indices of the words that stand right under the lines of a form that is written on above them."""
    return {
        token.index
        for input_field in input_fields
        if input_field.kind == "line"
        for token in _under(page_text, input_field.box, set())
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


def _under(page_text: PageText, box: Box, used: set[int]) -> tuple[Token, ...]:
    """The line of small print right under a rule."""
    params, pitch = PARAMS.keys, page_text.pitch
    for line in page_text.lines:
        if -params.overlap_pitches * pitch <= line.box.top - box.bottom <= params.under_pitches * pitch:
            over = _over(line.segments, box, used, pitch)
            if over:
                return over
    return ()


def _over(segments: Iterable[Segment], box: Box, used: set[int], pitch: float) -> tuple[Token, ...]:
    """The words of the first segment that begins over or under a box, or a little left of it."""
    first, last = box.left - PARAMS.keys.indent_pitches * pitch, box.right - PARAMS.keys.within_pt
    for segment in segments:
        free = tuple(token for token in segment.tokens if token.index not in used)
        if free and first <= free[0].box.left < last:
            return free
    return ()
