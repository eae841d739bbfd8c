"""Which way text runs, and how text of scripts that run left is written down: in the order in which it is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby

from docpipe.literals.text import EASTERN

LEFTWARD = (
    re.compile(  # letters of Hebrew, Arabic and their relatives, with the forms that Arabic letters take in a word
        "[\u0590-\u065f\u066e-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
    )
)
EASTERN_DIGIT = re.compile("[\u0660-\u066c\u06f0-\u06f9]")  # and the marks among them
ARABIC = re.compile("[\u0600-\u060b\u060d-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")  # letters and digits

_SEPARATORS = frozenset(".,:/\u060c\u066b\u066c\u00a0")
_SIGNS = frozenset("-+\u2212")
_PERCENT = ("%", "\u066a")
_LETTER = re.compile(r"[^\W\d_]")
_ALPHANUMERIC = re.compile(r"[^\W_]")
_ALPHANUMERIC = re.compile(r"[^\W_]")
_DIGIT = re.compile(r"\d")
_FORMS = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc]+")
_MARKS = dict.fromkeys((0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))  # of direction
_WRITTEN = EASTERN | _MARKS
_COMMA_AMONG_DIGITS = re.compile("(?<=[0-9])\u060c(?=[0-9])")


def runs_left(text: str) -> bool:
    """Whether `text` has a letter of a script that runs to the left."""
    return LEFTWARD.search(text) is not None


def written(text: str) -> str:
    """`text` as other texts write it: letters without the form that their place in a word gives them, digits 0 to 9."""
    if text.isascii():
        return text
    plain = _FORMS.sub(lambda forms: unicodedata.normalize("NFKC", forms[0]), text).translate(_WRITTEN)
    return _COMMA_AMONG_DIGITS.sub(",", plain)


def as_read(pieces: Sequence[str], *, arabic: bool) -> str:
    """One word from its pieces as they stand from left to right, in the order in which they are read.

    Digits with the marks between them run right, and so do letters of other scripts; what stands between two such runs
    belongs to the line, which runs left. Unicode's bidirectional algorithm (UAX 9, W2 and W4) has a hyphen between
    digits part of the number, but not where the text before it is `arabic`.
    """
    joining = _SEPARATORS if arabic else _SEPARATORS | _SIGNS
    if any(_LETTER.search(piece) and not runs_left(piece) for piece in pieces) and not any(map(runs_left, pieces)):
        return "".join(pieces)
    right = [not runs_left(piece) and bool(_LETTER.search(piece) or _DIGIT.search(piece)) for piece in pieces]
    between = [
        piece in joining and 0 < at < len(pieces) - 1 and right[at - 1] and right[at + 1]
        for at, piece in enumerate(pieces)
    ]
    rightward = [own or joined for own, joined in zip(right, between, strict=True)]
    runs = [
        (run_right, list(run)) for run_right, run in groupby(zip(rightward, pieces, strict=True), lambda one: one[0])
    ]
    text = "".join(piece for run_right, run in reversed(runs) for _, piece in (run if run_right else reversed(run)))
    return text[1:] + text[0] if text[:1] in _PERCENT else text


def reading_order(texts: Sequence[str], near: Sequence[bool], *, leftward: bool) -> list[int]:
    """The indices of a line's words, which stand from left to right, in the order in which they are read.

    `near`: of each word but the last whether the next one stands no more than a space apart; `leftward`: the line runs
    left. Neighbours that run the other way than their line keep their own order.
    """
    order: list[int] = []
    if leftward:
        for start, stop in reversed(rightward_runs(texts, near)):
            order += range(start, stop)
    else:
        for start, stop in leftward_runs(texts, near):
            order += reversed(range(start, stop))
    return order


def rightward_runs(texts: Sequence[str], near: Sequence[bool]) -> list[tuple[int, int]]:
    """The words of a line from left to right as (start, stop): neighbours that run right, every other word alone.

    Numbers run with the letters beside them only.
    """
    right = [not runs_left(text) and _ALPHANUMERIC.search(text) is not None for text in texts]
    runs = _runs(right, near, [not runs_left(text) for text in texts])
    lettered = (any(_LETTER.search(text) for text in texts[start:stop]) for start, stop in runs)
    return _alone(runs, lettered)


def leftward_runs(texts: Sequence[str], near: Sequence[bool]) -> list[tuple[int, int]]:
    """The words of a line from left to right as (start, stop): neighbours that run left, every other word alone."""
    left = [runs_left(text) for text in texts]
    runs = _runs(left, near, [own or not _LETTER.search(text) for own, text in zip(left, texts, strict=True)])
    return _alone(runs, (stop - start > 1 for start, stop in runs))


def _runs(ends: Sequence[bool], near: Sequence[bool], inside: Sequence[bool]) -> list[tuple[int, int]]:
    """Neighbours in runs that begin and end with words of `ends`, with words of `inside` between; others alone."""
    runs: list[tuple[int, int]] = []
    at = 0
    while at < len(ends):
        stop, reach = at + 1, at + 1
        while ends[at] and reach < len(ends) and near[reach - 1] and inside[reach]:
            reach += 1
            stop = reach if ends[reach - 1] else stop
        runs.append((at, stop))
        at = stop
    return runs


def _alone(runs: Iterable[tuple[int, int]], kept: Iterable[bool]) -> list[tuple[int, int]]:
    """The runs, but those that are not `kept` word by word."""
    return [
        part
        for (start, stop), keeps in zip(runs, kept, strict=True)
        for part in ([(start, stop)] if keeps else [(at, at + 1) for at in range(start, stop)])
    ]


def mostly_left(texts: Iterable[str]) -> bool:
    """Whether more letters of `texts` run left than right."""
    left = right = 0
    for text in texts:
        own = len(LEFTWARD.findall(text))
        left, right = left + own, right + len(_LETTER.findall(text)) - own
    return left > right
