"""The places of a form where its copies differ, each with the key that is printed at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Literal, get_args

from docpipe.engine.layout.forms.input_fields import InputField
from docpipe.engine.layout.templates.entries import Run, runs
from docpipe.engine.layout.templates.members import Family, printed_word
from docpipe.engine.layout.templates.params import PARAMS
from docpipe.engine.layout.templates.place import plain, same_text
from docpipe.engine.layout.templates.template import Slot
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Segment, read_page
from docpipe.records import Geometry, Page, Word

Side = Literal["in", "left", "above", "under"]
SIDES: tuple[Side, ...] = get_args(Side)


@dataclass(slots=True)
class Place:
    """Where members wrote something: `box` around it; `frame` is the drawn place that it stands in."""

    box: Box
    frame: Box | None
    members: set[int] = field(default_factory=set)
    goes_on: bool = False  # in lines without a key of their own
    texts: list[str] = field(default_factory=list)
    middles: list[float] = field(default_factory=list)  # of the first lines, down the page

    def varies(self, *, exact: bool) -> bool:
        """Whether different things were written; print that is misread here and there says much the same."""
        if exact:
            return True
        common = max(sum(same_text(one, other) for other in self.texts) for one in self.texts)
        return common < PARAMS.same_line_share * len(self.texts) or common < PARAMS.members


def printed_page(family: Family) -> PageText:
    """The form as it is printed, without what was entered; its lines are those of the first member."""
    first = family.members[0]
    across, down = first.text.width, first.text.height
    words = [printed_word(word, family.members) for word in family.printed]
    boxes = [word.box.within(Box(0.0, 0.0, across, down)) for word in words]
    shown = [Word(word.text, box, size=box.height) for word, box in zip(words, boxes, strict=True)]
    rules = tuple(rule.within(Box(0.0, 0.0, across, down)) for rule in first.text.rules)
    return read_page(Page(1, across, down, words=tuple(shown), geometry=Geometry(rules=rules)), 0)


def slots(family: Family, printed: PageText) -> list[Slot]:
    """Every place for an entry that has a key, from the top down; columns of a table have none."""
    places = _places(family, printed)
    keys = _keys(places, printed)
    kept: list[tuple[Place, tuple[Segment, ...]]] = []
    for place, key in sorted(zip(places, keys, strict=True), key=lambda each: (each[0].box.top, each[0].box.left)):
        if key:
            kept.append((place, key))
        elif (above := _begun(place, [above for above, _ in kept], printed.pitch)) is not None:
            above.box = Box.around((above.box, place.box))
            above.goes_on = True
    columns = Counter(key[-1].line for place, key in kept if place.goes_on)
    return [_slot(place, key if columns[key[-1].line] < PARAMS.table_columns else ()) for place, key in kept]


def _slot(place: Place, key: Sequence[Segment]) -> Slot:
    """A place as it is remembered; one without a `key` keeps its entries from being taken for others'."""
    text = " ".join(segment.text for segment in key)
    return Slot(text.rstrip(": ").strip(), Box.around([segment.box for segment in key] or [place.box]), place.box)


def _begun(place: Place, above: Sequence[Place], pitch: float) -> Place | None:
    """The entry that goes on at a place without a key: it begins right above, and as far left."""
    for other in reversed(above):
        near = place.box.mid_y - other.box.mid_y >= 0 and place.box.top - other.box.bottom < pitch
        if near and abs(place.box.left - other.box.left) <= PARAMS.key_indent_pitches * pitch:
            return other
    return None


def _places(family: Family, printed: PageText) -> list[Place]:
    """Where two members or more wrote something, from the top down."""
    frames = _frames(family)
    found: list[Place] = []
    for number, run in sorted(_entered(family), key=lambda each: (each[1].box.top, each[1].box.left, each[0])):
        frame = next((box for box in frames if box.holds(run.box.mid_x, run.box.mid_y)), None)
        fitting = [place for place in found if _is_at(place, run.box, frame)]
        if not fitting:
            found.append(Place(run.box, frame, {number}, texts=[_said(run)], middles=[run.box.mid_y]))
            continue
        place = max(fitting, key=lambda place: place.box.overlap_x(run.box))
        place.box = Box.around((place.box, run.box))
        if number not in place.members:
            place.middles.append(run.box.mid_y)
        place.members.add(number)
        place.texts.append(_said(run))
    exact = all(member.exact for member in family.members)
    clear = [
        place
        for place in found
        if len(place.members) >= PARAMS.slot_members and place.varies(exact=exact) and not _in_prose(place.box, printed)
    ]
    for place in clear:
        place.box = _clear(place.box, printed)
    return clear


def _entered(family: Family) -> Iterator[tuple[int, Run]]:
    """(member, what it wrote)."""
    for number, member in enumerate(family.members):
        printed = {member.tokens[word.at[number]].index for word in family.printed if number in word.at}
        laid = {token.index: box for token, box in zip(member.tokens, member.boxes, strict=True)}
        for run in runs(member.text, printed, laid, member.form.checkboxes):
            yield number, run


def _is_at(place: Place, box: Box, frame: Box | None) -> bool:
    """Whether what stands in `box` was written at that place: in one frame, or on one line over each other."""
    level = abs(median(place.middles) - box.mid_y) <= PARAMS.same_line_share * box.height
    next_line = frame is not None and box.top - place.box.bottom < PARAMS.key_leading_pitches * box.height
    return place.frame == frame and (level or next_line) and place.box.overlap_x(box) > 0


def _said(run: Run) -> str:
    return plain("".join(token.text for token in run.tokens))


def _in_prose(box: Box, printed: PageText) -> bool:
    """Whether printed words stand close on both sides: a part of their sentence that is misread or missed."""
    close = PARAMS.key_leading_pitches * printed.pitch
    left = right = False
    for line in printed.lines:
        if line.box.overlap_y(box) < PARAMS.same_line_share * min(line.box.height, box.height):
            continue
        for token in (token for segment in line.segments for token in segment.tokens):
            left = left or abs(box.left - token.box.right) <= close
            right = right or abs(token.box.left - box.right) <= close
    return left and right


def _clear(box: Box, printed: PageText) -> Box:
    """The box up to the next printed word on its lines."""
    right = box.right
    for line in printed.lines:
        if line.box.overlap_y(box) < PARAMS.same_line_share * line.box.height:
            continue
        for segment in line.segments:
            if box.left + segment.height < segment.box.left < right:
                right = segment.box.left
    return box._replace(right=right)


def _frames(family: Family) -> list[Box]:
    """The cells, combs and widgets that half of the members draw at one place."""
    found: list[tuple[Box, set[int]]] = []
    for number, member in enumerate(family.members):
        fields: list[InputField] = [each for each in member.form.input_fields if each.kind != "line"]
        for box in member.laid([each.box for each in fields]):
            same = next((members for other, members in found if _same_frame(other, box)), None)
            if same is None:
                found.append((box, {number}))
            else:
                same.add(number)
    least = max(PARAMS.slot_members, len(family.members) / 2)
    boxes = [box for box, members in found if len(members) >= least]
    return sorted(boxes, key=lambda box: (box.width * box.height, box.top, box.left))


def _same_frame(one: Box, other: Box) -> bool:
    if not (one.holds(other.mid_x, other.mid_y) and other.holds(one.mid_x, one.mid_y)):
        return False
    sides = ((one.width, other.width), (one.height, other.height))
    return all(max(pair) <= PARAMS.same_field_ratio * min(pair) for pair in sides)


@dataclass(frozen=True, slots=True)
class _Choice:
    """A key that a place may have. `near`: 1 where it touches the place, 0 where it is as far off as keys may be."""

    side: Side
    key: tuple[Segment, ...]
    near: float


def _keys(places: Sequence[Place], printed: PageText) -> list[tuple[Segment, ...]]:
    """The key of every place, () for none: the nearest, on the side where the form prints its keys; each serves one."""
    choices = [list(_choices(place, places, printed)) for place in places]
    best = [max(each, key=lambda choice: choice.near).side for each in choices if each]
    habit = {side: best.count(side) / len(best) for side in SIDES} if best else {}
    ranked = sorted(
        (
            (-(choice.near + habit[choice.side] + choice.key[-1].text.endswith(":")), at, choice.key)
            for at, each in enumerate(choices)
            for choice in each
        ),
        key=lambda each: each[:2],
    )
    taken: set[int] = set()
    keys: list[tuple[Segment, ...]] = [()] * len(places)
    for _, at, key in ranked:
        indices = {token.index for segment in key for token in segment.tokens}
        if not keys[at] and not indices & taken:
            keys[at] = key
            taken |= indices
    return keys


def _choices(place: Place, places: Sequence[Place], printed: PageText) -> Iterator[_Choice]:
    segments = [
        segment
        for line in printed.lines
        for segment in line.segments
        if len(segment.text) <= PARAMS.key_chars and sum(char.isalpha() for char in segment.text) > 1
    ]
    others = [other.box for other in places if other is not place]
    pitch, box = printed.pitch or 1.0, place.box
    if place.frame is not None:
        head = [
            segment
            for segment in segments
            if place.frame.holds(segment.box.mid_x, segment.box.mid_y)
            and segment.box.mid_y < box.mid_y
            and segment.box.left < box.left + PARAMS.key_indent_pitches * pitch
        ]
        if head:  # of a row whose walls are not seen the cell that the entry stands in
            column = max(segment.box.left for segment in head) - PARAMS.key_indent_pitches * pitch
            first = min(
                (segment for segment in head if segment.box.left >= column),
                key=lambda segment: (segment.line, -segment.box.left),
            )
            yield _Choice("in", (first, *_more(first, head, pitch)), 1.0)
    beside = [
        segment
        for segment in segments
        if segment.box.overlap_y(box) >= PARAMS.same_line_share * min(segment.height, box.height)
        and 0 <= box.left - segment.box.right + pitch <= (PARAMS.key_left_pitches + 1) * pitch
    ]
    if beside:
        nearest = max(beside, key=lambda segment: segment.box.right)
        gap = Box(nearest.box.right, nearest.box.top, box.left, nearest.box.bottom)
        if not any(other.overlap_x(gap) > 0 and other.holds(other.mid_x, gap.mid_y) for other in others):
            near = 1 - max(0.0, gap.width) / (PARAMS.key_left_pitches * pitch)
            yield _Choice("left", (nearest,), near)
    for side, reach in (("above", PARAMS.key_above_pitches), ("under", PARAMS.key_under_pitches)):
        stacked = [
            (white, segment)
            for segment in segments
            if -pitch / 2 <= (white := _gap(segment.box, box, side)) <= reach * pitch
            and box.left - PARAMS.key_indent_pitches * pitch <= segment.box.left < box.right
        ]
        if stacked:
            white, segment = min(stacked, key=lambda each: (each[0], abs(each[1].box.left - box.left)))
            more = _more(segment, segments, pitch, up=True) if side == "above" else ()
            aside = abs(segment.box.left - box.left) / (PARAMS.key_indent_pitches * pitch)
            near = 1 - (max(0.0, white) / (reach * pitch) + min(1.0, aside)) / 2
            yield _Choice("above" if side == "above" else "under", (*more, segment), near)


def _gap(key: Box, box: Box, side: str) -> float:
    return box.top - key.bottom if side == "above" else key.top - box.bottom


def _more(first: Segment, segments: Sequence[Segment], pitch: float, *, up: bool = False) -> tuple[Segment, ...]:
    """The further lines of a key that begin where it does, below it, or above it if it goes `up`."""
    found: list[Segment] = []
    edge = first
    while len(found) < PARAMS.key_lines - 1:
        following = [
            segment
            for segment in segments
            if abs(segment.box.left - first.box.left) <= pitch
            and segment.line != edge.line
            and not (edge if up else segment).text[:1].isupper()
            and abs(segment.height - first.height) <= pitch / 4
            and -pitch / 2
            <= (edge.box.top - segment.box.bottom if up else segment.box.top - edge.box.bottom)
            <= PARAMS.key_leading_pitches * pitch
        ]
        if not following:
            break
        edge = min(following, key=lambda segment: abs(segment.box.top - edge.box.top))
        found.append(edge)
    return tuple(reversed(found)) if up else tuple(found)


def usual(counts: Counter[str]) -> str:
    """The text that stands most often at a place; of several the last by letters."""
    return max(counts, key=lambda text: (counts[text], text))


def middle(boxes: Sequence[Box]) -> Box:
    """The box that lies in the middle of all."""
    return Box(*(median(sides) for sides in zip(*boxes, strict=True)))
