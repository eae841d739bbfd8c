"""One printed form filled in by several people, a document each: what is printed stands at the same place in all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Final

from docpipe.synth.document import Document
from docpipe.synth.form.answers import draw_questionnaire, refilled
from docpipe.synth.form.compose import document_of, fill_in, new_form
from docpipe.synth.form.look import draw_look
from docpipe.synth.places import PLACES_OF
from docpipe.synth.traits import Traits

_FEWEST: Final = 3
_MOST: Final = 20


def group_of(index: int, seed: int) -> tuple[int, int]:
    """The printed form of document `index`, and which of its copies the document is; both from 0."""
    sizes, group, first = Random(f"siblings {seed}"), 0, 0
    while index >= first + (size := sizes.randint(_FEWEST, _MOST)):
        group, first = group + 1, first + size
    return group, index - first


def compose(index: int, seed: int, languages: Sequence[str]) -> Document:
    """Copy `index` of `seed`: its form has three to twenty, one behind the other. The line's key `template` names the
    form, the same for all its copies, which share its difficulties. Degraded copies lie shifted on the scanner's glass,
    larger or smaller.
    """
    group, _ = group_of(index, seed)
    printed, odd = Random(f"siblings {seed} {group}"), Random(f"odd siblings {seed} {group}")
    writer = Random(f"siblings {seed} {index} writer")
    language = languages[(group + seed) % len(languages)]
    place = printed.choice(PLACES_OF[language])
    blank = draw_questionnaire(language, printed)
    form = new_form(refilled(blank, place, writer), printed, odd, _difficulties(odd))
    person = draw_look(language, writer)
    form.look = replace(form.look, hand=person.hand, typed=person.typed, ink=person.ink, tick=person.tick)
    form.writer = writer
    fill_in(form, place)
    document = document_of(form)
    return replace(document, facts={"template": f"siblings-{seed}-{group}"}, loose=True)


def _difficulties(odd: Random) -> Traits:
    """Some of what hard forms have, for all copies of a printed form."""
    known = (
        "broken",
        "open_sides",
        "low_entries",
        "tiny_keys",
        "prose",
        "margin",
        "two_columns",
        "yes_no",
        "grouped_combs",
    )
    return frozenset(name for name in known if odd.random() < 0.2)
