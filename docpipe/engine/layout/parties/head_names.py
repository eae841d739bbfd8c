"""The name among the first lines of a document: one to three of them, by what speaks for them and against."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docpipe.engine.layout.parties.addresses import has_legal_form, is_legal_form
from docpipe.engine.layout.parties.head_lines import HeadLine, Kind, holds_remark, is_house, is_spaced
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.engine.layout.scoring.weights import weights
from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.postal import names_street
from docpipe.literals.text import folded
from docpipe.page.lines import Segment

PARAMS = PARTIES.heads
SAYS = weights("letterhead")  # what speaks for a name, and against it

_CONNECTS = any_of(all_languages().connectives)
_GOES_ON = re.compile(rf".*(?:\W{_CONNECTS}|[&+/-])\W*")
_WENT_ON = re.compile(rf"{_CONNECTS}\s.*|[&+].*")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class HeadName:
    """Lines start..stop of a head as a name."""

    start: int
    stop: int
    score: float


def name_in(lines: Sequence[HeadLine], pitch: float) -> HeadName | None:
    """The likeliest name in a head; None where nothing speaks for any. `pitch`: the usual height of type."""
    names = sorted(_names(lines, pitch), key=lambda name: (-name.score, name.start, -name.stop))
    if not names or names[0].score < SAYS["least"]:
        return None
    best = names[0]
    others = (name for name in names[1:] if name.stop <= best.start or name.start >= best.stop)
    rivalled = any(best.score - other.score < SAYS["near"] for other in others)
    score = min(SAYS["most"], best.score)
    return HeadName(best.start, best.stop, score * SAYS["rivalled"] if rivalled else score)


def _names(lines: Sequence[HeadLine], pitch: float) -> Iterator[HeadName]:
    """Every run of up to three lines that may be a name, with its score."""
    joins = [_joins(above, below, lines, pitch) for above, below in pairwise(lines)]
    for start in range(len(lines)):
        for stop in range(start + 1, min(start + PARAMS.name_lines, len(lines)) + 1):
            if lines[stop - 1].kind is not Kind.TEXT:
                break
            if sum(len(each.text) for each in lines[start:stop]) > PARTIES.zones.name_chars:
                break
            inside = joins[start : stop - 1]
            cut = (start > 0 and joins[start - 1]) + (stop < len(lines) and joins[stop - 1])
            score = _score(lines, start, stop, pitch) - SAYS["torn"] * inside.count(False) - SAYS["cut"] * cut
            yield HeadName(start, stop, score)


def _score(lines: Sequence[HeadLine], start: int, stop: int, pitch: float) -> float:
    """What the lines say, added up: their place, their type and their words."""
    name = lines[start:stop]
    before = sum(line.kind is Kind.TEXT and not _objection(line) for line in lines[:start])
    text = " ".join(line.text for line in name)
    score = SAYS["base"] + (SAYS["first"] if not before else SAYS["second"] if before == 1 else 0.0)
    score += SAYS["legal_form"] * has_legal_form(text)
    score += SAYS["large"] * all(_is_large(line.segment, pitch) for line in name)
    score += SAYS["before_place"] * _leads(lines[stop:])
    score -= SAYS["street"] * names_street(text) + SAYS["digits"] * is_house(text)
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


def _is_large(segment: Segment, pitch: float) -> bool:
    return segment.height > PARAMS.large_ratio * pitch


def _is_apart(last: HeadLine, below: Sequence[HeadLine]) -> bool:
    """Whether the lines below are a group of their own: far away, and their centre elsewhere."""
    if not below:
        return False
    gap = below[0].segment.box.top - last.segment.box.bottom
    aside = abs(below[0].segment.box.mid_x - last.segment.box.mid_x)
    ragged = abs(below[0].segment.box.left - last.segment.box.left)
    height = last.segment.height
    return gap > PARAMS.apart_em * height and min(aside, ragged) > PARAMS.aside_em * height


def _joins(above: HeadLine, below: HeadLine, lines: Sequence[HeadLine], pitch: float) -> bool:
    """Whether a name goes on from one line to the next."""
    first, second = above.segment, below.segment
    if above.kind is not Kind.TEXT or below.kind is not Kind.TEXT:
        return False
    if second.box.top - first.box.bottom > PARAMS.wrap_em * max(first.height, second.height):
        return False
    plain = folded(first.text), folded(second.text)
    if _GOES_ON.fullmatch(plain[0]) or _WENT_ON.fullmatch(plain[1]):
        return True
    if not has_legal_form(first.text) and (is_legal_form(second.text) or _is_broken(first, second, lines)):
        return True
    wide = PARAMS.edge_em * second.height
    edges = abs(first.box.left - second.box.left) < wide and abs(first.box.right - second.box.right) < wide
    if edges and _is_large(first, pitch) and is_spaced(second.tokens):
        return True
    small, large = sorted((first.height, second.height))
    centred = min(abs(first.box.mid_x - second.box.mid_x), abs(first.box.left - second.box.left))
    alike = large <= PARAMS.same_type_ratio * small and centred < PARAMS.centred_em * large
    return alike and _is_large(first, pitch) and _is_large(second, pitch) and not _is_prose(second.text)


def _is_broken(first: Segment, second: Segment, lines: Sequence[HeadLine]) -> bool:
    """Whether the upper line was full, and the company's form stands on the lower one."""
    widest = max(line.segment.box.width for line in lines)
    full = first.box.width > PARAMS.full_share * widest
    return full and second.box.width < first.box.width and has_legal_form(second.text)


def _is_prose(text: str) -> bool:
    """True for a sentence: it ends with an exclamation, or most of many words begin with a small letter."""
    words = _WORD.findall(text)
    small = sum(word[0].islower() for word in words)
    return text.rstrip(" *\"'").endswith(("!", "?")) or (len(words) >= PARAMS.sentence_words and 2 * small > len(words))


def _has_capital(line: HeadLine) -> bool:
    """Whether small letters are a choice: a line is set with a capital."""
    return any(map(str.isupper, line.text))
