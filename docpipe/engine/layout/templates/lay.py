"""A page under the template that fits it: which of its words are printed, and what was entered where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from docpipe.engine.layout.forms.form_page import FormPage
from docpipe.engine.layout.templates.entries import Run, runs
from docpipe.engine.layout.templates.members import prints, tokens_of
from docpipe.engine.layout.templates.params import PARAMS
from docpipe.engine.layout.templates.place import Placement, Print, placed, plain, same_print, same_text
from docpipe.engine.layout.templates.template import Slot, Template
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Token


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """A page laid on its template. `boxes`: index of a word -> its box there; `printed`: indices of printed words;
    `held`: how many words of the template the page prints.
    """

    template: Template
    place: Placement
    boxes: Mapping[int, Box]
    printed: frozenset[int]
    held: int

    @property
    def type_height(self) -> float:
        """The usual height of what was entered; 0.0 where nothing was."""
        heights = [box.height for index, box in self.boxes.items() if index not in self.printed]
        return median(heights) if heights else 0.0


def best_laid(templates: Iterable[Template], page_text: PageText, *, exact: bool) -> Laid | None:
    """The page under the template of which it prints most; None where it prints too little of any."""
    laid = [found for template in templates if (found := lay(template, page_text, exact=exact)) is not None]
    return max(laid, key=lambda each: each.held, default=None)


def lay(template: Template, page_text: PageText, *, exact: bool) -> Laid | None:
    """The page under this template; None where it prints too little of it. `exact`: the page has a text layer."""
    tokens = tokens_of(page_text)
    if not tokens or not page_text.width or not page_text.height:
        return None
    scale = (template.width / page_text.width, template.height / page_text.height)
    place = placed(prints(tokens), template.words, scale)
    if place is None:
        return None
    boxes = place.boxes([token.box for token in tokens])
    at = _at_place(template, tokens, boxes, exact=template.exact and exact)
    if len(at) < PARAMS.held_share * len(template.words):
        return None
    printed = frozenset(token.index for words in at.values() for token in words)
    return Laid(template, place, {token.index: box for token, box in zip(tokens, boxes, strict=True)}, printed, len(at))


def _at_place(
    template: Template, tokens: Sequence[Token], boxes: Sequence[Box], *, exact: bool
) -> dict[int, list[Token]]:
    """Number of a word of the template -> the words of the page that print it.

    A recogniser may read two words as one, or one as two: a word is printed if what stands over it says the same.
    """
    pitch = template.pitch or 1.0
    rows: dict[int, list[int]] = {}
    for number, word in enumerate(template.words):
        rows.setdefault(int(word.box.mid_y // pitch), []).append(number)
    found: dict[int, list[Token]] = {}
    for token, box in zip(tokens, boxes, strict=True):
        row = int(box.mid_y // pitch)
        near = [number for at in (row - 1, row, row + 1) for number in rows.get(at, ())]
        for number in _said(plain(token.text), box, near, template.words, pitch, exact=exact):
            found.setdefault(number, []).append(token)
    return found


def _said(text: str, box: Box, near: Sequence[int], words: Sequence[Print], pitch: float, *, exact: bool) -> list[int]:
    """The printed words that a word of the page is, as a whole or in part; () if it is none."""
    level = [number for number in near if abs(words[number].box.mid_y - box.mid_y) <= PARAMS.line_pitches * pitch]
    slack = PARAMS.place_pitches * pitch
    for number in level:
        own = words[number]
        if abs(own.box.left - box.left) <= slack and _is(own, text, box, exact=exact):
            return [number]
    under = sorted(
        (number for number in level if words[number].box.overlap_x(box) >= words[number].box.width / 2),
        key=lambda number: words[number].box.left,
    )
    joined = "".join(plain(words[number].text) for number in under)
    if (
        len(under) > 1
        and (joined == text if exact else same_text(joined, text))
        and abs(words[under[0]].box.left - box.left) <= slack
    ):
        return under
    over = [number for number in level if words[number].box.overlap_x(box) >= box.width / 2]
    return [number for number in over if len(text) > 1 and text in plain(words[number].text)][:1]


def _is(word: Print, text: str, box: Box, *, exact: bool) -> bool:
    own = plain(word.text)
    return own == text or (not exact and same_print(own, word.box.width, text, box.width))


def entries(laid: Laid, form: FormPage) -> tuple[dict[int, list[Run]], list[Run]]:
    """(number of a slot -> what was entered there, what was entered elsewhere)."""
    found: dict[int, list[Run]] = {}
    elsewhere: list[Run] = []
    for run in runs(form.page_text, laid.printed, laid.boxes, form.checkboxes):
        shares = [
            (_share(run.box, slot, laid.template.pitch), -number) for number, slot in enumerate(laid.template.slots)
        ]
        share, number = max(shares, default=(0.0, 0))
        if share > 0:
            found.setdefault(-number, []).append(run)
        else:
            elsewhere.append(run)
    return found, elsewhere


def _share(box: Box, slot: Slot, pitch: float) -> float:
    """How much of an entry stands in a slot, in points across; 0 where it stands on another line."""
    reach = PARAMS.entry_pitches * pitch
    level = slot.box.top - reach <= box.mid_y <= slot.box.bottom + reach
    shared = slot.box._replace(left=slot.box.left - reach, right=slot.box.right + reach).overlap_x(box)
    lines = slot.box.overlap_y(box) / (box.height or 1.0)
    return max(0.0, shared) * (1.0 + lines) if level else 0.0
