"""The text at a checkbox: right or left of it, as the form prints it, else above or below; wrapped lines too."""

from __future__ import annotations

from collections.abc import Sequence

from docpipe.page.box import Box
from docpipe.page.lines import Line, PageText, Token

OPEN = frozenset("☐□◻▢○◯❏❑⬜")
DONE = frozenset("☑☒✓✔✗✘⊠⊗●◉■▣🗹也")
SIGNS = "".join(OPEN | DONE)  # letters that are boxes
BESIDE = 2.2  # of the pitch, or of a larger box's height: white space between a box and its text
STACKED = 1.3  # of the pitch: white space between a box and the text above or below it
LEADING = 0.45  # of the pitch: the lines of one text stand closer than this
INDENT = 1.3  # of the pitch: its lines begin no further apart
LINES = 4  # of one text


def text_first(page_text: PageText, boxes: Sequence[Box]) -> bool:
    """Whether this form prints the text left of its boxes: by which side stands nearer, over all of them."""
    lead = 0
    for box in boxes:
        right, left = _gap(box, page_text, right=True), _gap(box, page_text, right=False)
        lead += (left is not None and (right is None or left < right)) - (
            right is not None and (left is None or right <= left)
        )
    return lead > 0


def label_of(
    box: Box, own: Token | None, page_text: PageText, boxes: Sequence[Box], *, after: bool, drawn: bool
) -> tuple[Token, ...]:
    """The words at a box: on the side where the form prints them, on the other, or above or below it.

    `own` is the word whose first letter is the box: a sign has its text behind it, a letter X where the form
    prints it. `boxes` are all of the page, `after` says that the
    texts stand left of their boxes. Only a box that the file draws may have its text above or below.
    """
    sides = (False,) if own is not None and not own.text.isalnum() else (after, not after)
    for left in sides:
        run = _beside(box, own, page_text, boxes, left)
        if run:
            return _unwrapped(run, page_text, boxes)
    return _stacked(box, page_text, boxes) if drawn else ()


def level_lines(box: Box, page_text: PageText) -> list[Line]:
    """The lines on the box's height."""
    middle = box.mid_y
    return [line for line in page_text.lines if line.box.top - 1.0 <= middle <= line.box.bottom + 1.0]


def side_by_side(one: Box, other: Box) -> bool:
    """True where two boxes share enough of their height to stand in one row."""
    return one.overlap_y(other) > 0.3 * min(one.height, other.height)


def _reach(box: Box, page_text: PageText) -> float:
    return BESIDE * max(page_text.pitch, min(box.height, 1.3 * page_text.pitch))


def _gap(box: Box, page_text: PageText, right: bool) -> float | None:
    gaps = [
        one.box.left - box.right if right else box.left - one.box.right
        for line in level_lines(box, page_text)
        for segment in line.segments
        for one in segment.tokens
    ]
    near = [gap for gap in gaps if -1.5 <= gap <= _reach(box, page_text)]
    return min(near) if near else None


def _beside(box: Box, own: Token | None, page_text: PageText, boxes: Sequence[Box], left: bool) -> tuple[Token, ...]:
    """The words on one side of a box, up to the next box or wide gap."""
    others = [one for one in boxes if one is not box and side_by_side(one, box)]
    for line in level_lines(box, page_text):
        row = [token for segment in line.segments for token in segment.tokens]
        run: list[Token] = []
        edge = box.left if left else box.right
        for token in reversed(row) if left else row:
            gap = edge - token.box.right if left else token.box.left - edge
            if token is own and len(token.text) > 1:
                run.append(token)
                edge = token.box.right
                continue
            if gap < -2.0 or token is own:
                continue
            if token.text[0] in SIGNS:  # another box, that a scan shows as a letter
                break
            far = 0.75 * page_text.pitch if run else _reach(box, page_text)
            low, high = sorted((edge, token.box.left))
            if gap > far or any(low - 1 <= other.mid_x <= high + 1 for other in others):
                break
            run.append(token)
            edge = token.box.left if left else token.box.right
        if _is_text(run):
            return tuple(reversed(run)) if left else tuple(run)
    return ()


def _unwrapped(run: tuple[Token, ...], page_text: PageText, boxes: Sequence[Box]) -> tuple[Token, ...]:
    """With the lines above while the text begins in lower case, and those below that go on in lower case."""
    for step in (-1, 1):
        for _ in range(LINES - 1):
            if step < 0 and not run[0].text[:1].islower():
                break
            near = _next_line(run, page_text, boxes, step)
            if not near or (step > 0 and not near[0].text[:1].islower()):
                break
            run = near + run if step < 0 else run + near
    return run


def _next_line(run: tuple[Token, ...], page_text: PageText, boxes: Sequence[Box], step: int) -> tuple[Token, ...]:
    """The text right above (-1) or below (1) that begins where this one does and has no box of its own."""
    edge = run[0] if step < 0 else run[-1]
    left = min(token.box.left for token in run)
    for line in page_text.lines:
        gap = edge.box.top - line.box.bottom if step < 0 else line.box.top - edge.box.bottom
        if not -0.6 * page_text.pitch <= gap <= LEADING * page_text.pitch:
            continue
        for one in line.segments:
            boxed = any(
                side_by_side(box, one.box) and box.right <= one.box.right + _reach(box, page_text) for box in boxes
            )
            if abs(one.box.left - left) <= INDENT * page_text.pitch and not boxed and one.tokens[0] not in run:
                return one.tokens
    return ()


def _stacked(box: Box, page_text: PageText, boxes: Sequence[Box]) -> tuple[Token, ...]:
    """The text whose lines stand right above a box, or right below it, and reach over its middle."""
    middle, slack = box.mid_x, 0.5 * page_text.pitch
    for step in (-1, 1):
        found: list[tuple[Token, ...]] = []
        edge = box.top if step < 0 else box.bottom
        for line in page_text.lines[::step]:
            gap = edge - line.box.bottom if step < 0 else line.box.top - edge
            if gap < -0.3 * page_text.pitch:
                continue
            if gap > (LEADING if found else STACKED) * page_text.pitch or len(found) == LINES:
                break
            over = [one for one in line.segments if one.box.left - slack <= middle <= one.box.right + slack]
            if over and not any(side_by_side(other, over[0].box) for other in boxes if other is not box):
                found.append(over[0].tokens)
                edge = line.box.top if step < 0 else line.box.bottom
        lines = reversed(found) if step < 0 else found
        text = tuple(token for tokens in lines for token in tokens)
        if _is_text(text):
            return text
    return ()


def _is_text(tokens: Sequence[Token]) -> bool:
    """Words, and not the single letters of a comb."""
    return any(char.isalnum() for token in tokens for char in token.text) and (
        len(tokens) == 1 or any(len(token.text) > 1 for token in tokens)
    )
