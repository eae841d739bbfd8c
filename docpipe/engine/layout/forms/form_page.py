"""One page as a form: where something may be entered, its checkboxes, its headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from docpipe.engine.layout.forms.blanks import without_blanks
from docpipe.engine.layout.forms.checkboxes import Checkbox, find_checkboxes
from docpipe.engine.layout.forms.headings import headings
from docpipe.engine.layout.forms.input_fields import InputField, find_input_fields
from docpipe.engine.layout.forms.keys import shared_lines
from docpipe.engine.layout.forms.strokes import with_drawn_rules
from docpipe.page.lines import PageText, Segment, read_page
from docpipe.records import Page


@dataclass(frozen=True, slots=True)
class FormPage:
    """`page_text` has the rules of the file (`drawn`) or, where that draws none, those found in the pixels."""

    page_text: PageText
    input_fields: Sequence[InputField]
    checkboxes: Sequence[Checkbox]
    headings: Sequence[Segment]
    drawn: bool


def form_page(page_text: PageText, page: Page, page_index: int) -> FormPage:
    """The page as a form; looks at the pixels where the file draws no rules."""
    drawn = bool(page_text.rules)
    if not drawn:
        page_text = read_page(with_drawn_rules(page, page_text), page_index, page_text.first)
    page_text, blanks = without_blanks(page_text)
    input_fields, squares = find_input_fields(page_text, page, blanks)
    input_fields = shared_lines(input_fields, page_text)
    checkboxes = find_checkboxes(page_text, page, squares, input_fields)
    return FormPage(page_text, input_fields, checkboxes, headings(page_text, input_fields), drawn)
