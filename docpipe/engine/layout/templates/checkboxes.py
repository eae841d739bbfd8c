"""The checkboxes that a form prints: those that half of its copies show, each with its printed text."""

from __future__ import annotations

from docpipe.engine.layout.forms.checkbox_labels import SIGNS, label_of, text_first
from docpipe.engine.layout.templates.members import Family
from docpipe.engine.layout.templates.params import PARAMS
from docpipe.engine.layout.templates.slots import middle
from docpipe.engine.layout.templates.template import PrintedBox
from docpipe.page.box import Box
from docpipe.page.lines import PageText


def printed_boxes(family: Family, printed: PageText) -> list[PrintedBox]:
    """Every checkbox with a text, from the top down."""
    boxes = sorted(_places(family, printed.pitch or 1.0), key=lambda box: (round(box.top), box.left))
    after = text_first(printed, boxes)
    found = []
    for box in boxes:
        tokens = label_of(box, None, printed, boxes, after=after, drawn=False)
        text = " ".join(token.text for token in tokens).strip(SIGNS + " .:")
        if any(char.isalnum() for char in text):
            found.append(PrintedBox(box, text, Box.around(token.box for token in tokens)))
    return found


def _places(family: Family, pitch: float) -> list[Box]:
    """Where half of the members, and three at least, have a box."""
    found: list[tuple[list[Box], set[int]]] = []
    for number, member in enumerate(family.members):
        for box in member.laid([checkbox.box for checkbox in member.form.checkboxes]):
            near = PARAMS.same_box_pitches * pitch
            fitting = [each for each in found if number not in each[1] and _is_near(each[0][0], box, near)]
            if fitting:
                boxes, members = fitting[0]
                boxes.append(box)
                members.add(number)
            else:
                found.append(([box], {number}))
    least = max(PARAMS.members, len(family.members) / 2)
    return [middle(boxes) for boxes, members in found if len(members) >= least]


def _is_near(one: Box, other: Box, near: float) -> bool:
    return max(abs(one.mid_x - other.mid_x), abs(one.mid_y - other.mid_y)) <= near
