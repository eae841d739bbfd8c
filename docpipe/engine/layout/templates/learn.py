"""From pages that look alike to the templates of the forms among them. Pure: equal pages give equal templates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from docpipe.engine.layout.templates.checkboxes import printed_boxes
from docpipe.engine.layout.templates.members import families, printed_word
from docpipe.engine.layout.templates.slots import printed_page, slots
from docpipe.engine.layout.templates.template import Template
from docpipe.records import Page


def learn(pages: Sequence[Page]) -> Iterator[tuple[Template, Page]]:
    """The template of each form, with the page that it lies on; a form has three copies or more that differ."""
    for family in families([replace(page, number=1) for page in pages]):
        printed = printed_page(family)
        first = family.members[0]
        words = tuple(printed_word(word, family.members) for word in family.printed)
        yield (
            Template(
                first.text.width,
                first.text.height,
                printed.pitch,
                len(family.members),
                all(member.exact for member in family.members),
                words,
                tuple(slots(family, printed)),
                tuple(printed_boxes(family, printed)),
            ),
            first.page,
        )
