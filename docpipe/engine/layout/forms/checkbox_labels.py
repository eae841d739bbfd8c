"""The text at a checkbox: right or left of it, as the form prints it, else above or below; wrapped lines too."""

from __future__ import annotations

from collections.abc import Sequence

from docpipe.engine.layout.forms.input_fields import side_by_side
from docpipe.engine.layout.forms.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import Line, PageText, Token

OPEN = frozenset("☐□◻▢○◯❏❑⬜")
DONE = frozenset("☑☒✓✔✗✘⊠⊗●◉■▣🗹也")
SIGNS = "".join(OPEN | DONE)  # letters that are boxes


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


def column_heads(boxes: Sequence[Box], page_text: PageText) -> dict[int, tuple[Token, ...]]:
    """Number of a box -> the head of its column, of boxes that have no text of their own beside them.

    In a row of such boxes the first may have the question beside it. A box alone in its row has the head of the boxes
    above it.
    """
    heads: dict[int, tuple[Token, ...]] = {}
    for row in _rows(boxes):
        bare = [at for at in row if not _beside(boxes[at], None, page_text, boxes, left=False)]
        alone = [at for at in bare if not _beside(boxes[at], None, page_text, boxes, left=True)]
        if len(bare) > 1 and alone:
            heads.update(_read_with(bare, boxes, page_text) or _heads_of(bare, boxes, page_text))
        elif alone:
            aside = PARAMS.labels.head_aside_pitches * page_text.pitch
            mates = [at for at in heads if abs(boxes[at].mid_x - boxes[alone[0]].mid_x) <= aside]
            if mates:
                heads[alone[0]] = heads[mates[-1]]
    return heads


def _read_with(row: Sequence[int], boxes: Sequence[Box], page_text: PageText) -> dict[int, tuple[Token, ...]]:
    """Words that the recogniser read together with the boxes right below them."""
    found: dict[int, tuple[Token, ...]] = {}
    for at in row:
        box = boxes[at]
        for line in page_text.lines if len(row) > 1 else ():
            for token in (token for segment in line.segments for token in segment.tokens):
                above = token.box.top < box.top - box.height / 2 and token.box.bottom > box.mid_y
                if above and token.box.left <= box.mid_x <= token.box.right:
                    found[at] = (token,)
    return found if len(found) > 1 else {}


def _rows(boxes: Sequence[Box]) -> list[list[int]]:
    """Numbers of the boxes that stand in one row, from the left."""
    rows: list[list[int]] = []
    for at in sorted(range(len(boxes)), key=lambda at: boxes[at].mid_y):
        if rows and boxes[rows[-1][-1]].holds(boxes[rows[-1][-1]].mid_x, boxes[at].mid_y):
            rows[-1].append(at)
        else:
            rows.append([at])
    return [sorted(row, key=lambda at: boxes[at].left) for row in rows]


def _heads_of(row: Sequence[int], boxes: Sequence[Box], page_text: PageText) -> dict[int, tuple[Token, ...]]:
    """The heads on the nearest line above that has one for two boxes of the row, or more."""
    params, pitch = PARAMS.labels, page_text.pitch
    top = min(boxes[at].top for at in row)
    for line in reversed(page_text.lines):
        if line.box.mid_y >= top:
            continue
        found = {
            at: segment.tokens
            for at in row
            for segment in line.segments
            if abs(segment.box.mid_x - boxes[at].mid_x) <= params.head_aside_pitches * pitch
            and segment.box.width <= params.head_pitches * pitch
            and any(char.isalpha() for char in segment.text)
        }
        if len(found) > 1:
            return found
    return {}


def level_lines(box: Box, page_text: PageText) -> list[Line]:
    """The lines on the box's height."""
    slack = PARAMS.labels.level_slack_pt
    return [line for line in page_text.lines if line.box.top - slack <= box.mid_y <= line.box.bottom + slack]


def _reach(box: Box, page_text: PageText) -> float:
    """How far from a box its text may begin."""
    pitch = page_text.pitch
    return PARAMS.labels.beside_pitches * max(pitch, min(box.height, PARAMS.labels.beside_box_pitches * pitch))


def _gap(box: Box, page_text: PageText, right: bool) -> float | None:
    """The white space between a box and the nearest word on one side; None where none is in reach."""
    gaps = [
        token.box.left - box.right if right else box.left - token.box.right
        for line in level_lines(box, page_text)
        for segment in line.segments
        for token in segment.tokens
    ]
    near = [gap for gap in gaps if -PARAMS.labels.nearest_overlap_pt <= gap <= _reach(box, page_text)]
    return min(near) if near else None


def _beside(box: Box, own: Token | None, page_text: PageText, boxes: Sequence[Box], left: bool) -> tuple[Token, ...]:
    """The words on one side of a box, up to the next box or wide gap."""
    params = PARAMS.labels
    others = [other for other in boxes if other is not box and side_by_side(other, box)]
    tall = PARAMS.labels.wall_heights * box.height  # what is lower is the side of a box
    walls = [
        rule.mid_x
        for rule in page_text.rules
        if rule.height > max(tall, rule.width) and rule.top < box.mid_y < rule.bottom
    ]
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
            beyond = token.box.mid_x < box.left if left else token.box.mid_x > box.right
            if (gap < -params.beside_overlap_pt and (run or not beyond)) or token is own:
                continue
            if token.text[0] in SIGNS or any(other.holds(token.box.mid_x, token.box.mid_y) for other in others):
                break  # another box, that a scan shows as a letter or somebody typed
            far = params.word_gap_pitches * page_text.pitch if run else _reach(box, page_text)
            low, high = sorted((edge, token.box.right if left else token.box.left))
            slack = params.between_slack_pt
            if gap > far or any(low - slack <= x <= high + slack for x in (*walls, *(other.mid_x for other in others))):
                break
            run.append(token)
            edge = token.box.left if left else token.box.right
        if _is_text(run):
            return tuple(reversed(run)) if left else tuple(run)
    return ()


def _unwrapped(run: tuple[Token, ...], page_text: PageText, boxes: Sequence[Box]) -> tuple[Token, ...]:
    """With the lines above while the text begins in lower case, and those below that go on in lower case."""
    for step in (-1, 1):
        for _ in range(PARAMS.labels.lines - 1):
            if step < 0 and not run[0].text[:1].islower():
                break
            near = _next_line(run, page_text, boxes, step)
            if not near or (step > 0 and not near[0].text[:1].islower()):
                break
            run = near + run if step < 0 else run + near
    return run


def _next_line(run: tuple[Token, ...], page_text: PageText, boxes: Sequence[Box], step: int) -> tuple[Token, ...]:
    """The text right above (-1) or below (1) that begins where this one does and has no box of its own."""
    params, pitch = PARAMS.labels, page_text.pitch
    edge = run[0] if step < 0 else run[-1]
    left = min(token.box.left for token in run)
    for line in page_text.lines:
        gap = edge.box.top - line.box.bottom if step < 0 else line.box.top - edge.box.bottom
        if not -params.line_overlap_pitches * pitch <= gap <= params.leading_pitches * pitch:
            continue
        for segment in line.segments:
            boxed = any(
                segment.box.top < box.mid_y < segment.box.bottom
                and box.right <= segment.box.right + _reach(box, page_text)
                for box in boxes
            )
            aligned = abs(segment.box.left - left) <= params.indent_pitches * pitch
            if aligned and not boxed and segment.tokens[0] not in run:
                return segment.tokens
    return ()


def _stacked(box: Box, page_text: PageText, boxes: Sequence[Box]) -> tuple[Token, ...]:
    """The text whose lines stand right above a box, or right below it, and reach over its middle."""
    params, pitch = PARAMS.labels, page_text.pitch
    slack = params.stacked_aside_pitches * pitch
    for step in (-1, 1):
        lines: list[tuple[Token, ...]] = []
        edge = box.top if step < 0 else box.bottom
        for line in page_text.lines[::step]:
            gap = edge - line.box.bottom if step < 0 else line.box.top - edge
            if gap < -params.stacked_overlap_pitches * pitch:
                continue
            far = params.leading_pitches if lines else params.stacked_pitches
            if gap > far * pitch or len(lines) == params.lines:
                break
            over = [
                segment for segment in line.segments
                if segment.box.left - slack <= box.mid_x <= segment.box.right + slack
            ]  # fmt: skip
            if over and not any(side_by_side(other, over[0].box) for other in boxes if other is not box):
                lines.append(over[0].tokens)
                edge = line.box.top if step < 0 else line.box.bottom
        text = tuple(token for tokens in (reversed(lines) if step < 0 else lines) for token in tokens)
        if _is_text(text):
            return text
    return ()


def _is_text(tokens: Sequence[Token]) -> bool:
    """Words, and not the single letters of a comb."""
    return any(char.isalnum() for token in tokens for char in token.text) and (
        len(tokens) == 1 or any(len(token.text) > 1 for token in tokens)
    )
