"""The text of a reply -> a JSON object with exact numbers. Nothing is guessed, nothing is lost in silence."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from docpipe.errors import DecodeError
from docpipe.records import Edit
from docpipe.resolve.numerals import MAX_DEPTH, integer, number, once, refuse
from docpipe.resolve.tolerant import Decoded, read_object
from docpipe.schema.nodes import Node

MAX_REPLY_CHARS = 4_000_000
MAX_STARTS = 20  # braces in the prose around an answer that are tried as its beginning
QUOTED_CHARS = 200

_BRACE = re.compile(r"[{}]")
_WRITTEN = re.compile("[:\"'\u201c\u2018]")


def decode(text: str, root: Node | None = None, *, ended_early: bool = False) -> Decoded:
    """The JSON object in `text`; numbers with a point become Decimal, without one int.

    Strict JSON first. Then the first object that `tolerant.read_object` can read, whatever prose or
    fence stands around it: its edits say what was passed over, `cut` where the text broke off. Raises
    DecodeError for anything else: no object or two, NaN, a name twice, numbers or nesting beyond the
    limits, half a surrogate pair, a cut that leaves no value. `ended_early`: the engine says that the answer is
    not whole, so that a text without a value, or one that is closed, is known to be cut. `root`: of the schema
    that was asked for, by whose names quotes that were not escaped are told from the ends of strings.
    """
    if len(text) > MAX_REPLY_CHARS:
        raise DecodeError(f"the answer has {len(text)} characters; at most {MAX_REPLY_CHARS} are read")
    if not _is_text(text):
        raise DecodeError("half of a surrogate pair in a string, or bytes that are no UTF-8")
    try:
        answer = json.loads(text, parse_float=number, parse_int=integer, parse_constant=refuse, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        decoded = _unwrapped(text, root, f"the answer is not JSON: {error.msg} at character {error.pos}", ended_early)
    except RecursionError:
        raise DecodeError(f"nested deeper than {MAX_DEPTH} levels") from None
    else:
        if not isinstance(answer, dict):
            raise DecodeError("the answer is JSON, but not an object")
        decoded = Decoded(answer)
    _inspect(decoded.value, 0)
    return _last_written(decoded) if ended_early and decoded.cut is None else decoded


def _last_written(decoded: Decoded) -> Decoded:
    """`decoded` as cut at the list of records that its text ends with: every row of it was closed, and is kept."""
    path, at = "", decoded.value
    while at:
        name, below = list(at.items())[-1]
        where = f"{path}.{name}" if path else name
        if isinstance(below, list) and all(isinstance(row, dict) for row in below):
            inside = below and any(
                isinstance(value, list) and value and isinstance(value[0], dict) for value in below[-1].values()
            )
            if not inside:
                return Decoded(decoded.value, decoded.edits, where)
            path, at = f"{where}[{len(below) - 1}]", below[-1]
        elif isinstance(below, dict):
            path, at = where, below
        else:
            break
    return Decoded(decoded.value, decoded.edits, "")


def _unwrapped(text: str, root: Node | None, problem: str, ended_early: bool) -> Decoded:
    """The first object that can be read in `text`, if what follows holds no other."""
    for start in _starts(text, 0):
        try:
            decoded, end = read_object(text, start, root)
        except json.JSONDecodeError as error:
            problem = f"the answer is not JSON: {error.msg} at character {error.pos}"
            continue
        if decoded.cut is not None and not ended_early and not _says_something(decoded.value):
            raise DecodeError("the answer broke off before its first value")
        _refuse_another(text, end, decoded.value, root)
        around = f"{text[:start].strip()} {text[end:].strip()}".strip()
        wrapping = (Edit("", around[:QUOTED_CHARS], "", "decode:wrapping"),) if around else ()
        return Decoded(decoded.value, (*wrapping, *decoded.edits), decoded.cut)
    raise DecodeError(problem)


def _starts(text: str, after: int) -> Iterator[int]:
    """Where an object may begin: each brace after those that can be prose, which hold no quote and no colon."""
    for _ in range(MAX_STARTS):
        start = text.find("{", after)
        if start < 0:
            return
        yield start
        depth = 0
        for brace in _BRACE.finditer(text, start):
            depth += 1 if brace[0] == "{" else -1
            if depth == 0:
                break
        else:
            return
        after = brace.end()
        if _WRITTEN.search(text, start, after):
            return


def _refuse_another(text: str, end: int, value: dict[str, Any], root: Node | None) -> None:
    """A second, different object: nobody knows which of the two was meant."""
    for start in _starts(text, end):
        try:
            other, _ = read_object(text, start, root)
        except json.JSONDecodeError:
            continue
        if other.value not in ({}, value):
            raise DecodeError("the answer holds two different objects")
        return


def _says_something(value: Any) -> bool:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return value is not None if below is None else any(_says_something(part) for part in below)


def _inspect(value: Any, depth: int) -> None:
    """Bounded depth and encodable text all the way down."""
    if depth > MAX_DEPTH:
        raise DecodeError(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for name, below in value.items():
            _inspect(name, depth + 1)
            _inspect(below, depth + 1)
    elif isinstance(value, list):
        for below in value:
            _inspect(below, depth + 1)
    elif isinstance(value, str) and not _is_text(value):
        raise DecodeError("half of a surrogate pair in a string")


def _is_text(text: str) -> bool:
    """Whether UTF-8 can hold it."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
