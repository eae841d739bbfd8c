"""Keys that a colon marks, and the entry behind, right of or below them: forms, letters, faxes without input fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docpipe.engine.layout.forms.params import PARAMS
from docpipe.engine.layout.forms.squares import is_sign
from docpipe.page.lines import PageText, Segment, Token, around

Free = Callable[[Segment], bool]


@dataclass(frozen=True, slots=True)
class Marked:
    """A key with its colon, and the lines of its entry."""

    key: tuple[Token, ...]
    lines: tuple[tuple[Token, ...], ...]

    @property
    def words(self) -> tuple[Token, ...]:
        """The words of the entry."""
        return tuple(token for line in self.lines for token in line)

    @property
    def text(self) -> str:
        """The entry, line by line."""
        return "\n".join(" ".join(token.text for token in line) for line in self.lines)


def marked_keys(page_text: PageText, free: Free) -> Iterator[Marked]:
    """Every key of a page that a colon marks and that has an entry; of the segments that are `free`."""
    for number, line in enumerate(page_text.lines):
        for at, segment in enumerate(line.segments):
            texts = [token for token in segment.tokens if not is_sign(token.text)]
            for key, value in parted(texts) if free(segment) else ():
                lines: tuple[tuple[Token, ...], ...] = (value,) if value else ()
                last = not value or value[-1] is texts[-1]
                if not value and at + 1 < len(line.segments):
                    beside = line.segments[at + 1]
                    words = tuple(token for token in beside.tokens if not is_sign(token.text))
                    lines = (words,) if words and free(beside) and not has_colon(words) else ()
                elif not value:
                    left, reach = around(key).left, PARAMS.marked.first_below_pitches
                    lines = tuple(_below(page_text, number, left, free, reach))
                if lines and last:
                    lines += _goes_on(page_text, number, key, lines, free)
                if lines and not _is_prose(lines):
                    yield Marked(key, lines)


def parted(tokens: Sequence[Token]) -> list[tuple[tuple[Token, ...], tuple[Token, ...]]]:
    """(key, entry) of every colon in a text, from the left; the entry of the last may be empty.

    A key within a text has as many words as are written alike: capitals in front of capitals, or one word.
    """
    cuts = [at for at, token in enumerate(tokens) if is_marked(token)]
    params = PARAMS.marked
    if not cuts or cuts[0] >= params.key_words:
        return []
    starts = [0]
    for before, cut in pairwise(cuts):
        start = cut
        capitals = tokens[cut].text.isupper()
        while (
            start - 1 > before + 1
            and capitals
            and tokens[start - 1].text.isupper()
            and tokens[start - 1].text.isalpha()
        ):
            start -= 1
        starts.append(start)
    ends = [*starts[1:], len(tokens)]
    parts = [
        (tuple(tokens[start : cut + 1]), tuple(tokens[cut + 1 : end]))
        for start, cut, end in zip(starts, cuts, ends, strict=True)
    ]
    return [(key, value) for key, value in parts if _is_key(key)]


def is_marked(token: Token) -> bool:
    """Whether a word ends with the colon of a key: no time, no number."""
    return token.text.endswith((":", "\N{FULLWIDTH COLON}")) and (
        len(token.text) == 1 or any(char.isalpha() for char in token.text) or token.text[-2] in ")#"
    )


def has_colon(tokens: Sequence[Token]) -> bool:
    """Whether a text has a key of its own."""
    return any(is_marked(token) for token in tokens)


def _is_key(key: Sequence[Token]) -> bool:
    text = " ".join(token.text for token in key)
    return len(text) <= PARAMS.marked.key_chars and any(char.isalpha() for char in text)


def _is_prose(lines: Sequence[Sequence[Token]]) -> bool:
    """A sentence behind a colon: a question, or more words than an entry has."""
    words = [token.text for line in lines for token in line]
    return words[-1].endswith("?") or len(lines[0]) > PARAMS.marked.entry_words


def _below(page_text: PageText, number: int, left: float, free: Free, first: float) -> Iterator[tuple[Token, ...]]:
    """The lines below that begin at one x, close to each other, up to the next key."""
    params, pitch = PARAMS.marked, page_text.pitch
    bottom, reach, count = page_text.lines[number].box.bottom, first, 0
    for line in page_text.lines[number + 1 :]:
        if line.box.top - bottom > reach * pitch or count == params.lines:
            return
        if line.box.top - bottom < -params.overlap_pitches * pitch:
            continue
        here = [segment for segment in line.segments if abs(segment.box.left - left) <= params.indent_pitches * pitch]
        if not here or has_colon(here[0].tokens) or not free(here[0]):
            return
        yield here[0].tokens
        bottom, reach, count = line.box.bottom, params.leading_pitches, count + 1


def _goes_on(
    page_text: PageText, number: int, key: Sequence[Token], lines: Sequence[tuple[Token, ...]], free: Free
) -> tuple[tuple[Token, ...], ...]:
    """The lines below an entry that begin where it does, while nothing stands below its key."""
    left, params = around(lines[0]).left, PARAMS.marked
    if len(lines) > 1 or left <= around(key).right:
        return ()
    more = []
    for tokens in _below(page_text, number, left, free, params.leading_pitches):
        line = next(line for line in page_text.lines if any(tokens == segment.tokens for segment in line.segments))
        if any(
            segment.box.left < around(key).right and segment.box.right > around(key).left for segment in line.segments
        ):
            break
        more.append(tokens)
    return tuple(more)
