"""The open pairs and the checkboxes of pages that a template fits: a row reader beside those of forms.

It takes what the forms' readers found as a start. Keys lose what was entered and entries lose what is printed; what
was entered at a slot and found by nobody gets the key that is printed there; a slot without an entry is a pair with
null; a box that the form prints is there, though a mark hides its outline.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import median

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.forms.checkboxes import CheckboxArray
from docpipe.engine.layout.forms.headings import told_apart
from docpipe.engine.layout.forms.ink import share_of_ink
from docpipe.engine.layout.forms.pairs import PairArray
from docpipe.engine.layout.forms.params import PARAMS as FORMS
from docpipe.engine.layout.rows import Rows, rows_of
from docpipe.engine.layout.scoring.confidence import doubted
from docpipe.engine.layout.scoring.weights import shares, weight
from docpipe.engine.layout.templates.entries import Run, text_of
from docpipe.engine.layout.templates.lay import Laid, entries
from docpipe.engine.layout.templates.members import prints, tokens_of
from docpipe.engine.layout.templates.params import PARAMS
from docpipe.engine.layout.templates.place import placed
from docpipe.engine.layout.templates.template import Slot
from docpipe.page.box import Box
from docpipe.page.lines import Token

TEMPLATE = "template"
FILLED, EMPTY, ENTERED = shares("template.pairs")  # that are right: of keys, of those without an entry, of entries
LABEL, STATE, UNSEEN = shares("template.boxes")  # and of texts, of states that were looked at, of others
DOUBT_LEFT = weight("template.doubt_left_by_agreement")  # of a pair that two readers found as one
ALL_PRINTED = weight("odds.entry_is_printed")  # an entry that all copies have, of few copies


def read_template(document: Document) -> list[Rows]:
    """The rows of every array of pairs or boxes, of all pages, where a template fits one of them."""
    laid = document.laid
    if not laid:
        return []
    schema = document.schema
    found = [Rows(array.path, 0, tuple(_boxes(array, document, laid)), ()) for array in schema.checkboxes]
    labels = {
        token.index
        for rows, array in zip(found, schema.checkboxes, strict=True)
        for row in rows.rows
        for token in row[array.label.path].tokens
    }
    heads = [page.headings for page in document.form_pages]
    for pairs in schema.pairs:
        rows = told_apart(pairs.key.path, _pairs(pairs, document, laid, labels), heads)
        found.append(Rows(pairs.path, 0, tuple(rows), ()))
    return found


def template_beats(mine: Sequence[Rows], others: Sequence[Rows], document: Document) -> bool:  # noqa: ARG001
    """What the template's rows are made of is what the others found."""
    return any(rows.rows for rows in mine)


def _in_order(rows: Sequence[Row], path: str, document: Document) -> list[Row]:
    """Rows by page, line and place."""

    def place(row: Row) -> tuple[int, int, float]:
        leaf = row[path]
        pitch = document.page_texts[leaf.page].pitch or 1.0
        top = min((token.box.mid_y for token in leaf.tokens), default=0.0)
        return leaf.page, round(top / pitch), min((token.box.left for token in leaf.tokens), default=0.0)

    return sorted(rows, key=place)


def _pairs(array: PairArray, document: Document, laid: Mapping[int, Laid], labels: set[int]) -> list[Row]:
    known = [row for row in rows_of(document.rows, array.path) if array.key.path in row]
    rows = [row for row in known if row[array.key.path].page not in laid]
    for page, under in laid.items():
        own = [row for row in known if row[array.key.path].page == page]
        rows += _page_pairs(array, document, page, under, own, labels)
    return _in_order(rows, array.key.path, document)


def _page_pairs(
    array: PairArray, document: Document, page: int, laid: Laid, known: Sequence[Row], labels: set[int]
) -> Iterator[Row]:
    """The pairs of one page: those of the slots, and of the others what the template does not contradict."""
    at_slot, _ = entries(laid, document.form_pages[page])
    tokens = tokens_of(document.form_pages[page].page_text)
    taken: set[int] = set()
    for number, slot in enumerate(laid.template.slots):
        row = _slot_row(array, page, laid, slot, at_slot.get(number, ()), tokens, known)
        if row is not None and not labels & {token.index for token in row[array.key.path].tokens}:
            taken |= {token.index for leaf in row.values() for token in leaf.tokens}
            yield row
    for row in known:
        left = _cleared(array, laid, row)
        if left is not None and not taken & {token.index for leaf in left.values() for token in leaf.tokens}:
            yield left


def _slot_row(
    array: PairArray,
    page: int,
    laid: Laid,
    slot: Slot,
    entered: Sequence[Run],
    tokens: Sequence[Token],
    known: Sequence[Row],
) -> Row | None:
    """The pair of a slot; None where neither its key nor an entry is read on this page."""
    key = tuple(
        token for token in tokens
        if token.index in laid.printed and _is_in(laid.boxes[token.index], slot.key_box)
    )  # fmt: skip
    words = tuple(token for run in entered for token in run.tokens)
    if not key or not slot.key:
        return None
    same = next((row for row in known if {t.index for t in row[array.key.path].tokens} & {t.index for t in key}), None)
    both = same is not None and _reads(same, array.value.path, words)
    left = DOUBT_LEFT if both else 1.0
    row = {array.key.path: Leaf(slot.key, key, page, _surer(FILLED if words else EMPTY, left), TEMPLATE)}
    text = text_of(words, laid.template.pitch)
    if words and len(text) <= (array.value.node.max_length or len(text)):
        row[array.value.path] = Leaf(text, words, page, _surer(ENTERED, left), TEMPLATE)
    return row


def _surer(share: float, left: float) -> float:
    """`share` when so much of the doubt is left."""
    return 1.0 - (1.0 - share) * left


def _reads(row: Row, path: str, words: Sequence[Token]) -> bool:
    """Whether a row has these words for its entry."""
    own = {token.index for token in row[path].tokens} if path in row else set()
    return own == {token.index for token in words}


def _is_in(box: Box, other: Box) -> bool:
    return other.holds(box.mid_x, box.mid_y, 1.0)


def _cleared(array: PairArray, laid: Laid, row: Row) -> Row | None:
    """A row of another reader without what the template says is not what it was taken for; None if little is left."""
    key, value = row[array.key.path], row.get(array.value.path)
    kept = tuple(token for token in key.tokens if token.index in laid.printed)
    if not kept:
        return None
    cleared = dict(row)
    if len(kept) < len(key.tokens):
        cleared[array.key.path] = replace(key, tokens=kept, value=" ".join(token.text for token in kept).rstrip(": "))
    if value is not None and all(token.index in laid.printed for token in value.tokens):
        if _in_type_of_entries(value.tokens, laid):
            cleared[array.value.path] = replace(value, score=doubted(value.score, ALL_PRINTED))
        else:
            del cleared[array.value.path]
    return cleared


def _in_type_of_entries(tokens: Sequence[Token], laid: Laid) -> bool:
    """Whether words are as high as what was entered: what all copies say may have been entered in all of them."""
    if not laid.type_height:
        return True
    own = median(laid.boxes[token.index].height for token in tokens)
    return abs(own / laid.type_height - 1.0) <= PARAMS.example_share


def _boxes(array: CheckboxArray, document: Document, laid: Mapping[int, Laid]) -> list[Row]:
    known = [row for row in rows_of(document.rows, array.path) if array.label.path in row]
    rows = [row for row in known if row[array.label.path].page not in laid]
    for page, under in laid.items():
        own = [row for row in known if row[array.label.path].page == page]
        real = [row for row in own if any(token.index in under.printed for token in row[array.label.path].tokens)]
        rows += real
        rows += _missing(array, document, page, under, real)
    return _in_order(rows, array.label.path, document)


def _missing(array: CheckboxArray, document: Document, page: int, laid: Laid, known: Sequence[Row]) -> Iterator[Row]:
    """The boxes of the form whose texts no row has."""
    form = document.form_pages[page]
    tokens = tokens_of(form.page_text)
    said = {token.index for row in known for token in row[array.label.path].tokens}
    back = None
    for printed in laid.template.boxes:
        label = tuple(
            token for token in tokens
            if token.index in laid.printed and _is_in(laid.boxes[token.index], printed.label_box)
        )  # fmt: skip
        if not label or said & {token.index for token in label}:
            continue
        if back is None:
            scale = (form.page_text.width / laid.template.width, form.page_text.height / laid.template.height)
            back = placed(laid.template.words, prints(tokens), scale)
        if back is None:
            return
        checked, sure = _state(document, page, back.boxes([printed.box])[0])
        row = {array.label.path: Leaf(printed.label, label, page, LABEL, TEMPLATE)}
        if checked is not None:
            row[array.checked.path] = Leaf(checked, label, page, sure, TEMPLATE)
        yield row


def _state(document: Document, page: int, box: Box) -> tuple[bool | None, float]:
    """(whether the box is ticked, how sure that is); None where nobody can look."""
    form, params = document.form_pages[page], FORMS.checkboxes
    reach = PARAMS.same_box_pitches * (form.page_text.pitch or 1.0)
    for checkbox in form.checkboxes:
        if checkbox.box.holds(box.mid_x, box.mid_y, reach - checkbox.box.width / 2):
            return checkbox.checked, UNSEEN if checkbox.unseen else STATE
    ink = share_of_ink(document.pages[page], box)
    return (ink > params.inked_share, STATE) if ink is not None else (None, 0.0)
