"""The name among the first lines of a document: one to three of them, by what speaks for them and against."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docpipe.engine.layout.parties.addresses import has_legal_form, is_legal_form
from docpipe.engine.layout.parties.head_lines import Head, HeadLine, Kind, holds_remark, is_house, is_spaced
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.engine.layout.scoring.weights import weights
from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.text import folded
from docpipe.page.lines import Segment

PARAMS = PARTIES.heads
SAYS = weights("letterhead")  # what speaks for a name, and against it

_CONNECTS = any_of(all_languages().connectives)
_GOES_ON = re.compile(rf".*(?:\W{_CONNECTS}|[&+/-])\W*")
_WENT_ON = re.compile(rf"{_CONNECTS}\s.*|[&+].*")
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True)
class HeadName:
    """Lines start..stop of a head as a name."""

    start: int
    stop: int
    score: float


def name_in(head: Head) -> HeadName | None:
    """The likeliest name in a head; None where nothing speaks for any."""
    names = sorted(_names(head), key=lambda name: (-name.score, name.start, -name.stop))
    if not names or names[0].score < SAYS["least"]:
        return None
    best = names[0]
    others = (name for name in names[1:] if name.stop <= best.start or name.start >= best.stop)
    rivalled = any(best.score - other.score < SAYS["near"] for other in others)
    score = min(SAYS["most"], best.score)
    return HeadName(best.start, best.stop, score * SAYS["rivalled"] if rivalled else score)


def _names(head: Head) -> Iterator[HeadName]:
    """Every run of up to three lines that may be a name, with its score."""
    lines = head.lines
    joins = [_joins(above, below, head) for above, below in pairwise(lines)]
    for start in range(len(lines)):
        for stop in range(start + 1, min(start + PARAMS.name_lines, len(lines)) + 1):
            if lines[stop - 1].kind is not Kind.TEXT:
                break
            if sum(len(each.text) for each in lines[start:stop]) > PARTIES.zones.name_chars:
                break
            inside = joins[start : stop - 1]
            yield HeadName(start, stop, _score(head, start, stop) - SAYS["torn"] * inside.count(False))


def _score(head: Head, start: int, stop: int) -> float:
    """What the lines say, added up: their place, their type and their words."""
    lines, name = head.lines, head.lines[start:stop]
    before = sum(line.kind is Kind.TEXT and not _objection(line) for line in lines[:start])
    text = " ".join(line.text for line in name)
    score = SAYS["base"] + (SAYS["first"] if not before else SAYS["second"] if before == 1 else 0.0)
    score += SAYS["legal_form"] * has_legal_form(text)
    score += SAYS["large"] * all(_is_large(line.segment, head) for line in name)
    score += SAYS["before_place"] * _leads(lines[stop:])
    score -= SAYS["digits"] * is_house(text)
    score -= SAYS["small_letters"] * (text.islower() and any(map(_has_capital, lines)))
    score -= SAYS["behind_place"] * any(line.kind is Kind.PLACE for line in lines[:start])
    score -= max(map(_objection, name))
    return score - SAYS["apart"] * _is_apart(name[-1], lines[stop:])


def _objection(line: HeadLine) -> float:
    """What speaks against a line as a name: the words of a remark, type that is hard to read."""
    remark = SAYS["remark"] * (holds_remark(line.text) or _is_prose(line.text))
    return remark + SAYS["unsure"] * any(token.sure < PARAMS.sure_share for token in line.segment.tokens)


def _leads(below: Sequence[HeadLine]) -> bool:
    """Whether an address, a telephone number or the number of a company comes next."""
    kinds = [line.kind for line in below if line.kind not in (Kind.REMARK, Kind.NUMBER)]
    return bool(kinds) and kinds[0] in (Kind.PLACE, Kind.CONTACT, Kind.REGISTER)


def _is_large(segment: Segment, head: Head) -> bool:
    return segment.height > PARAMS.large_ratio * head.pitch


def _is_apart(last: HeadLine, below: Sequence[HeadLine]) -> bool:
    """Whether the lines below are a group of their own: far away, and their centre elsewhere."""
    if not below:
        return False
    gap = below[0].segment.box.top - last.segment.box.bottom
    aside = abs(below[0].segment.box.mid_x - last.segment.box.mid_x)
    ragged = abs(below[0].segment.box.left - last.segment.box.left)
    height = last.segment.height
    return gap > PARAMS.apart_em * height and min(aside, ragged) > PARAMS.aside_em * height


def _joins(above: HeadLine, below: HeadLine, head: Head) -> bool:
    """Whether a name goes on from one line to the next."""
    first, second = above.segment, below.segment
    if above.kind is not Kind.TEXT or below.kind is not Kind.TEXT:
        return False
    if second.box.top - first.box.bottom > PARAMS.wrap_em * max(first.height, second.height):
        return False
    if is_connected(first.text, second.text):
        return True
    if not has_legal_form(first.text) and (is_legal_form(second.text) or _is_broken(first, second, head)):
        return True
    wide = PARAMS.edge_em * second.height
    edges = abs(first.box.left - second.box.left) < wide and abs(first.box.right - second.box.right) < wide
    if edges and _is_large(first, head) and is_spaced(second.tokens):
        return True
    large = _is_large(first, head) and _is_large(second, head) and not has_legal_form(second.text)
    return large and _is_alike(first, second) and not _is_prose(second.text)


def is_connected(above: str, below: str) -> bool:
    """Whether a word or a sign between two lines connects them: "Smith &", "Daughters"."""
    return _GOES_ON.fullmatch(folded(above)) is not None or _WENT_ON.fullmatch(folded(below)) is not None


def _is_broken(first: Segment, second: Segment, head: Head) -> bool:
    """Whether a company's form stands on the lower line of a name that was broken: the upper line is as wide as all
    that is printed, or hardly a word stands before the form, in capitals both. Else a shop's name stands over its
    owner's.
    """
    if not has_legal_form(second.text) or not _is_alike(first, second):
        return False
    words = [word for word in folded(second.text).split() if not is_legal_form(word)]
    if not set(words).isdisjoint(folded(first.text).split()):
        return False  # the owner's name begins with the shop's
    full = first.box.width > PARAMS.full_share * head.width and second.box.width < first.box.width
    return full or (len(words) <= 1 and first.text.isupper() and second.text.isupper())


def _is_alike(first: Segment, second: Segment) -> bool:
    """Whether two lines are set in type of one size, under each other."""
    small, large = sorted((first.height, second.height))
    aside = min(abs(first.box.mid_x - second.box.mid_x), abs(first.box.left - second.box.left))
    return large <= PARAMS.same_type_ratio * small and aside < PARAMS.centred_em * large


def _is_prose(text: str) -> bool:
    """True for a sentence: it ends with an exclamation, or most of many words begin with a small letter."""
    words = _WORD.findall(text)
    small = sum(word[0].islower() for word in words)
    many = len(words) >= PARAMS.sentence_words
    ended = text.rstrip(" *\"'")
    return ended.endswith(("!", "?")) or (many and (2 * small > len(words) or ended.endswith(".")))


def _has_capital(line: HeadLine) -> bool:
    """Whether small letters are a choice: a line is set with a capital."""
    return any(map(str.isupper, line.text))
