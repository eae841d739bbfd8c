"""Checkboxes and radio buttons: the box, the text printed at it, and whether it is ticked.

For arrays of the role "checkboxes": the first string is the text at the box, the second, if there is one, the question
above or before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.forms.checkbox_labels import (
    DONE,
    OPEN,
    SIGNS,
    column_heads,
    label_of,
    level_lines,
    text_first,
)
from docpipe.engine.layout.forms.ink import outlines, share_of_ink
from docpipe.engine.layout.forms.input_fields import InputField, inside, side_by_side
from docpipe.engine.layout.forms.params import PARAMS
from docpipe.engine.layout.forms.squares import begins_with_box
from docpipe.engine.layout.forms.squares import squares as squares_seen
from docpipe.engine.layout.forms.typed_boxes import typed_boxes
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.scoring.confidence import doubted
from docpipe.engine.layout.scoring.weights import shares, weight
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Segment, Token
from docpipe.records import Page

CHECKBOXES = "checkboxes"
CROSSES = frozenset("Xx×✕✖")
# What a box was found by -> shares that are right: of texts, of states, of questions. "field": a field of the PDF;
# "drawn": a drawing of the file; "seen": the pixels of a scan, where a letter or a picture may look like a box;
# "letter": a letter of the text.
SHARES = {found_by: shares(f"checkboxes.{found_by}") for found_by in ("field", "drawn", "seen", "letter")}
ALONE = shares("checkboxes.odds_alone")  # odds of the three: the only box of its question, which may be none
DIGITS = shares("checkboxes.odds_digits")  # and of a box whose text or question holds digits
STATE, QUESTION = 1, 2  # their places among them
UNSEEN = weight("checkboxes.unseen")  # probability of the state of a box whose inside nobody could look at


@dataclass(frozen=True, slots=True)
class CheckboxArray:
    """An array of the schema whose items are boxes; `group` is None where it asks for no question."""

    path: str
    label: Field
    checked: Field
    group: Field | None


@dataclass(frozen=True, slots=True)
class Checkbox:
    """One box on a page, in points. `checked` is None where its state is not known.

    `drawn`: the file itself says that it is a box; what is seen in pixels may be something else. `unseen`:
    nobody could look inside.
    """

    box: Box
    checked: bool | None
    found_by: Literal["field", "drawn", "seen", "letter"]
    token: Token | None = None  # the letter that is the box
    drawn: bool = False
    unseen: bool = False
    unread: int = 1  # letters of `token` that are the box and not its text


def checkbox_arrays(fields: Sequence[Field], paths: Sequence[str]) -> tuple[CheckboxArray, ...]:
    """The arrays at `paths`, which ask for every box on the page."""
    arrays = []
    for path in paths:
        own = [field for field in fields if field.array == path]
        texts = [field for field in own if field.node.kind == "string"]
        (state,) = (field for field in own if field.node.kind == "boolean")
        arrays.append(CheckboxArray(path, texts[0], state, texts[1] if len(texts) > 1 else None))
    return tuple(arrays)


def find_checkboxes(
    page_text: PageText, page: Page, squares: Sequence[Box], input_fields: Sequence[InputField]
) -> list[Checkbox]:
    """Every box of a page: fields of the PDF first, then drawn ones, then letters that are boxes.

    A cell of a comb is none, though it looks like one in the pixels.
    """
    checkboxes = [
        Checkbox(
            widget.box.scaled(page_text.width, page_text.height),
            widget.checked if widget.checked is not None else widget.value not in ("", "Off"),
            "field",
            drawn=True,
        )
        for widget in page.geometry.widgets
        if widget.kind in ("checkbox", "radiobutton")
    ]
    tokens = [token for line in page_text.lines for segment in line.segments for token in segment.tokens]
    combs = [input_field.box for input_field in input_fields if input_field.kind == "comb"]
    framed = squares_seen(page, page_text)
    seen = [*framed, *(box for box in outlines(page, page_text) if not _among(box, framed))]
    for at, box in enumerate((*squares, *(box for box in seen if not any(_same(box, comb) for comb in combs)))):
        entered = any(len(token.text) > PARAMS.checkboxes.mark_chars for token in inside(tokens, box))
        if (not entered or box in framed) and not _among(box, [checkbox.box for checkbox in checkboxes]):
            checkboxes.append(_drawn(box, page_text, page, tokens, at < len(squares)))
    checkboxes = [_with_own(checkbox, tokens, read=page.text_source == "ocr") for checkbox in checkboxes]
    owned = {checkbox.token.index for checkbox in checkboxes if checkbox.token is not None}
    boxes = [checkbox.box for checkbox in checkboxes]
    for token in tokens:
        sign = token.text[0]
        if sign in OPEN | DONE and token.index not in owned:
            wide = min(token.size, token.box.width / len(token.text) * PARAMS.checkboxes.sign_ratio)
            box = token.box._replace(right=token.box.left + wide)
            if not _among(box, boxes):
                checkboxes.append(Checkbox(box, sign in DONE, "letter", token))
    checkboxes += [
        Checkbox(typed.box, typed.checked, "letter", typed.last, unread=typed.letters)
        for line in page_text.lines
        for typed in typed_boxes(line)
    ]
    checkboxes += _crossed(tokens, checkboxes)
    return sorted(checkboxes, key=lambda each: (round(each.box.top / (page_text.pitch or 1.0)), each.box.left))


def _with_own(checkbox: Checkbox, tokens: Sequence[Token], *, read: bool) -> Checkbox:
    """With the word that the box was read as, or whose first letter it was; the ink is the better witness."""
    box = checkbox.box
    for token in tokens:
        if token.box.top < box.mid_y < token.box.bottom and begins_with_box(token.text, read=read):
            wide = token.box.width / len(token.text)
            if token.box.left - box.width / 2 <= box.mid_x <= token.box.left + max(wide, box.width):
                return replace(checkbox, token=token)
    return checkbox


def _crossed(tokens: Sequence[Token], checkboxes: Sequence[Checkbox]) -> list[Checkbox]:
    """Letters X in a row or column of boxes: a cross hides the outline around it."""
    return [
        Checkbox(token.box, True, "letter", token)
        for token in tokens
        if token.text in CROSSES
        and any(
            (side_by_side(token.box, checkbox.box) or _above(token.box, checkbox.box)) and not checkbox.checked
            for checkbox in checkboxes
        )
        and not any(_same(token.box, each.box) or _same(each.box, token.box) for each in checkboxes)
        and not any(_begins_text(token.box, each.box) for each in checkboxes)
    ]


def _drawn(box: Box, page_text: PageText, page: Page, tokens: Sequence[Token], drawn: bool) -> Checkbox:
    """A box that is drawn or seen: ticked where letters or fills stand in it, or where its inside has ink."""
    params = PARAMS.checkboxes
    found_by: Literal["drawn", "seen"] = "seen" if page.text_source == "ocr" and not drawn else "drawn"
    ink = share_of_ink(page, box)
    if ink is not None:
        return Checkbox(box, ink > params.inked_share, found_by, drawn=drawn)
    if any(len(token.text) <= params.mark_chars for token in inside(tokens, box)):
        return Checkbox(box, True, found_by, drawn=drawn)
    filled = any(_same(fill, box) for fill in page_text.fills if box.encloses(fill, params.centre_slack_pt))
    return Checkbox(box, filled, found_by, drawn=drawn, unseen=True)


def checkbox_rows(
    array: CheckboxArray, page_text: PageText, page_index: int, checkboxes: Sequence[Checkbox], taken: set[int]
) -> list[Row]:
    """One row a box that has a text; adds the words used to `taken`."""
    labelled: list[_Labelled] = []
    owners: dict[int, int] = {}  # the first word of a text -> the place of its box in `labelled`
    boxes = [checkbox.box for checkbox in checkboxes]
    after = text_first(page_text, [checkbox.box for checkbox in checkboxes if checkbox.token is None])
    heads = column_heads(boxes, page_text)
    most = array.label.node.max_length or PARAMS.checkboxes.label_chars
    for at, checkbox in enumerate(checkboxes):
        tokens = heads.get(at) or label_of(
            checkbox.box, checkbox.token, page_text, boxes, after=after, drawn=checkbox.drawn
        )
        own = checkbox.token
        words = [token.text[checkbox.unread :] if token is own else token.text for token in tokens]
        text = " ".join(words).strip(SIGNS + " .:")
        if any(char.isalnum() for char in text) and len(text) <= most:
            taken |= {token.index for token in tokens}
            question = _question(checkbox, tokens, page_text, checkboxes[:at])
            row = _Labelled(checkbox, text, tokens, question)
            other = owners.setdefault(tokens[0].index, len(labelled)) if at not in heads else len(labelled)
            if other == len(labelled):
                labelled.append(row)
            elif row.gap < labelled[other].gap:
                labelled[other] = row
    often = Counter(box.asked for box in labelled)
    return [_row(array, box, page_index, alone=often[box.asked] == 1) for box in labelled]


@dataclass(frozen=True, slots=True)
class _Labelled:
    """A box with its text and its question."""

    checkbox: Checkbox
    text: str
    tokens: tuple[Token, ...]
    question: Segment | None

    @property
    def gap(self) -> float:
        """How far the text is from the box: it belongs to the nearest."""
        box = self.checkbox.box
        return min(max(token.box.left - box.right, box.left - token.box.right) for token in self.tokens)

    @property
    def asked(self) -> str:
        return self.question.text.rstrip(": ") if self.question is not None else ""


def _row(array: CheckboxArray, labelled: _Labelled, page_index: int, *, alone: bool) -> Row:
    """The row of a box. `alone`: no other box has its question."""
    sure_box = labelled.checkbox.found_by == "field"
    digits = [any(char.isdigit() for char in text) for text in (labelled.text, labelled.asked)]
    sure = [
        doubted(
            share,
            ALONE[at] if alone and not (at == STATE and sure_box) else 1.0,
            DIGITS[at] if digits[at == QUESTION] else 1.0,
        )
        for at, share in enumerate(SHARES[labelled.checkbox.found_by])
    ]
    row = {array.label.path: Leaf(labelled.text, labelled.tokens, page_index, sure[0], CHECKBOXES)}
    if labelled.checkbox.checked is not None:
        state = min(sure[STATE], UNSEEN) if labelled.checkbox.unseen else sure[STATE]
        row[array.checked.path] = Leaf(labelled.checkbox.checked, labelled.tokens, page_index, state, CHECKBOXES)
    if array.group is not None and labelled.question is not None:
        row[array.group.path] = Leaf(labelled.asked, labelled.question.tokens, page_index, sure[QUESTION], CHECKBOXES)
    return row


def _question(
    checkbox: Checkbox, label: Sequence[Token], page_text: PageText, before: Sequence[Checkbox]
) -> Segment | None:
    """The text that begins the row of boxes, or that stands above them further left."""
    params = PARAMS.checkboxes
    own = {token.index for token in label}
    for line in level_lines(checkbox.box, page_text):
        first = line.segments[0]
        if (
            not own & {token.index for token in first.tokens}
            and first.box.left < checkbox.box.left
            and not any(side_by_side(other.box, checkbox.box) and other.box.left < first.box.left for other in before)
        ):
            return _before_boxes(first)
    top = min(checkbox.box.top, label[0].box.top)
    for line in reversed([line for line in page_text.lines if line.box.bottom <= top + params.question_overlap_pt]):
        first = line.segments[0]
        boxed = any(side_by_side(other.box, first.box) for other in before)
        if not boxed:
            near = top - first.box.bottom < params.question_gap_pitches * page_text.pitch
            return _before_boxes(first) if near else None
        top = line.box.top
    return None


def _before_boxes(segment: Segment) -> Segment | None:
    """A text up to the first letter in it that is a box."""
    return segment.part(0, next((at for at, token in enumerate(segment.tokens) if token.text[0] in SIGNS), None))


def _above(box: Box, other: Box) -> bool:
    """True where two small boxes stand in one column, a few lines apart at most."""
    high = max(box.height, other.height)
    return (
        abs(box.left + box.right - other.left - other.right) < high
        and abs(box.top - other.top) < PARAMS.checkboxes.column_heights * high
    )


def _begins_text(box: Box, other: Box) -> bool:
    """True for a letter right behind a box: it is the first of the text there."""
    near = PARAMS.checkboxes.text_heights * other.height
    return side_by_side(box, other) and other.mid_x < box.mid_x and box.left - other.right < near


def _among(box: Box, others: Sequence[Box]) -> bool:
    return any(_same(box, other) or _same(other, box) for other in others)


def _same(box: Box, other: Box) -> bool:
    """True where the centre of one lies in the other."""
    return other.holds(box.mid_x, box.mid_y, PARAMS.checkboxes.centre_slack_pt)
