"""Pages of one form, laid on one of them: which words they share, which are copies, which are another form."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median

from docpipe.engine.layout.forms.form_page import FormPage, form_page
from docpipe.engine.layout.templates.params import PARAMS
from docpipe.engine.layout.templates.place import Placement, Print, misread, placed, plain, same_print
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Token, read_page
from docpipe.records import Page


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A page as a form; `place` lays it on the page that all members are laid on, `boxes` are its words' there."""

    page: Page
    form: FormPage
    tokens: tuple[Token, ...]
    place: Placement | None
    boxes: tuple[Box, ...]

    @property
    def text(self) -> PageText:
        return self.form.page_text

    @property
    def exact(self) -> bool:
        """Whether its words are those of the file, and none can be misread."""
        return self.page.text_source == "layer"

    def laid(self, boxes: Sequence[Box]) -> list[Box]:
        """Boxes of this page on the page that all members are laid on."""
        return list(boxes) if self.place is None else self.place.boxes(boxes)


@dataclass(slots=True)
class Shared:
    """A word that stands at one place on pages of `at`: member -> index of its word there. `exact`: of a text layer."""

    text: str
    box: Box
    exact: bool
    at: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Members that are copies of one printed form, and what they share. `printed`: words that the form prints."""

    members: tuple[Member, ...]
    shared: tuple[Shared, ...]
    printed: tuple[Shared, ...]


def _printed(members: Sequence[Member], shared: Sequence[Shared]) -> Iterator[Shared]:
    """The words that the form prints: nearly all members have them, or those that lack one have no other there."""
    exact = sum(member.exact for member in members)
    seen = len(members) - exact
    least, unrivalled = (
        math.ceil(PARAMS.layer_share * exact + share * seen) for share in (PARAMS.ocr_share, PARAMS.unrivalled_share)
    )
    rest = None
    for word in shared:
        if len(word.at) >= max(PARAMS.members, least):
            yield word
        elif len(word.at) >= max(2, unrivalled):
            rest = rest or _rest(members, [other for other in shared if len(other.at) >= least])
            lacking = (number for number in range(len(members)) if number not in word.at)
            if all(misread(word.text, other) for number in lacking for other in rest.at(number, word.box)):
                yield word


class _Rows:
    """Words by the member and the line that they stand on, to ask what stands at a place."""

    def __init__(self, pitch: float) -> None:
        self._pitch = pitch or 1.0
        self._rows: dict[tuple[int, int], list[Print]] = {}

    def add(self, number: int, text: str, box: Box) -> None:
        self._rows.setdefault((number, int(box.mid_y // self._pitch)), []).append(Print(text, box))

    def at(self, number: int, box: Box) -> list[str]:
        """The words of the member that share a line and a part of its length with `box`."""
        row = int(box.mid_y // self._pitch)
        near = (word for line in (row - 1, row, row + 1) for word in self._rows.get((number, line), ()))
        least = PARAMS.same_line_share * box.height
        return [word.text for word in near if word.box.overlap_y(box) > least and word.box.overlap_x(box) > 0]


def _rest(members: Sequence[Member], sure: Sequence[Shared]) -> _Rows:
    """The words of the members that are none of `sure`."""
    rows = _Rows(members[0].text.pitch)
    taken = {(number, index) for word in sure for number, index in word.at.items()}
    for number, member in enumerate(members):
        for index, (token, box) in enumerate(zip(member.tokens, member.boxes, strict=True)):
            if (number, index) not in taken:
                rows.add(number, plain(token.text), box)
    return rows


def prints(tokens: Iterable[Token]) -> list[Print]:
    """The words with their boxes."""
    return [Print(token.text, token.box) for token in tokens]


def tokens_of(page_text: PageText) -> tuple[Token, ...]:
    """All words of a page, line by line."""
    return tuple(token for line in page_text.lines for segment in line.segments for token in segment.tokens)


def families(pages: Sequence[Page]) -> Iterator[Family]:
    """The forms among pages that look alike, each with three members or more that differ."""
    texts = [read_page(page, 0) for page in pages]
    forms = [form_page(text, page, 0) for text, page in zip(texts, pages, strict=True)]
    yield from _families([(page, form) for page, form in zip(pages, forms, strict=True)])


def _families(pages: Sequence[tuple[Page, FormPage]]) -> Iterator[Family]:
    """Fewer pages with every step, so that it ends."""
    if len(pages) < PARAMS.members:
        return
    members = _laid(pages)
    if len(members) < PARAMS.members:
        return
    shared = _shared(members)
    family = Family(tuple(members), tuple(shared), tuple(_printed(members, shared)))
    for parts in (_without_copies(family), _split(family), _without_strangers(family)):
        if len(parts) > 1 or len(parts[0]) < len(members):
            for part in parts:
                yield from _families([(members[at].page, members[at].form) for at in part])
            return
    yield family


def _laid(pages: Sequence[tuple[Page, FormPage]]) -> list[Member]:
    """The pages that can be laid on the one that shares most words with the others, that one first."""
    words = [Counter(plain(token.text) for token in tokens_of(form.page_text)) for _, form in pages]
    in_common = [sum((own & other).total() for other in words) for own in words]
    base = in_common.index(max(in_common))
    base_tokens = tokens_of(pages[base][1].page_text)
    on, base_text = prints(base_tokens), pages[base][1].page_text
    members = [Member(*pages[base], base_tokens, None, tuple(token.box for token in base_tokens))]
    for at, (page, form) in enumerate(pages):
        if at == base:
            continue
        tokens, text = tokens_of(form.page_text), form.page_text
        place = placed(prints(tokens), on, (base_text.width / text.width, base_text.height / text.height))
        if place is not None:
            boxes = tuple(place.boxes([token.box for token in tokens]))
            members.append(Member(page, form, tokens, place, boxes))
    return members


def _shared(members: Sequence[Member]) -> list[Shared]:
    """Every word with the members that print it at that place."""
    pitch = members[0].text.pitch or 1.0
    rows: dict[int, list[Shared]] = {}
    found: list[Shared] = []
    for number, member in enumerate(members):
        for index, (token, box) in enumerate(zip(member.tokens, member.boxes, strict=True)):
            text, row = plain(token.text), int(box.mid_y // pitch)
            near = (word for at in (row - 1, row, row + 1) for word in rows.get(at, ()))
            exact = member.exact
            fitting = [word for word in near if number not in word.at and _is(word, text, box, pitch, exact=exact)]
            word = min(fitting, key=lambda word: (word.text != text, abs(word.box.left - box.left)), default=None)
            if word is None:
                word = Shared(text, box, exact)
                rows.setdefault(row, []).append(word)
                found.append(word)
            word.at[number] = index
    return found


def _is(word: Shared, text: str, box: Box, pitch: float, *, exact: bool) -> bool:
    return (
        abs(word.box.left - box.left) <= PARAMS.place_pitches * pitch
        and abs(word.box.mid_y - box.mid_y) <= PARAMS.line_pitches * pitch
        and (
            word.text == text or (not (exact and word.exact) and same_print(word.text, word.box.width, text, box.width))
        )
    )


def _without_copies(family: Family) -> list[list[int]]:
    """The members but for those that print the words of an earlier one and hardly others: a document kept twice."""
    kept: list[int] = []
    for number, member in enumerate(family.members):
        words = len(member.tokens)
        in_common = {other: sum({other, number} <= word.at.keys() for word in family.shared) for other in kept}
        if all(
            max(words, len(family.members[other].tokens)) - count >= PARAMS.varied_words
            for other, count in in_common.items()
        ):
            kept.append(number)
    return [kept]


def _split(family: Family) -> list[list[int]]:
    """The members by form: those of one form share many words that the others do not print.

    A word in whose place others have much the same is that word, misread in the same way or joined to its neighbour.
    """
    count, printed = len(family.members), {own for word in family.printed for own in word.at.items()}
    rest = _rest(family.members, ())
    partly = [
        word
        for word in family.shared
        if len(word.at) > 1
        and printed.isdisjoint(word.at.items())
        and (
            word.exact
            or not any(
                misread(word.text, other)
                for number in range(count)
                if number not in word.at
                for other in rest.at(number, word.box)
            )
        )
    ]
    enough = max(PARAMS.split_words, PARAMS.split_share * len(family.printed))
    own = Counter(pair for word in partly for pair in combinations(sorted(word.at), 2))
    form = list(range(count))
    for (one, other), words in sorted(own.items()):
        if words >= enough:
            form = [form[one] if at == form[other] else at for at in form]
    alone = [number for number in range(count) if form.count(form[number]) == 1]
    parts = [[number for number in range(count) if form[number] == at] for at in dict.fromkeys(form)]
    parts = [part for part in parts if len(part) > 1]
    return [part for part in (*parts, alone) if part] or [list(range(count))]


def _without_strangers(family: Family) -> list[list[int]]:
    """The members but for those that lack much of what the form prints."""
    printed = family.printed
    held = Counter(number for word in printed for number in word.at)
    least = PARAMS.held_share * len(printed)
    return [[number for number in range(len(family.members)) if held[number] >= least]]


def printed_word(word: Shared, members: Sequence[Member]) -> Print:
    """A word as most members print it, where most of them do."""
    texts = Counter(members[number].tokens[index].text for number, index in word.at.items())
    text = max(texts, key=lambda text: (texts[text], text))
    boxes = [members[number].boxes[index] for number, index in word.at.items()]
    return Print(text, Box(*(median(sides) for sides in zip(*boxes, strict=True))))
