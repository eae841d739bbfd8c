"""Values at a key: behind it, right of it, below it; each place scored, none chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import log

from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.keys.label_index import Match
from docpipe.engine.layout.keys.printed_keys import Key, is_number_letters
from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.parties.names import names_paper
from docpipe.engine.layout.readings import Reading, read
from docpipe.engine.layout.scalars.candidates import Candidate, candidate, fit_of
from docpipe.engine.layout.scalars.params import PARAMS
from docpipe.engine.layout.scalars.prose import against
from docpipe.engine.layout.scoring.weights import Features, weight
from docpipe.literals.conventions import Conventions
from docpipe.page.lines import Segment, segment

GENERAL = weight("odds.by_general_caption")  # what the odds of a value are divided by at a key of many meanings
SEPARATORS = frozenset("-–—")
BEHIND, RIGHT, BELOW, RANGE_END = "behind_key", "right_of_key", "below_key", "range_end"


def around_key(
    number: int, key: Key, context: PageContext, conventions: Conventions, ends: Mapping[str, Field]
) -> Iterator[Candidate]:
    """Every typed value around one key, for every field that the key may name.

    `ends` maps a date that begins a range to the field of the range's end: one key names both.
    """
    for match in key.matches:
        if match.field.array or _is_title(match, key):
            continue
        nearest = False  # whether the number right of the key was read: what stands farther right is something else
        for method, where, place in _places(key, match, context):
            if nearest and method == RIGHT:
                continue
            reading = read(match.field, place.tokens, conventions)
            if reading is None:
                continue
            features = (*_named(match), *where, *fit_of(reading), *against(match.field, reading, place, key, context))
            doubt = GENERAL if match.general else 1.0
            yield candidate(match.field, reading, place, method, features, key=number, inner=match.inner, doubt=doubt)
            end = _range_end(reading, place, ends.get(match.field.path), conventions)
            if end is not None:
                yield candidate(ends[match.field.path], end, place, RANGE_END, features, key=-1 - number)
            nearest = nearest or (method == RIGHT and match.field.type == "identifier")
            if method == BEHIND and match.field.node.kind not in ("number", "integer"):
                break


def _is_title(match: Match, key: Key) -> bool:
    """Whether the key of a text is the first word of what the document is called: a "Nota de crédito" is no note."""
    if match.field.type != "text" or key.rest is None or key.colon:
        return False
    return names_paper(f"{key.segment.text} {key.rest.text}")


def _named(match: Match) -> Features:
    """How well the key names the field, as a feature."""
    return (("exponent.label", log(match.quality)),) if match.quality != 1.0 else ()


def _range_end(start: Reading, place: Segment, end: Field | None, conventions: Conventions) -> Reading | None:
    """The second date of "01.03.2024 - 31.03.2024", right behind the first."""
    if end is None:
        return None
    behind = place.tokens[place.tokens.index(start.tokens[-1]) + 1 :]
    reading = read(end, behind[: PARAMS.range_end_words], conventions) if behind else None
    return reading if reading is not None and behind.index(reading.tokens[0]) <= 1 else None


def _places(key: Key, match: Match, context: PageContext) -> Iterable[tuple[str, Features, Segment]]:
    """(method, features, segment) of the places around a key, best first."""
    field = match.field
    if key.rest is not None:
        yield BEHIND, (("key.behind", 1.0),), _behind(key, match, key.rest)
    followed: Features = () if key.rest is None else (("key.followed_by_words", 1.0),)
    for rank, place in enumerate(context.right_of(key.segment)):
        gap = max(0.0, place.box.left - key.segment.box.right) / context.page_text.width
        text = field.type in ("text", "name", "address")
        if text and (gap > PARAMS.reach_right_share or rank):
            break
        farther: Features = (("key.right_page_width", gap), ("key.right_rank", float(rank)))
        yield RIGHT, (*followed, ("key.right", 1.0), *farther), place
    if key.rest is not None:
        return
    for rank, place in enumerate(context.below(key.segment)):
        if rank == PARAMS.values_below:
            break
        where = (*_aligned(key.segment, place), *_claimed(place, key, context))
        yield BELOW, (("key.below", 1.0), ("key.below_rank", float(rank)), *where), place


def _behind(key: Key, match: Match, rest: Segment) -> Segment:
    """What follows a key: up to the next key, but all of it for a text, with the key if that begins it, or if it is no
    more than letters in front of a number.
    """
    field = match.field
    if match.unnumbered and not key.colon and is_number_letters(key.segment):
        return segment((*key.segment.tokens, *rest.tokens), rest.page, rest.line)
    if field.type != "text" or field.node.kind != "string":
        # "Total - 12.00" is no minus behind a key, "Total: - 12.00" is one
        dash = len(rest.tokens) > 1 and rest.tokens[0].text in SEPARATORS and not key.colon
        return (rest.part(1) or rest) if dash else rest
    tail = key.tail or rest
    return segment((*key.segment.tokens, *tail.tokens), tail.page, tail.line) if key.sentence else tail


def _aligned(key: Segment, value: Segment) -> Features:
    """Nothing where an edge or the centre of the value stands under the key's."""
    a, b = key.box, value.box
    if b.left >= a.right:
        return (("key.below_aligned.aside", 1.0),)
    apart = min(abs(a.left - b.left), abs(a.right - b.right), abs(a.left + a.right - b.left - b.right) / 2)
    if apart <= PARAMS.aligned_pt:
        return ()
    return (("key.below_aligned.nearly" if apart <= key.height else "key.below_aligned.not", 1.0),)


def _claimed(value: Segment, key: Key, context: PageContext) -> Features:
    """Whether another key stands left of the value, nearer to it."""
    left = context.left_of(value)
    if left is None or not context.is_key(left) or left.box.bottom <= key.segment.box.bottom:
        return ()
    return (("key.below_beside_unknown", 1.0),)
