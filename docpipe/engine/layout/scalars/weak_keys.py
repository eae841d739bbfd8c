"""Values at weak labels: words that many papers print for many numbers, "No." or "Our ref".

Such a word counts in the head of the first page only, beside the document's title or the date, for a field that
nothing else gave a value; what stands there has the field's form, and is nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.readings import Reading, read
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scalars.params import PARAMS
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.conventions import Conventions
from docpipe.page.lines import Segment, segment

WEAK_KEY = "weak_key"
SCORE = weight("weak_key")  # stays for review: the word may be another number's
PROVEN = weight("weak_key.least_fit")  # of a print that has its field's form without any doubt


def at_weak_keys(document: Document) -> Iterator[Candidate]:
    """The one value beside weak labels of a field that has none; nothing where they name several."""
    if not document.first or not document.contexts:
        return
    context = document.contexts[0]
    for field in document.schema.weak:
        if field.path in document.chosen or _has_sure_key(field, document):
            continue
        found = list(_beside_weak_labels(field, context, document))
        if len({reading.value for reading, _ in found}) == 1:
            reading, place = found[0]
            yield Candidate(field, reading, place, WEAK_KEY, (), SCORE)


def _has_sure_key(field: Field, document: Document) -> bool:
    """Whether a label of the field asks for a value: with a colon, and not as the document's title."""
    keys = (key for context in document.contexts for key in context.keys.values())
    return any(key.colon and any(match.field is field for match in key.matches) for key in keys)


def _beside_weak_labels(field: Field, context: PageContext, document: Document) -> Iterator[tuple[Reading, Segment]]:
    keys = frozenset(map(key_of, field.node.all_weak_labels()))
    used = {token.index for chosen in document.chosen.values() for token in chosen.reading.tokens if not chosen.shared}
    anchors = _anchors(context, document)
    for line in context.page_text.lines:
        if line.box.top > PARAMS.weak_top_share * context.page_text.height:
            return
        for place in line.segments:
            if not _may_be_weak(place, context) or any(zone.path and zone.holds(place) for zone in document.zones[0]):
                continue
            words = _words_of_label(place, keys)
            if not words or not any(_beside(place, anchor) for anchor in anchors):
                continue
            found = _value(field, place, words, context, document.conventions)
            if found is not None and used.isdisjoint(token.index for token in found[0].tokens):
                yield found


def _may_be_weak(place: Segment, context: PageContext) -> bool:
    """Whether nothing claims the segment's beginning: no field, no party, no table."""
    key = context.key_of(place)
    return not context.in_table(place) and (key is None or not key.known)


def _words_of_label(place: Segment, keys: frozenset[str]) -> int:
    """How many words the weak label takes that the segment begins with; 0 without one that a value can follow."""
    for words in range(min(PARAMS.weak_words, len(place.tokens)), 0, -1):
        text = " ".join(token.text for token in place.tokens[:words])
        if key_of(text) in keys and not any(map(str.isdigit, text)):
            rest = place.tokens[words:]
            return words if not rest or any(map(str.isdigit, rest[0].text)) or text.endswith(":") else 0
    return 0


def _value(
    field: Field, place: Segment, words: int, context: PageContext, conventions: Conventions
) -> tuple[Reading, Segment] | None:
    """The first thing behind, right of or below the label, if it has the field's form without any doubt."""
    if words < len(place.tokens):
        places: Sequence[Segment] = (segment(place.tokens[words:], place.page, place.line),)
    else:
        places = (*[*context.right_of(place)][:1], *[*context.below(place)][:1])
    for each in places:
        reading = read(field, each.tokens, conventions)
        if reading is not None and reading.fit >= PROVEN and any(map(str.isdigit, str(reading.value))):
            return reading, each
    return None


def _anchors(context: PageContext, document: Document) -> list[Segment]:
    """What stands at the head of the document's own facts: its kind in words, and its date with the date's key."""
    chosen = [each for each in document.chosen.values() if each.page == context.page_index]
    dates = [each for each in chosen if each.field.plain and each.field.node.kind == "date"]
    keys = [context.keys[date.key].segment for date in dates if date.key is not None and date.key in context.keys]
    kinds = [each.segment for each in chosen if each.field.node.enum and each.method == "enum_word"]
    return [*keys, *(date.segment for date in dates), *kinds]


def _beside(place: Segment, anchor: Segment) -> bool:
    """Whether a segment is on the anchor's line, or on one of the lines above and below it in its column."""
    reach = PARAMS.weak_reach_em * place.height
    gap = max(place.box.top - anchor.box.bottom, anchor.box.top - place.box.bottom)
    return gap <= 0 or (
        gap <= reach and (place.box.overlap_x(anchor.box) > 0 or abs(place.box.left - anchor.box.left) <= reach)
    )
