"""Where a form prints the key of a slot: left of it, above it, or under a line that is written on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from docpipe.engine.layout.forms.input_fields import InputField, inside
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Segment, Token

ABOVE = 1.3  # of the pitch: white space between a key and the slot under it
ABOVE_FIELD = 4.2  # the same where a PDF field is only as tall as its type, deep in a printed cell
ASIDE = 2.5  # of the pitch: a key may begin so far left of its slot
BESIDE = 24.0  # of the pitch: white space between a key and the slot right of it
LEADING = 0.55  # of the pitch: the lines of one key stand closer than this
KEY_LINES = 3


def key_at(input_field: InputField, page_text: PageText, used: set[int], written_under: bool) -> tuple[Token, ...]:
    """The key left of a slot on its line, above it, or below a line that is written on."""
    if input_field.kind == "line" and written_under:
        return _under(page_text, input_field.box, used)
    return _left(page_text, input_field.box, used) or _stacked(page_text, input_field, used)


def _left(page_text: PageText, box: Box, used: set[int]) -> tuple[Token, ...]:
    """The words that end close to a slot's left side, on its height."""
    pitch = page_text.pitch
    beside: Token | None = None
    left: tuple[Token, ...] = ()
    for line in page_text.lines:
        middle = line.box.mid_y
        if not box.top - 0.2 * pitch <= middle <= box.bottom + 0.3 * pitch:
            continue
        for one in line.segments:
            free = tuple(token for token in one.tokens if token.index not in used and token.box.right <= box.left + 3.0)
            near = bool(free) and box.left - free[-1].box.right <= BESIDE * pitch
            if near and (beside is None or free[-1].box.right > beside.box.right):
                beside, left = free[-1], free
    return left if any(char.isalpha() for char in " ".join(token.text for token in left)) else ()


def is_written_under(page_text: PageText, input_fields: Sequence[InputField]) -> bool:
    """Whether most lines of this form have their key in the line right under them, and none beside."""
    lines = [input_field for input_field in input_fields if input_field.kind == "line"]
    tokens = [token for line in page_text.lines for one in line.segments for token in one.tokens]
    entered = {
        token.index for input_field in lines for token in inside(tokens, input_field.box)
    }  # beside the next slot on the line
    under = sum(
        bool(_under(page_text, input_field.box, set())) and not _left(page_text, input_field.box, entered)
        for input_field in lines
    )
    return under * 2 > len(lines)


def keys_under(page_text: PageText, input_fields: Sequence[InputField]) -> set[int]:
    """Ids of the words that stand right under the lines of a form that is written on above them."""
    return {
        token.index
        for input_field in input_fields
        if input_field.kind == "line"
        for token in _under(page_text, input_field.box, set())
    }


def _stacked(page_text: PageText, input_field: InputField, used: set[int]) -> tuple[Token, ...]:
    """The lines right above a slot that begin over it."""
    box = input_field.box
    reach = ABOVE_FIELD if input_field.kind == "widget" else ABOVE
    found: list[tuple[Token, ...]] = []
    bottom = box.top + 0.35 * page_text.pitch
    walls = sorted(rule.top for rule in page_text.rules if rule.width > 20 and rule.overlap_x(box) > 10)
    for line in sorted(page_text.lines, key=lambda one: -one.box.bottom):
        gap = bottom - line.box.bottom
        if gap < -0.3 * page_text.pitch or line.box.top >= box.top:
            continue
        if gap > (reach if not found else LEADING) * page_text.pitch or len(found) == KEY_LINES:
            break
        over = _over(line.segments, box, used, ASIDE * page_text.pitch)
        if not over:
            continue
        limit = bottom + 1.0 if found else bottom - 0.4 * page_text.pitch  # the slot's own edge is no wall
        if any(line.box.bottom - 1 < wall < limit for wall in walls):
            break
        found.insert(0, over)
        bottom = line.box.top
    return tuple(token for line_tokens in found for token in line_tokens)


def _under(page_text: PageText, box: Box, used: set[int]) -> tuple[Token, ...]:
    """The line of small print right under a rule."""
    for line in page_text.lines:
        if -0.3 * page_text.pitch <= line.box.top - box.bottom <= 0.6 * page_text.pitch:
            found = _over(line.segments, box, used, ASIDE * page_text.pitch)
            if found:
                return found
    return ()


def _over(segments: Iterable[Segment], box: Box, used: set[int], aside: float) -> tuple[Token, ...]:
    for one in segments:
        free = tuple(token for token in one.tokens if token.index not in used)
        if free and box.left - aside <= free[0].box.left < box.right - 2.0:
            return free
    return ()
