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
    label_of,
    level_lines,
    side_by_side,
    text_first,
)
from docpipe.engine.layout.forms.ink import outlines, share_of_ink
from docpipe.engine.layout.forms.input_fields import InputField, inside
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.scoring.confidence import doubted
from docpipe.engine.layout.scoring.weights import shares, weight
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Segment, Token
from docpipe.records import Page

CHECKBOXES = "checkboxes"
CROSSES = frozenset("Xx×✕✖")
INKED = 0.12  # of a box's inside that is ink where it is ticked
INSET = 0.27  # of a box's side: its own lines stand in this margin
# What a box was found by -> shares that are right: of texts, of states, of questions. "field": a field of the PDF;
# "drawn": a drawing of the file; "seen": the pixels of a scan, where a letter or a picture may look like a box;
# "letter": a letter of the text.
SHARES = {found_by: shares(f"checkboxes.{found_by}") for found_by in ("field", "drawn", "seen", "letter")}
ALONE = shares("checkboxes.odds_alone")  # odds of the three: the only box of its question, which may be none
DIGITS = shares("checkboxes.odds_digits")  # and of a box whose text or question holds digits
COLUMN = 4.0  # of a box's height: how far apart the boxes of one column stand
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


def checkbox_arrays(fields: Sequence[Field], paths: Sequence[str]) -> tuple[CheckboxArray, ...]:
    """The arrays at `paths`, which ask for every box on the page."""
    found = []
    for path in paths:
        mine = [one for one in fields if one.array == path]
        texts = [one for one in mine if one.node.kind == "string"]
        (state,) = (one for one in mine if one.node.kind == "boolean")
        found.append(CheckboxArray(path, texts[0], state, texts[1] if len(texts) > 1 else None))
    return tuple(found)


def find_checkboxes(
    page_text: PageText, page: Page, squares: Sequence[Box], input_fields: Sequence[InputField]
) -> list[Checkbox]:
    """Every box of a page: fields of the PDF first, then drawn ones, then letters that are boxes.

    A cell of a comb is none, though it looks like one in the pixels.
    """
    found = [
        Checkbox(
            one.box.scaled(page_text.width, page_text.height),
            one.checked if one.checked is not None else one.value not in ("", "Off"),
            "field",
            drawn=True,
        )
        for one in page.geometry.widgets
        if one.kind in ("checkbox", "radiobutton")
    ]
    tokens = [token for line in page_text.lines for one in line.segments for token in one.tokens]
    combs = [input_field.box for input_field in input_fields if input_field.kind == "comb"]
    seen = [box for box in outlines(page, page_text) if not any(_same(box, comb) for comb in combs)]
    for number, box in enumerate((*squares, *seen)):
        words = any(len(token.text) > 2 for token in inside(tokens, box))
        if not words and not any(_same(box, one.box) for one in found):
            found.append(_drawn(box, page_text, page, tokens, number < len(squares)))
    for token in tokens:
        sign = token.text[0]
        if sign not in OPEN | DONE:
            continue
        wide = min(token.size, token.box.width / max(1, len(token.text)) * 1.5)
        box = token.box._replace(right=token.box.left + wide)
        known = next((one for one in found if _same(box, one.box) or _same(one.box, box)), None)
        if known is None:
            found.append(Checkbox(box, sign in DONE, "letter", token))
        elif len(token.text) > 1:  # the recogniser's letter, with the text glued to it; the ink is the better witness
            found[found.index(known)] = replace(known, token=token)
    found += _crossed(tokens, found)
    return sorted(found, key=lambda one: (round(one.box.top / (page_text.pitch or 1.0)), one.box.left))


def _crossed(tokens: Sequence[Token], found: Sequence[Checkbox]) -> list[Checkbox]:
    """Letters X in a row or column of boxes: a cross hides the outline around it."""
    return [
        Checkbox(token.box, True, "letter", token)
        for token in tokens
        if token.text in CROSSES
        and any((side_by_side(token.box, one.box) or _above(token.box, one.box)) and not one.checked for one in found)
        and not any(_same(token.box, one.box) or _same(one.box, token.box) for one in found)
    ]


def _drawn(box: Box, page_text: PageText, page: Page, tokens: Sequence[Token], drawn: bool) -> Checkbox:
    """A box that is drawn or seen: ticked where letters or fills stand in it, or where its inside has ink."""
    found_by: Literal["drawn", "seen"] = "seen" if page.text_source == "ocr" and not drawn else "drawn"
    if any(len(token.text) <= 2 for token in inside(tokens, box)):
        return Checkbox(box, True, found_by, drawn=drawn)
    side = min(box.width, box.height) * INSET
    core = Box(box.left + side, box.top + side, box.right - side, box.bottom - side)
    ink = share_of_ink(page, core)
    if ink is not None:
        return Checkbox(box, ink > INKED, found_by, drawn=drawn)
    filled = any(_same(fill, core) for fill in page_text.fills)
    return Checkbox(box, filled, found_by, drawn=drawn, unseen=True)


def checkbox_rows(
    array: CheckboxArray, page_text: PageText, number: int, checkboxes: Sequence[Checkbox], taken: set[int]
) -> list[Row]:
    """One row a box that has a text; adds the words used to `taken`."""
    found: list[_Read] = []
    boxes = [one.box for one in checkboxes]
    after = text_first(page_text, [one.box for one in checkboxes if one.token is None])
    for at, checkbox in enumerate(checkboxes):
        tokens = label_of(checkbox.box, checkbox.token, page_text, boxes, after=after, drawn=checkbox.drawn)
        text = " ".join(token.text for token in tokens).strip(SIGNS + " .:")
        if any(char.isalnum() for char in text) and len(text) <= (array.label.node.max_length or 300):
            taken |= {token.index for token in tokens}
            found.append(_Read(checkbox, text, tokens, _question(checkbox, tokens, page_text, checkboxes[:at])))
    often = Counter(one.asked for one in found)
    return [_row(array, one, number, alone=often[one.asked] == 1) for one in found]


@dataclass(frozen=True, slots=True)
class _Read:
    """A box with its text and its question."""

    checkbox: Checkbox
    text: str
    tokens: tuple[Token, ...]
    question: Segment | None

    @property
    def asked(self) -> str:
        return self.question.text.rstrip(": ") if self.question is not None else ""


def _row(array: CheckboxArray, one: _Read, number: int, *, alone: bool) -> Row:
    """The row of a box. `alone`: no other box has its question."""
    sure_box = one.checkbox.found_by == "field"
    digits = [any(char.isdigit() for char in text) for text in (one.text, one.asked)]
    sure = [
        doubted(
            share,
            ALONE[at] if alone and not (at == STATE and sure_box) else 1.0,
            DIGITS[at] if digits[at == QUESTION] else 1.0,
        )
        for at, share in enumerate(SHARES[one.checkbox.found_by])
    ]
    row = {array.label.path: Leaf(one.text, one.tokens, number, sure[0], CHECKBOXES)}
    if one.checkbox.checked is not None:
        state = min(sure[STATE], UNSEEN) if one.checkbox.unseen else sure[STATE]
        row[array.checked.path] = Leaf(one.checkbox.checked, one.tokens, number, state, CHECKBOXES)
    if array.group is not None and one.question is not None:
        row[array.group.path] = Leaf(one.asked, one.question.tokens, number, sure[QUESTION], CHECKBOXES)
    return row


def _question(
    checkbox: Checkbox, label: Sequence[Token], page_text: PageText, before: Sequence[Checkbox]
) -> Segment | None:
    """The text that begins the row of boxes, or that stands above them further left."""
    mine = {token.index for token in label}
    for line in level_lines(checkbox.box, page_text):
        first = line.segments[0]
        if (
            not mine & {token.index for token in first.tokens}
            and first.box.left < checkbox.box.left
            and not any(side_by_side(one.box, checkbox.box) and one.box.left < first.box.left for one in before)
        ):
            return _before_boxes(first)
    top = min(checkbox.box.top, label[0].box.top)
    for line in reversed([one for one in page_text.lines if one.box.bottom <= top + 2.0]):
        one = line.segments[0]
        boxed = any(side_by_side(other.box, one.box) for other in before)
        if not boxed:
            return _before_boxes(one) if top - one.box.bottom < 2.0 * page_text.pitch else None
        top = line.box.top
    return None


def _before_boxes(one: Segment) -> Segment | None:
    """A text up to the first letter in it that is a box."""
    return one.part(0, next((at for at, token in enumerate(one.tokens) if token.text[0] in SIGNS), None))


def _above(one: Box, other: Box) -> bool:
    """True where two small boxes stand in one column, a few lines apart at most."""
    high = max(one.height, other.height)
    return abs(one.left + one.right - other.left - other.right) < high and abs(one.top - other.top) < COLUMN * high


def _same(one: Box, other: Box) -> bool:
    """True where the centre of one lies in the other."""
    return other.holds(one.mid_x, one.mid_y, 1)
